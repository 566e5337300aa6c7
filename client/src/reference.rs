use std::str::FromStr;

use vault::SecretValue;
use zeroize::Zeroizing;

use crate::error::ClientError;
use crate::wire::Secret;

/// What a value begins with that stands for an API secret.
const SCHEME: &str = "mysafe://";

/// Which part of an API secret is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    ClientSecret,
    ClientId,
    Url,
    Notes,
}

impl Field {
    const ALL: [Self; 4] = [Self::ClientSecret, Self::ClientId, Self::Url, Self::Notes];

    fn name(self) -> &'static str {
        match self {
            Self::ClientSecret => "client_secret",
            Self::ClientId => "client_id",
            Self::Url => "url",
            Self::Notes => "notes",
        }
    }

    /// Whether it is a part of the sealed value.
    pub(crate) fn is_sealed(self) -> bool {
        matches!(self, Self::ClientSecret | Self::Notes)
    }
}

/// An API secret, and a part of it, as people write it: `stripe-live`, `stripe-live/client_id`, with `mysafe://` before it or not. The name is an identifier, an
/// id, or the name that the list shows. The client secret is meant where no part is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    name: String,
    pub field: Field,
}

impl FromStr for Reference {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.strip_prefix(SCHEME).unwrap_or(text);
        let part = |(name, part): (&str, &str)| {
            let field = Field::ALL.into_iter().find(|field| field.name() == part)?;
            Some(Self { name: name.into(), field })
        };
        let whole = || Self { name: text.into(), field: Field::ClientSecret };
        Ok(text.rsplit_once('/').and_then(part).unwrap_or_else(whole))
    }
}

impl Reference {
    /// The reference that the value of a variable is; `None` for any other value.
    pub(crate) fn of_value(value: &str) -> Option<Self> {
        value
            .starts_with(SCHEME)
            .then(|| value.parse().unwrap_or_else(|never: std::convert::Infallible| match never {}))
    }

    /// The one among those there are: by its id, else by identifier or name. Where two are called so, it is neither: anybody may call something that they share
    /// like something of somebody else.
    pub(crate) fn find<'a>(&self, secrets: &'a [Secret]) -> Result<&'a Secret, ClientError> {
        let id = self.name.to_lowercase();
        if let Some(secret) = secrets.iter().find(|secret| secret.id.to_string() == id) {
            return Ok(secret);
        }
        let is_called = |secret: &&Secret| {
            secret.fields.name == self.name || secret.fields.identifier.as_deref() == Some(self.name.as_str())
        };
        let called: Vec<&Secret> = secrets.iter().filter(is_called).collect();
        match called[..] {
            [secret] => Ok(secret),
            [] => Err(ClientError::Unknown(self.name.clone())),
            _ => Err(ClientError::Ambiguous(called.len(), self.name.clone())),
        }
    }

    /// The part that is meant; the value is needed for those that are sealed.
    pub(crate) fn part(&self, secret: &Secret, value: Option<&SecretValue>) -> Result<Zeroizing<String>, ClientError> {
        let sealed = |part: fn(&SecretValue) -> &str| value.map(part).unwrap_or_default().to_owned();
        let text = Zeroizing::new(match self.field {
            Field::ClientSecret => sealed(|value| &value.client_secret),
            Field::Notes => sealed(|value| &value.notes),
            Field::ClientId => secret.fields.client_id.clone(),
            Field::Url => secret.fields.url.clone(),
        });
        if text.is_empty() { Err(ClientError::Empty(self.name.clone(), self.field.name())) } else { Ok(text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Access, SecretFields};

    fn reference(text: &str) -> Reference {
        text.parse().unwrap()
    }

    fn secret(id: u128, name: &str, identifier: Option<&str>) -> Secret {
        let fields =
            SecretFields { name: name.into(), identifier: identifier.map(Into::into), ..SecretFields::default() };
        let (owner, at) = (uuid::Uuid::from_u128(9), String::new());
        Secret {
            id: uuid::Uuid::from_u128(id),
            fields,
            owner,
            owner_name: String::new(),
            access: Access::View,
            enabled: true,
            revision: 1,
            rotated_at: at.clone(),
            created_at: at.clone(),
            changed_at: at,
        }
    }

    #[test]
    fn a_reference_names_a_part_or_the_client_secret() {
        let parts = |text| {
            let Reference { name, field } = reference(text);
            (name, field)
        };
        assert_eq!(parts("stripe"), ("stripe".into(), Field::ClientSecret));
        assert_eq!(parts("mysafe://stripe/client_id"), ("stripe".into(), Field::ClientId));
        assert_eq!(parts("a/b/notes"), ("a/b".into(), Field::Notes));
        assert_eq!(parts("a/b"), ("a/b".into(), Field::ClientSecret));
        assert_eq!(Reference::of_value("stripe"), None);
        assert_eq!(Reference::of_value("mysafe://stripe"), Some(reference("stripe")));
    }

    #[test]
    fn what_two_are_called_is_neither_and_an_id_comes_before_all() {
        let (one, two) = (secret(1, "stripe", None), secret(2, "other", Some("stripe")));
        let by_id = secret(3, &one.id.to_string(), None);
        let all = [one, two, by_id, secret(4, "twin", None), secret(5, "twin", None)];
        let found = |text: &str| reference(text).find(&all).map(|secret| secret.id.as_u128());
        assert!(matches!(found("stripe"), Err(ClientError::Ambiguous(2, _))));
        assert_eq!(found("other").unwrap(), 2);
        assert_eq!(found(&all[0].id.to_string()).unwrap(), 1);
        assert!(matches!(found("twin"), Err(ClientError::Ambiguous(2, _))));
        assert!(matches!(found("Stripe"), Err(ClientError::Unknown(_))));
    }

    #[test]
    fn a_part_that_is_empty_is_no_answer() {
        let secret = secret(1, "stripe", None);
        assert!(matches!(reference("stripe/url").part(&secret, None), Err(ClientError::Empty(_, "url"))));
        let value = SecretValue { client_secret: "s3cret".into(), notes: String::new() };
        assert_eq!(*reference("stripe").part(&secret, Some(&value)).unwrap(), "s3cret");
        assert!(reference("stripe/notes").part(&secret, Some(&value)).is_err());
    }
}
