//! What an entry about a batch stands for: its records, some at a time.

use std::collections::{BTreeSet, HashMap};

use surrealdb::types::{RecordId, RecordIdKey, SurrealValue, Value};
use uuid::Uuid;
use vault::{AccountId, BatchId, RecipientId, SecretId};

use super::index_id;
use crate::account::require_administrator;
use crate::batch::{BatchPart, parts_of, parts_of_event, subjects_of};
use crate::database::{CHUNK, Store, Tx, query};
use crate::error::StoreError;
use crate::record;
use crate::search::entries;

/// One record of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Which secret.
    pub secret: SecretId,
    /// Its name, while it is there.
    pub name: Option<String>,
    /// Which of [`AuditRecords::parts`] says what was done with it; `None` where the entry is about the end of access by the batch.
    pub part: Option<usize>,
}

/// Some of the records that an entry about a batch stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditRecords {
    /// What was done, the same to all records of a part: without their ids.
    pub parts: Vec<BatchPart>,
    /// The records, by their parts and ids.
    pub records: Vec<AuditRecord>,
    /// The usernames and names of the people and groups in the parts.
    pub recipients: HashMap<RecipientId, String>,
    /// How many records come before the next ones; `None` at the end.
    pub next: Option<usize>,
}

#[derive(SurrealValue)]
struct NameRow {
    id: RecordId,
    name: String,
}

impl Store {
    /// The records that an entry about a batch stands for, after so many of them: at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members.
    pub async fn audit_records(
        &self,
        caller: AccountId,
        entry: u128,
        batch: BatchId,
        skip: usize,
        limit: usize,
    ) -> Result<AuditRecords, StoreError> {
        self.transact(|tx| async move {
            require_administrator(&tx, caller).await?;
            let entry = Uuid::from_u128(entry);
            let (mut parts, _) = parts_of_event(&tx, batch, entry).await?;
            let mut all: Vec<(Option<usize>, SecretId)> = Vec::new();
            for (number, part) in parts.iter_mut().enumerate() {
                all.extend(std::mem::take(&mut part.secrets).into_iter().map(|secret| (Some(number), secret)));
            }
            if parts.is_empty() {
                all.extend(secrets_of(&tx, batch).await?.into_iter().map(|secret| (None, secret)));
            }
            let end = skip.saturating_add(limit);
            let next = (end < all.len()).then_some(end);
            let mut some: Vec<(Option<usize>, SecretId)> = all.into_iter().skip(skip).take(limit).collect();
            if parts.is_empty() {
                let secrets: Vec<SecretId> = some.iter().map(|(_, secret)| *secret).collect();
                some = leading_to(&tx, entry, &secrets).await?.into_iter().map(|secret| (None, secret)).collect();
            }
            let mut names = names_of(&tx, some.iter().map(|(_, secret)| *secret).collect()).await?;
            let told = |(part, secret)| AuditRecord { secret, name: names.remove(&secret), part };
            let records = some.into_iter().map(told).collect();
            let (_, everyone) = subjects_of(&parts);
            let recipients = entries(&tx, everyone.into_iter().collect()).await?;
            let recipients = recipients.into_iter().map(|entry| (entry.recipient, entry.signed_name)).collect();
            Ok(AuditRecords { parts, records, recipients, next })
        })
        .await
    }
}

/// The secrets that a batch is about.
pub(crate) async fn secrets_of(tx: &Tx, batch: BatchId) -> Result<BTreeSet<SecretId>, StoreError> {
    let parts = parts_of(tx, batch, None).await?;
    Ok(subjects_of(parts.values().flatten()).0)
}

/// Those of the secrets that lead to an entry.
pub(super) async fn leading_to(tx: &Tx, entry: Uuid, secrets: &[SecretId]) -> Result<Vec<SecretId>, StoreError> {
    let mut found = Vec::new();
    for chunk in secrets.chunks(CHUNK) {
        let ids = chunk.iter().map(|secret| index_id(Value::RecordId(record::secret(*secret)), entry));
        let ids: Vec<RecordId> = ids.collect();
        let there: Vec<RecordId> = query!(tx, "SELECT VALUE id FROM $ids", ids = ids)?.take(0)?;
        for id in &there {
            if let RecordIdKey::Array(key) = &id.key
                && let Some(Value::RecordId(secret)) = key.first()
            {
                found.push(record::id(secret)?);
            }
        }
    }
    Ok(found)
}

async fn names_of(tx: &Tx, secrets: Vec<SecretId>) -> Result<HashMap<SecretId, String>, StoreError> {
    let mut names = HashMap::with_capacity(secrets.len());
    for chunk in secrets.chunks(CHUNK) {
        let text = "SELECT id, name FROM $ids";
        let rows: Vec<NameRow> = query!(tx, text, ids = record::secrets(chunk))?.take(0)?;
        for row in rows {
            names.insert(record::id(&row.id)?, row.name);
        }
    }
    Ok(names)
}
