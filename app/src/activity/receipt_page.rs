use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::components::A;
use vault::BatchId;

use super::api::{BatchKind, Receipt, UndoPlan, get_receipt, plan_undo};
use super::expiry::ExpiryDialog;
use super::parts::{Changes, Names, Tags};
use super::undo::UndoDialog;
use crate::account::use_session;
use crate::batch::{BatchDialogs, use_batch};
use crate::error::AppError;
use crate::language::t;
use crate::pages::use_id;
use crate::secret::use_secret_list;
use crate::ui::{FormError, local_time, skeleton};

#[derive(Clone)]
enum Stage {
    Look,
    Undo(Box<UndoPlan>),
    Expiry,
}

/// One batch in full, and what can be done with it.
#[component]
pub fn ReceiptPage() -> impl IntoView {
    let (session, batch, id) = (use_session(), use_batch(), use_id("activity"));
    let id = move || id.get().and_then(|id| id.parse::<BatchId>().ok());
    let again = Trigger::new();
    let receipt = session.follow(use_secret_list().heard, move || {
        again.track();
        let id = id();
        async move { get_receipt(id.ok_or(AppError::NotFound)?).await.map(Arc::new) }
    });
    // What is shared further by the dialog of the list changes the receipt as well.
    let done = batch.done();
    Effect::new(move |before: Option<u32>| {
        let now = done.get();
        if before.is_some_and(|before| before != now) {
            again.notify();
        }
        now
    });
    // Outside of what is shown anew when others change it: a dialog stays as it is.
    let stage = RwSignal::new(Stage::Look);
    let then = Callback::new(move |changed| {
        stage.set(Stage::Look);
        if changed {
            again.notify();
        }
    });
    let dialog = move || {
        let stage = stage.get();
        let (id, receipt) = untrack(id).zip(receipt.get_untracked().and_then(Result::ok))?;
        Some(match stage {
            Stage::Look => return None,
            Stage::Undo(plan) => {
                let plan = *plan;
                view! { <UndoDialog id receipt plan then /> }.into_any()
            }
            Stage::Expiry => view! { <ExpiryDialog id ends_at=receipt.ends_at then /> }.into_any(),
        })
    };
    view! {
        <div class="page">
            <p class="back"><A href="/activity">{t!("Sharing activity")}</A></p>
            {skeleton(receipt)}
            {move || receipt.get().map(|receipt| match (receipt, untrack(id)) {
                (Ok(receipt), Some(id)) => view! { <Details id receipt stage /> }.into_any(),
                (Err(error), _) => view! { <h1>{t!("Receipt")}</h1><p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
                (Ok(_), None) => ().into_any(),
            })}
            {dialog}
            <BatchDialogs />
        </div>
    }
}

#[component]
fn Details(id: BatchId, receipt: Arc<Receipt>, stage: RwSignal<Stage>) -> impl IntoView {
    let (session, batch) = (use_session(), use_batch());
    let (pending, error) = (RwSignal::new(false), RwSignal::new(None::<AppError>));
    let mut secrets: Vec<_> = receipt.parts.iter().flat_map(|part| part.secrets.iter().copied()).collect();
    secrets.sort_unstable();
    secrets.dedup();
    let (count, ends_at) = (secrets.len(), receipt.ends_at);
    let (name, username) = receipt.by.clone();
    let may_extend = receipt.is_owner && receipt.kind == BatchKind::Share && receipt.is_live;
    let undo = move |_| {
        error.set(None);
        session.act(pending, plan_undo(id), move |result| match result {
            Ok(plan) => stage.set(Stage::Undo(Box::new(plan))),
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <div class="page-head">
            <h1>{receipt.kind.did(count)}</h1>
            <div class="page-actions">
                {may_extend.then(|| {
                    let secrets = secrets.clone();
                    view! {
                        <button class="button" type="button" on:click=move |_| batch.extend(id, secrets.clone(), ends_at)>{t!("Add recipients")}</button>
                        <button class="button" type="button" on:click=move |_| stage.set(Stage::Expiry)>{t!("Set end of access")}</button>
                    }
                })}
                {receipt.may_undo.then(|| view! {
                    <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=undo>{t!("Undo")}</button>
                })}
            </div>
        </div>
        {receipt.undone_by.map(|by| view! { <p class="banner" role="note">{t!("This was undone. ")} <A href=format!("/activity/{by}")>{t!("See how")}</A></p> })}
        {receipt.undoes.map(|of| view! { <p class="banner" role="note">{t!("This undid an earlier batch. ")} <A href=format!("/activity/{of}")>{t!("See which")}</A></p> })}
        {transfer_hint(&receipt).map(|hint| view! { <p class="hint">{hint}</p> })}
        <FormError error />
        <dl class="card facts">
            <dt>{t!("When")}</dt><dd>{local_time(Some(receipt.at))}</dd>
            <dt>{t!("By")}</dt><dd>{format!("{name} ({username})")}</dd>
            {(receipt.kind == BatchKind::Share).then(|| view! {
                <dt>{t!("Access ends")}</dt>
                <dd>{ending(&receipt)}</dd>
            })}
        </dl>
        {(!receipt.recipients.is_empty()).then(|| view! { <Changes receipt=Arc::clone(&receipt) /> })}
        {(receipt.kind == BatchKind::Tag).then(|| view! { <Tags receipt=Arc::clone(&receipt) /> })}
        <Names id count receipt />
    }
}

/// How what was given away can come back.
fn transfer_hint(receipt: &Receipt) -> Option<String> {
    let owner = receipt.recipients.iter().find(|recipient| Some(recipient.id) == receipt.new_owner)?;
    Some(if receipt.may_undo {
        t!("You can undo this until the browser of {name} has taken the records over.", name = owner.name)
    } else {
        t!("{name} owns them now, and can give them back.", name = owner.name)
    })
}

/// When the access that a batch gave ends.
fn ending(receipt: &Receipt) -> String {
    match (receipt.first_end, receipt.ends_at) {
        _ if !receipt.is_live => t!("It has ended").into(),
        (None, _) => t!("No end date").into(),
        (first, None) => t!("For some of it {first}, no end date for the rest", first = local_time(first)),
        (first, last) if first == last => local_time(last),
        (first, last) => {
            t!("For some of it {first}, for the last {last}", first = local_time(first), last = local_time(last))
        }
    }
}
