//! Settling: after access ended, new keys for what the removed ones knew. First a share gets a new key, which is sealed to those who have the
//! grant now; its secrets are due then, and get new keys of their own in every share they are in. Each step leaves everything readable, so it can
//! be stopped and gone on with at any time.

use std::collections::{HashMap, HashSet};

use surrealdb::types::{Bytes, RecordId, SurrealValue};
use vault::{AccountId, RecipientEntry, SecretId, ShareId, SignedManifest};

use crate::access::shares_of;
use crate::account::require_active;
use crate::clock::now;
use crate::database::{Store, Tx, query};
use crate::directory::entry_of_recipient;
use crate::error::{Problem, Reason, StoreError, Subject};
use crate::record;
use crate::share::{NewShare, fits, require_signature, signed_manifest, write_keys};

/// How many secrets are settled at a time.
const CHUNK: usize = 200;

/// What of a person's is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Shares whose key somebody has who must not have it any more.
    pub shares: u64,
    /// Secrets of which the same is true.
    pub secrets: u64,
    /// Secrets that somebody gave to them, and that their client has yet to take over.
    pub transferred: u64,
}

/// A share that is due, with what its owner's client needs to give it a new key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueShare {
    /// What is shared with whom, as the owner signed it: their client seals to nobody whom they did not sign for.
    pub signed: SignedManifest,
    /// The keys of the secrets that have not ended, sealed under the owner's account key, in the order of the manifest.
    pub secret_keys: Vec<Vec<u8>>,
    /// The epochs of those keys.
    pub key_epochs: Vec<u64>,
    /// Whom the new key is to be sealed to, in the order of the manifest. Whoever is disabled has no access, but may again.
    pub recipients: Vec<RecipientEntry>,
}

/// A secret that is due, with what its owner's client needs to give it a new key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueSecret {
    /// The secret.
    pub id: SecretId,
    /// Its key, sealed under the owner's account key.
    pub key: Vec<u8>,
    /// The revision of its value.
    pub revision: u64,
    /// The value.
    pub value: Vec<u8>,
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
    /// The revision that this makes: one more than the one there was.
    pub revision: u64,
    /// The same value, sealed under the new key.
    pub value: Vec<u8>,
    /// The new key under the key of each share that the secret is in.
    pub items: Vec<(ShareId, Vec<u8>)>,
}

#[derive(SurrealValue)]
struct KeyRow {
    id: RecordId,
    key: Option<Bytes>,
    key_epoch: i64,
}

#[derive(SurrealValue)]
struct SecretRow {
    id: RecordId,
    key: Bytes,
    revision: i64,
    value: Bytes,
}

#[derive(SurrealValue)]
struct OwnKeyRow {
    id: RecordId,
    epoch: i64,
    key: Bytes,
}

#[derive(SurrealValue)]
struct StateRow {
    owner: RecordId,
    revision: i64,
}

impl Store {
    /// What of `caller`'s is due for settling.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn due(&self, caller: AccountId) -> Result<Due, StoreError> {
        let mut answer = query!(
            self.db,
            "RETURN count(SELECT VALUE id FROM share WHERE granter = $caller AND due_since IS NOT NONE);
             RETURN count(SELECT VALUE id FROM secret WHERE owner = $caller AND due_since IS NOT NONE AND transfer IS NONE);
             RETURN count(SELECT VALUE id FROM secret WHERE owner = $caller AND transfer IS NOT NONE)",
            caller = record::account(caller)
        )?;
        let mut count = |index: usize| -> Result<u64, StoreError> {
            let count: Option<i64> = answer.take(index)?;
            record::number(count.unwrap_or_default())
        };
        Ok(Due { shares: count(0)?, secrets: count(1)?, transferred: count(2)? })
    }

    /// The shares of `caller` that are due, those that wait longest first, from the `skip`th on.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn due_shares(&self, caller: AccountId, skip: u32) -> Result<Vec<ShareId>, StoreError> {
        let rows: Vec<KeyedRow> = query!(
            self.db,
            "SELECT id, due_since FROM share WHERE granter = $caller AND due_since IS NOT NONE ORDER BY due_since, id LIMIT 100 START $skip",
            caller = record::account(caller),
            skip = i64::from(skip)
        )?
        .take(0)?;
        rows.iter().map(|row| record::id(&row.id)).collect()
    }

    /// What the owner's client needs to give a share a new key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a share that is not `caller`'s, or is not due, [`StoreError::Refused`] for a recipient who has no keys while they
    /// start over.
    pub async fn due_share(&self, caller: AccountId, share: ShareId) -> Result<DueShare, StoreError> {
        self.transact(|tx| async move {
            let signed = own_manifest(&tx, caller, share).await?;
            let live = signed.live();
            let mut keys: HashMap<SecretId, (Vec<u8>, u64)> = HashMap::with_capacity(live.items.len());
            for chunk in live.items.chunks(1_000) {
                let text = "SELECT id, key, key_epoch FROM $ids";
                let rows: Vec<KeyRow> = query!(tx, text, ids = record::secrets(chunk))?.take(0)?;
                for row in rows {
                    let Some(key) = row.key else { continue };
                    keys.insert(record::id(&row.id)?, (key.to_vec(), record::number(row.key_epoch)?));
                }
            }
            let (mut secret_keys, mut key_epochs) = (Vec::new(), Vec::new());
            for item in &live.items {
                let (key, epoch) = keys.remove(item).ok_or(StoreError::NotFound)?;
                secret_keys.push(key);
                key_epochs.push(epoch);
            }
            let mut recipients = Vec::with_capacity(live.grants.len());
            for (recipient, _) in &live.grants {
                let entry = entry_of_recipient(&tx, *recipient).await?;
                let problem = Problem { subject: Subject::Recipient(*recipient), reason: Reason::NotActive };
                recipients.push(entry.ok_or_else(|| StoreError::Refused(vec![problem]))?);
            }
            Ok(DueShare { signed, secret_keys, key_epochs, recipients })
        })
        .await
    }

    /// Gives a share a new key. Its secrets are due from then on: who had the old key had theirs.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a share that is not `caller`'s or not due, [`StoreError::Stale`] where items, grants, keys or recipients
    /// have changed in between, [`StoreError::Malformed`] for what does not fit together.
    pub async fn settle_share(&self, caller: AccountId, new: &NewShare) -> Result<(), StoreError> {
        if !fits(caller, new) {
            return Err(StoreError::Malformed("the parts of the share and its manifest"));
        }
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            let share = new.manifest.share;
            let known = own_manifest(&tx, caller, share).await?.live();
            // Also against a share of the same secrets that is written at the same time.
            query!(tx, "SELECT VALUE id FROM ONLY $id FOR UPDATE", id = record::ownership(caller))?;
            if known.items != new.manifest.items
                || known.grants != new.manifest.grants
                || known.epoch + 1 != new.manifest.epoch
            {
                return Err(StoreError::Stale);
            }
            for ((recipient, _), grant) in new.manifest.grants.iter().zip(&new.grants) {
                let epoch = entry_of_recipient(&tx, *recipient).await?.map(|entry| entry.pin().epoch);
                if epoch != Some(grant.recipient_epoch) {
                    return Err(StoreError::Stale);
                }
            }
            for (chunk, epochs) in new.manifest.items.chunks(1_000).zip(new.key_epochs.chunks(1_000)) {
                let text = "SELECT id, key, key_epoch FROM $ids";
                let rows: Vec<KeyRow> = query!(tx, text, ids = record::secrets(chunk))?.take(0)?;
                let is = rows
                    .iter()
                    .map(|row| Ok((record::id(&row.id)?, record::number(row.key_epoch)?)))
                    .collect::<Result<HashMap<SecretId, u64>, StoreError>>()?;
                if !chunk.iter().zip(epochs).all(|(secret, epoch)| is.get(secret) == Some(epoch)) {
                    return Err(StoreError::Stale);
                }
            }
            require_signature(&tx, caller, new).await?;
            write_keys(&tx, new).await?;
            query!(
                tx,
                "UPDATE $share SET due_since = NONE RETURN NONE;
                 DELETE item:[$uuid, NONE]..=[$uuid, ..] WHERE ended RETURN NONE;
                 UPDATE (SELECT VALUE secret FROM item:[$uuid, NONE]..=[$uuid, ..])
                     SET due_since = due_since ?? $now RETURN NONE",
                share = record::share(share),
                uuid = share.uuid(),
                now = now()
            )?;
            Ok(())
        })
        .await
    }

    /// Secrets of `caller` that are due, from the `skip`th on, and the keys of the shares they are in.
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
                "SELECT id, key, revision, value FROM secret
                 WHERE owner = $caller AND due_since IS NOT NONE AND transfer IS NONE LIMIT {CHUNK} START $skip"
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
                    revision: record::number(row.revision)?,
                    value: row.value.to_vec(),
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
    /// [`StoreError::NotFound`] for a secret that is not `caller`'s, [`StoreError::Stale`] where it was changed or shared in between.
    pub async fn settle_secrets(&self, caller: AccountId, settled: &[SettledSecret]) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            // Whoever shares one of them at the same time does it with its new key, or not at all.
            query!(tx, "UPSERT $id SET changes = (changes ?? 0) + 1 RETURN NONE", id = record::ownership(caller))?;
            for secret in settled {
                let text = "SELECT owner, revision FROM ONLY $id";
                let state: Option<StateRow> = query!(tx, text, id = record::secret(secret.id))?.take(0)?;
                let state = state.ok_or(StoreError::NotFound)?;
                if state.owner != record::account(caller) {
                    return Err(StoreError::NotFound);
                }
                let is = shares_of(&tx, secret.id).await?.into_iter().map(|id| format!("{:?}", id.key));
                let given = secret.items.iter().map(|(share, _)| format!("{:?}", record::share(*share).key));
                if record::number(state.revision)? + 1 != secret.revision
                    || is.collect::<HashSet<_>>() != given.collect::<HashSet<_>>()
                {
                    return Err(StoreError::Stale);
                }
                query!(
                    tx,
                    "UPDATE $id SET key = $key, key_epoch += 1, revision = $revision, value = $value, due_since = NONE
                     RETURN NONE",
                    id = record::secret(secret.id),
                    key = Bytes::from(secret.key.clone()),
                    revision = record::integer(secret.revision)?,
                    value = Bytes::from(secret.value.clone())
                )?;
                for (share, key) in &secret.items {
                    let id = record::item(*share, secret.id);
                    query!(tx, "UPDATE $id SET key = $key RETURN NONE", id = id, key = Bytes::from(key.clone()))?;
                }
            }
            Ok(())
        })
        .await
    }
}

#[derive(SurrealValue)]
struct KeyedRow {
    id: RecordId,
}

/// The manifest of a share of `caller` that is due. The transaction fails if the share changes before it commits.
async fn own_manifest(tx: &Tx, caller: AccountId, share: ShareId) -> Result<SignedManifest, StoreError> {
    let due: Option<RecordId> = query!(
        tx,
        "SELECT VALUE granter FROM ONLY $id WHERE due_since IS NOT NONE FOR UPDATE",
        id = record::share(share)
    )?
    .take(0)?;
    if due != Some(record::account(caller)) {
        return Err(StoreError::NotFound);
    }
    signed_manifest(tx, share).await?.ok_or(StoreError::NotFound)
}
