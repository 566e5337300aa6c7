use gloo_net::http::Request;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

/// How long to wait before asking again, in milliseconds.
const PAUSE_MS: u32 = 3_000;

/// Whether the server can be reached, as far as this page knows.
#[derive(Clone, Copy)]
pub(crate) struct Connection {
    lost: RwSignal<bool>,
}

impl Connection {
    pub(crate) fn new() -> Self {
        Self { lost: RwSignal::new(false) }
    }

    /// Whether the last request did not get through, and the server has not answered since.
    pub(crate) fn is_lost(self) -> bool {
        self.lost.get()
    }

    /// A request did not get through: from now on the server is asked again and again, until it answers.
    pub(crate) fn lose(self) {
        if self.lost.get_untracked() {
            return;
        }
        self.lost.set(true);
        leptos::task::spawn_local(async move {
            while !is_ready().await {
                TimeoutFuture::new(PAUSE_MS).await;
            }
            self.lost.set(false);
        });
    }
}

async fn is_ready() -> bool {
    Request::get("/readyz").send().await.is_ok_and(|answer| answer.ok())
}
