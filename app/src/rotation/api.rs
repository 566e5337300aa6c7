//! Server functions for rotation.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{AccountId, SecretId};

use crate::error::AppError;

/// A secret whose value is known to people who have no access any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposed {
    /// The secret.
    pub id: SecretId,
    /// How it is called.
    pub name: String,
    /// Those people: who, how they are called, and when they last opened it, in milliseconds since 1970.
    pub people: Vec<(AccountId, String, i64)>,
}

/// The caller's secrets that somebody without access has opened since they got their value.
#[server(prefix = "/api", endpoint = "list_exposed", input = Postcard, output = Postcard)]
pub async fn list_exposed() -> Result<Vec<Exposed>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let found = backend().store.exposed(caller().await?.id).await?.into_iter();
        let to = |to: store::ExposedTo| (to.account, to.name, to.opened_at);
        Ok(found
            .map(|of| Exposed { id: of.id, name: of.name, people: of.people.into_iter().map(to).collect() })
            .collect())
    })
    .await
}

/// Leaves secrets of the caller as they are, although these people know their values.
#[server(prefix = "/api", endpoint = "accept_exposure", input = Postcard, output = Postcard)]
pub async fn accept_exposure(known: Vec<(SecretId, AccountId)>) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    use crate::secret::api::at_most_records;
    respond(async {
        let caller = caller().await?;
        at_most_records(known.len())?;
        backend().store.accept_exposure(caller.id, &known).await?;
        tracing::info!(account = %caller.id, known = known.len(), "exposure accepted");
        Ok(())
    })
    .await
}
