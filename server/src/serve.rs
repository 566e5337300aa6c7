use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::account::Passkeys;
use app::backend::{Backend, random_token};
use app::rate_limit::Limits;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use axum_server::{Handle, Server};
use store::Organization;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tracing_subscriber::EnvFilter;

use crate::config::{Fault, LogFormat, Options};
use crate::link::Link;
use crate::live::Live;
use crate::mail;
use crate::metrics::{self, Metrics};
use crate::tls::Tls;
use crate::{control, router, server_keys};

/// How long requests under way may take after the server was told to stop.
const FAREWELL: Duration = Duration::from_secs(10);
/// How long somebody may take to send the head of a request, and keep a connection on which there is none. Longer than proxies do, which could otherwise
/// send a request on a connection that is just being closed.
const HEAD: Duration = Duration::from_secs(90);
/// How often somebody is asked on HTTP/2 whether they are still there, and how long for an answer.
const ASK: Duration = Duration::from_secs(30);
/// How often what has expired is removed.
const SWEEP: Duration = Duration::from_mins(10);

/// How often is looked what has to follow what was done.
const FOLLOW_UP: Duration = Duration::from_secs(1);

/// Serves until the process is told to stop.
#[tokio::main]
pub(crate) async fn run(options: &Options) -> Result<(), Fault> {
    start_log(options)?;
    options.check()?;
    let store = options.storage.open().await?;
    let organization = store.organization().await.map_err(Fault::new)?;
    refuse_public_demo(organization.as_ref(), options)?;
    let keys = server_keys::load(&options.storage, organization.as_ref())?;
    let mailer = mail::mailer(options)?;
    let listener = TcpListener::bind(options.listen)
        .await
        .map_err(|error| Fault(format!("MYSAFE_LISTEN: cannot listen on {}: {error}", options.listen)))?;
    let address = listener.local_addr().map_err(Fault::new)?;
    let tls = match (&options.tls_certificate, &options.tls_key) {
        (Some(certificate), Some(key)) => Some(Tls::load(certificate, key)?),
        _ => None,
    };
    let set_up_code = organization.is_none().then(random_token);
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = options.public_url.clone().unwrap_or_else(|| format!("{scheme}://{address}"));
    println!("MySafe is at {url}");
    if let Some(code) = &set_up_code {
        println!("Set-up code, good until the organization is set up or the server stops: {code}");
    }
    let passkeys = Passkeys::at(&url);
    if passkeys.is_none() {
        tracing::warn!("{url} has no name, so browsers offer no passkeys there");
    }
    if options.secure() && tls.is_none() && options.proxies.is_empty() {
        tracing::warn!(
            "MYSAFE_PROXIES names no proxy: whatever stands before this server, all its people count as one for limits and in the audit log"
        );
    }
    let backend = Arc::new(Backend {
        store,
        keys,
        secure: options.secure(),
        set_up_code: Mutex::new(set_up_code),
        address: url.trim_end_matches('/').to_owned(),
        limits: Limits::new(&options.limits.settings()),
        passkeys,
        mailer,
    });
    let live = Arc::new(Live::new());
    let figures = match options.metrics {
        Some(address) => Some(figures(address, Arc::clone(&backend), Arc::clone(&live)).await?),
        None => None,
    };
    let link = Arc::new(Link::new());
    let router = router::router(Arc::clone(&backend), Arc::clone(&live), &link, options)?;
    let mut background = vec![
        control::serve(&options.storage, Arc::clone(&backend))?,
        tokio::spawn(sweep(Arc::clone(&backend))),
        tokio::spawn(listen(Arc::clone(&live), Arc::clone(&backend))),
        tokio::spawn(follow_up(Arc::clone(&backend))),
    ];
    // What is in this process answers, or the process is gone.
    if !options.storage.is_embedded() {
        let backend = Arc::clone(&backend);
        background.push(tokio::spawn(async move { link.follow(&backend).await }));
    }
    // Whoever holds it keeps the database open.
    drop(backend);
    let certificate = tls.as_ref().map(Tls::config);
    background.extend(tls.map(|tls| tokio::spawn(tls.follow())));
    background.extend(figures);
    let result = serve(listener, certificate, router, live).await;
    for task in background {
        task.abort();
    }
    database_closed().await;
    tracing::info!("stopped");
    result
}

/// Shows figures on an address of their own.
async fn figures(address: SocketAddr, backend: Arc<Backend>, live: Arc<Live>) -> Result<JoinHandle<()>, Fault> {
    let fault = |error| Fault(format!("MYSAFE_METRICS: cannot listen on {address}: {error}"));
    let (handle, process) = metrics::begin()?;
    let listener = TcpListener::bind(address).await.map_err(fault)?;
    let address = listener.local_addr().map_err(fault)?;
    println!("Figures are at http://{address}/metrics");
    let router = metrics::router(Metrics { handle, process, backend, live });
    Ok(tokio::spawn(async move {
        if let Err(error) = Server::<SocketAddr>::from_listener(listener).serve(router.into_make_service()).await {
            tracing::error!(%error, "there are no figures any more");
        }
    }))
}

async fn listen(live: Arc<Live>, backend: Arc<Backend>) {
    live.listen(&backend).await;
}

/// Answers requests until the process is told to stop.
///
/// # Errors
/// A fault where connections cannot be accepted any more.
pub(crate) async fn serve(
    listener: TcpListener,
    certificate: Option<RustlsConfig>,
    router: axum::Router,
    live: Arc<Live>,
) -> Result<(), Fault> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Fault::new)?;
    let handle = Handle::<SocketAddr>::new();
    tokio::spawn({
        let handle = handle.clone();
        async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            tracing::info!("stopping: no new requests, those under way are finished");
            handle.graceful_shutdown(Some(FAREWELL));
            live.stop();
        }
    });
    let mut server = Server::from_listener(listener)
        .handle(handle.clone())
        .first_request_timeout(HEAD)
        .accept_error_handler(not_accepted);
    server.http_builder().http1().header_read_timeout(HEAD);
    server.http_builder().http2().keep_alive_interval(ASK).keep_alive_timeout(ASK);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let result = match certificate {
        Some(certificate) => server.acceptor(RustlsAcceptor::new(certificate)).serve(service).await,
        None => server.http1_only().serve(service).await,
    };
    if handle.connection_count() > 0 {
        tracing::warn!("some requests took longer than {FAREWELL:?} to finish and were cut off");
    }
    result.map_err(Fault::new)
}

/// Without an address, the system gave no connection; with one, it is a handshake that failed, as scanners make them all day.
fn not_accepted(from: Option<&SocketAddr>, error: &std::io::Error) {
    match from {
        None => tracing::warn!(%error, "no connection can be accepted; the next try comes by itself"),
        Some(from) => tracing::debug!(%from, %error, "a connection failed before its first request"),
    }
}

/// The embedded database closes its files in the background once nobody holds it any more. It gives no other sign than that nothing is
/// left to do.
async fn database_closed() {
    let tasks = tokio::runtime::Handle::current();
    let closed = async {
        while tasks.metrics().num_alive_tasks() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    if tokio::time::timeout(FAREWELL, closed).await.is_err() {
        tracing::warn!("the database took longer than {FAREWELL:?} to close");
    }
}

fn start_log(options: &Options) -> Result<(), Fault> {
    let filter = EnvFilter::try_new(&options.log).map_err(|error| Fault(format!("MYSAFE_LOG: {error}")))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match options.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

/// Everyone knows the passwords of a demo organization: it is for this machine alone.
fn refuse_public_demo(organization: Option<&Organization>, options: &Options) -> Result<(), Fault> {
    let is_local = options.listen.ip().is_loopback() && !options.secure();
    if organization.is_some_and(|organization| organization.demo) && !is_local {
        return Err(Fault(
            "MYSAFE_LISTEN: the database holds a demo organization, whose passwords everyone knows. It is served on loopback only."
                .into(),
        ));
    }
    Ok(())
}

/// What is to follow soon after what was done: links for the audit log, and the end of shares whose time has come.
async fn follow_up(backend: Arc<Backend>) {
    let key = backend.keys.audit_key();
    let mut interval = tokio::time::interval(FOLLOW_UP);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        drain("entries of the audit log bound", || backend.store.seal_audit(&key)).await;
        drain("shares ended by themselves", || backend.store.end_expired()).await;
    }
}

async fn sweep(backend: Arc<Backend>) {
    let mut interval = tokio::time::interval(SWEEP);
    loop {
        interval.tick().await;
        backend.limits.sweep();
        if let Err(error) = backend.store.sweep().await {
            tracing::warn!(%error, "what has expired could not be removed; the next try comes by itself");
        }
        drain("secrets removed from bins for good", || backend.store.empty_bins(store::BIN_KEEPS)).await;
    }
}

/// Does work that takes some at a time, until nothing is left of it.
async fn drain<W>(what: &str, work: impl Fn() -> W)
where
    W: Future<Output = Result<usize, store::StoreError>>,
{
    loop {
        match work().await {
            Ok(0) => return,
            Ok(count) => tracing::debug!(count, "{what}"),
            Err(error) => {
                tracing::warn!(%error, "not done: {what}; the next try comes by itself");
                return;
            }
        }
    }
}
