//! What the new owner's browser does with secrets that somebody gave to them; or that of an administrator, in the name of a new owner who is gone.

use std::collections::HashMap;
use std::sync::Arc;

use vault::{AccountKeys, Manifest, Permission, Place, RecipientId, SecretId, ShareKey, taken_over};

use super::api::{self, Transfer};
use crate::account::Session;
use crate::error::AppError;
use crate::restoration::api::Agreed;
use crate::share::api::{KeyToShare, NewShare};
use crate::share::{new_share, seal};
use crate::trust::{self, Trust};
use crate::ui::Progress;

/// Takes over whatever was given to the person.
pub(crate) async fn take_over_all(session: Session) -> Result<(), AppError> {
    take_over_as(session, None).await
}

/// Takes over whatever was given to somebody whose account two administrators have opened: only what is taken over can be given away.
pub(crate) async fn take_over_for(session: Session, agreed: &Agreed) -> Result<(), AppError> {
    let keys = session.keys()?.open_account(&agreed.escrow, &agreed.approvals, &agreed.identity)?;
    if keys.account() != agreed.account {
        return Err(AppError::Sealed);
    }
    take_over_as(session, Some(&Arc::new(keys))).await
}

/// `acting` are the keys of the account that the person acts for; `None` for their own.
async fn take_over_as(session: Session, acting: Option<&Arc<AccountKeys>>) -> Result<(), AppError> {
    let owner = acting.map(|keys| keys.account());
    let mut failed = None;
    for id in api::list_transfers(owner).await? {
        // One that cannot be taken over now does not keep the others.
        let result = async {
            let transfer = api::get_transfer(id, owner).await?;
            if transfer.signed.manifest.share != id {
                return Err(AppError::Sealed);
            }
            take_over(session, acting, transfer).await
        };
        failed = result.await.err().or(failed);
    }
    failed.map_or(Ok(()), Err)
}

async fn take_over(session: Session, acting: Option<&Arc<AccountKeys>>, transfer: Transfer) -> Result<(), AppError> {
    let keys = match acting {
        Some(keys) => Arc::clone(keys),
        None => session.keys()?,
    };
    let manifest = &transfer.signed.manifest;
    if transfer.from.entry.account != manifest.granter || manifest.new_owner() != Some(keys.account()) {
        return Err(AppError::Sealed);
    }
    let mut trust = Trust::load(session).await?;
    let from = trust::signer(session, &transfer.from).await;
    let from = from.map_err(|error| error.of_keys(&transfer.from.entry.username))?;
    manifest.verify(&from, &transfer.signed.signature)?;
    let opened = open(&keys, &transfer).await?;

    // Whoever gave the secrets away signed whom they had shared them with: nobody else can be slipped in.
    for share in &transfer.shares {
        if share.manifest.granter != manifest.granter {
            return Err(AppError::Sealed);
        }
        share.manifest.verify(&from, &share.signature)?;
    }
    let sealing = trust.known_keys(&transfer.recipients)?;
    trust.remember(session).await;

    let mut shares = Vec::new();
    for ((ends_at, grants), secrets) in taken_over(&transfer.shares, &manifest.items, keys.account()) {
        let share = seal(new_share(), &keys, &secrets, &opened, grants, &sealing, |_| {}).await?;
        shares.push(NewShare { ends_at, ..share });
    }
    let own = manifest.items.iter().filter_map(|secret| opened.get(secret)).map(|known| known.key.clone()).collect();
    api::take_over(manifest.share, own, shares, acting.map(|keys| keys.account())).await
}

/// The keys of the secrets, each sealed under the new owner's account key.
async fn open(keys: &AccountKeys, transfer: &Transfer) -> Result<HashMap<SecretId, KeyToShare>, AppError> {
    let manifest: &Manifest = &transfer.signed.manifest;
    let (share, epoch) = (manifest.share, manifest.epoch);
    let place = Place::Grant {
        granter: manifest.granter,
        share,
        epoch,
        recipient: RecipientId::Account(keys.account()),
        recipient_epoch: transfer.recipient_epoch,
        permission: Permission::Own,
    };
    let key = ShareKey::open_own_grant(keys, &place, &transfer.key)?;
    if key.check() != manifest.key_check {
        return Err(AppError::Sealed);
    }
    let mut progress = Progress::new(|_| {});
    let mut opened = HashMap::with_capacity(manifest.items.len());
    for ((secret, sealed), key_epoch) in manifest.items.iter().zip(&transfer.items).zip(&transfer.key_epochs) {
        let secret_key = key.open_item(share, epoch, *secret, sealed)?;
        opened.insert(*secret, KeyToShare { key: keys.seal_secret_key(*secret, &secret_key), epoch: *key_epoch });
        progress.step().await;
    }
    Ok(opened)
}
