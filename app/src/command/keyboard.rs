use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};

use super::palette::Palette;
use super::shortcuts::Shortcuts;
use crate::language::{name, t};
use crate::preference::{NO_SINGLE_KEYS, use_preferences};

/// Where a screen is searched.
const SEARCH: &str = name!("main input[type=search], main [role=search] input");
/// What takes letters itself.
const TEXTS: &str = name!("input:not([type=checkbox], [type=radio]), textarea, select, [role=menu] *");
/// For how many frames a screen that comes is waited for.
const FRAMES: u32 = 60;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Palette,
    Shortcuts,
}

/// Hears the keys that do something everywhere, and shows what they open. A button for those who do not know them.
#[component]
pub(crate) fn Keyboard() -> impl IntoView {
    let (preferences, navigate) = (use_preferences(), StoredValue::new_local(use_navigate()));
    let shown = RwSignal::new(Shown::Nothing);
    let hear = move |event: KeyboardEvent| {
        let is_command = (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key();
        let is_plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
        let is_open = document().query_selector("dialog[open]").ok().flatten().is_some();
        match event.key().as_str() {
            // Never the browser's own, also where there is nothing to open.
            "k" | "K" if is_command => {
                if !is_open {
                    shown.set(Shown::Palette);
                }
            }
            _ if !is_plain || is_open || is_text(&event) || untrack(|| preferences.has(NO_SINGLE_KEYS)) => return,
            "?" => shown.set(Shown::Shortcuts),
            "/" => {
                if !focus_search() {
                    navigate.with_value(|navigate| navigate("/secrets", NavigateOptions::default()));
                    focus_later(FRAMES);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let heard = window_event_listener(leptos::ev::keydown, hear);
    on_cleanup(move || heard.remove());
    let close = Callback::new(move |()| shown.set(Shown::Nothing));
    let shortcuts = Callback::new(move |()| shown.set(Shown::Shortcuts));
    view! {
        <button class="button quiet commands-button" type="button" title=t!("Ctrl K or ⌘ K") on:click=move |_| shown.set(Shown::Palette)>{t!("Commands")}</button>
        {move || match shown.get() {
            Shown::Nothing => ().into_any(),
            Shown::Palette => view! { <Palette shortcuts close /> }.into_any(),
            Shown::Shortcuts => view! { <Shortcuts close /> }.into_any(),
        }}
    }
}

/// Whether the key is for something that is written in.
fn is_text(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.matches(TEXTS).unwrap_or_default())
}

/// Gives the focus to the search of the screen, if it has one.
fn focus_search() -> bool {
    let search =
        document().query_selector(SEARCH).ok().flatten().and_then(|found| found.dyn_into::<HtmlElement>().ok());
    search.is_some_and(|search| search.focus().is_ok())
}

/// The same when the screen is there.
fn focus_later(frames: u32) {
    request_animation_frame(move || {
        if !focus_search() && frames > 0 {
            focus_later(frames - 1);
        }
    });
}
