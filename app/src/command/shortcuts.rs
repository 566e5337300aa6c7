use leptos::prelude::*;

use crate::language::{t, text, translate};
use crate::preference::{NO_SINGLE_KEYS, use_preferences};
use crate::ui::Dialog;

/// The keys that do something, and where.
const SHORTCUTS: [(&str, &[(&str, &str)]); 3] = [
    (
        text!("Everywhere"),
        &[
            (text!("Ctrl K or ⌘ K"), text!("All commands: screens, what is ticked, API secrets by their names")),
            ("/", text!("To the search of the screen")),
            ("?", text!("These shortcuts")),
            (text!("Esc"), text!("Close the dialog or the menu")),
        ],
    ),
    (
        text!("In the list of API secrets"),
        &[
            (text!("Space"), text!("Tick the row, or all of them in the head")),
            (text!("Shift with a click"), text!("Tick all rows from the last one that was ticked")),
            (text!("↓ on More actions"), text!("Open the menu")),
        ],
    ),
    (
        text!("In menus and lists of hits"),
        &[
            ("↑ ↓", text!("Move")),
            (text!("Home, End"), text!("The first and the last of a menu")),
            (text!("Enter"), text!("Pick")),
        ],
    ),
];

/// Says which keys do something, and turns those off that are no more than a letter: who dictates or presses by accident can be without them.
#[component]
pub(super) fn Shortcuts(
    /// Takes it away.
    close: Callback<()>,
) -> impl IntoView {
    let preferences = use_preferences();
    let choose = move |event| {
        preferences.choose(&[NO_SINGLE_KEYS], if event_target_checked(&event) { "" } else { NO_SINGLE_KEYS });
    };
    let part = |(title, keys): (&'static str, &'static [(&'static str, &'static str)])| {
        let lines = keys.iter().map(
            |(key, does)| view! { <tr><th scope="row"><kbd>{translate(key)}</kbd></th><td>{translate(does)}</td></tr> },
        );
        view! { <tbody><tr><th scope="rowgroup" colspan="2">{translate(title)}</th></tr>{lines.collect_view()}</tbody> }
    };
    view! {
        <Dialog title=t!("Keyboard shortcuts") on_cancel=close>
            <label class="choice">
                <input type="checkbox" prop:checked=move || !preferences.has(NO_SINGLE_KEYS) on:change=choose />
                <span>{t!("Single keys: / and ?")}</span>
            </label>
            <table class="plain shortcuts" aria-label=t!("Keyboard shortcuts")>{SHORTCUTS.map(part)}</table>
            <div class="dialog-buttons">
                <button class="button" type="button" on:click=move |_| close.run(())>{t!("Close")}</button>
            </div>
        </Dialog>
    }
}
