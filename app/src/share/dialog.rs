use std::sync::Arc;

use leptos::prelude::*;
use vault::{Permission, RecipientId};
use wasm_bindgen::JsCast as _;

use super::api::{NewShare, keys_to_share, recipient_keys, share_secrets};
use super::preview::Preview;
use super::recipients::{Picked, Recipients};
use super::seal::seal;
use super::search::{SEARCH_ID, Search};
use crate::account::{Session, use_session};
use crate::batch::{Chosen, use_batch};
use crate::error::AppError;
use crate::secret::records;
use crate::trust::Trust;
use crate::ui::{Dialog, Icon};

/// Work longer than this shows its progress, in milliseconds.
const PATIENCE_MS: u32 = 500;

/// Picks people and groups with their permissions, and shares.
#[component]
pub(crate) fn ShareDialog(chosen: Arc<Chosen>) -> impl IntoView {
    let (session, batch) = (use_session(), use_batch());
    let recipients = RwSignal::new(Recipients::default());
    let error = RwSignal::new(None::<AppError>);
    let (pending, slow, done) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(0_usize));
    let (count, ids) = (chosen.ids.len(), Arc::new(chosen.ids.clone()));
    let total = move || count + recipients.with(|recipients| recipients.iter().count());
    // A share that may or may not have arrived is sent again as it was: its id keeps it from being done twice.
    let sent = StoredValue::new(None::<(Recipients, NewShare)>);
    // While nobody knows whether it arrived, it is not changed either: whoever is taken out of the list might have access already.
    let unsettled = RwSignal::new(false);
    let share = move |_| {
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
        let chosen = Arc::clone(&chosen);
        let work = async move { share_with(session, &chosen, picked, sent, done).await };
        session.send(pending, work, move |result| {
            slow.set(false);
            match result {
                Ok(()) => batch.finish("Shared. Now users can use this shared item".into()),
                Err(failed) => batch.fail(failed, error),
            }
            unsettled.try_set(sent.try_with_value(Option::is_some).unwrap_or_default());
        });
        leptos::task::spawn_local(async move {
            gloo_timers::future::TimeoutFuture::new(PATIENCE_MS).await;
            slow.try_set(pending.try_get_untracked().unwrap_or_default());
        });
    };
    let cancel = move || batch.leave(unsettled.get_untracked());
    let name_of = move |id: RecipientId| recipients.with_untracked(|recipients| recipients.name_of(id));
    view! {
        <Dialog title="Share" on_cancel=Callback::new(move |()| cancel())
            can_cancel=Signal::derive(move || !pending.get())>
            <p class="hint">{format!("{} selected", records(count))}</p>
            // What is on its way does not change any more.
            <div class="picking" inert=move || pending.get() || unsettled.get()>
                <Search recipients error />
                <PickedList recipients />
            </div>
            <Preview ids recipients />
            {move || error.get().map(|error| view! {
                <div role="alert" class="dialog-error">
                    {match error {
                        AppError::Refused(problems) => view! {
                            <p>"Nothing was shared:"</p>
                            {batch.problems(&problems, name_of)}
                        }.into_any(),
                        AppError::Invalid { reason, .. } => view! { <p>{reason}</p> }.into_any(),
                        other => view! { <p>{other.to_string()}</p> }.into_any(),
                    }}
                    {unsettled.get().then(|| view! {
                        <p>"It may have been shared already. Share again to make sure: it is done once."</p>
                    })}
                </div>
            })}
            {move || slow.get().then(|| view! {
                <label class="progress">
                    <span>"Sealing in your browser"</span>
                    <progress max=move || total().to_string() value=move || done.get().to_string()></progress>
                </label>
            })}
            <div class="dialog-buttons">
                <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| if !pending.get_untracked() { cancel() }>"Cancel"</button>
                <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=share>"Share"</button>
            </div>
        </Dialog>
    }
}

/// Seals and sends. Keys that were replaced since the person said Yes, by settling or because somebody left a group, are asked for once more.
async fn share_with(
    session: Session,
    chosen: &Chosen,
    picked: Recipients,
    sent: StoredValue<Option<(Recipients, NewShare)>>,
    done: RwSignal<usize>,
) -> Result<(), AppError> {
    let result = send(session, chosen, picked.clone(), sent, done).await;
    if !result.as_ref().is_err_and(AppError::is_outdated) {
        return result;
    }
    let fresh = Chosen { ids: chosen.ids.clone(), keys: keys_to_share(chosen.ids.clone()).await? };
    send(session, &fresh, picked, sent, done).await
}

/// Seals and sends, or sends again what was already sealed for the same recipients.
async fn send(
    session: Session,
    chosen: &Chosen,
    picked: Recipients,
    sent: StoredValue<Option<(Recipients, NewShare)>>,
    done: RwSignal<usize>,
) -> Result<(), AppError> {
    let again = sent.with_value(|sent| sent.as_ref().filter(|(to, _)| *to == picked).map(|(_, share)| share.clone()));
    let share = if let Some(share) = again {
        share
    } else {
        let keys = session.keys()?;
        let grants = picked.grants();
        let found = recipient_keys(grants.iter().map(|(recipient, _)| *recipient).collect()).await?;
        let mut trust = Trust::load(session).await?;
        let recipient_keys = trust.picked_keys(&found, |id| picked.find(id))?;
        trust.remember(session).await;
        let report = move |count| {
            done.try_set(count);
        };
        seal(&keys, &chosen.ids, &chosen.keys, grants, &recipient_keys, report).await?
    };
    let result = share_secrets(share.clone()).await;
    // Only where nobody knows what became of it is it kept.
    sent.try_update_value(|sent| *sent = result.as_ref().is_err_and(AppError::leaves_open).then_some((picked, share)));
    result.map(|_| ())
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
                <span class="picked-name">{name.clone()} <span class="hint">{recipient.kind.label()}</span></span>
                <select aria-label=format!("Permission for {name}") on:change=set>
                    <option value="view" selected=permission == Permission::View>"Can view"</option>
                    <option value="edit" selected=permission == Permission::Edit>"Can edit"</option>
                </select>
                <button class="button icon-only" type="button" aria-label=format!("Remove {name}") title="Remove"
                    on:click=move |_| remove(id)>
                    {Icon::Trash.view()}
                </button>
            </li>
        }
    };
    view! {
        <ul class="picked-list" aria-label="Selected users and groups">
            <For each=picked key=|picked| picked.recipient.id let(picked)>{line(picked)}</For>
        </ul>
    }
}
