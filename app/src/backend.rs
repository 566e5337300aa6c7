//! What the server functions stand on: the store, the server's keys, who is calling, and how errors leave.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use leptos::prelude::{Owner, provide_context};
use leptos::prelude::{expect_context, use_context};
use leptos::reactive::computed::ScopedFuture;
use leptos_axum::ResponseOptions;
use store::{Account, Kind, Store, StoreError};
use vault::{AccountId, RecipientId, ServerKeys};

use crate::account::Passkeys;
use crate::error::{AppError, Problem, Reason, Subject};
use crate::language::{name, text};
use crate::rate_limit::{Limits, Network};

/// What all requests share.
pub struct Backend {
    /// The database.
    pub store: Store,
    /// The server's own secrets for sign-in.
    pub keys: ServerKeys,
    /// Whether the cookie is for HTTPS alone.
    pub secure: bool,
    /// What founds an empty organization, once.
    pub set_up_code: Mutex<Option<String>>,
    /// The address that people open.
    pub address: String,
    /// How often what could be abused may be done.
    pub limits: Limits,
    /// What checks passkeys, where the address has a name.
    pub passkeys: Option<Passkeys>,
    /// What sends mail, where that is configured.
    pub mailer: Option<Mailer>,
}

/// A mail to one person.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Their address.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// Sends a mail, or says for the log why it could not.
pub type Mailer = Arc<dyn Fn(Mail) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

impl Backend {
    /// The name of the session's cookie. With the prefix `__Host-`, browsers take it over HTTPS from this very host alone.
    fn cookie_name(&self) -> &'static str {
        if self.secure { "__Host-mysafe" } else { "mysafe" }
    }

    /// The session's token from the cookies of a request.
    pub fn token(&self, headers: &HeaderMap) -> Option<String> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find(|(found, _)| *found == self.cookie_name())
            .map(|(_, token)| token.to_owned())
    }

    fn cookie(&self, token: &str, lifetime: &str) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = format!("{}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{lifetime}", self.cookie_name());
        HeaderValue::from_str(&cookie).expect("tokens are hexadecimal")
    }
}

pub(crate) fn backend() -> Arc<Backend> {
    expect_context()
}

/// What a program sends with each request, in the place of a browser's cookie.
#[derive(Clone)]
struct ProgramToken(String);

/// Does the work of a server function for a program that shows this token; with the status of the answer where it is refused.
///
/// # Errors
/// What the server function says.
pub async fn serve_program<T, W>(
    backend: &Arc<Backend>,
    token: String,
    work: impl FnOnce() -> W + Send,
) -> Result<T, (StatusCode, AppError)>
where
    W: Future<Output = Result<T, AppError>> + Send,
{
    let backend = Arc::clone(backend);
    let scoped = Owner::new().with(|| {
        ScopedFuture::new(async move {
            provide_context(backend);
            provide_context(ResponseOptions::default());
            provide_context(ProgramToken(token));
            work().await
        })
    });
    scoped.await.map_err(|error| (status(&error), error))
}

/// The session's token from what a program sends, or from the request's cookies.
pub(crate) fn request_token(backend: &Backend) -> Option<String> {
    if let Some(ProgramToken(token)) = use_context() {
        return Some(token);
    }
    let parts: Parts = use_context()?;
    backend.token(&parts.headers)
}

/// What the browser says it is, so that people recognise their sessions.
pub(crate) fn user_agent() -> String {
    let parts: Option<Parts> = use_context();
    let agent = parts.as_ref().and_then(|parts| parts.headers.get(header::USER_AGENT)?.to_str().ok());
    agent.unwrap_or_default().chars().take(200).collect()
}

/// Who is calling, if anyone is signed in.
pub(crate) async fn find_caller() -> Result<Option<Account>, AppError> {
    let backend = backend();
    let Some(token) = request_token(&backend) else { return Ok(None) };
    // The session of a program is of no use as a cookie, nor a person's to a program.
    let kind = if use_context::<ProgramToken>().is_some() { Kind::AccessKey } else { Kind::Person };
    let found = backend.store.session_account(&token).await?.filter(|account| account.kind == kind);
    if let Some(account) = &found {
        is_about(account.id);
    }
    Ok(found)
}

/// Names the account that a request is of, or whose password or code it tries, in every line that the log gets of it from here on.
pub(crate) fn is_about(account: AccountId) {
    tracing::Span::current().record("account", tracing::field::display(account));
}

/// Who is calling.
pub(crate) async fn caller() -> Result<Account, AppError> {
    find_caller().await?.ok_or(AppError::SignedOut)
}

/// Who is calling, and has just shown once more that it is they: for what somebody with nothing but their session must not do.
///
/// # Errors
/// [`AppError::ProofNeeded`] where they have not.
pub(crate) async fn proved_caller() -> Result<Account, AppError> {
    let caller = caller().await?;
    if is_proved().await? { Ok(caller) } else { Err(AppError::ProofNeeded) }
}

/// Counts a value that somebody opens. A person opens a few; whoever opens one after the other has to show that it is they. Programs open more, and
/// have nothing to show.
///
/// # Errors
/// [`AppError::ProofNeeded`] where there were too many without that, [`AppError::TooFast`] where a program opens too many.
pub(crate) async fn count_opening(caller: &Account) -> Result<(), AppError> {
    let limits = &backend().limits;
    match caller.kind {
        Kind::AccessKey if limits.program_openings.allows(caller.id) => Ok(()),
        Kind::AccessKey => Err(AppError::TooFast),
        Kind::Person if limits.openings.allows(caller.id) || is_proved().await? => Ok(()),
        Kind::Person => Err(AppError::ProofNeeded),
    }
}

async fn is_proved() -> Result<bool, AppError> {
    let backend = backend();
    let token = request_token(&backend).unwrap_or_default();
    Ok(backend.store.is_proved(&token, backend.limits.proof).await?)
}

/// Counts a batch that was done, for whoever watches the server: what kind of batch, for how many secrets and recipients.
pub(crate) fn count_batch(kind: &'static str, secrets: usize, recipients: usize) {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    let record = |name, count: usize| metrics::histogram!(name, "batch" => kind).record(count as f64);
    record("mysafe_batch_secrets", secrets);
    record("mysafe_batch_recipients", recipients);
}

/// Counts a step of a sign-in, and notes it in the log. One that is begun and no more had a wrong password, or was given up; one whose password was right and that is not done lacks the second step.
pub(crate) fn count_sign_in(step: &'static str) {
    tracing::info!("sign-in {step}");
    metrics::counter!("mysafe_sign_ins_total", "step" => step).increment(1);
}

/// Counts a request of somebody who has not shown who they are; who it is said to be about, where a password or a code is tried.
///
/// # Errors
/// [`AppError::TooManyAttempts`] where there were too many from the same place.
pub(crate) fn knock(name: Option<&str>) -> Result<(), AppError> {
    let from = Network::of(store::address());
    if backend().limits.lets_in(from, name) {
        return Ok(());
    }
    Err(AppError::TooManyAttempts)
}

/// Counts a request of a program that has not shown who it is. Apart from people's: scripts sign in often, and keep nobody out by it. There is nothing to
/// guess in 160 random bits.
///
/// # Errors
/// [`AppError::TooManyAttempts`] where there were too many from the same place.
pub(crate) fn knock_as_program() -> Result<(), AppError> {
    let from = Network::of(store::address());
    if backend().limits.program_doors.allows(from) { Ok(()) } else { Err(AppError::TooManyAttempts) }
}

/// 32 random bytes in hexadecimal: a token that nobody guesses.
pub fn random_token() -> String {
    let id = || AccountId::random().uuid().simple().to_string();
    id() + &id()
}

/// Hands the session's cookie to the browser, for as long as the browser is open.
pub(crate) fn set_session_cookie(backend: &Backend, token: &str) {
    expect_context::<ResponseOptions>().append_header(header::SET_COOKIE, backend.cookie(token, ""));
}

/// Takes the session's cookie from the browser.
pub(crate) fn clear_session_cookie(backend: &Backend) {
    expect_context::<ResponseOptions>().append_header(header::SET_COOKIE, backend.cookie("", "; Max-Age=0"));
}

/// Answers a request with the right status. [`not_understood`] was set before, for requests that never get here.
pub(crate) async fn respond<T>(work: impl Future<Output = Result<T, AppError>>) -> Result<T, AppError> {
    let result = work.await;
    let status = result.as_ref().map_or_else(status, |_| StatusCode::OK);
    if let Some(why) = result.as_ref().err().and_then(refusal) {
        tracing::warn!(why, "refused");
        metrics::counter!("mysafe_refusals_total", "why" => why).increment(1);
    }
    expect_context::<ResponseOptions>().set_status(status);
    result
}

/// The status of a request whose body never became the arguments of a server function.
pub fn not_understood() {
    expect_context::<ResponseOptions>().set_status(StatusCode::BAD_REQUEST);
}

/// What somebody was refused who may have meant ill: for the log and whoever watches it. What is not there and what they may not know of is the same.
fn refusal(error: &AppError) -> Option<&'static str> {
    Some(match error {
        AppError::WrongPassword | AppError::WrongOwnPassword => "wrong password",
        AppError::WrongCode => "wrong code",
        AppError::WrongPasskey => "wrong passkey",
        AppError::WrongRecoveryCode => "wrong recovery code",
        AppError::WrongSetUpCode => "wrong set-up code",
        AppError::InvitationEnded | AppError::LinkEnded => "link of no use",
        AppError::TooManyAttempts | AppError::TooManyCodes | AppError::TooFast => "too many",
        AppError::Forbidden | AppError::NotAdministrator => "not allowed",
        AppError::Refused(problems) if problems.iter().any(|problem| problem.reason == Reason::Forbidden) => {
            "not allowed"
        }
        AppError::NotFound => "not found",
        AppError::Refused(problems) if problems.iter().any(|problem| problem.reason == Reason::NotFound) => "not found",
        AppError::Disabled => "disabled",
        AppError::ProofNeeded => "password needed",
        AppError::BadRequest => "bad request",
        _ => return None,
    })
}

fn status(error: &AppError) -> StatusCode {
    match error {
        AppError::SignedOut
        | AppError::WrongPassword
        | AppError::WrongCode
        | AppError::WrongPasskey
        | AppError::WrongRecoveryCode
        | AppError::WrongSetUpCode => StatusCode::UNAUTHORIZED,
        AppError::Forbidden
        | AppError::NotAdministrator
        | AppError::Disabled
        | AppError::WrongOwnPassword
        | AppError::ProofNeeded => StatusCode::FORBIDDEN,
        AppError::NotFound | AppError::InvitationEnded | AppError::LinkEnded | AppError::NoEscrow => {
            StatusCode::NOT_FOUND
        }
        AppError::Invalid { .. } | AppError::Refused(_) | AppError::TooMany { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        AppError::Stale
        | AppError::BatchChanged
        | AppError::NotAllYours
        | AppError::GroupChanged
        | AppError::Reused
        | AppError::LastAdministrator
        | AppError::NotApproved
        | AppError::AnotherHasToConfirm
        | AppError::PersonChanged
        | AppError::RestorationChanged
        | AppError::NoMandate => StatusCode::CONFLICT,
        AppError::BadRequest
        | AppError::PasskeyNotUsed
        | AppError::PasskeyKnown
        | AppError::NoPasskeys
        | AppError::UnreadableAnswer
        | AppError::Cancelled
        | AppError::Offline
        | AppError::Sealed
        | AppError::NotSealedYet
        | AppError::LostKeys
        | AppError::WaitsFor { .. }
        | AppError::NoGroupKey
        | AppError::Unconfirmed
        | AppError::ChangedKeys => StatusCode::BAD_REQUEST,
        AppError::TooFast | AppError::TooManyCodes | AppError::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
        AppError::NotMailed => StatusCode::BAD_GATEWAY,
        AppError::Away => StatusCode::SERVICE_UNAVAILABLE,
        AppError::NotWritten => StatusCode::INSUFFICIENT_STORAGE,
        AppError::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Forbidden => Self::Forbidden,
            StoreError::Taken("identifier") => {
                Self::invalid(text!("Identifier"), text!("You have this one already. Choose another."))
            }
            StoreError::OwnersAlone(field) => Self::invalid(label(field), text!("Only the owner can change this.")),
            StoreError::Taken(field) => Self::invalid(label(field), text!("Somebody has this one already.")),
            StoreError::LastAdministrator => Self::LastAdministrator,
            StoreError::NoMandate => Self::NoMandate,
            StoreError::NotApproved => Self::NotApproved,
            StoreError::AnotherHasToConfirm => Self::AnotherHasToConfirm,
            StoreError::Stale => Self::Stale,
            StoreError::Reused => Self::Reused,
            StoreError::Refused(problems) => Self::Refused(problems.into_iter().map(Into::into).collect()),
            StoreError::Malformed(_) => Self::BadRequest,
            error if error.is_away() => {
                tracing::warn!(%error, "request failed");
                Self::Away
            }
            error if error.is_unwritable() => {
                tracing::error!(%error, "request failed: make room for the database");
                Self::NotWritten
            }
            StoreError::Away | StoreError::Database(_) | StoreError::Content(_) => {
                let incident = random_token()[..8].to_owned();
                tracing::error!(incident, %error, "request failed");
                Self::Internal { incident }
            }
        }
    }
}

/// What a store function that seals to recipients answered. Who of them has no keys is named: without that nobody knows for whom it waits.
pub(crate) async fn or_waits<T>(answer: Result<T, StoreError>) -> Result<T, AppError> {
    match answer {
        Ok(value) => Ok(value),
        Err(error) => Err(waits_for(error).await),
    }
}

async fn waits_for(error: StoreError) -> AppError {
    let StoreError::Refused(problems) = &error else { return error.into() };
    let without = problems.iter().find_map(|problem| match (problem.subject, problem.reason) {
        (store::Subject::Recipient(RecipientId::Account(id)), store::Reason::NotActive) => Some(id),
        _ => None,
    });
    let Some(id) = without else { return error.into() };
    match backend().store.account(id).await {
        Ok(account) => AppError::WaitsFor { name: account.name, reason: Reason::NoKeysYet },
        Err(error) => error.into(),
    }
}

fn label(field: &'static str) -> &'static str {
    match field {
        "identifier" => text!("Identifier"),
        name!("rotation date") => text!("Rotation date"),
        "username" => text!("Username"),
        "email" => text!("Email"),
        other => other,
    }
}

impl From<store::Problem> for Problem {
    fn from(problem: store::Problem) -> Self {
        let subject = match problem.subject {
            store::Subject::Secret(id) => Subject::Secret(id),
            store::Subject::Recipient(id) => Subject::Recipient(id),
        };
        let reason = match problem.reason {
            store::Reason::NotFound => Reason::NotFound,
            store::Reason::Forbidden => Reason::Forbidden,
            store::Reason::Yours => Reason::Yours,
            store::Reason::Disabled => Reason::Disabled,
            store::Reason::NotActive => Reason::NotActive,
            store::Reason::Yourself => Reason::Yourself,
            store::Reason::Outdated => Reason::Outdated,
            store::Reason::NotTakenOver => Reason::NotTakenOver,
            store::Reason::IdentifierTaken => Reason::IdentifierTaken,
            store::Reason::TooManyTags => Reason::TooManyTags,
        };
        Self { subject, reason }
    }
}
