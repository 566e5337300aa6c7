//! Server functions for settling, each for what the caller owns.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{RecipientEntry, SecretId, ShareId, SignedManifest};

use crate::error::AppError;
use crate::share::api::{KeyToShare, NewShare};

/// How much is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// Shares whose key somebody has who must not have it any more.
    pub shares: u64,
    /// Secrets of which the same is true.
    pub secrets: u64,
    /// Secrets that somebody gave to the person, and that their browser has yet to take over.
    pub transferred: u64,
}

/// A share that is due, with what is needed to settle it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueShare {
    /// What is shared with whom, as the owner signed it, and what of it is no longer so.
    pub signed: SignedManifest,
    /// The keys of the secrets that stay shared and are the owner's, each with its epoch.
    pub keys: Vec<(SecretId, KeyToShare)>,
    /// Where the keys of the others are, which the owner gave away.
    pub given: Vec<GivenAway>,
    /// Whom the new key is to be sealed to.
    pub recipients: Vec<RecipientEntry>,
}

/// A transfer that was not taken over yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenAway {
    /// What was given to whom, as the owner before signed it.
    pub signed: SignedManifest,
    /// The key of the transfer, sealed under the account key of the owner before.
    pub key: Vec<u8>,
    /// The keys of secrets, sealed under that key, and their epochs.
    pub items: Vec<(SecretId, Vec<u8>, u64)>,
}

#[cfg(feature = "ssr")]
impl From<store::GivenAway> for GivenAway {
    fn from(given: store::GivenAway) -> Self {
        let store::GivenAway { signed, key, items } = given;
        Self { signed, key, items }
    }
}

/// A secret that is due, with what is needed to give it a new key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueSecret {
    /// The secret.
    pub id: SecretId,
    /// Its key, sealed under the owner's account key.
    pub key: Vec<u8>,
    /// How many keys it has had.
    pub key_epoch: u64,
    /// Its revision.
    pub revision: u64,
    /// The revision that its value was sealed in.
    pub value_revision: u64,
    /// The value.
    pub value: Vec<u8>,
    /// Values from before it that somebody could open who must not, by their revisions.
    pub earlier: Vec<(u64, Vec<u8>)>,
    /// The shares it is in.
    pub shares: Vec<ShareId>,
}

/// The key of a share that due secrets are in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnShareKey {
    /// The share.
    pub share: ShareId,
    /// The epoch of its key.
    pub epoch: u64,
    /// The key, sealed under the owner's account key.
    pub key: Vec<u8>,
}

/// A secret with a new key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledSecret {
    /// The secret.
    pub id: SecretId,
    /// The new key, sealed under the owner's account key.
    pub key: Vec<u8>,
    /// The epoch of the new key.
    pub key_epoch: u64,
    /// The key before it, sealed under the new one.
    pub earlier_key: Vec<u8>,
    /// The revision that this makes.
    pub revision: u64,
    /// The same value, sealed under the new key.
    pub value: Vec<u8>,
    /// The earlier values that were to be, sealed under the new key, by their revisions.
    pub earlier: Vec<(u64, Vec<u8>)>,
    /// The new key under the key of each share that the secret is in, with the epoch of that key.
    pub items: Vec<(ShareId, u64, Vec<u8>)>,
}

/// How much of the caller's is due.
#[server(prefix = "/api", endpoint = "count_due", input = Postcard, output = Postcard)]
pub async fn count_due() -> Result<Due, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let due = backend().store.due(caller().await?.id).await?;
        Ok(Due { shares: due.shares, secrets: due.secrets, transferred: due.transferred })
    })
    .await
}

/// The shares of the caller that are due, some at a time, from the `skip`th on.
#[server(prefix = "/api", endpoint = "list_due_shares", input = Postcard, output = Postcard)]
pub async fn list_due_shares(skip: u32) -> Result<Vec<ShareId>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async { Ok(backend().store.due_shares(caller().await?.id, skip).await?) }).await
}

/// What is needed to settle a share.
#[server(prefix = "/api", endpoint = "get_due_share", input = Postcard, output = Postcard)]
pub async fn get_due_share(id: ShareId) -> Result<DueShare, AppError> {
    use crate::backend::{backend, caller, or_waits, respond};
    respond(async {
        let due = or_waits(backend().store.due_share(caller().await?.id, id).await).await?;
        let store::DueShare { signed, keys, given, recipients } = due;
        let key = |(secret, known): (SecretId, store::KeyToShare)| (secret, known.into());
        Ok(DueShare {
            signed,
            keys: keys.into_iter().map(key).collect(),
            given: given.into_iter().map(Into::into).collect(),
            recipients,
        })
    })
    .await
}

/// Settles a share: what stays in it, under a new key, and what moves into shares of its own.
#[server(prefix = "/api", endpoint = "settle_share", input = Postcard, output = Postcard)]
pub async fn settle_share(share: ShareId, parts: Vec<NewShare>) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        let parts = parts.into_iter().map(NewShare::checked).collect::<Result<Vec<_>, _>>()?;
        backend().store.settle_share(caller.id, share, &parts).await?;
        tracing::info!(account = %caller.id, %share, "share settled");
        Ok(())
    })
    .await
}

/// Secrets of the caller that are due, some at a time, from the `skip`th on, and the keys of the shares they are in.
#[server(prefix = "/api", endpoint = "list_due_secrets", input = Postcard, output = Postcard)]
pub async fn list_due_secrets(skip: u32) -> Result<(Vec<DueSecret>, Vec<OwnShareKey>), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let (secrets, shares) = backend().store.due_secrets(caller().await?.id, skip).await?;
        let secret = |due: store::DueSecret| {
            let store::DueSecret { id, key, key_epoch, revision, value_revision, value, earlier, shares } = due;
            DueSecret { id, key, key_epoch, revision, value_revision, value, earlier, shares }
        };
        let share = |own: store::OwnShareKey| OwnShareKey { share: own.share, epoch: own.epoch, key: own.key };
        Ok((secrets.into_iter().map(secret).collect(), shares.into_iter().map(share).collect()))
    })
    .await
}

/// Gives secrets new keys, each in every share that it is in.
#[server(prefix = "/api", endpoint = "settle_secrets", input = Postcard, output = Postcard)]
pub async fn settle_secrets(settled: Vec<SettledSecret>) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    use crate::secret::api::check_sealed;
    respond(async {
        let caller = caller().await?;
        let mut secrets = Vec::with_capacity(settled.len());
        for SettledSecret { id, key, key_epoch, earlier_key, revision, value, earlier, items } in settled {
            check_sealed(&key, &value)?;
            check_sealed(&earlier_key, &value)?;
            earlier.iter().try_for_each(|(_, value)| check_sealed(&[], value))?;
            if !items.iter().all(|(_, _, key)| (1..=256).contains(&key.len())) {
                return Err(AppError::BadRequest);
            }
            secrets.push(store::SettledSecret { id, key, key_epoch, earlier_key, revision, value, earlier, items });
        }
        backend().store.settle_secrets(caller.id, &secrets).await?;
        tracing::info!(account = %caller.id, secrets = secrets.len(), "secrets settled");
        Ok(())
    })
    .await
}
