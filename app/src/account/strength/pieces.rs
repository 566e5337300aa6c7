//! What the parts of a password are, and what characters cost that are part of nothing.

use super::{CAPITAL, Piece};

/// What often comes after each letter from a to z, in the languages that most passwords are in.
const FOLLOWERS: &str = "bcdgilmnprstuvky aeiloruy aehiklortu aeiorsuy acdelmnprstvxwiy aefiloru aehilnoru aeiotry acdefglmnorstvz aou aeinsy \
    adeiloustyk aeiopmbsu acdegiknostuy bcdfgiklmnoprstuvwy aehiloprstu u acdegiklmnorstuyv aceehiklmopstuyw aehilorstuwy bcdegilmnprstz aeio aehiorn \
    aeipty aeosl aeioz";
const KEYS: [&str; 4] = ["qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890"];

/// The binary logarithm in tenths.
pub(super) fn tenths(number: u32) -> u32 {
    let number = number.max(1);
    let bits = number.ilog2();
    10 * bits + (((number - (1 << bits)) * 10) >> bits)
}

/// A character for itself, after those before it.
pub(super) fn single(typed: &[char], at: usize) -> (u32, Piece) {
    let (char, before) = (typed[at], at.checked_sub(1).map(|before| typed[before]));
    if char.is_ascii_alphabetic() {
        let begins_capitals = char.is_ascii_uppercase() && before.is_none_or(|before| !before.is_ascii_uppercase());
        let letter = match before.filter(char::is_ascii_alphabetic) {
            Some(before) if follows(before, char) => 20,
            Some(_) => 47,
            None => 40,
        };
        (letter + if begins_capitals { CAPITAL } else { 0 }, Piece::Other)
    } else if char.is_ascii_digit() {
        (33, Piece::Digit)
    } else if char.is_ascii() {
        // Words are kept apart by the same character, and it is a space more often than not.
        let cost = match char {
            _ if typed[..at].contains(&char) => 10,
            ' ' => 20,
            _ => 50,
        };
        (cost, Piece::Separator)
    } else {
        (if char.is_alphabetic() { 40 } else { 70 }, Piece::Other)
    }
}

fn follows(one: char, other: char) -> bool {
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    FOLLOWERS.split(' ').zip('a'..='z').any(|(followers, letter)| letter == one && followers.contains(other))
}

/// The letter in whose place a character is often put.
pub(super) fn unmasked(char: char) -> char {
    match char {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

pub(super) fn capitals(typed: &[char]) -> u32 {
    match typed.iter().filter(|char| char.is_uppercase()).count() {
        0 => 0,
        1 if typed[0].is_uppercase() => CAPITAL,
        all if all == typed.len() => CAPITAL,
        some => CAPITAL * u32::try_from(some.min(5)).unwrap_or(5),
    }
}

/// Each the next after the one before, or the one before it: `abc`, `321`.
pub(super) fn is_row(small: &[char]) -> bool {
    let step = |pair: &[char]| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0]));
    small.len() > 2
        && small.iter().all(char::is_ascii_alphanumeric)
        && small.windows(2).all(|pair| step(pair).abs() == 1 && step(pair) == step(&small[..2]))
}

/// Keys of one row of a keyboard, from left to right or back.
pub(super) fn is_side_by_side(small: &[char]) -> bool {
    let are_these = |keys: &[u8]| {
        let keys = keys.iter().map(|key| char::from(*key));
        keys.clone().eq(small.iter().copied()) || keys.rev().eq(small.iter().copied())
    };
    small.len() > 3 && KEYS.iter().any(|row| row.as_bytes().windows(small.len()).any(are_these))
}

/// A year, or a day with its year, in any order, with or without signs between.
pub(super) fn is_date(typed: &[char]) -> bool {
    if typed.len() > 10 {
        return false;
    }
    let number =
        |digits: &[char]| digits.iter().try_fold(0_u32, |number, digit| Some(10 * number + digit.to_digit(10)?));
    let is_year = |digits: &[char]| match (digits.len(), number(digits)) {
        (2, Some(_)) => true,
        (4, Some(year)) => (1900..2050).contains(&year),
        _ => false,
    };
    let is_day = |one: &[char], other: &[char]| match (number(one), number(other)) {
        (Some(one @ 1..=31), Some(other @ 1..=31)) => one.min(other) <= 12,
        _ => false,
    };
    let parts: Vec<&[char]> = typed.split(|char| matches!(char, '.' | '-' | '/')).collect();
    match parts[..] {
        [year] if year.len() == 4 => is_year(year),
        [all] if matches!(all.len(), 6 | 8) => {
            let (year, day) = all.split_at(all.len() - 4);
            is_year(year) && is_day(&day[..2], &day[2..]) || is_year(&all[4..]) && is_day(&all[..2], &all[2..4])
        }
        [year, one, other] if year.len() == 4 => is_year(year) && is_day(one, other),
        [one, other, year] => is_year(year) && is_day(one, other),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(what: fn(&[char]) -> bool, text: &str) -> bool {
        what(&text.chars().collect::<Vec<_>>())
    }

    #[test]
    fn a_row_goes_one_way_by_one() {
        for row in ["abc", "321", "6789"] {
            assert!(is(is_row, row), "{row}");
        }
        for other in ["ab", "abd", "aba", "aaa", "9:;", "112"] {
            assert!(!is(is_row, other), "{other}");
        }
    }

    #[test]
    fn keys_side_by_side_are_of_one_row() {
        for keys in ["qwer", "lkjh", "7890"] {
            assert!(is(is_side_by_side, keys), "{keys}");
        }
        for other in ["qwe", "qwea", "qwqw", "qwertyuiopasdf"] {
            assert!(!is(is_side_by_side, other), "{other}");
        }
    }

    #[test]
    fn dates_are_days_that_people_write() {
        for date in ["1987", "24.12.1999", "1/2/03", "19991224", "241299", "991224", "2024-2-9"] {
            assert!(is(is_date, date), "{date}");
        }
        for other in [
            "1899",
            "2050",
            "87",
            "32.12.1999",
            "13.13.1999",
            "99999999",
            "1.2.3",
            "..",
            "1-99999999",
            "99999999/1",
            "12.12.99999",
        ] {
            assert!(!is(is_date, other), "{other}");
        }
    }

    #[test]
    fn tenths_of_bits_grow_with_the_number() {
        assert_eq!([0, 1, 2, 3, 4, 6, 1024].map(tenths), [0, 0, 10, 15, 20, 25, 100]);
        assert!((1..3000).all(|number| tenths(number) <= tenths(number + 1)));
    }

    #[test]
    fn every_letter_has_its_followers() {
        assert_eq!(FOLLOWERS.split(' ').count(), 26);
        assert!(follows('Q', 'u'));
        assert!(follows('z', 'E'));
        assert!(!follows('q', 'a'));
    }
}
