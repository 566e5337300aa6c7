//! Server functions for tags.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use vault::{BatchId, SecretId};

use crate::error::AppError;

/// Changes the tags of secrets, all or none. The same batch again is done once.
#[server(prefix = "/api", endpoint = "tag_secrets", input = Postcard, output = Postcard)]
pub async fn tag_secrets(
    batch: BatchId,
    secrets: Vec<SecretId>,
    add: Vec<String>,
    remove: Vec<String>,
) -> Result<(), AppError> {
    use crate::backend::{backend, caller, count_batch, respond};
    use crate::secret::api::{checked_batch, checked_tags};
    respond(async {
        let caller = caller().await?;
        let secrets = checked_batch(secrets)?;
        let (add, remove) = (checked_tags(&add)?, checked_tags(&remove)?);
        if add.is_empty() && remove.is_empty() {
            return Err(AppError::invalid("Add tags", "Write one to add, or tick one to remove."));
        }
        let tagging = store::Tagging { secrets, add, remove };
        backend().store.tag_secrets(caller.id, batch, &tagging).await?;
        count_batch("tag", tagging.secrets.len(), 0);
        tracing::info!(account = %caller.id, %batch, secrets = tagging.secrets.len(), "secrets tagged");
        Ok(())
    })
    .await
}
