//! Server functions for API secrets.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

#[cfg(feature = "ssr")]
mod from_store;

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{AccountId, BatchId, Opening, Permission, SecretId};

pub use super::form::SecretFields;
#[cfg(feature = "ssr")]
pub(crate) use super::form::checked_tags;
use super::since::AsOf;
use crate::error::AppError;

/// A secret as the caller sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretRow {
    /// The secret.
    pub id: SecretId,
    /// What everyone with access sees.
    pub fields: SecretFields,
    /// Whose it is.
    pub owner: AccountId,
    /// How the owner is called.
    pub owner_name: String,
    /// What the caller may do with it; `None` for the owner.
    pub permission: Option<Permission>,
    /// Whether it is shared with anyone.
    pub shared: bool,
    /// Whether it was shared with the caller, who has not looked at it yet.
    pub is_new: bool,
    /// Whether its value opens for others than the owner.
    pub enabled: bool,
    /// Counts the changes, from 1.
    pub revision: u64,
    /// When somebody last opened the value, in milliseconds since 1970.
    pub last_used_at: Option<i64>,
    /// Since when its client secret is what it is.
    pub rotated_at: i64,
    /// When it was added.
    pub created_at: i64,
    /// Who added it.
    pub created_by: String,
    /// When it was last changed.
    pub changed_at: i64,
    /// Who changed it last.
    pub changed_by: String,
}

impl SecretRow {
    /// Whether the caller may change it.
    pub fn may_edit(&self) -> bool {
        match self.permission {
            None => true,
            Some(permission) => permission >= Permission::Edit && self.enabled,
        }
    }

    /// Whether the caller may enable and disable it.
    pub fn may_enable(&self) -> bool {
        self.permission.is_none_or(|permission| permission >= Permission::Edit)
    }

    /// Whether the value opens for the caller.
    pub fn may_open(&self) -> bool {
        self.enabled || self.permission.is_none()
    }
}

/// The value of a secret, and what opens it for the caller.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SealedSecret {
    /// The revision of the secret.
    pub revision: u64,
    /// The one that the value was sealed in.
    pub value_revision: u64,
    /// The value, sealed under the secret's key.
    pub value: Vec<u8>,
    /// What opens the secret's key.
    pub opening: Opening,
}

/// A secret to add, sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewSecret {
    /// The secret; its id is bound into what is sealed.
    pub id: SecretId,
    /// What everyone with access sees.
    pub fields: SecretFields,
    /// Its key, sealed under the owner's account key.
    pub key: Vec<u8>,
    /// The value, sealed under its key.
    pub value: Vec<u8>,
}

/// A change of a secret, sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecretChange {
    /// The secret.
    pub id: SecretId,
    /// What everyone with access sees from now on.
    pub fields: SecretFields,
    /// The revision this change makes.
    pub revision: u64,
    /// Another value; `None` where it stays the one it is.
    pub value: Option<NewValue>,
}

/// Another value of a secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewValue {
    /// The value, sealed under the secret's key in the revision of the change.
    pub sealed: Vec<u8>,
    /// Whether the client secret in it is another one, and not the notes alone.
    pub rotates: bool,
    /// The revision whose value it is once more.
    pub restores: Option<u64>,
}

/// Every secret that the caller owns or that is shared with them, by name, and up to where that is.
#[server(prefix = "/api", endpoint = "list_secrets", input = Postcard, output = Postcard)]
pub async fn list_secrets() -> Result<(Vec<SecretRow>, AsOf), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        let as_of = AsOf::now().await?;
        let rows = backend().store.secrets(caller.id).await?;
        Ok((rows.into_iter().map(Into::into).collect(), as_of))
    })
    .await
}

/// How the caller's list begins, by name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FirstRows {
    /// The first rows, with none left out between them.
    pub rows: Vec<SecretRow>,
    /// Whether that is all of the list.
    pub is_whole: bool,
    /// Up to where that is.
    pub as_of: AsOf,
}

/// How the caller's list begins, while all of it is not here yet.
#[server(prefix = "/api", endpoint = "first_secrets", input = Postcard, output = Postcard)]
pub async fn first_secrets() -> Result<FirstRows, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        let as_of = AsOf::now().await?;
        let store::FirstSecrets { rows, is_whole } = backend().store.first_secrets(caller.id).await?;
        Ok(FirstRows { rows: rows.into_iter().map(Into::into).collect(), is_whole, as_of })
    })
    .await
}

/// Whatever was shared with the caller until then is not new to them any more.
#[server(prefix = "/api", endpoint = "see_all", input = Postcard, output = Postcard)]
pub async fn see_all(until: i64) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async { Ok(backend().store.see_all(caller().await?.id, until).await?) }).await
}

/// One secret as the caller sees it.
#[server(prefix = "/api", endpoint = "get_secret", input = Postcard, output = Postcard)]
pub async fn get_secret(id: SecretId) -> Result<SecretRow, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async { Ok(backend().store.secret(caller().await?.id, id).await?.into()) }).await
}

/// The sealed value of a secret. Noted as its last use.
#[server(prefix = "/api", endpoint = "open_secret", input = Postcard, output = Postcard)]
pub async fn open_secret(id: SecretId) -> Result<SealedSecret, AppError> {
    use crate::backend::{backend, caller, count_opening, respond};
    respond(async {
        let caller = caller().await?;
        count_opening(&caller).await?;
        let opened = backend().store.open_secret(caller.id, id).await.map_err(|error| match error {
            store::StoreError::Forbidden => AppError::Disabled,
            other => other.into(),
        })?;
        tracing::info!(account = %caller.id, secret = %id, "value opened");
        Ok(opened.into())
    })
    .await
}

/// Adds a secret of the caller.
#[server(prefix = "/api", endpoint = "add_secret", input = Postcard, output = Postcard)]
pub async fn add_secret(new: NewSecret) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        let new = new.checked()?;
        backend().store.add_secret(caller.id, &new).await?;
        tracing::info!(account = %caller.id, secret = %new.id, "secret added");
        Ok(())
    })
    .await
}

/// Changes a secret.
#[server(prefix = "/api", endpoint = "change_secret", input = Postcard, output = Postcard)]
pub async fn change_secret(change: SecretChange) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        if let Some(value) = &change.value {
            check_sealed(&[], &value.sealed)?;
        }
        let secret = change.fields.checked()?.into();
        let value =
            change.value.map(|NewValue { sealed, rotates, restores }| store::NewValue { sealed, rotates, restores });
        let change = store::SecretChange { id: change.id, secret, revision: change.revision, value };
        backend().store.change_secret(caller.id, &change).await?;
        tracing::info!(account = %caller.id, secret = %change.id, revision = change.revision, "secret changed");
        Ok(())
    })
    .await
}

/// Enables or disables secrets, all or none. The same batch again is done once.
#[server(prefix = "/api", endpoint = "set_enabled", input = Postcard, output = Postcard)]
pub async fn set_enabled(batch: BatchId, secrets: Vec<SecretId>, enabled: bool) -> Result<(), AppError> {
    use crate::backend::{backend, caller, count_batch, respond};
    respond(async {
        let caller = caller().await?;
        let secrets = checked_batch(secrets)?;
        backend().store.set_enabled(caller.id, batch, &secrets, enabled).await?;
        count_batch(if enabled { "enable" } else { "disable" }, secrets.len(), 0);
        tracing::info!(account = %caller.id, %batch, secrets = secrets.len(), enabled, "secrets enabled or disabled");
        Ok(())
    })
    .await
}

/// Drops the caller's own access to secrets that others share with them, all or none.
#[server(prefix = "/api", endpoint = "leave_secrets", input = Postcard, output = Postcard)]
pub async fn leave_secrets(secrets: Vec<SecretId>) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        let secrets = checked_batch(secrets)?;
        backend().store.leave(caller.id, &secrets).await?;
        tracing::info!(account = %caller.id, secrets = secrets.len(), "secrets left");
        Ok(())
    })
    .await
}

#[cfg(feature = "ssr")]
impl NewSecret {
    /// The secret for the store, if its fields and sizes fit.
    pub(crate) fn checked(self) -> Result<store::NewSecret, AppError> {
        check_sealed(&self.key, &self.value)?;
        let secret = self.fields.checked()?.into();
        Ok(store::NewSecret { id: self.id, secret, key: self.key, value: self.value })
    }
}

/// The ids of a batch, each once, not too many and not none.
#[cfg(feature = "ssr")]
pub(crate) fn checked_batch(mut secrets: Vec<SecretId>) -> Result<Vec<SecretId>, AppError> {
    if secrets.is_empty() {
        return Err(AppError::invalid("API secrets", "Select at least one."));
    }
    at_most_records(secrets.len())?;
    let given = secrets.len();
    secrets.sort_unstable();
    secrets.dedup();
    if secrets.len() < given {
        return Err(AppError::invalid("API secrets", "The same one is there twice. Select each once."));
    }
    Ok(secrets)
}

/// Refuses more secrets than a batch may have.
#[cfg(feature = "ssr")]
pub(crate) fn at_most_records(count: usize) -> Result<(), AppError> {
    let most = crate::backend::backend().limits.records;
    if count > most { Err(too_many(crate::language::text!("API secrets"), most)) } else { Ok(()) }
}

#[cfg(feature = "ssr")]
pub(crate) fn too_many(what: &str, limit: usize) -> AppError {
    AppError::TooMany { what: what.into(), limit: u32::try_from(limit).unwrap_or(u32::MAX) }
}

/// Refuses what is too large to be a sealed key or value. Whether it opens only its readers can tell.
#[cfg(feature = "ssr")]
pub(crate) fn check_sealed(key: &[u8], value: &[u8]) -> Result<(), AppError> {
    if key.len() > 256 || value.is_empty() || value.len() > vault::MAX_SECRET_BYTES + 256 {
        return Err(AppError::BadRequest);
    }
    Ok(())
}
