//! What a file says of one API secret, whatever its format.

use vault::SecretValue;
use zeroize::Zeroize;

use super::{dotenv, json, table};
use crate::error::AppError;
use crate::secret::SecretFields;

/// One record of a file.
#[derive(Clone, Default, PartialEq, Eq, Zeroize)]
pub(super) struct Record {
    /// Where in the file it is: the line, or which one it is.
    pub place: usize,
    pub name: String,
    pub url: String,
    pub client_id: String,
    pub client_secret: String,
    pub identifier: String,
    pub method: String,
    pub tags: Vec<String>,
    pub rotate_on: String,
    pub notes: String,
    /// Whether it does not look like a secret: a plain setting.
    pub unlikely: bool,
    /// What is wrong with all of it, where nothing of it could be read.
    pub fault: Option<String>,
}

/// A file, read.
#[derive(Clone, Default)]
pub(super) struct Parsed {
    /// What the file is: "Bitwarden JSON".
    pub format: &'static str,
    /// What the place of a record counts: lines or records.
    pub place: &'static str,
    /// The records, in their order.
    pub records: Vec<Record>,
    /// What was not taken, and why.
    pub skipped: Vec<(usize, &'static str)>,
}

/// What a column or key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Name,
    Url,
    ClientId,
    ClientSecret,
    Identifier,
    Method,
    Tags,
    RotateOn,
    Notes,
    /// Worth keeping, in the notes.
    Other,
    /// Of no use elsewhere.
    Nothing,
}

impl Meaning {
    /// By the name of a column or key, as the managers that people come from write it.
    pub(super) fn of(name: &str) -> Self {
        let plain: String = name.chars().filter(|char| char.is_alphanumeric()).collect::<String>().to_lowercase();
        match plain.as_str() {
            "name" | "title" | "account" | "label" | "itemname" => Self::Name,
            "url" | "uri" | "urls" | "loginuri" | "website" | "websites" | "baseurl" | "endpoint" => Self::Url,
            "clientid" | "username" | "loginusername" | "loginname" | "user" | "login" | "email" | "appid" => {
                Self::ClientId
            }
            "clientsecret" | "password" | "loginpassword" | "secret" | "apikey" | "token" | "accesstoken" | "value" => {
                Self::ClientSecret
            }
            "identifier" => Self::Identifier,
            "method" => Self::Method,
            "tags" | "tag" | "labels" | "folder" | "group" => Self::Tags,
            "rotateon" => Self::RotateOn,
            "notes" | "note" | "comments" | "comment" | "description" => Self::Notes,
            "favorite" | "reprompt" | "icon" | "lastmodified" | "created" | "archived" | "archiveddate" | "type"
            | "id" => Self::Nothing,
            _ => Self::Other,
        }
    }
}

impl Record {
    /// Takes what a column or key says.
    pub(super) fn take(&mut self, name: &str, text: &str) {
        let meaning = Meaning::of(name);
        // Of what is sealed, spaces may be all that there is.
        let is_sealed = matches!(meaning, Meaning::ClientSecret | Meaning::Notes);
        if text.is_empty() || (!is_sealed && text.trim().is_empty()) {
            return;
        }
        let field = match meaning {
            Meaning::Name => &mut self.name,
            Meaning::Url => &mut self.url,
            Meaning::ClientId => &mut self.client_id,
            Meaning::ClientSecret => &mut self.client_secret,
            Meaning::Identifier => &mut self.identifier,
            Meaning::Method => &mut self.method,
            Meaning::RotateOn => &mut self.rotate_on,
            Meaning::Notes if self.notes.is_empty() => &mut self.notes,
            Meaning::Tags => {
                let tags = text.split([',', ';']).map(|tag| tag.trim().to_owned());
                return self.tags.extend(tags.filter(|tag| !tag.is_empty()));
            }
            Meaning::Nothing => return,
            Meaning::Notes | Meaning::Other => return self.note(name, text),
        };
        if field.is_empty() {
            text.clone_into(field);
        } else {
            // The second of two columns of one meaning is kept, too.
            self.note(name, text);
        }
    }

    /// Keeps something in the notes, which are sealed like the client secret.
    pub(super) fn note(&mut self, name: &str, text: &str) {
        if !self.notes.is_empty() {
            self.notes.push('\n');
        }
        self.notes.push_str(name);
        self.notes.push_str(": ");
        self.notes.push_str(text);
    }

    /// What everyone with access will see, or what is wrong with it. `default_url` is for records without one.
    pub(super) fn fields(&self, default_url: &str) -> Result<SecretFields, AppError> {
        let url = if self.url.trim().is_empty() { default_url } else { &self.url };
        // People and managers leave the scheme out.
        let url = if url.trim().is_empty() || url.contains("://") {
            url.to_owned()
        } else {
            format!("https://{}", url.trim())
        };
        let client_id = if self.client_id.trim().is_empty() { &self.name } else { &self.client_id };
        let fields = SecretFields {
            name: self.name.clone(),
            url,
            client_id: client_id.clone(),
            identifier: self.identifier.clone(),
            method: self.method.to_uppercase(),
            tags: self.tags.clone(),
            rotate_on: self.rotate_on.trim().to_owned(),
        };
        let checked = fields.checked()?;
        if self.client_secret.is_empty() && self.notes.is_empty() {
            return Err(AppError::invalid("Client secret", "There is none, nor any notes."));
        }
        if self.client_secret.len() + self.notes.len() > vault::MAX_SECRET_BYTES {
            return Err(AppError::invalid("Client secret", "It is too long, together with the notes."));
        }
        Ok(checked)
    }

    /// What is sealed.
    pub(super) fn value(&self) -> SecretValue {
        SecretValue { client_secret: self.client_secret.clone(), notes: self.notes.clone() }
    }
}

/// Whether the name of a variable says that its value is secret.
pub(super) fn names_a_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let words = ["secret", "token", "password", "passwd", "passphrase", "key", "credential", "pwd", "auth"];
    words.iter().any(|word| name.contains(word))
        && !name.ends_with("_url")
        && !name.ends_with("_id")
        && !name.ends_with("url")
}

/// Reads a file, whatever it is: by its name, or else by what is in it.
pub(super) fn parse(file: &str, text: &str) -> Result<Parsed, AppError> {
    let text = text.trim_start_matches('\u{FEFF}');
    let file = file.to_lowercase();
    let begins = text.trim_start().chars().next();
    if begins.is_none() {
        return Err(AppError::invalid("File", "It is empty."));
    }
    let is_called = |kind: &str| std::path::Path::new(&file).extension().is_some_and(|is| is == kind);
    let is_env = || file.starts_with(".env") || is_called("env");
    // What spreadsheets put into the first line looks like a variable, and may be one.
    let is_table = || table::told_delimiter(text).is_some_and(|(_, body)| !dotenv::is_dotenv(body));
    if matches!(begins, Some('{' | '[')) {
        json::parse(text)
    } else if !is_called("csv") && (is_env() || (!is_table() && dotenv::is_dotenv(text))) {
        dotenv::parse(text)
    } else {
        table::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_many_managers_mean_the_same() {
        for name in ["Password", "login_password", "client_secret", "API key"] {
            assert_eq!(Meaning::of(name), Meaning::ClientSecret, "{name}");
        }
        for name in ["Web Site", "login_uri", "URL"] {
            assert_eq!(Meaning::of(name), Meaning::Url, "{name}");
        }
        assert_eq!(Meaning::of("Last Modified"), Meaning::Nothing);
        assert_eq!(Meaning::of("rotate_on"), Meaning::RotateOn);
        assert_eq!(Meaning::of("TOTP"), Meaning::Other);
    }

    #[test]
    fn nothing_that_a_record_says_is_lost() {
        let mut record = Record::default();
        for (name, text) in
            [("Title", "A"), ("URL", "a.example.com"), ("Password", "one"), ("API key", "two"), ("TOTP", "otpauth://x")]
        {
            record.take(name, text);
        }
        let fields = record.fields("").unwrap();
        assert_eq!((fields.url.as_str(), fields.client_id.as_str()), ("https://a.example.com", "A"));
        assert_eq!(record.notes, "API key: two\nTOTP: otpauth://x");
        let bare = Record { name: "B".into(), client_secret: "x".into(), ..Record::default() };
        assert!(bare.fields("").is_err());
        assert_eq!(bare.fields("https://b.example.com").unwrap().url, "https://b.example.com");
        let empty = Record { client_secret: String::new(), ..bare.clone() };
        assert!(
            matches!(empty.fields("https://b.example.com"), Err(AppError::Invalid { field, .. }) if field == "Client secret")
        );
        let strange = Record { url: "ldap://ad.example.com".into(), ..bare };
        assert!(matches!(strange.fields(""), Err(AppError::Invalid { field, .. }) if field == "URL"));
    }

    #[test]
    fn variables_say_by_their_names_whether_they_are_secret() {
        for name in ["PAYMENTS_CLIENT_SECRET", "apiKey", "accessToken", "DB_PASSWORD", "JWT_PRIVATE_KEY"] {
            assert!(names_a_secret(name), "{name}");
        }
        for name in ["PAYMENTS_BASE_URL", "TOKEN_URL", "PORT", "CLIENT_ID", "KEY_ID"] {
            assert!(!names_a_secret(name), "{name}");
        }
    }
}
