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
    let is_idle = move || js_sys::Date::now() - seen.get_value() >= IDLE_MS;
    let lock = move || {
        session.lock(Some("Locked after five minutes without a sign of you. Your password opens it again.".into()));
    };
    // After a sleep the first sign may come before the next look at the clock: it comes too late.
    let touch = move || {
        if is_idle() {
            lock();
        }
        seen.set_value(js_sys::Date::now());
    };
    let handles = [
        window_event_listener(ev::pointerdown, move |_| touch()),
        window_event_listener(ev::keydown, move |_| touch()),
        window_event_listener(ev::wheel, move |_| touch()),
    ];
    on_cleanup(move || handles.into_iter().for_each(WindowListenerHandle::remove));
    Effect::new(move || {
        if matches!(session.standing(), Standing::Unlocked(_)) {
            seen.set_value(js_sys::Date::now());
        }
    });
    let watch = move || {
        if is_idle() {
            lock();
        }
    };
    let _ = set_interval_with_handle(watch, std::time::Duration::from_millis(LOOK_MS));
}
