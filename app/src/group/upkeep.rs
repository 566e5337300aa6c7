//! What the client of someone who manages groups does by itself: it hands their keys to those who lack them.

use std::time::Duration;

use leptos::prelude::*;

use super::keys::hand_over;
use crate::account::Session;

/// How often is looked for those who lack a key.
const LOOK: Duration = Duration::from_mins(1);

/// Hands over keys while the person's own are open.
pub(crate) fn keep_groups(session: Session) {
    let look = move || {
        leptos::task::spawn_local(async move {
            // Nobody asked for it: it is tried again, and a page that needs it says what is wrong.
            let _ = hand_over(session).await;
        });
    };
    look();
    if let Ok(handle) = set_interval_with_handle(look, LOOK) {
        on_cleanup(move || handle.clear());
    }
}
