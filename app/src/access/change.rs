//! Makes and sends a change of access.

use std::collections::{BTreeSet, HashMap, HashSet};

use vault::{BatchId, Grants, Permission, RecipientId, SecretId};

use super::api::{AccessChange, change_access};
use crate::account::Session;
use crate::batch::Sending;
use crate::error::AppError;
use crate::share::api::{KeyToShare, NewShare, Recipient, keys_to_share, recipient_keys};
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
    /// How one of those is called whom something is shared with.
    pub(super) fn name_of(&self, recipient: RecipientId) -> Option<String> {
        self.shown.iter().find(|shown| shown.id == recipient).map(|shown| shown.name.clone())
    }

    /// The same without secrets that were refused.
    pub(super) fn without(mut self, refused: &HashSet<SecretId>) -> Self {
        self.secrets.retain(|id| !refused.contains(id));
        for (_, secrets) in &mut self.shares {
            secrets.retain(|id| !refused.contains(id));
        }
        self.shares.retain(|(_, secrets)| !secrets.is_empty());
        self
    }

    /// The secrets that something changes for.
    pub(super) fn secrets(&self) -> BTreeSet<SecretId> {
        let limited = if self.limits.is_empty() { &[][..] } else { &self.secrets };
        let shared = self.shares.iter().flat_map(|(_, secrets)| secrets);
        limited.iter().chain(shared).copied().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.limits.is_empty() && self.shares.is_empty()
    }
}

/// Seals and sends. Keys that were replaced in between are asked for once more.
pub(super) async fn send(
    session: Session,
    wanted: Wanted,
    sending: Sending<AccessChange>,
) -> Result<BatchId, AppError> {
    let mut result = sending.send(|| make(session, &wanted), change_access).await;
    if result.as_ref().is_err_and(AppError::is_outdated) {
        result = sending.send(|| make(session, &wanted), change_access).await;
    }
    result.map(|change| change.id)
}

async fn make(session: Session, wanted: &Wanted) -> Result<AccessChange, AppError> {
    let mut change = AccessChange {
        id: BatchId::random(),
        secrets: wanted.secrets.clone(),
        limits: wanted.limits.clone(),
        shares: Vec::with_capacity(wanted.shares.len()),
    };
    if !wanted.shares.is_empty() {
        change.shares = seal_all(session, &wanted.shares, &wanted.shown).await?;
    }
    Ok(change)
}

/// Seals secrets of the person for those whom the screen has shown, each part as a share of its own, in their order.
pub(crate) async fn seal_all(
    session: Session,
    parts: &[(Grants, Vec<SecretId>)],
    shown: &[Recipient],
) -> Result<Vec<NewShare>, AppError> {
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let keys = session.keys()?;
    let secrets: BTreeSet<SecretId> = parts.iter().flat_map(|(_, secrets)| secrets.iter().copied()).collect();
    let secrets: Vec<SecretId> = secrets.into_iter().collect();
    let secret_keys = keys_to_share(secrets.clone()).await?;
    let secret_keys: HashMap<SecretId, KeyToShare> = secrets.into_iter().zip(secret_keys).collect();
    let recipients: BTreeSet<RecipientId> =
        parts.iter().flat_map(|(grants, _)| grants.iter().map(|(recipient, _)| *recipient)).collect();
    let found = recipient_keys(recipients.into_iter().collect()).await?;
    let mut trust = Trust::load(session).await?;
    let sealing = trust.picked_keys(&found, |id| shown.iter().find(|shown| shown.id == id).cloned())?;
    trust.remember(session).await;
    let mut shares = Vec::with_capacity(parts.len());
    for (grants, secrets) in parts {
        shares.push(seal(new_share(), &keys, secrets, &secret_keys, grants.clone(), &sealing, |_| {}).await?);
    }
    Ok(shares)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vault::AccountId;

    #[test]
    fn what_was_refused_is_left_out_everywhere() {
        let bruno = RecipientId::Account(AccountId::random());
        let [one, two] = [(); 2].map(|()| SecretId::random());
        let wanted = Wanted {
            secrets: vec![one, two],
            limits: vec![(bruno, None)],
            shares: vec![
                (vec![(bruno, Permission::Edit)], vec![one]),
                (vec![(bruno, Permission::View)], vec![one, two]),
            ],
            shown: Vec::new(),
        };
        let left = wanted.without(&HashSet::from([one]));
        assert_eq!(left.secrets(), BTreeSet::from([two]));
        assert_eq!(left.secrets, [two]);
        assert_eq!(left.shares, [(vec![(bruno, Permission::View)], vec![two])]);
    }
}
