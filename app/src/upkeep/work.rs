//! The work of upkeep.

use vault::{Mandate, Vouch};

use crate::account::Session;
use crate::error::AppError;
use crate::group::hand_over;
use crate::people::api::{sign_entry, unsigned_entries};
use crate::restoration::keep_escrow;
use crate::trust::Trust;
use crate::ui::Work;

/// Does what there is to do.
pub(crate) fn work(session: Session) -> Work {
    Box::pin(async move {
        let mut results = Vec::with_capacity(3);
        if session.profile_untracked().is_some_and(|profile| profile.administrator) {
            results.push(sign_new_entries(session).await);
        }
        results.push(hand_over(session).await);
        results.push(keep_escrow(session).await);
        // What fails does not keep the rest from being done.
        results.into_iter().collect()
    })
}

/// Signs what an invitation vouches for: the first keys of an account. Later ones are compared and confirmed by a person.
async fn sign_new_entries(session: Session) -> Result<(), AppError> {
    let keys = session.keys()?;
    let entries = unsigned_entries().await?;
    if entries.is_empty() {
        return Ok(());
    }
    let trust = Trust::load(session).await?;
    // Whose own keys nobody has confirmed yet confirms nobody's.
    if !trust.directory().has_mandate(keys.account(), &keys.public()) {
        return Ok(());
    }
    for (signed, administrator) in entries {
        let Vouch::Invited { invitation, .. } = &signed.vouch else { continue };
        if signed.entry.epoch == 1 && trust.identity(&signed).is_ok() {
            // That they are to be an administrator is not for the server alone to say.
            let mandate = (administrator && invitation.administrator).then(|| Mandate::sign(&signed.entry, &keys));
            sign_entry(signed.entry.sign(&keys), mandate).await?;
        }
    }
    Ok(())
}
