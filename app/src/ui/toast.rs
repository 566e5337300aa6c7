use leptos::prelude::*;

use crate::language::t;
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

/// How long good news is shown that lead nowhere, in milliseconds.
const SHOWN_MS: u32 = 10_000;

/// How many are shown at a time.
const MOST: usize = 3;

/// Short messages about what just happened. They live above pages and dialogs. What the person does has one message, in the place of all before; a failure
/// and the way to a receipt stay until then or until closed. What others do comes beside it.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    shown: RwSignal<Vec<Message>>,
    count: StoredValue<u32>,
}

/// Makes the messages known to everything below.
pub(crate) fn provide_toasts() -> Toasts {
    let toasts = Toasts { shown: RwSignal::new(Vec::new()), count: StoredValue::new(0) };
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

    /// The same, with the address of its receipt: such a message stays, so that there is time to go there.
    pub(crate) fn done_with(self, text: impl Into<String>, receipt: Option<String>) {
        self.clear();
        match receipt {
            None => self.show_for_a_while(text.into()),
            receipt => {
                self.show(text.into(), receipt, false);
            }
        }
    }

    /// Says what somebody else has done.
    pub(crate) fn news(self, text: String) {
        self.show_for_a_while(text);
    }

    fn show_for_a_while(self, text: String) {
        let number = self.show(text, None, false);
        leptos::task::spawn_local(async move {
            gloo_timers::future::TimeoutFuture::new(SHOWN_MS).await;
            self.close(number);
        });
    }

    /// Says that something was not done.
    pub(crate) fn failed(self, text: impl Into<String>) {
        self.clear();
        self.show(text.into(), None, true);
    }

    fn show(self, text: String, link: Option<String>, failure: bool) -> u32 {
        self.count.update_value(|count| *count += 1);
        let number = self.count.get_value();
        self.shown.update(|shown| {
            if shown.len() == MOST {
                // What goes by itself goes first.
                let goes = |message: &Message| message.link.is_none() && !message.failure;
                shown.remove(shown.iter().position(goes).unwrap_or(0));
            }
            shown.push(Message { number, text, link, failure });
        });
        number
    }

    fn close(self, number: u32) {
        self.shown.update(|shown| shown.retain(|message| message.number != number));
    }

    /// Takes all messages away.
    pub(crate) fn clear(self) {
        self.shown.update(Vec::clear);
    }

    /// Where messages appear. The place for good news is always there, so that screen readers hear what comes; a failure is an alert
    /// and heard when it comes.
    pub(crate) fn outlet(self) -> AnyView {
        let toast = move |message: Message| {
            let number = message.number;
            view! {
                <div class="toast" class:failure=message.failure role=message.failure.then_some("alert")>
                    <p>{message.text}</p>
                    {message.link.map(|link| view! { <a href=link on:click=move |_| self.close(number)>{t!("Receipt")}</a> })}
                    <button class="button icon-only" type="button" aria-label=t!("Close message") on:click=move |_| self.close(number)>
                        {Icon::Close.view()}
                    </button>
                </div>
            }
        };
        let shown = move |failure: bool| {
            let messages = move || self.shown.get().into_iter().filter(move |message| message.failure == failure);
            view! { <For each=messages key=|message| message.number let(message)>{toast(message)}</For> }
        };
        view! {
            <div class="toasts">
                <div role="status">{shown(false)}</div>
                {shown(true)}
            </div>
        }
        .into_any()
    }
}
