//! What has changed in the list, instead of all of it.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::SecretId;

use super::api::SecretRow;
use crate::error::AppError;

/// What has changed in the caller's list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListChanges {
    /// What is there now, as it is now.
    pub rows: Vec<SecretRow>,
    /// What is not there any more.
    pub gone: Vec<SecretId>,
    /// The last live event before they were read.
    pub event: String,
    /// When that was, in milliseconds since 1970.
    pub at: i64,
}

/// What has changed in the caller's list since a live event; `None` where it should be asked for as a whole.
#[server(prefix = "/api", endpoint = "list_since", input = Postcard, output = Postcard)]
pub async fn list_since(since: String) -> Result<Option<ListChanges>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        let Ok(since) = since.parse() else { return Ok(None) };
        let at = store::now_in_millis();
        let changes = backend().store.secrets_since(caller.id, since).await?;
        Ok(changes.map(|store::ListChanges { rows, gone, event }| ListChanges {
            rows: rows.into_iter().map(Into::into).collect(),
            gone,
            event: event.simple().to_string(),
            at,
        }))
    })
    .await
}
