use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::components::A;
use vault::{BatchId, Permission, Purpose, SecretId};

use super::api::{Person, PersonDetails, Status, Waiting, get_person};
use super::keys_section::KeysSection;
use super::waiting::text_of;
use crate::access::LimitDialog;
use crate::access::api::{PresentAccess, access_to};
use crate::account::use_session;
use crate::batch::{Chosen, Done, Kind, receipt_address};
use crate::error::AppError;
use crate::language::{n, t};
use crate::pages::use_id;
use crate::restoration::api::{Agreed, restorations, restored};
use crate::restoration::ask_for_transfer;
use crate::secret::Selection;
use crate::secret::api::{SecretRow, set_enabled};
use crate::transfer::api::keys_to_transfer;
use crate::transfer::{TransferDialog, take_over_for};
use crate::ui::{CheckAll, Dialog, FormError, number, skeleton, use_toasts};

/// How many rows of each list are shown.
const SHOWN: usize = 500;

/// How far two administrators are with acting for the person.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Agreement {
    None,
    /// The one at the screen asked.
    Asked,
    /// Another one agreed.
    Agreed,
    /// Somebody else asked.
    ByAnother,
    /// Nobody can act for a program: nothing but its access key opens what it owns.
    Never,
}

#[derive(Clone)]
enum Stage {
    Look,
    Confirm(Kind, Vec<SecretId>),
    Unshare(Vec<SecretId>, Arc<PresentAccess>),
    Transfer(Arc<Chosen>, Arc<Agreed>),
}

/// What one person owns and could open, for administrators; and how what they own gets another owner.
#[component]
pub fn PersonPage() -> impl IntoView {
    let (id, session) = (use_id("people"), use_session());
    let again = Trigger::new();
    let details = session.load(move || {
        again.track();
        let id = id.get();
        async move {
            let id = id.and_then(|id| id.parse().ok()).ok_or(AppError::NotFound)?;
            let details = get_person(id).await?;
            let asked = restorations().await?;
            let own = session.profile_untracked().map(|profile| profile.id);
            let asked = asked
                .into_iter()
                .find(|asked| asked.restoration.account == id && asked.restoration.purpose == Purpose::Transfer);
            let agreement = match asked {
                _ if details.person.is_program => Agreement::Never,
                None => Agreement::None,
                Some(asked) if Some(asked.restoration.signer) != own => Agreement::ByAnother,
                Some(asked) if asked.approved_by.is_some() => Agreement::Agreed,
                Some(_) => Agreement::Asked,
            };
            Ok((details, agreement))
        }
    });
    view! {
        <div class="page">
            <p class="back"><A href="/people">{t!("People")}</A></p>
            {skeleton(details)}
            {move || details.get().map(|details| match details {
                Err(AppError::NotFound) => view! { <h1>{t!("Person")}</h1> <p class="card empty">{t!("There is no such person.")}</p> }.into_any(),
                Err(error) => view! { <h1>{t!("Person")}</h1> <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
                Ok((PersonDetails { person, secrets, keys, waiting }, agreement)) => {
                    let (owned, readable): (Vec<_>, Vec<_>) = secrets.into_iter().partition(|row| row.permission.is_none());
                    view! {
                        <h1>{person.name.clone()}</h1>
                        <p class="hint">{who_text(&person)}</p>
                        {keys.map(|keys| view! { <KeysSection person=person.clone() signed=keys changed=again /> })}
                        <Owned person owned waiting agreement changed=again />
                        <Readable readable />
                    }.into_any()
                }
            })}
        </div>
    }
}

fn who_text(person: &Person) -> String {
    if person.is_program {
        format!("{} · {}", person.username, t!("Access key"))
    } else {
        format!("{} · {} · {}", person.username, person.email, role_text(person))
    }
}

fn role_text(person: &Person) -> &'static str {
    match (person.status, person.administrator) {
        (Status::Disabled, _) => t!("Disabled"),
        (Status::Invited(_), _) => t!("Invited"),
        (Status::Active, true) => t!("Administrator"),
        (Status::Active, false) => t!("Member"),
    }
}

#[component]
fn Owned(
    person: Person,
    owned: Vec<SecretRow>,
    /// What of it waits to be settled, if anything does.
    waiting: Option<Waiting>,
    agreement: Agreement,
    changed: Trigger,
) -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let (stage, pending) = (RwSignal::new(Stage::Look), RwSignal::new(false));
    let error = RwSignal::new(None::<AppError>);
    let is_own = session.profile_untracked().is_some_and(|profile| profile.id == person.id);
    let total = owned.len();
    let owned = StoredValue::new(owned);
    let ids = move || owned.with_value(|rows| rows.iter().map(|row| row.id).collect::<Vec<_>>());
    let ticked = RwSignal::new(Selection::default());
    let count = move || ticked.with(Selection::len);
    let toggle_all = Callback::new(move |()| ticked.update(|ticked| ticked.toggle_all(ids().into_iter())));
    let line = move |row: SecretRow| {
        let (id, name) = (row.id, row.fields.name);
        let toggle = move |event| ticked.update(|ticked| ticked.set(id, event_target_checked(&event)));
        view! {
            <tr>
                <td class="check">
                    <input type="checkbox" aria-label=t!("Select {name}", name) prop:checked=move || ticked.with(|ticked| ticked.contains(id)) on:change=toggle />
                </td>
                <th scope="row">{name.clone()}</th>
                <td>{row.fields.url}</td>
                <td>{if row.shared { t!("Yes") } else { t!("No") }}</td>
                <td>{if row.enabled { t!("Yes") } else { t!("No") }}</td>
            </tr>
        }
    };
    let (id, username) = (person.id, person.username.clone());
    let ask = move |_| {
        error.set(None);
        session.act(pending, ask_for_transfer(session, id, username.clone()), move |result| match result {
            Ok(()) => {
                toasts.done(t!("Asked. Another administrator has to agree, under People."));
                changed.notify();
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    let disable = move |chosen: Vec<SecretId>| {
        let count = chosen.len();
        session.act(pending, set_enabled(BatchId::random(), chosen, false), move |result| {
            stage.set(Stage::Look);
            match result {
                Ok(()) => {
                    toasts.done(n!(count, "{n} record disabled", "{n} records disabled"));
                    changed.notify();
                }
                Err(failed) => error.set(Some(failed)),
            }
        });
    };
    let begin = move |act: Kind| {
        let chosen = ticked.with_untracked(|ticked| ticked.in_order(ids().into_iter()));
        if !chosen.is_empty() {
            error.set(None);
            stage.set(Stage::Confirm(act, chosen));
        }
    };
    let unshare = move |chosen: Vec<SecretId>| {
        session.act(pending, access_to(chosen.clone()), move |result| match result {
            Ok(access) => stage.set(Stage::Unshare(chosen, Arc::new(access))),
            Err(failed) => {
                stage.set(Stage::Look);
                error.set(Some(failed));
            }
        });
    };
    let transfer = move |chosen: Vec<SecretId>| {
        let work = async move {
            let agreed = session.proven(|| restored(id)).await?;
            if agreed.account != id {
                return Err(AppError::Sealed);
            }
            // What was given to them is theirs to give away once it is taken over. Where something else cannot be, that does not matter.
            let failed = take_over_for(session, &agreed).await.err();
            let keys = keys_to_transfer(chosen.clone(), Some(id)).await.map_err(|error| match (error, failed) {
                (AppError::Refused(_), Some(failed)) => failed,
                (error, _) => error,
            })?;
            Ok((Chosen::new(chosen, keys, None), agreed))
        };
        session.act(pending, work, move |result| match result {
            Ok((chosen, agreed)) => stage.set(Stage::Transfer(Arc::new(chosen), Arc::new(agreed))),
            Err(failed) => {
                stage.set(Stage::Look);
                error.set(Some(failed));
            }
        });
    };
    let done = Callback::new(move |done: Option<Done>| {
        stage.set(Stage::Look);
        if let Some((message, batch)) = done {
            toasts.done_with(message, Some(receipt_address(batch)));
            ticked.update(Selection::clear);
            changed.notify();
        }
    });
    let name_of = Callback::new(move |secret: SecretId| {
        owned.with_value(|rows| rows.iter().find(|row| row.id == secret).map(|row| row.fields.name.clone()))
    });
    let how = match agreement {
        Agreement::None => {
            t!("The owner can transfer them, or two administrators together. Ask a second one to agree.")
        }
        Agreement::Asked => t!("Waiting for another administrator to agree, under People."),
        Agreement::Agreed => t!("Two administrators agreed: you can transfer what you select."),
        Agreement::ByAnother => t!("Another administrator has asked to transfer them, under People."),
        Agreement::Never => t!("Nobody but the program that has the access key can share them further."),
    };
    view! {
        <section class="card" aria-labelledby="owned-title">
            <h2 id="owned-title">{n!(total, "Owns {n} API secret", "Owns {n} API secrets")}</h2>
            {waiting.map(|waiting| view! { <p>{t!("Waiting to be settled: {what}", what = text_of(&waiting))}</p> })}
            {(total > 0).then(|| view! {
                <div class="scroll">
                    <table class="plain" aria-label=t!("Owned API secrets")>
                        <thead>
                            <tr>
                                <th class="check" scope="col">
                                    <CheckAll label=t!("Select all") extent=Signal::derive(move || ticked.with(|ticked| ticked.extent(total))) toggle=toggle_all />
                                </th>
                                <th scope="col">{t!("Name")}</th><th scope="col">{t!("URL")}</th><th scope="col">{t!("Shared")}</th><th scope="col">{t!("Enabled")}</th>
                            </tr>
                        </thead>
                        <tbody>{owned.with_value(|rows| rows.iter().take(SHOWN).cloned().map(line).collect_view())}</tbody>
                    </table>
                </div>
                {more_text(total)}
                {(!is_own).then(|| view! {
                    <p>{how}</p>
                    <FormError error />
                    <div class="dialog-buttons">
                        <p role="status">{move || n!(count(), "{n} record selected", "{n} records selected")}</p>
                        <button class="button" type="button" aria-disabled=move || (count() == 0).to_string() on:click=move |_| begin(Kind::Disable)>{t!("Disable")}</button>
                        <button class="button" type="button" aria-disabled=move || (count() == 0).to_string() on:click=move |_| begin(Kind::Unshare)>{t!("Unshare")}</button>
                        {match agreement {
                            Agreement::None => view! {
                                <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=ask>{t!("Ask to transfer")}</button>
                            }.into_any(),
                            Agreement::Agreed => view! {
                                <button class="button primary" type="button" aria-disabled=move || (count() == 0).to_string() on:click=move |_| begin(Kind::Transfer)>{t!("Transfer")}</button>
                            }.into_any(),
                            Agreement::Asked | Agreement::ByAnother | Agreement::Never => ().into_any(),
                        }}
                    </div>
                })}
            })}
        </section>
        {move || match stage.get() {
            Stage::Look => ().into_any(),
            Stage::Confirm(act, chosen) => {
                let question = act.question(chosen.len());
                let yes = move |_| match act {
                    Kind::Disable => disable(chosen.clone()),
                    Kind::Unshare => unshare(chosen.clone()),
                    _ => transfer(chosen.clone()),
                };
                view! {
                    <Dialog title=t!("Confirmation") on_cancel=Callback::new(move |()| stage.set(Stage::Look)) can_cancel=Signal::derive(move || !pending.get())>
                        <p>{question}</p>
                        <div class="dialog-buttons">
                            <button class="button" type="button" on:click=move |_| stage.set(Stage::Look)>{t!("No")}</button>
                            <button class="button primary" type="button" aria-disabled=move || pending.get().to_string()
                                on:click=yes>{t!("Yes")}</button>
                        </div>
                    </Dialog>
                }.into_any()
            }
            Stage::Unshare(ids, access) => view! {
                <LimitDialog kind=Kind::Unshare ids access name_of refused=Callback::new(move |()| changed.notify()) then=done />
            }.into_any(),
            Stage::Transfer(chosen, agreed) => view! {
                <TransferDialog chosen acting=Some(agreed) name_of refused=Callback::new(move |()| changed.notify()) then=done />
            }.into_any(),
        }}
    }
}

#[component]
fn Readable(readable: Vec<SecretRow>) -> impl IntoView {
    let total = readable.len();
    let line = |row: SecretRow| {
        let permission = if row.permission >= Some(Permission::Edit) { t!("Can edit") } else { t!("Can view") };
        view! { <tr><th scope="row">{row.fields.name}</th><td>{row.owner_name}</td><td>{permission}</td></tr> }
    };
    view! {
        <section class="card" aria-labelledby="readable-title">
            <h2 id="readable-title">{n!(total, "Has access to {n} API secret of others", "Has access to {n} API secrets of others")}</h2>
            {(total > 0).then(|| view! {
                <p class="hint">{t!("What they have read they may have kept: change these where they are used, if that matters.")}</p>
                <div class="scroll">
                    <table class="plain" aria-label=t!("API secrets of others")>
                        <thead><tr><th scope="col">{t!("Name")}</th><th scope="col">{t!("Owner")}</th><th scope="col">{t!("Permission")}</th></tr></thead>
                        <tbody>{readable.into_iter().take(SHOWN).map(line).collect_view()}</tbody>
                    </table>
                </div>
                {more_text(total)}
            })}
        </section>
    }
}

/// Says how many rows are not shown. Selecting all takes them too.
fn more_text(total: usize) -> Option<impl IntoView> {
    let more = total.saturating_sub(SHOWN);
    (more > 0).then(|| view! { <p class="hint">{t!("and {more} more", more = number(more))}</p> })
}
