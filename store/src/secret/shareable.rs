use std::collections::HashMap;

use surrealdb::types::{Bytes, RecordId, SurrealValue};
use vault::{AccountId, SecretId};

use super::CHUNK;
use crate::access::access;
use crate::database::{Store, Tx, query};
use crate::error::{Problem, Reason, StoreError, Subject};
use crate::record;

#[derive(SurrealValue)]
struct StateRow {
    id: RecordId,
    owner: RecordId,
    enabled: bool,
}

#[derive(SurrealValue)]
struct KeyRow {
    id: RecordId,
    key: Bytes,
}

impl Store {
    /// The sealed keys of secrets that `owner` is about to share, in the order asked for.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with every secret that cannot be shared.
    pub async fn keys_to_share(&self, owner: AccountId, secrets: &[SecretId]) -> Result<Vec<Vec<u8>>, StoreError> {
        self.transact(|tx| async move {
            require_shareable(&tx, owner, secrets).await?;
            let mut keys: HashMap<SecretId, Vec<u8>> = HashMap::with_capacity(secrets.len());
            for chunk in secrets.chunks(CHUNK) {
                let rows: Vec<KeyRow> =
                    query!(tx, "SELECT id, key FROM $ids", ids = record::secrets(chunk))?.take(0)?;
                for row in rows {
                    keys.insert(record::id(&row.id)?, row.key.to_vec());
                }
            }
            secrets.iter().map(|secret| keys.remove(secret).ok_or(StoreError::NotFound)).collect()
        })
        .await
    }
}

/// Whose a secret is; `None` where there is none.
pub(crate) async fn owner_of(tx: &Tx, id: SecretId) -> Result<Option<AccountId>, StoreError> {
    let owner: Option<RecordId> = query!(tx, "SELECT VALUE owner FROM ONLY $id", id = record::secret(id))?.take(0)?;
    owner.as_ref().map(record::id).transpose()
}

/// Owner and state of secrets.
pub(super) async fn states(tx: &Tx, secrets: &[SecretId]) -> Result<HashMap<SecretId, (AccountId, bool)>, StoreError> {
    let mut states = HashMap::with_capacity(secrets.len());
    for chunk in secrets.chunks(CHUNK) {
        let rows: Vec<StateRow> =
            query!(tx, "SELECT id, owner, enabled FROM $ids", ids = record::secrets(chunk))?.take(0)?;
        for row in rows {
            states.insert(record::id(&row.id)?, (record::id(&row.owner)?, row.enabled));
        }
    }
    Ok(states)
}

/// Fails with every secret that `owner` cannot share, and makes the transaction fail if one is disabled or taken away before it commits.
pub(crate) async fn require_shareable(tx: &Tx, owner: AccountId, secrets: &[SecretId]) -> Result<(), StoreError> {
    query!(tx, "SELECT VALUE id FROM ONLY $id FOR UPDATE", id = record::ownership(owner))?;
    let states = states(tx, secrets).await?;
    let mut problems = Vec::new();
    for secret in secrets {
        let reason = match states.get(secret) {
            Some((of, true)) if *of == owner => continue,
            Some((of, false)) if *of == owner => Reason::Disabled,
            Some((of, _)) if access(tx, owner, *secret, *of).await?.is_some() => Reason::Forbidden,
            _ => Reason::NotFound,
        };
        problems.push(Problem { subject: Subject::Secret(*secret), reason });
    }
    if problems.is_empty() { Ok(()) } else { Err(StoreError::Refused(problems)) }
}
