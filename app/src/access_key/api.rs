//! Server functions for access keys.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{AccountId, SealedAccount, SignedEntry};

use crate::error::AppError;

/// An access key, made and signed in the browser of an administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAccessKey {
    /// Its keys' public halves, as the administrator signed them.
    pub entry: SignedEntry,
    /// What it is for.
    pub name: String,
    /// Its keys, sealed under the access key.
    pub keys: SealedAccount,
    /// What shows that one has the access key, without telling what it opens.
    pub client_secret: String,
    /// When it ends by itself, in milliseconds since 1970.
    pub expires_at: Option<i64>,
}

/// An access key as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKeyRow {
    /// Its account.
    pub id: AccountId,
    /// What others know it by.
    pub username: String,
    /// What it is for.
    pub name: String,
    /// Whether programs can sign in with it, as far as that is for administrators to say.
    pub enabled: bool,
    /// When it ends by itself, in milliseconds since 1970.
    pub expires_at: Option<i64>,
    /// When a program signed in with it last.
    pub last_used_at: Option<i64>,
    /// When it was made.
    pub created_at: i64,
    /// How the administrator is called who made it.
    pub created_by: String,
}

/// All access keys, by name.
#[server(prefix = "/api", endpoint = "list_access_keys", input = Postcard, output = Postcard)]
pub async fn list_access_keys() -> Result<Vec<AccessKeyRow>, AppError> {
    use crate::backend::{backend, caller, respond};
    use crate::people::api::for_administrators;
    respond(async {
        let rows = backend().store.access_keys(caller().await?.id).await.map_err(for_administrators)?;
        Ok(rows.into_iter().map(Into::into).collect())
    })
    .await
}

/// Adds an access key. A program can use it from now on, and others can share with it.
#[server(prefix = "/api", endpoint = "add_access_key", input = Postcard, output = Postcard)]
pub async fn add_access_key(new: NewAccessKey) -> Result<(), AppError> {
    use crate::account::api::check_boxes;
    use crate::account::check::{check_text, check_username};
    use crate::backend::{backend, caller, respond};
    use crate::people::api::for_administrators;
    use crate::share::api::check_end;
    respond(async {
        let caller = caller().await?;
        check_username(&new.entry.entry.username)?;
        check_end(new.expires_at)?;
        check_boxes([&new.keys.account_key, &new.keys.identity])?;
        if new.client_secret.len() != 64 {
            return Err(AppError::BadRequest);
        }
        let new = store::NewAccessKey {
            name: check_text(crate::language::text!("Name"), &new.name)?,
            entry: new.entry,
            sealed: new.keys,
            client_secret: new.client_secret,
            expires_at: new.expires_at,
        };
        backend().store.add_access_key(caller.id, &new).await.map_err(for_administrators)?;
        tracing::info!(by = %caller.id, account = %new.entry.entry.account, "access key added");
        Ok(())
    })
    .await
}

#[cfg(feature = "ssr")]
impl From<store::AccessKeyRow> for AccessKeyRow {
    fn from(row: store::AccessKeyRow) -> Self {
        let store::AccessKeyRow { account, expires_at, last_used_at, created_at, created_by } = row;
        let enabled = account.status == store::Status::Active;
        let store::Account { id, username, name, .. } = account;
        Self { id, username, name, enabled, expires_at, last_used_at, created_at, created_by }
    }
}

/// An access key's own account, and its sealed keys.
///
/// # Errors
/// [`AppError::SignedOut`] without the token of one.
#[cfg(feature = "ssr")]
pub async fn own_keys() -> Result<(store::Account, SealedAccount), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        let keys = backend().store.access_key_keys(caller.id).await?;
        Ok((caller, keys))
    })
    .await
}

/// Signs a program in: its token, and for how many seconds that is good.
///
/// # Errors
/// [`AppError::NotFound`] for an unknown, disabled or ended access key, and for a wrong secret; [`AppError::TooManyAttempts`].
#[cfg(feature = "ssr")]
pub async fn begin_access(
    account: AccountId,
    client_secret: zeroize::Zeroizing<String>,
) -> Result<(String, u64), AppError> {
    use crate::backend::{backend, count_sign_in, is_about, knock_as_program, random_token, respond};
    respond(async {
        is_about(account);
        knock_as_program()?;
        let token = random_token();
        let seconds = backend().store.begin_access(&token, account, &client_secret).await?;
        count_sign_in("by access key");
        Ok((token, seconds))
    })
    .await
}
