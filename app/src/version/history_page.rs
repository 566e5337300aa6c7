use leptos::prelude::*;
use leptos_router::components::A;
use vault::{SecretId, SecretValue};

use super::api::{SecretVersion, list_versions, open_version};
use crate::account::{Session, use_session};
use crate::error::AppError;
use crate::language::t;
use crate::pages::use_id;
use crate::secret::api::{NewValue, SecretChange, SecretRow, change_secret, get_secret};
use crate::secret::{opening, use_secret_list};
use crate::ui::{Dialog, FormError, local_time, skeleton, use_toasts};

/// What the page shows: the secret, and the values that it had.
type History = (SecretRow, Vec<SecretVersion>);

/// The client secrets and notes that a secret had, to look at and to take back.
#[component]
pub fn HistoryPage() -> impl IntoView {
    let (id, session) = (use_id("secrets"), use_session());
    let again = Trigger::new();
    let history = session.load(move || {
        again.track();
        let id = id.get();
        async move {
            let id: SecretId = id.and_then(|id| id.parse().ok()).ok_or(AppError::NotFound)?;
            let row = get_secret(id).await?;
            Ok::<History, AppError>((row, list_versions(id).await?))
        }
    });
    let back = move || format!("/secrets/{}", id.get().unwrap_or_default());
    view! {
        <div class="page">
            <p class="back"><A href=back>{t!("API secret details")}</A></p>
            <h1>{t!("History")}</h1>
            {skeleton(history)}
            {move || history.get().map(|history| match history {
                Ok(history) => view! { <Versions history again /> }.into_any(),
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
            })}
        </div>
    }
}

#[component]
fn Versions(history: History, again: Trigger) -> impl IntoView {
    let (row, versions) = history;
    let (id, name, may_restore) = (row.id, row.fields.name.clone(), row.may_edit() && row.may_open());
    // The one that is asked about.
    let restoring = RwSignal::new(None::<(u64, String)>);
    let present = versions.first().map(|version| version.revision);
    let line = move |version: SecretVersion| {
        let SecretVersion { revision, at, by } = version;
        let (at, is_present) = (local_time(Some(at)), present == Some(revision));
        let when = at.clone();
        view! {
            <tr>
                <th scope="row">{at.clone()} <span class="hint">{t!(" by {name}", name = by)}</span></th>
                <td><Value id revision is_present when=at /></td>
                <td>
                    {if is_present {
                        t!("Present").into_any()
                    } else if may_restore {
                        let label = t!("Restore the one of {when}", when);
                        view! {
                            <button class="button" type="button" aria-label=label on:click=move |_| restoring.set(Some((revision, when.clone())))>{t!("Restore")}</button>
                        }
                        .into_any()
                    } else {
                        ().into_any()
                    }}
                </td>
            </tr>
        }
    };
    view! {
        <div class="card">
            <h2>{name}</h2>
            <p class="hint">{t!("The client secrets and notes that it had, up to a hundred. They are sealed like the present one; whoever may edit it can open them.")}</p>
            <div class="scroll">
                <table class="plain" aria-label=t!("History")>
                    <thead>
                        <tr><th scope="col">{t!("Saved")}</th><th scope="col">{t!("Client secret and notes")}</th><th scope="col">{t!("Action")}</th></tr>
                    </thead>
                    <tbody>{versions.into_iter().map(line).collect_view()}</tbody>
                </table>
            </div>
            {move || restoring.get().map(|(revision, when)| view! {
                <RestoreDialog id revision when again cancel=Callback::new(move |()| restoring.set(None)) />
            })}
        </div>
    }
}

/// One value: closed until asked for, and gone from the page when closed again.
#[component]
fn Value(id: SecretId, revision: u64, is_present: bool, when: String) -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let (shown, pending) = (RwSignal::new(None::<SecretValue>), RwSignal::new(false));
    let is_shown = move || shown.with(Option::is_some);
    let toggle = move |_| {
        if shown.with_untracked(Option::is_some) {
            shown.set(None);
            return;
        }
        session.act(pending, value_of(session, id, revision, is_present), move |value| match value {
            Ok(value) => shown.set(Some(value)),
            Err(error) => toasts.failed(error.to_string()),
        });
    };
    let text = move |read: fn(&SecretValue) -> &String| {
        shown.with(|value| value.as_ref().map(|value| read(value).clone()).filter(|text| !text.is_empty()))
    };
    view! {
        <button class="button" type="button" aria-expanded=move || is_shown().to_string() aria-disabled=move || pending.get().to_string()
            aria-label=move || if is_shown() { t!("Hide the one of {when}", when) } else { t!("Show the one of {when}", when) } on:click=toggle>
            {move || if is_shown() { t!("Hide") } else { t!("Show") }}
        </button>
        {move || is_shown().then(|| view! { <p><code class="secret">{text(|value| &value.client_secret)}</code></p> })}
        {move || text(|value| &value.notes).map(|notes| view! { <p class="notes">{notes}</p> })}
    }
}

/// Opens one of the values.
async fn value_of(session: Session, id: SecretId, revision: u64, is_present: bool) -> Result<SecretValue, AppError> {
    if is_present {
        return Ok(opening::open(session, id).await?.value);
    }
    opening::anew(async || {
        let sealed = session.proven(|| open_version(id, revision)).await?;
        let (key, _) = opening::open_key(session, id, &sealed.opening).await?;
        let key = key.open_earlier(id, sealed.key_epoch, &sealed.earlier_keys)?;
        Ok(key.open_value(id, revision, &sealed.value)?)
    })
    .await
}

/// Asks whether to take an earlier value back, and does it: as a new one, so that the present one stays in the history.
#[component]
fn RestoreDialog(id: SecretId, revision: u64, when: String, again: Trigger, cancel: Callback<()>) -> impl IntoView {
    let (session, toasts, list) = (use_session(), use_toasts(), use_secret_list());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let question = t!("Are you sure you want to restore the client secret and notes of {when}?", when);
    let restore = move |_| {
        error.set(None);
        let work = async move {
            let value = value_of(session, id, revision, false).await?;
            // What else somebody has changed meanwhile stays.
            let (row, open) = opening::with_row(session, id).await?;
            let next = open.revision + 1;
            let sealed = open.key.seal_value(id, next, &value)?;
            let rotates = value.client_secret != open.value.client_secret;
            let value = Some(NewValue { sealed, rotates, restores: Some(revision) });
            change_secret(SecretChange { id, fields: row.fields, revision: next, value }).await
        };
        session.act(pending, work, move |result| match result {
            Ok(()) => {
                toasts.done(t!("Restored. The one before it stays in the history"));
                list.refresh();
                cancel.run(());
                again.notify();
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <Dialog title=t!("Confirmation") on_cancel=cancel can_cancel=Signal::derive(move || !pending.get())>
            <p>{question}</p>
            <p class="hint">{t!("The present ones stay in the history. Everyone with access has the restored ones at once.")}</p>
            <FormError error />
            <div class="dialog-buttons">
                <button class="button" type="button" aria-disabled=move || pending.get().to_string()
                    on:click=move |_| if !pending.get_untracked() { cancel.run(()) }>{t!("No")}</button>
                <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=restore>{t!("Yes")}</button>
            </div>
        </Dialog>
    }
}
