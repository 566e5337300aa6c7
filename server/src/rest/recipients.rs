use app::share::api::{Recipient as AppRecipient, RecipientKind as AppKind, Sought, find_recipients, recipient_keys};
use axum::Json;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use client::wire::{Bytes, Fault, Recipient, RecipientIds, RecipientKeys, RecipientKind, Recipients};
use serde::Deserialize;

use super::{Program, Refused, Sent};

#[derive(Deserialize)]
pub(crate) struct Search {
    search: String,
}

/// People, access keys and groups that something can be shared with.
#[utoipa::path(
    get, path = "/v1/recipients", tag = "shares", operation_id = "find_recipients", security(("token" = [])), 
    params(("search" = String, Query, description = "Any part of a name, username or email")),
    responses((status = 200, body = Recipients), (status = "default", body = Fault, content_type = "application/problem+json"))
)]
pub(crate) async fn find(
    program: Program,
    search: Result<Query<Search>, QueryRejection>,
) -> Result<Json<Recipients>, Refused> {
    let Query(Search { search }) = search.map_err(|rejection| Refused::bad_request(rejection.body_text()))?;
    let found = program.ask(|| find_recipients(search, Sought::All)).await?;
    Ok(Json(Recipients { recipients: found.into_iter().map(recipient).collect() }))
}

/// The keys of recipients, and who answers for them, all or none.
#[utoipa::path(
    post, path = "/v1/recipients/keys", tag = "shares", operation_id = "recipient_keys", security(("token" = [])), request_body = RecipientIds,
    responses((status = 200, body = RecipientKeys), (status = "default", body = Fault, content_type = "application/problem+json"))
)]
pub(crate) async fn keys(program: Program, Sent(ids): Sent<RecipientIds>) -> Result<Json<RecipientKeys>, Refused> {
    let entries = program.ask(|| recipient_keys(ids.recipients())).await?;
    Ok(Json(RecipientKeys { entries: Bytes::of(&entries) }))
}

fn recipient(found: AppRecipient) -> Recipient {
    let AppRecipient { id, name, signed_name, kind, active, .. } = found;
    let kind = match kind {
        AppKind::Person => RecipientKind::Person,
        AppKind::AccessKey => RecipientKind::AccessKey,
        AppKind::UserGroup => RecipientKind::UserGroup,
        AppKind::PrivateGroup => RecipientKind::PrivateGroup,
    };
    Recipient { id: id.uuid(), kind, name, signed_name, active }
}
