//! What programs and the server say to each other: JSON over HTTP, described by OpenAPI. What is sealed travels as it is, in base 64; where it is a structure
//! of `vault`, in postcard's encoding (<https://postcard.jamesmunns.com/wire-format>) before that. `docs/keys.md` says what opens it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;
use vault::{GroupId, Permission, RecipientId};

/// Bytes, in base 64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    /// A structure of `vault`.
    ///
    /// # Panics
    /// Never: all of them can be written.
    pub fn of(value: &impl Serialize) -> Self {
        Self(postcard::to_allocvec(value).expect("what vault makes can be written"))
    }

    /// The structure of `vault` that they are; `None` for what is none.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        match postcard::take_from_bytes(&self.0) {
            Ok((value, [])) => Some(value),
            _ => None,
        }
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(D::Error::custom)
    }
}

/// What a program signs in with (RFC 6749, 4.4). Client ID and secret may stand in the header `Authorization: Basic` instead.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct TokenRequest {
    /// `client_credentials`.
    #[schema(example = "client_credentials")]
    pub grant_type: String,
    /// The client ID of the access key.
    pub client_id: Option<String>,
    /// Its client secret.
    pub client_secret: Option<String>,
}

/// What a program shows with each request (RFC 6749, 5.1).
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// Stands after `Bearer` in the header `Authorization`.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// For how many seconds.
    pub expires_in: u64,
}

/// Why a program was not signed in (RFC 6749, 5.2).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TokenFault {
    /// `invalid_request`, `invalid_client`, `unsupported_grant_type`, or `temporarily_unavailable` where the same may do later.
    pub error: String,
    /// The same for people.
    pub error_description: String,
}

/// Why something was not done (RFC 9457).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// The status of the answer, in words.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// What is wrong, and what to do next.
    pub detail: String,
    /// What of a batch was refused: then nothing of it is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// One part of a batch that was refused.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// The API secret that it is about,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<Uuid>,
    /// or the recipient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Uuid>,
    /// What is wrong with it.
    pub reason: String,
}

/// The account of the access key that asks, and what opens its keys.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnAccount {
    /// The account; the client ID as well.
    pub id: Uuid,
    /// What others know it by.
    pub username: String,
    /// What it is for.
    pub name: String,
    /// `vault::SealedAccount`: its keys, sealed under the access key.
    #[schema(value_type = String, format = Byte)]
    pub keys: Bytes,
    /// `Vec<vault::Mandate>`: who may sign entries of the directory.
    #[schema(value_type = String, format = Byte)]
    pub mandates: Bytes,
    /// What it has seen of others' keys, where it has seen any.
    pub pins: Option<SealedPins>,
}

/// What an account has seen of others' keys.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SealedPins {
    /// How often it was written, from 1.
    #[schema(minimum = 1)]
    pub revision: u64,
    /// Sealed under the account key, in this revision.
    #[schema(value_type = String, format = Byte)]
    pub pins: Bytes,
}

/// An API secret without its value.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Secret {
    /// The API secret.
    pub id: Uuid,
    /// What everyone with access sees of it.
    #[serde(flatten)]
    pub fields: SecretFields,
    /// The account that owns it.
    pub owner: Uuid,
    /// How the owner is called.
    pub owner_name: String,
    /// What the access key may do with it.
    pub access: Access,
    /// Whether its value opens for others than its owner.
    pub enabled: bool,
    /// Counts the changes, from 1.
    pub revision: u64,
    /// Since when the client secret is what it is, as RFC 3339 has it.
    pub rotated_at: String,
    /// When it was added.
    pub created_at: String,
    /// When it was last changed.
    pub changed_at: String,
}

/// What everyone with access sees of an API secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecretFields {
    /// How it is called.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Where it is used.
    #[schema(pattern = "^https?://", max_length = 2000)]
    pub url: String,
    /// The client ID that belongs to the client secret.
    #[schema(min_length = 1, max_length = 500)]
    pub client_id: String,
    /// What programs find it by; no two of one owner have the same.
    #[schema(pattern = "^[A-Za-z0-9._-]*$", max_length = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// The HTTP method that it is used with, or nothing.
    #[schema(pattern = "^(|GET|POST|PUT|PATCH|DELETE)$")]
    #[serde(default)]
    pub method: String,
    /// Words to find it by.
    #[schema(max_items = 20)]
    #[serde(default)]
    pub tags: Vec<String>,
    /// The day on which its owner wants a new client secret: `2026-11-24`.
    #[schema(format = Date)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotate_on: Option<String>,
}

/// What one may do with an API secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Open it.
    View,
    /// Change it as well.
    Edit,
    /// All.
    Owner,
}

/// API secrets, by name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Secrets {
    /// Those that the access key owns, or that are shared with it.
    pub secrets: Vec<Secret>,
}

/// The value of an API secret, and what opens it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SealedSecret {
    /// The revision of the API secret.
    pub revision: u64,
    /// The one that the value was sealed in.
    pub value_revision: u64,
    /// The value, sealed under the API secret's key.
    #[schema(value_type = String, format = Byte)]
    pub value: Bytes,
    /// `vault::Opening`: what opens that key.
    #[schema(value_type = String, format = Byte)]
    pub opening: Bytes,
}

/// What a share is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ShareManifest {
    /// `vault::SignedManifest`: what is shared with whom, as its granter signed it.
    #[schema(value_type = String, format = Byte)]
    pub manifest: Bytes,
}

/// An API secret to add. It belongs to the access key.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NewSecret {
    /// A random id (UUID version 4), which is bound into what is sealed.
    pub id: Uuid,
    /// What everyone with access sees of it.
    #[serde(flatten)]
    pub fields: SecretFields,
    /// Its key, sealed under the account key.
    #[schema(value_type = String, format = Byte)]
    pub key: Bytes,
    /// Its value, sealed under its key in revision 1.
    #[schema(value_type = String, format = Byte)]
    pub value: Bytes,
}

/// A change of an API secret.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SecretChange {
    /// What everyone with access sees of it from now on.
    #[serde(flatten)]
    pub fields: SecretFields,
    /// The revision that this change makes: one more than the present one.
    #[schema(minimum = 1)]
    pub revision: u64,
    /// Another value, sealed under the API secret's key in that revision; where there is none, it stays.
    #[schema(value_type = Option<String>, format = Byte)]
    #[serde(default)]
    pub value: Option<Bytes>,
    /// Whether the client secret in the value is another one, and not the notes alone.
    #[serde(default)]
    pub rotates: bool,
}

/// API secrets to activate or deactivate, all or none.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Batch {
    /// A random id (UUID version 4): the same batch again is done once.
    pub id: Uuid,
    /// The API secrets, each once.
    #[schema(min_items = 1)]
    pub secrets: Vec<Uuid>,
}

/// API secrets that are to be shared.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SecretIds {
    /// The API secrets, each once.
    #[schema(min_items = 1)]
    pub secrets: Vec<Uuid>,
}

/// The keys of API secrets, in the order that was asked for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct KeysToShare {
    /// One for each.
    pub keys: Vec<KeyToShare>,
}

/// The key of an API secret that its owner is about to share.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct KeyToShare {
    /// The key, sealed under the account key.
    #[schema(value_type = String, format = Byte)]
    pub key: Bytes,
    /// How many keys the API secret has had.
    pub epoch: u64,
}

/// What kind of recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecipientKind {
    /// One person.
    Person,
    /// One program.
    AccessKey,
    /// A group that administrators manage.
    UserGroup,
    /// A group that a person made.
    PrivateGroup,
}

/// A person, access key or group that something can be shared with.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Recipient {
    /// Whose id it is.
    pub id: Uuid,
    /// What kind.
    pub kind: RecipientKind,
    /// How they are called.
    pub name: String,
    /// The username of an account, the name of a group: what their keys are signed with.
    pub signed_name: String,
    /// Whether something can be shared with them now.
    pub active: bool,
}

impl Recipient {
    /// The recipient as `vault` names it.
    pub fn recipient(&self) -> RecipientId {
        match self.kind {
            RecipientKind::Person | RecipientKind::AccessKey => RecipientId::Account(self.id.into()),
            RecipientKind::UserGroup | RecipientKind::PrivateGroup => RecipientId::Group(self.id.into()),
        }
    }
}

/// Recipients that a text was found in, best matches first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Recipients {
    /// At most 20.
    pub recipients: Vec<Recipient>,
}

/// Recipients whose keys are asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct RecipientIds {
    /// People and access keys.
    #[serde(default)]
    pub accounts: Vec<Uuid>,
    /// Groups.
    #[serde(default)]
    pub groups: Vec<Uuid>,
}

impl RecipientIds {
    /// Those of a list.
    pub fn of(recipients: &[RecipientId]) -> Self {
        let mut ids = Self::default();
        for recipient in recipients {
            match recipient {
                RecipientId::Account(id) => ids.accounts.push(id.uuid()),
                RecipientId::Group(id) => ids.groups.push(id.uuid()),
            }
        }
        ids
    }

    /// The recipients as `vault` names them.
    pub fn recipients(self) -> Vec<RecipientId> {
        let accounts = self.accounts.into_iter().map(|id| RecipientId::Account(id.into()));
        accounts.chain(self.groups.into_iter().map(|id| RecipientId::Group(GroupId::from(id)))).collect()
    }
}

/// The keys of recipients.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RecipientKeys {
    /// `Vec<vault::RecipientEntry>`: who answers for each.
    #[schema(value_type = String, format = Byte)]
    pub entries: Bytes,
}

/// A share, sealed and signed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NewShare {
    /// `vault::Manifest`: what is shared with whom.
    #[schema(value_type = String, format = Byte)]
    pub manifest: Bytes,
    /// The granter's signature of the manifest.
    #[schema(value_type = String, format = Byte)]
    pub signature: Bytes,
    /// The share's key, sealed under the account key.
    #[schema(value_type = String, format = Byte)]
    pub key: Bytes,
    /// The API secrets, in the order of the manifest.
    pub items: Vec<Item>,
    /// The recipients, in the order of the manifest.
    pub grants: Vec<Grant>,
    /// When the share ends by itself, in milliseconds since 1970.
    #[serde(default)]
    pub ends_at: Option<i64>,
}

/// An API secret of a share.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Item {
    /// Its key, sealed under the share's key.
    #[schema(value_type = String, format = Byte)]
    pub key: Bytes,
    /// How many keys it has had.
    pub key_epoch: u64,
}

/// A recipient of a share.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Grant {
    /// The share's key, sealed to the recipient.
    #[schema(value_type = String, format = Byte)]
    pub key: Bytes,
    /// The epoch of the recipient's key.
    pub recipient_epoch: u64,
}

/// What a share did.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct Shared {
    /// How many API secrets.
    pub secrets: u32,
    /// With how many people, access keys and groups.
    pub recipients: u32,
}

impl From<Option<Permission>> for Access {
    fn from(permission: Option<Permission>) -> Self {
        match permission {
            None | Some(Permission::Own) => Self::Owner,
            Some(Permission::Edit) => Self::Edit,
            Some(Permission::View) => Self::View,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_they_were_written_and_nothing_may_follow() {
        let bytes = Bytes::of(&Permission::Edit);
        let text = serde_json::to_string(&bytes).unwrap();
        let read: Bytes = serde_json::from_str(&text).unwrap();
        assert_eq!(read.read::<Permission>(), Some(Permission::Edit));
        let longer = Bytes([read.0.as_slice(), &[0]].concat());
        assert_eq!(longer.read::<Permission>(), None);
        assert!(serde_json::from_str::<Bytes>("\"%\"").is_err());
    }

    #[test]
    fn recipients_are_the_same_on_both_sides() {
        let ids = [RecipientId::Account(Uuid::from_u128(1).into()), RecipientId::Group(Uuid::from_u128(2).into())];
        assert_eq!(RecipientIds::of(&ids).recipients(), ids);
    }
}
