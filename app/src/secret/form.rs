use serde::{Deserialize, Serialize};

use crate::error::AppError;
use crate::language::{t, text};

/// The methods that a secret may name; the first stands for none.
pub(crate) const METHODS: [&str; 6] = ["", "GET", "POST", "PUT", "PATCH", "DELETE"];

const MAX_TAGS: usize = 20;

/// What everyone with access sees of a secret. The browser and the server check it with the same code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretFields {
    /// How it is called.
    pub name: String,
    /// Where it is used.
    pub url: String,
    /// The public half of the credentials.
    pub client_id: String,
    /// A name for programs, unique for its owner; empty for none.
    pub identifier: String,
    /// How the credentials are sent; empty for not said.
    pub method: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The day on which its owner wants a new client secret, as in 2026-11-24; empty for none.
    pub rotate_on: String,
}

impl SecretFields {
    /// The fields without outer spaces, or what is wrong with the first that does not fit.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with the label of the field.
    pub fn checked(self) -> Result<Self, AppError> {
        let name = line(text!("Name"), &self.name, 200)?;
        required(text!("Name"), &name)?;
        let url = line("URL", &self.url, 2000)?;
        required("URL", &url)?;
        if !is_url(&url) {
            return Err(AppError::invalid("URL", "Write a full address, such as https://api.example.com."));
        }
        let client_id = line(text!("Client ID"), &self.client_id, 500)?;
        required(text!("Client ID"), &client_id)?;
        let identifier = line(text!("Identifier"), &self.identifier, 100)?;
        if !identifier.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_')) {
            return Err(AppError::invalid("Identifier", "Use letters, digits, dots, hyphens and underscores."));
        }
        if !METHODS.contains(&self.method.as_str()) {
            return Err(AppError::invalid("Method", "Choose one of the list."));
        }
        let tags = checked_tags(&self.tags)?;
        if !self.rotate_on.is_empty() && !is_day(&self.rotate_on) {
            return Err(AppError::invalid("Rotation date", "Choose a day, or none."));
        }
        Ok(Self { name, url, client_id, identifier, method: self.method, tags, rotate_on: self.rotate_on })
    }
}

/// Tags without outer spaces, each once, or what is wrong with the first that does not fit.
pub(crate) fn checked_tags(texts: &[String]) -> Result<Vec<String>, AppError> {
    let mut tags: Vec<String> = Vec::new();
    for tag in texts {
        let tag = line(text!("Tags"), tag, 50)?;
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    if tags.len() > MAX_TAGS {
        return Err(AppError::invalid("Tags", t!("Use at most {limit} tags.", limit = MAX_TAGS)));
    }
    Ok(tags)
}

/// The tags in a line of text, between commas.
pub(crate) fn split_tags(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(Into::into).collect()
}

fn required(label: &str, text: &str) -> Result<(), AppError> {
    if text.is_empty() { Err(AppError::invalid(label, t!("Fill in this field."))) } else { Ok(()) }
}

/// One line of at most `limit` characters that all show what they are.
fn line(label: &str, text: &str, limit: usize) -> Result<String, AppError> {
    let text = text.trim();
    if text.chars().count() > limit {
        return Err(AppError::invalid(label, t!("Use at most {limit} characters.", limit)));
    }
    if text.chars().any(deceives) {
        let reason = t!("It has characters that cannot be seen or that turn the text around. Remove them.");
        return Err(AppError::invalid(label, reason));
    }
    Ok(text.to_owned())
}

/// Control characters, and those that change the direction of a text or have no width: they make one name look like another.
pub(crate) fn deceives(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
}

/// Whether a text is a day as browsers write it.
fn is_day(text: &str) -> bool {
    let mut parts =
        text.split('-').map(|part| part.parse::<u32>().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit())));
    text.len() == 10
        && matches!(
            (parts.next(), parts.next(), parts.next(), parts.next()),
            (Some(Some(_)), Some(Some(1..=12)), Some(Some(1..=31)), None)
        )
}

/// Whether a text is the address of a web service.
fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty() && !host.contains('@') && !rest.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> SecretFields {
        SecretFields {
            name: " Billing ".into(),
            url: "https://api.example.com/v1".into(),
            client_id: "client".into(),
            identifier: "billing-1".into(),
            method: "POST".into(),
            tags: vec![" prod ".into(), "prod".into(), String::new(), "eu".into()],
            rotate_on: "2027-01-31".into(),
        }
    }

    fn wrong(change: impl Fn(&mut SecretFields)) -> String {
        let mut fields = fields();
        change(&mut fields);
        match fields.checked() {
            Err(AppError::Invalid { field, .. }) => field,
            other => panic!("expected an invalid field, got {other:?}"),
        }
    }

    #[test]
    fn outer_spaces_and_doubled_tags_go() {
        let checked = fields().checked().unwrap();
        assert_eq!(checked.name, "Billing");
        assert_eq!(checked.tags, ["prod", "eu"]);
    }

    #[test]
    fn each_field_is_named_when_it_does_not_fit() {
        assert_eq!(wrong(|fields| fields.name = "  ".into()), "Name");
        assert_eq!(wrong(|fields| fields.name = "x".repeat(201)), "Name");
        assert_eq!(wrong(|fields| fields.name = "invoice\u{202E}gnp".into()), "Name");
        assert_eq!(wrong(|fields| fields.name = "two\nlines".into()), "Name");
        assert_eq!(wrong(|fields| fields.client_id = String::new()), "Client ID");
        assert_eq!(wrong(|fields| fields.identifier = "a b".into()), "Identifier");
        assert_eq!(wrong(|fields| fields.method = "TRACE".into()), "Method");
        assert_eq!(wrong(|fields| fields.tags = (0..21).map(|n| n.to_string()).collect()), "Tags");
        for day in ["31.1.2027", "2027-13-01", "2027-1-1", "tomorrow", "2027-01-32", "2027-01-01-", "+027-01-01"] {
            assert_eq!(wrong(|fields| fields.rotate_on = day.into()), "Rotation date", "{day}");
        }
        for url in [
            "",
            "example.com",
            "ftp://example.com",
            "https://",
            "https://a b",
            "https://me:pw@example.com",
            "javascript:x",
        ] {
            assert_eq!(wrong(|fields| fields.url = url.into()), "URL", "{url}");
        }
    }

    #[test]
    fn tags_come_between_commas() {
        assert_eq!(split_tags(" a, b ,, c"), ["a", "b", "c"]);
        assert!(split_tags(" ").is_empty());
    }
}
