//! The work of upkeep.

use vault::Mandate;

use crate::account::Session;
use crate::error::AppError;
use crate::group::hand_over;
use crate::people::api::{sign_entry, unsigned_entries};
use crate::restoration::keep_escrow;
use crate::trust;
use crate::ui::Work;

/// Does what there is to do.
pub(crate) fn work(session: Session) -> Work {
    Box::pin(async move {
        if session.profile_untracked().is_some_and(|profile| profile.administrator) {
            sign_new_entries(session).await?;
        }
        hand_over(session).await?;
        keep_escrow(session).await
    })
}

/// Signs what an invitation vouches for: the first keys of an account. Later ones are compared and confirmed by a person.
async fn sign_new_entries(session: Session) -> Result<(), AppError> {
    let keys = session.keys()?;
    let entries = unsigned_entries().await?;
    if entries.is_empty() {
        return Ok(());
    }
    let directory = trust::directory(session).await?;
    // Whose own keys nobody has confirmed yet confirms nobody's.
    if !directory.has_mandate(keys.account(), &keys.public()) {
        return Ok(());
    }
    for (signed, administrator) in entries {
        if signed.entry.epoch == 1 && directory.check(&signed, trust::now()).is_ok() {
            let mandate = administrator.then(|| Mandate::sign(&signed.entry, &keys));
            sign_entry(signed.entry.sign(&keys), mandate).await?;
        }
    }
    Ok(())
}
