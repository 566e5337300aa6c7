//! What people may be called, and what a password must be. The browser and the server check with the same code.

use zeroize::Zeroizing;

use crate::error::AppError;
use crate::language::{t, text};
use crate::secret::deceives;

/// The fewest characters of a password.
pub(super) const PASSWORD_LENGTH: usize = 12;
/// The most bytes of a password.
const PASSWORD_BYTES: usize = 1000;

/// A password that is long enough, typed twice the same.
pub(crate) fn check_password(password: String, again: &str) -> Result<Zeroizing<String>, AppError> {
    let password = Zeroizing::new(password);
    if password.chars().count() < PASSWORD_LENGTH {
        let reason =
            t!("Use {least} characters or more; a few words in a row are easy to remember.", least = PASSWORD_LENGTH);
        return Err(AppError::invalid("Password", reason));
    }
    if password.len() > PASSWORD_BYTES {
        return Err(AppError::invalid("Password", t!("Use at most {limit} characters.", limit = PASSWORD_BYTES)));
    }
    if *password != again {
        return Err(AppError::invalid("Password again", "The two passwords differ."));
    }
    Ok(password)
}

/// A short text whose characters show what they are.
pub(crate) fn check_text(label: &str, text: &str) -> Result<String, AppError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(AppError::invalid(label, text!("Fill in this field.")));
    }
    if text.chars().count() > 100 || text.chars().any(deceives) {
        return Err(AppError::invalid(label, text!("Use at most 100 characters, all of them visible.")));
    }
    Ok(text.to_owned())
}

/// A username: what people type at sign-in.
pub(crate) fn check_username(text: &str) -> Result<String, AppError> {
    let text = text.trim();
    let fits = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_');
    if !(2..=40).contains(&text.len()) || !text.chars().all(fits) {
        let reason = text!("Use 2 to 40 letters, digits, dots, hyphens or underscores.");
        return Err(AppError::invalid("Username", reason));
    }
    Ok(text.to_owned())
}

/// An email address whose characters show what they are, as far as one can tell without sending mail.
pub(crate) fn check_email(text: &str) -> Result<String, AppError> {
    let text = text.trim();
    let plausible = text.len() <= 254
        && !text.chars().any(|char| char.is_whitespace() || deceives(char))
        && text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.len() > 2 && !host.contains('@'));
    if plausible { Ok(text.to_owned()) } else { Err(AppError::invalid("Email", "This is not an email address.")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_plain() {
        for good in ["ana", "ana.lima", "a_1-b"] {
            assert_eq!(check_username(good).as_deref(), Ok(good));
        }
        for bad in ["", "a", "ana lima", "añà", "ana@example.com", &"a".repeat(41)] {
            assert!(check_username(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn emails_have_two_sides() {
        assert_eq!(check_email(" ana@example.com ").as_deref(), Ok("ana@example.com"));
        for bad in ["", "ana", "@example.com", "ana@", "a b@example.com", "a@b@example.com"] {
            assert!(check_email(bad).is_err(), "{bad}");
        }
        // Neither seen nor turned around: one address must not look like another.
        for bad in
            ["ana\u{200B}@example.com", "\u{202E}ana@example.com", "ana@exam\u{AD}ple.com", "ana@example.com\u{7}"]
        {
            assert!(check_email(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn passwords_are_long_and_typed_twice_the_same() {
        let check = |password: &str, again: &str| check_password(password.into(), again).map(|_| ());
        assert!(check("twelve chars", "twelve chars").is_ok());
        for (password, again) in
            [("eleven char", "eleven char"), ("twelve chars", "other chars!"), (&*"x".repeat(1001), &*"x".repeat(1001))]
        {
            assert!(check(password, again).is_err(), "{password}");
        }
    }

    #[test]
    fn texts_are_visible_and_short() {
        assert_eq!(check_text("Name", " Ana Lima ").as_deref(), Ok("Ana Lima"));
        for bad in ["", "  ", "a\u{7}b", "a\u{202E}b", &"x".repeat(101)] {
            assert!(check_text("Name", bad).is_err(), "{bad:?}");
        }
    }
}
