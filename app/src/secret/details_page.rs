use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;
use vault::{AccountId, Permission, RecipientId, SecretId};

use super::api::{self, SecretRow};
use super::list::use_secret_list;
use super::row::yes_no;
use super::value_view::ValueView;
use crate::access::{People, WhyDialog};
use crate::account::use_session;
use crate::audit::LogTable;
use crate::audit::api::secret_log;
use crate::error::AppError;
use crate::language::{t, text, translate};
use crate::pages::use_id;
use crate::share::api::{RecipientAccess, secret_access};
use crate::ui::{Dialog, FormError, Icon, copy_text, day_start, local_day, local_time, skeleton, use_toasts};

/// What the page shows: the secret and who has access to it.
type Details = (SecretRow, Vec<RecipientAccess>);

/// The details of one secret, in two tabs.
#[component]
pub fn DetailsPage() -> impl IntoView {
    let (id, session, list) = (use_id("secrets"), use_session(), use_secret_list());
    let details = session.follow(list.heard, move || load(id.get()));
    // What others change meanwhile changes in its place: what is open stays open.
    let row = Memo::new(move |_| details.with(|details| found(details.as_ref()).map(|(row, _)| row.clone())));
    let access = Memo::new(move |_| details.with(|details| found(details.as_ref()).map(|(_, access)| access.clone())));
    let is_owner = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.permission.is_none())));
    let failure =
        Memo::new(move |_| details.with(|details| details.as_ref().and_then(|details| details.clone().err())));
    // It is new no more.
    Effect::new(move || {
        if let Some(id) = row.with(|row| row.as_ref().filter(|row| row.is_new).map(|row| row.id)) {
            list.patch(id, |row| row.is_new = false);
        }
    });
    let link = move |may: fn(&SecretRow) -> bool, page: &'static str, face: fn() -> AnyView| {
        let id = Memo::new(move |_| row.with(|row| row.as_ref().filter(|row| may(row)).map(|row| row.id)));
        move || id.get().map(|id| view! { <A href=format!("/secrets/{id}/{page}") attr:class="button">{face()}</A> })
    };
    view! {
        <div class="page">
            <p class="back"><A href="/secrets">{t!("API secrets")}</A></p>
            <div class="page-head">
                <div>
                    <h1>{t!("API secret details")}</h1>
                    {move || row.with(|row| row.as_ref().map(|row| view! { <h2 class="lead">{row.fields.name.clone()}</h2> }))}
                </div>
                <div class="page-actions">
                    {link(SecretRow::may_enable, "history", || t!("History").into_any())}
                    {link(SecretRow::may_edit, "edit", || view! { {Icon::Edit.view()} {t!("Edit")} }.into_any())}
                </div>
            </div>
            {skeleton(details)}
            {move || is_owner.get().map(|is_owner| view! { <Tabs is_owner row access=Signal::derive(move || access.get().unwrap_or_default()) /> })}
            {move || failure.get().map(|error| view! { <p class="banner failure" role="alert">{error.to_string()}</p> })}
        </div>
    }
}

fn found(details: Option<&Result<Details, AppError>>) -> Option<&Details> {
    details?.as_ref().ok()
}

async fn load(id: Option<String>) -> Result<Details, AppError> {
    let id: SecretId = id.and_then(|id| id.parse().ok()).ok_or(AppError::NotFound)?;
    let row = api::get_secret(id).await?;
    let access = secret_access(id).await?;
    Ok((row, access))
}

#[component]
fn Tabs(
    /// Whether the person owns it.
    is_owner: bool,
    /// The secret; `None` when it is none any more.
    row: Memo<Option<SecretRow>>,
    /// Who has access to it.
    access: Signal<Vec<RecipientAccess>>,
) -> impl IntoView {
    const NAMES: [(&str, &str); 3] =
        [("general", text!("General")), ("sharing", text!("Sharing")), ("log", text!("Access log"))];
    // The log is its owner's.
    let names = if is_owner { &NAMES[..] } else { &NAMES[..2] };
    let count = names.len();
    let open = RwSignal::new(0_usize);
    // Arrow keys move between the tabs, as the pattern for tabs has it.
    let key = move |event: leptos::ev::KeyboardEvent| {
        let next = match event.key().as_str() {
            "ArrowRight" => (open.get_untracked() + 1) % count,
            "ArrowLeft" => (open.get_untracked() + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        open.set(next);
        let tab = document().get_element_by_id(&format!("tab-{}", NAMES[next].0));
        if let Some(tab) = tab.and_then(|tab| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(tab).ok()) {
            let _ = tab.focus();
        }
    };
    let tabs = names.iter().enumerate().map(|(index, (id, name))| {
        view! {
            <button class="tab" type="button" role="tab" id=format!("tab-{id}") aria-controls=format!("panel-{id}")
                aria-selected=move || (open.get() == index).to_string()
                tabindex=move || if open.get() == index { "0" } else { "-1" }
                on:click=move |_| open.set(index)>
                {translate(name)}
            </button>
        }
    });
    view! {
        <div class="tabs" role="tablist" aria-label=t!("Parts of the details") on:keydown=key>{tabs.collect_view()}</div>
        <div role="tabpanel" id="panel-general" aria-labelledby="tab-general" hidden=move || open.get() != 0><General row /></div>
        <div role="tabpanel" id="panel-sharing" aria-labelledby="tab-sharing" hidden=move || open.get() != 1><Sharing row access /></div>
        {(count > 2).then(|| view! {
            <div role="tabpanel" id="panel-log" aria-labelledby="tab-log" hidden=move || open.get() != 2>
                // Loaded when somebody wants to see it.
                {move || (open.get() == 2).then(|| row.with_untracked(|row| row.as_ref().map(|row| view! { <Log id=row.id /> })))}
            </div>
        })}
    }
}

#[component]
fn General(row: Memo<Option<SecretRow>>) -> impl IntoView {
    let toasts = use_toasts();
    let copy = move |_| {
        let Some(client_id) = row.with_untracked(|row| row.as_ref().map(|row| row.fields.client_id.clone())) else {
            return;
        };
        leptos::task::spawn_local(async move {
            match copy_text(&client_id).await {
                Ok(()) => toasts.done(t!("Client ID copied.")),
                Err(()) => toasts.failed(t!("The browser did not allow to copy.")),
            }
        });
    };
    let fact = move |read: fn(&SecretRow) -> String| {
        move || {
            let text = row.with(|row| row.as_ref().map(read).unwrap_or_default());
            if text.is_empty() { "–".to_owned() } else { text }
        }
    };
    // A value that is shown is hidden when somebody changes the secret. New keys for it are no change, though they make a new revision.
    let value = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| (row.id, row.may_open(), row.changed_at))));
    view! {
        <div class="card">
            <dl class="facts">
                <dt>{t!("Name")}</dt><dd>{fact(|row| row.fields.name.clone())}</dd>
                <dt>{t!("Owner")}</dt><dd>{fact(|row| row.owner_name.clone())}</dd>
                <dt>{t!("URL")}</dt><dd>{fact(|row| row.fields.url.clone())}</dd>
                <dt>{t!("Client ID")}</dt>
                <dd class="value">
                    <code>{fact(|row| row.fields.client_id.clone())}</code>
                    <button class="button" type="button" on:click=copy>{Icon::Copy.view()} {t!("Copy client ID")}</button>
                </dd>
                {move || value.get().map(|(id, may_open, _)| view! { <ValueView id may_open /> })}
                <dt>{t!("Identifier")}</dt><dd>{fact(|row| row.fields.identifier.clone())}</dd>
                <dt>{t!("Method")}</dt><dd>{fact(|row| row.fields.method.clone())}</dd>
                <dt>{t!("Tags")}</dt><dd>{fact(|row| row.fields.tags.join(", "))}</dd>
                <dt>{t!("Rotation date")}</dt>
                <dd>{fact(|row| day_start(&row.fields.rotate_on, false).map(local_day).unwrap_or_default())}</dd>
                <dt>{t!("Client secret since")}</dt><dd>{fact(|row| local_time(Some(row.rotated_at)))}</dd>
                <dt>{t!("Enabled")}</dt><dd>{fact(|row| yes_no(row.enabled).into())}</dd>
                <dt>{t!("Shared")}</dt><dd>{fact(|row| yes_no(row.shared).into())}</dd>
                <dt>{t!("Last use")}</dt><dd>{fact(|row| local_time(row.last_used_at))}</dd>
                <dt>{t!("Added")}</dt><dd>{fact(|row| by(row.created_at, &row.created_by))}</dd>
                <dt>{t!("Changed")}</dt><dd>{fact(|row| by(row.changed_at, &row.changed_by))}</dd>
            </dl>
        </div>
    }
}

fn by(time: i64, who: &str) -> String {
    t!("{when} by {name}", when = local_time(Some(time)), name = who)
}

/// Who did what with the secret.
#[component]
fn Log(id: SecretId) -> impl IntoView {
    let session = use_session();
    // The last entries of the pages before this one: the way back.
    let before = RwSignal::new(Vec::<u128>::new());
    let page = session.load(move || secret_log(id, before.with(|before| before.last().copied())));
    view! {
        {skeleton(page)}
        {move || page.get().map(|page| match page {
            Ok(page) => view! { <LogTable label=t!("Access log") entries=page.entries next=page.next before /> }.into_any(),
            Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
        })}
    }
}

#[component]
fn Sharing(row: Memo<Option<SecretRow>>, access: Signal<Vec<RecipientAccess>>) -> impl IntoView {
    let leaving = RwSignal::new(false);
    let asked = RwSignal::new(None::<(AccountId, String)>);
    let why = Callback::new(move |whom| asked.set(Some(whom)));
    let id = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.id)));
    // By what can be seen of each: who is as before keeps what is open below.
    let rows = move || {
        id.get().map(|id| view! {
            <For each=move || access.get() key=|of| (of.recipient, of.permission, of.active, of.name.clone()) let(access)>
                <Recipient id access why />
            </For>
        })
    };
    let may_leave = Memo::new(move |_| row.with(|row| row.as_ref().is_some_and(|row| row.permission.is_some())));
    let is_shared = Memo::new(move |_| access.with(|access| !access.is_empty()));
    let table = move || {
        if !is_shared.get() {
            return view! { <p class="card empty">{t!("Not shared with anyone.")}</p> }.into_any();
        }
        view! {
            <div class="card">
                <table class="plain" aria-label=t!("Users with access")>
                    <thead><tr><th scope="col">{t!("Member")}</th><th scope="col">{t!("Can view")}</th><th scope="col">{t!("Can edit")}</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
                {move || may_leave.get().then(|| view! {
                    <div class="form-buttons">
                        <button class="button" type="button" on:click=move |_| leaving.set(true)>{t!("Leave")}</button>
                    </div>
                })}
            </div>
        }
        .into_any()
    };
    view! {
        {table}
        {move || leaving.get().then(|| row.get_untracked()).flatten().map(|row| view! {
            <LeaveDialog row cancel=Callback::new(move |()| leaving.set(false)) />
        })}
        {move || asked.get().zip(id.get_untracked()).map(|((account, name), id)| view! {
            <WhyDialog secret=id account name close=Callback::new(move |()| asked.set(None)) />
        })}
    }
}

/// A person or group with access: the person's ways to it, the people in the group.
#[component]
fn Recipient(id: SecretId, access: RecipientAccess, why: Callback<(AccountId, String)>) -> impl IntoView {
    let RecipientAccess { recipient, name, kind, permission, active } = access;
    let open = RwSignal::new(false);
    let called = name.clone();
    let more = match recipient {
        RecipientId::Account(account) => view! {
            <button class="link" type="button" aria-label=t!("Why can {name} see this?", name) on:click=move |_| why.run((account, called.clone()))>{t!("Why?")}</button>
        }
        .into_any(),
        RecipientId::Group(group) => view! {
            <button class="link" type="button" aria-label=t!("People in {name}", name) aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)>{t!("People")}</button>
            {move || open.get().then(|| view! { <People secret=id group why /> })}
        }
        .into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                {name} " " <span class="hint">{kind.label()}</span>
                {(!active).then_some(t!(" (not in force: disabled)"))} " " {more}
            </th>
            <td>{t!("Yes")}</td>
            <td>{yes_no(permission >= Permission::Edit)}</td>
        </tr>
    }
}

/// Asks whether to drop one's own access, and does it.
#[component]
fn LeaveDialog(row: SecretRow, cancel: Callback<()>) -> impl IntoView {
    let (session, toasts, list, navigate) = (use_session(), use_toasts(), use_secret_list(), use_navigate());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let name = row.fields.name.clone();
    let question = t!("Are you sure you want to leave {name}?", name);
    let leave = move |_| {
        error.set(None);
        let (name, navigate) = (name.clone(), navigate.clone());
        session.act(pending, api::leave_secrets(vec![row.id]), move |result| match result {
            Ok(()) => {
                toasts.done(t!("You have left {name}", name));
                list.refresh();
                navigate("/secrets", NavigateOptions::default());
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <Dialog title=t!("Confirmation") on_cancel=cancel can_cancel=Signal::derive(move || !pending.get())>
            <p>{question}</p>
            <p class="hint">{t!("You have no access to it any more then, also where it came to you by a group. Its owner can share it with you anew.")}</p>
            <FormError error />
            <div class="dialog-buttons">
                <button class="button" type="button" aria-disabled=move || pending.get().to_string()
                    on:click=move |_| if !pending.get_untracked() { cancel.run(()) }>{t!("No")}</button>
                <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=leave>{t!("Yes")}</button>
            </div>
        </Dialog>
    }
}
