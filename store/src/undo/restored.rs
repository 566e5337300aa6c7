//! What a batch took, and what of that can be given back.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use surrealdb::types::RecordId;
use uuid::Uuid;
use vault::{AccountId, BatchId, Grants, Permission, RecipientId, SecretId};

use super::Restored;
use super::left_out::{Reasons, Why};
use crate::access_change::{Present, present};
use crate::audit::{self, Event};
use crate::batch::{self, BatchKind, BatchPart, BatchRow, Given, parts_of};
use crate::clock::{millis, now};
use crate::database::{Tx, query};
use crate::error::StoreError;
use crate::leave::keep_left;
use crate::record;
use crate::search::entries;
use crate::secret::states;
use crate::share::NewShare;

/// What the batch took from whom, and can be given back: nothing later took it as well, the secret is still the owner's and can be shared, and
/// they have not got as much in the meantime. What keeps a secret from it that is nothing later is among the reasons.
pub(super) async fn restored(
    tx: &Tx,
    owner: AccountId,
    row: &BatchRow,
    parts: &[BatchPart],
    reasons: &mut Reasons,
) -> Result<Vec<Restored>, StoreError> {
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
    for part in &taken {
        for secret in &part.secrets {
            let Some(state) = states.get(secret).filter(|state| state.owner == owner) else { continue };
            let lost = || part.changes.iter().filter(is_taken).filter(|change| !later.has(change.recipient, *secret));
            if lost().any(|change| active.contains(&change.recipient)) {
                if !state.enabled {
                    reasons.insert(*secret, Why::Disabled);
                }
            } else if lost().next().is_some() {
                reasons.entry(*secret).or_insert(Why::Inactive);
            }
        }
    }
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
        let row = batch::read(tx, batch).await?;
        // It makes an owner, and leaves the shares as they are.
        if row.kind()? == BatchKind::Transfer {
            continue;
        }
        let undoes = row.undoes()?;
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
pub(super) async fn keep_out(tx: &Tx, shares: &[NewShare]) -> Result<(), StoreError> {
    if shares.is_empty() {
        return Ok(());
    }
    for entry in audit::entries_since(tx, Event::SecretLeft, Uuid::nil()).await? {
        let Some(secret) = entry.secret else { continue };
        for manifest in shares.iter().map(|share| &share.manifest) {
            let named = manifest.grants.iter().any(|(recipient, _)| *recipient == RecipientId::Account(entry.by));
            if !named && manifest.items.binary_search(&secret).is_ok() {
                keep_left(tx, manifest.share, secret, vec![record::account(entry.by)]).await?;
            }
        }
    }
    Ok(())
}
