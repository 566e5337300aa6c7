use leptos::prelude::*;

use crate::ui::Icon;

#[derive(Clone, PartialEq, Eq)]
struct Message {
    text: String,
    failure: bool,
}

/// How long good news is shown, in milliseconds.
const SHOWN_MS: u32 = 10_000;

/// Short messages about what just happened. They live above pages and dialogs. A failure stays until the next message or until closed.
#[derive(Clone, Copy)]
pub(crate) struct Toasts(RwSignal<Option<Message>>);

/// Makes the messages known to everything below.
pub(crate) fn provide_toasts() -> Toasts {
    let toasts = Toasts(RwSignal::new(None));
    provide_context(toasts);
    toasts
}

pub(crate) fn use_toasts() -> Toasts {
    expect_context()
}

impl Toasts {
    /// Says that something was done. Goes by itself after a while, so that it covers nothing for long.
    pub(crate) fn done(self, text: impl Into<String>) {
        let message = Message { text: text.into(), failure: false };
        self.0.set(Some(message.clone()));
        leptos::task::spawn_local(async move {
            gloo_timers::future::TimeoutFuture::new(SHOWN_MS).await;
            if self.0.get_untracked().as_ref() == Some(&message) {
                self.clear();
            }
        });
    }

    /// Says that something was not done.
    pub(crate) fn failed(self, text: impl Into<String>) {
        self.0.set(Some(Message { text: text.into(), failure: true }));
    }

    /// Takes the message away.
    pub(crate) fn clear(self) {
        self.0.set(None);
    }

    /// Where messages appear. The place for good news is always there, so that screen readers hear what comes; a failure is an alert
    /// and heard when it comes.
    pub(crate) fn outlet(self) -> impl IntoView {
        let shown = move |failure: bool| self.0.get().filter(|message| message.failure == failure);
        let toast = move |message: Message| {
            view! {
                <div class="toast" class:failure=message.failure role=message.failure.then_some("alert")>
                    <p>{message.text}</p>
                    <button class="button icon-only" type="button" aria-label="Close message" on:click=move |_| self.clear()>
                        {Icon::Close.view()}
                    </button>
                </div>
            }
        };
        view! {
            <div class="toasts">
                <div role="status">{move || shown(false).map(toast)}</div>
                {move || shown(true).map(toast)}
            </div>
        }
    }
}
