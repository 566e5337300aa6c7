//! What has changed in the list, instead of all of it.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::SecretId;

use super::api::SecretRow;
use crate::error::AppError;

/// Up to where a list has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsOf {
    /// The last live event before; empty where there was none ever.
    pub event: String,
    /// The events a little before that are in what was read.
    pub seen: Vec<String>,
    /// When that was, in milliseconds since 1970.
    pub at: i64,
}

/// What has changed in the caller's list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListChanges {
    /// What is there now, as it is now.
    pub rows: Vec<SecretRow>,
    /// What is not there any more.
    pub gone: Vec<SecretId>,
    /// Up to where this is.
    pub as_of: AsOf,
}

#[cfg(feature = "ssr")]
impl AsOf {
    /// Asked for before rows are read: what is written in between may be in them, and is looked at once more.
    pub(super) async fn now() -> Result<Self, AppError> {
        let at = store::now_in_millis();
        Ok(Self::told(crate::backend::backend().store.as_of().await?, at))
    }

    fn told(as_of: store::AsOf, at: i64) -> Self {
        let event = as_of.event.map(|id| id.simple().to_string()).unwrap_or_default();
        Self { event, seen: as_of.seen.iter().map(|id| id.simple().to_string()).collect(), at }
    }
}

/// What has changed in the caller's list since it was read up to `event`, without what was `seen`; `None` where it should be asked for as a whole.
#[server(prefix = "/api", endpoint = "list_since", input = Postcard, output = Postcard)]
pub async fn list_since(event: String, seen: Vec<String>) -> Result<Option<ListChanges>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        let Ok(event) = event.parse() else { return Ok(None) };
        if seen.len() > store::SEEN {
            return Ok(None);
        }
        let seen = seen.iter().filter_map(|id| id.parse().ok()).collect();
        let at = store::now_in_millis();
        let since = store::AsOf { event: Some(event), seen };
        let changes = backend().store.secrets_since(caller.id, &since).await?;
        Ok(changes.map(|store::ListChanges { rows, gone, as_of }| ListChanges {
            rows: rows.into_iter().map(Into::into).collect(),
            gone,
            as_of: AsOf::told(as_of, at),
        }))
    })
    .await
}
