use leptos::prelude::*;

use super::api::{AuditEntry, list_audit};
use crate::account::use_session;
use crate::ui::local_time;

/// How many entries the server sends at a time.
const PAGE: usize = 100;

/// What was done to people, groups and keys, the latest first.
#[component]
pub fn AuditPage() -> impl IntoView {
    let session = use_session();
    // The last entries of the pages before this one: the way back.
    let before = RwSignal::new(Vec::<String>::new());
    let entries = session.load(move || list_audit(before.with(|before| before.last().cloned())));
    view! {
        <div class="page">
            <h1>"Audit log"</h1>
            <p class="hint">"What was done to people, groups and keys, the latest first."</p>
            {move || entries.get().map(|entries| match entries {
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
                Ok(entries) => {
                    let (is_first, is_last) = (before.with_untracked(Vec::is_empty), entries.len() < PAGE);
                    let last = entries.last().map(|entry| entry.id.clone());
                    view! {
                        <div class="card scroll">
                            <table class="plain" aria-label="Audit log">
                                <thead>
                                    <tr>
                                        <th scope="col">"When"</th><th scope="col">"Who"</th><th scope="col">"What"</th>
                                        <th scope="col">"Person"</th><th scope="col">"Group"</th>
                                    </tr>
                                </thead>
                                <tbody>{entries.into_iter().map(line).collect_view()}</tbody>
                            </table>
                        </div>
                        {(!is_first || !is_last).then(|| view! {
                            <div class="dialog-buttons">
                                <button class="button" type="button" disabled=is_first
                                    on:click=move |_| before.update(|before| { before.pop(); })>"Later"</button>
                                <button class="button" type="button" disabled=is_last
                                    on:click=move |_| before.update(|before| before.extend(last.clone()))>"Earlier"</button>
                            </div>
                        })}
                    }.into_any()
                }
            })}
        </div>
    }
}

fn line(entry: AuditEntry) -> impl IntoView {
    let called = |(name, username): (String, String)| format!("{name} ({username})");
    view! {
        <tr>
            <td>{local_time(Some(entry.at))}</td>
            <td>{called(entry.by)}</td>
            <th scope="row">{capitalized(&entry.event)}</th>
            <td>{entry.account.map(called)}</td>
            <td>{entry.group}</td>
        </tr>
    }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
