//! Figures in Prometheus's format, on an address of their own. They have no names, no ids, and nothing of what anybody keeps.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use app::backend::Backend;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use leptos::server_fn::axum::server_fn_paths;
use metrics::{Gauge, Unit, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;

use crate::config::Fault;
use crate::live::Live;

/// In seconds: from an answer out of memory to the largest batch.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];
/// Secrets and recipients of batches.
const SIZES: [f64; 7] = [1.0, 10.0, 50.0, 200.0, 1_000.0, 10_000.0, 100_000.0];

/// What an answer with figures is made of.
pub(crate) struct Metrics {
    pub handle: PrometheusHandle,
    pub process: Collector,
    pub backend: Arc<Backend>,
    pub live: Arc<Live>,
}

/// Begins to count, for this process.
///
/// # Errors
/// A fault where something counts already.
pub(crate) fn begin() -> Result<(PrometheusHandle, Collector), Fault> {
    let fault = |error| Fault(format!("MYSAFE_METRICS: {error}"));
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
        .and_then(|builder| builder.set_buckets_for_metric(Matcher::Prefix("mysafe_batch_".into()), &SIZES))
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(fault)?;
    describe_histogram!(
        "mysafe_request_seconds",
        Unit::Seconds,
        "Requests, by server function or address for programs, and status"
    );
    describe_histogram!("mysafe_batch_secrets", Unit::Count, "Secrets of each batch that was done");
    describe_histogram!("mysafe_batch_recipients", Unit::Count, "People and groups of each batch that was done");
    describe_histogram!("mysafe_transaction_seconds", Unit::Seconds, "Transactions, with those that were tried again");
    describe_counter!("mysafe_transaction_conflicts_total", "Transactions that another one came before, tried again");
    describe_counter!(
        "mysafe_sign_ins_total",
        "Sign-ins and unlocks that were begun, whose password was right where a second step follows, and that were done"
    );
    describe_counter!("mysafe_refusals_total", "What was refused to those who may have meant ill, by why");
    describe_gauge!("mysafe_requests_under_way", "Requests that are worked, or wait for their turn");
    describe_gauge!("mysafe_live_pages", "Open pages that are told what happens");
    describe_gauge!("mysafe_database_up", "1 where the database answers, else 0");
    describe_gauge!("mysafe_database_seconds", Unit::Seconds, "How long it took to answer");
    let process = Collector::default();
    process.describe();
    Ok((handle, process))
}

/// The one page that there is.
pub(crate) fn router(metrics: Metrics) -> Router {
    Router::new().route("/metrics", get(show)).with_state(Arc::new(metrics))
}

async fn show(State(metrics): State<Arc<Metrics>>) -> impl IntoResponse {
    let begun = Instant::now();
    let is_up = metrics.backend.store.ping().await.is_ok();
    gauge!("mysafe_database_up").set(if is_up { 1.0 } else { 0.0 });
    gauge!("mysafe_database_seconds").set(begun.elapsed());
    gauge!("mysafe_live_pages").set(u32::try_from(metrics.live.pages()).unwrap_or(u32::MAX));
    metrics.process.collect();
    metrics.handle.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.handle.render())
}

/// A request. Also where nobody waits for its answer any more, it ends.
struct UnderWay(Gauge);

impl UnderWay {
    fn begin(gauge: Gauge) -> Self {
        gauge.increment(1);
        Self(gauge)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}

/// The names of all server functions. Whatever else is asked for counts as one, so that nobody fills log and figures with names of their own.
#[derive(Clone)]
pub(crate) struct Functions(Arc<HashSet<&'static str>>);

impl Functions {
    /// What a request asks for: a server function, or an address for programs without what stands in it.
    pub(crate) fn name(&self, request: &Request) -> String {
        let known = |path: &str| self.0.get(path.strip_prefix("/api/")?).copied();
        let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let program = matched.filter(|path| path.starts_with("/v1/"));
        known(request.uri().path()).or(program).unwrap_or("other").to_owned()
    }
}

pub(crate) fn functions() -> Extension<Functions> {
    Extension(Functions(Arc::new(server_fn_paths().filter_map(|(path, _)| path.strip_prefix("/api/")).collect())))
}

/// Counts a request. Does nothing where nobody wants to know.
pub(crate) async fn measure(Extension(functions): Extension<Functions>, request: Request, next: Next) -> Response {
    let function = functions.name(&request);
    let (_under_way, begun) = (UnderWay::begin(gauge!("mysafe_requests_under_way")), Instant::now());
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    histogram!("mysafe_request_seconds", "function" => function, "status" => status).record(begun.elapsed());
    response
}
