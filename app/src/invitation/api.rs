//! Server functions for those who were invited. What stands for a session here is the proof of the invitation's secret.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{Acceptance, AccountId, Entry};

use crate::account::api::NewKeys;
use crate::error::AppError;

/// What somebody who has the link needs to make their keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invited {
    /// The account to be.
    pub account: AccountId,
    /// What they will sign in with.
    pub username: String,
    /// Which set of the account's keys they make, from 1.
    pub epoch: u64,
    /// Where they get mail.
    pub email: String,
    /// Whom the new account is to trust, sealed under the invitation's secret.
    pub root: Vec<u8>,
    /// Who invites.
    pub invited_by: String,
    /// To what.
    pub organization: String,
}

/// What somebody who was invited made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Accepted {
    /// How they are called.
    pub name: String,
    /// Their keys' public halves.
    pub entry: Entry,
    /// Made with the invitation's secret.
    pub acceptance: Acceptance,
    /// Their sealed keys.
    pub keys: NewKeys,
}

/// What an invitation is for.
#[server(prefix = "/api", endpoint = "open_invitation", input = Postcard, output = Postcard)]
pub async fn open_invitation(proof: Vec<u8>) -> Result<Invited, AppError> {
    use crate::backend::{backend, knock, respond};
    respond(async {
        knock(None)?;
        let open = backend().store.open_invitation(&proof).await.map_err(ended)?;
        Ok(Invited {
            account: open.invitation.account,
            epoch: open.invitation.epoch,
            username: open.invitation.username,
            email: open.email,
            root: open.root,
            invited_by: open.invited_by,
            organization: open.organization,
        })
    })
    .await
}

/// First step of accepting an invitation: the server's part of the password's registration.
#[server(prefix = "/api", endpoint = "begin_acceptance", input = Postcard, output = Postcard)]
pub async fn begin_acceptance(proof: Vec<u8>, request: Vec<u8>) -> Result<Vec<u8>, AppError> {
    use crate::backend::{backend, knock, respond};
    respond(async {
        knock(None)?;
        let backend = backend();
        let open = backend.store.open_invitation(&proof).await.map_err(ended)?;
        backend.keys.register(open.invitation.account, &request).map_err(|_| AppError::BadRequest)
    })
    .await
}

/// Second step: the account is there.
#[server(prefix = "/api", endpoint = "accept_invitation", input = Postcard, output = Postcard)]
pub async fn accept_invitation(proof: Vec<u8>, accepted: Accepted) -> Result<(), AppError> {
    use crate::account::api::checked_keys;
    use crate::account::check::check_text;
    use crate::backend::{backend, knock, respond};
    respond(async {
        knock(None)?;
        let accepted = store::AcceptedInvitation {
            name: check_text(crate::language::text!("Your name"), &accepted.name)?,
            entry: accepted.entry,
            acceptance: accepted.acceptance,
            keys: checked_keys(accepted.keys)?,
        };
        let account = backend().store.accept_invitation(&proof, &accepted).await.map_err(ended)?;
        tracing::info!(%account, "joined by an invitation");
        Ok(())
    })
    .await
}

#[cfg(feature = "ssr")]
fn ended(error: store::StoreError) -> AppError {
    match error {
        store::StoreError::NotFound => AppError::InvitationEnded,
        other => other.into(),
    }
}
