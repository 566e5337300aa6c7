//! How hard a new password is to guess, as zxcvbn works it out.

use zeroize::Zeroizing;
use zxcvbn::feedback::Warning;

use crate::language::t;

/// How good a password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Weak = 1,
    Fair,
    Good,
    Strong,
}

/// What is said of a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Estimate {
    pub level: Level,
    pub text: String,
}

/// A guesser who has the database and the server's keys, and some 1,500 processor cores for Argon2id, tries so many passwords in a second.
const IN_A_SECOND: f64 = 1e4;
const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;
const MONTH: f64 = 30.0 * DAY;
const YEAR: f64 = 365.0 * DAY;
const CENTURY: f64 = 100.0 * YEAR;

/// A password, and what others know of the person: guessers try it first.
pub(crate) fn estimate(password: &Zeroizing<String>, known: &[String]) -> Estimate {
    // Each of the words of a name, and of the parts of an address.
    let words: Vec<&str> = known
        .iter()
        .flat_map(|text| text.split(|char: char| !char.is_alphanumeric()))
        .filter(|word| word.chars().count() > 2)
        .collect();
    let found = zxcvbn::zxcvbn(password, &words);
    let seconds = 10_f64.powf(found.guesses_log10()) / IN_A_SECOND;
    let (level, takes) = match seconds {
        s if s < MINUTE => (Level::Weak, t!("Takes less than a minute to guess.")),
        s if s < HOUR => (Level::Weak, t!("Takes minutes to guess.")),
        s if s < DAY => (Level::Weak, t!("Takes hours to guess.")),
        s if s < MONTH => (Level::Weak, t!("Takes days to guess.")),
        s if s < YEAR => (Level::Fair, t!("Takes months to guess.")),
        s if s < CENTURY => (Level::Fair, t!("Takes years to guess.")),
        // Beyond the next hundred times as fast machines.
        s if s < 100.0 * CENTURY => (Level::Good, t!("Takes centuries to guess.")),
        _ => (Level::Strong, t!("Takes centuries to guess.")),
    };
    let name = match level {
        Level::Weak => t!("Weak"),
        Level::Fair => t!("Fair"),
        Level::Good => t!("Good"),
        Level::Strong => t!("Strong"),
    };
    let reason = found.feedback().and_then(zxcvbn::feedback::Feedback::warning).map(reason);
    let text = reason
        .map_or_else(|| format!("{name}. {takes}"), |reason| t!("{name}: {reason}. {takes}", name, reason, takes));
    Estimate { level, text }
}

/// What makes a password easy to guess.
fn reason(warning: Warning) -> &'static str {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => {
            t!("keys side by side")
        }
        Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            t!("a repetition")
        }
        Warning::ThisIsATop10Password | Warning::ThisIsATop100Password | Warning::ThisIsACommonPassword => {
            t!("a common password")
        }
        Warning::ThisIsSimilarToACommonlyUsedPassword => t!("much like a common password"),
        Warning::SequencesLikeAbcAreEasyToGuess => t!("a row such as abc or 123"),
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => t!("a year or a date"),
        Warning::AWordByItselfIsEasyToGuess => t!("a common word"),
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess | Warning::CommonNamesAndSurnamesAreEasyToGuess => {
            t!("a common name")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(password: &str, known: &[&str]) -> Estimate {
        let known: Vec<String> = known.iter().copied().map(str::to_owned).collect();
        estimate(&Zeroizing::new(password.to_owned()), &known)
    }

    #[test]
    fn what_guessers_try_first_is_weak_and_says_why() {
        for (password, text) in [
            ("password1234", "Weak: a common password. Takes less than a minute to guess."),
            ("qwertyuiop12", "Weak"),
            ("aaaaaaaaaaaa", "Weak: a repetition. Takes less than a minute to guess."),
            ("abcdefghijkl", "Weak: a row such as abc or 123. Takes less than a minute to guess."),
        ] {
            let found = of(password, &[]);
            assert_eq!(found.level, Level::Weak, "{password}");
            assert!(found.text.starts_with(text), "{password}: {}", found.text);
        }
    }

    #[test]
    fn words_that_do_not_belong_together_are_strong() {
        for password in ["umbrella-glacier-trombone-pickle", "k3ZpXw9qLm2RtV5y"] {
            let strong = Estimate { level: Level::Strong, text: "Strong. Takes centuries to guess.".to_owned() };
            assert_eq!(of(password, &[]), strong, "{password}");
        }
    }

    #[test]
    fn what_is_known_of_somebody_makes_their_passwords_weaker() {
        assert_eq!(of("quixotic-Zoltanovic", &["Zoltanovic Quixotic", "z@example.com"]).level, Level::Weak);
        assert_ne!(of("quixotic-Zoltanovic", &["Bruno Souza"]).level, Level::Weak);
    }
}
