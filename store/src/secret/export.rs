//! The export of one's own secrets.

use surrealdb::types::{Bytes, RecordId, SurrealValue};
use vault::{AccountId, SecretId};

use crate::account::require_active;
use crate::audit::{Event, note_secrets};
use crate::database::{Store, query};
use crate::error::StoreError;
use crate::record;

/// The value of a secret, sealed as its owner has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnValue {
    /// The secret.
    pub id: SecretId,
    /// Its key, sealed under the owner's account key.
    pub key: Vec<u8>,
    /// The revision of the value.
    pub revision: u64,
    /// The value, sealed under the key.
    pub value: Vec<u8>,
}

#[derive(SurrealValue)]
struct ValueRow {
    id: RecordId,
    key: Bytes,
    revision: i64,
    value: Bytes,
}

impl Store {
    /// The sealed values of all secrets of `caller`, but what they have yet to take over, and a note in the audit log for each.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for who cannot sign in any more.
    pub async fn export_secrets(&self, caller: AccountId) -> Result<Vec<OwnValue>, StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            let text = "SELECT id, key, value_revision AS revision, value FROM secret
                        WHERE owner = $owner AND deleted_at IS NONE AND key IS NOT NONE";
            let rows: Vec<ValueRow> = query!(tx, text, owner = record::account(caller))?.take(0)?;
            let value = |row: ValueRow| -> Result<OwnValue, StoreError> {
                let (id, revision) = (record::id(&row.id)?, record::number(row.revision)?);
                Ok(OwnValue { id, key: row.key.to_vec(), revision, value: row.value.to_vec() })
            };
            let values = rows.into_iter().map(value).collect::<Result<Vec<_>, _>>()?;
            let exported: Vec<SecretId> = values.iter().map(|value| value.id).collect();
            note_secrets(&tx, Event::Exported, caller, &exported).await?;
            Ok(values)
        })
        .await
    }
}
