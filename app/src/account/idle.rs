//! Locks the keys when nobody is at the screen.

use leptos::ev;
use leptos::prelude::*;

use super::session::{Session, Standing};
use crate::language::n;

const MINUTE_MS: f64 = 60.0 * 1000.0;
/// How often that is looked at. Timers sleep with the machine, so the clock decides and not their count.
const LOOK_MS: u64 = 5_000;

/// Locks `session` after as many minutes as its person chose without a key, a click or a touch.
pub(super) fn lock_when_idle(session: Session) {
    let seen = StoredValue::new(js_sys::Date::now());
    let minutes = move || session.profile_untracked().map_or(1, |profile| profile.idle_minutes.max(1));
    let is_idle = move || js_sys::Date::now() - seen.get_value() >= f64::from(minutes()) * MINUTE_MS;
    let lock = move || {
        session.lock(Some(n!(
            usize::try_from(minutes()).unwrap_or(usize::MAX),
            "Locked after a minute without a sign of you. Your password opens it again.",
            "Locked after {n} minutes without a sign of you. Your password opens it again."
        )));
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
