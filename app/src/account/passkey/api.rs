//! Server functions for passkeys.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use vault::SealedAccount;

use crate::account::api::{Profile, SignedIn};
use crate::account::own::api::Proof;
use crate::error::AppError;

/// What a passkey is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PasskeyChallenge {
    /// Names the question.
    pub token: String,
    /// The question, as the browser takes it (JSON).
    pub options: String,
}

/// One of a person's passkeys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnPasskey {
    /// Names it.
    pub id: String,
    /// What its person calls it.
    pub name: String,
    /// Whether it opens their keys.
    pub unlocks: bool,
    /// When it was added, in milliseconds since 1970.
    pub created_at: i64,
    /// When a sign-in or unlocking used it last.
    pub last_used_at: Option<i64>,
}

/// A person's passkeys, and where they can be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnPasskeys {
    /// The one address; none where MySafe is opened by a number.
    pub origin: Option<String>,
    /// The oldest first.
    pub passkeys: Vec<OwnPasskey>,
}

/// The caller's passkeys.
#[server(prefix = "/api", endpoint = "list_passkeys", input = Postcard, output = Postcard)]
pub async fn list_passkeys() -> Result<OwnPasskeys, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let (backend, caller) = (backend(), caller().await?);
        let own = |row: store::Passkey| OwnPasskey {
            id: row.id,
            name: row.name,
            unlocks: row.account_key.is_some(),
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        };
        Ok(OwnPasskeys {
            origin: backend.passkeys.as_ref().map(|passkeys| passkeys.origin().to_owned()),
            passkeys: backend.store.passkeys(caller.id).await?.into_iter().map(own).collect(),
        })
    })
    .await
}

/// First step of adding a passkey: what the browser makes it from.
#[server(prefix = "/api", endpoint = "begin_passkey", input = Postcard, output = Postcard)]
pub async fn begin_passkey(proof: Proof) -> Result<PasskeyChallenge, AppError> {
    use crate::account::own::api::proved;
    use crate::backend::{backend, caller, random_token, respond};
    respond(async {
        let (backend, caller) = (backend(), caller().await?);
        let login = proved(caller.id, &proof).await?;
        let passkeys = backend.passkeys.as_ref().ok_or(AppError::NoPasskeys)?;
        let known = backend.store.passkeys(caller.id).await?;
        let (options, state) = passkeys.begin_adding(caller.id, &caller.username, &known)?;
        let token = random_token();
        backend.store.add_login(&token, &login.proved(state)).await?;
        Ok(PasskeyChallenge { token, options })
    })
    .await
}

/// Second step: keeps the passkey, with the account key sealed under what it gives, where it gives something.
#[server(prefix = "/api", endpoint = "finish_passkey", input = Postcard, output = Postcard)]
pub async fn finish_passkey(
    token: String,
    name: String,
    answer: String,
    account_key: Option<Vec<u8>>,
) -> Result<Profile, AppError> {
    use crate::account::api::{check_boxes, profile};
    use crate::account::check::check_text;
    use crate::backend::{backend, caller, respond};
    respond(async {
        let (backend, caller) = (backend(), caller().await?);
        let name = check_text(crate::language::text!("Name of the passkey"), &name)?;
        if let Some(key) = &account_key {
            check_boxes([key])?;
        }
        let ended = |error| match error {
            store::StoreError::NotFound => AppError::PasskeyNotUsed,
            store::StoreError::Reused => AppError::PasskeyKnown,
            store::StoreError::Taken(_) => AppError::TooMany {
                what: crate::language::text!("passkeys").into(),
                limit: u32::try_from(store::MAX_PASSKEYS).unwrap_or(u32::MAX),
            },
            other => other.into(),
        };
        let passkeys = backend.passkeys.as_ref().ok_or(AppError::NoPasskeys)?;
        let login = backend.store.take_login(&token).await.map_err(ended)?;
        let new = passkeys.finish_adding(&login.state, &answer, name, account_key)?;
        backend.store.add_passkey(caller.id, &login, &new).await.map_err(ended)?;
        tracing::info!(account = %caller.id, "passkey added");
        profile(&backend.store, caller).await
    })
    .await
}

/// Removes a passkey of the caller.
#[server(prefix = "/api", endpoint = "remove_passkey", input = Postcard, output = Postcard)]
pub async fn remove_passkey(proof: Proof, id: String) -> Result<Profile, AppError> {
    use crate::account::api::profile;
    use crate::account::own::api::{not_proved, proved};
    use crate::backend::{backend, caller, respond};
    respond(async {
        let (backend, caller) = (backend(), caller().await?);
        let login = proved(caller.id, &proof).await?;
        backend.store.remove_passkey(caller.id, &login, &id).await.map_err(not_proved)?;
        tracing::info!(account = %caller.id, "passkey removed");
        profile(&backend.store, caller).await
    })
    .await
}

/// What the passkeys that open the caller's keys are asked. Their session goes on.
#[server(prefix = "/api", endpoint = "begin_unlocking", input = Postcard, output = Postcard)]
pub async fn begin_unlocking() -> Result<PasskeyChallenge, AppError> {
    use crate::backend::{backend, caller, random_token, respond};
    respond(async {
        let (backend, caller) = (backend(), caller().await?);
        let passkeys = backend.passkeys.as_ref().ok_or(AppError::NoPasskeys)?;
        let mut known = backend.store.passkeys(caller.id).await?;
        known.retain(|known| known.account_key.is_some());
        if known.is_empty() {
            return Err(AppError::WrongPasskey);
        }
        let (options, state) = passkeys.begin_using(&known)?;
        let token = random_token();
        backend.store.add_login(&token, &store::Login::unlocking(caller.id, state)).await?;
        Ok(PasskeyChallenge { token, options })
    })
    .await
}

/// Hands out the caller's keys, the account key sealed under what the passkey gives that answered.
#[server(prefix = "/api", endpoint = "finish_unlocking", input = Postcard, output = Postcard)]
pub async fn finish_unlocking(token: String, answer: String) -> Result<SignedIn, AppError> {
    use crate::account::api::profile;
    use crate::account::passkey::check::check_answer;
    use crate::backend::{backend, caller, respond};
    respond(async {
        let (backend, caller) = (backend(), caller().await?);
        let login = backend.store.take_login(&token).await.map_err(|error| match error {
            store::StoreError::NotFound => AppError::WrongPasskey,
            other => other.into(),
        })?;
        if login.account() != Some(caller.id) {
            return Err(AppError::WrongPasskey);
        }
        let account_key = check_answer(&backend, caller.id, &login.state, &answer).await?;
        let identity = backend.store.sealed_identity(caller.id).await?;
        let keys = SealedAccount { account_key: account_key.ok_or(AppError::WrongPasskey)?, identity };
        tracing::info!(account = %caller.id, "unlocked with a passkey");
        Ok(SignedIn { profile: profile(&backend.store, caller).await?, keys })
    })
    .await
}
