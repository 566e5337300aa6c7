//! What an administrator's client does by itself: it signs the keys of those who came by an invitation.

use std::time::Duration;

use leptos::prelude::*;
use vault::Mandate;

use super::api::{sign_entry, unsigned_entries};
use crate::account::Session;
use crate::error::AppError;
use crate::trust;

/// How often is looked for people who have just joined.
const LOOK: Duration = Duration::from_secs(30);

/// Signs new entries while an administrator's keys are open.
pub(crate) fn keep_directory(session: Session) {
    if !session.profile_untracked().is_some_and(|profile| profile.administrator) {
        return;
    }
    let look = move || {
        leptos::task::spawn_local(async move {
            // Nobody asked for it: it is tried again, and a page that needs it says what is wrong.
            let _ = sign_new_entries(session).await;
        });
    };
    look();
    if let Ok(handle) = set_interval_with_handle(look, LOOK) {
        on_cleanup(move || handle.clear());
    }
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
