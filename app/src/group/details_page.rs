use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;

use super::api::{Member, get_group};
use crate::account::use_session;
use crate::error::AppError;
use crate::ui::local_time;

/// One group and who is in it.
#[component]
pub fn GroupPage() -> impl IntoView {
    let (params, session) = (use_params_map(), use_session());
    let group = session.load(move || {
        let id = params.with(|params| params.get("id"));
        async move { get_group(id.and_then(|id| id.parse().ok()).ok_or(AppError::NotFound)?).await }
    });
    let line = |member: Member| {
        view! {
            <tr>
                <th scope="row">{member.name}</th>
                <td>{member.username}</td>
                <td>{member.email}</td>
                <td>{member.added_by}</td>
                <td>{local_time(Some(member.added_at))}</td>
            </tr>
        }
    };
    view! {
        <div class="page">
            <p class="back"><A href="/groups">"Groups"</A></p>
            {move || group.get().map(|group| match group {
                Err(AppError::NotFound) => view! {
                    <h1>"Group"</h1>
                    <p class="card">"You do not see who is in this group. You can share with it all the same."</p>
                }.into_any(),
                Err(error) => view! { <h1>"Group"</h1> <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
                Ok((group, members)) => view! {
                    <h1>{group.name}</h1>
                    <p class="hint">{group.kind.label()} ". " {group.description}</p>
                    <div class="card scroll">
                        <table class="plain" aria-label="Members">
                            <thead>
                                <tr>
                                    <th scope="col">"Name"</th><th scope="col">"Username"</th><th scope="col">"Email"</th>
                                    <th scope="col">"Added by"</th><th scope="col">"Added on"</th>
                                </tr>
                            </thead>
                            <tbody>{members.into_iter().map(line).collect_view()}</tbody>
                        </table>
                    </div>
                }.into_any(),
            })}
        </div>
    }
}
