mod manifest;

use std::collections::HashSet;

use surrealdb::types::{Bytes, Datetime, RecordId, SurrealValue};
use vault::{AccountId, BatchId, Manifest, PublicIdentity, RecipientId, SecretId, ShareId, SignedManifest};

use crate::access::permission_text;
use crate::account::require_active;
use crate::batch::{self, BatchKind, BatchPart, BatchRow, NewBatch};
use crate::clock::{Millis, millis, now, time};
use crate::database::{Store, Tx, insert, query, update_each};
use crate::directory::keys_of;
use crate::error::{Problem, Reason, StoreError, Subject};
use crate::limit::Limits;
use crate::secret::{Act, require_own};
use crate::trust::epoch_of;
use crate::{access, expiry, record};

use manifest::read;
pub(crate) use manifest::{shares_with, signed_manifest};

/// One act of sharing, sealed and signed by who shares.
#[derive(Clone, Debug)]
pub struct NewShare {
    /// What is shared with whom.
    pub manifest: Manifest,
    /// The granter's signature of the manifest.
    pub signature: Vec<u8>,
    /// The share's key, sealed under the granter's account key.
    pub key: Vec<u8>,
    /// The keys of the secrets, sealed under the share's key, in the order of the manifest's items.
    pub items: Vec<Vec<u8>>,
    /// The epochs of the secrets' keys, in the order of the manifest's items: a key that was replaced in between opens nothing.
    pub key_epochs: Vec<u64>,
    /// The share's key, sealed to each recipient, in the order of the manifest's grants.
    pub grants: Vec<NewGrant>,
    /// When the share ends by itself.
    pub ends_at: Option<Millis>,
}

/// The share's key, sealed to one recipient.
#[derive(Clone, Debug)]
pub struct NewGrant {
    /// The epoch of the recipient's key it is sealed to.
    pub recipient_epoch: u64,
    /// The sealed key.
    pub key: Vec<u8>,
}

/// What a share did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shared {
    /// How many secrets.
    pub items: u32,
    /// With how many people and groups.
    pub grants: u32,
}

#[derive(SurrealValue)]
struct ShareRow {
    id: RecordId,
    granter: RecordId,
    epoch: i64,
    key: Bytes,
    key_check: Bytes,
    signature: Bytes,
    granter_epoch: i64,
    items: i64,
    grants: i64,
    created_at: Datetime,
    ends_at: Option<Datetime>,
    batch: Option<RecordId>,
}

#[derive(Clone, SurrealValue)]
struct ItemRow {
    id: RecordId,
    secret: RecordId,
    key: Bytes,
}

#[derive(Clone, SurrealValue)]
struct GrantRow {
    id: RecordId,
    share: RecordId,
    recipient: RecordId,
    recipient_epoch: i64,
    permission: String,
    number: i64,
    key: Bytes,
}

#[derive(SurrealValue)]
struct KnownRow {
    granter: RecordId,
    signature: Bytes,
    items: i64,
    grants: i64,
}

impl Store {
    /// Shares secrets with people and groups: one row for the share, one for each secret, one for each recipient, in one
    /// transaction, or nothing. The share's id makes it idempotent: the same share again gives the same answer. It is a batch of its own with the
    /// same id, or adds recipients to one that is there: then it is of some of its secrets, and ends when that one does.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with every secret that cannot be shared and every recipient that cannot be shared with,
    /// [`StoreError::Reused`] for another share with this id, [`StoreError::Malformed`] where the parts do not fit the manifest, or the signature does not.
    pub async fn add_share(
        &self,
        caller: AccountId,
        new: &NewShare,
        extends: Option<BatchId>,
    ) -> Result<Shared, StoreError> {
        if !is_new(caller, new) {
            return Err(StoreError::Malformed("the parts of the share and its manifest"));
        }
        self.transact(|tx| async move {
            if let Some(answer) = known(&tx, caller, new).await? {
                return Ok(answer);
            }
            require_active(&tx, caller).await?;
            require_all(&tx, caller, new, Act::Share).await?;
            require_signature(&tx, caller, new).await?;
            let part = BatchPart::given(&new.manifest.items, &new.manifest.grants, new.ends_at);
            if let Some(batch) = extends {
                let row = extendable(&tx, caller, new, batch).await?;
                batch::extend(&tx, &row, caller, part).await?;
                return write(&tx, new, Some(batch)).await;
            }
            require_later(new.ends_at)?;
            let id = BatchId::from(new.manifest.share.uuid());
            batch::write(&tx, NewBatch::of_share(id, BatchKind::Share, caller, new, part)).await?;
            write(&tx, new, Some(id)).await
        })
        .await
    }

    /// The manifest of a share and its granter's signature, for those it is shared with.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for everyone else.
    pub async fn manifest(&self, caller: AccountId, share: ShareId) -> Result<SignedManifest, StoreError> {
        self.transact(|tx| async move {
            let found = read(&tx, share).await?.ok_or(StoreError::NotFound)?;
            let mine = access::recipients_of(&tx, caller).await?;
            let limits = Limits::for_recipients(&tx, &mine).await?;
            let mut to_them = found.grants.iter().filter(|grant| mine.contains(&grant.recipient));
            let caller = record::account(caller);
            let items = found.items.iter().filter(|item| !item.ended && !item.left.contains(&caller));
            let items = items.map(|item| record::id(&item.secret)).collect::<Result<Vec<SecretId>, _>>()?;
            if !to_them.any(|grant| items.iter().any(|secret| limits.leave(grant, *secret).is_some())) {
                return Err(StoreError::NotFound);
            }
            found.signed(&Limits::default())
        })
        .await
    }
}

/// Whether the parts of a share fit each other and who sends them.
pub(crate) fn fits(caller: AccountId, new: &NewShare) -> bool {
    let manifest = &new.manifest;
    manifest.granter == caller
        && manifest.items.len() == new.items.len()
        && manifest.items.len() == new.key_epochs.len()
        && manifest.grants.len() == new.grants.len()
        && manifest.is_canonical()
}

/// Whether they fit, and make a share that is not there yet.
pub(crate) fn is_new(caller: AccountId, new: &NewShare) -> bool {
    fits(caller, new) && new.manifest.epoch == 1 && new.manifest.is_share()
}

/// The answer to a share that was already written.
pub(crate) async fn known(tx: &Tx, caller: AccountId, new: &NewShare) -> Result<Option<Shared>, StoreError> {
    let known: Option<KnownRow> =
        query!(tx, "SELECT granter, signature, items, grants FROM ONLY $id", id = record::share(new.manifest.share))?
            .take(0)?;
    let Some(known) = known else { return Ok(None) };
    // The signature covers everything that was asked for, but when it ends: that may have been changed since.
    if record::id::<AccountId>(&known.granter)? != caller || *known.signature != *new.signature {
        return Err(StoreError::Reused);
    }
    Ok(Some(Shared {
        items: u32::try_from(known.items).unwrap_or(u32::MAX),
        grants: u32::try_from(known.grants).unwrap_or(u32::MAX),
    }))
}

/// Fails with everything that keeps the share or transfer from being written, secrets and recipients together.
pub(crate) async fn require_all(tx: &Tx, caller: AccountId, new: &NewShare, act: Act) -> Result<(), StoreError> {
    let manifest = &new.manifest;
    let recipients: Vec<RecipientId> = manifest.grants.iter().map(|(recipient, _)| *recipient).collect();
    let mut problems = Vec::new();
    match require_own(tx, caller, &manifest.items, act).await {
        Err(StoreError::Refused(found)) => problems = found,
        Err(error) => return Err(error),
        Ok(epochs) => {
            let replaced =
                manifest.items.iter().zip(epochs.iter().zip(&new.key_epochs)).filter(|(_, (is, was))| is != was);
            problems.extend(
                replaced.map(|(secret, _)| Problem { subject: Subject::Secret(*secret), reason: Reason::Outdated }),
            );
        }
    }
    match keys_of(tx, caller, &recipients).await {
        Err(StoreError::Refused(found)) => problems.extend(found),
        Err(error) => return Err(error),
        Ok(keys) => {
            let outdated = keys.iter().zip(&new.grants).filter(|(key, grant)| key.pin().epoch != grant.recipient_epoch);
            problems.extend(
                outdated
                    .map(|(key, _)| Problem { subject: Subject::Recipient(key.recipient()), reason: Reason::Outdated }),
            );
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(StoreError::Refused(problems)) }
}

/// Refuses a share whose signature its readers would refuse.
pub(crate) async fn require_signature(tx: &Tx, caller: AccountId, new: &NewShare) -> Result<(), StoreError> {
    let identity: Option<Bytes> =
        query!(tx, "SELECT VALUE public_identity FROM ONLY $id", id = record::account(caller))?.take(0)?;
    let identity = identity.ok_or(StoreError::Forbidden)?;
    PublicIdentity::from_bytes(&identity)
        .and_then(|identity| new.manifest.verify(&identity, &new.signature))
        .map_err(|_| StoreError::Malformed("the signature of the share"))
}

/// Fails unless a share adds recipients to a batch, for secrets of it, and ends when the last of that batch's access does.
async fn extendable(tx: &Tx, caller: AccountId, new: &NewShare, batch: BatchId) -> Result<BatchRow, StoreError> {
    let row = batch::read(tx, batch).await?;
    let parts = batch::parts_of(tx, batch, Some(caller)).await?.remove(&caller).unwrap_or_default();
    if row.kind()? != BatchKind::Share || parts.is_empty() {
        return Err(StoreError::NotFound);
    }
    let shared: HashSet<SecretId> = parts.into_iter().flat_map(|part| part.secrets).collect();
    let live = live_shares(tx, caller, batch).await?;
    let ends_at = expiry::last_end(live.iter().map(|share| share.ends_at));
    if live.is_empty() || !new.manifest.items.iter().all(|secret| shared.contains(secret)) || ends_at != new.ends_at {
        return Err(StoreError::Stale);
    }
    Ok(row)
}

/// Fails for a time that is not in the future.
pub(crate) fn require_later(ends_at: Option<Millis>) -> Result<(), StoreError> {
    if ends_at.is_none_or(|at| at > millis(&now())) { Ok(()) } else { Err(StoreError::Malformed("the end of a share")) }
}

/// The live shares of `granter` that are of a batch, as they are signed. The transaction fails if one of them changes before it commits.
pub(crate) async fn live_shares(
    tx: &Tx,
    granter: AccountId,
    batch: BatchId,
) -> Result<Vec<SignedManifest>, StoreError> {
    let text = "SELECT VALUE id FROM share WHERE batch = $batch AND granter = $granter AND !ended";
    let (batch, by) = (record::batch(batch), record::account(granter));
    let shares: Vec<RecordId> = query!(tx, text, batch = batch, granter = by)?.take(0)?;
    let mut found = Vec::with_capacity(shares.len());
    for share in shares {
        query!(tx, "SELECT VALUE id FROM ONLY $id FOR UPDATE", id = share.clone())?;
        found.extend(signed_manifest(tx, record::id(&share)?, &Limits::default()).await?);
    }
    Ok(found)
}

/// Writes a share that is not there yet, as one of a batch.
///
/// # Errors
/// [`StoreError::Reused`] where there is one with this id.
pub(crate) async fn write(tx: &Tx, new: &NewShare, batch: Option<BatchId>) -> Result<Shared, StoreError> {
    let manifest = &new.manifest;
    if known(tx, manifest.granter, new).await?.is_some() {
        return Err(StoreError::Reused);
    }
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let shared = Shared { items: count(new.items.len()), grants: count(new.grants.len()) };
    let row = ShareRow {
        id: record::share(manifest.share),
        granter: record::account(manifest.granter),
        epoch: 1,
        key: new.key.clone().into(),
        key_check: manifest.key_check.to_vec().into(),
        signature: new.signature.clone().into(),
        granter_epoch: epoch_of(tx, manifest.granter).await?,
        items: shared.items.into(),
        grants: shared.grants.into(),
        created_at: now(),
        ends_at: new.ends_at.map(time).transpose()?,
        batch: batch.map(record::batch),
    };
    if let Some(at) = &row.ends_at {
        expiry::note(tx, at, manifest.share).await?;
    }
    insert(tx, "share", vec![row]).await?;
    let number = announce(tx, manifest).await?;
    insert(tx, "item", new.item_rows()).await?;
    insert(tx, "grant", new.grant_rows(number)?).await?;
    Ok(shared)
}

impl NewShare {
    fn item_rows(&self) -> Vec<ItemRow> {
        let row = |(secret, key): (&SecretId, &Vec<u8>)| ItemRow {
            id: record::item(self.manifest.share, *secret),
            secret: record::secret(*secret),
            key: key.clone().into(),
        };
        self.manifest.items.iter().zip(&self.items).map(row).collect()
    }

    fn grant_rows(&self, number: i64) -> Result<Vec<GrantRow>, StoreError> {
        let mut rows = Vec::with_capacity(self.grants.len());
        for ((recipient, permission), grant) in self.manifest.grants.iter().zip(&self.grants) {
            rows.push(GrantRow {
                id: record::grant(*recipient, self.manifest.share),
                share: record::share(self.manifest.share),
                recipient: record::recipient(*recipient),
                recipient_epoch: record::integer(grant.recipient_epoch)?,
                permission: permission_text(*permission).into(),
                number,
                key: grant.key.clone().into(),
            });
        }
        Ok(rows)
    }
}

/// Writes the rows that stand for what a new share relies on: all secrets of the owner, and each group. Who settles the secrets or gives a group a
/// new key at the same time has not seen the share, and one of the two fails: reading a row for update would not do that, where the reader
/// commits first. The number of the share's grants.
async fn announce(tx: &Tx, manifest: &Manifest) -> Result<i64, StoreError> {
    let groups = manifest.grants.iter().filter(|(recipient, _)| matches!(recipient, RecipientId::Group(_)));
    query!(
        tx,
        "UPDATE $groups SET shares += 1 RETURN NONE",
        groups = groups.map(|(recipient, _)| record::recipient(*recipient)).collect::<Vec<_>>()
    )?;
    change_ownership(tx, manifest.granter).await
}

/// Writes the row that stands for all secrets of an owner: one of two who do so at the same time fails. How often that was done.
pub(crate) async fn change_ownership(tx: &Tx, owner: AccountId) -> Result<i64, StoreError> {
    let text = "UPSERT $id SET changes = (changes ?? 0) + 1 RETURN VALUE changes";
    let changes: Option<i64> = query!(tx, text, id = record::ownership(owner))?.take(0)?;
    changes.ok_or_else(|| StoreError::Content(format!("the ownership of {owner}")))
}

/// Brings the rows of a share that is there in line with its settled form: a new key, and of its items and grants those that are left.
pub(crate) async fn write_settled(tx: &Tx, new: &NewShare, before: &Manifest, number: i64) -> Result<(), StoreError> {
    let manifest = &new.manifest;
    query!(
        tx,
        "UPDATE $id SET epoch = $epoch, key = $key, key_check = $key_check, signature = $signature,
                granter_epoch = $granter_epoch, due_since = NONE, exposed = false RETURN NONE",
        id = record::share(manifest.share),
        epoch = record::integer(manifest.epoch)?,
        key = Bytes::from(new.key.clone()),
        key_check = Bytes::from(manifest.key_check.to_vec()),
        signature = Bytes::from(new.signature.clone()),
        granter_epoch = epoch_of(tx, manifest.granter).await?
    )?;
    let gone_items = before.items.iter().filter(|secret| manifest.items.binary_search(secret).is_err());
    let gone_items: Vec<RecordId> = gone_items.map(|secret| record::item(manifest.share, *secret)).collect();
    let stays = |recipient| manifest.grants.iter().any(|(known, _)| *known == recipient);
    let gone_grants = before.grants.iter().map(|(recipient, _)| *recipient).filter(|recipient| !stays(*recipient));
    let gone_grants: Vec<RecordId> = gone_grants.map(|recipient| record::grant(recipient, manifest.share)).collect();
    query!(tx, "DELETE $items RETURN NONE; DELETE $grants RETURN NONE", items = gone_items, grants = gone_grants)?;
    update_each(tx, "key = $row.key", &new.item_rows()).await?;
    let set =
        "recipient_epoch = $row.recipient_epoch, permission = $row.permission, number = $row.number, key = $row.key";
    update_each(tx, set, &new.grant_rows(number)?).await
}

/// Ends a share. Its row stays, so that it cannot be sent once more.
pub(crate) async fn end(tx: &Tx, share: ShareId) -> Result<(), StoreError> {
    query!(
        tx,
        "UPDATE $share SET ends_at = IF ends_at IS NOT NONE AND ends_at < $now { ends_at } ELSE { $now }, ended = true, due_since = NONE, exposed = false RETURN NONE;
         DELETE item:[$uuid, NONE]..=[$uuid, ..] RETURN NONE;
         DELETE grant WHERE share = $share RETURN NONE",
        share = record::share(share),
        uuid = share.uuid(),
        now = now()
    )?;
    Ok(())
}
