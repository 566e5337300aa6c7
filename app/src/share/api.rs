//! Server functions for sharing.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{BatchId, Manifest, Permission, RecipientEntry, RecipientId, SecretId, ShareId, SignedManifest};

use crate::error::AppError;
use crate::language::{text, translate};

/// What kind of recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl RecipientKind {
    /// How the kind is called on the screen.
    pub fn label(self) -> &'static str {
        translate(match self {
            Self::Person => text!("Person"),
            Self::AccessKey => text!("Access key"),
            Self::UserGroup => text!("User group"),
            Self::PrivateGroup => text!("Private group"),
        })
    }
}

/// A person or group that something can be shared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Who.
    pub id: RecipientId,
    /// How they are called.
    pub name: String,
    /// A person's username, or the name of a group: what the signature of the directory binds their key to.
    pub signed_name: String,
    /// What tells them from others of the same name.
    pub detail: String,
    /// What kind.
    pub kind: RecipientKind,
    /// Whether something can be shared with them now.
    pub active: bool,
}

/// Whom somebody looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sought {
    /// People, access keys and groups.
    All,
    /// People and access keys: whoever can be in a group.
    Accounts,
    /// People: whoever can be an owner.
    People,
}

/// What an entry of a list of recipients stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resolved {
    /// One person or group.
    Found(Recipient),
    /// More than one.
    Several,
    /// The caller.
    Yourself,
    /// A person or group that is disabled.
    Disabled,
    /// A group, or an access key, where they are not looked for.
    Group,
    /// Nobody, and no group that the caller may know of.
    Nothing,
}

impl Resolved {
    /// The one, where there is one.
    pub(crate) fn found(self) -> Option<Recipient> {
        if let Self::Found(recipient) = self { Some(recipient) } else { None }
    }
}

/// One act of sharing, sealed and signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewShare {
    /// What is shared with whom.
    pub manifest: Manifest,
    /// The granter's signature of the manifest.
    pub signature: Vec<u8>,
    /// The share's key, sealed under the granter's account key.
    pub key: Vec<u8>,
    /// The keys of the secrets, sealed under the share's key, in the order of the manifest.
    pub items: Vec<Vec<u8>>,
    /// The epochs of the secrets' keys, in the order of the manifest.
    pub key_epochs: Vec<u64>,
    /// The epoch of each recipient's key and the share's key sealed to it, in the order of the manifest.
    pub grants: Vec<(u64, Vec<u8>)>,
    /// When the share ends by itself, in milliseconds since 1970.
    pub ends_at: Option<i64>,
}

impl NewShare {
    /// The batch that it is, where it adds to no other one.
    pub(crate) fn batch(&self) -> BatchId {
        BatchId::from(self.manifest.share.uuid())
    }
}

/// The key of a secret that the caller is about to share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyToShare {
    /// The key, sealed under the caller's account key.
    pub key: Vec<u8>,
    /// How many keys the secret has had.
    pub epoch: u64,
}

/// What a share did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// How many secrets.
    pub items: u32,
    /// With how many people and groups.
    pub grants: u32,
}

/// One line of "Users with access".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientAccess {
    /// Who.
    pub recipient: RecipientId,
    /// How they are called.
    pub name: String,
    /// What kind.
    pub kind: RecipientKind,
    /// The highest permission over all shares.
    pub permission: Permission,
    /// Whether it is in force.
    pub active: bool,
}

/// The sealed keys of secrets that the caller is about to share, in the order asked for.
#[server(prefix = "/api", endpoint = "keys_to_share", input = Postcard, output = Postcard)]
pub async fn keys_to_share(secrets: Vec<SecretId>) -> Result<Vec<KeyToShare>, AppError> {
    use crate::backend::{backend, caller, respond};
    use crate::secret::api::checked_batch;
    respond(async {
        let caller = caller().await?;
        checked_batch(secrets.clone())?;
        let keys = backend().store.keys_to_share(caller.id, &secrets).await?;
        Ok(keys.into_iter().map(Into::into).collect())
    })
    .await
}

/// People and groups whose name, username or email has a text in it, best matches first.
#[server(prefix = "/api", endpoint = "find_recipients", input = Postcard, output = Postcard)]
pub async fn find_recipients(text: String, sought: Sought) -> Result<Vec<Recipient>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        if text.len() > 500 {
            return Err(AppError::invalid("Search users or groups", "Use at most 500 characters."));
        }
        if !backend().limits.searches.allows(caller.id) {
            return Err(AppError::TooFast);
        }
        let found = backend().store.find_recipients(caller.id, &text, sought.into()).await?;
        Ok(found.into_iter().map(Into::into).collect())
    })
    .await
}

/// For each text the person with this username or email, or the group with this name, or why it is none of them.
#[server(prefix = "/api", endpoint = "resolve_recipients", input = Postcard, output = Postcard)]
pub async fn resolve_recipients(texts: Vec<String>, sought: Sought) -> Result<Vec<Resolved>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        at_most_recipients(texts.len())?;
        if texts.iter().any(|text| text.len() > 500) {
            return Err(AppError::invalid("Search users or groups", "Use at most 500 characters for each."));
        }
        if !backend().limits.lists.allows_many(caller.id, texts.len()) {
            return Err(AppError::TooFast);
        }
        let found = backend().store.resolve_recipients(caller.id, &texts, sought.into()).await?;
        Ok(found.into_iter().map(Into::into).collect())
    })
    .await
}

/// The keys of recipients, all or none.
#[server(prefix = "/api", endpoint = "recipient_keys", input = Postcard, output = Postcard)]
pub async fn recipient_keys(recipients: Vec<RecipientId>) -> Result<Vec<RecipientEntry>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        check_recipients(recipients.len())?;
        Ok(backend().store.recipient_keys(caller.id, &recipients).await?)
    })
    .await
}

/// Shares secrets with people and groups, all or nothing, as a batch of its own or adding to an earlier one. The same share again gives the same answer.
#[server(prefix = "/api", endpoint = "share_secrets", input = Postcard, output = Postcard)]
pub async fn share_secrets(new: NewShare, extends: Option<BatchId>) -> Result<Shared, AppError> {
    use crate::activity::api::changed_in_between;
    use crate::backend::{backend, caller, count_batch, respond};
    respond(async {
        let caller = caller().await?;
        let share = new.manifest.share;
        check_end(new.ends_at)?;
        let shared = backend().store.add_share(caller.id, &new.checked()?, extends).await;
        let shared = shared.map_err(changed_in_between)?;
        count_batch("share", shared.items as usize, shared.grants as usize);
        tracing::info!(account = %caller.id, %share, items = shared.items, grants = shared.grants, "shared");
        Ok(Shared { items: shared.items, grants: shared.grants })
    })
    .await
}

/// How many active people recipients come to: those of them, and those in the groups of them, each once; the caller is not counted.
#[server(prefix = "/api", endpoint = "count_people", input = Postcard, output = Postcard)]
pub async fn count_people(recipients: Vec<RecipientId>) -> Result<u64, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        check_recipients(recipients.len())?;
        Ok(backend().store.count_people(caller.id, &recipients).await?)
    })
    .await
}

/// The signed manifest of a share, for those it is shared with.
#[server(prefix = "/api", endpoint = "share_manifest", input = Postcard, output = Postcard)]
pub async fn share_manifest(share: ShareId) -> Result<SignedManifest, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async { Ok(backend().store.manifest(caller().await?.id, share).await?) }).await
}

/// Who has access to a secret, for anyone who has access to it.
#[server(prefix = "/api", endpoint = "secret_access", input = Postcard, output = Postcard)]
pub async fn secret_access(id: SecretId) -> Result<Vec<RecipientAccess>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let access = backend().store.secret_access(caller().await?.id, id).await?;
        Ok(access
            .into_iter()
            .map(|access| RecipientAccess {
                recipient: access.recipient,
                name: access.name,
                kind: access.kind.into(),
                permission: access.permission,
                active: access.active,
            })
            .collect())
    })
    .await
}

/// Refuses an end of access that is over already.
#[cfg(feature = "ssr")]
pub(crate) fn check_end(ends_at: Option<i64>) -> Result<(), AppError> {
    let now = i64::try_from(store::now_in_seconds().saturating_mul(1000)).unwrap_or(i64::MAX);
    match ends_at {
        // A year that no calendar needs is a slip of the keyboard.
        Some(at) if at <= now || at > now.saturating_add(100 * 366 * 24 * 3_600_000) => {
            Err(AppError::invalid("Access ends", "Choose a time in the future."))
        }
        _ => Ok(()),
    }
}

#[cfg(feature = "ssr")]
fn check_recipients(count: usize) -> Result<(), AppError> {
    match count {
        0 => Err(AppError::invalid("Search users or groups", "Pick at least one person or group.")),
        count => at_most_recipients(count),
    }
}

/// Refuses more recipients than a batch may have.
#[cfg(feature = "ssr")]
pub(crate) fn at_most_recipients(count: usize) -> Result<(), AppError> {
    let most = crate::backend::backend().limits.recipients;
    if count > most { Err(crate::secret::api::too_many(text!("recipients"), most)) } else { Ok(()) }
}

/// Whether every part is there and none is larger than what is sealed in it can be.
#[cfg(feature = "ssr")]
fn sizes_fit(new: &NewShare) -> bool {
    new.items.len() == new.manifest.items.len()
        && new.key_epochs.len() == new.manifest.items.len()
        && new.grants.len() == new.manifest.grants.len()
        && new.key.len() <= 256
        && new.signature.len() == 64
        && new.items.iter().all(|key| (1..=256).contains(&key.len()))
        && new.grants.iter().all(|(_, key)| (1..=2048).contains(&key.len()))
}

#[cfg(feature = "ssr")]
impl NewShare {
    /// The share for the store, if its sizes fit. Who may share what is decided there.
    pub(crate) fn checked(self) -> Result<store::NewShare, AppError> {
        crate::secret::api::checked_batch(self.manifest.items.clone())?;
        check_recipients(self.manifest.grants.len())?;
        if !sizes_fit(&self) {
            return Err(AppError::BadRequest);
        }
        let grants = self.grants.into_iter();
        Ok(store::NewShare {
            manifest: self.manifest,
            signature: self.signature,
            key: self.key,
            items: self.items,
            key_epochs: self.key_epochs,
            grants: grants.map(|(recipient_epoch, key)| store::NewGrant { recipient_epoch, key }).collect(),
            ends_at: self.ends_at,
        })
    }
}

#[cfg(feature = "ssr")]
mod from_store {
    use super::{KeyToShare, Recipient, RecipientKind, Resolved, Sought};

    impl From<Sought> for store::Sought {
        fn from(sought: Sought) -> Self {
            match sought {
                Sought::All => Self::All,
                Sought::Accounts => Self::Accounts,
                Sought::People => Self::People,
            }
        }
    }

    impl From<store::KeyToShare> for KeyToShare {
        fn from(known: store::KeyToShare) -> Self {
            Self { key: known.key, epoch: known.epoch }
        }
    }

    impl From<KeyToShare> for store::KeyToShare {
        fn from(known: KeyToShare) -> Self {
            Self { key: known.key, epoch: known.epoch }
        }
    }

    impl From<store::RecipientKind> for RecipientKind {
        fn from(kind: store::RecipientKind) -> Self {
            match kind {
                store::RecipientKind::Person => Self::Person,
                store::RecipientKind::AccessKey => Self::AccessKey,
                store::RecipientKind::UserGroup => Self::UserGroup,
                store::RecipientKind::PrivateGroup => Self::PrivateGroup,
            }
        }
    }

    impl From<store::DirectoryEntry> for Recipient {
        fn from(entry: store::DirectoryEntry) -> Self {
            let kind = entry.kind.into();
            Self {
                id: entry.recipient,
                name: entry.name,
                signed_name: entry.signed_name,
                detail: entry.detail,
                kind,
                active: entry.active,
            }
        }
    }

    impl From<store::Resolved> for Resolved {
        fn from(resolved: store::Resolved) -> Self {
            match resolved {
                store::Resolved::Found(entry) => Self::Found(entry.into()),
                store::Resolved::Several => Self::Several,
                store::Resolved::Yourself => Self::Yourself,
                store::Resolved::Disabled => Self::Disabled,
                store::Resolved::Group => Self::Group,
                store::Resolved::Nothing => Self::Nothing,
            }
        }
    }
}
