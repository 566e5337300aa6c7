use leptos::prelude::*;
use leptos_router::components::A;

use super::api::{Group, list_groups};
use super::edit::GroupDialog;
use crate::account::use_session;

/// The groups that the person can share with, is in or manages.
#[component]
pub fn GroupsPage() -> impl IntoView {
    let session = use_session();
    let (adding, again) = (RwSignal::new(false), Trigger::new());
    let groups = session.load(move || {
        again.track();
        list_groups()
    });
    let close = Callback::new(move |changed: bool| {
        adding.set(false);
        if changed {
            again.notify();
        }
    });
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
            <div class="page-head">
                <h1>"Groups"</h1>
                <button class="button primary" type="button" on:click=move |_| adding.set(true)>"Add group"</button>
            </div>
            {move || groups.get().map(|groups| match groups {
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
                Ok(groups) if groups.is_empty() => view! { <p class="card empty">"No groups yet."</p> }.into_any(),
                Ok(groups) => view! {
                    <div class="card scroll">
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
            {move || adding.get().then(|| view! { <GroupDialog edited=None then=close /> })}
        </div>
    }
}
