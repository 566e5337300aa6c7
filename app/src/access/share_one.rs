use leptos::prelude::*;
use vault::{Grants, Permission, RecipientId, SecretId};

use super::api::{AccessChange, PresentAccess, access_to};
use super::change::{Wanted, send};
use crate::account::use_session;
use crate::batch::{Failure, Sending, use_batch};
use crate::error::AppError;
use crate::language::t;
use crate::settling::use_settling;
use crate::share::{PickedList, Recipients, Search};
use crate::ui::{Dialog, use_toasts};

/// Who has access to one secret: adds, changes and removes people and groups, all at once.
#[component]
pub(crate) fn ShareOneDialog(id: SecretId, name: String) -> impl IntoView {
    let (batch, toasts) = (use_batch(), use_toasts());
    let present = use_session().load(move || access_to(vec![id]));
    Effect::new(move || {
        if let Some(Err(failed)) = present.get() {
            toasts.failed(failed.to_string());
            batch.cancel();
        }
    });
    move || {
        let Some(Ok(access)) = present.get() else { return None };
        Some(view! { <PresentDialog id name=name.clone() access /> })
    }
}

#[component]
fn PresentDialog(id: SecretId, name: String, access: PresentAccess) -> impl IntoView {
    let (session, batch, settling) = (use_session(), use_batch(), use_settling());
    let before = StoredValue::new(Recipients::of(access.of_one()));
    let recipients = RwSignal::new(before.get_value());
    let sending = Sending::<AccessChange>::new();
    let Sending { pending, error, .. } = sending;
    let share = move |_| {
        if pending.get_untracked() {
            return;
        }
        let wanted = before.with_value(|before| recipients.with_untracked(|after| wanted(id, before, after)));
        if wanted.is_empty() {
            error.set(Some(AppError::invalid(
                "Search users or groups",
                "Nothing has changed. Pick, change or remove someone first.",
            )));
            return;
        }
        error.set(None);
        let message = if wanted.shares.is_empty() {
            t!("Unshared. Access has ended or changed")
        } else {
            t!("Shared. Now users can use this shared item")
        };
        session.send(pending, send(session, wanted, sending), move |result| match result {
            Ok(id) => {
                settling.look();
                batch.finish(message.into(), Some(id));
            }
            Err(failed) => batch.fail(failed, error),
        });
    };
    let cancel = move || batch.leave(untrack(|| sending.is_unsettled()));
    let name_of = move |recipient: RecipientId| {
        let known = recipients.with_untracked(|recipients| recipients.name_of(recipient));
        known.or_else(|| before.with_value(|before| before.name_of(recipient)))
    };
    view! {
        <Dialog title=t!("Share") on_cancel=Callback::new(move |()| cancel()) can_cancel=Signal::derive(move || !pending.get())>
            <p class="hint">{name}</p>
            <div class="picking" inert=move || sending.is_fixed()>
                <Search recipients error />
                <PickedList recipients />
            </div>
            <Failure sending nothing=t!("Nothing was changed:") again=t!("It may have been done already. Share again to make sure: it is done once.")
                secret=Callback::new(move |id| batch.name_of(id)) recipient=Callback::new(name_of) />
            <div class="dialog-buttons">
                <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| if !pending.get_untracked() { cancel() }>{t!("Cancel")}</button>
                <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=share>{t!("Share")}</button>
            </div>
        </Dialog>
    }
}

/// What has to be done so that `before` becomes `after`.
fn wanted(id: SecretId, before: &Recipients, after: &Recipients) -> Wanted {
    let had = |recipient: RecipientId| before.permission_of(recipient);
    let mut wanted = Wanted::default();
    let mut grants: Grants =
        after.grants().into_iter().filter(|(recipient, permission)| Some(*permission) > had(*recipient)).collect();
    grants.sort_unstable();
    if !grants.is_empty() {
        wanted.shares.push((grants, vec![id]));
    }
    for (recipient, permission) in before.grants() {
        match after.permission_of(recipient) {
            None => wanted.limits.push((recipient, None)),
            Some(now) if now < permission => wanted.limits.push((recipient, Some(Permission::View))),
            Some(_) => {}
        }
    }
    if !wanted.limits.is_empty() {
        wanted.secrets.push(id);
    }
    wanted.shown = after.iter().map(|picked| picked.recipient.clone()).collect();
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::recipients::tests::person;

    #[test]
    fn only_what_differs_is_done() {
        let (bruno, carla, dora, eva) = (person("bruno"), person("carla"), person("dora"), person("eva"));
        let (view, edit) = (Permission::View, Permission::Edit);
        let before = Recipients::of(vec![(bruno.clone(), edit), (carla.clone(), view), (dora.clone(), view)]);
        let id = SecretId::random();
        assert!(wanted(id, &before, &before).is_empty());
        let after = Recipients::of(vec![(bruno.clone(), view), (carla.clone(), edit), (eva.clone(), view)]);
        let found = wanted(id, &before, &after);
        let mut grants = vec![(carla.id, edit), (eva.id, view)];
        grants.sort_unstable();
        assert_eq!(found.shares, [(grants, vec![id])]);
        assert_eq!(found.limits, [(bruno.id, Some(view)), (dora.id, None)]);
        assert_eq!(found.secrets, [id]);
    }
}
