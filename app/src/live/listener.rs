use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent, VisibilityState};

use crate::secret::use_secret_list;
use crate::settling::use_settling;
use crate::ui::use_toasts;

/// How often is looked whether the server is still heard.
const LOOK: Duration = Duration::from_secs(5);
/// What comes together is looked at together; what the person did themselves is loaded by then.
const TOGETHER: Duration = Duration::from_millis(300);

/// What is said where the page is to look in any case, whatever it has seen.
const LOOK_AGAIN: &str = "look";

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
    // The last event that was heard: they are in the order of time.
    let (heard_last, waits) = (StoredValue::new(String::new()), StoredValue::new(false));
    let look = move || {
        // Locked by now.
        if waits.try_set_value(false).is_some() {
            return;
        }
        if heard_last.with_value(|last| list.as_of.with_untracked(|as_of| as_of < last)) {
            list.reload();
        }
        settling.look();
    };
    let hear = move |event: MessageEvent| {
        if heard_last.try_set_value(event.last_event_id()).is_some() {
            return;
        }
        let data = event.data().as_string().unwrap_or_default();
        if data == LOOK_AGAIN {
            list.reload();
        }
        if let Some(text) = news(&data) {
            toasts.done(text);
        }
        if !waits.get_value() {
            waits.set_value(true);
            set_timeout(look, TOGETHER);
        }
    };
    let open = move || -> Option<Source> {
        let known = heard_last.with_value(|last| list.as_of.with_untracked(|as_of| as_of.max(last).clone()));
        let source = EventSource::new(&format!("/api/live?after={known}")).ok()?;
        let heard = Closure::new(hear);
        source.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        Some(Source { source, _heard: heard })
    };
    let source = StoredValue::new_local(None::<Source>);
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
        let is_refused = |source: &Source| source.source.ready_state() == EventSource::CLOSED;
        match source.with_value(|source| source.as_ref().map(is_refused)) {
            Some(false) => return,
            // Whoever is signed out meanwhile learns it from the next request.
            Some(true) => list.reload(),
            None => {}
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
    let secrets = if count == "1" { "1 API secret".to_owned() } else { format!("{count} API secrets") };
    match what {
        "shared" => Some(format!("{by} shared {secrets} with you")),
        "given" => Some(format!("{by} gave you {secrets}")),
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
