use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::commands::{Action, commands, found};
use crate::account::use_session;
use crate::batch::use_batch;
use crate::language::{n, t};
use crate::secret::use_secret_list;
use crate::ui::{Dialog, use_toasts};

/// Finds any command by a few letters (the ARIA guide's combobox: the focus stays in the text, arrows move in the list).
#[component]
pub(super) fn Palette(
    /// Shows the shortcuts.
    shortcuts: Callback<()>,
    /// Takes it away.
    close: Callback<()>,
) -> impl IntoView {
    let (session, batch, list, toasts) = (use_session(), use_batch(), use_secret_list(), use_toasts());
    let (path, navigate) = (use_location().pathname, StoredValue::new_local(use_navigate()));
    let is_administrator = session.profile_untracked().is_some_and(|profile| profile.administrator);
    // The dialogs of a batch are those of the list.
    let ticked = if path.get_untracked() == "/secrets" { untrack(|| list.selected()) } else { Vec::new() };
    let (count, ticked) = (ticked.len(), StoredValue::new(ticked));
    let (typed, active) = (RwSignal::new(String::new()), RwSignal::new(0_usize));
    let hits = Memo::new(move |_| {
        let rows = untrack(|| list.all());
        typed.with(|typed| found(commands(count, is_administrator), rows.iter().map(AsRef::as_ref), typed))
    });
    let go = move |address: &str| navigate.with_value(|navigate| navigate(address, NavigateOptions::default()));
    let run = move |index: usize| {
        let Some(action) = hits.with_untracked(|hits| hits.get(index).map(|command| command.action)) else { return };
        let ticked = ticked.get_value();
        // The focus goes back to where it was; what the command opens takes it from there.
        close.run(());
        match action {
            Action::Batch(kind) => batch.confirm(kind, ticked),
            Action::Go(address) => go(address),
            Action::View(id) => go(&format!("/secrets/{id}")),
            Action::Shortcuts => shortcuts.run(()),
            Action::Lock => {
                toasts.clear();
                session.lock(None);
            }
            Action::SignOut => {
                toasts.clear();
                session.sign_out();
            }
        }
    };
    let move_to = move |index: usize| {
        active.set(index);
        if let Some(option) = document().get_element_by_id(&format!("command-{index}")) {
            option.scroll_into_view_with_bool(false);
        }
    };
    let key = move |event: KeyboardEvent| {
        let (at, count) = (active.get_untracked(), hits.with_untracked(Vec::len));
        match event.key().as_str() {
            "ArrowDown" if count > 0 => move_to((at + 1) % count),
            "ArrowUp" if count > 0 => move_to((at + count - 1) % count),
            "Enter" => run(at),
            _ => return,
        }
        event.prevent_default();
    };
    let options = move || {
        let option = |(index, text, place): (usize, String, &'static str)| {
            let is_active = move || active.get() == index;
            view! {
                <li class="hit" class:active=is_active role="option" id=format!("command-{index}")
                    aria-selected=move || is_active().to_string()
                    on:pointermove=move |_| if active.get_untracked() != index { active.set(index) }
                    on:click=move |_| run(index)>
                    <span class="hit-name">{text}</span>
                    <span class="kind">{place}</span>
                </li>
            }
        };
        let hits = hits.get().into_iter().enumerate();
        hits.map(|(index, command)| option((index, command.text, command.action.place()))).collect_view()
    };
    view! {
        <Dialog title=t!("Commands") on_cancel=close>
            <input type="text" role="combobox" aria-label=t!("Command") aria-autocomplete="list" aria-controls="commands" aria-expanded="true"
                aria-activedescendant=move || hits.with(|hits| !hits.is_empty()).then(|| format!("command-{}", active.get()))
                autocomplete="off" spellcheck="false" autofocus placeholder=t!("What do you want to do?")
                on:input=move |event| { active.set(0); typed.set(event_target_value(&event)); } on:keydown=key />
            <ul class="commands" id="commands" role="listbox" aria-label=t!("Commands")>{options}</ul>
            <p class="hint" role="status">
                {move || match hits.with(Vec::len) {
                    0 => t!("Nothing matches this.").to_owned(),
                    count => n!(count, "{n} match", "{n} matches"),
                }}
            </p>
        </Dialog>
    }
}
