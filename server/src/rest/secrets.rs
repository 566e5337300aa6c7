use app::secret::api::{
    NewSecret as AppSecret, NewValue, SecretChange as AppChange, SecretFields as AppFields, SecretRow, add_secret,
    change_secret, get_secret, list_secrets, open_secret, set_enabled,
};
use axum::Json;
use axum::http::StatusCode;
use client::wire::{Batch, Bytes, Fault, NewSecret, SealedSecret, Secret, SecretChange, SecretFields, Secrets};
use vault::SecretId;

use super::{Id, Program, Refused, Sent};

/// All API secrets that the access key owns or that are shared with it, by name.
#[utoipa::path(
    get, path = "/v1/secrets", tag = "API secrets", operation_id = "list_secrets", security(("token" = [])),
    responses((status = 200, body = Secrets), (status = "default", body = Fault, content_type = "application/problem+json"))
)]
pub(crate) async fn list(program: Program) -> Result<Json<Secrets>, Refused> {
    let (rows, _) = program.ask(list_secrets).await?;
    Ok(Json(Secrets { secrets: rows.into_iter().map(secret).collect() }))
}

/// One API secret, without its value.
#[utoipa::path(
    get, path = "/v1/secrets/{id}", tag = "API secrets", operation_id = "read_secret", security(("token" = [])),
    params(("id" = uuid::Uuid, Path, description = "The API secret")),
    responses((status = 200, body = Secret), (status = "default", body = Fault, content_type = "application/problem+json"))
)]
pub(crate) async fn read(program: Program, Id(id): Id<SecretId>) -> Result<Json<Secret>, Refused> {
    Ok(Json(secret(program.ask(|| get_secret(id)).await?)))
}

/// The sealed value of an API secret, and what opens it. Noted in the audit log as opened.
#[utoipa::path(
    post, path = "/v1/secrets/{id}/open", tag = "API secrets", operation_id = "open_secret", security(("token" = [])),
    params(("id" = uuid::Uuid, Path, description = "The API secret")),
    responses((status = 200, body = SealedSecret), (status = "default", body = Fault, content_type = "application/problem+json"))
)]
pub(crate) async fn open(program: Program, Id(id): Id<SecretId>) -> Result<Json<SealedSecret>, Refused> {
    let sealed = program.ask(|| open_secret(id)).await?;
    Ok(Json(SealedSecret {
        revision: sealed.revision,
        value_revision: sealed.value_revision,
        value: Bytes(sealed.value),
        opening: Bytes::of(&sealed.opening),
    }))
}

/// Adds an API secret, which belongs to the access key.
#[utoipa::path(
    post, path = "/v1/secrets", tag = "API secrets", operation_id = "add_secret", security(("token" = [])), request_body = NewSecret,
    responses((status = 201, description = "Added"), (status = "default", body = Fault, content_type = "application/problem+json"))
)]
pub(crate) async fn add(program: Program, Sent(new): Sent<NewSecret>) -> Result<StatusCode, Refused> {
    let new = AppSecret { id: new.id.into(), fields: app_fields(new.fields), key: new.key.0, value: new.value.0 };
    program.ask(|| add_secret(new)).await?;
    Ok(StatusCode::CREATED)
}

/// Changes an API secret. A revision that is not one more than the present one is refused: somebody else changed it first.
#[utoipa::path(
    put, path = "/v1/secrets/{id}", tag = "API secrets", operation_id = "change_secret", security(("token" = [])), request_body = SecretChange,
    params(("id" = uuid::Uuid, Path, description = "The API secret")),
    responses((status = 204, description = "Changed"), (status = "default", body = Fault, content_type = "application/problem+json"))
)]
pub(crate) async fn change(
    program: Program,
    Id(id): Id<SecretId>,
    Sent(change): Sent<SecretChange>,
) -> Result<StatusCode, Refused> {
    let SecretChange { fields, revision, value, rotates } = change;
    let value = value.map(|value| NewValue { sealed: value.0, rotates, restores: None });
    let change = AppChange { id, fields: app_fields(fields), revision, value };
    program.ask(|| change_secret(change)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Activates API secrets, all or none: their values open for others again.
#[utoipa::path(
    post, path = "/v1/secrets/activate", tag = "API secrets", operation_id = "activate_secrets", security(("token" = [])), request_body = Batch,
    responses((status = 204, description = "Activated"), (status = "default", body = Fault, content_type = "application/problem+json"))
)]
pub(crate) async fn activate(program: Program, Sent(batch): Sent<Batch>) -> Result<StatusCode, Refused> {
    switch(&program, batch, true).await
}

/// Deactivates API secrets, all or none: their values open for their owners alone.
#[utoipa::path(
    post, path = "/v1/secrets/deactivate", tag = "API secrets", operation_id = "deactivate_secrets", security(("token" = [])), request_body = Batch,
    responses((status = 204, description = "Deactivated"), (status = "default", body = Fault, content_type = "application/problem+json"))
)]
pub(crate) async fn deactivate(program: Program, Sent(batch): Sent<Batch>) -> Result<StatusCode, Refused> {
    switch(&program, batch, false).await
}

async fn switch(program: &Program, batch: Batch, enabled: bool) -> Result<StatusCode, Refused> {
    let secrets = batch.secrets.into_iter().map(SecretId::from).collect();
    program.ask(|| set_enabled(batch.id.into(), secrets, enabled)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn secret(row: SecretRow) -> Secret {
    let AppFields { name, url, client_id, identifier, method, tags, rotate_on } = row.fields;
    let said = |text: String| (!text.is_empty()).then_some(text);
    Secret {
        id: row.id.uuid(),
        fields: SecretFields {
            name,
            url,
            client_id,
            identifier: said(identifier),
            method,
            tags,
            rotate_on: said(rotate_on),
        },
        owner: row.owner.uuid(),
        owner_name: row.owner_name,
        access: row.permission.into(),
        enabled: row.enabled,
        revision: row.revision,
        rotated_at: store::date_text(row.rotated_at),
        created_at: store::date_text(row.created_at),
        changed_at: store::date_text(row.changed_at),
    }
}

fn app_fields(fields: SecretFields) -> AppFields {
    let SecretFields { name, url, client_id, identifier, method, tags, rotate_on } = fields;
    let (identifier, rotate_on) = (identifier.unwrap_or_default(), rotate_on.unwrap_or_default());
    AppFields { name, url, client_id, identifier, method, tags, rotate_on }
}
