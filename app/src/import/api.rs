//! Server functions for the import.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use vault::BatchId;

use crate::error::AppError;
use crate::secret::api::NewSecret;

/// The most secrets of one import.
pub const MAX_IMPORT: usize = 10_000;

/// Adds secrets of the caller, all or none. The same batch again is done once.
#[server(prefix = "/api", endpoint = "import_secrets", input = Postcard, output = Postcard)]
pub async fn import_secrets(batch: BatchId, new: Vec<NewSecret>) -> Result<(), AppError> {
    use crate::backend::{backend, caller, count_batch, respond};
    use crate::secret::api::too_many;
    respond(async {
        let caller = caller().await?;
        match new.len() {
            0 => return Err(AppError::invalid("API secrets", "Select at least one.")),
            1..=MAX_IMPORT => {}
            _ => return Err(too_many(crate::language::text!("API secrets"), MAX_IMPORT)),
        }
        let new = new.into_iter().map(NewSecret::checked).collect::<Result<Vec<_>, _>>()?;
        backend().store.add_secrets(caller.id, batch, &new).await?;
        count_batch("import", new.len(), 0);
        tracing::info!(account = %caller.id, %batch, secrets = new.len(), "secrets imported");
        Ok(())
    })
    .await
}
