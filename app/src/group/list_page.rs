use leptos::prelude::*;
use leptos_router::components::A;

use super::api::{Group, list_groups};
use crate::account::use_session;

/// The groups that the person can share with or is in.
#[component]
pub fn GroupsPage() -> impl IntoView {
    let session = use_session();
    let groups = session.load(list_groups);
    let line = |group: Group| {
        view! {
            <tr>
                <th scope="row"><A href=format!("/groups/{}", group.id)>{group.name}</A> <p class="hint">{group.description}</p></th>
                <td>{group.kind.label()}</td>
                <td>{group.members}</td>
                <td>{if group.enabled { "Yes" } else { "No" }}</td>
            </tr>
        }
    };
    view! {
        <div class="page">
            <h1>"Groups"</h1>
            {move || groups.get().map(|groups| match groups {
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
                Ok(groups) if groups.is_empty() => view! { <p class="card empty">"No groups yet."</p> }.into_any(),
                Ok(groups) => view! {
                    <div class="card">
                        <table class="plain" aria-label="Groups">
                            <thead>
                                <tr>
                                    <th scope="col">"Name"</th><th scope="col">"Kind"</th>
                                    <th scope="col">"Members"</th><th scope="col">"Enabled"</th>
                                </tr>
                            </thead>
                            <tbody>{groups.into_iter().map(line).collect_view()}</tbody>
                        </table>
                    </div>
                }.into_any(),
            })}
        </div>
    }
}
