//! What everyone's browser does for the day their password and recovery code are lost.

use super::api::{find_escrow_need, set_escrow};
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
