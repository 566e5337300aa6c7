use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::components::A;

use super::api::{Exposed, accept_exposure, list_exposed};
use crate::account::use_session;
use crate::error::AppError;
use crate::language::{n, t};
use crate::secret::{Entry, use_secret_list};
use crate::ui::{FormError, day_start, local_day, local_time, now_millis, skeleton, use_toasts};

/// How long before the day somebody is reminded, in milliseconds. Whoever rotates in that time has done it.
const REMINDER: i64 = 7 * 24 * 3_600_000;

/// Whether an own secret should have got a new value by now, or in the next days: when that is due.
fn due(entry: &Entry, now: i64) -> Option<i64> {
    let day = Some(entry.row.fields.rotate_on.as_str()).filter(|day| !day.is_empty())?;
    let at = day_start(day, false)?;
    (entry.row.permission.is_none() && is_due(at, entry.row.rotated_at, now)).then_some(at)
}

fn is_due(at: i64, rotated_at: i64, now: i64) -> bool {
    now >= at - REMINDER && rotated_at < at - REMINDER
}

/// The person's own secrets that are due, the longest first.
pub(crate) fn all_due(entries: &[Arc<Entry>]) -> Vec<(i64, Arc<Entry>)> {
    let now = now_millis();
    let mut found: Vec<(i64, Arc<Entry>)> =
        entries.iter().filter_map(|entry| Some((due(entry, now)?, Arc::clone(entry)))).collect();
    found.sort_by(|(a, first), (b, second)| a.cmp(b).then_with(|| first.name.cmp(&second.name)));
    found
}

/// What of the person's own secrets should get a new client secret.
#[component]
pub fn RotatePage() -> impl IntoView {
    let (session, list) = (use_session(), use_secret_list());
    let again = Trigger::new();
    let exposed = session.follow(list.heard, move || {
        again.track();
        list_exposed()
    });
    let line = |(at, entry): (i64, Arc<Entry>)| {
        let (id, name) = (entry.row.id, entry.row.fields.name.clone());
        let label = t!("Edit {name}", name);
        view! {
            <tr>
                <th scope="row"><A href=format!("/secrets/{id}")>{name}</A></th>
                <td>{local_day(at)}</td>
                <td>{local_time(Some(entry.row.rotated_at))}</td>
                <td><A href=format!("/secrets/{id}/edit") attr:class="button" attr:aria-label=label>{t!("Edit")}</A></td>
            </tr>
        }
    };
    view! {
        <div class="page">
            <p class="back"><A href="/secrets">{t!("API secrets")}</A></p>
            <h1>{t!("To rotate")}</h1>
            <p class="hint">{t!("API secrets of yours that should get a new client secret. Make one where the API is, save it here, and it leaves this list.")}</p>
            <section class="card" aria-labelledby="rotate-known">
                <h2 id="rotate-known">{t!("Known to people without access")}</h2>
                {skeleton(exposed)}
                {move || exposed.get().map(|exposed| match exposed {
                    Ok(exposed) => view! { <ExposedTable exposed again /> }.into_any(),
                    Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
                })}
            </section>
            <section class="card" aria-labelledby="rotate-due">
                <h2 id="rotate-due">{t!("Rotation date")}</h2>
                {move || {
                    if !list.is_loaded() {
                        return view! { <p class="empty hint" role="status">{t!("Loading …")}</p> }.into_any();
                    }
                    let due = all_due(&list.all());
                    if due.is_empty() {
                        return view! { <p class="empty">{t!("Nothing is due in the next seven days.")}</p> }.into_any();
                    }
                    view! {
                        <div class="scroll">
                            <table class="plain" aria-label=t!("Rotation date")>
                                <thead><tr><th scope="col">{t!("Name")}</th><th scope="col">{t!("Rotation date")}</th><th scope="col">{t!("Client secret since")}</th><th scope="col">{t!("Action")}</th></tr></thead>
                                <tbody>{due.into_iter().map(line).collect_view()}</tbody>
                            </table>
                        </div>
                    }
                    .into_any()
                }}
            </section>
        </div>
    }
}

#[component]
fn ExposedTable(exposed: Vec<Exposed>, again: Trigger) -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    if exposed.is_empty() {
        return view! { <p class="empty">{t!("Nobody who has lost access had opened any of them.")}</p> }.into_any();
    }
    let accept = move |known: Vec<_>| {
        error.set(None);
        session.act(pending, accept_exposure(known), move |result| match result {
            Ok(()) => {
                toasts.done(t!("Left as it is"));
                again.notify();
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    let count = exposed.len();
    let line = move |of: Exposed| {
        let Exposed { id, name, people } = of;
        let known: Vec<_> = people.iter().map(|(account, ..)| (id, *account)).collect();
        let people =
            people.into_iter().map(|(_, name, at)| t!("{name} opened it {when}", name, when = local_time(Some(at))));
        let people = people.map(|text| view! { <li>{text}</li> }).collect_view();
        let (edit, leave) = (t!("Edit {name}", name), t!("Leave {name} as it is", name));
        view! {
            <tr>
                <th scope="row"><A href=format!("/secrets/{id}")>{name}</A></th>
                <td><ul>{people}</ul></td>
                <td>
                    <A href=format!("/secrets/{id}/edit") attr:class="button" attr:aria-label=edit>{t!("Edit")}</A> " "
                    <button class="button quiet" type="button" aria-label=leave aria-disabled=move || pending.get().to_string()
                        on:click=move |_| accept(known.clone())>{t!("Leave as it is")}</button>
                </td>
            </tr>
        }
    };
    view! {
        <p role="status">{n!(count, "{n} record: somebody who has no access any more had opened the client secret that is still in use.", "{n} records: somebody who has no access any more had opened the client secret that is still in use.")}</p>
        <div class="scroll">
            <table class="plain" aria-label=t!("Known to people without access")>
                <thead><tr><th scope="col">{t!("Name")}</th><th scope="col">{t!("Who knows it")}</th><th scope="col">{t!("Action")}</th></tr></thead>
                <tbody>{exposed.into_iter().map(line).collect_view()}</tbody>
            </table>
        </div>
        <FormError error />
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_from_a_week_before_until_there_is_a_new_value() {
        let (day, at) = (24 * 3_600_000, 100 * 24 * 3_600_000);
        assert!(!is_due(at, 0, at - 8 * day));
        assert!(is_due(at, 0, at - 7 * day));
        assert!(is_due(at, 0, at + 50 * day));
        // Rotated a little before the day, or after it.
        assert!(!is_due(at, at - 6 * day, at + day));
        assert!(!is_due(at, at + day, at + 2 * day));
        // Rotated long before, which was for another reason.
        assert!(is_due(at, at - 30 * day, at));
    }
}
