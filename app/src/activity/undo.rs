use std::collections::HashMap;
use std::sync::Arc;

use leptos::prelude::*;
use vault::{BatchId, RecipientId};

use super::api::{BatchKind, LeftOut, Receipt, Undo, UndoPlan, plan_undo, undo_batch};
use crate::access::seal_all;
use crate::account::{Session, use_session};
use crate::batch::{Failure, Sending, use_batch};
use crate::error::AppError;
use crate::language::{n, t};
use crate::secret::records;
use crate::settling::{open_given, use_settling};
use crate::share::api::{NewShare, Recipient};
use crate::ui::{Dialog, number, use_toasts};

/// Says what undoing a batch would do, and does it.
#[component]
pub(super) fn UndoDialog(
    id: BatchId,
    receipt: Arc<Receipt>,
    plan: UndoPlan,
    /// The dialog is closed; whether something has changed.
    then: Callback<bool>,
) -> impl IntoView {
    let (session, toasts, batch, settling) = (use_session(), use_toasts(), use_batch(), use_settling());
    let sending = Sending::<Undo>::new();
    let Sending { pending, error, .. } = sending;
    let plan = RwSignal::new(plan);
    let recipients = StoredValue::new(receipt.recipients.clone());
    let name_of = move |id: RecipientId| {
        recipients.with_value(|all| all.iter().find(|one| one.id == id).map(|one| one.name.clone()))
    };
    let does_nothing = move || {
        plan.with(|plan| plan.ends == 0 && plan.restored.is_empty() && plan.switched == 0 && plan.given.is_none())
    };
    // What was given away is not in the person's list any more.
    let secret_name = move |id| batch.name_of(id).or_else(|| Some(t!("One of the records").to_owned()));
    let yes = move |_| {
        if pending.get_untracked() || untrack(does_nothing) {
            return;
        }
        error.set(None);
        let shown = plan.get_untracked();
        let work = async move {
            let made = sending.send(|| make(session, id, &shown, recipients.get_value()), undo_batch).await;
            // Somebody did something in between: the person sees what it would be now.
            let fresh = if matches!(made, Err(AppError::BatchChanged)) { Some(plan_undo(id).await?) } else { None };
            Ok((made, fresh))
        };
        session.send(pending, work, move |result| match result {
            Ok((Ok(_), _)) => {
                settling.look();
                batch.refresh();
                toasts.done(t!("Undone"));
                then.run(true);
            }
            Ok((Err(failed), fresh)) => {
                if let Some(fresh) = fresh {
                    plan.set(fresh);
                }
                error.set(Some(failed));
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    let cancel = move || then.run(untrack(|| sending.is_unsettled()));
    view! {
        <Dialog title=t!("Confirmation") on_cancel=Callback::new(move |()| cancel()) can_cancel=Signal::derive(move || !pending.get())>
            <p>{t!("Are you sure you want to undo this?")}</p>
            <ul class="effects">{move || plan.with(|plan| effects(plan, name_of)).into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}</ul>
            <Failure sending nothing=t!("Nothing was undone:") again=t!("It may have been undone already. Press Yes again to make sure: it is done once.")
                secret=Callback::new(secret_name) recipient=Callback::new(name_of) />
            <div class="dialog-buttons">
                <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| if !pending.get_untracked() { cancel() }>{t!("No")}</button>
                <button class="button primary" type="button" aria-disabled=move || (pending.get() || does_nothing()).to_string() on:click=yes>{t!("Yes")}</button>
            </div>
        </Dialog>
    }
}

/// What the undo does, in sentences.
fn effects(plan: &UndoPlan, name_of: impl Fn(RecipientId) -> Option<String>) -> Vec<String> {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let mut texts = Vec::new();
    if plan.ends > 0 {
        texts.push(n!(
            count(plan.ends),
            "The access that it gave to {n} record ends at once.",
            "The access that it gave to {n} records ends at once."
        ));
    }
    for part in plan.restored.iter().take(LISTED) {
        let names: Vec<String> = part.grants.iter().take(LISTED).filter_map(|(id, _)| name_of(*id)).collect();
        let more = part.grants.len().saturating_sub(names.len());
        let names = names.join(", ");
        let names = if more > 0 { t!("{names} and {more} more", names, more = number(more)) } else { names };
        let shared = records(part.secrets.len());
        texts.push(t!("Access to {shared} comes back, as it was, for {names}.", shared, names));
    }
    if let Some(more) = plan.restored.len().checked_sub(LISTED + 1) {
        texts.push(t!("And {n} more like this.", n = number(more + 1)));
    }
    if plan.switched > 0 {
        let switched = count(plan.switched);
        texts.push(match plan.kind {
            BatchKind::Enable => n!(switched, "{n} record: enabled again.", "{n} records: enabled again."),
            BatchKind::Disable => n!(switched, "{n} record: disabled again.", "{n} records: disabled again."),
            BatchKind::Delete => n!(
                switched,
                "{n} record: deleted. The bin keeps them for 30 days.",
                "{n} records: deleted. The bin keeps them for 30 days."
            ),
            BatchKind::Tag => {
                n!(switched, "{n} record: the tags that they had.", "{n} records: the tags that they had.")
            }
            _ => n!(switched, "{n} record: restored.", "{n} records: restored."),
        });
    }
    if let Some(given) = &plan.given {
        let owner = given.signed.manifest.new_owner().and_then(|owner| name_of(RecipientId::Account(owner)));
        let owner = owner.unwrap_or_else(|| t!("the new owner").into());
        texts.push(n!(
            given.items.len(),
            "{n} record: yours again, and {owner} does not own them any more.",
            "{n} records: yours again, and {owner} does not own them any more.",
            owner
        ));
    }
    if texts.is_empty() {
        texts.push(t!("There is nothing that can be undone now.").into());
    }
    let LeftOut { later, disabled, inactive, full, taken_over } = plan.left_out;
    let reasons = [
        (later, t!("because of what was done later.")),
        (disabled, t!("because they are disabled. Enable them first to undo it for them as well.")),
        (inactive, t!("because nobody who had access is active.")),
        (full, t!("because they would have more than 20 tags.")),
        (taken_over, t!("because their new owner has taken them over, and can give them back.")),
    ];
    let left_out = reasons.into_iter().filter(|(number, _)| *number > 0);
    texts.extend(left_out.map(|(number, why)| {
        n!(count(number), "Left as before: {n} record, {why}", "Left as before: {n} records, {why}", why)
    }));
    texts
}

/// How many parts, and how many recipients of one, are told.
const LISTED: usize = 5;

async fn make(session: Session, batch: BatchId, plan: &UndoPlan, shown: Vec<Recipient>) -> Result<Undo, AppError> {
    let restored = &plan.restored;
    let wanted: Vec<_> = restored.iter().map(|part| (part.grants.clone(), part.secrets.clone())).collect();
    let shares = seal_all(session, &wanted, &shown).await?.into_iter().zip(restored);
    let shares = shares.map(|(share, part)| NewShare { ends_at: part.ends_at, ..share }).collect();
    let mut keys = HashMap::new();
    if let Some(given) = &plan.given {
        // The keys of this transfer, which has the id of its batch, and of no earlier one.
        if given.signed.manifest.share.uuid() != batch.uuid() {
            return Err(AppError::Sealed);
        }
        open_given(&*session.keys()?, given, &mut keys).await?;
    }
    Ok(Undo { id: BatchId::random(), batch, shares, keys: keys.into_iter().collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::api::Restored;
    use vault::{Permission, SecretId};

    #[test]
    fn an_undo_says_what_it_does_and_what_it_leaves() {
        let left_out = LeftOut::default();
        let kind = BatchKind::Unshare;
        let plan = UndoPlan { kind, ends: 0, restored: Vec::new(), switched: 0, given: None, left_out };
        let bruno = crate::share::recipients::tests::person("bruno");
        let name_of = |id| (id == bruno.id).then(|| bruno.name.clone());
        assert_eq!(effects(&plan, name_of), ["There is nothing that can be undone now."]);
        let part = Restored {
            grants: vec![(bruno.id, Permission::View)],
            secrets: vec![SecretId::random(), SecretId::random()],
            ends_at: None,
        };
        let left_out = LeftOut { later: 3, disabled: 1, ..LeftOut::default() };
        let all = UndoPlan { ends: 1, restored: vec![part; 7], left_out, kind: BatchKind::Share, ..plan.clone() };
        let texts = effects(&all, name_of);
        assert_eq!(texts[0], "The access that it gave to 1 record ends at once.");
        assert_eq!(texts[1], format!("Access to 2 records comes back, as it was, for {}.", bruno.name));
        assert_eq!(texts[6], "And 2 more like this.");
        assert_eq!(texts[7], "Left as before: 3 records, because of what was done later.");
        assert!(texts[8].starts_with("Left as before: 1 record, because they are disabled. Enable"));
        let switched = UndoPlan { switched: 2, kind: BatchKind::Enable, ..plan };
        assert_eq!(effects(&switched, name_of), ["2 records: enabled again."]);
    }
}
