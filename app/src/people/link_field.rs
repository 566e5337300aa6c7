use leptos::prelude::*;

use crate::language::t;
use crate::ui::{Icon, copy_text, use_toasts};

/// A link that is shown once, to be copied.
#[component]
pub(crate) fn LinkField(
    /// The accessible name.
    label: &'static str,
    url: String,
) -> impl IntoView {
    let toasts = use_toasts();
    let text = url.clone();
    let copy = move |_| {
        let text = text.clone();
        leptos::task::spawn_local(async move {
            match copy_text(&text).await {
                Ok(()) => toasts.done(t!("{link} copied.", link = label)),
                Err(()) => toasts.failed(t!("The browser did not allow to copy. Mark the link and copy it by hand.")),
            }
        });
    };
    view! {
        <div class="link-field">
            <label class="field">
                <span>{label}</span>
                <input type="text" readonly value=url autofocus />
            </label>
            <button class="button" type="button" on:click=copy>{Icon::Copy.view()} {t!("Copy link")}</button>
        </div>
    }
}
