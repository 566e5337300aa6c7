//! Server functions for who has access to secrets.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{AccountId, BatchId, Grants, GroupId, Permission, RecipientId, SecretId};

use crate::error::AppError;
use crate::share::api::{NewShare, Recipient};

/// Who has access to some secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentAccess {
    /// The secrets, by those who have access to them. Secrets that nobody has access to are left out.
    pub parts: Vec<(Grants, Vec<SecretId>)>,
    /// Everyone in them.
    pub recipients: Vec<Recipient>,
}

/// A change of who has access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessChange {
    /// Made by the client: the same change again is done once.
    pub id: BatchId,
    /// The secrets whose access is limited.
    pub secrets: Vec<SecretId>,
    /// Who keeps at most what of them.
    pub limits: Vec<(RecipientId, Option<Permission>)>,
    /// What is shared anew after that.
    pub shares: Vec<NewShare>,
}

/// A person who has access by a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonWithAccess {
    /// Who.
    pub account: AccountId,
    /// How they are called.
    pub name: String,
    /// What they sign in with.
    pub username: String,
    /// Whether they can sign in.
    pub active: bool,
}

/// One way by which somebody has access to a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// Whom it is shared with: the person, or a group they are in.
    pub recipient: RecipientId,
    /// How the group is called; `None` for the person.
    pub group: Option<String>,
    /// What it gives.
    pub permission: Permission,
    /// Who shared it.
    pub shared_by: String,
    /// When, in milliseconds since 1970.
    pub shared_at: i64,
    /// When it ends by itself.
    pub ends_at: Option<i64>,
    /// Its receipt, for the owner.
    pub batch: Option<BatchId>,
}

/// The people who have access to a secret by a group, for those who may see who is in the group.
#[server(prefix = "/api", endpoint = "people_with_access", input = Postcard, output = Postcard)]
pub async fn people_with_access(secret: SecretId, group: GroupId) -> Result<Vec<PersonWithAccess>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let people = backend().store.people_with_access(caller().await?.id, secret, group).await?.into_iter();
        let person = |person: store::PersonWithAccess| {
            let store::PersonWithAccess { account, name, username, active } = person;
            PersonWithAccess { account, name, username, active }
        };
        Ok(people.map(person).collect())
    })
    .await
}

/// Every way by which somebody has access to a secret, the strongest first.
#[server(prefix = "/api", endpoint = "why_access", input = Postcard, output = Postcard)]
pub async fn why_access(secret: SecretId, account: AccountId) -> Result<Vec<Way>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let ways = backend().store.why(caller().await?.id, secret, account).await?.into_iter();
        let way = |way: store::Way| {
            let store::Way { recipient, group, permission, shared_by, shared_at, ends_at, batch } = way;
            Way { recipient, group, permission, shared_by, shared_at, ends_at, batch }
        };
        Ok(ways.map(way).collect())
    })
    .await
}

/// What somebody has access to of what the caller owns, also by groups.
#[server(prefix = "/api", endpoint = "access_of", input = Postcard, output = Postcard)]
pub async fn access_of(account: AccountId) -> Result<Vec<(SecretId, Permission)>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async { Ok(backend().store.access_of(caller().await?.id, account).await?) }).await
}

/// Who has access to secrets of the caller, or to those of anybody for administrators.
#[server(prefix = "/api", endpoint = "access_to", input = Postcard, output = Postcard)]
pub async fn access_to(secrets: Vec<SecretId>) -> Result<PresentAccess, AppError> {
    use crate::backend::{backend, caller, respond};
    use crate::secret::api::checked_batch;
    respond(async {
        let caller = caller().await?;
        let found = backend().store.access_to(caller.id, &checked_batch(secrets)?).await?;
        Ok(PresentAccess { parts: found.parts, recipients: found.recipients.into_iter().map(Into::into).collect() })
    })
    .await
}

/// Changes who has access to secrets, all or nothing. Administrators may end access to any.
#[server(prefix = "/api", endpoint = "change_access", input = Postcard, output = Postcard)]
pub async fn change_access(change: AccessChange) -> Result<(), AppError> {
    use crate::backend::{backend, caller, count_batch, respond};
    use crate::secret::api::checked_batch;
    use crate::share::api::at_most_recipients;
    respond(async {
        let caller = caller().await?;
        let AccessChange { id, secrets, limits, shares } = change;
        if limits.is_empty() && shares.is_empty() {
            return Err(AppError::invalid("Users and groups", "Pick at least one."));
        }
        at_most_recipients(limits.len())?;
        let secrets = if limits.is_empty() { Vec::new() } else { checked_batch(secrets)? };
        let shares = shares.into_iter().map(NewShare::checked).collect::<Result<Vec<_>, _>>()?;
        let change = store::AccessChange { id, secrets, limits, shares };
        backend().store.change_access(caller.id, &change).await?;
        count_batch("access", change.secrets.len(), change.limits.len());
        tracing::info!(
            account = %caller.id, batch = %id, secrets = change.secrets.len(), limits = change.limits.len(),
            shares = change.shares.len(), "access changed"
        );
        Ok(())
    })
    .await
}
