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
use crate::pages::use_id;
use crate::share::api::{RecipientAccess, secret_access};
use crate::ui::{Dialog, FormError, Icon, copy_text, day_start, local_day, local_time, use_toasts};

/// What the page shows: the secret and who has access to it.
type Details = (SecretRow, Vec<RecipientAccess>);

/// The details of one secret, in two tabs.
#[component]
pub fn DetailsPage() -> impl IntoView {
    let (id, session, list) = (use_id("secrets"), use_session(), use_secret_list());
    let details = session.load(move || load(id.get()));
    // It is new no more.
    Effect::new(move || {
        if details.with(|details| matches!(details, Some(Ok((row, _))) if row.is_new)) {
            list.reload();
        }
    });
    view! {
        <div class="page">
            <p class="back"><A href="/secrets">"API secrets"</A></p>
            <h1>"API secret details"</h1>
            {move || details.get().map(|details| match details {
                Ok(details) => view! { <Tabs details /> }.into_any(),
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
            })}
        </div>
    }
}

async fn load(id: Option<String>) -> Result<Details, AppError> {
    let id: SecretId = id.and_then(|id| id.parse().ok()).ok_or(AppError::NotFound)?;
    let row = api::get_secret(id).await?;
    let access = secret_access(id).await?;
    Ok((row, access))
}

#[component]
fn Tabs(details: Details) -> impl IntoView {
    const NAMES: [(&str, &str); 3] = [("general", "General"), ("sharing", "Sharing"), ("log", "Access log")];
    let (row, access) = details;
    let (id, shared) = (row.id, row.clone());
    // The log is its owner's.
    let names = if row.permission.is_none() { &NAMES[..] } else { &NAMES[..2] };
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
                {*name}
            </button>
        }
    });
    view! {
        <div class="tabs" role="tablist" aria-label="Parts of the details" on:keydown=key>{tabs.collect_view()}</div>
        <div role="tabpanel" id="panel-general" aria-labelledby="tab-general" hidden=move || open.get() != 0><General row /></div>
        <div role="tabpanel" id="panel-sharing" aria-labelledby="tab-sharing" hidden=move || open.get() != 1><Sharing row=shared access /></div>
        {(count > 2).then(|| view! {
            <div role="tabpanel" id="panel-log" aria-labelledby="tab-log" hidden=move || open.get() != 2>
                // Loaded when somebody wants to see it.
                {move || (open.get() == 2).then(|| view! { <Log id /> })}
            </div>
        })}
    }
}

#[component]
fn General(row: SecretRow) -> impl IntoView {
    let toasts = use_toasts();
    let (id, may_edit, may_open, may_see_history) = (row.id, row.may_edit(), row.may_open(), row.may_enable());
    let fields = row.fields;
    let client_id = StoredValue::new(fields.client_id.clone());
    let copy = move |_| {
        leptos::task::spawn_local(async move {
            match copy_text(&client_id.get_value()).await {
                Ok(()) => toasts.done("Client ID copied."),
                Err(()) => toasts.failed("The browser did not allow to copy."),
            }
        });
    };
    let said = |text: String| if text.is_empty() { "–".to_owned() } else { text };
    let by = |time, who: String| format!("{} by {who}", local_time(Some(time)));
    view! {
        <div class="card">
            <div class="card-head">
                <h2>{fields.name}</h2>
                <div class="page-actions">
                    {may_see_history.then(|| view! { <A href=format!("/secrets/{id}/history") attr:class="button">"History"</A> })}
                    {may_edit.then(|| view! { <A href=format!("/secrets/{id}/edit") attr:class="button">{Icon::Edit.view()} "Edit"</A> })}
                </div>
            </div>
            <dl class="facts">
                <dt>"Owner"</dt><dd>{row.owner_name}</dd>
                <dt>"URL"</dt><dd>{fields.url}</dd>
                <dt>"Client ID"</dt>
                <dd class="value">
                    <code>{fields.client_id}</code>
                    <button class="button" type="button" on:click=copy>{Icon::Copy.view()} "Copy client ID"</button>
                </dd>
                <ValueView id may_open />
                <dt>"Identifier"</dt><dd>{said(fields.identifier)}</dd>
                <dt>"Method"</dt><dd>{said(fields.method)}</dd>
                <dt>"Tags"</dt><dd>{said(fields.tags.join(", "))}</dd>
                <dt>"Rotation date"</dt><dd>{said(day_start(&fields.rotate_on, false).map(local_day).unwrap_or_default())}</dd>
                <dt>"Client secret since"</dt><dd>{local_time(Some(row.rotated_at))}</dd>
                <dt>"Enabled"</dt><dd>{yes_no(row.enabled)}</dd>
                <dt>"Shared"</dt><dd>{yes_no(row.shared)}</dd>
                <dt>"Last use"</dt><dd>{local_time(row.last_used_at)}</dd>
                <dt>"Added"</dt><dd>{by(row.created_at, row.created_by)}</dd>
                <dt>"Changed"</dt><dd>{by(row.changed_at, row.changed_by)}</dd>
            </dl>
        </div>
    }
}

/// Who did what with the secret.
#[component]
fn Log(id: SecretId) -> impl IntoView {
    let session = use_session();
    // The last entries of the pages before this one: the way back.
    let before = RwSignal::new(Vec::<u128>::new());
    let page = session.load(move || secret_log(id, before.with(|before| before.last().copied())));
    move || {
        page.get().map(|page| match page {
            Ok(page) => view! { <LogTable label="Access log" entries=page.entries next=page.next before /> }.into_any(),
            Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
        })
    }
}

#[component]
fn Sharing(row: SecretRow, access: Vec<RecipientAccess>) -> impl IntoView {
    if access.is_empty() {
        return view! { <p class="card empty">"Not shared with anyone."</p> }.into_any();
    }
    let (id, leaving) = (row.id, RwSignal::new(false));
    let asked = RwSignal::new(None::<(AccountId, String)>);
    let why = Callback::new(move |whom| asked.set(Some(whom)));
    let row = StoredValue::new(row);
    let rows = access.into_iter().map(|access| view! { <Recipient id access why /> });
    view! {
        <div class="card">
            <table class="plain" aria-label="Users with access">
                <thead><tr><th scope="col">"Member"</th><th scope="col">"Can view"</th><th scope="col">"Can edit"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
            {row.with_value(|row| row.permission.is_some()).then(|| view! {
                <div class="form-buttons">
                    <button class="button" type="button" on:click=move |_| leaving.set(true)>"Leave"</button>
                </div>
            })}
            {move || leaving.get().then(|| view! {
                <LeaveDialog row=row.get_value() cancel=Callback::new(move |()| leaving.set(false)) />
            })}
            {move || asked.get().map(|(account, name)| view! {
                <WhyDialog secret=id account name close=Callback::new(move |()| asked.set(None)) />
            })}
        </div>
    }
    .into_any()
}

/// A person or group with access: the person's ways to it, the people in the group.
#[component]
fn Recipient(id: SecretId, access: RecipientAccess, why: Callback<(AccountId, String)>) -> impl IntoView {
    let RecipientAccess { recipient, name, kind, permission, active } = access;
    let open = RwSignal::new(false);
    let called = name.clone();
    let more = match recipient {
        RecipientId::Account(account) => view! {
            <button class="link" type="button" aria-label=format!("Why can {name} see this?") on:click=move |_| why.run((account, called.clone()))>"Why?"</button>
        }
        .into_any(),
        RecipientId::Group(group) => view! {
            <button class="link" type="button" aria-label=format!("People in {name}") aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)>"People"</button>
            {move || open.get().then(|| view! { <People secret=id group why /> })}
        }
        .into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                {name} " " <span class="hint">{kind.label()}</span>
                {(!active).then_some(" (not in force: disabled)")} " " {more}
            </th>
            <td>"Yes"</td>
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
    let question = format!("Are you sure you want to leave {name}?");
    let leave = move |_| {
        error.set(None);
        let (name, navigate) = (name.clone(), navigate.clone());
        session.act(pending, api::leave_secrets(vec![row.id]), move |result| match result {
            Ok(()) => {
                toasts.done(format!("You have left {name}"));
                list.reload();
                navigate("/secrets", NavigateOptions::default());
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <Dialog title="Confirmation" on_cancel=cancel can_cancel=Signal::derive(move || !pending.get())>
            <p>{question}</p>
            <p class="hint">"You have no access to it any more then, also where it came to you by a group. Its owner can share it with you anew."</p>
            <FormError error />
            <div class="dialog-buttons">
                <button class="button" type="button" aria-disabled=move || pending.get().to_string()
                    on:click=move |_| if !pending.get_untracked() { cancel.run(()) }>"No"</button>
                <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=leave>"Yes"</button>
            </div>
        </Dialog>
    }
}
