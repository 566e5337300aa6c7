//! Makes and sends a change of access.

use std::collections::HashMap;

use vault::{BatchId, Grants, Permission, RecipientId, SecretId};

use super::api::{AccessChange, change_access};
use crate::account::Session;
use crate::batch::Sending;
use crate::error::AppError;
use crate::share::api::{KeyToShare, Recipient, keys_to_share, recipient_keys};
use crate::share::{new_share, seal};
use crate::trust::Trust;

/// What is to change, before anything is sealed.
#[derive(Clone, Default)]
pub(super) struct Wanted {
    pub secrets: Vec<SecretId>,
    pub limits: Vec<(RecipientId, Option<Permission>)>,
    pub shares: Vec<(Grants, Vec<SecretId>)>,
    /// Those whom something is shared with, as the screen showed them.
    pub shown: Vec<Recipient>,
}

impl Wanted {
    pub(super) fn is_empty(&self) -> bool {
        self.limits.is_empty() && self.shares.is_empty()
    }
}

/// Seals and sends. Keys that were replaced in between are asked for once more.
pub(super) async fn send(session: Session, wanted: Wanted, sending: Sending<AccessChange>) -> Result<(), AppError> {
    let result = sending.send(|| make(session, &wanted), change_access).await;
    if !result.as_ref().is_err_and(AppError::is_outdated) {
        return result;
    }
    sending.send(|| make(session, &wanted), change_access).await
}

async fn make(session: Session, wanted: &Wanted) -> Result<AccessChange, AppError> {
    let mut change = AccessChange {
        id: BatchId::random(),
        secrets: wanted.secrets.clone(),
        limits: wanted.limits.clone(),
        shares: Vec::with_capacity(wanted.shares.len()),
    };
    if wanted.shares.is_empty() {
        return Ok(change);
    }
    let keys = session.keys()?;
    let secrets: Vec<SecretId> = wanted.shares.iter().flat_map(|(_, secrets)| secrets.iter().copied()).collect();
    let secret_keys = keys_to_share(secrets.clone()).await?;
    let secret_keys: HashMap<SecretId, KeyToShare> = secrets.into_iter().zip(secret_keys).collect();
    let mut recipients: Vec<RecipientId> =
        wanted.shares.iter().flat_map(|(grants, _)| grants.iter().map(|(recipient, _)| *recipient)).collect();
    recipients.sort_unstable();
    recipients.dedup();
    let found = recipient_keys(recipients).await?;
    let mut trust = Trust::load(session).await?;
    let sealing = trust.picked_keys(&found, |id| wanted.shown.iter().find(|shown| shown.id == id).cloned())?;
    trust.remember(session).await;
    for (grants, secrets) in &wanted.shares {
        change.shares.push(seal(new_share(), &keys, secrets, &secret_keys, grants.clone(), &sealing, |_| {}).await?);
    }
    Ok(change)
}
