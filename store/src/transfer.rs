//! Transfer: secrets get another owner at once. Whoever gives them away seals their keys to the new owner, as a share does, with the permission
//! to own them. The new owner's client takes them over later: it seals the keys under its own account key, and shares them anew with those who
//! had access, in shares of its own. Until then the shares of the one before go on. Where the new owner is gone before that, whoever acts for them
//! does it in their name.

use std::collections::{BTreeMap, HashMap, HashSet};

use surrealdb::types::{Bytes, RecordId, SurrealValue};
use vault::{
    AccountId, BatchId, Grants, RecipientEntry, RecipientId, SecretId, ShareId, SignedEntry, SignedManifest,
    by_recipients, taken_over,
};

use crate::access_key::require_person;
use crate::account::require_active;
use crate::batch::{self, BatchKind, BatchPart, Given, NewBatch};
use crate::clock::{Millis, now};
use crate::database::{CHUNK, Store, Tx, query, update_each};
use crate::error::{Problem, Reason, StoreError, Subject};
use crate::leave::{keep_left, left_in};
use crate::limit::{Limits, forget_settled};
use crate::record;
use crate::restoration::require_agreed;
use crate::secret::Act;
use crate::seen;
use crate::settle::require_entry;
use crate::share::{
    NewShare, Shared, change_ownership, end, fits, is_new, known, require_all, require_signature, shares_with,
    signed_manifest, write,
};
use crate::trust::{epoch_of, signer_entry};

/// A transfer to somebody, with what their client needs to take the secrets over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// What was transferred, as who gave it away signed it.
    pub signed: SignedManifest,
    /// The keys of who gave it away, to check the signatures with.
    pub from: SignedEntry,
    /// The epoch of the new owner's key that it is sealed to.
    pub recipient_epoch: u64,
    /// The key of the transfer, sealed to the new owner.
    pub key: Vec<u8>,
    /// The keys of the secrets, sealed under that key, in the order of the manifest.
    pub items: Vec<Vec<u8>>,
    /// The epochs of those keys.
    pub key_epochs: Vec<u64>,
    /// The shares that the secrets are in.
    pub shares: Vec<SignedManifest>,
    /// The keys of everyone who has access by those shares.
    pub recipients: Vec<RecipientEntry>,
}

/// Secrets as their new owner's client takes them over.
#[derive(Clone, Debug)]
pub struct TakeOver {
    /// Which transfer.
    pub transfer: ShareId,
    /// The keys of its secrets, sealed under the new owner's account key, in the order of its manifest.
    pub keys: Vec<Vec<u8>>,
    /// The secrets, shared anew with those who had access.
    pub shares: Vec<NewShare>,
}

#[derive(SurrealValue)]
struct GrantRow {
    recipient_epoch: i64,
    key: Bytes,
}

#[derive(SurrealValue)]
struct ItemRow {
    secret: RecordId,
    key: Bytes,
}

#[derive(Clone, SurrealValue)]
struct KeyRow {
    id: RecordId,
    key: Bytes,
}

#[derive(SurrealValue)]
struct StateRow {
    id: RecordId,
    owner: RecordId,
    transfer: Option<RecordId>,
    key_epoch: i64,
}

#[derive(SurrealValue)]
struct IdentifierRow {
    id: RecordId,
    identifier: String,
}

impl Store {
    /// Gives secrets to another person, all or none. The manifest has one grant, which makes that person their owner. The same transfer
    /// again gives the same answer. `caller` is the owner, or the administrator whom two have agreed that they act for them.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with every secret that cannot be given away, or not to this person; [`StoreError::Reused`] for another
    /// share with this id; [`StoreError::Malformed`] where the parts do not fit; [`StoreError::NotFound`] and [`StoreError::NotApproved`] for who may
    /// not act for the owner.
    pub async fn transfer(&self, caller: AccountId, new: &NewShare) -> Result<Shared, StoreError> {
        let to = new
            .manifest
            .new_owner()
            .filter(|_| fits(new.manifest.granter, new) && new.manifest.epoch == 1 && new.ends_at.is_none());
        let to = to.ok_or(StoreError::Malformed("the parts of the transfer and its manifest"))?;
        self.transact(|tx| async move {
            let owner = new.manifest.granter;
            if let Some(answer) = known(&tx, owner, new).await? {
                return Ok(answer);
            }
            require_may_transfer(&tx, caller, owner).await?;
            // A program takes nothing over.
            require_person(&tx, to).await?;
            // Whoever shares one of them at the same time does it before, or not at all.
            change_ownership(&tx, owner).await?;
            require_all(&tx, owner, new, Act::Transfer).await?;
            require_free_identifiers(&tx, to, &new.manifest.items).await?;
            require_signature(&tx, owner, new).await?;
            let id = BatchId::from(new.manifest.share.uuid());
            let part = BatchPart::given(&new.manifest.items, &new.manifest.grants, None);
            batch::write(&tx, NewBatch::of_share(id, BatchKind::Transfer, caller, new, part)).await?;
            let shared = write(&tx, new, None).await?;
            for chunk in new.manifest.items.chunks(CHUNK) {
                query!(
                    tx,
                    "UPDATE $ids SET owner = $to, key = NONE, transfer = $share, due_since = due_since ?? $now,
                            changed_at = $now, changed_by = $caller RETURN NONE",
                    ids = record::secrets(chunk),
                    to = record::account(to),
                    share = record::share(new.manifest.share),
                    now = now(),
                    caller = record::account(caller)
                )?;
            }
            seen::hand_over(&tx, &new.manifest.items, owner, to).await?;
            Ok(shared)
        })
        .await
    }

    /// The transfers whose secrets `owner`'s client is to take over, or whoever acts for them.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] and [`StoreError::NotApproved`] for who may not act for the owner.
    pub async fn transfers(&self, caller: AccountId, owner: AccountId) -> Result<Vec<ShareId>, StoreError> {
        self.transact(|tx| async move {
            require_may_transfer(&tx, caller, owner).await?;
            Ok(waiting_for(&tx, owner).await?.into_keys().collect())
        })
        .await
    }

    /// What the client of `owner`, or of who acts for them, needs to take over the secrets of a transfer.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is none to `owner`, or it was taken over, [`StoreError::Refused`] for somebody with access who has no keys
    /// while they start over; [`StoreError::NotFound`] and [`StoreError::NotApproved`] for who may not act for the owner.
    pub async fn transfer_to(
        &self,
        caller: AccountId,
        owner: AccountId,
        transfer: ShareId,
    ) -> Result<Transfer, StoreError> {
        self.transact(|tx| async move {
            require_may_transfer(&tx, caller, owner).await?;
            let (signed, key_epochs) = pending(&tx, owner, transfer).await?;
            let text = "SELECT VALUE granter_epoch FROM ONLY $id";
            let epoch: Option<i64> = query!(tx, text, id = record::share(transfer))?.take(0)?;
            let from = signer_entry(&tx, signed.manifest.granter, epoch.ok_or(StoreError::NotFound)?).await?;
            let id = record::grant(RecipientId::Account(owner), transfer);
            let grant: Option<GrantRow> = query!(tx, "SELECT recipient_epoch, key FROM ONLY $id", id = id)?.take(0)?;
            let grant = grant.ok_or(StoreError::NotFound)?;
            let mut keys = item_keys(&tx, transfer).await?;
            let items = signed.manifest.items.iter().map(|secret| keys.remove(secret).ok_or(StoreError::NotFound));
            let items = items.collect::<Result<_, _>>()?;
            let shares = shares_with(&tx, signed.manifest.granter, &signed.manifest.items).await?;
            let recipients = recipients_of(&tx, &taken_over(&shares, &signed.manifest.items, owner)).await?;
            Ok(Transfer {
                from,
                recipient_epoch: record::number(grant.recipient_epoch)?,
                key: grant.key.to_vec(),
                items,
                key_epochs,
                shares,
                recipients: recipients.into_values().collect(),
                signed,
            })
        })
        .await
    }

    /// Takes the secrets of a transfer over, by their new owner or who acts for them. Exactly those who had access have it afterwards, by shares of
    /// the new owner.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is no such transfer to `owner`, [`StoreError::Stale`] where access or keys have changed in
    /// between, [`StoreError::Malformed`] for what does not fit together; otherwise as [`Store::transfer_to`].
    pub async fn take_over(&self, caller: AccountId, owner: AccountId, taken: &TakeOver) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_may_transfer(&tx, caller, owner).await?;
            let (signed, key_epochs) = pending(&tx, owner, taken.transfer).await?;
            let secrets = &signed.manifest.items;
            if taken.keys.len() != secrets.len() {
                return Err(StoreError::Malformed("the keys of the transfer"));
            }
            let shares = shares_with(&tx, signed.manifest.granter, secrets).await?;
            let access = taken_over(&shares, secrets, owner);
            require_same_access(owner, &access, taken)?;
            let recipients = recipients_of(&tx, &access).await?;
            let left = left_after(&tx, &shares, secrets, owner).await?;
            let key_epochs: HashMap<SecretId, u64> = secrets.iter().copied().zip(key_epochs).collect();
            for new in &taken.shares {
                let are_current =
                    new.manifest.items.iter().zip(&new.key_epochs).all(|(id, was)| key_epochs.get(id) == Some(was));
                let mut grants = new.manifest.grants.iter().zip(&new.grants);
                let are_known = grants.all(|((recipient, _), grant)| {
                    recipients.get(recipient).is_some_and(|entry| entry.pin().epoch == grant.recipient_epoch)
                });
                if !are_current || !are_known {
                    return Err(StoreError::Stale);
                }
                require_signature(&tx, owner, new).await?;
                write(&tx, new, None).await?;
                let items: HashSet<&SecretId> = new.manifest.items.iter().collect();
                let before = shares.iter().filter(|share| share.manifest.items.iter().any(|item| items.contains(item)));
                let before = before.map(|share| record::share(share.manifest.share)).collect();
                seen::keep_age(&tx, new.manifest.share, before).await?;
                for (secret, people) in left.get(&(new.ends_at, new.manifest.grants.clone())).into_iter().flatten() {
                    keep_left(&tx, new.manifest.share, *secret, people.clone()).await?;
                }
            }
            // Also against a share of one of them that is written at the same time, and against a limit on those of the owner before.
            change_ownership(&tx, owner).await?;
            change_ownership(&tx, signed.manifest.granter).await?;
            let rows = secrets.iter().zip(&taken.keys);
            let rows = rows.map(|(secret, key)| KeyRow { id: record::secret(*secret), key: key.clone().into() });
            update_each(&tx, "key = $row.key, transfer = NONE", &rows.collect::<Vec<_>>()).await?;
            let gone: HashSet<SecretId> = secrets.iter().copied().collect();
            for share in &shares {
                leave(&tx, share, &gone).await?;
            }
            end(&tx, taken.transfer).await?;
            forget_settled(&tx, signed.manifest.granter).await
        })
        .await
    }
}

/// Fails unless `caller` is the active owner, or acts for them.
pub(crate) async fn require_may_transfer(tx: &Tx, caller: AccountId, owner: AccountId) -> Result<(), StoreError> {
    if caller == owner { require_active(tx, caller).await.map(|_| ()) } else { require_agreed(tx, caller, owner).await }
}

/// Refuses secrets whose identifier the new owner uses already. This tells the one who gives them away that there is such an identifier, and
/// nothing else of it.
pub(crate) async fn require_free_identifiers(tx: &Tx, to: AccountId, secrets: &[SecretId]) -> Result<(), StoreError> {
    let text = "SELECT VALUE identifier FROM secret WHERE owner = $to AND identifier IS NOT NONE";
    let used: Vec<String> = query!(tx, text, to = record::account(to))?.take(0)?;
    let used: HashSet<String> = used.into_iter().collect();
    let mut problems = Vec::new();
    for chunk in secrets.chunks(CHUNK) {
        let text = "SELECT id, identifier FROM $ids WHERE identifier IS NOT NONE";
        let rows: Vec<IdentifierRow> = query!(tx, text, ids = record::secrets(chunk))?.take(0)?;
        for row in rows.iter().filter(|row| used.contains(&row.identifier)) {
            problems.push(Problem { subject: Subject::Secret(record::id(&row.id)?), reason: Reason::IdentifierTaken });
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(StoreError::Refused(problems)) }
}

/// The transfers to `owner` that were not taken over yet, and how many secrets each has. One that is sealed to keys from before they started over is
/// left out until the client of who gave the secrets away has sealed it to the present ones.
pub(crate) async fn waiting_for(tx: &Tx, owner: AccountId) -> Result<BTreeMap<ShareId, u64>, StoreError> {
    let text = "SELECT VALUE transfer FROM secret WHERE owner = $owner AND transfer IS NOT NONE";
    let transfers: Vec<RecordId> = query!(tx, text, owner = record::account(owner))?.take(0)?;
    let mut found: BTreeMap<ShareId, u64> = BTreeMap::new();
    for transfer in &transfers {
        *found.entry(record::id(transfer)?).or_default() += 1;
    }
    if found.is_empty() {
        return Ok(found);
    }
    let epoch = epoch_of(tx, owner).await?;
    let grants = found.keys().map(|transfer| record::grant(RecipientId::Account(owner), *transfer));
    let grants: Vec<RecordId> = grants.collect();
    let text = "SELECT VALUE share FROM $grants WHERE recipient_epoch = $epoch";
    let open: Vec<RecordId> = query!(tx, text, grants = grants, epoch = epoch)?.take(0)?;
    let open = open.iter().map(record::id).collect::<Result<HashSet<ShareId>, _>>()?;
    found.retain(|transfer, _| open.contains(transfer));
    Ok(found)
}

/// The keys of a share's secrets, sealed under its key.
pub(crate) async fn item_keys(tx: &Tx, share: ShareId) -> Result<HashMap<SecretId, Vec<u8>>, StoreError> {
    let text = "SELECT secret, key FROM item:[$key, NONE]..=[$key, ..]";
    let rows: Vec<ItemRow> = query!(tx, text, key = share.uuid())?.take(0)?;
    rows.into_iter().map(|row| Ok((record::id(&row.secret)?, row.key.to_vec()))).collect()
}

/// A transfer to `owner` that was not taken over yet, and the epochs of its secrets' keys.
async fn pending(tx: &Tx, owner: AccountId, transfer: ShareId) -> Result<(SignedManifest, Vec<u64>), StoreError> {
    let signed = signed_manifest(tx, transfer, &Limits::default()).await?.ok_or(StoreError::NotFound)?;
    if signed.manifest.new_owner() != Some(owner) {
        return Err(StoreError::NotFound);
    }
    let mut epochs: HashMap<SecretId, u64> = HashMap::with_capacity(signed.manifest.items.len());
    for chunk in signed.manifest.items.chunks(CHUNK) {
        let text = "SELECT id, owner, transfer, key_epoch FROM $ids";
        let rows: Vec<StateRow> = query!(tx, text, ids = record::secrets(chunk))?.take(0)?;
        for row in rows {
            if row.owner == record::account(owner) && row.transfer == Some(record::share(transfer)) {
                epochs.insert(record::id(&row.id)?, record::number(row.key_epoch)?);
            }
        }
    }
    let epochs = signed.manifest.items.iter().map(|secret| epochs.get(secret).copied().ok_or(StoreError::NotFound));
    let epochs = epochs.collect::<Result<_, _>>()?;
    Ok((signed, epochs))
}

/// The keys of everyone who has access. Whoever has none by now, although a share names them, keeps nobody from taking over.
async fn recipients_of(tx: &Tx, access: &Given) -> Result<BTreeMap<RecipientId, RecipientEntry>, StoreError> {
    let mut recipients = BTreeMap::new();
    for (recipient, _) in access.keys().flat_map(|(_, grants)| grants) {
        if !recipients.contains_key(recipient) {
            let entry = require_entry(tx, *recipient).await?;
            recipients.insert(*recipient, entry);
        }
    }
    Ok(recipients)
}

/// Fails where the new shares do not give exactly the access that the old ones gave.
fn require_same_access(owner: AccountId, access: &Given, taken: &TakeOver) -> Result<(), StoreError> {
    let mut given: Given = BTreeMap::new();
    for new in &taken.shares {
        if !is_new(owner, new) {
            return Err(StoreError::Malformed("the parts of a share and its manifest"));
        }
        if given.insert((new.ends_at, new.manifest.grants.clone()), new.manifest.items.clone()).is_some() {
            return Err(StoreError::Malformed("two shares with the same recipients"));
        }
    }
    if given == *access { Ok(()) } else { Err(StoreError::Stale) }
}

/// Who stays out of which of the secrets, in shares by when they end and by their grants.
type LeftAfter = BTreeMap<(Option<Millis>, Grants), BTreeMap<SecretId, Vec<RecordId>>>;

/// Who stays out of which of the secrets in the new shares: whoever left every share that comes to the same.
async fn left_after(
    tx: &Tx,
    shares: &[SignedManifest],
    secrets: &[SecretId],
    owner: AccountId,
) -> Result<LeftAfter, StoreError> {
    let apart: HashSet<&SecretId> = shares.iter().flat_map(|share| &share.left).collect();
    let apart: Vec<SecretId> = secrets.iter().filter(|secret| apart.contains(secret)).copied().collect();
    let mut found = LeftAfter::new();
    for share in shares {
        let mut left: HashMap<SecretId, Vec<RecordId>> = left_in(tx, share.manifest.share).await?.into_iter().collect();
        for (grants, secrets) in by_recipients(std::slice::from_ref(share), &apart, owner) {
            let found = found.entry((share.ends_at, grants)).or_default();
            for secret in secrets {
                let here = left.remove(&secret).unwrap_or_default();
                let people = found.entry(secret).or_insert_with(|| here.clone());
                people.retain(|person| here.contains(person));
            }
        }
    }
    Ok(found)
}

/// Takes secrets out of a share of the owner before. Its manifest still names them, and their rows stay with it, until its owner's client signs
/// it anew.
pub(crate) async fn leave(tx: &Tx, share: &SignedManifest, gone: &HashSet<SecretId>) -> Result<(), StoreError> {
    let id = share.manifest.share;
    let live = share.live_items();
    if live.iter().all(|item| gone.contains(item)) {
        return end(tx, id).await;
    }
    let leaving: Vec<RecordId> =
        live.iter().filter(|item| gone.contains(item)).map(|item| record::item(id, *item)).collect();
    for chunk in leaving.chunks(CHUNK) {
        query!(tx, "UPDATE $ids SET ended = true RETURN NONE", ids = chunk.to_vec())?;
    }
    Ok(())
}
