use leptos::prelude::*;

use super::api::{GroupDetails, Member};
use super::keys;
use crate::account::use_session;
use crate::error::AppError;
use crate::language::t;
use crate::settling::use_settling;
use crate::ui::{Dialog, FormError, use_toasts};

/// Asks whether to take a person out of a group, and does it: everyone who stays gets a new key.
#[component]
pub(super) fn RemoveDialog(
    details: GroupDetails,
    member: Member,
    /// What comes after; whether something was changed.
    then: Callback<bool>,
) -> impl IntoView {
    let (session, toasts, settling) = (use_session(), use_toasts(), use_settling());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let done = RwSignal::new(0_usize);
    let stay = details.members.len().saturating_sub(1);
    let (name, group) = (member.name.clone(), details.group.name.clone());
    let remove = move |_| {
        error.set(None);
        done.set(0);
        let (details, member) = (details.clone(), member.clone());
        let name = member.name.clone();
        let report = move |count| {
            done.try_set(count);
        };
        let work = async move { keys::remove(session, &details, &[member.account], report).await };
        session.act(pending, work, move |result| match result {
            Ok(()) => {
                // What of it is one's own is settled at once.
                settling.look();
                toasts.done(t!("{name} is no longer in the group", name));
                then.run(true);
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <Dialog title=t!("Confirmation") on_cancel=Callback::new(move |()| then.run(false)) can_cancel=Signal::derive(move || !pending.get())>
            <p>{t!("Are you sure you want to remove {name} from {group}?", name, group)}</p>
            <p class="hint">{t!("What is shared with the group closes for them at once, and the group gets a new key. What they have read before they may remember.")}</p>
            {move || (pending.get() && done.get() > 0).then(|| view! {
                <label class="progress">
                    <span>{t!("Handing out the new key")}</span>
                    <progress max=stay.to_string() value=move || done.get().to_string()></progress>
                </label>
            })}
            <FormError error />
            <div class="dialog-buttons">
                <button class="button" type="button" aria-disabled=move || pending.get().to_string()
                    on:click=move |_| if !pending.get_untracked() { then.run(false) }>{t!("No")}</button>
                <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=remove>{t!("Yes")}</button>
            </div>
        </Dialog>
    }
}
