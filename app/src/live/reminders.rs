use leptos::prelude::*;
use leptos_router::components::A;

use crate::account::use_session;
use crate::batch::use_batch;
use crate::language::t;
use crate::rotation::{all_due, api::list_exposed};
use crate::secret::api::see_all;
use crate::secret::{View, use_secret_list};
use crate::ui::{number, use_toasts};

/// What should be rotated, and the way to be done with what is new.
#[component]
pub(crate) fn Reminders() -> impl IntoView {
    let (session, list, toasts) = (use_session(), use_secret_list(), use_toasts());
    let pending = RwSignal::new(false);
    // What is done here may have ended somebody's access.
    let done = use_batch().done();
    let exposed = session.follow(list.heard, move || {
        done.track();
        list_exposed()
    });
    let to_rotate = move || {
        // Of the first rows nobody knows how many are due.
        if !list.is_loaded() {
            return String::new();
        }
        let mut ids: Vec<_> = all_due(&list.all()).into_iter().map(|(_, entry)| entry.row.id).collect();
        exposed.with(|exposed| {
            if let Some(Ok(exposed)) = exposed {
                ids.extend(exposed.iter().map(|of| of.id));
            }
        });
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() { String::new() } else { format!(" ({})", number(ids.len())) }
    };
    let has_new = Memo::new(move |_| list.filter.with(|filter| filter.view == View::New) && list.count_new() > 0);
    let see = move |_| {
        session.act(pending, see_all(list.as_of().at), move |result| match result {
            Ok(()) => list.reload(),
            Err(error) => toasts.failed(error.to_string()),
        });
    };
    view! {
        <A href="/secrets/rotate" attr:class="view">{t!("To rotate")} {to_rotate}</A>
        {move || has_new.get().then(|| view! {
            <button class="view link" type="button" aria-disabled=move || pending.get().to_string() on:click=see>{t!("Mark all as seen")}</button>
        })}
    }
}
