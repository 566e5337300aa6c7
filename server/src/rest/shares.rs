use app::share::api::{NewShare as AppShare, keys_to_share, share_manifest, share_secrets};
use axum::Json;
use axum::http::StatusCode;
use client::wire::{Bytes, Fault, KeyToShare, KeysToShare, NewShare, SecretIds, ShareManifest, Shared};
use vault::{SecretId, ShareId};

use super::{Id, Program, Refused, Sent, structure};

/// The keys of API secrets that the access key owns and is about to share, in the order asked for.
#[utoipa::path(
    post, path = "/v1/shares/keys", tag = "shares", operation_id = "keys_to_share", security(("token" = [])), request_body = SecretIds,
    responses((status = 200, body = KeysToShare), (status = "default", body = Fault, content_type = "application/problem+json"))
)]
pub(crate) async fn keys(program: Program, Sent(ids): Sent<SecretIds>) -> Result<Json<KeysToShare>, Refused> {
    let secrets = ids.secrets.into_iter().map(SecretId::from).collect();
    let keys = program.ask(|| keys_to_share(secrets)).await?;
    let keys = keys.into_iter().map(|known| KeyToShare { key: Bytes(known.key), epoch: known.epoch }).collect();
    Ok(Json(KeysToShare { keys }))
}

/// Shares API secrets with people, access keys and groups, all or nothing. The same share again gives the same answer.
#[utoipa::path(
    post, path = "/v1/shares", tag = "shares", operation_id = "share", security(("token" = [])), request_body = NewShare,
    responses((status = 201, body = Shared), (status = "default", body = Fault, content_type = "application/problem+json"))
)]
pub(crate) async fn add(program: Program, Sent(new): Sent<NewShare>) -> Result<(StatusCode, Json<Shared>), Refused> {
    let (items, key_epochs) = new.items.into_iter().map(|item| (item.key.0, item.key_epoch)).unzip();
    let new = AppShare {
        manifest: structure(&new.manifest, "manifest")?,
        signature: new.signature.0,
        key: new.key.0,
        items,
        key_epochs,
        grants: new.grants.into_iter().map(|grant| (grant.recipient_epoch, grant.key.0)).collect(),
        ends_at: new.ends_at,
    };
    let shared = program.ask(|| share_secrets(new, None)).await?;
    Ok((StatusCode::CREATED, Json(Shared { secrets: shared.items, recipients: shared.grants })))
}

/// What a share is, as its granter signed it: whoever opens something by it checks that first.
#[utoipa::path(
    get, path = "/v1/shares/{id}/manifest", tag = "shares", operation_id = "share_manifest", security(("token" = [])),
    params(("id" = uuid::Uuid, Path, description = "The share")),
    responses((status = 200, body = ShareManifest), (status = "default", body = Fault, content_type = "application/problem+json"))
)]
pub(crate) async fn manifest(program: Program, Id(id): Id<ShareId>) -> Result<Json<ShareManifest>, Refused> {
    Ok(Json(ShareManifest { manifest: Bytes::of(&program.ask(|| share_manifest(id)).await?) }))
}
