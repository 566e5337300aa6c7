//! The work of settling, in the order that leaves everything readable: shares first, then what is in them.

use std::collections::HashMap;

use leptos::prelude::*;
use vault::{AccountKeys, SecretId, SecretKey, ShareId, ShareKey};

use super::api::{self, Due, DueSecret, GivenAway, SettledSecret};
use crate::account::Session;
use crate::error::AppError;
use crate::share::api::{KeyToShare, NewShare};
use crate::share::{new_share, seal};
use crate::transfer::take_over_all;
use crate::trust::Trust;
use crate::ui::{Progress, Work};

/// Settles everything that is due, and counts down what is left.
pub(crate) fn settle(session: Session, left: RwSignal<Due>) -> Work {
    Box::pin(async move {
        // What somebody gave to the person first: only then can it be settled.
        let mut failed = take_over_all(session).await.err();
        // What cannot be settled now stays at the front and does not keep the others.
        let mut skip = 0;
        loop {
            let shares = api::list_due_shares(skip).await?;
            if shares.is_empty() {
                break;
            }
            for share in shares {
                session.give_way().await;
                match settle_share(session, share).await {
                    Ok(()) => drop(left.try_update(|due| due.shares = due.shares.saturating_sub(1))),
                    Err(error) => {
                        failed = Some(error);
                        skip += 1;
                    }
                }
            }
        }
        let _ = left.try_set(api::count_due().await?);
        let mut skip = 0;
        loop {
            let (secrets, shares) = api::list_due_secrets(skip).await?;
            if secrets.is_empty() {
                break;
            }
            let (settled, stuck) = reseal(&*session.keys()?, &secrets, &shares).await?;
            skip += count(secrets.len() - settled.len());
            failed = stuck.or(failed);
            let done = count(settled.len());
            session.give_way().await;
            match api::settle_secrets(settled).await {
                Ok(()) => drop(left.try_update(|due| due.secrets = due.secrets.saturating_sub(done.into()))),
                Err(error) => {
                    failed = Some(error);
                    skip += done;
                }
            }
        }
        failed.map_or(Ok(()), Err)
    })
}

/// Gives a share a new key, sealed to those who have all of it now, and moves the rest into shares of its own.
async fn settle_share(session: Session, share: ShareId) -> Result<(), AppError> {
    let due = api::get_due_share(share).await?;
    let keys = session.keys()?;
    // Only what the owner signed themselves: nobody can be slipped in on this way, and limits only ever take away.
    due.signed.manifest.verify(&keys.public(), &due.signed.signature)?;
    if due.signed.manifest.share != share {
        return Err(AppError::Sealed);
    }
    let mut trust = Trust::load(session).await?;
    let sealing = trust.known_keys(&due.recipients)?;
    trust.remember(session).await;
    let mut known: HashMap<SecretId, KeyToShare> = due.keys.into_iter().collect();
    for given in &due.given {
        open_given(&keys, given, &mut known).await?;
    }
    let mut parts = Vec::new();
    for (grants, secrets) in due.signed.settled() {
        let place = if parts.is_empty() { (share, due.signed.manifest.epoch + 1) } else { new_share() };
        let part = seal(place, &keys, &secrets, &known, grants, &sealing, |_| {}).await?;
        parts.push(NewShare { ends_at: due.signed.ends_at, ..part });
    }
    api::settle_share(share, parts).await
}

/// Opens the keys of what the owner gave away and nobody has taken over yet: it stays in their shares until then, and they may take it back. Only by a
/// transfer that they signed themselves: its key has nobody but them and the new owner, while whoever can open an ordinary share could have put a key
/// of their own into it.
pub(crate) async fn open_given(
    keys: &AccountKeys,
    given: &GivenAway,
    known: &mut HashMap<SecretId, KeyToShare>,
) -> Result<(), AppError> {
    let manifest = &given.signed.manifest;
    manifest.verify(&keys.public(), &given.signed.signature)?;
    let key = keys.open_share_key(manifest.share, manifest.epoch, &given.key)?;
    if manifest.granter != keys.account() || manifest.new_owner().is_none() || key.check() != manifest.key_check {
        return Err(AppError::Sealed);
    }
    let mut progress = Progress::new(|_| {});
    for (secret, sealed, epoch) in &given.items {
        let opened = key.open_item(manifest.share, manifest.epoch, *secret, sealed)?;
        known.insert(*secret, KeyToShare { key: keys.seal_secret_key(*secret, &opened), epoch: *epoch });
        progress.step().await;
    }
    Ok(())
}

/// Gives secrets new keys, and hands those to every share that they are in. Says why one of them could not be, if so: an editor may have saved what
/// nobody can open.
async fn reseal(
    keys: &AccountKeys,
    secrets: &[DueSecret],
    shares: &[api::OwnShareKey],
) -> Result<(Vec<SettledSecret>, Option<AppError>), AppError> {
    let mut share_keys: HashMap<ShareId, (u64, ShareKey)> = HashMap::with_capacity(shares.len());
    for known in shares {
        // One that does not open keeps its own secrets alone from being settled.
        if let Ok(key) = keys.open_share_key(known.share, known.epoch, &known.key) {
            share_keys.insert(known.share, (known.epoch, key));
        }
    }
    let mut progress = Progress::new(|_| {});
    let (mut settled, mut stuck) = (Vec::with_capacity(secrets.len()), None);
    for due in secrets {
        match reseal_one(keys, due, &share_keys) {
            Ok(secret) => settled.push(secret),
            Err(error) => stuck = Some(error),
        }
        progress.step().await;
    }
    Ok((settled, stuck))
}

fn reseal_one(
    keys: &AccountKeys,
    due: &DueSecret,
    share_keys: &HashMap<ShareId, (u64, ShareKey)>,
) -> Result<SettledSecret, AppError> {
    let before = keys.open_secret_key(due.id, &due.key)?;
    let value = before.open_value(due.id, due.value_revision, &due.value)?;
    let (key, key_epoch, revision) = (SecretKey::random(), due.key_epoch + 1, due.revision + 1);
    let reseal_earlier = |(revision, sealed): &(u64, Vec<u8>)| {
        let value = before.open_value(due.id, *revision, sealed)?;
        Ok::<_, AppError>((*revision, key.seal_value(due.id, *revision, &value)?))
    };
    let mut items = Vec::with_capacity(due.shares.len());
    for share in &due.shares {
        let (epoch, share_key) = share_keys.get(share).ok_or(AppError::UnreadableAnswer)?;
        items.push((*share, *epoch, share_key.seal_item(*share, *epoch, due.id, &key)));
    }
    Ok(SettledSecret {
        id: due.id,
        key: keys.seal_secret_key(due.id, &key),
        key_epoch,
        earlier: due.earlier.iter().map(reseal_earlier).collect::<Result<_, _>>()?,
        earlier_key: key.seal_earlier(due.id, key_epoch, &before),
        revision,
        value: key.seal_value(due.id, revision, &value)?,
        items,
    })
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
