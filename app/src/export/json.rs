//! Secrets, opened, as a file that the import knows.

use serde::Serialize;
use vault::SecretValue;
use zeroize::Zeroizing;

use crate::error::AppError;
use crate::secret::SecretFields;

/// One secret in the file. The names are those that the import knows.
#[derive(Serialize)]
struct Written<'a> {
    name: &'a str,
    url: &'a str,
    client_id: &'a str,
    client_secret: &'a str,
    identifier: &'a str,
    method: &'a str,
    tags: &'a [String],
    rotate_on: &'a str,
    notes: &'a str,
}

/// The file, while it is written.
pub(crate) struct Json(Zeroizing<String>);

impl Json {
    /// With room for so many bytes: where it has to grow, pieces of it stay behind.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(bytes));
        text.push('[');
        Self(text)
    }

    /// One secret more.
    pub(crate) fn push(&mut self, fields: &SecretFields, value: &SecretValue) -> Result<(), AppError> {
        let written = Written {
            name: &fields.name,
            url: &fields.url,
            client_id: &fields.client_id,
            client_secret: &value.client_secret,
            identifier: &fields.identifier,
            method: &fields.method,
            tags: &fields.tags,
            rotate_on: &fields.rotate_on,
            notes: &value.notes,
        };
        let text = Zeroizing::new(serde_json::to_string(&written).map_err(|_| AppError::UnreadableAnswer)?);
        let separator = if self.0.len() > 1 { ",\n" } else { "\n" };
        self.0.push_str(separator);
        self.0.push_str(&text);
        Ok(())
    }

    /// All of it.
    pub(crate) fn finish(mut self) -> Zeroizing<String> {
        self.0.push_str("\n]\n");
        self.0
    }
}
