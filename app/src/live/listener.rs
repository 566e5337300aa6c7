use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent, VisibilityState};

use crate::language::n;
use crate::secret::use_secret_list;
use crate::settling::use_settling;
use crate::ui::use_toasts;

/// How often is looked whether the server is still heard.
const LOOK: Duration = Duration::from_secs(5);
/// What comes together is looked at together; what the person did themselves is loaded by then.
const TOGETHER: Duration = Duration::from_millis(300);

/// How many looks are left out at most after refusals.
const LONGEST_PAUSE: u32 = 31;

/// A connection on which the server tells that something has changed.
struct Source {
    source: EventSource,
    _heard: Closure<dyn FnMut(MessageEvent)>,
}

impl Drop for Source {
    fn drop(&mut self) {
        self.source.close();
    }
}

/// Hears what others do while the page is looked at, and loads the list again. A page that nobody sees holds no connection: browsers have few of them
/// for one address.
#[component]
pub(crate) fn Listener() -> impl IntoView {
    let (list, settling, toasts) = (use_secret_list(), use_settling(), use_toasts());
    // The last event that was heard, what was loaded since then, and whether somebody waits to look.
    let (heard_last, loads) = (StoredValue::new(String::new()), StoredValue::new(0));
    let waits = StoredValue::new(false);
    let look = move || {
        // Locked by now.
        if waits.try_set_value(false).is_some() {
            return;
        }
        // A load that began after the event has it.
        if list.loads() == loads.get_value() {
            list.refresh();
        }
        list.heard.update(|heard| *heard += 1);
        settling.look();
    };
    let hear = move |event: MessageEvent| {
        let id = event.last_event_id();
        if heard_last.try_set_value(id.clone()).is_some() {
            return;
        }
        if !id.is_empty() {
            list.hear(id);
        }
        if let Some(text) = event.data().as_string().as_deref().and_then(news) {
            toasts.news(text);
        }
        loads.set_value(list.loads());
        if !waits.get_value() {
            waits.set_value(true);
            // Not all pages that were told ask at the same moment.
            set_timeout(look, TOGETHER.mul_f64(1.0 + js_sys::Math::random()));
        }
    };
    let open = move || -> Option<Source> {
        // Ids begin with the time: the later one is the greater.
        let known = heard_last.get_value().max(list.as_of().event);
        let source = EventSource::new(&format!("/api/live?after={known}")).ok()?;
        let heard = Closure::new(hear);
        source.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        Some(Source { source, _heard: heard })
    };
    let source = StoredValue::new_local(None::<Source>);
    // How many looks to leave out after a refusal, and how many of them are left.
    let (pause, left) = (StoredValue::new(0_u32), StoredValue::new(0_u32));
    let keep = move || {
        if source.is_disposed() {
            return;
        }
        let is_seen = document().visibility_state() == VisibilityState::Visible;
        // Until the rows are here, nobody knows what there is to hear.
        if !is_seen || !untrack(|| list.is_loaded()) {
            source.set_value(None);
            return;
        }
        match source.with_value(|source| source.as_ref().map(|open| open.source.ready_state())) {
            None => {}
            Some(EventSource::CLOSED) if left.get_value() > 0 => {
                left.update_value(|left| *left -= 1);
                return;
            }
            Some(EventSource::CLOSED) => {
                // Whoever is signed out meanwhile learns it from the next request. Where something between here and the server refuses
                // streams, the list is loaded now and then instead.
                list.refresh();
                list.heard.update(|heard| *heard += 1);
                pause.update_value(|pause| *pause = (2 * *pause + 1).min(LONGEST_PAUSE));
                left.set_value(pause.get_value());
            }
            Some(state) => {
                if state == EventSource::OPEN {
                    pause.set_value(0);
                }
                return;
            }
        }
        source.set_value(open());
    };
    Effect::new(move || {
        if list.is_loaded() {
            keep();
        }
    });
    let seen = window_event_listener_untyped("visibilitychange", move |_| keep());
    let timer = set_interval_with_handle(keep, LOOK);
    on_cleanup(move || {
        seen.remove();
        if let Ok(timer) = timer {
            timer.clear();
        }
        let _ = source.try_set_value(None);
    });
}

/// What an event tells, in words; nothing where it tells only that something has changed.
fn news(data: &str) -> Option<String> {
    let mut parts = data.splitn(3, ' ');
    let (what, count, by) = (parts.next()?, parts.next()?, parts.next()?);
    let count: usize = count.parse().ok()?;
    match what {
        "shared" => Some(n!(count, "{by} shared {n} API secret with you", "{by} shared {n} API secrets with you", by)),
        "given" => Some(n!(count, "{by} gave you {n} API secret", "{by} gave you {n} API secrets", by)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_are_said_in_words() {
        assert_eq!(news("shared 3 Ana Lima").as_deref(), Some("Ana Lima shared 3 API secrets with you"));
        assert_eq!(news("given 1 Ana").as_deref(), Some("Ana gave you 1 API secret"));
        assert_eq!(news("changed"), None);
    }
}
