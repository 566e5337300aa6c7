//! Server functions for versions.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{Opening, SecretId};

use crate::error::AppError;

/// A value that a secret has or had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretVersion {
    /// The revision that it was sealed in.
    pub revision: u64,
    /// Since when it was the value, in milliseconds since 1970.
    pub at: i64,
    /// Who saved it.
    pub by: String,
}

/// An earlier value, and what opens it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SealedVersion {
    /// What opens the secret's present key.
    pub opening: Opening,
    /// The epoch of that key.
    pub key_epoch: u64,
    /// The keys before it down to that of the value, the latest first.
    pub earlier_keys: Vec<Vec<u8>>,
    /// The value.
    pub value: Vec<u8>,
}

/// The values that a secret had, the present one first.
#[server(prefix = "/api", endpoint = "list_versions", input = Postcard, output = Postcard)]
pub async fn list_versions(id: SecretId) -> Result<Vec<SecretVersion>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let versions = backend().store.secret_versions(caller().await?.id, id).await?.into_iter();
        Ok(versions.map(|store::SecretVersion { revision, at, by }| SecretVersion { revision, at, by }).collect())
    })
    .await
}

/// The value that a secret had in a revision before.
#[server(prefix = "/api", endpoint = "open_version", input = Postcard, output = Postcard)]
pub async fn open_version(id: SecretId, revision: u64) -> Result<SealedVersion, AppError> {
    use crate::backend::{backend, caller, count_opening, respond};
    respond(async {
        let caller = caller().await?;
        count_opening(&caller).await?;
        let store::VersionKeys { opening, key_epoch, earlier_keys, value } =
            backend().store.open_version(caller.id, id, revision).await?;
        tracing::info!(account = %caller.id, secret = %id, revision, "earlier value opened");
        Ok(SealedVersion { opening, key_epoch, earlier_keys, value })
    })
    .await
}
