//! Server functions for administrators.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{AccountId, Invitation, Mandate, SignedEntry};

use crate::error::AppError;
use crate::secret::api::SecretRow;

/// Whether a person can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Not yet; until when the invitation can be used, in milliseconds since 1970, where it can.
    Invited(Option<i64>),
    /// Yes.
    Active,
    /// No more.
    Disabled,
}

/// A person as administrators see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The account.
    pub id: AccountId,
    /// What they sign in with.
    pub username: String,
    /// How they are called.
    pub name: String,
    /// Where they get mail.
    pub email: String,
    /// Whether they manage people and user groups.
    pub administrator: bool,
    /// Whether they can sign in.
    pub status: Status,
    /// Which set of keys they have, or will make, from 1.
    pub epoch: u64,
    /// Whether it is no person, but an access key.
    pub is_program: bool,
}

/// A part of the list of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// The people, in order of their names.
    pub people: Vec<Person>,
    /// How many there are in all.
    pub total: u64,
}

/// An invitation, made and signed in the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewInvitation {
    /// What the administrator signed.
    pub invitation: Invitation,
    /// Where the person gets mail.
    pub email: String,
    /// Whether they will manage people and user groups.
    pub administrator: bool,
    /// What shows that one has the link.
    pub proof: Vec<u8>,
    /// Whom the new account is to trust, sealed under the invitation's secret.
    pub root: Vec<u8>,
}

/// A person, and the API secrets that are theirs or that they have access to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonDetails {
    /// The person.
    pub person: Person,
    /// The API secrets, as the person sees them in their list.
    pub secrets: Vec<SecretRow>,
    /// Their keys, and who answers for them, where they have any.
    pub keys: Option<SignedEntry>,
    /// What of theirs waits to be settled, if anything does.
    pub waiting: Option<Waiting>,
}

/// What of one owner's waits to be settled: new keys for what somebody could open who has no access any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Whose it is.
    pub owner: AccountId,
    /// How the owner is called.
    pub name: String,
    /// Whether the owner is disabled: their browser does it no more.
    pub disabled: bool,
    /// How many shares.
    pub shares: u64,
    /// How many API secrets.
    pub secrets: u64,
    /// How many of both nobody can settle, because the owner has started over since.
    pub lost: u64,
}

/// The people whose name, username or email has a text in it, from the `skip`th on.
#[server(prefix = "/api", endpoint = "find_people", input = Postcard, output = Postcard)]
pub async fn find_people(text: String, skip: u32) -> Result<People, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        if text.len() > 500 {
            return Err(AppError::invalid("Search people", "Use at most 500 characters."));
        }
        if !backend().limits.searches.allows(caller.id) {
            return Err(AppError::TooFast);
        }
        let page = backend().store.people(caller.id, &text, skip).await.map_err(for_administrators)?;
        Ok(People { people: page.people.into_iter().map(Into::into).collect(), total: page.total })
    })
    .await
}

/// What a person owns and has access to. Names alone: being an administrator opens none of it.
#[server(prefix = "/api", endpoint = "get_person", input = Postcard, output = Postcard)]
pub async fn get_person(id: AccountId) -> Result<PersonDetails, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let (store, caller) = (&backend().store, caller().await?);
        let person = store.person(caller.id, id).await.map_err(for_administrators)?;
        let secrets = store.secrets_of(caller.id, id).await.map_err(for_administrators)?;
        let keys = store.keys_of_person(caller.id, id).await.map_err(for_administrators)?;
        let waiting = store.waiting(caller.id, Some(id)).await.map_err(for_administrators)?.pop().map(Into::into);
        let secrets = secrets.into_iter().map(Into::into).collect();
        Ok(PersonDetails { keys, person: person.into(), secrets, waiting })
    })
    .await
}

/// What waits to be settled, by its owners: those first who have most of it.
#[server(prefix = "/api", endpoint = "list_waiting", input = Postcard, output = Postcard)]
pub async fn list_waiting() -> Result<Vec<Waiting>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let found = backend().store.waiting(caller().await?.id, None).await.map_err(for_administrators)?;
        Ok(found.into_iter().map(Into::into).collect())
    })
    .await
}

/// Invites a person, or once more who was invited already. Says whether the link can be mailed.
#[server(prefix = "/api", endpoint = "invite", input = Postcard, output = Postcard)]
pub async fn invite(new: NewInvitation) -> Result<bool, AppError> {
    use crate::account::check::{check_email, check_username};
    use crate::backend::{backend, caller, proved_caller, respond};
    respond(async {
        // Whoever is there already gets another role by it, or loses their keys to whoever has the link.
        let known = backend().store.account(new.invitation.account).await;
        let is_new = matches!(known, Err(store::StoreError::NotFound));
        let caller = if is_new && !new.administrator { caller().await? } else { proved_caller().await? };
        check_username(&new.invitation.username)?;
        if new.proof.len() != 32 || new.root.len() > 256 {
            return Err(AppError::BadRequest);
        }
        let account = new.invitation.account;
        let new = store::NewInvitation {
            email: check_email(&new.email)?,
            role: role(new.administrator),
            invitation: new.invitation,
            proof: new.proof,
            root: new.root,
        };
        let invited = backend().store.invite(caller.id, &new).await;
        invited.map_err(|error| match error {
            // Nobody starts over whose present keys nobody answers for: what they signed could not be read any more.
            store::StoreError::Stale => AppError::Unconfirmed,
            other => for_administrators(other),
        })?;
        tracing::info!(by = %caller.id, %account, "invited");
        Ok(backend().mailer.is_some())
    })
    .await
}

/// Mails the link of an invitation to the one who is invited. The server sees the link then, and keeps it no longer than that takes.
#[server(prefix = "/api", endpoint = "mail_invitation", input = Postcard, output = Postcard)]
pub async fn mail_invitation(account: AccountId, code: String) -> Result<(), AppError> {
    use crate::backend::{Mail, backend, caller, respond};
    respond(async {
        let (backend, caller) = (backend(), caller().await?);
        // A code and nothing else: no mail of ours says what somebody wants it to say.
        let code = vault::InvitationCode::parse(&code).map_err(|_| AppError::BadRequest)?.text();
        let mailer = backend.mailer.clone().ok_or(AppError::NotMailed)?;
        let (to, by, organization) = backend.store.invited(caller.id, account).await.map_err(for_administrators)?;
        let text = format!(
            "{by} invites you to the team vault of {organization}.\n\nOpen this link to join. It works once, for seven days, and only for \
             you: do not pass it on.\n\n{}/invitation#{}\n",
            backend.address, *code
        );
        let subject = format!("Join {organization} on MySafe");
        mailer(Mail { to, subject, text }).await.map_err(|error| {
            tracing::error!(%account, error, "the mail with an invitation was not sent");
            AppError::NotMailed
        })?;
        tracing::info!(by = %caller.id, %account, "invitation mailed");
        Ok(())
    })
    .await
}

/// Changes where a person gets mail.
#[server(prefix = "/api", endpoint = "set_email", input = Postcard, output = Postcard)]
pub async fn set_email(id: AccountId, email: String) -> Result<(), AppError> {
    use crate::account::check::check_email;
    use crate::backend::{backend, caller, respond};
    respond(async {
        let (caller, email) = (caller().await?, check_email(&email)?);
        backend().store.set_email(caller.id, id, &email).await.map_err(for_administrators)?;
        tracing::info!(by = %caller.id, account = %id, "email changed");
        Ok(())
    })
    .await
}

/// Lets a person sign in, or no more.
#[server(prefix = "/api", endpoint = "set_person_enabled", input = Postcard, output = Postcard)]
pub async fn set_person_enabled(id: AccountId, enabled: bool) -> Result<(), AppError> {
    use crate::backend::{backend, caller, proved_caller, respond};
    respond(async {
        // An administrator who is disabled, or comes back, is a change of roles by another name.
        let known = backend().store.account(id).await;
        let is_administrator = known.is_ok_and(|account| account.role == store::Role::Administrator);
        let caller = if is_administrator { proved_caller().await? } else { caller().await? };
        backend().store.set_person_enabled(caller.id, id, enabled).await.map_err(for_administrators)?;
        tracing::info!(by = %caller.id, account = %id, enabled, "account enabled or disabled");
        Ok(())
    })
    .await
}

/// Makes a person an administrator, with a mandate where they have keys, or a member.
#[server(prefix = "/api", endpoint = "set_role", input = Postcard, output = Postcard)]
pub async fn set_role(id: AccountId, administrator: bool, mandate: Option<Mandate>) -> Result<(), AppError> {
    use crate::backend::{backend, proved_caller, respond};
    respond(async {
        let caller = proved_caller().await?;
        let set = backend().store.set_role(caller.id, id, role(administrator), mandate.as_ref()).await;
        set.map_err(for_administrators)?;
        tracing::info!(by = %caller.id, account = %id, administrator, "role changed");
        Ok(())
    })
    .await
}

/// Signs a person out everywhere.
#[server(prefix = "/api", endpoint = "end_sessions_of", input = Postcard, output = Postcard)]
pub async fn end_sessions_of(id: AccountId) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        backend().store.end_sessions_of(caller.id, id).await.map_err(for_administrators)?;
        tracing::info!(by = %caller.id, account = %id, "signed out everywhere");
        Ok(())
    })
    .await
}

/// The first keys of accounts that only an invitation vouches for, and whether they are administrators'.
#[server(prefix = "/api", endpoint = "unsigned_entries", input = Postcard, output = Postcard)]
pub async fn unsigned_entries() -> Result<Vec<(SignedEntry, bool)>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let entries = backend().store.unsigned_entries(caller().await?.id).await.map_err(for_administrators)?;
        Ok(entries.into_iter().map(|(signed, role)| (signed, role == store::Role::Administrator)).collect())
    })
    .await
}

/// Keeps an administrator's signature of an entry.
#[server(prefix = "/api", endpoint = "sign_entry", input = Postcard, output = Postcard)]
pub async fn sign_entry(signed: SignedEntry, mandate: Option<Mandate>) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        let account = signed.entry.account;
        let sign = backend().store.sign_entry(caller.id, &signed, mandate.as_ref()).await;
        sign.map_err(for_administrators)?;
        tracing::info!(by = %caller.id, %account, "keys confirmed");
        Ok(())
    })
    .await
}

#[cfg(feature = "ssr")]
fn role(administrator: bool) -> store::Role {
    if administrator { store::Role::Administrator } else { store::Role::Member }
}

#[cfg(feature = "ssr")]
pub(crate) fn for_administrators(error: store::StoreError) -> AppError {
    match error {
        store::StoreError::Forbidden => AppError::NotAdministrator,
        store::StoreError::Stale | store::StoreError::Reused => AppError::PersonChanged,
        other => other.into(),
    }
}

#[cfg(feature = "ssr")]
impl From<store::Waiting> for Waiting {
    fn from(waiting: store::Waiting) -> Self {
        let store::Waiting { owner, name, status, shares, secrets, lost } = waiting;
        Self { owner, name, disabled: status == store::Status::Disabled, shares, secrets, lost }
    }
}

#[cfg(feature = "ssr")]
impl From<store::PersonRow> for Person {
    fn from(row: store::PersonRow) -> Self {
        let store::Account { id, kind, username, name, email, role, status, epoch, .. } = row.account;
        Self {
            id,
            username,
            name,
            email,
            administrator: role == store::Role::Administrator,
            epoch,
            is_program: kind == store::Kind::AccessKey,
            status: match status {
                store::Status::Invited => Status::Invited(row.invited_until),
                store::Status::Active => Status::Active,
                store::Status::Disabled => Status::Disabled,
            },
        }
    }
}
