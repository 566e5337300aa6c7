//! Makes and sends a change of access.

use std::collections::HashMap;

use leptos::prelude::*;
use vault::{BatchId, Grants, Permission, RecipientId, SecretId};

use super::api::{AccessChange, change_access};
use crate::account::Session;
use crate::error::AppError;
use crate::share::api::{KeyToShare, Recipient, keys_to_share, recipient_keys};
use crate::share::seal;
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

/// Seals and sends. A change that may or may not have arrived is kept in `sent`, and sent again as it was: its id keeps it from being done twice.
/// Keys that were replaced in between are asked for once more.
pub(super) async fn send(
    session: Session,
    wanted: Wanted,
    sent: StoredValue<Option<AccessChange>>,
) -> Result<(), AppError> {
    let result = send_once(session, &wanted, sent).await;
    if !result.as_ref().is_err_and(AppError::is_outdated) {
        return result;
    }
    send_once(session, &wanted, sent).await
}

async fn send_once(session: Session, wanted: &Wanted, sent: StoredValue<Option<AccessChange>>) -> Result<(), AppError> {
    let change = match sent.get_value() {
        Some(change) => change,
        None => make(session, wanted).await?,
    };
    let result = change_access(change.clone()).await;
    sent.try_set_value(result.as_ref().is_err_and(AppError::leaves_open).then_some(change));
    result
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
        let of = |secret| secret_keys.get(secret).cloned().ok_or(AppError::UnreadableAnswer);
        let secret_keys = secrets.iter().map(of).collect::<Result<Vec<_>, _>>()?;
        change.shares.push(seal(&keys, secrets, &secret_keys, grants.clone(), &sealing, |_| {}).await?);
    }
    Ok(change)
}
