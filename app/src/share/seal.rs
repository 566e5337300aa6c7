//! Seals a share in the browser: N secrets and M recipients cost N + M operations.

use std::collections::HashMap;

use vault::{AccountKeys, Permission, RecipientId, SealedShare, Sealing, SealingKeys, SecretId, ShareId};

use super::api::{KeyToShare, NewShare};
use crate::error::AppError;
use crate::ui::Progress;

/// A share that is not there yet: its id, and the epoch of its key.
pub(crate) fn new_share() -> (ShareId, u64) {
    (ShareId::random(), 1)
}

/// Seals `secrets`, whose keys are sealed to their owner, for `grants`, as a share with this id in this epoch. Says after every slice of work how
/// many operations are done; there is one for each secret and one for each recipient.
pub(crate) async fn seal(
    share: (ShareId, u64),
    keys: &AccountKeys,
    secrets: &[SecretId],
    secret_keys: &HashMap<SecretId, KeyToShare>,
    grants: Vec<(RecipientId, Permission)>,
    recipient_keys: &SealingKeys,
    report: impl Fn(usize),
) -> Result<NewShare, AppError> {
    let mut sealing = Sealing::begin(keys, share, secrets, grants);
    let mut progress = Progress::new(report);
    while let Some(secret) = sealing.next_secret() {
        let known = secret_keys.get(&secret).ok_or(AppError::UnreadableAnswer)?;
        sealing.add_secret(&known.key, known.epoch)?;
        progress.step().await;
    }
    while let Some(recipient) = sealing.next_recipient() {
        let (epoch, key) = recipient_keys.get(&recipient).ok_or(AppError::UnreadableAnswer)?;
        sealing.add_recipient(*epoch, key);
        progress.step().await;
    }
    let SealedShare { manifest, signature, key, items, key_epochs, grants } = sealing.finish();
    Ok(NewShare { manifest, signature, key, items, key_epochs, grants, ends_at: None })
}
