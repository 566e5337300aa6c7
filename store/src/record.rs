//! Ids of the model as ids of records, and back.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use surrealdb::types::{Array, Datetime, RecordId, RecordIdKey, Value};
use uuid::Uuid;
use vault::{AccountId, BatchId, GroupId, RecipientId, SecretId, ShareId};

use crate::error::StoreError;

fn record(table: &str, id: Uuid) -> RecordId {
    RecordId::new(table, surrealdb::types::Uuid::from(id))
}

fn pair(table: &str, first: Uuid, second: Uuid) -> RecordId {
    let key = [first, second].map(|id| Value::Uuid(id.into()));
    RecordId::new(table, Array::from(key.to_vec()))
}

pub(crate) fn account(id: AccountId) -> RecordId {
    record("account", id.uuid())
}

pub(crate) fn access_key(id: AccountId) -> RecordId {
    record("access_key", id.uuid())
}

pub(crate) fn invitation(id: AccountId) -> RecordId {
    record("invitation", id.uuid())
}

pub(crate) fn escrow(id: AccountId) -> RecordId {
    record("escrow", id.uuid())
}

pub(crate) fn totp(id: AccountId) -> RecordId {
    record("totp", id.uuid())
}

pub(crate) fn restoration(id: AccountId) -> RecordId {
    record("restoration", id.uuid())
}

/// A row of one epoch or revision.
fn epoch_of(table: &str, id: Uuid, epoch: u64) -> Result<RecordId, StoreError> {
    let key = vec![Value::Uuid(id.into()), Value::from_t(integer(epoch)?)];
    Ok(RecordId::new(table, Array::from(key)))
}

pub(crate) fn mandate(account: AccountId, epoch: u64) -> Result<RecordId, StoreError> {
    epoch_of("mandate", account.uuid(), epoch)
}

pub(crate) fn earlier_entry(account: AccountId, epoch: u64) -> Result<RecordId, StoreError> {
    epoch_of("earlier_entry", account.uuid(), epoch)
}

pub(crate) fn earlier_seed(group: GroupId, epoch: u64) -> Result<RecordId, StoreError> {
    epoch_of("earlier_seed", group.uuid(), epoch)
}

pub(crate) fn management(account: AccountId, group: GroupId) -> RecordId {
    pair("management", account.uuid(), group.uuid())
}

pub(crate) fn ownership(owner: AccountId) -> RecordId {
    record("ownership", owner.uuid())
}

pub(crate) fn group(id: GroupId) -> RecordId {
    record("group", id.uuid())
}

pub(crate) fn secret(id: SecretId) -> RecordId {
    record("secret", id.uuid())
}

pub(crate) fn secrets(ids: &[SecretId]) -> Vec<RecordId> {
    ids.iter().copied().map(secret).collect()
}

pub(crate) fn share(id: ShareId) -> RecordId {
    record("share", id.uuid())
}

pub(crate) fn recipient(id: RecipientId) -> RecordId {
    match id {
        RecipientId::Account(id) => account(id),
        RecipientId::Group(id) => group(id),
    }
}

pub(crate) fn membership(account: AccountId, group: GroupId) -> RecordId {
    pair("membership", account.uuid(), group.uuid())
}

pub(crate) fn batch(id: BatchId) -> RecordId {
    record("batch", id.uuid())
}

/// `event` is in the order of time.
pub(crate) fn activity(account: AccountId, event: Uuid) -> RecordId {
    pair("activity", account.uuid(), event)
}

pub(crate) fn expiry(at: &Datetime, share: ShareId) -> RecordId {
    RecordId::new("expiry", Array::from(vec![Value::Datetime(*at), Value::Uuid(share.uuid().into())]))
}

pub(crate) fn limit(id: Uuid) -> RecordId {
    record("limit", id)
}

pub(crate) fn limited_secret(limit: Uuid, secret: SecretId) -> RecordId {
    pair("limited_secret", limit, secret.uuid())
}

pub(crate) fn limited_recipient(to: RecipientId, limit: Uuid) -> RecordId {
    let key = [Value::RecordId(recipient(to)), Value::Uuid(limit.into())];
    RecordId::new("limited_recipient", Array::from(key.to_vec()))
}

pub(crate) fn seen(account: AccountId, secret: SecretId) -> RecordId {
    pair("seen", account.uuid(), secret.uuid())
}

pub(crate) fn earlier_value(secret: SecretId, revision: u64) -> Result<RecordId, StoreError> {
    epoch_of("earlier_value", secret.uuid(), revision)
}

pub(crate) fn earlier_key(secret: SecretId, epoch: u64) -> Result<RecordId, StoreError> {
    epoch_of("earlier_key", secret.uuid(), epoch)
}

pub(crate) fn item(share: ShareId, secret: SecretId) -> RecordId {
    pair("item", share.uuid(), secret.uuid())
}

/// Whether a person or a group is a part of the id: clients choose ids, and one of the one kind must not stand for one of the other.
pub(crate) fn grant(to: RecipientId, share: ShareId) -> RecordId {
    let key = [Value::RecordId(recipient(to)), Value::Uuid(share.uuid().into())];
    RecordId::new("grant", Array::from(key.to_vec()))
}

/// The UUID of a record, as any id of the model.
pub(crate) fn id<T: From<Uuid>>(record: &RecordId) -> Result<T, StoreError> {
    match &record.key {
        RecordIdKey::Uuid(id) => Ok(T::from((*id).into())),
        other => Err(StoreError::Content(format!("{}:{other:?} as an id", record.table))),
    }
}

/// Whether a record is a person or a group, and which.
pub(crate) fn recipient_id(record: &RecordId) -> Result<RecipientId, StoreError> {
    match record.table.as_str() {
        "account" => Ok(RecipientId::Account(id(record)?)),
        "group" => Ok(RecipientId::Group(id(record)?)),
        other => Err(StoreError::Content(format!("{other} as a recipient"))),
    }
}

/// A count or epoch, which is never negative.
pub(crate) fn number(value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| StoreError::Content(format!("the number {value}")))
}

/// A count or epoch for a row.
pub(crate) fn integer(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::Malformed("a number"))
}

/// SHA-256 in hexadecimal: all that is kept of tokens, and what tells schema files apart.
pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    sha256_hex(Sha256::new().chain_update(bytes))
}

/// The same of what was hashed piece by piece.
pub(crate) fn sha256_hex(hash: Sha256) -> String {
    hex(&hash.finalize())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
