//! What the browser of an administrator or of a group's owner does by itself: it confirms the keys of those who have just joined, and hands
//! the keys of groups to those who lack them.

pub mod api;
mod work;

use std::time::Duration;

use leptos::prelude::*;

use crate::account::Session;
use crate::error::AppError;
use crate::pages;
use crate::restoration::api::Notice;
pub(crate) use work::work;

/// How often is looked for something to do.
const LOOK: Duration = Duration::from_secs(30);

/// Looks for something to do while the person's keys are open, and for what they have to be told.
pub(crate) fn keep_up(session: Session, notices: RwSignal<Vec<Notice>>) {
    let look = move || {
        leptos::task::spawn_local(async move {
            // Nobody asked for it: it is tried again, and a page that needs it says what is wrong.
            let _ = look(session, notices).await;
        });
    };
    look();
    if let Ok(handle) = set_interval_with_handle(look, LOOK) {
        on_cleanup(move || handle.clear());
    }
}

async fn look(session: Session, notices: RwSignal<Vec<Notice>>) -> Result<(), AppError> {
    session.keys()?;
    let upkeep = api::look().await?;
    // Gone once the keys are locked.
    if notices.try_with_untracked(|known| *known != upkeep.notices) == Some(true) {
        notices.set(upkeep.notices);
    }
    if upkeep.needed {
        pages::keep_up(session).await.map_err(|_| AppError::Offline)?.await?;
    }
    Ok(())
}
