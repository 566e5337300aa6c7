//! MySafe as an installed application: it starts without a network, says when there is a new version, and shows on its icon how much is new.

mod badge;
mod update;

use leptos::prelude::*;

use crate::account::use_session;
use crate::secret::use_secret_list;
use update::Updates;

/// What goes on beside all pages, as long as MySafe is open.
#[component]
pub(crate) fn Installed() -> impl IntoView {
    badge::show_new(use_session(), use_secret_list());
    view! { <Updates /> }
}
