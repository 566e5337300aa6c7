//! Server functions for the audit log.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Names it, and what comes before it.
    pub id: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What.
    pub event: String,
    /// Name and username of who did it.
    pub by: (String, String),
    /// Name and username of whom it was done to.
    pub account: Option<(String, String)>,
    /// The group that it was done to.
    pub group: Option<String>,
}

/// The log before an entry, or from its end: the latest first, at most 100.
#[server(prefix = "/api", endpoint = "list_audit", input = Postcard, output = Postcard)]
pub async fn list_audit(before: Option<String>) -> Result<Vec<AuditEntry>, AppError> {
    use crate::backend::{backend, caller, respond};
    use crate::people::api::for_administrators;
    respond(async {
        let caller = caller().await?;
        let found = backend().store.audit(caller.id, before.as_deref()).await.map_err(for_administrators)?;
        let entry = |entry: store::AuditEntry| {
            let store::AuditEntry { id, at, event, by, account, group } = entry;
            AuditEntry { id, at, event: event.text().into(), by, account, group }
        };
        Ok(found.into_iter().map(entry).collect())
    })
    .await
}
