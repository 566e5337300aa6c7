use leptos::prelude::*;
use vault::SecretId;

use super::list::use_secret_list;
use super::opening;
use crate::account::use_session;
use crate::language::t;
use crate::ui::{Icon, Toasts, copy_text, now_millis, use_toasts};

/// What stands for a value that is not shown: of one length, whatever the value's.
pub(super) const MASK: &str = "••••••••••••";

/// The client secret and notes of a secret: masked until asked for, and gone from the page when hidden again.
#[component]
pub(super) fn ValueView(
    /// The secret.
    id: SecretId,
    /// Whether the value opens for this person.
    may_open: bool,
) -> impl IntoView {
    let (session, toasts, list) = (use_session(), use_toasts(), use_secret_list());
    let shown = RwSignal::new(None::<vault::SecretValue>);
    let shared_by = RwSignal::new(None::<String>);
    let pending = RwSignal::new(false);
    let with_value = move |then: fn(RwSignal<Option<vault::SecretValue>>, Toasts, vault::SecretValue)| {
        session.act(pending, opening::open(session, id), move |opened| match opened {
            Ok(open) => {
                then(shown, toasts, open.value);
                shared_by.set(open.shared_by);
                list.patch(id, |row| (row.last_used_at, row.is_new) = (Some(now_millis()), false));
            }
            Err(error) => toasts.failed(error.to_string()),
        });
    };
    let toggle = move |_| {
        if shown.with_untracked(Option::is_some) {
            shown.set(None);
        } else {
            with_value(|shown, _, value| shown.set(Some(value)));
        }
    };
    let copy = move |_| {
        with_value(|_, toasts, value| leptos::task::spawn_local(copy_secret(toasts, value)));
    };
    let is_shown = move || shown.with(Option::is_some);
    let text = move |read: fn(&vault::SecretValue) -> &String| {
        move || shown.with(|value| value.as_ref().map_or_else(|| MASK.to_owned(), |value| read(value).clone()))
    };
    view! {
        <dt>{t!("Client secret")}</dt>
        <dd class="value">
            <code class="secret" data-shown=move || is_shown().to_string()>{text(|value| &value.client_secret)}</code>
            {may_open.then(|| view! {
                <span class="value-buttons">
                    <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=toggle>
                        {move || if is_shown() { Icon::EyeOff.view() } else { Icon::Eye.view() }}
                        {move || if is_shown() { t!("Hide client secret") } else { t!("Show client secret") }}
                    </button>
                    <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=copy>{Icon::Copy.view()} {t!("Copy client secret")}</button>
                </span>
            })}
            {(!may_open).then(|| view! { <p class="hint">{t!("Disabled: only its owner can open it.")}</p> })}
        </dd>
        <dt>{t!("Notes")}</dt>
        <dd class="notes">{text(|value| &value.notes)}</dd>
        // Who the value is from is checked by their signature, whatever the list says of its owner.
        {move || shared_by.get().filter(|_| is_shown()).map(|username| view! {
            <dt>{t!("Shared and signed by")}</dt>
            <dd>{username}</dd>
        })}
    }
}

async fn copy_secret(toasts: Toasts, value: vault::SecretValue) {
    match copy_text(&value.client_secret).await {
        Ok(()) => toasts.done(t!("Client secret copied. Other programs can read the clipboard: clear it after use.")),
        Err(()) => toasts.failed(t!("The browser did not allow to copy. Show the client secret and copy it by hand.")),
    }
}
