//! The one place where time enters MySafe.

use surrealdb::types::Datetime;

/// Milliseconds since 1970, UTC: how times leave the store.
pub(crate) type Millis = i64;

/// Now.
pub(crate) fn now() -> Datetime {
    Datetime::now()
}

/// Now and so many seconds more.
pub(crate) fn in_seconds(seconds: i64) -> Datetime {
    let now = now();
    Datetime::from_timestamp(now.timestamp() + seconds, 0).unwrap_or(now)
}

pub(crate) fn millis(time: &Datetime) -> Millis {
    time.timestamp_millis()
}
