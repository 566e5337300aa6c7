//! Server functions for deleting secrets and for taking them out of the bin.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{BatchId, SecretId};

use crate::error::AppError;

/// A secret in the bin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinRow {
    /// The secret.
    pub id: SecretId,
    /// How it is called.
    pub name: String,
    /// Since when it is there, in milliseconds since 1970.
    pub deleted_at: i64,
    /// When it is removed for good.
    pub ends_at: i64,
}

/// Puts secrets of the caller into the bin, all or none. The same batch again is done once.
#[server(prefix = "/api", endpoint = "delete_secrets", input = Postcard, output = Postcard)]
pub async fn delete_secrets(batch: BatchId, secrets: Vec<SecretId>) -> Result<(), AppError> {
    use crate::backend::{backend, caller, count_batch, respond};
    use crate::secret::api::checked_batch;
    respond(async {
        let caller = caller().await?;
        let secrets = checked_batch(secrets)?;
        backend().store.delete_secrets(caller.id, batch, &secrets).await?;
        count_batch("delete", secrets.len(), 0);
        tracing::info!(account = %caller.id, %batch, secrets = secrets.len(), "secrets deleted");
        Ok(())
    })
    .await
}

/// Takes secrets out of the caller's bin, all or none, shared as they were. How many of them are without their identifier, because another one has it by
/// now. The same batch again is done once.
#[server(prefix = "/api", endpoint = "restore_secrets", input = Postcard, output = Postcard)]
pub async fn restore_secrets(batch: BatchId, secrets: Vec<SecretId>) -> Result<usize, AppError> {
    use crate::backend::{backend, caller, count_batch, respond};
    use crate::secret::api::checked_batch;
    respond(async {
        let caller = caller().await?;
        let secrets = checked_batch(secrets)?;
        let without = backend().store.restore_secrets(caller.id, batch, &secrets).await?;
        count_batch("restore", secrets.len(), 0);
        tracing::info!(account = %caller.id, %batch, secrets = secrets.len(), "secrets restored");
        Ok(without)
    })
    .await
}

/// What is in the caller's bin, the latest first.
#[server(prefix = "/api", endpoint = "list_bin", input = Postcard, output = Postcard)]
pub async fn list_bin() -> Result<Vec<BinRow>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let keeps = i64::try_from(store::BIN_KEEPS.as_millis()).unwrap_or(i64::MAX);
        let row = |row: store::BinRow| BinRow {
            id: row.id,
            name: row.name,
            deleted_at: row.deleted_at,
            ends_at: row.deleted_at.saturating_add(keeps),
        };
        Ok(backend().store.bin(caller().await?.id).await?.into_iter().map(row).collect())
    })
    .await
}
