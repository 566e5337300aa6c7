use leptos::prelude::*;

use crate::ui::Icon;

#[derive(Clone, PartialEq, Eq)]
struct Message {
    /// Tells it from another one with the same text.
    number: u32,
    text: String,
    /// The address of more about it.
    link: Option<String>,
    failure: bool,
}

/// How long good news is shown, in milliseconds.
const SHOWN_MS: u32 = 10_000;

/// Short messages about what just happened. They live above pages and dialogs. A failure stays until the next message or until closed.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    shown: RwSignal<Option<Message>>,
    count: StoredValue<u32>,
}

/// Makes the messages known to everything below.
pub(crate) fn provide_toasts() -> Toasts {
    let toasts = Toasts { shown: RwSignal::new(None), count: StoredValue::new(0) };
    provide_context(toasts);
    toasts
}

pub(crate) fn use_toasts() -> Toasts {
    expect_context()
}

impl Toasts {
    /// Says that something was done. Goes by itself after a while, so that it covers nothing for long.
    pub(crate) fn done(self, text: impl Into<String>) {
        self.done_with(text, None);
    }

    /// The same, with the address of its receipt.
    pub(crate) fn done_with(self, text: impl Into<String>, receipt: Option<String>) {
        let number = self.show(text.into(), receipt, false);
        leptos::task::spawn_local(async move {
            gloo_timers::future::TimeoutFuture::new(SHOWN_MS).await;
            if self.shown.get_untracked().is_some_and(|message| message.number == number) {
                self.clear();
            }
        });
    }

    /// Says that something was not done.
    pub(crate) fn failed(self, text: impl Into<String>) {
        self.show(text.into(), None, true);
    }

    fn show(self, text: String, link: Option<String>, failure: bool) -> u32 {
        self.count.update_value(|count| *count += 1);
        let number = self.count.get_value();
        self.shown.set(Some(Message { number, text, link, failure }));
        number
    }

    /// Takes the message away.
    pub(crate) fn clear(self) {
        self.shown.set(None);
    }

    /// Where messages appear. The place for good news is always there, so that screen readers hear what comes; a failure is an alert
    /// and heard when it comes.
    pub(crate) fn outlet(self) -> impl IntoView {
        let shown = move |failure: bool| self.shown.get().filter(|message| message.failure == failure);
        let toast = move |message: Message| {
            view! {
                <div class="toast" class:failure=message.failure role=message.failure.then_some("alert")>
                    <p>{message.text}</p>
                    {message.link.map(|link| view! { <a href=link on:click=move |_| self.clear()>"Receipt"</a> })}
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
