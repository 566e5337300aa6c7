//! Server functions for the export.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::SecretId;

use crate::account::own::api::Proof;
use crate::error::AppError;

/// The value of a secret of the caller, sealed as they have it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OwnValue {
    /// The secret.
    pub id: SecretId,
    /// Its key, sealed under the caller's account key.
    pub key: Vec<u8>,
    /// The revision of the value.
    pub revision: u64,
    /// The value, sealed under the key.
    pub value: Vec<u8>,
}

/// The sealed values of all secrets of the caller, who has just proved to be there. Noted for each of them.
#[server(prefix = "/api", endpoint = "export_secrets", input = Postcard, output = Postcard)]
pub async fn export_secrets(proof: Proof) -> Result<Vec<OwnValue>, AppError> {
    use crate::account::own::api::proved;
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        proved(caller.id, &proof).await?;
        let values = backend().store.export_secrets(caller.id).await?;
        tracing::info!(account = %caller.id, secrets = values.len(), "own secrets exported");
        let value = |found: store::OwnValue| {
            let store::OwnValue { id, key, revision, value } = found;
            OwnValue { id, key, revision, value }
        };
        Ok(values.into_iter().map(value).collect())
    })
    .await
}
