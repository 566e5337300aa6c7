//! Undo: brings back what was before a batch, as far as nothing that was done later says otherwise. It is a batch itself, and can be undone.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use surrealdb::types::{RecordId, SurrealValue};
use uuid::Uuid;
use vault::{AccountId, BatchId, Grants, Permission, RecipientId, SecretId, SignedManifest};

use crate::access::{Access, access};
use crate::access_change::{Present, present};
use crate::account::{is_administrator, require_active};
use crate::audit::{self, Event};
use crate::batch::{self, BatchKind, BatchPart, BatchRow, Given, NewBatch, Request, changes, parts_of};
use crate::clock::{Millis, millis, now};
use crate::database::{CHUNK, Store, Tx, query};
use crate::deleted::{delete, restore};
use crate::error::StoreError;
use crate::expiry::due;
use crate::leave::keep_left;
use crate::limit::forget_settled;
use crate::record;
use crate::search::entries;
use crate::secret::{Act, Tagging, owners, retag, states, switch};
use crate::share::{NewShare, change_ownership, fits, live_shares, require_all, require_signature, write};
use crate::transfer::leave;

/// What undoing a batch would do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoPlan {
    /// What kind of batch it is.
    pub kind: BatchKind,
    /// How many secrets the access that it gave ends for.
    pub ends: usize,
    /// What is to be shared anew, by the owner's client.
    pub restored: Vec<Restored>,
    /// The secrets that are enabled, disabled, deleted, taken out of the bin, or get the tags that they had.
    pub switched: Vec<SecretId>,
    /// How many secrets of the batch stay as they are, because of what was done later.
    pub left_out: usize,
}

/// Access that an undo gives back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// To whom, with which permission.
    pub grants: Grants,
    /// To what.
    pub secrets: Vec<SecretId>,
    /// When it ends by itself, as it did before.
    pub ends_at: Option<Millis>,
}

/// An undo, sealed and signed where it shares anew.
#[derive(Clone, Debug)]
pub struct Undo {
    /// Made by the client: the same undo again is done once.
    pub id: BatchId,
    /// What is undone.
    pub batch: BatchId,
    /// [`UndoPlan::restored`] as shares.
    pub shares: Vec<NewShare>,
}

/// What is known of a batch that is to be undone.
struct Undoing {
    row: BatchRow,
    /// What it did, as far as the caller may undo it, by the owners of the secrets.
    parts: BTreeMap<AccountId, Vec<BatchPart>>,
    /// The shares that it gave access by and that still go on, each with those of its secrets that its granter still owns.
    live: Vec<(SignedManifest, Vec<SecretId>)>,
    /// The tags that secrets got and lost, the other way round.
    taggings: Vec<Tagging>,
    plan: UndoPlan,
}

#[derive(SurrealValue)]
struct BatchesRow {
    id: RecordId,
    enabled_batch: Option<RecordId>,
    deleted_batch: Option<RecordId>,
}

impl Store {
    /// What undoing a batch would do now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for those who may not undo it, [`StoreError::Stale`] where it was undone already, [`StoreError::Malformed`] for a
    /// transfer, which only its new owner can give back.
    pub async fn undo_plan(&self, caller: AccountId, batch: BatchId) -> Result<UndoPlan, StoreError> {
        self.transact(|tx| async move { Ok(undoing(&tx, caller, batch).await?.plan) }).await
    }

    /// Undoes a batch, all of it that is still in force. Administrators, who have no keys, can undo what gave access.
    ///
    /// # Errors
    /// As [`Store::undo_plan`]; [`StoreError::Stale`] also where something has changed since the plan, [`StoreError::Refused`] with what cannot be
    /// shared anew, [`StoreError::Reused`] for another batch with this id.
    pub async fn undo(&self, caller: AccountId, undo: &Undo) -> Result<(), StoreError> {
        let fit = |share: &NewShare| fits(caller, share) && share.manifest.epoch == 1 && share.manifest.is_share();
        if !undo.shares.iter().all(fit) {
            return Err(StoreError::Malformed("the parts of the shares and their manifests"));
        }
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            let mut request =
                Request::new(batch::read(&tx, undo.batch).await?.kind()?).part(undo.batch.uuid().as_bytes());
            request = undo.shares.iter().fold(request, Request::share);
            let digest = request.digest();
            if batch::is_done(&tx, caller, undo.id, &digest).await? {
                return Ok(());
            }
            let undoing = undoing(&tx, caller, undo.batch).await?;
            let plan = &undoing.plan;
            if !is_as_planned(plan, &undo.shares) {
                return Err(StoreError::Stale);
            }
            let parts = match plan.kind {
                BatchKind::Enable | BatchKind::Disable => {
                    switch(&tx, caller, undo.id, &plan.switched, plan.kind == BatchKind::Enable).await?
                }
                BatchKind::Tag => retag(&tx, caller, &undoing.taggings).await?,
                BatchKind::Delete | BatchKind::Restore => {
                    if plan.kind == BatchKind::Delete {
                        delete(&tx, caller, undo.id, &plan.switched).await?;
                    } else {
                        restore(&tx, caller, undo.id, &plan.switched).await?;
                    }
                    BTreeMap::from([(caller, vec![BatchPart::of(plan.switched.clone())])])
                }
                _ => undo_access(&tx, caller, undo, &undoing).await?,
            };
            let by = undoing.row.by()?;
            let doer = undoing.parts.keys().all(|owner| *owner != by).then_some(by);
            for owner in undoing.parts.keys().chain(&doer) {
                let id = record::activity(*owner, undoing.row.event());
                query!(tx, "UPDATE $id SET undone_by = $by RETURN NONE", id = id, by = record::batch(undo.id))?;
            }
            let undoes = Some(undo.batch);
            let new = NewBatch { id: undo.id, kind: plan.kind, by: caller, digest, undoes, parts, also: None };
            batch::write(&tx, new).await
        })
        .await
    }
}

/// Whether the shares are what the plan wants, and there is anything to be done at all.
fn is_as_planned(plan: &UndoPlan, shares: &[NewShare]) -> bool {
    let wanted: BTreeSet<_> = plan.restored.iter().map(|part| (part.ends_at, &part.grants, &part.secrets)).collect();
    let given: BTreeSet<_> =
        shares.iter().map(|share| (share.ends_at, &share.manifest.grants, &share.manifest.items)).collect();
    let does_something = plan.ends > 0 || !plan.restored.is_empty() || !plan.switched.is_empty();
    does_something && wanted == given && given.len() == shares.len()
}

/// Ends what the batch gave, and gives back what it took. What has changed, by owners.
async fn undo_access(
    tx: &Tx,
    caller: AccountId,
    undo: &Undo,
    undoing: &Undoing,
) -> Result<BTreeMap<AccountId, Vec<BatchPart>>, StoreError> {
    let mut concerned: BTreeMap<(AccountId, AccountId), Vec<SecretId>> = BTreeMap::new();
    let ended =
        undoing.live.iter().flat_map(|(share, gone)| gone.iter().map(|secret| (share.manifest.granter, *secret)));
    let given = undo.shares.iter().flat_map(|share| share.manifest.items.iter().map(|secret| (caller, *secret)));
    for (owner, secret) in ended.chain(given).collect::<BTreeSet<_>>() {
        concerned.entry((owner, owner)).or_default().push(secret);
    }
    let before = present(tx, concerned.clone()).await?;
    for (share, gone) in &undoing.live {
        let granter = share.manifest.granter;
        change_ownership(tx, granter).await?;
        leave(tx, share, &gone.iter().copied().collect()).await?;
        due(tx, gone).await?;
        forget_settled(tx, granter).await?;
    }
    for share in &undo.shares {
        require_all(tx, caller, share, Act::Share).await?;
        require_signature(tx, caller, share).await?;
        write(tx, share, Some(undo.id)).await?;
        keep_out(tx, share).await?;
    }
    let mut parts: BTreeMap<AccountId, Vec<BatchPart>> = BTreeMap::new();
    for (before, after) in before.iter().zip(present(tx, concerned).await?) {
        let changes = changes(&before.given(), &after.given());
        if !changes.is_empty() {
            parts.entry(after.owner).or_default().extend(changes);
        }
    }
    Ok(parts)
}

async fn undoing(tx: &Tx, caller: AccountId, batch: BatchId) -> Result<Undoing, StoreError> {
    let row = batch::read(tx, batch).await?;
    let was = row.kind()?;
    let kind = was.opposite().ok_or(StoreError::Malformed("the undo of a transfer"))?;
    let own = parts_of(tx, batch, Some(caller)).await?;
    let is_owner = !own.is_empty();
    let may_undo_all = match was {
        // Whoever switched what others own switches it back as they might by hand.
        BatchKind::Enable | BatchKind::Disable | BatchKind::Tag => row.by()? == caller,
        // Administrators have no keys to give anything back with.
        BatchKind::Share => is_administrator(tx, caller).await?,
        _ => false,
    };
    if !is_owner && !may_undo_all {
        return Err(StoreError::NotFound);
    }
    let mut parts = if may_undo_all { parts_of(tx, batch, None).await? } else { own };
    let mut is_undone = false;
    for owner in parts.keys().copied().collect::<Vec<_>>() {
        let text = "SELECT VALUE undone_by FROM ONLY $id";
        let undone: Option<RecordId> = query!(tx, text, id = record::activity(owner, row.event()))?.take(0)?;
        if undone.is_some() {
            parts.remove(&owner);
            is_undone = true;
        }
    }
    if parts.is_empty() && is_undone {
        return Err(StoreError::Stale);
    }
    let all: BTreeSet<SecretId> = parts.values().flatten().flat_map(|part| &part.secrets).copied().collect();
    let all: Vec<SecretId> = all.into_iter().collect();
    let mut plan = UndoPlan { kind, ends: 0, restored: Vec::new(), switched: Vec::new(), left_out: 0 };
    let (mut live, mut taggings) = (Vec::new(), Vec::new());
    let mut kept: HashSet<SecretId> = HashSet::new();
    match was {
        BatchKind::Enable | BatchKind::Disable | BatchKind::Delete | BatchKind::Restore => {
            let last: HashSet<SecretId> = last_switched_by(tx, batch, was, &all).await?.into_iter().collect();
            for (owner, parts) in &parts {
                for part in parts {
                    let secrets = part.secrets.iter().filter(|secret| last.contains(secret)).copied().collect();
                    plan.switched.extend(editable(tx, caller, *owner, secrets, was == BatchKind::Delete).await?);
                }
            }
        }
        BatchKind::Import | BatchKind::Tag => {
            for (owner, parts) in &parts {
                for part in parts {
                    let secrets = editable(tx, caller, *owner, part.secrets.clone(), false).await?;
                    plan.switched.extend(&secrets);
                    taggings.push(Tagging { secrets, add: part.untagged.clone(), remove: part.tagged.clone() });
                }
            }
        }
        _ => {
            for owner in parts.keys() {
                for share in live_shares(tx, *owner, batch).await? {
                    let mut gone = share.live_items();
                    // What is in the bin ends as well: it may come back.
                    let owners = owners(tx, &gone).await?;
                    gone.retain(|secret| owners.get(secret) == Some(owner));
                    if !gone.is_empty() {
                        live.push((share, gone));
                    }
                }
            }
            kept.extend(live.iter().flat_map(|(_, gone)| gone));
            plan.ends = kept.len();
            if let Some(own) = parts.get(&caller) {
                plan.restored = restored(tx, caller, &row, own).await?;
            }
        }
    }
    kept.extend(plan.switched.iter().chain(plan.restored.iter().flat_map(|part| &part.secrets)));
    plan.left_out = all.iter().filter(|secret| !kept.contains(secret)).count();
    Ok(Undoing { row, parts, live, taggings, plan })
}

/// Those of secrets that were of `owner` then, still are, and that `caller` may edit now.
async fn editable(
    tx: &Tx,
    caller: AccountId,
    owner: AccountId,
    secrets: Vec<SecretId>,
    in_bin: bool,
) -> Result<Vec<SecretId>, StoreError> {
    let states = states(tx, &secrets).await?;
    let owners = owners(tx, &secrets).await?;
    let mut found = Vec::with_capacity(secrets.len());
    for secret in secrets.into_iter().filter(|secret| owners.get(secret) == Some(&owner)) {
        let may = if owner == caller {
            in_bin || states.contains_key(&secret)
        } else {
            access(tx, caller, secret, owner).await?.is_some_and(Access::may_edit)
        };
        if may {
            found.push(secret);
        }
    }
    Ok(found)
}

/// Those of the secrets that nothing of the kind has happened to since the batch.
async fn last_switched_by(
    tx: &Tx,
    batch: BatchId,
    kind: BatchKind,
    secrets: &[SecretId],
) -> Result<Vec<SecretId>, StoreError> {
    let is_about_bin = matches!(kind, BatchKind::Delete | BatchKind::Restore);
    let by = Some(record::batch(batch));
    let mut found = Vec::with_capacity(secrets.len());
    for chunk in secrets.chunks(CHUNK) {
        // What is in the bin is neither enabled nor disabled there.
        let only = if is_about_bin { "" } else { "WHERE deleted_at IS NONE" };
        let text = format!("SELECT id, enabled_batch, deleted_batch FROM $ids {only}");
        let rows: Vec<BatchesRow> = query!(tx, text, ids = record::secrets(chunk))?.take(0)?;
        for row in rows {
            if by == if is_about_bin { row.deleted_batch } else { row.enabled_batch } {
                found.push(record::id(&row.id)?);
            }
        }
    }
    Ok(found)
}

/// What the batch took from whom, and can be given back: nothing later took it as well, the secret is still the owner's and can be shared, and
/// they have not got as much in the meantime.
async fn restored(tx: &Tx, owner: AccountId, row: &BatchRow, parts: &[BatchPart]) -> Result<Vec<Restored>, StoreError> {
    let is_taken = |change: &&batch::Change| change.after < change.before;
    let taken: Vec<&BatchPart> = parts
        .iter()
        .filter(|part| part.changes.iter().any(|change| is_taken(&change)))
        .filter(|part| part.ends_at.is_none_or(|at| at > millis(&now())))
        .collect();
    if taken.is_empty() {
        return Ok(Vec::new());
    }
    let later = taken_later(tx, owner, row).await?;
    let everyone: BTreeSet<RecipientId> =
        taken.iter().flat_map(|part| &part.changes).map(|change| change.recipient).collect();
    let active = entries(tx, everyone.into_iter().collect()).await?;
    let active: HashSet<RecipientId> =
        active.iter().filter(|entry| entry.active).map(|entry| entry.recipient).collect();
    let secrets: BTreeSet<SecretId> = taken.iter().flat_map(|part| &part.secrets).copied().collect();
    let states = states(tx, &secrets.into_iter().collect::<Vec<_>>()).await?;
    let mut secrets: Vec<SecretId> = states
        .iter()
        .filter(|(_, state)| state.owner == owner && state.enabled && state.giver.is_none())
        .map(|(secret, _)| *secret)
        .collect();
    secrets.sort_unstable();
    let present = present(tx, BTreeMap::from([((owner, owner), secrets.clone())])).await?;
    let has: Given = present.iter().flat_map(Present::given).collect();
    let mut found = Given::new();
    for part in taken {
        // What never ends, or ends then as well, is as much as what was taken.
        let mut has_of: HashMap<SecretId, Vec<&Grants>> = HashMap::new();
        for ((ends_at, grants), secrets) in &has {
            if ends_at.is_none() || *ends_at == part.ends_at {
                for secret in secrets {
                    has_of.entry(*secret).or_default().push(grants);
                }
            }
        }
        let mut alike: BTreeMap<Vec<&Grants>, Vec<SecretId>> = BTreeMap::new();
        for secret in part.secrets.iter().filter(|secret| secrets.binary_search(secret).is_ok()) {
            alike.entry(has_of.remove(secret).unwrap_or_default()).or_default().push(*secret);
        }
        for (has, secrets) in alike {
            let has = |recipient| -> Option<Permission> {
                let of = |grants: &&Grants| grants.iter().find(|(id, _)| *id == recipient).map(|(_, has)| *has);
                has.iter().filter_map(of).max()
            };
            let back = part.changes.iter().filter(is_taken).filter(|change| active.contains(&change.recipient));
            let back: Grants = back
                .filter(|change| has(change.recipient) < change.before)
                .filter_map(|change| Some((change.recipient, change.before?)))
                .collect();
            for secret in secrets {
                let grants: Grants =
                    back.iter().filter(|(recipient, _)| !later.has(*recipient, secret)).copied().collect();
                if !grants.is_empty() {
                    found.entry((part.ends_at, grants)).or_default().push(secret);
                }
            }
        }
    }
    let part = |((ends_at, mut grants), mut secrets): ((_, Grants), Vec<SecretId>)| {
        grants.sort_unstable();
        secrets.sort_unstable();
        Restored { grants, secrets, ends_at }
    };
    Ok(found.into_iter().map(part).collect())
}

/// Who lost which secrets after a batch, and did not get them back by an undo.
#[derive(Default)]
struct TakenLater(HashMap<RecipientId, HashSet<SecretId>>);

impl TakenLater {
    fn has(&self, recipient: RecipientId, secret: SecretId) -> bool {
        self.0.get(&recipient).is_some_and(|secrets| secrets.contains(&secret))
    }

    fn add(&mut self, recipient: RecipientId, secrets: &[SecretId]) {
        self.0.entry(recipient).or_default().extend(secrets);
    }

    fn remove(&mut self, recipient: RecipientId, secrets: &[SecretId]) {
        if let Some(known) = self.0.get_mut(&recipient) {
            for secret in secrets {
                known.remove(secret);
            }
        }
    }

    /// All that a batch gave has ended, or got an end.
    async fn add_given(&mut self, tx: &Tx, owner: AccountId, batch: BatchId) -> Result<(), StoreError> {
        for part in parts_of(tx, batch, Some(owner)).await?.remove(&owner).unwrap_or_default() {
            for change in part.changes.iter().filter(|change| change.after > change.before) {
                self.add(change.recipient, &part.secrets);
            }
        }
        Ok(())
    }
}

/// What was taken after a batch: by other batches, by undoing what had given it, because its time had come, or by those themselves who had it.
async fn taken_later(tx: &Tx, owner: AccountId, row: &BatchRow) -> Result<TakenLater, StoreError> {
    let text = "SELECT VALUE batch FROM activity:[$key, $event]..=[$key, ..] WHERE batch != $batch";
    let event = surrealdb::types::Uuid::from(row.event());
    let later: Vec<RecordId> =
        query!(tx, text, key = owner.uuid(), event = event, batch = record::batch(row.id()?))?.take(0)?;
    let mut taken = TakenLater::default();
    for batch in later {
        let batch = record::id(&batch)?;
        let undoes = batch::read(tx, batch).await?.undoes()?;
        for part in parts_of(tx, batch, Some(owner)).await?.remove(&owner).unwrap_or_default() {
            for change in &part.changes {
                if change.after < change.before {
                    taken.add(change.recipient, &part.secrets);
                } else if undoes.is_some() {
                    taken.remove(change.recipient, &part.secrets);
                }
            }
        }
        if let Some(undone) = undoes {
            taken.add_given(tx, owner, undone).await?;
        }
    }
    for event in [Event::ExpirySet, Event::ShareExpired] {
        for entry in audit::entries_since(tx, event, row.event()).await? {
            if let (true, Some(batch)) = (entry.by == owner, entry.batch) {
                taken.add_given(tx, owner, batch).await?;
            }
        }
    }
    for entry in audit::entries_since(tx, Event::SecretLeft, row.event()).await? {
        if let Some(secret) = entry.secret {
            taken.add(RecipientId::Account(entry.by), &[secret]);
        }
    }
    Ok(taken)
}

/// Whoever has ever left one of the secrets stays out of it, where it comes back to a group that they are in.
async fn keep_out(tx: &Tx, share: &NewShare) -> Result<(), StoreError> {
    let manifest = &share.manifest;
    for entry in audit::entries_since(tx, Event::SecretLeft, Uuid::nil()).await? {
        let named = manifest.grants.iter().any(|(recipient, _)| *recipient == RecipientId::Account(entry.by));
        if let Some(secret) = entry.secret.filter(|secret| !named && manifest.items.binary_search(secret).is_ok()) {
            keep_left(tx, manifest.share, secret, vec![record::account(entry.by)]).await?;
        }
    }
    Ok(())
}
