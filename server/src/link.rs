//! A database on another machine can be away. Whoever asks for something is told so at once then, and nothing waits for its return.

use std::future::pending;
use std::time::Duration;

use app::backend::Backend;
use app::error::AppError;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use leptos::server_fn::error::FromServerFnError as _;
use tokio::sync::watch;

/// How often is looked whether the database answers.
const LOOK: Duration = Duration::from_secs(1);

/// Whether the database answers, as far as anybody knows.
pub(crate) struct Link(watch::Sender<bool>);

impl Link {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(true))
    }

    /// Looks again and again.
    pub(crate) async fn follow(&self, backend: &Backend) {
        loop {
            tokio::time::sleep(LOOK).await;
            let answer = backend.store.ping().await;
            let is_there = answer.is_ok();
            let changed = self.0.send_if_modified(|answers| std::mem::replace(answers, is_there) != is_there);
            match answer {
                Err(error) if changed => {
                    tracing::error!(%error, "the database is away: requests are refused until it is back");
                }
                Ok(()) if changed => tracing::info!("the database is back"),
                _ => {}
            }
        }
    }

    pub(crate) fn watched(&self) -> watch::Receiver<bool> {
        self.0.subscribe()
    }
}

/// Answers with [`AppError::Away`] while the database is away, and as soon as it is found to be. What was under way then may be done or not: asked for once
/// more, it is found done.
pub(crate) async fn unless_away(mut answers: watch::Receiver<bool>, request: Request, next: Next) -> Response {
    let away = async {
        if answers.wait_for(|answers| !answers).await.is_err() {
            // Nobody looks: it is not known to be away, and never will be.
            pending::<()>().await;
        }
    };
    tokio::select! {
        biased;
        () = away => {
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], AppError::Away.ser()).into_response()
        }
        response = next.run(request) => response,
    }
}
