//! The interface for programs: the server functions of the application once more, as JSON over HTTP with a token in the place of a cookie. What programs may
//! do is decided by the same code, and described by OpenAPI at `/v1/openapi.json`.

mod account;
mod description;
mod recipients;
mod secrets;
mod shares;
mod token;

use std::str::FromStr;
use std::sync::Arc;

use app::backend::{Backend, serve_program};
use app::error::{AppError, Subject};
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use client::wire;
use serde::de::DeserializeOwned;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use description::describe;

/// All addresses under `/v1`.
pub(crate) fn routes() -> Router<Arc<Backend>> {
    let (router, description) = described().split_for_parts();
    let description = Json(description);
    router.route("/v1/openapi.json", get(async || description)).route("/v1/{*other}", any(unknown))
}

/// The same with what OpenAPI says of them.
fn described() -> OpenApiRouter<Arc<Backend>> {
    OpenApiRouter::with_openapi(describe())
        .routes(routes!(token::begin))
        .routes(routes!(account::account))
        .routes(routes!(account::pins))
        .routes(routes!(secrets::list, secrets::add))
        .routes(routes!(secrets::read, secrets::change))
        .routes(routes!(secrets::open))
        .routes(routes!(secrets::activate))
        .routes(routes!(secrets::deactivate))
        .routes(routes!(recipients::find))
        .routes(routes!(recipients::keys))
        .routes(routes!(shares::keys))
        .routes(routes!(shares::add))
        .routes(routes!(shares::manifest))
}

async fn unknown() -> Refused {
    Refused::new(StatusCode::NOT_FOUND, "There is no such address. /v1/openapi.json has them all.")
}

/// Puts what a layer refused, which knows of no form, into the form of all faults.
pub(crate) async fn in_words(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    if !(status.is_client_error() || status.is_server_error()) || kind.ends_with(b"json") {
        return response;
    }
    let detail = match status {
        StatusCode::METHOD_NOT_ALLOWED => "This address knows other methods. /v1/openapi.json has them all.",
        StatusCode::PAYLOAD_TOO_LARGE => "The request is too large.",
        StatusCode::SERVICE_UNAVAILABLE => "The server is busy or cannot reach its database. Try again in a while.",
        _ => "The server cannot answer this.",
    };
    let mut refused = Refused::new(status, detail).into_response();
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = response.headers().get(&name) {
            refused.headers_mut().insert(name, value.clone());
        }
    }
    refused
}

/// Those addresses whose requests may be as large as a batch.
pub(crate) const LARGE: [&str; 4] = ["/v1/shares", "/v1/shares/keys", "/v1/secrets/activate", "/v1/secrets/deactivate"];

/// The program that asks: its token. Whether that is worth anything the server function finds out.
pub(crate) struct Program {
    backend: Arc<Backend>,
    token: Option<String>,
}

impl FromRequestParts<Arc<Backend>> for Program {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, backend: &Arc<Backend>) -> Result<Self, Refused> {
        Ok(Self { backend: Arc::clone(backend), token: bearer(&parts.headers) })
    }
}

impl Program {
    /// What a server function answers to this program.
    async fn ask<T, W>(&self, work: impl FnOnce() -> W + Send) -> Result<T, Refused>
    where
        W: Future<Output = Result<T, AppError>> + Send,
    {
        let token = self.token.clone().unwrap_or_default();
        serve_program(&self.backend, token, work).await.map_err(|(status, error)| Refused::of(status, &error))
    }
}

/// The token of a request (RFC 6750, 2.1).
fn bearer(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// An answer that something was not done.
#[derive(Debug)]
pub(crate) struct Refused(wire::Fault);

impl Refused {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or_default().into();
        Self(wire::Fault { title, status: status.as_u16(), detail: detail.into(), problems: Vec::new() })
    }

    fn of(status: StatusCode, error: &AppError) -> Self {
        let detail = match error {
            AppError::SignedOut => "Sign in at /v1/token, and send the token with each request.".into(),
            // Said to people at a page elsewhere.
            AppError::TooFast => "Too many requests in a short time. Wait a minute, then go on.".into(),
            AppError::BadRequest => {
                "The request does not fit: its parts do not belong together, or are larger than they can be.".into()
            }
            AppError::Stale => "Somebody else changed this first. Read it again.".into(),
            other => other.to_string(),
        };
        let mut refused = Self::new(status, detail);
        if let AppError::Refused(problems) = error {
            refused.0.problems = problems
                .iter()
                .map(|problem| {
                    let (secret, recipient) = match problem.subject {
                        Subject::Secret(id) => (Some(id.uuid()), None),
                        Subject::Recipient(id) => (None, Some(id.uuid())),
                    };
                    wire::Problem { secret, recipient, reason: problem.reason.to_string() }
                })
                .collect();
        }
        refused
    }

    fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self.0)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response
    }
}

/// What is sent as JSON. What is no such thing is answered in the form of all other faults.
pub(crate) struct Sent<T>(T);

impl<T: DeserializeOwned> FromRequest<Arc<Backend>> for Sent<T> {
    type Rejection = Refused;

    async fn from_request(request: Request<Body>, backend: &Arc<Backend>) -> Result<Self, Refused> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
            return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send JSON, as application/json."));
        }
        let body = String::from_request(request, backend).await;
        let body = body.map_err(|rejection| Refused::new(rejection.status(), rejection.body_text()))?;
        match Json::from_bytes(body.as_bytes()) {
            Ok(Json(sent)) => Ok(Self(sent)),
            Err(rejection) => Err(Refused::new(rejection.status(), rejection.body_text())),
        }
    }
}

/// The id in an address.
pub(crate) struct Id<T>(T);

impl<T: FromStr> FromRequestParts<Arc<Backend>> for Id<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, backend: &Arc<Backend>) -> Result<Self, Refused> {
        let Path(text): Path<String> =
            <Path<String> as FromRequestParts<Arc<Backend>>>::from_request_parts(parts, backend)
                .await
                .map_err(|rejection| Refused::bad_request(rejection.body_text()))?;
        text.parse().map(Self).map_err(|_| Refused::bad_request("The id in the address is not a UUID."))
    }
}

/// A structure of `vault` that was sent.
fn structure<T: DeserializeOwned>(bytes: &wire::Bytes, field: &str) -> Result<T, Refused> {
    bytes.read().ok_or_else(|| Refused::bad_request(format!("{field}: not what this version of MySafe reads.")))
}
