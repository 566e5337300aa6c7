//! Server functions for opening an account by two administrators.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{AccountId, Approval, Escrow, Purpose, Restoration, SignedEntry};

use crate::account::recovery::NewPassword;
use crate::error::AppError;

/// The administrators whom the caller's browser is to make parts for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscrowNeed {
    /// Which generation it makes.
    pub generation: u64,
    /// The administrators.
    pub administrators: Vec<SignedEntry>,
    /// Names this very set.
    pub offered: String,
}

/// An account that an administrator wants to be opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What was asked for.
    pub restoration: Restoration,
    /// The keys of who asks.
    pub signer: SignedEntry,
    /// How who asks is called.
    pub asked_by: String,
    /// How the person of the account is called.
    pub name: String,
    /// What they sign in with.
    pub username: String,
    /// Who agreed, if anyone did.
    pub approved_by: Option<String>,
}

/// An account that two administrators have agreed to open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// The account.
    pub account: AccountId,
    /// What its person signs in with.
    pub username: String,
    /// The seeds of its identity, sealed under the account key.
    pub identity: Vec<u8>,
    /// The account key, for any two administrators.
    pub escrow: Escrow,
    /// The parts of the two who agreed.
    pub approvals: Vec<Approval>,
}

/// An account was opened by others than its person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What for.
    pub purpose: Purpose,
    /// Who agreed to it.
    pub by: Vec<String>,
}

/// Whom the caller's browser is to make a new escrow for, if it is to.
#[server(prefix = "/api", endpoint = "find_escrow_need", input = Postcard, output = Postcard)]
pub async fn find_escrow_need() -> Result<Option<EscrowNeed>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let need = backend().store.escrow_need(caller().await?.id).await?;
        Ok(need.map(|need| {
            let store::EscrowNeed { generation, administrators, offered } = need;
            EscrowNeed { generation, administrators, offered }
        }))
    })
    .await
}

/// Keeps a new escrow of the caller's.
#[server(prefix = "/api", endpoint = "set_escrow", input = Postcard, output = Postcard)]
pub async fn set_escrow(escrow: Escrow, offered: String) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        let parts = escrow.parts.iter().map(|part| part.part.len());
        let pairs = escrow.pairs.iter().map(|pair| pair.key.len());
        if parts.chain(pairs).any(|length| !(1..=2048).contains(&length)) {
            return Err(AppError::BadRequest);
        }
        Ok(backend().store.set_escrow(caller.id, &escrow, &offered).await?)
    })
    .await
}

/// A person's account key, for any two administrators, and the entry that says whose account it is.
#[server(prefix = "/api", endpoint = "get_escrow", input = Postcard, output = Postcard)]
pub async fn get_escrow(account: AccountId) -> Result<(Escrow, SignedEntry), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        backend().store.escrow(caller().await?.id, account).await.map_err(|error| match error {
            store::StoreError::NotFound => AppError::NoEscrow,
            other => for_administrators(other),
        })
    })
    .await
}

/// Asks the other administrators to open an account.
#[server(prefix = "/api", endpoint = "ask_restoration", input = Postcard, output = Postcard)]
pub async fn ask_restoration(asked: Restoration, proof: Option<Vec<u8>>, approval: Approval) -> Result<(), AppError> {
    use crate::backend::{backend, proved_caller, respond};
    respond(async {
        let caller = proved_caller().await?;
        if proof.as_ref().is_some_and(|proof| proof.len() != 32) || approval.part.len() > 2048 || asked.key.len() > 2048 {
            return Err(AppError::BadRequest);
        }
        let store = &backend().store;
        store.ask_restoration(caller.id, &asked, proof.as_deref(), &approval).await.map_err(for_administrators)?;
        tracing::info!(by = %caller.id, account = %asked.account, purpose = ?asked.purpose, "opening an account asked for");
        Ok(())
    })
    .await
}

/// What administrators asked each other for.
#[server(prefix = "/api", endpoint = "restorations", input = Postcard, output = Postcard)]
pub async fn restorations() -> Result<Vec<Asked>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let found = backend().store.restorations(caller().await?.id).await.map_err(for_administrators)?;
        let asked = |found: store::AskedRestoration| {
            let store::AskedRestoration { restoration, signer, asked_by, name, username, approved_by } = found;
            Asked { restoration, signer, asked_by, name, username, approved_by }
        };
        Ok(found.into_iter().map(asked).collect())
    })
    .await
}

/// Agrees to what another administrator asked for, named by its signature.
#[server(prefix = "/api", endpoint = "approve_restoration", input = Postcard, output = Postcard)]
pub async fn approve_restoration(account: AccountId, signature: Vec<u8>, approval: Approval) -> Result<(), AppError> {
    use crate::backend::{backend, proved_caller, respond};
    respond(async {
        let caller = proved_caller().await?;
        if approval.part.len() > 2048 {
            return Err(AppError::BadRequest);
        }
        let store = &backend().store;
        store.approve_restoration(caller.id, account, &signature, &approval).await.map_err(for_administrators)?;
        tracing::info!(by = %caller.id, %account, "opening an account approved");
        Ok(())
    })
    .await
}

/// Refuses what an administrator asked for, or takes it back.
#[server(prefix = "/api", endpoint = "end_restoration", input = Postcard, output = Postcard)]
pub async fn end_restoration(account: AccountId) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        backend().store.end_restoration(caller.id, account).await.map_err(for_administrators)?;
        tracing::info!(by = %caller.id, %account, "opening an account refused or taken back");
        Ok(())
    })
    .await
}

/// What the caller, who asked for it, opens an account with to give away what it owns.
#[server(prefix = "/api", endpoint = "restored", input = Postcard, output = Postcard)]
pub async fn restored(account: AccountId) -> Result<Agreed, AppError> {
    use crate::backend::{backend, proved_caller, respond};
    respond(async {
        let caller = proved_caller().await?;
        let agreed = backend().store.restored(caller.id, account).await.map_err(for_administrators)?;
        tracing::info!(by = %caller.id, %account, "account opened by two administrators");
        Ok(agreed.into())
    })
    .await
}

/// What somebody who has the link opens their account with. What stands for a session is the proof of the link's secret.
#[server(prefix = "/api", endpoint = "open_restoration", input = Postcard, output = Postcard)]
pub async fn open_restoration(proof: Vec<u8>) -> Result<Agreed, AppError> {
    use crate::backend::{backend, knock, respond};
    respond(async {
        knock(None)?;
        Ok(backend().store.open_restoration(&proof).await.map_err(ended)?.into())
    })
    .await
}

/// The server's part of the new password's registration.
#[server(prefix = "/api", endpoint = "begin_restoration", input = Postcard, output = Postcard)]
pub async fn begin_restoration(proof: Vec<u8>, request: Vec<u8>) -> Result<Vec<u8>, AppError> {
    use crate::backend::{backend, knock, respond};
    respond(async {
        knock(None)?;
        let backend = backend();
        let open = backend.store.open_restoration(&proof).await.map_err(ended)?;
        backend.keys.register(open.account, &request).map_err(|_| AppError::BadRequest)
    })
    .await
}

/// Sets the new password. The link is used up, and all sessions of the account end.
#[server(prefix = "/api", endpoint = "finish_restoration", input = Postcard, output = Postcard)]
pub async fn finish_restoration(proof: Vec<u8>, new: NewPassword) -> Result<(), AppError> {
    use crate::backend::{backend, knock, respond};
    respond(async {
        knock(None)?;
        let account = backend().store.restore(&proof, &new.checked()?).await.map_err(ended)?;
        tracing::info!(%account, "password set by a link that two administrators agreed to");
        Ok(())
    })
    .await
}

/// The caller has seen what there was to be told.
#[server(prefix = "/api", endpoint = "clear_notices", input = Postcard, output = Postcard)]
pub async fn clear_notices(until: i64) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async { Ok(backend().store.clear_notices(caller().await?.id, until).await?) }).await
}

#[cfg(feature = "ssr")]
fn ended(error: store::StoreError) -> AppError {
    match error {
        store::StoreError::NotFound => AppError::LinkEnded,
        other => other.into(),
    }
}

#[cfg(feature = "ssr")]
fn for_administrators(error: store::StoreError) -> AppError {
    match error {
        store::StoreError::Stale => AppError::RestorationChanged,
        other => crate::people::api::for_administrators(other),
    }
}

#[cfg(feature = "ssr")]
impl From<store::OpenRestoration> for Agreed {
    fn from(open: store::OpenRestoration) -> Self {
        let store::OpenRestoration { account, username, identity, escrow, approvals } = open;
        Self { account, username, identity, escrow, approvals }
    }
}
