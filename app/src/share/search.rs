use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::api::{Recipient, Sought, find_recipients};
use super::hits::{Found, Hits};
use super::paste::{Missing, NotTaken, take_list};
use super::recipients::Recipients;
use crate::account::use_session;
use crate::error::AppError;
use crate::language::{n, t};

/// How long to wait for more letters before asking the server.
const PAUSE_MS: u32 = 120;

/// The id of the search's input, for those who give the focus back to it.
pub(super) const SEARCH_ID: &str = "search-recipients";

/// The combobox that finds people and groups (the ARIA guide's pattern: the focus stays in the text, arrows move in the list).
#[component]
pub(crate) fn Search(
    /// Who was picked; hits go in here.
    recipients: RwSignal<Recipients>,
    /// Where failures are told.
    error: RwSignal<Option<AppError>>,
    /// The accessible name.
    #[prop(default = t!("Search users or groups"))]
    label: &'static str,
    /// Who can be picked.
    #[prop(default = Sought::All)]
    sought: Sought,
) -> impl IntoView {
    let session = use_session();
    let text = RwSignal::new(String::new());
    let found = RwSignal::new(Found::default());
    let (open, active) = (RwSignal::new(false), RwSignal::new(None::<usize>));
    let (pending, looking_up) = (RwSignal::new(false), RwSignal::new(false));
    let is_focused = StoredValue::new(false);
    let missing = RwSignal::new(NotTaken::default());
    let look = move |typed: String| {
        text.set(typed.clone());
        missing.set(NotTaken::default());
        // What was found for another text must not be picked for this one.
        active.set(None);
        open.set(false);
        found.set(Found::default());
        let asked = typed.trim().to_owned();
        if asked.is_empty() {
            return;
        }
        leptos::task::spawn_local(async move {
            gloo_timers::future::TimeoutFuture::new(PAUSE_MS).await;
            let is_current = move || text.try_with_untracked(|now| now.trim() == typed.trim()).unwrap_or_default();
            if !is_current() {
                return;
            }
            session.send(pending, find_recipients(asked.clone(), sought), move |hits| match hits {
                // An answer to an older question is of no use any more.
                Ok(_) if !is_current() => {}
                Ok(hits) => {
                    active.set(hits.iter().position(|hit| hit.active));
                    found.set(Found { text: asked, hits });
                    open.set(is_focused.get_value());
                    error.set(None);
                }
                Err(failed) => error.set(Some(failed)),
            });
        });
    };
    let paste = move |event| {
        missing.set(NotTaken::default());
        take_list(session, event, recipients, sought, looking_up, move |answer| match answer {
            Ok(not_taken) => {
                missing.set(not_taken);
                error.set(None);
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    let close = move || {
        open.set(false);
        active.set(None);
    };
    let pick = move |hit: Recipient| {
        if hit.active {
            recipients.update(|recipients| recipients.add(hit));
            text.set(String::new());
            found.set(Found::default());
            error.set(None);
            close();
        }
    };
    let move_to = move |next: fn(Option<usize>, usize) -> usize| {
        let count = found.with_untracked(|found| found.hits.len());
        if count > 0 {
            open.set(true);
            active.update(|active| *active = Some(next(*active, count)));
            let hit = active.get_untracked().and_then(|index| document().get_element_by_id(&format!("hit-{index}")));
            if let Some(hit) = hit {
                hit.scroll_into_view_with_bool(false);
            }
        }
    };
    let key = move |event: KeyboardEvent| match event.key().as_str() {
        "ArrowDown" => {
            event.prevent_default();
            move_to(after);
        }
        "ArrowUp" => {
            event.prevent_default();
            move_to(before);
        }
        "Enter" => {
            event.prevent_default();
            let hit =
                active.get_untracked().and_then(|index| found.with_untracked(|found| found.hits.get(index).cloned()));
            if let Some(hit) = hit.filter(|_| open.get_untracked()) {
                pick(hit);
            }
        }
        // Closes the list first; once more closes the dialog.
        "Escape" if open.get_untracked() => {
            event.prevent_default();
            event.stop_propagation();
            close();
        }
        _ => {}
    };
    let nothing = move || {
        let typed = text.get();
        found.with(|found| !found.text.is_empty() && found.text == typed.trim() && found.hits.is_empty())
    };
    view! {
        <div class="search">
            <label class="field">
                <span>{label}</span>
                <input id=SEARCH_ID type="text" role="combobox" aria-label=label aria-autocomplete="list" aria-controls="hits"
                    aria-expanded=move || open.get().to_string() autocomplete="off" spellcheck="false" autofocus
                    aria-activedescendant=move || active.get().filter(|_| open.get()).map(|index| format!("hit-{index}"))
                    aria-invalid=move || nothing().then_some("true")
                    aria-describedby="search-hint" aria-busy=move || looking_up.get().then_some("true")
                    prop:value=move || text.get() on:input=move |event| look(event_target_value(&event)) on:keydown=key
                    on:paste=paste
                    on:focus=move |_| is_focused.set_value(true)
                    on:blur=move |_| { is_focused.set_value(false); close(); } />
            </label>
            <Missing missing />
            <Hits found active recipients open=Signal::derive(move || open.get() && !nothing()) pick=Callback::new(pick) />
            <p class="hint" id="search-hint" role="status">
                {move || hint_text(looking_up.get(), (!nothing()).then(|| found.with(|found| found.hits.len())), sought == Sought::All)}
            </p>
        </div>
    }
}

/// How many match; `None` for a text that was looked for in vain. By what is looked, while nothing is typed.
fn hint_text(looking_up: bool, hits: Option<usize>, groups: bool) -> String {
    match hits {
        _ if looking_up => t!("Looking up the list …").into(),
        None if groups => t!("Nobody and no group matches this.").into(),
        None => t!("Nobody matches this.").into(),
        Some(0) if groups => t!("By name, username, email or group.").into(),
        Some(0) => t!("By name, username or email.").into(),
        Some(count) => n!(count, "{n} match", "{n} matches"),
    }
}

/// The hit after one of `count`, round to the first.
fn after(active: Option<usize>, count: usize) -> usize {
    active.map_or(0, |active| (active + 1) % count)
}

/// The hit before one of `count`, round to the last.
fn before(active: Option<usize>, count: usize) -> usize {
    active.map_or(count, |active| active + count).saturating_sub(1) % count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_named_only_where_they_can_be_picked() {
        for hits in [None, Some(0)] {
            assert!(hint_text(false, hits, true).contains("group"));
            assert!(!hint_text(false, hits, false).contains("group"));
        }
        assert_eq!([hint_text(false, Some(1), true), hint_text(false, Some(2), false)], ["1 match", "2 matches"]);
        assert_eq!(hint_text(true, None, true), "Looking up the list …");
    }

    #[test]
    fn arrows_go_round() {
        assert_eq!([after(None, 3), after(Some(0), 3), after(Some(2), 3), after(Some(0), 1)], [0, 1, 0, 0]);
        assert_eq!([before(None, 3), before(Some(0), 3), before(Some(2), 3), before(Some(0), 1)], [2, 2, 1, 0]);
    }
}
