use app::access_key::api::own_keys;
use app::trust::api::{SealedPins, mandates, pins as seen, set_pins};
use axum::Json;
use axum::http::StatusCode;
use client::wire::{Bytes, Fault, OwnAccount, SealedPins as WirePins};

use super::{Program, Refused, Sent};

/// The account of the access key, and what opens its keys.
#[utoipa::path(
    get, path = "/v1/account", tag = "account", operation_id = "account", security(("token" = [])),
    responses((status = 200, body = OwnAccount), (status = "default", body = Fault, content_type = "application/problem+json"))
)]
pub(crate) async fn account(program: Program) -> Result<Json<OwnAccount>, Refused> {
    let (own, keys) = program.ask(own_keys).await?;
    let (mandates, pins) = (program.ask(mandates).await?, program.ask(seen).await?);
    Ok(Json(OwnAccount {
        id: own.id.uuid(),
        username: own.username,
        name: own.name,
        keys: Bytes::of(&keys),
        mandates: Bytes::of(&mandates),
        pins: pins.map(|pins| WirePins { revision: pins.revision, pins: Bytes(pins.pins) }),
    }))
}

/// Keeps what the account has seen of others' keys. The revision is one more than the present one.
#[utoipa::path(
    put, path = "/v1/account/pins", tag = "account", operation_id = "keep_pins", security(("token" = [])), request_body = WirePins,
    responses((status = 204, description = "Kept"), (status = "default", body = Fault, content_type = "application/problem+json"))
)]
pub(crate) async fn pins(program: Program, Sent(new): Sent<WirePins>) -> Result<StatusCode, Refused> {
    let new = SealedPins { revision: new.revision, pins: new.pins.0 };
    program.ask(|| set_pins(new)).await?;
    Ok(StatusCode::NO_CONTENT)
}
