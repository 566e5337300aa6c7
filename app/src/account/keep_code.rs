use leptos::html::H1;
use leptos::prelude::*;
use vault::RecoveryCode;

use crate::ui::{Icon, copy_text, use_toasts};

/// Shows a recovery code, this once, and goes on when the person has kept it.
#[component]
pub(super) fn KeepCode(
    /// The code.
    code: RecoveryCode,
    /// What comes after.
    then: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let heading = NodeRef::<H1>::new();
    // What the person pressed is gone: the keyboard and screen readers go on here.
    Effect::new(move || {
        if let Some(heading) = heading.get() {
            let _ = heading.focus();
        }
    });
    let text = code.text().to_string();
    let copy = move |_| {
        let code = code.clone();
        leptos::task::spawn_local(async move {
            match copy_text(&code.text()).await {
                Ok(()) => toasts.done("Recovery code copied."),
                Err(()) => toasts.failed("The browser did not allow to copy. Write the code down."),
            }
        });
    };
    view! {
        <main class="entrance">
            <div class="card entrance-card">
                <p class="brand">"MySafe"</p>
                <h1 node_ref=heading tabindex="-1">"Keep your recovery code"</h1>
                <p>
                    "It opens your account when the password is lost, and without both nobody can. It is shown this once: write it down, or
                    keep it in a safe place away from this computer."
                </p>
                <code class="recovery-code">{text}</code>
                <button class="button" type="button" on:click=copy>{Icon::Copy.view()} "Copy recovery code"</button>
                <button class="button primary" type="button" on:click=move |_| { toasts.clear(); then.run(()); }>"I have kept it"</button>
            </div>
        </main>
    }
}
