//! Time as people read it, and turns for the browser between long pieces of work.

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsValue;

use crate::language::locale;

/// A time in the language of the page and the browser's own zone; a dash for none.
pub(crate) fn local_time(millis: Option<i64>) -> String {
    let Some(millis) = millis else { return "–".into() };
    // Exact for 285,000 years.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
    let date = js_sys::Date::new(&JsValue::from_f64(millis as f64));
    let options = js_sys::Object::new();
    for part in ["dateStyle", "timeStyle"] {
        // Setting a property of a new plain object does not fail.
        let _ =
            js_sys::Reflect::set(&options, &part.into(), &if part == "dateStyle" { "medium" } else { "short" }.into());
    }
    date.to_locale_string(&locale(), &options).into()
}

/// A day in the language of the page.
pub(crate) fn local_day(millis: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
    let date = js_sys::Date::new(&JsValue::from_f64(millis as f64));
    date.to_locale_date_string(&locale(), &js_sys::Object::new()).into()
}

/// A time as programs write it: 2026-11-24T19:05:00.123Z.
pub(crate) fn iso_time(millis: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
    let date = js_sys::Date::new(&JsValue::from_f64(millis as f64));
    date.to_iso_string().into()
}

/// Now, in milliseconds since 1970.
pub(crate) fn now_millis() -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a whole number of milliseconds")]
    let millis = js_sys::Date::now() as i64;
    millis
}

/// The first millisecond of a day as fields for dates write it (2026-11-24), in the browser's own zone; or that of the day `after` it.
pub(crate) fn day_start(day: &str, after: bool) -> Option<i64> {
    let mut parts = day.split('-').map(|part| part.parse::<i32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let year = u32::try_from(year).ok()?;
    let start = js_sys::Date::new_with_year_month_day(year, month - 1, day + i32::from(after)).get_time();
    #[expect(clippy::cast_possible_truncation, reason = "a whole number of milliseconds")]
    let start = start as i64;
    Some(start)
}

/// A time as fields for date and time write it (2026-11-24T19:05), in the browser's own zone.
pub(crate) fn local_field(millis: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
    let date = js_sys::Date::new(&JsValue::from_f64(millis as f64));
    let (year, month, day) = (date.get_full_year(), date.get_month() + 1, date.get_date());
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}", date.get_hours(), date.get_minutes())
}

/// The time that such a field says.
pub(crate) fn local_millis(field: &str) -> Option<i64> {
    let time = js_sys::Date::new(&JsValue::from_str(field)).get_time();
    #[expect(clippy::cast_possible_truncation, reason = "a whole number of milliseconds")]
    let millis = time as i64;
    (!field.is_empty() && time.is_finite()).then_some(millis)
}

/// Lets the browser show what has changed, and hear what the person does, before work goes on.
pub(crate) async fn next_frame() {
    TimeoutFuture::new(0).await;
}

/// Measures how long work has kept the page from answering.
pub(crate) struct Stopwatch(f64);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(now())
    }

    /// Milliseconds since the start.
    pub(crate) fn elapsed(&self) -> f64 {
        now() - self.0
    }
}

fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}
