//! What there is to do, for those who can.

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};

use crate::error::AppError;
use crate::restoration::api::Notice;

/// What the caller's browser looks for from time to time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upkeep {
    /// Whether it can do something for others, or for the day when the password is lost.
    pub needed: bool,
    /// What the person has to be told.
    pub notices: Vec<Notice>,
}

/// What there is to do and to tell.
#[server(prefix = "/api", endpoint = "look", input = Postcard, output = Postcard)]
pub async fn look() -> Result<Upkeep, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let (backend, caller) = (backend(), caller().await?);
        let administrator = caller.role == store::Role::Administrator;
        let store = &backend.store;
        let needed = (administrator && !store.unsigned_entries(caller.id).await?.is_empty())
            || !store.group_upkeep(caller.id).await?.is_empty()
            || store.escrow_need(caller.id).await?.is_some();
        let notices = store.notices(caller.id).await?.into_iter();
        let notices = notices.map(|store::Notice { at, purpose, by }| Notice { at, purpose, by }).collect();
        Ok(Upkeep { needed, notices })
    })
    .await
}
