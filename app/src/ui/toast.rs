use leptos::prelude::*;

use crate::ui::Icon;

#[derive(Clone, PartialEq, Eq)]
struct Message {
    text: String,
    failure: bool,
}

/// Short messages about what just happened. They live above pages and dialogs and stay until the next one or until closed.
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
    /// Says that something was done.
    pub(crate) fn done(self, text: impl Into<String>) {
        self.0.set(Some(Message { text: text.into(), failure: false }));
    }

    /// Says that something was not done.
    pub(crate) fn failed(self, text: impl Into<String>) {
        self.0.set(Some(Message { text: text.into(), failure: true }));
    }

    /// Takes the message away.
    pub(crate) fn clear(self) {
        self.0.set(None);
    }

    /// The two places where messages appear: always there, so that screen readers hear what comes.
    pub(crate) fn outlet(self) -> impl IntoView {
        let shown = move |failure: bool| move || self.0.get().filter(|message| message.failure == failure);
        let toast = move |message: Message| {
            view! {
                <div class="toast" class:failure=message.failure>
                    <p>{message.text}</p>
                    <button class="button icon-only" type="button" aria-label="Close message" on:click=move |_| self.clear()>
                        {Icon::Close.view()}
                    </button>
                </div>
            }
        };
        view! {
            <div class="toasts">
                <div role="status">{move || shown(false)().map(toast)}</div>
                <div role="alert">{move || shown(true)().map(toast)}</div>
            </div>
        }
    }
}
