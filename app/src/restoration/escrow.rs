//! What everyone's browser does for the day their password and recovery code are lost.

use vault::{AccountId, Escrow, Part};

use super::api::{find_escrow_need, get_escrow, set_escrow};
use crate::account::Session;
use crate::error::AppError;
use crate::trust::Trust;

/// Makes parts of the account key for the administrators there are now, where they have changed.
pub(crate) async fn keep_escrow(session: Session) -> Result<(), AppError> {
    let Some(need) = find_escrow_need().await? else { return Ok(()) };
    let (keys, trust) = (session.keys()?, Trust::load(session).await?);
    let administrators = need.administrators.iter().filter_map(|signed| {
        let account = signed.entry.account;
        let identity = trust.administrator(signed).ok()?;
        (account != keys.account()).then_some((account, identity.sealing))
    });
    let escrow = keys.seal_escrow(need.generation, administrators.collect());
    set_escrow(escrow, need.offered).await
}

/// The own part of somebody's escrow, once it is certain that the account is that of the person whom the screen names: the server must not get
/// one account opened in place of another.
pub(super) async fn own_part(session: Session, account: AccountId, username: &str) -> Result<(Escrow, Part), AppError> {
    let keys = session.keys()?;
    let (escrow, entry) = get_escrow(account).await?;
    let is_theirs = escrow.account == account && entry.entry.account == account && entry.entry.username == username;
    if !is_theirs {
        return Err(AppError::Unconfirmed);
    }
    Trust::load(session).await?.identity(&entry)?;
    let part = escrow.open_part(&keys).map_err(|_| AppError::NoEscrow)?;
    Ok((escrow, part))
}
