use std::ops::Range;

/// Rows beyond the edges of what can be seen, so that scrolling by key or wheel finds them there.
const MARGIN: usize = 12;
/// How many rows are rendered at most, where no more are seen.
const MOST: usize = 60;

/// The rows of a long list that are rendered: what can be seen and a margin around it. Lengths in pixels.
pub(crate) fn window(scrolled: usize, height: usize, row_height: usize, rows: usize) -> Range<usize> {
    let first = scrolled / row_height;
    let shown = height.div_ceil(row_height) + 1;
    let margin = (MOST.saturating_sub(shown) / 2).min(MARGIN);
    let start = first.saturating_sub(margin).min(rows);
    let end = (first + shown + margin).min(rows).max(start);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_seen_and_a_margin_is_rendered() {
        assert_eq!(window(0, 440, 44, 100_000), 0..23);
        assert_eq!(window(44 * 5000, 440, 44, 100_000), 4988..5023);
        assert_eq!(window(44 * 5000, 44 * 50, 44, 100_000).len(), 51 + 2 * 4);
        assert_eq!(window(44 * 99_990, 440, 44, 100_000), 99_978..100_000);
        // Closer rows: more of them are seen, and as many are rendered beyond them.
        assert_eq!(window(32 * 5000, 448, 32, 100_000), 4988..5027);
    }

    #[test]
    fn short_lists_and_odd_positions_stay_within_bounds() {
        assert_eq!(window(0, 440, 44, 3), 0..3);
        assert_eq!(window(0, 0, 44, 0), 0..0);
        assert_eq!(window(1_000_000_000, 440, 44, 50), 50..50);
    }
}
