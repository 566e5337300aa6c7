//! What there is to do, for those who can.

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;

use crate::error::AppError;

/// Whether the caller's browser can do something for others.
#[server(prefix = "/api", endpoint = "needs_upkeep", input = Postcard, output = Postcard)]
pub async fn needs_upkeep() -> Result<bool, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let (backend, caller) = (backend(), caller().await?);
        let administrator = caller.role == store::Role::Administrator;
        Ok((administrator && !backend.store.unsigned_entries(caller.id).await?.is_empty())
            || !backend.store.group_upkeep(caller.id).await?.is_empty())
    })
    .await
}
