//! Versions: the values that a secret had before, each sealed as it was. A new key of the secret seals the one before it, so that whoever has the present
//! one opens them all. Those that were saved after somebody lost access are sealed anew with the secret.

use std::time::Duration;

use surrealdb::types::{Bytes, Datetime, RecordId, RecordIdKey, SurrealValue, Value};
use vault::{AccountId, Opening, SecretId};

use super::{NewValue, SealedRow, opening_for, sealed_row};
use crate::access::{Access, access};
use crate::account::require_active;
use crate::audit::{Event, note_secrets};
use crate::clock::{Millis, ago, millis, now};
use crate::database::{Store, Tx, query};
use crate::error::StoreError;
use crate::record;
use crate::seen;

/// How many values of a secret are kept besides the present one.
const KEEPS: usize = 100;
/// How many where they are so young that nobody may have noticed yet what was overwritten.
const KEEPS_YOUNG: usize = 1_000;
/// How long they are.
const YOUNG: Duration = Duration::from_hours(30 * 24);

/// A value that a secret has or had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretVersion {
    /// The revision that it was sealed in.
    pub revision: u64,
    /// Since when it was the value.
    pub at: Millis,
    /// Who saved it.
    pub by: String,
}

/// What opens an earlier value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionKeys {
    /// What opens the secret's present key.
    pub opening: Opening,
    /// The epoch of that key.
    pub key_epoch: u64,
    /// The keys of the epochs before, down to that of the value, each sealed under the one after it.
    pub earlier_keys: Vec<Vec<u8>>,
    /// The value, sealed in its revision.
    pub value: Vec<u8>,
}

#[derive(SurrealValue)]
struct VersionRow {
    id: RecordId,
    at: Datetime,
    by: String,
}

#[derive(SurrealValue)]
struct PresentRow {
    owner: RecordId,
    value_revision: i64,
    value_at: Datetime,
    value_by: String,
}

#[derive(SurrealValue)]
struct EarlierRow {
    value: Bytes,
    key_epoch: i64,
}

impl Store {
    /// The values that a secret had, the present one first, for those who may change it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for those who have no access, [`StoreError::Forbidden`] for those who may only view it.
    pub async fn secret_versions(&self, caller: AccountId, id: SecretId) -> Result<Vec<SecretVersion>, StoreError> {
        self.transact(|tx| async move {
            let text = "SELECT owner, value_revision, value_at, value_by.name ?? '' AS value_by FROM ONLY $id
                        WHERE deleted_at IS NONE";
            let present: Option<PresentRow> = query!(tx, text, id = record::secret(id))?.take(0)?;
            let present = present.ok_or(StoreError::NotFound)?;
            require_may_edit(&tx, caller, id, record::id(&present.owner)?).await?;
            let text = "SELECT id, at, by.name ?? '' AS by FROM earlier_value:[$key, NONE]..=[$key, ..]";
            let rows: Vec<VersionRow> = query!(tx, text, key = id.uuid())?.take(0)?;
            let mut versions = vec![SecretVersion {
                revision: record::number(present.value_revision)?,
                at: millis(&present.value_at),
                by: present.value_by,
            }];
            for row in rows.into_iter().rev() {
                versions.push(SecretVersion { revision: number_of(&row.id)?, at: millis(&row.at), by: row.by });
            }
            Ok(versions)
        })
        .await
    }

    /// What opens the value that a secret had in a revision before, for those who may change it.
    ///
    /// # Errors
    /// As [`Store::secret_versions`]; also [`StoreError::Forbidden`] for a disabled secret of somebody else, and [`StoreError::NotFound`] where it is kept
    /// no more.
    pub async fn open_version(
        &self,
        caller: AccountId,
        id: SecretId,
        revision: u64,
    ) -> Result<VersionKeys, StoreError> {
        self.transact(|tx| async move {
            let sealed = sealed_row(&tx, id).await?;
            require_may_edit(&tx, caller, id, record::id(&sealed.owner)?).await?;
            let opening = opening_for(&tx, caller, id, &sealed).await?;
            let text = "SELECT key_epoch, value FROM ONLY $id";
            let row: Option<EarlierRow> = query!(tx, text, id = record::earlier_value(id, revision)?)?.take(0)?;
            let row = row.ok_or(StoreError::NotFound)?;
            let text = "SELECT VALUE key FROM earlier_key:[$key, $from]..=[$key, ..]";
            let keys: Vec<Bytes> = query!(tx, text, key = id.uuid(), from = row.key_epoch + 1)?.take(0)?;
            note_secrets(&tx, Event::VersionOpened, caller, &[id]).await?;
            // It may be the present client secret with other notes, or become the present one again.
            if record::id::<AccountId>(&sealed.owner)? != caller {
                seen::note_opened(&tx, caller, id).await?;
            }
            Ok(VersionKeys {
                opening,
                key_epoch: record::number(sealed.key_epoch)?,
                earlier_keys: keys.iter().rev().map(|key| key.to_vec()).collect(),
                value: row.value.to_vec(),
            })
        })
        .await
    }
}

async fn require_may_edit(tx: &Tx, caller: AccountId, id: SecretId, owner: AccountId) -> Result<(), StoreError> {
    require_active(tx, caller).await?;
    let is: Access = access(tx, caller, id, owner).await?.ok_or(StoreError::NotFound)?;
    if is.may_edit() { Ok(()) } else { Err(StoreError::Forbidden) }
}

#[derive(SurrealValue)]
struct KeptRow {
    id: RecordId,
    at: Datetime,
    key_epoch: i64,
    rotated_at: Datetime,
}

/// Puts another value in the place of the present one, which is kept.
pub(super) async fn replace(
    tx: &Tx,
    by: AccountId,
    id: SecretId,
    present: SealedRow,
    new: &NewValue,
) -> Result<(), StoreError> {
    let text = "SELECT id, at, key_epoch, rotated_at FROM earlier_value:[$key, NONE]..=[$key, ..]";
    let kept: Vec<KeptRow> = query!(tx, text, key = id.uuid())?.take(0)?;
    let rotated_at = match new.restores {
        // Whoever has opened the one that comes back knows it.
        Some(revision) => {
            let id = record::earlier_value(id, revision)?;
            kept.iter().find(|row| row.id == id).ok_or(StoreError::NotFound)?.rotated_at
        }
        None if new.rotates => now(),
        None => present.rotated_at,
    };
    let until = ago(YOUNG);
    // The one that is about to be kept is the youngest.
    let is_gone = |(index, row): &(usize, &KeptRow)| {
        let younger = kept.len() - index;
        younger >= KEEPS_YOUNG || (younger >= KEEPS && row.at < until)
    };
    let gone: Vec<RecordId> = kept.iter().enumerate().filter(is_gone).map(|(_, row)| row.id.clone()).collect();
    let oldest = kept.get(gone.len()).map_or(present.key_epoch, |row| row.key_epoch);
    query!(
        tx,
        "CREATE ONLY $earlier SET value = $before, key_epoch = $key_epoch, at = $at, by = $before_by, rotated_at = $was_rotated_at RETURN NONE;
         UPDATE $id SET value = $value, value_revision = $revision, value_at = $now, value_by = $by, rotated_at = $rotated_at RETURN NONE;
         DELETE $gone RETURN NONE;
         DELETE earlier_key:[$key, NONE]..=[$key, $oldest] RETURN NONE",
        earlier = record::earlier_value(id, record::number(present.value_revision)?)?,
        before = present.value,
        key_epoch = present.key_epoch,
        at = present.value_at,
        before_by = present.value_by,
        was_rotated_at = present.rotated_at,
        id = record::secret(id),
        value = Bytes::from(new.sealed.clone()),
        revision = present.revision + 1,
        now = now(),
        by = record::account(by),
        rotated_at = rotated_at,
        gone = gone,
        key = id.uuid(),
        // The key of this epoch opens none that is left.
        oldest = oldest
    )?;
    Ok(())
}

/// Values that were saved after somebody lost access, sealed under a key that they have: the owner's client seals them anew with the secret.
pub(crate) async fn exposed_values(
    tx: &Tx,
    id: SecretId,
    since: &Datetime,
    key_epoch: i64,
) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
    let text =
        "SELECT id, value FROM earlier_value:[$key, NONE]..=[$key, ..] WHERE at >= $since AND key_epoch = $epoch";
    let rows: Vec<ValueRow> = query!(tx, text, key = id.uuid(), since = *since, epoch = key_epoch)?.take(0)?;
    rows.into_iter().map(|row| Ok((number_of(&row.id)?, row.value.to_vec()))).collect()
}

/// Takes those as they were sealed anew, under the key of an epoch.
///
/// # Errors
/// [`StoreError::Stale`] where they are not the ones that it was to be.
pub(crate) async fn reseal(
    tx: &Tx,
    id: SecretId,
    epoch: u64,
    exposed: &[(u64, Vec<u8>)],
    sealed: &[(u64, Vec<u8>)],
) -> Result<(), StoreError> {
    if !exposed.iter().map(|(revision, _)| revision).eq(sealed.iter().map(|(revision, _)| revision)) {
        return Err(StoreError::Stale);
    }
    for (revision, value) in sealed {
        query!(
            tx,
            "UPDATE $id SET value = $value, key_epoch = $epoch RETURN NONE",
            id = record::earlier_value(id, *revision)?,
            value = Bytes::from(value.clone()),
            epoch = record::integer(epoch)?
        )?;
    }
    Ok(())
}

#[derive(SurrealValue)]
struct ValueRow {
    id: RecordId,
    value: Bytes,
}

/// Keeps the key before a new one, where there are values that it opens.
pub(crate) async fn keep_key(tx: &Tx, id: SecretId, epoch: u64, sealed: &[u8]) -> Result<(), StoreError> {
    query!(
        tx,
        "IF (SELECT VALUE id FROM earlier_value:[$key, NONE]..=[$key, ..] LIMIT 1) != [] {
             CREATE ONLY $earlier SET key = $sealed RETURN NONE
         }",
        key = id.uuid(),
        earlier = record::earlier_key(id, epoch)?,
        sealed = Bytes::from(sealed.to_vec())
    )?;
    Ok(())
}

/// The number that is the second part of an id.
fn number_of(record: &RecordId) -> Result<u64, StoreError> {
    if let RecordIdKey::Array(key) = &record.key
        && let Some(Value::Number(number)) = key.get(1)
        && let Some(number) = number.to_int()
    {
        return record::number(number);
    }
    Err(StoreError::Content(format!("{:?} as the id of a version", record.key)))
}
