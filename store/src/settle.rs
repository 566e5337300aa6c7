//! Settling: after access ended, keys are brought in line. First the share: what its recipients still have in common stays in it under a new key, and
//! what limits have split off moves into shares of its own. Then its secrets, those that somebody could open who must not any more: they get new
//! keys of their own in every share they are in. Each step leaves everything readable, so it can be stopped and gone on with at any time.

mod due;
mod waiting;

use std::collections::{HashMap, HashSet};

use surrealdb::types::{Bytes, Datetime, RecordId, SurrealValue};
use vault::{AccountId, RecipientEntry, RecipientId, SecretId, ShareId, SignedManifest};

use crate::access::shares_of;
use crate::account::require_active;
use crate::database::{CHUNK, Store, Tx, query};
use crate::directory::entry_of_recipient;
use crate::error::{Problem, Reason, StoreError, Subject};
use crate::leave::{keep_left, left_in};
use crate::limit::{Limits, forget_settled};
use crate::record;
use crate::secret::{sealed_keys, version};
use crate::seen;
use crate::share::{NewShare, change_ownership, end, fits, require_signature, signed_manifest, write, write_settled};

pub(crate) use due::given_away;
pub use due::{Due, DueShare, GivenAway};
pub use waiting::Waiting;

/// How many secrets are settled at a time.
const AT_A_TIME: usize = 200;

/// A secret that is due, with what its owner's client needs to give it a new key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueSecret {
    /// The secret.
    pub id: SecretId,
    /// Its key, sealed under the owner's account key.
    pub key: Vec<u8>,
    /// How many keys it has had.
    pub key_epoch: u64,
    /// Its revision.
    pub revision: u64,
    /// The revision that its value was sealed in.
    pub value_revision: u64,
    /// The value.
    pub value: Vec<u8>,
    /// Values from before it that somebody could open who must not, by their revisions.
    pub earlier: Vec<(u64, Vec<u8>)>,
    /// The shares it is in.
    pub shares: Vec<ShareId>,
}

/// The key of a share that due secrets are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnShareKey {
    /// The share.
    pub share: ShareId,
    /// The epoch of its key.
    pub epoch: u64,
    /// The key, sealed under the owner's account key.
    pub key: Vec<u8>,
}

/// A secret with a new key.
#[derive(Clone, Debug)]
pub struct SettledSecret {
    /// The secret.
    pub id: SecretId,
    /// The new key, sealed under the owner's account key.
    pub key: Vec<u8>,
    /// The epoch of the new key.
    pub key_epoch: u64,
    /// The key before it, sealed under the new one.
    pub earlier_key: Vec<u8>,
    /// The revision that this makes: one more than the one there was.
    pub revision: u64,
    /// The same value, sealed under the new key.
    pub value: Vec<u8>,
    /// The earlier values that were to be, sealed under the new key, by their revisions.
    pub earlier: Vec<(u64, Vec<u8>)>,
    /// The new key under the key of each share that the secret is in, with the epoch of that key.
    pub items: Vec<(ShareId, u64, Vec<u8>)>,
}

#[derive(SurrealValue)]
struct DueRow {
    granter: RecordId,
    exposed: bool,
    batch: Option<RecordId>,
    due_since: Datetime,
}

#[derive(SurrealValue)]
struct SecretRow {
    id: RecordId,
    key: Bytes,
    key_epoch: i64,
    revision: i64,
    value_revision: i64,
    value: Bytes,
    due_since: Datetime,
}

#[derive(SurrealValue)]
struct OwnKeyRow {
    id: RecordId,
    epoch: i64,
    key: Bytes,
}

#[derive(SurrealValue)]
struct EpochRow {
    id: RecordId,
    epoch: i64,
}

#[derive(SurrealValue)]
struct StateRow {
    owner: RecordId,
    key_epoch: i64,
    revision: i64,
    due_since: Option<Datetime>,
}

impl Store {
    /// Settles a share: what everybody keeps stays in it under a new key, and what the limits on it have split off moves into shares of its
    /// own. Without any part it ends. Those of its secrets that somebody could open who must not any more are due from then on.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a share that is not `caller`'s or not due, [`StoreError::Stale`] where items, grants, limits, keys or
    /// recipients have changed in between, [`StoreError::Malformed`] for what does not fit together.
    pub async fn settle_share(&self, caller: AccountId, share: ShareId, parts: &[NewShare]) -> Result<(), StoreError> {
        if !parts.iter().all(|part| fits(caller, part)) {
            return Err(StoreError::Malformed("the parts of the share and its manifest"));
        }
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            let (known, due_row) = own_manifest(&tx, caller, share).await?;
            let (exposed, batch) = (due_row.exposed, due_row.batch.as_ref().map(record::id).transpose()?);
            // Also against a share of the same secrets that is written at the same time.
            let number = change_ownership(&tx, caller).await?;
            let settled = known.settled();
            let given = parts.iter().map(|part| (&part.manifest.grants, &part.manifest.items));
            if !given.eq(settled.iter().map(|(grants, items)| (grants, items))) {
                return Err(StoreError::Stale);
            }
            let mut left: HashMap<SecretId, Vec<RecordId>> = left_in(&tx, share).await?.into_iter().collect();
            for (index, part) in parts.iter().enumerate() {
                require_current(&tx, part).await?;
                require_signature(&tx, caller, part).await?;
                if index == 0 {
                    if part.manifest.share != share || part.manifest.epoch != known.manifest.epoch + 1 {
                        return Err(StoreError::Stale);
                    }
                    write_settled(&tx, part, &known.manifest, number).await?;
                    continue;
                }
                if part.manifest.epoch != 1 {
                    return Err(StoreError::Malformed("the epoch of a new share"));
                }
                if part.ends_at != known.ends_at {
                    return Err(StoreError::Stale);
                }
                write(&tx, part, batch).await?;
                seen::keep_age(&tx, part.manifest.share, vec![record::share(share)]).await?;
                for secret in &part.manifest.items {
                    if let Some(people) = left.remove(secret) {
                        keep_left(&tx, part.manifest.share, *secret, people).await?;
                    }
                }
            }
            if parts.is_empty() {
                end(&tx, share).await?;
            }
            let mut due = known.live_items();
            if !exposed {
                let taken = known.limits.iter().filter(|limit| limit.recipients.iter().any(|(_, left)| left.is_none()));
                let taken: HashSet<SecretId> = taken.flat_map(|limit| limit.secrets.iter().copied()).collect();
                due.retain(|secret| taken.contains(secret));
            }
            make_due(&tx, &due, &due_row.due_since).await?;
            forget_settled(&tx, caller).await
        })
        .await
    }

    /// Secrets of `caller` that are due, from the `skip`th on, and the keys of the shares they are in. What was sealed to keys that they have no
    /// more is left out.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn due_secrets(
        &self,
        caller: AccountId,
        skip: u32,
    ) -> Result<(Vec<DueSecret>, Vec<OwnShareKey>), StoreError> {
        self.transact(|tx| async move {
            let text = format!(
                "SELECT id, key, key_epoch, revision, value_revision, value, due_since FROM secret
                 WHERE owner = $caller AND due_since IS NOT NONE AND transfer IS NONE AND !lost LIMIT {AT_A_TIME} START $skip"
            );
            let rows: Vec<SecretRow> =
                query!(tx, text, caller = record::account(caller), skip = i64::from(skip))?.take(0)?;
            let (mut secrets, mut shares) = (Vec::with_capacity(rows.len()), HashSet::new());
            for row in rows {
                let id = record::id(&row.id)?;
                let of = shares_of(&tx, id).await?.iter().map(record::id).collect::<Result<Vec<ShareId>, _>>()?;
                shares.extend(of.iter().copied());
                secrets.push(DueSecret {
                    id,
                    key: row.key.to_vec(),
                    key_epoch: record::number(row.key_epoch)?,
                    revision: record::number(row.revision)?,
                    value_revision: record::number(row.value_revision)?,
                    value: row.value.to_vec(),
                    earlier: version::exposed_values(&tx, id, &row.due_since, row.key_epoch).await?,
                    shares: of,
                });
            }
            let ids: Vec<RecordId> = shares.into_iter().map(record::share).collect();
            let rows: Vec<OwnKeyRow> = query!(tx, "SELECT id, epoch, key FROM $ids", ids = ids)?.take(0)?;
            let keys = rows
                .iter()
                .map(|row| {
                    let (share, epoch) = (record::id(&row.id)?, record::number(row.epoch)?);
                    Ok(OwnShareKey { share, epoch, key: row.key.to_vec() })
                })
                .collect::<Result<_, StoreError>>()?;
            Ok((secrets, keys))
        })
        .await
    }

    /// Gives secrets new keys, each in every share it is in.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a secret that is not `caller`'s, [`StoreError::Stale`] where it was changed or shared, or a share of it
    /// settled, in between.
    pub async fn settle_secrets(&self, caller: AccountId, settled: &[SettledSecret]) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            // Whoever shares one of them at the same time does it with its new key, or not at all.
            change_ownership(&tx, caller).await?;
            for secret in settled {
                let text = "SELECT owner, key_epoch, revision, due_since FROM ONLY $id";
                let state: Option<StateRow> = query!(tx, text, id = record::secret(secret.id))?.take(0)?;
                let state = state.ok_or(StoreError::NotFound)?;
                if state.owner != record::account(caller) {
                    return Err(StoreError::NotFound);
                }
                // A share that was settled in between has another key: who had the one before would have the new key of the secret.
                let shares = shares_of(&tx, secret.id).await?;
                let rows: Vec<EpochRow> = query!(tx, "SELECT id, epoch FROM $ids", ids = shares)?.take(0)?;
                let is = rows
                    .iter()
                    .map(|row| Ok((record::id(&row.id)?, record::number(row.epoch)?)))
                    .collect::<Result<HashSet<(ShareId, u64)>, StoreError>>()?;
                let given: HashSet<(ShareId, u64)> =
                    secret.items.iter().map(|(share, epoch, _)| (*share, *epoch)).collect();
                let is_next = record::number(state.revision)? + 1 == secret.revision
                    && record::number(state.key_epoch)? + 1 == secret.key_epoch;
                if !is_next || is != given {
                    return Err(StoreError::Stale);
                }
                let since = state.due_since.ok_or(StoreError::Stale)?;
                let exposed = version::exposed_values(&tx, secret.id, &since, state.key_epoch).await?;
                version::reseal(&tx, secret.id, secret.key_epoch, &exposed, &secret.earlier).await?;
                version::keep_key(&tx, secret.id, secret.key_epoch, &secret.earlier_key).await?;
                query!(
                    tx,
                    "UPDATE $id SET key = $key, key_epoch += 1, revision = $revision, value = $value, value_revision = $revision,
                            due_since = NONE RETURN NONE",
                    id = record::secret(secret.id),
                    key = Bytes::from(secret.key.clone()),
                    revision = record::integer(secret.revision)?,
                    value = Bytes::from(secret.value.clone())
                )?;
                for (share, _, key) in &secret.items {
                    let id = record::item(*share, secret.id);
                    query!(tx, "UPDATE $id SET key = $key RETURN NONE", id = id, key = Bytes::from(key.clone()))?;
                }
            }
            Ok(())
        })
        .await
    }
}

/// The manifest of a share of `caller` that is due, and what is known of it. The transaction fails if the share or
/// what limits it changes before it commits.
async fn own_manifest(tx: &Tx, caller: AccountId, share: ShareId) -> Result<(SignedManifest, DueRow), StoreError> {
    let due: Option<DueRow> = query!(
        tx,
        "SELECT granter, exposed, batch, due_since FROM ONLY $id WHERE due_since IS NOT NONE FOR UPDATE",
        id = record::share(share)
    )?
    .take(0)?;
    let due = due.filter(|due| due.granter == record::account(caller)).ok_or(StoreError::NotFound)?;
    let limits = Limits::by_granter(tx, caller).await?;
    let signed = signed_manifest(tx, share, &limits).await?.ok_or(StoreError::NotFound)?;
    Ok((signed, due))
}

/// The key of a recipient, whether or not they have access at present: whoever is disabled may have it again.
///
/// # Errors
/// [`StoreError::Refused`], naming them, where they have none while they start over.
pub(crate) async fn require_entry(tx: &Tx, recipient: RecipientId) -> Result<RecipientEntry, StoreError> {
    let problem = Problem { subject: Subject::Recipient(recipient), reason: Reason::NotActive };
    entry_of_recipient(tx, recipient).await?.ok_or_else(|| StoreError::Refused(vec![problem]))
}

/// Fails where keys of secrets or recipients are not those that a share was sealed with.
async fn require_current(tx: &Tx, new: &NewShare) -> Result<(), StoreError> {
    for ((recipient, _), grant) in new.manifest.grants.iter().zip(&new.grants) {
        let epoch = entry_of_recipient(tx, *recipient).await?.map(|entry| entry.pin().epoch);
        if epoch != Some(grant.recipient_epoch) {
            return Err(StoreError::Stale);
        }
    }
    let epochs = sealed_keys(tx, &new.manifest.items).await?;
    let are_current = epochs.iter().zip(&new.key_epochs).all(|((_, is), was)| is == was);
    if are_current { Ok(()) } else { Err(StoreError::Stale) }
}

/// Says that secrets get new keys when their owner's client settles them. `since` is when somebody lost access.
pub(crate) async fn make_due(tx: &Tx, secrets: &[SecretId], since: &Datetime) -> Result<(), StoreError> {
    for chunk in secrets.chunks(CHUNK) {
        let text = "UPDATE $ids SET due_since = array::min([due_since ?? $since, $since]) RETURN NONE";
        query!(tx, text, ids = record::secrets(chunk), since = *since)?;
    }
    Ok(())
}
