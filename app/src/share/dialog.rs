use std::collections::HashSet;
use std::sync::Arc;

use leptos::prelude::*;
use vault::{BatchId, Permission, RecipientId, SecretId};
use wasm_bindgen::JsCast as _;

use super::api::{NewShare, keys_to_share, recipient_keys, share_secrets};
use super::preview::Preview;
use super::recipients::{Picked, Recipients};
use super::seal::{new_share, seal};
use super::search::{SEARCH_ID, Search};
use crate::account::{Session, use_session};
use crate::batch::{Chosen, Failure, Rest, Sending, use_batch};
use crate::error::AppError;
use crate::language::{n, t};
use crate::trust::Trust;
use crate::ui::{Dialog, Icon, local_time};

/// Work longer than this shows its progress, in milliseconds.
const PATIENCE_MS: u32 = 500;

/// Picks people and groups with their permissions, and shares.
#[component]
pub(crate) fn ShareDialog(chosen: Arc<Chosen>) -> impl IntoView {
    let (session, batch) = (use_session(), use_batch());
    let recipients = RwSignal::new(Recipients::default());
    let sending = Sending::<NewShare>::new();
    let Sending { pending, error, .. } = sending;
    let (slow, done) = (RwSignal::new(false), RwSignal::new(0_usize));
    let ends_at = chosen.extends.and_then(|(_, ends_at)| ends_at);
    let chosen = RwSignal::new(chosen);
    let count = Signal::derive(move || chosen.with(|chosen| chosen.ids.len()));
    let total = move || count.get() + recipients.with(|recipients| recipients.iter().count());
    let share = move || {
        if pending.get_untracked() {
            return;
        }
        let picked = recipients.get_untracked();
        if picked.is_empty() {
            error.set(Some(AppError::invalid("Search users or groups", "Pick at least one person or group.")));
            return;
        }
        error.set(None);
        done.set(0);
        let chosen = chosen.get_untracked();
        let work = async move { share_with(session, &chosen, &picked, sending, done).await };
        session.send(pending, work, move |result| {
            slow.set(false);
            match result {
                Ok(id) => batch.finish(t!("Shared. Now users can use this shared item").into(), Some(id)),
                Err(failed) => batch.fail(failed, error),
            }
        });
        leptos::task::spawn_local(async move {
            gloo_timers::future::TimeoutFuture::new(PATIENCE_MS).await;
            slow.try_set(pending.try_get_untracked().unwrap_or_default());
        });
    };
    let go_on = Callback::new(move |refused: HashSet<SecretId>| {
        chosen.update(|chosen| *chosen = Arc::new(chosen.without(&refused)));
        batch.narrow(chosen.with_untracked(|chosen| chosen.ids.clone()));
        share();
    });
    let cancel = move || batch.leave(untrack(|| sending.is_unsettled()));
    let name_of = move |id: RecipientId| recipients.with_untracked(|recipients| recipients.name_of(id));
    view! {
        <Dialog title=t!("Share") on_cancel=Callback::new(move |()| cancel())
            can_cancel=Signal::derive(move || !pending.get())>
            <p class="hint">{move || n!(count.get(), "{n} record selected", "{n} records selected")}</p>
            // What is on its way does not change any more.
            <div class="picking" inert=move || sending.is_fixed()>
                <Search recipients error />
                <PickedList recipients />
                {ends_at.map(|at| view! { <p class="hint">{t!("Access ends {when}, as for the others.", when = local_time(Some(at)))}</p> })}
            </div>
            <Preview chosen recipients />
            <Failure sending nothing=t!("Nothing was shared:") again=t!("It may have been shared already. Share again to make sure: it is done once.")
                secret=Callback::new(move |id| batch.name_of(id)) recipient=Callback::new(name_of) rest=Some(Rest { count, go_on }) />
            {move || slow.get().then(|| view! {
                <label class="progress">
                    <span>{t!("Sealing in your browser")}</span>
                    <progress max=move || total().to_string() value=move || done.get().to_string()></progress>
                </label>
            })}
            <div class="dialog-buttons">
                <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| if !pending.get_untracked() { cancel() }>{t!("Cancel")}</button>
                <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| share()>{t!("Share")}</button>
            </div>
        </Dialog>
    }
}

/// Seals and sends. Keys that were replaced since the person said Yes, by settling or because somebody left a group, are asked for once more.
async fn share_with(
    session: Session,
    chosen: &Chosen,
    picked: &Recipients,
    sending: Sending<NewShare>,
    done: RwSignal<usize>,
) -> Result<BatchId, AppError> {
    let batch = chosen.extends.map(|(batch, _)| batch);
    let post = |new| share_secrets(new, batch);
    let mut result = sending.send(|| make(session, chosen, picked, done), post).await;
    if result.as_ref().is_err_and(AppError::is_outdated) {
        let keys = keys_to_share(chosen.ids.clone()).await?;
        let fresh = Chosen::new(chosen.ids.clone(), keys, chosen.extends);
        result = sending.send(|| make(session, &fresh, picked, done), post).await;
    }
    result.map(|new| batch.unwrap_or(new.batch()))
}

async fn make(
    session: Session,
    chosen: &Chosen,
    picked: &Recipients,
    done: RwSignal<usize>,
) -> Result<NewShare, AppError> {
    let keys = session.keys()?;
    let grants = picked.grants();
    let found = recipient_keys(grants.iter().map(|(recipient, _)| *recipient).collect()).await?;
    let mut trust = Trust::load(session).await?;
    let recipient_keys = trust.picked_keys(&found, |id| picked.find(id))?;
    trust.remember(session).await;
    let report = move |count| {
        done.try_set(count);
    };
    let share = seal(new_share(), &keys, &chosen.ids, &chosen.keys, grants, &recipient_keys, report).await?;
    // What is added to a batch ends with it.
    let ends_at = chosen.extends.and_then(|(_, ends_at)| ends_at);
    Ok(NewShare { ends_at, ..share })
}

/// The people and groups that were picked, each with a permission and a way out.
#[component]
pub(crate) fn PickedList(recipients: RwSignal<Recipients>) -> impl IntoView {
    let picked = move || recipients.with(|recipients| recipients.iter().cloned().collect::<Vec<_>>());
    let remove = move |id: RecipientId| {
        recipients.update(|recipients| recipients.remove(id));
        // The button goes with its row: the keyboard goes on at the search.
        let search =
            document().get_element_by_id(SEARCH_ID).and_then(|input| input.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(search) = search {
            let _ = search.focus();
        }
    };
    let line = move |Picked { recipient, permission }: Picked| {
        let (id, name) = (recipient.id, recipient.name);
        let set = move |event| {
            let permission = if event_target_value(&event) == "edit" { Permission::Edit } else { Permission::View };
            recipients.update(|recipients| recipients.set_permission(id, permission));
        };
        view! {
            <li class="picked">
                <span class="picked-name">{name.clone()} " " <span class="hint">{recipient.kind.label()}</span></span>
                <select aria-label=t!("Permission for {name}", name) on:change=set>
                    <option value="view" selected=permission == Permission::View>{t!("Can view")}</option>
                    <option value="edit" selected=permission == Permission::Edit>{t!("Can edit")}</option>
                </select>
                <button class="button icon-only" type="button" aria-label=t!("Remove {name}", name) title=t!("Remove")
                    on:click=move |_| remove(id)>
                    {Icon::Trash.view()}
                </button>
            </li>
        }
    };
    view! {
        <ul class="picked-list" aria-label=t!("Selected users and groups")>
            <For each=picked key=|picked| picked.recipient.id let(picked)>{line(picked)}</For>
        </ul>
    }
}
