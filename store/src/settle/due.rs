//! What is due, for its owner's client. What was sealed or signed with keys that the owner has no more is left out: no client can settle that.

use std::collections::BTreeMap;

use surrealdb::types::{Bytes, RecordId, SurrealValue};
use vault::{AccountId, RecipientEntry, SecretId, ShareId, SignedManifest};

use super::{own_manifest, require_entry};
use crate::database::{CHUNK, Store, Tx, query};
use crate::error::StoreError;
use crate::limit::Limits;
use crate::record;
use crate::secret::{KeyToShare, sealed_keys};
use crate::share::signed_manifest;
use crate::transfer::{item_keys, waiting_for};
use crate::trust::epoch_of;

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

/// A share that is due, with what its owner's client needs to settle it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueShare {
    /// What is shared with whom, as the owner signed it, and what of it is no longer so: their client seals to nobody whom they did not sign for.
    pub signed: SignedManifest,
    /// The keys of the secrets that stay shared and are the owner's.
    pub keys: Vec<(SecretId, KeyToShare)>,
    /// Where the keys of the others are, which the owner gave away.
    pub given: Vec<GivenAway>,
    /// Whom the new key is to be sealed to. Whoever is disabled has no access, but may again.
    pub recipients: Vec<RecipientEntry>,
}

/// A transfer that was not taken over yet. Until then what it gave away stays in the shares of the owner before, whose client can open it by the
/// transfer, as the new owner's can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenAway {
    /// What was given to whom, as the owner before signed it.
    pub signed: SignedManifest,
    /// The key of the transfer, sealed under the account key of the owner before.
    pub key: Vec<u8>,
    /// The keys of secrets, sealed under that key, and their epochs.
    pub items: Vec<(SecretId, Vec<u8>, u64)>,
}

#[derive(SurrealValue)]
struct KeyedRow {
    id: RecordId,
}

#[derive(SurrealValue)]
struct GivenRow {
    id: RecordId,
    transfer: RecordId,
    key_epoch: i64,
}

impl Store {
    /// What of `caller`'s is due for settling.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is no such account.
    pub async fn due(&self, caller: AccountId) -> Result<Due, StoreError> {
        self.transact(|tx| async move {
            let epoch = epoch_of(&tx, caller).await?;
            let mut answer = query!(
                tx,
                "RETURN count(SELECT VALUE id FROM share WHERE granter = $caller AND due_since IS NOT NONE AND granter_epoch >= $epoch);
                 RETURN count(SELECT VALUE id FROM secret WHERE owner = $caller AND due_since IS NOT NONE AND transfer IS NONE AND !lost)",
                caller = record::account(caller),
                epoch = epoch
            )?;
            let mut count = |index: usize| -> Result<u64, StoreError> {
                let count: Option<i64> = answer.take(index)?;
                record::number(count.unwrap_or_default())
            };
            let (shares, secrets) = (count(0)?, count(1)?);
            Ok(Due { shares, secrets, transferred: waiting_for(&tx, caller).await?.values().sum() })
        })
        .await
    }

    /// The shares of `caller` that are due, those that wait longest first, from the `skip`th on.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is no such account.
    pub async fn due_shares(&self, caller: AccountId, skip: u32) -> Result<Vec<ShareId>, StoreError> {
        self.transact(|tx| async move {
            let epoch = epoch_of(&tx, caller).await?;
            let rows: Vec<KeyedRow> = query!(
                tx,
                "SELECT id, due_since FROM share WHERE granter = $caller AND due_since IS NOT NONE AND granter_epoch >= $epoch
                 ORDER BY due_since, id LIMIT 100 START $skip",
                caller = record::account(caller),
                epoch = epoch,
                skip = i64::from(skip)
            )?
            .take(0)?;
            rows.iter().map(|row| record::id(&row.id)).collect()
        })
        .await
    }

    /// What the owner's client needs to settle a share.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a share that is not `caller`'s, or is not due, [`StoreError::Refused`] for a recipient who has no keys while they
    /// start over.
    pub async fn due_share(&self, caller: AccountId, share: ShareId) -> Result<DueShare, StoreError> {
        self.transact(|tx| async move {
            let (signed, ..) = own_manifest(&tx, caller, share).await?;
            let (mut keys, mut given, mut recipients) = (Vec::new(), Vec::new(), BTreeMap::new());
            for (grants, secrets) in signed.settled() {
                for (secret, (key, epoch)) in secrets.iter().zip(sealed_keys(&tx, &secrets).await?) {
                    match key {
                        Some(key) => keys.push((*secret, KeyToShare { key, epoch })),
                        None => given.push(*secret),
                    }
                }
                for (recipient, _) in &grants {
                    if !recipients.contains_key(recipient) {
                        let entry = require_entry(&tx, *recipient).await?;
                        recipients.insert(*recipient, entry);
                    }
                }
            }
            let given = given_away(&tx, caller, &given).await?;
            Ok(DueShare { signed, keys, given, recipients: recipients.into_values().collect() })
        })
        .await
    }
}

/// The transfers by which `granter` gave secrets away that were not taken over yet.
pub(crate) async fn given_away(
    tx: &Tx,
    granter: AccountId,
    secrets: &[SecretId],
) -> Result<Vec<GivenAway>, StoreError> {
    let mut of: BTreeMap<ShareId, BTreeMap<SecretId, u64>> = BTreeMap::new();
    for chunk in secrets.chunks(CHUNK) {
        let text = "SELECT id, transfer, key_epoch FROM $ids WHERE transfer.granter = $granter";
        let (ids, by) = (record::secrets(chunk), record::account(granter));
        let rows: Vec<GivenRow> = query!(tx, text, ids = ids, granter = by)?.take(0)?;
        for row in rows {
            let epochs = of.entry(record::id(&row.transfer)?).or_default();
            epochs.insert(record::id(&row.id)?, record::number(row.key_epoch)?);
        }
    }
    let mut found = Vec::with_capacity(of.len());
    for (transfer, epochs) in of {
        let signed = signed_manifest(tx, transfer, &Limits::default()).await?.ok_or(StoreError::NotFound)?;
        let text = "SELECT VALUE key FROM ONLY $id";
        let key: Option<Bytes> = query!(tx, text, id = record::share(transfer))?.take(0)?;
        let key = key.ok_or(StoreError::NotFound)?.to_vec();
        let mut keys = item_keys(tx, transfer).await?;
        let mut items = Vec::with_capacity(epochs.len());
        for (secret, epoch) in epochs {
            items.push((secret, keys.remove(&secret).ok_or(StoreError::NotFound)?, epoch));
        }
        found.push(GivenAway { signed, key, items });
    }
    Ok(found)
}
