//! Server functions for set-up and sign-in. The steps of OPAQUE are in `vault`; here they only travel.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{AccountId, Mandate, SealedAccount, SignedEntry};

use super::recovery::NewRecovery;
use crate::error::AppError;

/// The person who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Their account.
    pub id: AccountId,
    /// What they sign in with.
    pub username: String,
    /// How they are called.
    pub name: String,
    /// Where they get mail.
    pub email: String,
    /// Whether they manage people and user groups.
    pub administrator: bool,
    /// After how many minutes with nobody at the screen the keys are locked.
    pub idle_minutes: u32,
    /// Which set of keys they have, from 1.
    pub epoch: u64,
    /// Whether one of their passkeys opens their keys.
    pub unlocks_by_passkey: bool,
    /// Whether this is the demo organization.
    pub demo: bool,
}

/// What a page needs to know first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Welcome {
    /// There is no organization yet.
    Empty,
    /// Nobody is signed in.
    SignedOut,
    /// Somebody is; their keys are still locked.
    SignedIn(Profile),
}

/// The server's answer to the first step of a sign-in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Challenge {
    /// Names this sign-in at the second step.
    pub token: String,
    /// The protocol's message.
    pub message: Vec<u8>,
}

/// What a successful sign-in gives.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignedIn {
    /// Who is signed in.
    pub profile: Profile,
    /// Their sealed keys.
    pub keys: SealedAccount,
}

/// What a right password gives.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Proved {
    /// The person is signed in.
    SignedIn(SignedIn),
    /// More is needed.
    NeedsSecondStep(SecondStep),
}

/// What a sign-in still needs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecondStep {
    /// Names the sign-in.
    pub token: String,
    /// Whether a code of the person's app will do.
    pub code: bool,
    /// What one of their passkeys can be asked, as the browser takes it (JSON).
    pub passkey: Option<String>,
}

/// What ends a sign-in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum SecondStepAnswer {
    /// A code of the person's app.
    Code(String),
    /// What the browser says a passkey answered (JSON).
    Passkey(String),
}

/// The first administrator of an organization, with keys made in the browser.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Founder {
    /// How the organization is called.
    pub organization: String,
    /// Their keys, signed by themselves.
    pub entry: SignedEntry,
    /// What everyone's trust leads back to.
    pub mandate: Mandate,
    /// How they are called.
    pub name: String,
    /// Where they get mail.
    pub email: String,
    /// Their sealed keys.
    pub keys: NewKeys,
}

/// The sealed keys of a new account, made in the browser.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewKeys {
    /// The last message of the password's registration.
    pub upload: Vec<u8>,
    /// The sealed keys.
    pub sealed: SealedAccount,
    /// What opens the account without its password.
    pub recovery: NewRecovery,
}

/// Says whether there is an organization and who is signed in.
#[server(prefix = "/api", endpoint = "greet", input = Postcard, output = Postcard)]
pub async fn greet() -> Result<Welcome, AppError> {
    use crate::backend::{backend, find_caller, respond};
    respond(async {
        if backend().store.organization().await?.is_none() {
            return Ok(Welcome::Empty);
        }
        Ok(match find_caller().await? {
            Some(caller) => Welcome::SignedIn(profile(&backend().store, caller).await?),
            None => Welcome::SignedOut,
        })
    })
    .await
}

/// First step of founding the organization: the server's part of the password's registration.
#[server(prefix = "/api", endpoint = "begin_set_up", input = Postcard, output = Postcard)]
pub async fn begin_set_up(code: String, id: AccountId, request: Vec<u8>) -> Result<Vec<u8>, AppError> {
    use crate::backend::{backend, knock, respond};
    respond(async {
        knock(None)?;
        check_set_up_code(&code)?;
        backend().keys.register(id, &request).map_err(|_| AppError::BadRequest)
    })
    .await
}

/// Second step: founds the organization with its first administrator.
#[server(prefix = "/api", endpoint = "finish_set_up", input = Postcard, output = Postcard)]
pub async fn finish_set_up(code: String, founder: Founder) -> Result<(), AppError> {
    use crate::account::check::{check_email, check_text, check_username};
    use crate::backend::{backend, knock, respond};
    respond(async {
        knock(None)?;
        check_set_up_code(&code)?;
        check_username(&founder.entry.entry.username)?;
        let id = founder.entry.entry.account;
        let account = store::NewAccount {
            entry: founder.entry,
            name: check_text(crate::language::text!("Your name"), &founder.name)?,
            email: check_email(&founder.email)?,
            role: store::Role::Administrator,
            keys: checked_keys(founder.keys)?,
        };
        let organization = store::Organization {
            name: check_text(crate::language::text!("Organization"), &founder.organization)?,
            demo: false,
            server_keys: backend().keys.fingerprint(),
        };
        backend().store.found(&organization, &account, &founder.mandate).await?;
        *backend().set_up_code.lock().expect("nobody panics with the lock") = None;
        tracing::info!(account = %id, "organization founded");
        Ok(())
    })
    .await
}

#[cfg(feature = "ssr")]
fn check_set_up_code(code: &str) -> Result<(), AppError> {
    let backend = crate::backend::backend();
    let expected = backend.set_up_code.lock().expect("nobody panics with the lock");
    // 256 random bits that live until the first use: comparing them needs no constant time beyond the hash of each.
    match expected.as_deref() {
        Some(expected) if code.trim() == expected => Ok(()),
        _ => Err(AppError::WrongSetUpCode),
    }
}

/// First step of a sign-in.
#[server(prefix = "/api", endpoint = "begin_sign_in", input = Postcard, output = Postcard)]
pub async fn begin_sign_in(username: String, request: Vec<u8>) -> Result<Challenge, AppError> {
    use crate::backend::{backend, count_sign_in, is_about, knock, random_token, respond};
    use vault::PasswordFile;
    respond(async {
        knock(Some(&username))?;
        let backend = backend();
        let known = match backend.store.credential(&username).await? {
            Some((account, file)) => {
                is_about(account);
                let file = PasswordFile::from_bytes(&file)
                    .map_err(|error| store::StoreError::Content(format!("password file of {account}: {error}")))?;
                Some((account, file))
            }
            None => None,
        };
        let login = known.as_ref().map(|(account, file)| (*account, file.to_bytes()));
        // Spelled as for those who are known: otherwise two spellings of one name would tell which there are.
        let username = store::search_key(&username);
        let (state, message) =
            backend.keys.start_login(known, &username, &request).map_err(|_| AppError::BadRequest)?;
        let token = random_token();
        let login = store::Login::new(login.as_ref().map(|(account, file)| (*account, &**file)), state.to_bytes());
        backend.store.add_login(&token, &login).await?;
        // A wrong password is found out by whoever typed it: they do not come back with a proof.
        count_sign_in("begun");
        Ok(Challenge { token, message })
    })
    .await
}

/// Second message of a sign-in: checks the proof, and begins a session where nothing else is needed.
#[server(prefix = "/api", endpoint = "finish_sign_in", input = Postcard, output = Postcard)]
pub async fn finish_sign_in(token: String, proof: Vec<u8>) -> Result<Proved, AppError> {
    use crate::backend::{backend, count_sign_in, find_caller, is_about, respond};
    use vault::ServerLogin;
    respond(async {
        let backend = backend();
        let wrong = |error| match error {
            store::StoreError::NotFound => AppError::WrongPassword,
            other => other.into(),
        };
        let login = backend.store.take_login(&token).await.map_err(wrong)?;
        if let Some(account) = login.account() {
            is_about(account);
        }
        ServerLogin::from_bytes(&login.state)
            .and_then(|state| state.finish(&proof))
            .map_err(|_| AppError::WrongPassword)?;
        let account = login.account().ok_or(AppError::WrongPassword)?;
        // Who is signed in already only opens their keys again.
        let is_unlocking = find_caller().await?.is_some_and(|caller| caller.id == account);
        if is_unlocking {
            return begin_session(&backend, &login).await.map(Proved::SignedIn);
        }
        match ask_second_step(&backend, account, &login).await? {
            Some(needed) => {
                count_sign_in("password right");
                Ok(Proved::NeedsSecondStep(needed))
            }
            None => begin_session(&backend, &login).await.map(Proved::SignedIn),
        }
    })
    .await
}

/// What the sign-in of an account needs beside the password, if anything.
#[cfg(feature = "ssr")]
async fn ask_second_step(
    backend: &crate::backend::Backend,
    account: AccountId,
    login: &store::Login,
) -> Result<Option<SecondStep>, AppError> {
    use crate::account::code;
    use crate::backend::random_token;
    let (code, known) = (code::is_asked(&backend.store, account).await?, backend.store.passkeys(account).await?);
    if !code && known.is_empty() {
        return Ok(None);
    }
    // Where the address has no name any more, passkeys cannot be asked for: a code or the recovery code helps.
    let asked = backend.passkeys.as_ref().filter(|_| !known.is_empty());
    let (passkey, state) = asked.map(|passkeys| passkeys.begin_using(&known)).transpose()?.unzip();
    let token = random_token();
    backend.store.add_login(&token, &login.clone().proved(state.unwrap_or_default())).await?;
    Ok(Some(SecondStep { token, code, passkey }))
}

/// The second step of a sign-in.
#[server(prefix = "/api", endpoint = "finish_second_step", input = Postcard, output = Postcard)]
pub async fn finish_second_step(token: String, answer: SecondStepAnswer) -> Result<SignedIn, AppError> {
    use crate::account::code;
    use crate::account::passkey::check::check_answer;
    use crate::backend::{backend, is_about, respond};
    respond(async {
        let backend = backend();
        let ended = |error| match error {
            store::StoreError::NotFound => AppError::SignedOut,
            other => other.into(),
        };
        let login = backend.store.login(&token).await.map_err(ended)?;
        let account = login.proved_account().ok_or(AppError::SignedOut)?;
        is_about(account);
        match answer {
            SecondStepAnswer::Code(code) => code::check(&backend, account, &code).await?,
            SecondStepAnswer::Passkey(answer) => {
                check_answer(&backend, account, &login.state, &answer).await?;
            }
        }
        let login = backend.store.take_login(&token).await.map_err(ended)?;
        begin_session(&backend, &login).await
    })
    .await
}

/// Begins the session of somebody whose sign-in succeeded. A session that the browser had is replaced.
#[cfg(feature = "ssr")]
async fn begin_session(backend: &crate::backend::Backend, login: &store::Login) -> Result<SignedIn, AppError> {
    use crate::backend::{count_sign_in, random_token, request_token, set_session_cookie, user_agent};
    let session = random_token();
    let begun = backend.store.begin_session(&session, login, &user_agent()).await.map_err(|error| match error {
        store::StoreError::NotFound => AppError::WrongPassword,
        other => other.into(),
    });
    let (account, keys) = begun?;
    if let Some(old) = request_token(backend) {
        backend.store.end_session(&old).await?;
    }
    set_session_cookie(backend, &session);
    count_sign_in("done");
    Ok(SignedIn { profile: profile(&backend.store, account).await?, keys })
}

/// What the server keeps of new keys, as far as it can check them.
#[cfg(feature = "ssr")]
pub(crate) fn checked_keys(keys: NewKeys) -> Result<store::NewKeys, AppError> {
    use vault::PasswordFile;
    check_boxes([&keys.sealed.account_key, &keys.sealed.identity, &keys.recovery.key, &keys.recovery.proof])?;
    Ok(store::NewKeys {
        password_file: PasswordFile::from_upload(&keys.upload).map_err(|_| AppError::BadRequest)?.to_bytes(),
        sealed: keys.sealed,
        recovery: Some(keys.recovery.into()),
    })
}

/// Refuses what is empty or too large to be a sealed key. Whether it opens only its owner can tell.
#[cfg(feature = "ssr")]
pub(crate) fn check_boxes<const N: usize>(boxes: [&Vec<u8>; N]) -> Result<(), AppError> {
    if boxes.iter().all(|sealed| (32..=256).contains(&sealed.len())) { Ok(()) } else { Err(AppError::BadRequest) }
}

/// Ends the session.
#[server(prefix = "/api", endpoint = "sign_out", input = Postcard, output = Postcard)]
pub async fn sign_out() -> Result<(), AppError> {
    use crate::backend::{backend, clear_session_cookie, request_token, respond};
    respond(async {
        let backend = backend();
        // Also where the account may not use it any more: it must not come back when the account does.
        if let Some(token) = request_token(&backend) {
            backend.store.end_session(&token).await?;
            tracing::info!("signed out");
        }
        clear_session_cookie(&backend);
        Ok(())
    })
    .await
}

/// What the page of the person shows of them.
#[cfg(feature = "ssr")]
pub(crate) async fn profile(store: &store::Store, account: store::Account) -> Result<Profile, AppError> {
    let passkeys = store.passkeys(account.id).await?;
    Ok(Profile {
        id: account.id,
        username: account.username,
        name: account.name,
        email: account.email,
        idle_minutes: account.idle_minutes,
        epoch: account.epoch,
        administrator: account.role == store::Role::Administrator,
        unlocks_by_passkey: passkeys.iter().any(|passkey| passkey.account_key.is_some()),
        demo: store.organization().await?.is_some_and(|organization| organization.demo),
    })
}
