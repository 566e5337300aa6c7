//! What everyone's browser does for the day their password and recovery code are lost.

use vault::{AccountId, Escrow, Part};

use super::api::{find_escrow_need, get_escrow, set_escrow};
use crate::account::Session;
use crate::error::AppError;
use crate::trust;

/// Makes parts of the account key for the administrators there are now, where they have changed.
pub(crate) async fn keep_escrow(session: Session) -> Result<(), AppError> {
    let Some(need) = find_escrow_need().await? else { return Ok(()) };
    let (keys, directory) = (session.keys()?, trust::directory(session).await?);
    // Those who have a mandate, whatever the server says of them.
    let administrators = need.administrators.iter().filter_map(|signed| {
        let account = signed.entry.account;
        let identity = directory.check(signed, trust::now()).ok()?;
        (account != keys.account() && directory.has_mandate(account, &identity)).then_some((account, identity.sealing))
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
    if !is_theirs || trust::directory(session).await?.check(&entry, trust::now()).is_err() {
        return Err(AppError::Unconfirmed);
    }
    let part = escrow.open_part(&keys).map_err(|_| AppError::NoEscrow)?;
    Ok((escrow, part))
}
