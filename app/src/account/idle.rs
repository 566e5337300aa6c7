//! Locks the keys when nobody is at the screen.

use leptos::ev;
use leptos::prelude::*;

use super::session::{Session, Standing};

/// How long the keys stay open with nobody at the screen, in milliseconds.
const IDLE_MS: f64 = 5.0 * 60.0 * 1000.0;
/// How often that is looked at. Timers sleep with the machine, so the clock decides and not their count.
const LOOK_MS: u64 = 5_000;

/// Locks `session` after five minutes without a key, a click or a touch.
pub(super) fn lock_when_idle(session: Session) {
    let seen = StoredValue::new(js_sys::Date::now());
    let touch = move || seen.set_value(js_sys::Date::now());
    let handles = [
        window_event_listener(ev::pointerdown, move |_| touch()),
        window_event_listener(ev::keydown, move |_| touch()),
        window_event_listener(ev::wheel, move |_| touch()),
    ];
    on_cleanup(move || handles.into_iter().for_each(WindowListenerHandle::remove));
    Effect::new(move || {
        if matches!(session.standing(), Standing::Unlocked(_)) {
            touch();
        }
    });
    let look = move || {
        if js_sys::Date::now() - seen.get_value() >= IDLE_MS {
            session.lock(Some("Locked after five minutes without a sign of you. Your password opens it again.".into()));
        }
    };
    let _ = set_interval_with_handle(look, std::time::Duration::from_millis(LOOK_MS));
}
