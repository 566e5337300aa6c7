use leptos::prelude::*;
use leptos_router::components::A;

use super::add::AddDialog;
use super::api::{AccessKeyRow, list_access_keys};
use crate::account::use_session;
use crate::language::t;
use crate::people::api::set_person_enabled;
use crate::ui::{Icon, local_time, skeleton, use_toasts};

/// The access keys of the organization, for administrators.
#[component]
pub fn AccessKeysPage() -> impl IntoView {
    let (session, toasts, pending) = (use_session(), use_toasts(), RwSignal::new(false));
    let (again, adds) = (Trigger::new(), RwSignal::new(false));
    let keys = session.load(move || {
        again.track();
        list_access_keys()
    });
    let switch = move |id, name: String, enabled: bool| {
        session.act(pending, set_person_enabled(id, enabled), move |result| match result {
            Ok(()) => {
                let done = if enabled {
                    t!("{name} is enabled", name)
                } else {
                    t!("{name} is disabled: no program signs in with it any more", name)
                };
                toasts.done(done);
                again.notify();
            }
            Err(failed) => toasts.failed(failed.to_string()),
        });
    };
    let line = move |row: AccessKeyRow| {
        let (id, enabled, name) = (row.id, row.enabled, row.name.clone());
        let label = if enabled { t!("Disable {name}", name = row.name) } else { t!("Enable {name}", name = row.name) };
        view! {
            <tr>
                <th scope="row"><A href=format!("/people/{id}")>{row.name.clone()}</A></th>
                <td>{row.username}</td>
                <td>{row.created_by}</td>
                <td>{or_never(row.expires_at)}</td>
                <td>{or_never(row.last_used_at)}</td>
                <td>{status_text(enabled, row.expires_at)}</td>
                <td>
                    <button class="button" type="button" aria-label=label aria-disabled=move || pending.get().to_string()
                        on:click=move |_| switch(id, name.clone(), !enabled)>{if enabled { t!("Disable") } else { t!("Enable") }}</button>
                </td>
            </tr>
        }
    };
    view! {
        <div class="page">
            <div class="page-head">
                <h1>{t!("Access keys")}</h1>
                <button class="button primary" type="button" on:click=move |_| adds.set(true)>{Icon::Add.view()} {t!("Add access key")}</button>
            </div>
            <p>
                {t!("Programs sign in with them, and use what people share with them: choose an access key in the share dialog as you choose a person. \
                     What an access key opens is opened where the program runs, never here.")}
            </p>
            {skeleton(keys)}
            {move || keys.get().map(|keys| match keys {
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
                Ok(keys) if keys.is_empty() => view! { <p class="card empty">{t!("No access keys yet.")}</p> }.into_any(),
                Ok(keys) => view! {
                    <div class="card scroll">
                        <table class="plain" aria-label=t!("Access keys")>
                            <thead>
                                <tr>
                                    <th scope="col">{t!("Name")}</th><th scope="col">{t!("Username")}</th><th scope="col">{t!("Added by")}</th>
                                    <th scope="col">{t!("Ends")}</th><th scope="col">{t!("Last used")}</th><th scope="col">{t!("Status")}</th>
                                    <th scope="col">{t!("Action")}</th>
                                </tr>
                            </thead>
                            <tbody>{keys.into_iter().map(line).collect_view()}</tbody>
                        </table>
                    </div>
                }.into_any(),
            })}
            {move || adds.get().then(|| view! {
                <AddDialog then=Callback::new(move |added| {
                    adds.set(false);
                    if added {
                        again.notify();
                    }
                }) />
            })}
        </div>
    }
}

fn or_never(time: Option<i64>) -> String {
    if time.is_some() { local_time(time) } else { t!("Never").into() }
}

fn status_text(enabled: bool, expires_at: Option<i64>) -> &'static str {
    let is_over = expires_at.is_some_and(|at| u64::try_from(at).unwrap_or_default() <= crate::trust::now());
    match (enabled, is_over) {
        (false, _) => t!("Disabled"),
        (true, true) => t!("Ended"),
        (true, false) => t!("Active"),
    }
}
