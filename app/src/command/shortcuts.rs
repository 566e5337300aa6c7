use leptos::prelude::*;

use crate::preference::{NO_SINGLE_KEYS, use_preferences};
use crate::ui::Dialog;

/// The keys that do something, and where.
const SHORTCUTS: [(&str, &[(&str, &str)]); 3] = [
    (
        "Everywhere",
        &[
            ("Ctrl K or ⌘ K", "All commands: screens, what is ticked, API secrets by their names"),
            ("/", "To the search of the screen"),
            ("?", "These shortcuts"),
            ("Esc", "Close the dialog or the menu"),
        ],
    ),
    (
        "In the list of API secrets",
        &[
            ("Space", "Tick the row, or all of them in the head"),
            ("Shift with a click", "Tick all rows from the last one that was ticked"),
            ("↓ on More actions", "Open the menu"),
        ],
    ),
    (
        "In menus and lists of hits",
        &[("↑ ↓", "Move"), ("Home, End", "The first and the last of a menu"), ("Enter", "Pick")],
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
        let lines =
            keys.iter().map(|(key, does)| view! { <tr><th scope="row"><kbd>{*key}</kbd></th><td>{*does}</td></tr> });
        view! { <tbody><tr><th scope="rowgroup" colspan="2">{title}</th></tr>{lines.collect_view()}</tbody> }
    };
    view! {
        <Dialog title="Keyboard shortcuts" on_cancel=close>
            <label class="choice">
                <input type="checkbox" prop:checked=move || !preferences.has(NO_SINGLE_KEYS) on:change=choose />
                <span>"Single keys: / and ?"</span>
            </label>
            <table class="plain shortcuts" aria-label="Keyboard shortcuts">{SHORTCUTS.map(part)}</table>
            <div class="dialog-buttons">
                <button class="button" type="button" on:click=move |_| close.run(())>"Close"</button>
            </div>
        </Dialog>
    }
}
