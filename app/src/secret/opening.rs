//! From what the server keeps to a value in this page: checks who shared it, opens the keys, opens the value.

use vault::{Opening, RecipientId, SecretId, SecretKey, SecretValue};

use super::api::{self, SecretRow};
use crate::account::Session;
use crate::error::AppError;
use crate::{share, trust};

/// An open secret: its value, and the key that seals the next one.
#[derive(Clone)]
pub(crate) struct OpenSecret {
    pub key: SecretKey,
    pub revision: u64,
    pub value: SecretValue,
    /// The username of who shared it, as it was signed; none where it is the person's own.
    pub shared_by: Option<String>,
}

/// Opens something that the server is asked for twice, for the way to a secret and for the share on it. In between its owner's browser may settle the
/// share, or a new owner take it over: then the two do not fit, and are asked for anew before anybody is alarmed.
pub(crate) async fn anew<T>(open: impl AsyncFn() -> Result<T, AppError>) -> Result<T, AppError> {
    match open().await {
        Err(AppError::NotFound | AppError::Sealed) => open().await,
        done => done,
    }
}

/// Asks the server for a secret and opens it.
pub(crate) async fn open(session: Session, id: SecretId) -> Result<OpenSecret, AppError> {
    anew(async || open_once(session, id).await).await
}

async fn open_once(session: Session, id: SecretId) -> Result<OpenSecret, AppError> {
    let sealed = session.proven(|| api::open_secret(id)).await?;
    let (key, shared_by) = open_key(session, id, &sealed.opening).await?;
    let value = key.open_value(id, sealed.value_revision, &sealed.value)?;
    Ok(OpenSecret { key, revision: sealed.revision, value, shared_by })
}

/// A secret as it is now, open.
pub(crate) async fn with_row(session: Session, id: SecretId) -> Result<(SecretRow, OpenSecret), AppError> {
    let open = open(session, id).await?;
    let row = api::get_secret(id).await?;
    // Somebody saved between the two requests: what is shown must be of one revision.
    if row.revision == open.revision { Ok((row, open)) } else { Err(AppError::Stale) }
}

/// Opens the key of a secret. Also the username of who shared it, where it is somebody else's.
pub(crate) async fn open_key(
    session: Session,
    id: SecretId,
    opening: &Opening,
) -> Result<(SecretKey, Option<String>), AppError> {
    let keys = session.keys()?;
    Ok(match opening {
        Opening::Own(key) => {
            let is_renewed = session.profile_untracked().is_some_and(|profile| profile.epoch > 1);
            let opened = keys.open_secret_key(id, key);
            (opened.map_err(|error| if is_renewed { AppError::LostKeys } else { error.into() })?, None)
        }
        Opening::Shared(path, granter) => {
            if granter.entry.account != path.granter {
                return Err(AppError::Sealed);
            }
            let identity = trust::signer(session, granter).await?;
            let signed = share::api::share_manifest(path.share).await?;
            match path.recipient {
                RecipientId::Account(_) => {
                    // After somebody started over, what was sealed to their keys before waits for its owner.
                    let own_epoch = session.profile_untracked().ok_or(AppError::SignedOut)?.epoch;
                    if path.recipient_epoch < own_epoch {
                        return Err(AppError::NotSealedYet);
                    }
                }
                RecipientId::Group(_) if path.seed.is_none() => return Err(AppError::NoGroupKey),
                RecipientId::Group(_) => {}
            }
            (path.open(&keys, id, &signed, &identity)?, Some(granter.entry.username.clone()))
        }
    })
}
