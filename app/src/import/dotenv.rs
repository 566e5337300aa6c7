//! `.env` files: quotes, escapes, lines that go on.
//!
//! Read here and not by a library of those that put values into a program's environment: they put variables in the place of `$name`, each by its
//! own rules, and of a secret with a dollar sign nothing may be lost.

use super::record::{Parsed, Record, names_a_secret};
use crate::error::AppError;
use crate::language::text;

/// Reads `NAME=value`, line by line. In double quotes `\n`, `\r`, `\t`, `\"`, `\\` and `\$` are one character each; in single quotes and backticks nothing
/// is; both may go over several lines. Outside of quotes a comment begins with `#` after a space.
pub(super) fn parse(text: &str) -> Result<Parsed, AppError> {
    let mut parsed = Parsed { format: ".env", place: text!("Line"), ..Parsed::default() };
    let (mut rest, mut line) = (text, 0);
    while !rest.is_empty() {
        line += 1;
        let place = line;
        let (first, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let trimmed = first.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            rest = after;
            continue;
        }
        let Some((key, begins)) = assignment(first) else {
            parsed.skipped.push((place, text!("is no NAME=value")));
            rest = after;
            continue;
        };
        let value = if let Some(quote @ ('"' | '\'' | '`')) = begins.chars().next() {
            // The value goes on in `rest` itself: it may have more lines.
            let start = first.len() - begins.len() + 1;
            let Some((value, used)) = quoted(&rest[start..], quote) else {
                parsed.skipped.push((place, text!("has a quote that does not end")));
                rest = after;
                continue;
            };
            let end = start + used;
            line += rest[..end].matches('\n').count();
            rest = rest[end..].split_once('\n').map_or("", |(_, after)| after);
            value
        } else {
            rest = after;
            plain(begins)
        };
        if value.is_empty() {
            parsed.skipped.push((place, text!("is empty")));
            continue;
        }
        parsed.records.push(Record {
            place,
            // Programs look for it by this name.
            identifier: key.to_owned(),
            client_id: key.to_owned(),
            unlikely: !names_a_secret(key),
            name: key.to_owned(),
            client_secret: value,
            ..Record::default()
        });
    }
    if parsed.records.is_empty() && parsed.skipped.is_empty() {
        return Err(AppError::invalid("File", "It has no NAME=value."));
    }
    Ok(parsed)
}

/// Whether the first line that says something is `NAME=value`.
pub(super) fn is_dotenv(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.next().is_some_and(|line| assignment(line).is_some_and(|(_, value)| !value.contains(',') || line.len() < 200))
}

/// The name, and the line from where its value begins.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    let key = key.trim();
    let key = key.strip_prefix("export ").map_or(key, str::trim);
    let is_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '-');
    (!key.is_empty() && key.chars().all(is_name)).then(|| (key, value.trim_start()))
}

/// The value up to the closing quote, and how many bytes it takes with that.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        if char == quote {
            return Some((value, at + char.len_utf8()));
        }
        if char != '\\' || quote != '"' {
            value.push(char);
            continue;
        }
        match chars.next()?.1 {
            'n' => value.push('\n'),
            'r' => value.push('\r'),
            't' => value.push('\t'),
            escaped @ ('"' | '\\' | '$') => value.push(escaped),
            other => value.extend(['\\', other]),
        }
    }
    None
}

/// A value outside of quotes, without its comment.
fn plain(text: &str) -> String {
    let comment =
        text.char_indices().find(|(at, char)| *char == '#' && (*at == 0 || text[..*at].ends_with(char::is_whitespace)));
    text[..comment.map_or(text.len(), |(at, _)| at)].trim().to_owned()
}

#[cfg(test)]
mod tests {
    use crate::import::record::parse;

    #[test]
    fn values_are_what_is_written() {
        let path = format!("{}/../end2end/fixtures/import/sample.env", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        // By its name, or by what is in it.
        for name in ["sample.env", ".env.production", "secrets.txt"] {
            let parsed = parse(name, &text).unwrap();
            let found = |name: &str| {
                let found = parsed.records.iter().find(|record| record.name == name);
                found.unwrap_or_else(|| panic!("{name}"))
            };
            let value = |name: &str| found(name).client_secret.clone();
            assert_eq!(value("PAYMENTS_CLIENT_SECRET"), "fake-cs 8Kq=z,é # not a comment");
            assert_eq!(value("PAYMENTS_TOKEN_URL"), "${PAYMENTS_BASE_URL}/oauth2/token");
            assert_eq!(value("WEATHER_API_KEY"), "fake-$weather \\n ${NOT_EXPANDED} #000 \"q\"");
            assert_eq!(value("WEATHER_NOTE"), "ligne 1\nligne 2\tfin \"guillemets\" C:\\clés");
            assert_eq!(value("JWT_PRIVATE_KEY").lines().count(), 3);
            assert_eq!(value("BASE64"), "ZmFrZQ==");
            assert_eq!((value("INLINE_COMMENT"), value("HASH_NO_SPACE")), ("abc123".into(), "abc#123".into()));
            assert_eq!(value("SPACED_KEY"), "valor com espaços");
            assert_eq!(value("SINGLE_MULTI"), "premiére\ndeuxième");
            // Lines are counted on after values that take several.
            assert_eq!(text.lines().nth(found("BASE64").place - 1), Some("BASE64=ZmFrZQ=="));
            let likely: Vec<&str> =
                parsed.records.iter().filter(|record| !record.unlikely).map(|record| record.name.as_str()).collect();
            assert!(likely.contains(&"JWT_PRIVATE_KEY") && !likely.contains(&"PAYMENTS_BASE_URL"));
            assert_eq!(parsed.skipped.iter().filter(|(_, why)| *why == "is empty").count(), 2);
        }
        let open = parse(".env", "A=\"never closed\nB=1\n").unwrap();
        assert_eq!(open.skipped, [(1, "has a quote that does not end")]);
        assert_eq!(open.records[0].name, "B");
    }
}
