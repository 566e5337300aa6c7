use leptos::prelude::*;

use crate::language::t;
use crate::ui::{local_day, number};

/// A week, in milliseconds.
const WEEK: i64 = 7 * 24 * 3_600_000;
/// How many weeks are shown.
const WEEKS: usize = 13;
/// The width of a bar with its space, and the height of the highest one.
const WIDTH: u32 = 26;
const HEIGHT: u32 = 60;

/// How often something was shared, week by week.
#[component]
pub(super) fn Chart(
    /// The first millisecond of each day on which something was, and how often.
    days: Vec<(i64, u32)>,
    /// Now, in milliseconds since 1970.
    now: i64,
) -> impl IntoView {
    let weeks = by_week(&days, now);
    let most = weeks.iter().map(|(_, count)| *count).max().unwrap_or_default().max(1);
    let said: Vec<String> = weeks.iter().map(|(from, count)| format!("{}: {count}", local_day(*from))).collect();
    let bars = weeks.iter().enumerate().map(|(index, (from, count))| {
        let height = count.saturating_mul(HEIGHT) / most;
        let x = u32::try_from(index).unwrap_or_default() * WIDTH;
        view! {
            <rect class="bar" x=x + 2 y=HEIGHT - height width=WIDTH - 4 height=height>
                <title>{t!("Week of {day}: {count}", day = local_day(*from), count)}</title>
            </rect>
        }
    });
    let total: u32 = weeks.iter().map(|(_, count)| count).sum();
    let all = u32::try_from(WEEKS).unwrap_or_default() * WIDTH;
    view! {
        <figure class="card chart">
            <figcaption>{t!("Sharing in the last {weeks} weeks: {total} in all, at most {most} a week", weeks = WEEKS, total = number(total as usize), most = number(most as usize))}</figcaption>
            <svg viewBox=format!("0 0 {all} {}", HEIGHT + 1) role="img" aria-label=t!("Sharing by week. {weeks}", weeks = said.join("; "))>
                {bars.collect_view()}
                <line class="axis" x1="0" x2=all y1=HEIGHT y2=HEIGHT />
            </svg>
        </figure>
    }
}

/// The sums of the last weeks, each with its first millisecond, the earliest first.
fn by_week(days: &[(i64, u32)], now: i64) -> Vec<(i64, u32)> {
    let end = now / (24 * 3_600_000) * (24 * 3_600_000) + 24 * 3_600_000;
    let start = |back: usize| end - i64::try_from(back).unwrap_or_default() * WEEK;
    (1..=WEEKS)
        .rev()
        .map(|back| {
            let of_week = days.iter().filter(|(at, _)| (start(back)..start(back - 1)).contains(at));
            (start(back), of_week.map(|(_, count)| count).sum())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_come_into_their_weeks() {
        const DAY: i64 = 24 * 3_600_000;
        let now = 1_000 * DAY + 5;
        let days = [(1_000 * DAY, 1), (994 * DAY, 2), (993 * DAY, 4), (900 * DAY, 8)];
        let weeks = by_week(&days, now);
        assert_eq!(weeks.len(), WEEKS);
        assert_eq!(weeks[WEEKS - 1], (994 * DAY, 3));
        assert_eq!(weeks[WEEKS - 2], (987 * DAY, 4));
        assert_eq!(weeks.iter().map(|(_, count)| count).sum::<u32>(), 7);
    }
}
