use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::account::Passkeys;
use app::backend::{Backend, random_token};
use app::rate_limit::Limits;
use store::{Organization, Store};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use crate::config::{Fault, LogFormat, Options};
use crate::live::Live;
use crate::mail;
use crate::{router, server_keys};

/// How long requests under way may take after the server was told to stop.
const FAREWELL: Duration = Duration::from_secs(10);
/// How often what has expired is removed.
const SWEEP: Duration = Duration::from_mins(10);

/// How often is looked what has to follow what was done.
const FOLLOW_UP: Duration = Duration::from_secs(1);

/// Serves until the process is told to stop.
#[tokio::main]
pub(crate) async fn run(options: &Options) -> Result<(), Fault> {
    start_log(options)?;
    options.check()?;
    let store = Store::open(&options.storage.database_url()?)
        .await
        .map_err(|error| Fault(format!("MYSAFE_DATABASE: {}: {error}", options.storage.database)))?;
    let organization = store.organization().await.map_err(Fault::new)?;
    refuse_public_demo(organization.as_ref(), options)?;
    let keys = server_keys::load(&options.storage.keys, organization.as_ref())?;
    let mailer = mail::mailer(options)?;
    let listener = TcpListener::bind(options.listen)
        .await
        .map_err(|error| Fault(format!("MYSAFE_LISTEN: cannot listen on {}: {error}", options.listen)))?;
    let address = listener.local_addr().map_err(Fault::new)?;
    let set_up_code = organization.is_none().then(random_token);
    let url = options.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    println!("MySafe is at {url}");
    if let Some(code) = &set_up_code {
        println!("Set-up code, good until the organization is set up or the server stops: {code}");
    }
    let passkeys = Passkeys::at(&url);
    if passkeys.is_none() {
        tracing::warn!("{url} has no name, so browsers offer no passkeys there");
    }
    if options.secure() && options.proxies.is_empty() {
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
        limits: Limits::new(),
        passkeys,
        mailer,
    });
    let live = Arc::new(Live::new());
    let router = router::router(Arc::clone(&backend), Arc::clone(&live), options)?;
    let background = [
        tokio::spawn(sweep(Arc::clone(&backend))),
        tokio::spawn(listen(Arc::clone(&live), Arc::clone(&backend))),
        tokio::spawn(follow_up(backend)),
    ];
    let result = serve(listener, router, &live).await;
    for task in background {
        task.abort();
    }
    database_closed().await;
    tracing::info!("stopped");
    result
}

async fn listen(live: Arc<Live>, backend: Arc<Backend>) {
    live.listen(&backend).await;
}

async fn serve(listener: TcpListener, router: axum::Router, live: &Live) -> Result<(), Fault> {
    let (stop, mut stopped) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate()).map_err(Fault::new)?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping: no new requests, those under way are finished");
        stop.send_replace(true);
    });
    let mut graceful = stopped.clone();
    let server = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async move {
            // The sender lives as long as the task that waits for the signal.
            let _ = graceful.wait_for(|stop| *stop).await;
        });
    let late = async move {
        let _ = stopped.wait_for(|stop| *stop).await;
        live.stop();
        tokio::time::sleep(FAREWELL).await;
    };
    tokio::select! {
        result = server => result.map_err(Fault::new),
        () = late => {
            tracing::warn!("some requests took longer than {FAREWELL:?} to finish and were cut off");
            Ok(())
        }
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
