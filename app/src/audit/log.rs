use leptos::prelude::*;
use leptos_router::components::A;

use super::api::AuditEntry;
use crate::batch::receipt_address;
use crate::ui::{Pager, local_time};

/// Entries of the log, with the way to the next page and back.
#[component]
pub(crate) fn LogTable(
    /// The accessible name of the table.
    label: &'static str,
    entries: Vec<AuditEntry>,
    /// Before which entry the next page begins.
    next: Option<u128>,
    /// Where the pages before this one began: the way back.
    before: RwSignal<Vec<u128>>,
    /// Whether a secret leads to what else was done to it.
    #[prop(default = false)]
    links: bool,
) -> impl IntoView {
    if entries.is_empty() && next.is_none() && before.with_untracked(Vec::is_empty) {
        return view! { <p class="card empty">"Nothing yet."</p> }.into_any();
    }
    view! {
        <div class="card scroll">
            <table class="plain" aria-label=label>
                <thead>
                    <tr>
                        <th scope="col">"When"</th><th scope="col">"Who"</th><th scope="col">"What"</th>
                        <th scope="col">"To what or whom"</th><th scope="col">"Address"</th>
                    </tr>
                </thead>
                <tbody>{entries.into_iter().map(|entry| line(entry, links)).collect_view()}</tbody>
            </table>
        </div>
        <Pager next before />
    }
    .into_any()
}

fn line(entry: AuditEntry, links: bool) -> impl IntoView {
    let called = |(name, username): (String, String)| format!("{name} ({username})");
    let secret = entry.secret.map(|(id, name)| {
        let name = name.unwrap_or_else(|| format!("an API secret that is gone ({id})"));
        if links { view! { <A href=format!("/audit?secret={id}")>{name}</A> }.into_any() } else { name.into_any() }
    });
    let batch = entry.batch.map(|batch| view! { <A href=receipt_address(batch)>"Receipt"</A> });
    view! {
        <tr>
            <td>{local_time(Some(entry.at))}</td>
            <td>{called(entry.by)}</td>
            <th scope="row">{capitalized(&entry.event)}</th>
            <td>{entry.account.map(called)} " " {entry.group} " " {secret} " " {batch}</td>
            <td>{entry.address}</td>
        </tr>
    }
}

/// With a capital letter at the beginning.
pub(super) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
