//! Server functions for the signed directory.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::Mandate;

use crate::error::AppError;

/// What the caller has seen of others' keys, sealed under their account key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedPins {
    /// How often they were written.
    pub revision: u64,
    /// The sealed pins.
    pub pins: Vec<u8>,
}

/// Who may sign the entries of the directory, and who says so.
#[server(prefix = "/api", endpoint = "mandates", input = Postcard, output = Postcard)]
pub async fn mandates() -> Result<Vec<Mandate>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        caller().await?;
        Ok(backend().store.mandates().await?)
    })
    .await
}

/// What the caller has seen of others' keys; `None` before the first time.
#[server(prefix = "/api", endpoint = "pins", input = Postcard, output = Postcard)]
pub async fn pins() -> Result<Option<SealedPins>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let pins = backend().store.pins(caller().await?.id).await?;
        Ok(pins.map(|pins| SealedPins { revision: pins.revision, pins: pins.pins }))
    })
    .await
}

/// Keeps what the caller has seen of others' keys.
#[server(prefix = "/api", endpoint = "set_pins", input = Postcard, output = Postcard)]
pub async fn set_pins(new: SealedPins) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        let new = store::SealedPins { revision: new.revision, pins: new.pins };
        Ok(backend().store.set_pins(caller.id, &new).await?)
    })
    .await
}
