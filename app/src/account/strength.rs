//! How hard a new password is to guess: the cheapest way to put it together from what guessers try first.
//!
//! The idea is that of zxcvbn. Its lists alone are 350 KB, and it needs regular expressions; this is a short list and the pairs of letters that words are
//! made of, so that a word that is in no list is not taken for random letters.

mod pieces;

use std::ops::Range;

use zeroize::Zeroizing;

use self::pieces::{capitals, is_date, is_row, is_side_by_side, single, tenths, unmasked};
use super::check::PASSWORD_LENGTH;

/// Passwords and words that people choose, in small letters, the more common first.
const WORDS: &str = include_str!("strength/words.txt");
/// So many characters are looked at: more do not make a password weaker.
const LOOKED_AT: usize = 64;
/// The longest piece that is looked for.
const LONGEST: usize = 24;
/// The longest piece whose repetitions are looked for.
const LONGEST_REPEATED: usize = 16;

// What guessing something costs, in tenths of a bit.
const KIND: u32 = 10;
const OWN: u32 = 10;
const ROW: u32 = 60;
const SIDE_BY_SIDE: u32 = 80;
const YEAR: u32 = 72;
const DATE: u32 = 152;
const REVERSED: u32 = 10;
const MASKED: u32 = 15;
const CAPITAL: u32 = 10;

/// A guesser who has the database and the server's keys, and some 1,500 processor cores for Argon2id, tries 10,000 passwords in a second and finds
/// one after half of them: a password of so many tenths of a bit takes a second.
const A_SECOND: u32 = 143;
/// How long guessing takes below so many tenths of a bit more than that.
const TIMES: [(u32, Level, &str); 6] = [
    (59, Level::Weak, "less than a minute"),
    (118, Level::Weak, "minutes"),
    (164, Level::Weak, "hours"),
    (213, Level::Weak, "days"),
    (249, Level::Fair, "months"),
    (316, Level::Fair, "years"),
];
/// From here on it stays out of reach when machines become faster.
const STRONG: u32 = 600;

/// How good a password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Weak = 1,
    Fair,
    Good,
    Strong,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Weak => "Weak",
            Self::Fair => "Fair",
            Self::Good => "Good",
            Self::Strong => "Strong",
        }
    }
}

/// What is said of a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Estimate {
    pub level: Level,
    pub text: String,
}

/// What a part of a password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    /// Known of the person.
    Own,
    Word,
    SideBySide,
    Row,
    Repeat,
    Date,
    Digit,
    Separator,
    /// Any other character.
    Other,
}

/// The cheapest way to the first characters of a password: what they cost, and the last piece of them.
#[derive(Clone, Copy)]
struct Way {
    cost: u32,
    start: usize,
    piece: Piece,
}

/// A password as it was typed, in small letters, and without what people put in the place of letters.
struct Text {
    typed: Zeroizing<Vec<char>>,
    small: Zeroizing<Vec<char>>,
    plain: Zeroizing<Vec<char>>,
}

impl Text {
    fn of(characters: impl Iterator<Item = char>) -> Self {
        // Never moved while it grows: it is wiped where it is.
        let empty = || Zeroizing::new(Vec::with_capacity(LOOKED_AT));
        let mut text = Self { typed: empty(), small: empty(), plain: empty() };
        for char in characters.take(LOOKED_AT) {
            let small = char.to_lowercase().next().unwrap_or(char);
            text.typed.push(char);
            text.small.push(small);
            text.plain.push(unmasked(small));
        }
        text
    }
}

/// Guesses passwords.
pub(super) struct Guesser {
    /// The words in the order of their letters, each with its place among the common ones.
    words: Vec<(&'static str, u32)>,
}

impl Guesser {
    pub(super) fn new() -> Self {
        let mut words: Vec<(&str, u32)> = WORDS.lines().zip(1..).collect();
        words.sort_unstable();
        Self { words }
    }

    /// What becomes of a password before a guesser who knows some texts about its person.
    pub(super) fn estimate(&self, password: &str, known: &[String]) -> Estimate {
        if password.chars().count() < PASSWORD_LENGTH {
            let text = format!("Too short: it takes at least {PASSWORD_LENGTH} characters.");
            return Estimate { level: Level::Weak, text };
        }
        let known: Vec<String> = known
            .iter()
            .map(String::as_str)
            .chain(["MySafe"])
            .flat_map(|text| text.split(|char: char| !char.is_alphanumeric()))
            .filter(|word| word.chars().count() > 2)
            .map(str::to_lowercase)
            .collect();
        let ways = self.ways(&Text::of(password.chars()), &known, true);
        let cost = cost(&ways);
        let (level, time) = match TIMES.iter().find(|(below, ..)| cost < A_SECOND + below) {
            Some((_, level, time)) => (*level, *time),
            None if cost < STRONG => (Level::Good, "centuries"),
            None => (Level::Strong, "centuries"),
        };
        let why = if matches!(level, Level::Weak | Level::Fair) { reasons(&ways) } else { Vec::new() };
        let colon = if why.is_empty() { "" } else { ": " };
        let text = format!("{}{colon}{}. Takes {time} to guess.", level.name(), why.join(" with "));
        Estimate { level, text }
    }

    /// The cheapest way to each number of characters.
    fn ways(&self, text: &Text, known: &[String], repeats: bool) -> Vec<Way> {
        let mut ways = vec![Way { cost: 0, start: 0, piece: Piece::Other }];
        for end in 1..=text.typed.len() {
            let way = |start: usize, (cost, piece): (u32, Piece)| Way { cost: ways[start].cost + cost, start, piece };
            let alone = way(end - 1, single(&text.typed, end - 1));
            let pieces = (end.saturating_sub(LONGEST)..end.saturating_sub(2))
                .filter_map(|start| self.piece(text, start..end, known).map(|found| way(start, found)));
            let longest = if repeats { LONGEST_REPEATED.min(end / 2) } else { 0 };
            let repeated = (1..=longest).filter_map(|length| {
                let (start, cost) = self.repetition(text, end, length, known)?;
                Some(way(start, (cost, Piece::Repeat)))
            });
            let best = pieces.chain(repeated).fold(alone, |best, way| if way.cost < best.cost { way } else { best });
            ways.push(best);
        }
        ways
    }

    /// What some characters cost as one piece, the cheapest that they are.
    fn piece(&self, text: &Text, range: Range<usize>, known: &[String]) -> Option<(u32, Piece)> {
        let (typed, small) = (&text.typed[range.clone()], &text.small[range.clone()]);
        let date = if typed.len() == 4 { YEAR } else { DATE };
        let found = [
            self.word(text, range, known),
            is_row(small).then_some((ROW, Piece::Row)),
            is_side_by_side(small).then_some((SIDE_BY_SIDE, Piece::SideBySide)),
            is_date(typed).then_some((date, Piece::Date)),
        ];
        let (cost, piece) = found.into_iter().flatten().min_by_key(|(cost, _)| *cost)?;
        Some((cost + KIND, piece))
    }

    fn word(&self, text: &Text, range: Range<usize>, known: &[String]) -> Option<(u32, Piece)> {
        let small = text.small[range.clone()].iter().copied();
        let plain = text.plain[range.clone()].iter().copied();
        let found = [
            (self.look(&small, known), 0),
            (self.look(&small.clone().rev(), known), REVERSED),
            (self.look(&plain, known), MASKED),
        ];
        let capitals = capitals(&text.typed[range]);
        let costs = found.into_iter().filter_map(|(found, more)| found.map(|(cost, piece)| (cost + more, piece)));
        costs.min_by_key(|(cost, _)| *cost).map(|(cost, piece)| (cost + capitals, piece))
    }

    fn look(&self, letters: &(impl Iterator<Item = char> + Clone), known: &[String]) -> Option<(u32, Piece)> {
        if known.iter().any(|word| word.chars().eq(letters.clone())) {
            return Some((OWN, Piece::Own));
        }
        let found = self.words.binary_search_by(|(word, _)| word.chars().cmp(letters.clone())).ok()?;
        Some((tenths(self.words[found].1), Piece::Word))
    }

    /// Where the repetitions begin of the last `length` characters before `end`, and what all of them cost.
    fn repetition(&self, text: &Text, end: usize, length: usize, known: &[String]) -> Option<(usize, u32)> {
        let block = &text.typed[end - length..end];
        let times = text.typed[..end].rchunks_exact(length).take_while(|chunk| *chunk == block).count();
        (times > 1 && times * length > 2).then(|| {
            let once = cost(&self.ways(&Text::of(block.iter().copied()), known, false));
            (end - times * length, once + tenths(u32::try_from(times).unwrap_or(u32::MAX)) + KIND)
        })
    }
}

fn cost(ways: &[Way]) -> u32 {
    ways.last().map_or(0, |way| way.cost)
}

/// What makes a password easy to guess, at most two things.
fn reasons(ways: &[Way]) -> Vec<&'static str> {
    let mut pieces = Vec::new();
    let mut end = ways.len() - 1;
    while end > 0 {
        pieces.push(ways[end].piece);
        end = ways[end].start;
    }
    let has = |piece: Piece| pieces.contains(&piece);
    let several = pieces.iter().filter(|piece| **piece == Piece::Word).count() > 1;
    let mut reasons: Vec<&str> = [
        (Piece::Own, "what others know of you"),
        (Piece::Word, if several { "common words" } else { "a common word" }),
        (Piece::SideBySide, "keys side by side"),
        (Piece::Row, "a row such as abc or 123"),
        (Piece::Repeat, "a repetition"),
        (Piece::Date, "a year or a date"),
    ]
    .into_iter()
    .filter_map(|(piece, text)| has(piece).then_some(text))
    .collect();
    if !reasons.is_empty() {
        let rest = [(Piece::Other, "a few more characters"), (Piece::Digit, "digits")];
        reasons.extend(rest.into_iter().find_map(|(piece, text)| has(piece).then_some(text)));
    }
    reasons.truncate(2);
    reasons
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn estimate(password: &str) -> Estimate {
        Guesser::new().estimate(password, &["Ana Lima".to_owned(), "ana@example.com".to_owned()])
    }

    #[test]
    fn the_list_has_each_word_once_in_small_letters() {
        let words: HashSet<&str> = WORDS.lines().collect();
        assert_eq!(words.len(), WORDS.lines().count());
        assert!(words.iter().all(|word| word.chars().count() > 2 && *word == word.to_lowercase()));
        assert!(WORDS.lines().all(|word| word.len() <= LONGEST));
    }

    #[test]
    fn what_guessers_try_first_is_weak() {
        for (password, text) in [
            ("password1234", "Weak: a common word with a row such as abc or 123. Takes less than a minute to guess."),
            ("Password2024!", "Weak: a common word with a year or a date. Takes less than a minute to guess."),
            ("p@ssw0rd2481", "Weak: a common word with digits. Takes less than a minute to guess."),
            ("dragon938257", "Weak: a common word with digits. Takes minutes to guess."),
            ("qwertyuiop12", "Weak: keys side by side with digits. Takes less than a minute to guess."),
            ("aaaaaaaaaaaa", "Weak: a repetition. Takes less than a minute to guess."),
            ("drowssapdrowssap", "Weak: common words. Takes less than a minute to guess."),
            ("AnaLima-1987", "Weak: what others know of you with a year or a date. Takes less than a minute to guess."),
            ("winter is coming", "Weak: a common word with a few more characters. Takes hours to guess."),
            ("too short", "Too short: it takes at least 12 characters."),
        ] {
            assert_eq!(estimate(password), Estimate { level: Level::Weak, text: text.to_owned() }, "{password}");
        }
    }

    #[test]
    fn words_in_a_row_and_random_characters_are_better() {
        for (password, level, text) in [
            ("correct horse battery staple", Level::Fair, "Fair: common words. Takes years to guess."),
            ("Glacier!Trombone7", Level::Fair, "Fair. Takes years to guess."),
            ("umbrella glacier trombone", Level::Good, "Good. Takes centuries to guess."),
            ("gT7#pQ9!vX2m", Level::Good, "Good. Takes centuries to guess."),
            ("umbrella-glacier-trombone-pickle", Level::Strong, "Strong. Takes centuries to guess."),
            ("k3ZpXw9qLm2RtV5y", Level::Strong, "Strong. Takes centuries to guess."),
        ] {
            assert_eq!(estimate(password), Estimate { level, text: text.to_owned() }, "{password}");
        }
    }

    #[test]
    fn what_is_known_of_somebody_makes_only_their_passwords_weaker() {
        let guesser = Guesser::new();
        let cost = |known: &[String]| cost(&guesser.ways(&Text::of("quixotic-Zoltan".chars()), known, true));
        assert!(cost(&["zoltan".to_owned()]) + 100 < cost(&[]));
        assert_eq!(cost(&["bruno".to_owned()]), cost(&[]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_text_is_estimated(password in "\\PC{0,80}", known in "\\PC{0,20}") {
            let found = Guesser::new().estimate(&password, &[known]);
            prop_assert!(!found.text.is_empty());
        }
    }
}
