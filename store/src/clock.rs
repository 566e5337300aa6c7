//! The one place where time enters MySafe.

use std::time::Duration;

use surrealdb::types::Datetime;

use crate::error::StoreError;

/// Milliseconds since 1970, UTC: how times leave the store.
pub type Millis = i64;

/// Now.
pub(crate) fn now() -> Datetime {
    Datetime::now()
}

/// Seconds since 1970.
pub fn now_in_seconds() -> u64 {
    u64::try_from(now().timestamp()).unwrap_or_default()
}

/// Now, in milliseconds since 1970.
pub fn now_in_millis() -> Millis {
    millis(&now())
}

/// Now and so many seconds more.
pub(crate) fn in_seconds(seconds: i64) -> Datetime {
    let now = now();
    Datetime::from_timestamp(now.timestamp() + seconds, 0).unwrap_or(now)
}

/// The time so many whole seconds ago.
pub(crate) fn ago(duration: Duration) -> Datetime {
    let now = now();
    let seconds = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    Datetime::from_timestamp(now.timestamp().saturating_sub(seconds), now.timestamp_subsec_nanos()).unwrap_or(now)
}

/// The time at so many milliseconds since 1970.
pub(crate) fn at(millis: u64) -> Option<Datetime> {
    let (seconds, rest) = (i64::try_from(millis / 1000).ok()?, u32::try_from(millis % 1000).ok()?);
    Datetime::from_timestamp(seconds, rest * 1_000_000)
}

/// The same for a time from outside.
///
/// # Errors
/// [`StoreError::Malformed`] for one that cannot be.
pub(crate) fn time(millis: Millis) -> Result<Datetime, StoreError> {
    u64::try_from(millis).ok().and_then(at).ok_or(StoreError::Malformed("a time"))
}

/// A time as programs write it: 2026-11-24T19:05:00.123Z.
pub fn date_text(millis: Millis) -> String {
    time(millis).map(|time| time.to_string()).unwrap_or_default()
}

pub(crate) fn millis(time: &Datetime) -> Millis {
    time.timestamp_millis()
}
