use leptos::prelude::*;

use crate::language::t;
use crate::ui::{Icon, copy_text, use_toasts};

/// Something that is shown once, to be copied.
#[component]
pub(crate) fn CopyField(
    /// The accessible name.
    label: &'static str,
    text: String,
    /// What the button says that copies it.
    button: &'static str,
) -> impl IntoView {
    let toasts = use_toasts();
    let shown = text.clone();
    let copy = move |_| {
        let text = text.clone();
        leptos::task::spawn_local(async move {
            match copy_text(&text).await {
                Ok(()) => toasts.done(t!("{what} copied.", what = label)),
                Err(()) => toasts.failed(t!("The browser did not allow to copy. Mark the text and copy it by hand.")),
            }
        });
    };
    view! {
        <div class="link-field">
            <label class="field">
                <span>{label}</span>
                <input type="text" readonly value=shown autofocus />
            </label>
            <button class="button" type="button" on:click=copy>{Icon::Copy.view()} {button}</button>
        </div>
    }
}
