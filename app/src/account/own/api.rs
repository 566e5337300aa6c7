//! Server functions for one's own account.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use vault::AccountId;

use crate::account::api::Profile;
use crate::account::recovery::NewRecovery;
use crate::error::AppError;

/// After how many idle minutes keys can be locked.
pub const IDLE_MINUTES: [u32; 4] = [1, 5, 15, 60];

/// One of a person's sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSession {
    /// Names it.
    pub id: String,
    /// What the browser said it was.
    pub agent: String,
    /// When it began, in milliseconds since 1970.
    pub created_at: i64,
    /// Whether it is this one.
    pub current: bool,
}

/// The second step of a sign-in, made by somebody who is signed in: shows that it is still them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Proof {
    /// Names the sign-in.
    pub token: String,
    /// The protocol's message.
    pub message: Vec<u8>,
}

/// Changes what people say of themselves.
#[server(prefix = "/api", endpoint = "change_profile", input = Postcard, output = Postcard)]
pub async fn change_profile(name: String, idle_minutes: u32) -> Result<Profile, AppError> {
    use crate::account::api::profile;
    use crate::account::check::check_text;
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        let name = check_text(crate::language::text!("Your name"), &name)?;
        if !IDLE_MINUTES.contains(&idle_minutes) {
            return Err(AppError::invalid("Lock after", "Pick one of the times."));
        }
        let backend = backend();
        profile(&backend.store, backend.store.change_profile(caller.id, &name, idle_minutes).await?).await
    })
    .await
}

/// Whether the caller's sign-in asks for a code.
#[server(prefix = "/api", endpoint = "has_second_step", input = Postcard, output = Postcard)]
pub async fn has_second_step() -> Result<bool, AppError> {
    use crate::account::code;
    use crate::backend::{backend, caller, respond};
    respond(async { code::is_asked(&backend().store, caller().await?.id).await }).await
}

/// Makes a secret for the caller's app, in base 32. It counts once a code of it was shown. Takes the password: with it somebody could lock the
/// person out.
#[server(prefix = "/api", endpoint = "begin_second_step", input = Postcard, output = Postcard)]
pub async fn begin_second_step(proof: Proof) -> Result<String, AppError> {
    use crate::account::code;
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        proved(caller.id, &proof).await?;
        code::begin(&backend(), caller.id).await
    })
    .await
}

/// Turns the second step on or off, with a code that shows that the caller has the app.
#[server(prefix = "/api", endpoint = "turn_second_step", input = Postcard, output = Postcard)]
pub async fn turn_second_step(on: bool, code: String) -> Result<(), AppError> {
    use crate::account::code;
    use crate::backend::{backend, caller, respond};
    respond(async {
        let (backend, caller) = (backend(), caller().await?);
        code::check(&backend, caller.id, &code).await?;
        if !on {
            backend.store.remove_totp(caller.id).await?;
        }
        tracing::info!(account = %caller.id, on, "second step of the sign-in");
        Ok(())
    })
    .await
}

/// The caller's sessions, the latest first.
#[server(prefix = "/api", endpoint = "list_sessions", input = Postcard, output = Postcard)]
pub async fn list_sessions() -> Result<Vec<OwnSession>, AppError> {
    use crate::backend::{backend, caller, request_token, respond};
    respond(async {
        let (backend, caller) = (backend(), caller().await?);
        let token = request_token(&backend).unwrap_or_default();
        let sessions = backend.store.sessions(caller.id, &token).await?;
        let own = |row: store::SessionRow| {
            let store::SessionRow { id, agent, created_at, current } = row;
            OwnSession { id, agent, created_at, current }
        };
        Ok(sessions.into_iter().map(own).collect())
    })
    .await
}

/// Ends one of the caller's sessions.
#[server(prefix = "/api", endpoint = "end_session", input = Postcard, output = Postcard)]
pub async fn end_session(id: String) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async { Ok(backend().store.end_own_session(caller().await?.id, &id).await?) }).await
}

/// The server's part of a new password's registration, for the caller.
#[server(prefix = "/api", endpoint = "begin_password", input = Postcard, output = Postcard)]
pub async fn begin_password(request: Vec<u8>) -> Result<Vec<u8>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        backend().keys.register(caller.id, &request).map_err(|_| AppError::BadRequest)
    })
    .await
}

/// Sets a new password; the account key comes sealed under it. All other sessions end.
#[server(prefix = "/api", endpoint = "change_password", input = Postcard, output = Postcard)]
pub async fn change_password(proof: Proof, upload: Vec<u8>, account_key: Vec<u8>) -> Result<(), AppError> {
    use crate::account::api::check_boxes;
    use crate::backend::{backend, caller, request_token, respond};
    use vault::PasswordFile;
    respond(async {
        let (backend, caller) = (backend(), caller().await?);
        check_boxes([&account_key])?;
        let file = PasswordFile::from_upload(&upload).map_err(|_| AppError::BadRequest)?.to_bytes();
        let login = proved(caller.id, &proof).await?;
        let token = request_token(&backend).unwrap_or_default();
        let changed = backend.store.change_password(caller.id, &login, &file, &account_key, &token).await;
        changed.map_err(not_proved)?;
        tracing::info!(account = %caller.id, "password changed");
        Ok(())
    })
    .await
}

/// Puts a new recovery code in place of the one the caller has.
#[server(prefix = "/api", endpoint = "change_recovery_code", input = Postcard, output = Postcard)]
pub async fn change_recovery_code(proof: Proof, recovery: NewRecovery) -> Result<(), AppError> {
    use crate::account::api::check_boxes;
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        check_boxes([&recovery.key, &recovery.proof])?;
        let login = proved(caller.id, &proof).await?;
        backend().store.change_recovery(caller.id, &login, &recovery.into()).await.map_err(not_proved)?;
        tracing::info!(account = %caller.id, "recovery code changed");
        Ok(())
    })
    .await
}

/// Shows that it is still the caller, for what is asked for within the next minutes.
#[server(prefix = "/api", endpoint = "prove_again", input = Postcard, output = Postcard)]
pub async fn prove_again(proof: Proof) -> Result<(), AppError> {
    use crate::backend::{backend, caller, request_token, respond};
    respond(async {
        let (backend, caller) = (backend(), caller().await?);
        proved(caller.id, &proof).await?;
        backend.store.prove_session(&request_token(&backend).unwrap_or_default()).await?;
        tracing::info!(account = %caller.id, "proved once more");
        Ok(())
    })
    .await
}

/// The sign-in that a proof ends, if it does and is the caller's.
#[cfg(feature = "ssr")]
pub(crate) async fn proved(caller: AccountId, proof: &Proof) -> Result<store::Login, AppError> {
    let login = crate::backend::backend().store.take_login(&proof.token).await.map_err(not_proved)?;
    vault::ServerLogin::from_bytes(&login.state)
        .and_then(|state| state.finish(&proof.message))
        .map_err(|_| AppError::WrongOwnPassword)?;
    if login.account() == Some(caller) { Ok(login) } else { Err(AppError::WrongOwnPassword) }
}

#[cfg(feature = "ssr")]
pub(crate) fn not_proved(error: store::StoreError) -> AppError {
    match error {
        store::StoreError::NotFound => AppError::WrongOwnPassword,
        other => other.into(),
    }
}
