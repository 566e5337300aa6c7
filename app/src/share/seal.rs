//! Seals a share in the browser: N secrets and M recipients cost N + M operations.

use std::collections::HashMap;

use vault::{AccountKeys, Manifest, Permission, Place, RecipientId, SecretId, ShareId, ShareKey};

use super::api::{KeyToShare, NewShare};
use crate::error::AppError;
use crate::trust::SealingKeys;
use crate::ui::Progress;

/// A share that is not there yet: its id, and the epoch of its key.
pub(crate) fn new_share() -> (ShareId, u64) {
    (ShareId::random(), 1)
}

/// Seals `secrets`, whose keys are sealed to their owner, for `grants`, as a share with this id in this epoch. Says after every slice of work how
/// many operations are done; there is one for each secret and one for each recipient.
pub(crate) async fn seal(
    (share, epoch): (ShareId, u64),
    keys: &AccountKeys,
    secrets: &[SecretId],
    secret_keys: &HashMap<SecretId, KeyToShare>,
    grants: Vec<(RecipientId, Permission)>,
    recipient_keys: &SealingKeys,
    report: impl Fn(usize),
) -> Result<NewShare, AppError> {
    let share_key = ShareKey::random();
    let mut manifest = Manifest {
        granter: keys.account(),
        share,
        epoch,
        key_check: share_key.check(),
        items: secrets.to_vec(),
        grants,
    };
    manifest.sort();
    let mut progress = Progress::new(report);

    let (mut items, mut key_epochs) = (Vec::with_capacity(secrets.len()), Vec::with_capacity(secrets.len()));
    for secret in &manifest.items {
        let known = secret_keys.get(secret).ok_or(AppError::UnreadableAnswer)?;
        let key = keys.open_secret_key(*secret, &known.key)?;
        key_epochs.push(known.epoch);
        items.push(share_key.seal_item(share, epoch, *secret, &key));
        progress.step().await;
    }

    let mut sealed = Vec::with_capacity(manifest.grants.len());
    for (recipient, permission) in &manifest.grants {
        let (recipient_epoch, key) = recipient_keys.get(recipient).ok_or(AppError::UnreadableAnswer)?;
        let place = Place::Grant {
            granter: keys.account(),
            share,
            epoch,
            recipient: *recipient,
            recipient_epoch: *recipient_epoch,
            permission: *permission,
        };
        sealed.push((*recipient_epoch, share_key.seal_grant(&place, key)));
        progress.step().await;
    }

    let signature = manifest.sign(keys);
    let key = keys.seal_share_key(share, epoch, &share_key);
    Ok(NewShare { manifest, signature, key, items, key_epochs, grants: sealed, ends_at: None })
}
