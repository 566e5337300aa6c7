//! The parts of batches, as their rows have them.

use sha2::{Digest as _, Sha256};
use surrealdb::types::{Array, Bytes, Number, RecordId, RecordIdKey, SurrealValue, Value};
use uuid::Uuid;
use vault::{AccountId, BatchId, SecretId};

use super::{BatchPart, Change};
use crate::access::{first, parse_permission, permission_text, second};
use crate::clock::Millis;
use crate::error::StoreError;
use crate::record;

#[derive(SurrealValue)]
struct ChangeRow {
    recipient: RecordId,
    before: Option<String>,
    after: Option<String>,
}

#[derive(SurrealValue)]
pub(super) struct PartRow {
    pub id: RecordId,
    event: surrealdb::types::Uuid,
    secrets: Bytes,
    ends_at: Option<Millis>,
    changes: Vec<ChangeRow>,
    tagged: Vec<String>,
    untagged: Vec<String>,
}

/// The rows of what a batch did to secrets of one owner, from the `first` part on.
pub(super) fn part_rows(
    batch: BatchId,
    owner: AccountId,
    event: Uuid,
    first: usize,
    parts: &[BatchPart],
) -> Vec<PartRow> {
    let text = |permission: Option<_>| permission.map(|permission| permission_text(permission).to_owned());
    let parts = parts.iter().filter(|part| !part.secrets.is_empty());
    let row = |(index, part): (usize, &BatchPart)| PartRow {
        id: part_id(batch, owner, first + index),
        event: event.into(),
        secrets: part.secrets.iter().flat_map(|secret| *secret.as_bytes()).collect::<Vec<u8>>().into(),
        ends_at: part.ends_at,
        tagged: part.tagged.clone(),
        untagged: part.untagged.clone(),
        changes: part
            .changes
            .iter()
            .map(|change| ChangeRow {
                recipient: record::recipient(change.recipient),
                before: text(change.before),
                after: text(change.after),
            })
            .collect(),
    };
    parts.enumerate().map(row).collect()
}

fn part_id(batch: BatchId, owner: AccountId, number: usize) -> RecordId {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let key = vec![Value::Uuid(batch.uuid().into()), Value::Uuid(owner.uuid().into()), Value::from_t(number)];
    RecordId::new("batch_part", Array::from(key))
}

/// What tells parts from others.
pub(super) fn digest_of(rows: &[PartRow]) -> Result<String, StoreError> {
    let mut hash = Sha256::new();
    for row in rows {
        row.hash(&mut hash)?;
    }
    Ok(record::sha256_hex(hash))
}

/// Which of its batch's parts a row is.
fn number_of(id: &RecordId) -> Result<i64, StoreError> {
    if let RecordIdKey::Array(key) = &id.key
        && let Some(Value::Number(Number::Int(number))) = key.get(2)
    {
        return Ok(*number);
    }
    Err(StoreError::Content("the number of a part".into()))
}

impl PartRow {
    /// Everything that the row says: its batch and owner and number, then each list with its length and each text with its own.
    fn hash(&self, hash: &mut Sha256) -> Result<(), StoreError> {
        let length = |hash: &mut Sha256, length: usize| hash.update((length as u64).to_be_bytes());
        let text = |hash: &mut Sha256, text: &str| {
            length(hash, text.len());
            hash.update(text);
        };
        hash.update(first::<Uuid>(&self.id)?);
        hash.update(second::<Uuid>(&self.id)?);
        hash.update(number_of(&self.id)?.to_be_bytes());
        length(hash, self.secrets.len());
        hash.update(&self.secrets[..]);
        let ends_at = self.ends_at.map(Millis::to_be_bytes);
        length(hash, ends_at.map_or(0, |bytes| bytes.len()));
        hash.update(ends_at.as_ref().map_or(&[][..], |bytes| bytes));
        length(hash, self.changes.len());
        for change in &self.changes {
            text(hash, change.recipient.table.as_str());
            hash.update(record::id::<Uuid>(&change.recipient)?);
            text(hash, change.before.as_deref().unwrap_or_default());
            text(hash, change.after.as_deref().unwrap_or_default());
        }
        for tags in [&self.tagged, &self.untagged] {
            length(hash, tags.len());
            for tag in tags {
                text(hash, tag);
            }
        }
        Ok(())
    }

    pub fn part(&self) -> Result<BatchPart, StoreError> {
        let (secrets, rest) = self.secrets.as_chunks::<16>();
        if !rest.is_empty() {
            return Err(StoreError::Content("the secrets of a batch".into()));
        }
        let parse = |text: &Option<String>| text.as_deref().map(parse_permission).transpose();
        Ok(BatchPart {
            secrets: secrets.iter().map(|bytes| SecretId::from(Uuid::from_bytes(*bytes))).collect(),
            ends_at: self.ends_at,
            tagged: self.tagged.clone(),
            untagged: self.untagged.clone(),
            changes: self
                .changes
                .iter()
                .map(|row| {
                    let recipient = record::recipient_id(&row.recipient)?;
                    Ok(Change { recipient, before: parse(&row.before)?, after: parse(&row.after)? })
                })
                .collect::<Result<_, StoreError>>()?,
        })
    }
}
