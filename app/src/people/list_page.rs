use leptos::prelude::*;
use leptos_router::components::A;

use super::api::{Person, Status, find_people};
use super::invite::InviteDialog;
use super::manage::ManageDialog;
use super::waiting::WaitingList;
use crate::account::use_session;
use crate::language::{n, t};
use crate::restoration::{AskedList, RestoreDialog};
use crate::ui::{Icon, local_time, number, skeleton};

/// How many people the server sends at a time.
const PAGE: u32 = 100;
/// How long to wait for more letters before asking the server.
const PAUSE_MS: u32 = 120;

#[derive(Clone)]
enum Stage {
    List,
    Invite(Option<Person>),
    Manage(Person),
    Restore(Person),
}

/// Everyone in the organization, for administrators.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let session = use_session();
    let (text, skip, again) = (RwSignal::new(String::new()), RwSignal::new(0_u32), Trigger::new());
    let stage = RwSignal::new(Stage::List);
    let people = session.load(move || {
        again.track();
        find_people(text.get(), skip.get())
    });
    let close = move |changed: bool| {
        stage.set(Stage::List);
        if changed {
            again.notify();
        }
    };
    let typed = StoredValue::new(String::new());
    let search = move |now: String| {
        typed.set_value(now.clone());
        leptos::task::spawn_local(async move {
            gloo_timers::future::TimeoutFuture::new(PAUSE_MS).await;
            if typed.try_get_value().as_ref() == Some(&now) {
                skip.set(0);
                text.set(now);
            }
        });
    };
    let line = move |person: Person| {
        let (chosen, name) = (person.clone(), person.name.clone());
        view! {
            <tr>
                <th scope="row"><A href=format!("/people/{}", person.id)>{name}</A></th>
                <td>{person.username}</td>
                <td>{person.email}</td>
                <td>{if person.administrator { t!("Administrator") } else { t!("Member") }}</td>
                <td>{status_text(person.status)}</td>
                <td>
                    <button class="button" type="button" aria-label=t!("Manage {name}", name = person.name)
                        on:click=move |_| stage.set(Stage::Manage(chosen.clone()))>{t!("Manage")}</button>
                </td>
            </tr>
        }
    };
    view! {
        <div class="page">
            <div class="page-head">
                <h1>{t!("People")}</h1>
                <div class="page-actions">
                    <A href="/people/access-keys" attr:class="button quiet">{Icon::Key.view()} {t!("Access keys")}</A>
                    <button class="button primary" type="button" on:click=move |_| stage.set(Stage::Invite(None))>{Icon::Person.view()} {t!("Invite")}</button>
                </div>
            </div>
            {move || matches!(stage.get(), Stage::List).then(|| view! { <AskedList /> <WaitingList /> })}
            <label class="field">
                <span>{t!("Search people")}</span>
                <input type="search" placeholder=t!("Name, username or email")
                    on:input=move |event| search(event_target_value(&event)) />
            </label>
            {skeleton(people)}
            {move || people.get().map(|people| match people {
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
                Ok(found) => {
                    let first = u64::from(skip.get_untracked());
                    let (last, total) = (first + found.people.len() as u64, found.total);
                    view! {
                        <p role="status" class="hint">{count_text(first, last, total)}</p>
                        <div class="card scroll">
                            <table class="plain" aria-label=t!("People")>
                                <thead>
                                    <tr>
                                        <th scope="col">{t!("Name")}</th><th scope="col">{t!("Username")}</th><th scope="col">{t!("Email")}</th>
                                        <th scope="col">{t!("Role")}</th><th scope="col">{t!("Status")}</th><th scope="col">{t!("Action")}</th>
                                    </tr>
                                </thead>
                                <tbody>{found.people.into_iter().map(line).collect_view()}</tbody>
                            </table>
                        </div>
                        {(first > 0 || last < total).then(|| view! {
                            <div class="dialog-buttons">
                                <button class="button" type="button" disabled={first == 0}
                                    on:click=move |_| skip.update(|skip| *skip = skip.saturating_sub(PAGE))>{t!("Previous")}</button>
                                <button class="button" type="button" disabled={last >= total}
                                    on:click=move |_| skip.update(|skip| *skip += PAGE)>{t!("Next")}</button>
                            </div>
                        })}
                    }.into_any()
                }
            })}
            {move || match stage.get() {
                Stage::List => ().into_any(),
                Stage::Invite(again) => view! { <InviteDialog again then=Callback::new(move |()| close(true)) /> }.into_any(),
                Stage::Restore(person) => view! { <RestoreDialog person then=Callback::new(move |()| close(false)) /> }.into_any(),
                Stage::Manage(person) => view! {
                    <ManageDialog person then=Callback::new(close)
                        invite=Callback::new(move |person| stage.set(Stage::Invite(Some(person))))
                        restore=Callback::new(move |person| stage.set(Stage::Restore(person))) />
                }.into_any(),
            }}
        </div>
    }
}

fn status_text(status: Status) -> String {
    match status {
        Status::Active => t!("Active").into(),
        Status::Disabled => t!("Disabled").into(),
        Status::Invited(None) => t!("Invitation ended").into(),
        Status::Invited(until) => t!("Invited until {until}", until = local_time(until)),
    }
}

/// Which people of how many are shown.
fn count_text(first: u64, last: u64, total: u64) -> String {
    let [first, last, total] = [first + 1, last, total].map(|count| usize::try_from(count).unwrap_or(usize::MAX));
    match total {
        0 => t!("Nobody matches this.").into(),
        _ if total == 1 || (first == 1 && last == total) => n!(total, "{n} person", "{n} people"),
        _ => {
            t!("{first} to {last} of {total} people", first = number(first), last = number(last), total = number(total))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_says_what_is_shown() {
        let texts = [count_text(0, 0, 0), count_text(0, 1, 1), count_text(0, 7, 7), count_text(100, 200, 500)];
        assert_eq!(texts, ["Nobody matches this.", "1 person", "7 people", "101 to 200 of 500 people"]);
    }
}
