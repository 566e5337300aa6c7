use std::sync::Arc;

use leptos::prelude::*;
use vault::{Permission, RecipientId};

use super::api::transfer_secrets;
use crate::account::{Session, use_session};
use crate::batch::{Chosen, use_batch};
use crate::error::AppError;
use crate::secret::{records, use_secret_list};
use crate::share::api::{NewShare, Recipient, RecipientKind, recipient_keys};
use crate::share::{Recipients, Search, seal};
use crate::trust;
use crate::ui::Dialog;

/// Picks the new owner, and gives them the secrets.
#[component]
pub(crate) fn TransferDialog(chosen: Arc<Chosen>) -> impl IntoView {
    let (session, batch, list) = (use_session(), use_batch(), use_secret_list());
    let picked = RwSignal::new(Recipients::default());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let count = chosen.ids.len();
    // A transfer that may or may not have arrived is sent again as it was: its id keeps it from being done twice.
    let sent = StoredValue::new(None::<NewShare>);
    let unsettled = RwSignal::new(false);
    let to = Memo::new(move |_| picked.with(|picked| picked.iter().last().map(|picked| picked.recipient.clone())));
    // There is one new owner: whoever is picked takes the place of the one before.
    Effect::new(move || {
        if picked.with(|picked| picked.iter().count() > 1) {
            picked.update(Recipients::keep_last);
        }
    });
    let transfer = move |_| {
        if pending.get_untracked() {
            return;
        }
        let Some(to) = to.get_untracked() else {
            error.set(Some(AppError::invalid("New owner", "Pick the person who gets them.")));
            return;
        };
        error.set(None);
        let (chosen, name) = (Arc::clone(&chosen), to.name.clone());
        session.send(pending, async move { transfer_to(session, &chosen, to, sent).await }, move |result| {
            match result {
                Ok(()) => batch.finish(format!("{} transferred to {name}", records(count))),
                Err(failed) => batch.fail(failed, error),
            }
            unsettled.try_set(sent.try_with_value(Option::is_some).unwrap_or_default());
        });
    };
    let cancel = move || {
        if unsettled.get_untracked() {
            list.reload();
        }
        batch.cancel();
    };
    let name_of = move |id: RecipientId| picked.with_untracked(|picked| picked.name_of(id));
    view! {
        <Dialog title="Transfer" on_cancel=Callback::new(move |()| cancel()) can_cancel=Signal::derive(move || !pending.get())>
            <p class="hint">{format!("{} selected", records(count))}</p>
            <p>"The new owner can do everything with them. Everyone they are shared with keeps access. You lose yours, unless you are in a group that has it."</p>
            <div class="picking" inert=move || pending.get() || unsettled.get()>
                <Search recipients=picked error label="New owner" matched_by="By name, username or email." accepts=is_person />
                <p role="status" class="picked-name">
                    {move || to.get().map(|to| view! { <strong>{to.name}</strong> " " <span class="hint">{to.detail}</span> })}
                </p>
            </div>
            {move || error.get().map(|error| view! {
                <div role="alert" class="dialog-error">
                    {match error {
                        AppError::Refused(problems) => view! {
                            <p>"Nothing was transferred:"</p>
                            {batch.problems(&problems, name_of)}
                        }.into_any(),
                        AppError::Invalid { reason, .. } => view! { <p>{reason}</p> }.into_any(),
                        other => view! { <p>{other.to_string()}</p> }.into_any(),
                    }}
                    {unsettled.get().then(|| view! {
                        <p>"It may have been done already. Transfer again to make sure: it is done once."</p>
                    })}
                </div>
            })}
            <div class="dialog-buttons">
                <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| if !pending.get_untracked() { cancel() }>"Cancel"</button>
                <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=transfer>"Transfer"</button>
            </div>
        </Dialog>
    }
}

fn is_person(recipient: &Recipient) -> bool {
    recipient.kind == RecipientKind::Person
}

/// Seals and sends, or sends again what was already sealed.
async fn transfer_to(
    session: Session,
    chosen: &Chosen,
    to: Recipient,
    sent: StoredValue<Option<NewShare>>,
) -> Result<(), AppError> {
    let transfer = if let Some(sealed) = sent.get_value() {
        sealed
    } else {
        let found = recipient_keys(vec![to.id]).await?;
        let checked = trust::check(session, &found, |id| (id == to.id).then(|| to.signed_name.clone())).await?;
        checked.remember().await;
        let grants = vec![(to.id, Permission::Own)];
        seal(&*session.keys()?, &chosen.ids, &chosen.keys, grants, &checked.keys, |_| {}).await?
    };
    let result = transfer_secrets(transfer.clone()).await;
    // Only where nobody knows what became of it is it kept.
    sent.try_set_value(result.as_ref().is_err_and(AppError::leaves_open).then_some(transfer));
    result
}
