//! Routes, limits and headers.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use app::backend::{Backend, not_understood};
use app::error::AppError;
use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use leptos::prelude::provide_context;
use leptos::server_fn::error::FromServerFnError as _;
use leptos_axum::handle_server_fns_with_context;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;
use tower_http::csrf::CsrfLayer;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use tracing::{Instrument as _, Span};

use crate::assets;
use crate::config::{Fault, Options};
use crate::link::{Link, unless_away};
use crate::live::{self, Live};
use crate::metrics::{self, Functions};
use crate::proxies::Proxies;
use crate::rest;

/// The server functions that take the larger bodies: a share or transfer with its items and its grants, or the seeds of a group.
const LARGE: [&str; 11] = [
    "share_secrets",
    "transfer_secrets",
    "take_over",
    "change_access",
    "undo_batch",
    "import_secrets",
    "settle_share",
    "settle_secrets",
    "add_members",
    "remove_members",
    "complete_group",
];

/// All routes of the server.
pub(crate) fn router(backend: Arc<Backend>, live: Arc<Live>, link: &Link, options: &Options) -> Result<Router, Fault> {
    let limits = &options.limits;
    let (body, batch_body) = (limits.body(), limits.batch_body());
    let turns = Arc::new(Semaphore::new(limits.requests()));
    let program_turns = Arc::clone(&turns);
    let answers = link.watched();
    let there = from_fn(move |request, next| unless_away(answers.clone(), request, next));
    let call = post(call)
        .layer(there.clone())
        .layer(from_fn(move |request, next| finish_what_began(Arc::clone(&turns), request, next)));
    let large = call.clone().layer(from_fn(move |request, next| read_whole(batch_body, request, next)));
    let usual = call.layer(from_fn(move |request, next| read_whole(body, request, next)));
    let api = LARGE
        .iter()
        .fold(Router::new(), |router, function| router.route(&format!("/api/{function}"), large.clone()))
        .route("/api/{function}", usual)
        // The limit of each is looked at where it is read.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(only_postcard))
        .layer(CsrfLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, limits.time()))
        .layer(from_fn(never_stored))
        .layer(from_fn(metrics::measure))
        .layer(metrics::functions())
        .layer(Extension(options.proxies.clone()));
    let turns = Arc::clone(&program_turns);
    let size = move |path: &str| if rest::LARGE.contains(&path) { batch_body } else { body };
    let programs = rest::routes()
        .layer(from_fn(serve_program))
        .layer(there.clone())
        .layer(from_fn(move |request, next| finish_what_began(Arc::clone(&turns), request, next)))
        .layer(from_fn(move |request: Request, next| read_whole(size(request.uri().path()), request, next)))
        .layer(DefaultBodyLimit::disable())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, limits.time()))
        .layer(from_fn(rest::in_words))
        .layer(from_fn(never_stored))
        .layer(from_fn(metrics::measure))
        .layer(metrics::functions())
        .layer(Extension(options.proxies.clone()));
    let health = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready).layer(there.clone()))
        .layer(from_fn(never_stored));
    let live = Router::new()
        .route("/api/live", get(live::events))
        .layer(there)
        .layer(from_fn(never_stored))
        .with_state((Arc::clone(&backend), live));
    let files = Files {
        folder: ServeDir::new(&options.assets).precompressed_br(),
        page: ServeFile::new(options.assets.join("index.html")).precompressed_br(),
    };
    let headers = security_headers(options)?;
    Ok(Router::new()
        .merge(api)
        .merge(programs)
        .merge(health)
        .with_state(backend)
        .merge(live)
        .fallback(move |request| serve_file(files.clone(), request))
        .layer(from_fn(move |request, next| secured(headers.clone(), request, next)))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(|request: &Request| {
                    // Without what follows the path: nothing of ours stands there, and what others write there is theirs.
                    tracing::debug_span!("request", method = %request.method(), path = request.uri().path())
                })
                // What failed has been said, with its cause.
                .on_failure(()),
        ))
}

async fn call(
    State(backend): State<Arc<Backend>>,
    Extension(proxies): Extension<Proxies>,
    Extension(functions): Extension<Functions>,
    request: Request,
) -> impl IntoResponse {
    let context = move || {
        provide_context(Arc::clone(&backend));
        not_understood();
    };
    let (client, span) = origin(&request, &proxies, &functions);
    store::from_address(client, handle_server_fns_with_context(context, request)).instrument(span).await
}

/// Does the work of a request by a program.
async fn serve_program(
    Extension(proxies): Extension<Proxies>,
    Extension(functions): Extension<Functions>,
    request: Request,
    next: Next,
) -> Response {
    let (client, span) = origin(&request, &proxies, &functions);
    store::from_address(client, next.run(request)).instrument(span).await
}

/// Where a request comes from, and what stands before every line of the log that it causes.
fn origin(request: &Request, proxies: &Proxies, functions: &Functions) -> (Option<IpAddr>, Span) {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let client = peer.map(|peer| proxies.client(peer, request.headers()));
    let span = tracing::info_span!(
        "request",
        function = functions.name(request),
        from = client.map(tracing::field::display),
        account = tracing::field::Empty
    );
    (client, span)
}

/// Reads a request to its end before anything else is done with it: who sends slowly keeps nobody waiting, and is cut off by the limit of time.
async fn read_whole(limit: usize, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match axum::body::to_bytes(body, limit).await {
        Ok(body) => next.run(Request::from_parts(parts, body.into())).await,
        // Or nobody is there any more to read the answer.
        Err(_) => (StatusCode::PAYLOAD_TOO_LARGE, AppError::BadRequest.ser()).into_response(),
    }
}

/// Goes on when the connection is lost in the middle, or the time is over: what a request began is done as a whole, and sending it again finds it
/// done. It has its turn until then.
async fn finish_what_began(turns: Arc<Semaphore>, request: Request, next: Next) -> Response {
    // Nobody closes it.
    let turn = turns.acquire_owned().await;
    let work = async move {
        let response = next.run(request).await;
        drop(turn);
        response
    };
    tokio::spawn(work).await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// Server functions read one encoding. A page of another origin cannot send it without being asked first.
async fn only_postcard(request: Request, next: Next) -> Response {
    let kind = request.headers().get(header::CONTENT_TYPE);
    if kind.is_some_and(|kind| kind == "application/x-postcard") {
        next.run(request).await
    } else {
        StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response()
    }
}

async fn never_stored(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn ready(State(backend): State<Arc<Backend>>) -> Response {
    match backend.store.ping().await {
        Ok(()) => "ready".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer").into_response()
        }
    }
}

type Headers = Arc<Vec<(HeaderName, HeaderValue)>>;

fn security_headers(options: &Options) -> Result<Headers, Fault> {
    let fixed = |value| HeaderValue::from_static(value);
    let mut headers = vec![
        (header::CONTENT_SECURITY_POLICY, assets::content_security_policy(&options.assets)?),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::REFERRER_POLICY, fixed("no-referrer")),
        (HeaderName::from_static("cross-origin-opener-policy"), fixed("same-origin")),
        (HeaderName::from_static("cross-origin-resource-policy"), fixed("same-origin")),
        (
            HeaderName::from_static("permissions-policy"),
            fixed("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ),
    ];
    if options.secure() {
        headers.push((header::STRICT_TRANSPORT_SECURITY, fixed("max-age=31536000")));
    }
    Ok(Arc::new(headers))
}

async fn secured(headers: Headers, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in headers.iter() {
        response.headers_mut().insert(name, value.clone());
    }
    response
}

#[derive(Clone)]
struct Files {
    folder: ServeDir,
    page: ServeFile,
}

/// A file of the application, or the page itself for the addresses that it understands.
async fn serve_file(files: Files, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let is_page = !path.starts_with("/api/") && !path.rsplit('/').next().unwrap_or_default().contains('.');
    let served =
        if is_page && path != "/" { files.page.oneshot(request).await } else { files.folder.oneshot(request).await };
    let mut response = match served {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    };
    assets::cache(&path, &mut response);
    response
}
