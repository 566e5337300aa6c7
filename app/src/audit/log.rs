use leptos::prelude::*;
use leptos_router::components::A;

use super::api::AuditEntry;
use crate::batch::receipt_address;
use crate::language::{t, translate};
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
        return view! { <p class="card empty">{t!("Nothing yet.")}</p> }.into_any();
    }
    view! {
        <div class="card scroll">
            <table class="plain" aria-label=label>
                <thead>
                    <tr>
                        <th scope="col">{t!("When")}</th><th scope="col">{t!("Who")}</th><th scope="col">{t!("What")}</th>
                        <th scope="col">{t!("To what or whom")}</th><th scope="col">{t!("Address")}</th>
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
        let name = name.unwrap_or_else(|| t!("an API secret that is gone ({id})", id));
        if links { view! { <A href=format!("/audit?secret={id}")>{name}</A> }.into_any() } else { name.into_any() }
    });
    let batch = entry.batch.map(|batch| view! { <A href=receipt_address(batch)>{t!("Receipt")}</A> });
    view! {
        <tr>
            <td>{local_time(Some(entry.at))}</td>
            <td>{called(entry.by)}</td>
            <th scope="row">{said(&entry.event)}</th>
            <td>{entry.account.map(called)} " " {entry.group} " " {secret} " " {batch}</td>
            <td>{entry.address}</td>
        </tr>
    }
}

/// An event as it stands alone: with a capital letter at the beginning, in the language of the page.
pub(super) fn said(event: &str) -> String {
    let mut letters = event.chars();
    let english: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    translate(&english).to_owned()
}

/// What the server says of all events, for the catalogues.
#[cfg(all(test, feature = "ssr"))]
const EVENTS: [&str; 42] = [
    crate::language::text!("Invited"),
    crate::language::text!("Joined"),
    crate::language::text!("Access key added"),
    crate::language::text!("Keys confirmed"),
    crate::language::text!("Made administrator"),
    crate::language::text!("Made member"),
    crate::language::text!("Account enabled"),
    crate::language::text!("Account disabled"),
    crate::language::text!("Email changed"),
    crate::language::text!("Signed out everywhere"),
    crate::language::text!("Started over"),
    crate::language::text!("Asked to open account"),
    crate::language::text!("Agreed to open account"),
    crate::language::text!("Refused to open account"),
    crate::language::text!("Account opened"),
    crate::language::text!("Recovered with code"),
    crate::language::text!("Group added"),
    crate::language::text!("Group changed"),
    crate::language::text!("Group enabled"),
    crate::language::text!("Group disabled"),
    crate::language::text!("Member added"),
    crate::language::text!("Member removed"),
    crate::language::text!("API secret added"),
    crate::language::text!("API secret changed"),
    crate::language::text!("Client secret opened"),
    crate::language::text!("Earlier version opened"),
    crate::language::text!("Access left"),
    crate::language::text!("Shared"),
    crate::language::text!("Shared further"),
    crate::language::text!("End of access set"),
    crate::language::text!("Access ended by itself"),
    crate::language::text!("Unshared"),
    crate::language::text!("Permissions changed"),
    crate::language::text!("Enabled"),
    crate::language::text!("Disabled"),
    crate::language::text!("Transferred"),
    crate::language::text!("Deleted"),
    crate::language::text!("Restored"),
    crate::language::text!("Tags changed"),
    crate::language::text!("Imported"),
    crate::language::text!("Exported"),
    crate::language::text!("Removed for good"),
];

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_in_the_catalogues() {
        let texts: Vec<String> = store::Event::ALL.iter().map(|event| said(event.text())).collect();
        assert_eq!(texts, EVENTS);
    }
}
