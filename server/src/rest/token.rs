use std::sync::Arc;

use app::access_key::api::begin_access;
use app::backend::{Backend, serve_program};
use app::error::AppError;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use client::wire::{Token, TokenFault, TokenRequest};
use vault::AccountId;
use zeroize::Zeroizing;

use axum::extract::rejection::FormRejection;

/// Signs a program in, by the client credentials of OAuth 2.0 (RFC 6749, 4.4).
#[utoipa::path(
    post, path = "/v1/token", tag = "account", operation_id = "token",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = Token), (status = 400, body = TokenFault), (status = 401, body = TokenFault),
        (status = "default", body = TokenFault)
    )
)]
pub(crate) async fn begin(
    State(backend): State<Arc<Backend>>,
    headers: HeaderMap,
    form: Result<Form<TokenRequest>, FormRejection>,
) -> Response {
    match sign_in(&backend, &headers, form).await {
        Ok(token) => Json(token).into_response(),
        Err(refused) => refused.into_response(),
    }
}

struct NoToken(StatusCode, &'static str, String);

impl IntoResponse for NoToken {
    fn into_response(self) -> Response {
        let Self(status, error, error_description) = self;
        let mut response = (status, Json(TokenFault { error: error.into(), error_description })).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"MySafe\""));
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response
    }
}

async fn sign_in(
    backend: &Arc<Backend>,
    headers: &HeaderMap,
    form: Result<Form<TokenRequest>, FormRejection>,
) -> Result<Token, NoToken> {
    let invalid = |text: String| NoToken(StatusCode::BAD_REQUEST, "invalid_request", text);
    let Form(TokenRequest { grant_type, client_id, client_secret }) =
        form.map_err(|rejection| invalid(rejection.body_text()))?;
    if grant_type != "client_credentials" {
        let text = "grant_type has to be client_credentials.".into();
        return Err(NoToken(StatusCode::BAD_REQUEST, "unsupported_grant_type", text));
    }
    let sent = client_id.zip(client_secret.map(Zeroizing::new));
    let (id, secret) = match (sent, headers.get(header::AUTHORIZATION)) {
        (Some(sent), None) => sent,
        (None, Some(header)) => {
            basic(header).ok_or_else(|| invalid("The header Authorization cannot be read.".into()))?
        }
        (Some(_), Some(_)) => return Err(invalid("Send client ID and secret once.".into())),
        (None, None) => return Err(invalid("client_id and client_secret are missing.".into())),
    };
    // What is no id is nobody's.
    let id: AccountId = id.parse().unwrap_or_else(|_| AccountId::random());
    match serve_program(backend, String::new(), || begin_access(id, secret)).await {
        Ok((access_token, expires_in)) => Ok(Token { access_token, token_type: "Bearer".into(), expires_in }),
        Err((_, AppError::NotFound)) => {
            let text = "No access key has this client ID and secret, or it was disabled or has ended.".into();
            Err(NoToken(StatusCode::UNAUTHORIZED, "invalid_client", text))
        }
        Err((status, error)) => Err(NoToken(status, "temporarily_unavailable", error.to_string())),
    }
}

/// Client ID and secret of a header (RFC 6749, 2.3.1). Neither has characters that would be escaped.
fn basic(header: &HeaderValue) -> Option<(String, Zeroizing<String>)> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    let decoded = STANDARD.decode(encoded.trim()).ok().map(String::from_utf8)?.ok().map(Zeroizing::new)?;
    let (id, secret) = decoded.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (id.to_owned(), Zeroizing::new(secret.to_owned())))
}
