use std::collections::HashSet;
use std::sync::Arc;

use leptos::prelude::*;
use vault::{BatchId, Permission, RecipientId, SecretId};

use super::api::{keys_to_transfer, transfer_secrets};
use crate::account::{Session, use_session};
use crate::batch::{Chosen, Done, Failure, Rest, Sending, use_batch};
use crate::error::AppError;
use crate::help::{self, HowThisWorks};
use crate::language::{n, t};
use crate::restoration::api::Agreed;
use crate::share::api::{NewShare, Recipient, Sought, recipient_keys};
use crate::share::{Recipients, Search, new_share, seal};
use crate::trust::Trust;
use crate::ui::Dialog;

/// The transfer of what is ticked in the list.
#[component]
pub(crate) fn BatchTransfer(chosen: Arc<Chosen>) -> impl IntoView {
    let batch = use_batch();
    let then = Callback::new(move |done| batch.end(done));
    let name_of = Callback::new(move |id| batch.name_of(id));
    view! { <TransferDialog chosen acting=None name_of refused=Callback::new(move |()| batch.refresh()) narrowed=Callback::new(move |ids| batch.narrow(ids)) then /> }
}

/// Picks the new owner, and gives them the secrets.
#[component]
pub(crate) fn TransferDialog(
    chosen: Arc<Chosen>,
    /// The owner's account that two administrators have opened; `None` where the owner does it themselves.
    acting: Option<Arc<Agreed>>,
    /// How a secret is called.
    name_of: Callback<SecretId, Option<String>>,
    /// What is shown of the secrets may not be true any more.
    refused: Callback<()>,
    /// The batch goes on with these alone.
    #[prop(optional)]
    narrowed: Option<Callback<Vec<SecretId>>>,
    /// What comes after; what to say where it was done.
    then: Callback<Option<Done>>,
) -> impl IntoView {
    let session = use_session();
    let picked = RwSignal::new(Recipients::default());
    let sending = Sending::<NewShare>::new();
    let Sending { pending, error, .. } = sending;
    let chosen = RwSignal::new(chosen);
    let count = Signal::derive(move || chosen.with(|chosen| chosen.ids.len()));
    let to = Memo::new(move |_| picked.with(|picked| picked.iter().last().map(|picked| picked.recipient.clone())));
    // There is one new owner: whoever is picked takes the place of the one before.
    Effect::new(move || {
        if picked.with(|picked| picked.iter().count() > 1) {
            picked.update(Recipients::keep_last);
        }
    });
    let acting = StoredValue::new(acting);
    let transfer = Callback::new(move |()| {
        if pending.get_untracked() {
            return;
        }
        let Some(to) = to.get_untracked() else {
            error.set(Some(AppError::invalid("New owner", "Pick the person who gets them.")));
            return;
        };
        error.set(None);
        let (chosen, acting, name) = (chosen.get_untracked(), acting.get_value(), to.name.clone());
        let work = async move { transfer_to(session, &chosen, acting.as_deref(), &to, sending).await };
        session.send(pending, work, move |result| match result {
            Ok(batch) => then.run(Some((
                n!(
                    count.get_untracked(),
                    "{n} record transferred to {name}",
                    "{n} records transferred to {name}",
                    name
                ),
                batch,
            ))),
            Err(failed) => {
                if matches!(failed, AppError::Refused(_)) {
                    refused.run(());
                }
                error.set(Some(failed));
            }
        });
    });
    let go_on = Callback::new(move |refused: HashSet<SecretId>| {
        chosen.update(|chosen| *chosen = Arc::new(chosen.without(&refused)));
        if let Some(narrowed) = narrowed {
            narrowed.run(chosen.with_untracked(|chosen| chosen.ids.clone()));
        }
        transfer.run(());
    });
    let cancel = move || {
        if untrack(|| sending.is_unsettled()) {
            refused.run(());
        }
        then.run(None);
    };
    let recipient = move |id: RecipientId| picked.with_untracked(|picked| picked.name_of(id));
    view! {
        <Dialog title=t!("Transfer") on_cancel=Callback::new(move |()| cancel()) can_cancel=Signal::derive(move || !pending.get())>
            <p class="hint">{move || n!(count.get(), "{n} record selected", "{n} records selected")}</p>
            <p>{t!("The new owner can do everything with them. Everyone they are shared with keeps access. You lose yours, unless you are in a group that has it.")}</p>
            <div class="picking" inert=move || sending.is_fixed()>
                <Search recipients=picked error label=t!("New owner") sought=Sought::People />
                <p role="status" class="picked-name">
                    {move || to.get().map(|to| view! { {t!("Goes to ")} <strong>{to.name}</strong> " " <span class="hint">{to.detail}</span> })}
                </p>
            </div>
            <Failure sending nothing=t!("Nothing was transferred:") again=t!("It may have been done already. Transfer again to make sure: it is done once.")
                secret=name_of recipient=Callback::new(recipient) rest=Some(Rest { count, go_on }) />
            <div class="dialog-buttons">
                <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| if !pending.get_untracked() { cancel() }>{t!("Cancel")}</button>
                <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| transfer.run(())>{t!("Transfer")}</button>
            </div>
            <HowThisWorks about=help::TRANSFER />
        </Dialog>
    }
}

/// Seals and sends. Keys that settling has replaced since the person said Yes are asked for once more.
async fn transfer_to(
    session: Session,
    chosen: &Chosen,
    acting: Option<&Agreed>,
    to: &Recipient,
    sending: Sending<NewShare>,
) -> Result<BatchId, AppError> {
    let mut result = sending.send(|| make(session, chosen, acting, to), transfer_secrets).await;
    if result.as_ref().is_err_and(AppError::is_outdated) {
        let keys = keys_to_transfer(chosen.ids.clone(), acting.map(|agreed| agreed.escrow.account)).await?;
        let fresh = Chosen::new(chosen.ids.clone(), keys, None);
        result = sending.send(|| make(session, &fresh, acting, to), transfer_secrets).await;
    }
    result.map(|new| new.batch())
}

async fn make(
    session: Session,
    chosen: &Chosen,
    acting: Option<&Agreed>,
    to: &Recipient,
) -> Result<NewShare, AppError> {
    let found = recipient_keys(vec![to.id]).await?;
    let mut trust = Trust::load(session).await?;
    let recipient_keys = trust.picked_keys(&found, |id| (id == to.id).then(|| to.clone()))?;
    trust.remember(session).await;
    let keys = session.keys()?;
    let owner = match acting {
        Some(agreed) => Arc::new(keys.open_account(&agreed.escrow, &agreed.approvals, &agreed.identity)?),
        None => keys,
    };
    let grants = vec![(to.id, Permission::Own)];
    seal(new_share(), &owner, &chosen.ids, &chosen.keys, grants, &recipient_keys, |_| {}).await
}
