use leptos::prelude::*;
use leptos_router::components::A;

use super::api::{ActivityEntry, BatchKind, list_activity};
use crate::account::use_session;
use crate::language::{n, t};
use crate::secret::use_secret_list;
use crate::ui::{Pager, local_time, skeleton};

/// How many batches the server sends at a time.
const PAGE: usize = 50;

impl BatchKind {
    /// What was done to so many records.
    pub(super) fn did(self, secrets: usize) -> String {
        match self {
            Self::Share => n!(secrets, "Shared {n} record", "Shared {n} records"),
            Self::Unshare => n!(secrets, "Unshared {n} record", "Unshared {n} records"),
            Self::ChangePermission => {
                n!(secrets, "Changed permissions for {n} record", "Changed permissions for {n} records")
            }
            Self::Enable => n!(secrets, "Enabled {n} record", "Enabled {n} records"),
            Self::Disable => n!(secrets, "Disabled {n} record", "Disabled {n} records"),
            Self::Transfer => n!(secrets, "Transferred {n} record", "Transferred {n} records"),
            Self::Delete => n!(secrets, "Deleted {n} record", "Deleted {n} records"),
            Self::Restore => n!(secrets, "Restored {n} record", "Restored {n} records"),
            Self::Tag => n!(secrets, "Changed tags of {n} record", "Changed tags of {n} records"),
            Self::Import => n!(secrets, "Imported {n} record", "Imported {n} records"),
        }
    }
}

/// What the person did with several secrets, and what was done with theirs, the latest first.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let session = use_session();
    // The last lines of the pages before this one: the way back.
    let before = RwSignal::new(Vec::<u128>::new());
    let heard = use_secret_list().heard;
    let entries = session.follow(heard, move || list_activity(before.with(|before| before.last().copied())));
    view! {
        <div class="page">
            <p class="back"><A href="/secrets">{t!("API secrets")}</A></p>
            <h1>{t!("Sharing activity")}</h1>
            <p class="hint">{t!("What you have done with API secrets, and what was done with yours, the latest first. Open one to see it in full, or to undo it.")}</p>
            <p><A href="/activity/colleague" attr:class="button">{t!("Same access as a colleague")}</A></p>
            {skeleton(entries)}
            {move || entries.get().map(|entries| match entries {
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
                Ok(entries) if entries.is_empty() && before.with_untracked(Vec::is_empty) => {
                    view! { <p class="card empty">{t!("Nothing yet. What you share appears here.")}</p> }.into_any()
                }
                Ok(entries) => {
                    let next = entries.last().filter(|_| entries.len() == PAGE).map(|entry| entry.event);
                    view! {
                        <div class="card scroll">
                            <table class="plain" aria-label=t!("Sharing activity")>
                                <thead>
                                    <tr>
                                        <th scope="col">{t!("What")}</th><th scope="col">{t!("When")}</th><th scope="col">{t!("By")}</th>
                                        <th scope="col">{t!("Users and groups")}</th>
                                    </tr>
                                </thead>
                                <tbody>{entries.into_iter().map(line).collect_view()}</tbody>
                            </table>
                        </div>
                        <Pager next before />
                    }.into_any()
                }
            })}
        </div>
    }
}

fn line(entry: ActivityEntry) -> impl IntoView {
    let (name, username) = entry.by;
    let state = match (entry.undone, entry.undoes) {
        (true, _) => Some(t!("Undone")),
        (false, true) => Some(t!("Undo of an earlier one")),
        (false, false) => None,
    };
    view! {
        <tr>
            <th scope="row">
                <A href=format!("/activity/{}", entry.id)>{entry.kind.did(usize::try_from(entry.secrets).unwrap_or(usize::MAX))}</A>
                {state.map(|state| view! { " " <span class="tag">{state}</span> })}
            </th>
            <td>{local_time(Some(entry.at))}</td>
            <td>{format!("{name} ({username})")}</td>
            <td>{(entry.recipients > 0).then_some(entry.recipients)}</td>
        </tr>
    }
}
