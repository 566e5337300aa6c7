//! Server functions for giving secrets away and for taking them over.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{AccountId, RecipientEntry, SecretId, ShareId, SignedEntry, SignedManifest};

use crate::error::AppError;
use crate::share::api::{KeyToShare, NewShare};

/// A transfer to the new owner, with what their browser needs to take the secrets over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// What was transferred, as who gave it away signed it.
    pub signed: SignedManifest,
    /// The keys of who gave it away.
    pub from: SignedEntry,
    /// The epoch of the new owner's key that it is sealed to.
    pub recipient_epoch: u64,
    /// The key of the transfer, sealed to the new owner.
    pub key: Vec<u8>,
    /// The keys of the secrets, sealed under that key, in the order of the manifest.
    pub items: Vec<Vec<u8>>,
    /// The epochs of those keys.
    pub key_epochs: Vec<u64>,
    /// The shares that the secrets are in.
    pub shares: Vec<SignedManifest>,
    /// The keys of everyone who has access by those shares.
    pub recipients: Vec<RecipientEntry>,
}

/// The sealed keys of secrets that the caller is about to give away, in the order asked for: their own, or those of the owner for whom two
/// administrators have agreed that the caller acts.
#[server(prefix = "/api", endpoint = "keys_to_transfer", input = Postcard, output = Postcard)]
pub async fn keys_to_transfer(secrets: Vec<SecretId>, owner: Option<AccountId>) -> Result<Vec<KeyToShare>, AppError> {
    use crate::backend::{backend, caller, respond};
    use crate::secret::api::checked_batch;
    respond(async {
        let caller = caller().await?;
        checked_batch(secrets.clone())?;
        let keys = backend().store.keys_to_transfer(caller.id, owner.unwrap_or(caller.id), &secrets).await?;
        Ok(keys.into_iter().map(Into::into).collect())
    })
    .await
}

/// Gives secrets to another person, all or nothing. The same transfer again is done once.
#[server(prefix = "/api", endpoint = "transfer_secrets", input = Postcard, output = Postcard)]
pub async fn transfer_secrets(new: NewShare) -> Result<(), AppError> {
    use crate::backend::{backend, caller, count_batch, respond};
    respond(async {
        let (caller, transfer, to) = (caller().await?, new.manifest.share, new.manifest.new_owner());
        let done = backend().store.transfer(caller.id, &new.checked()?).await?;
        count_batch("transfer", done.items as usize, 1);
        tracing::info!(account = %caller.id, %transfer, ?to, items = done.items, "transferred");
        Ok(())
    })
    .await
}

/// The transfers whose secrets the caller's browser is to take over: those to the caller, or to the owner for whom two administrators have agreed that
/// the caller acts.
#[server(prefix = "/api", endpoint = "list_transfers", input = Postcard, output = Postcard)]
pub async fn list_transfers(owner: Option<AccountId>) -> Result<Vec<ShareId>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        Ok(backend().store.transfers(caller.id, owner.unwrap_or(caller.id)).await?)
    })
    .await
}

/// What is needed to take the secrets of a transfer over.
#[server(prefix = "/api", endpoint = "get_transfer", input = Postcard, output = Postcard)]
pub async fn get_transfer(id: ShareId, owner: Option<AccountId>) -> Result<Transfer, AppError> {
    use crate::backend::{backend, caller, or_waits, respond};
    respond(async {
        let caller = caller().await?;
        let found = backend().store.transfer_to(caller.id, owner.unwrap_or(caller.id), id).await;
        let found = or_waits(found).await?;
        let store::Transfer { signed, from, recipient_epoch, key, items, key_epochs, shares, recipients } = found;
        Ok(Transfer { signed, from, recipient_epoch, key, items, key_epochs, shares, recipients })
    })
    .await
}

/// Takes the secrets of a transfer over: their keys, sealed under the new owner's account key in the order of its manifest, and the shares by
/// which those who had access keep it.
#[server(prefix = "/api", endpoint = "take_over", input = Postcard, output = Postcard)]
pub async fn take_over(
    transfer: ShareId,
    keys: Vec<Vec<u8>>,
    shares: Vec<NewShare>,
    owner: Option<AccountId>,
) -> Result<(), AppError> {
    use crate::backend::{backend, caller, or_waits, respond};
    respond(async {
        let caller = caller().await?;
        if !keys.iter().all(|key| (1..=256).contains(&key.len())) {
            return Err(AppError::BadRequest);
        }
        let shares = shares.into_iter().map(NewShare::checked).collect::<Result<_, _>>()?;
        let (owner, taken) = (owner.unwrap_or(caller.id), store::TakeOver { transfer, keys, shares });
        or_waits(backend().store.take_over(caller.id, owner, &taken).await).await?;
        tracing::info!(by = %caller.id, account = %owner, %transfer, "taken over");
        Ok(())
    })
    .await
}
