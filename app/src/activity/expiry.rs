use leptos::prelude::*;
use vault::BatchId;

use super::api::set_expiry;
use crate::account::use_session;
use crate::error::AppError;
use crate::language::t;
use crate::ui::{Dialog, FormError, local_field, local_millis, use_toasts};

/// Sets when the access that a batch gave ends by itself.
#[component]
pub(super) fn ExpiryDialog(
    id: BatchId,
    ends_at: Option<i64>,
    /// The dialog is closed; whether something has changed.
    then: Callback<bool>,
) -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let (pending, error) = (RwSignal::new(false), RwSignal::new(None::<AppError>));
    let value = RwSignal::new(ends_at.map(local_field).unwrap_or_default());
    let set = move |ends_at: Option<i64>| {
        error.set(None);
        session.act(pending, set_expiry(id, ends_at), move |result| match result {
            Ok(()) => {
                toasts.done(if ends_at.is_some() {
                    t!("Access ends then")
                } else {
                    t!("Access does not end by itself")
                });
                then.run(true);
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        match value.with_untracked(|value| local_millis(value)) {
            Some(at) => set(Some(at)),
            None => error.set(Some(AppError::invalid("Access ends", "Say when, or press Never."))),
        }
    };
    view! {
        <Dialog title=t!("End of access") on_cancel=Callback::new(move |()| then.run(false)) can_cancel=Signal::derive(move || !pending.get())>
            <form on:submit=submit novalidate>
                <p>{t!("From then on nobody has access by this batch. What they have by other shares stays.")}</p>
                <label class="field">
                    <span>{t!("Access ends")}</span>
                    <input type="datetime-local" prop:value=value on:input=move |event| value.set(event_target_value(&event)) />
                </label>
                <FormError error />
                <div class="dialog-buttons">
                    <button class="button" type="button" on:click=move |_| if !pending.get_untracked() { then.run(false) }>{t!("Cancel")}</button>
                    {ends_at.is_some().then(|| view! {
                        <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| set(None)>{t!("Never")}</button>
                    })}
                    <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>{t!("Save")}</button>
                </div>
            </form>
        </Dialog>
    }
}
