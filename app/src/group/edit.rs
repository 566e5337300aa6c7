use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::api::{GroupDetails, GroupFields};
use super::keys;
use crate::account::use_session;
use crate::error::AppError;
use crate::help::{self, HowThisWorks};
use crate::language::{t, text};
use crate::share::api::RecipientKind;
use crate::ui::{Dialog, Field, FormError, use_toasts};

/// Adds a group, or changes what people say of one.
#[component]
pub(super) fn GroupDialog(
    /// The group to change; none to add one.
    edited: Option<GroupDetails>,
    /// What comes after; whether something was changed.
    then: Callback<bool>,
) -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let group = edited.as_ref().map(|details| details.group.clone());
    let known_kind = group.as_ref().map(|group| group.kind);
    let (name, description, members_can_view) =
        group.map(|group| (group.name, group.description, group.members_can_view)).unwrap_or_default();
    let (name, description) = (RwSignal::new(name), RwSignal::new(description));
    let members_can_view = RwSignal::new(members_can_view);
    let administrator = session.profile_untracked().is_some_and(|profile| profile.administrator);
    let user_group = RwSignal::new(known_kind.map_or(administrator, |kind| kind == RecipientKind::UserGroup));
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let is_new = edited.is_none();
    let title = if is_new { t!("Add group") } else { t!("Edit group") };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        let edited = edited.clone();
        let fields = GroupFields {
            name: name.get_untracked(),
            description: description.get_untracked(),
            members_can_view: members_can_view.get_untracked(),
        };
        let work = async move {
            match edited {
                Some(details) => keys::change(session, &details, fields).await,
                None => keys::add(session, user_group.get_untracked(), fields).await,
            }
        };
        session.act(pending, work, move |result| match result {
            Ok(()) => {
                toasts.done(t!("Group saved"));
                then.run(true);
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    view! {
        <Dialog title=title on_cancel=Callback::new(move |()| then.run(false)) can_cancel=Signal::derive(move || !pending.get())>
            <form on:submit=submit novalidate>
                {(is_new && administrator).then(|| view! {
                    <label class="field">
                        <span>{t!("Kind")}</span>
                        <select on:change=move |event| user_group.set(event_target_value(&event) == "user")>
                            <option value="user">{t!("User group: administrators manage it")}</option>
                            <option value="private">{t!("Private group: only you manage it")}</option>
                        </select>
                    </label>
                })}
                <Field label=text!("Name") value=name error required=true />
                <Field label=text!("Description") value=description error lines=2 />
                <label class="check">
                    <input type="checkbox" aria-describedby="view-hint" prop:checked=move || members_can_view.get()
                        on:change=move |event| members_can_view.set(event_target_checked(&event)) />
                    <span>{t!("Allow members to view this group")}</span>
                </label>
                <p class="hint" id="view-hint">{move || view_hint(user_group.get())}</p>
                <FormError error />
                <div class="dialog-buttons">
                    <button class="button" type="button" on:click=move |_| then.run(false)>{t!("Cancel")}</button>
                    <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>{t!("Save")}</button>
                </div>
            </form>
            <HowThisWorks about=help::GROUPS />
        </Dialog>
    }
}

/// What it means that members may view a group.
fn view_hint(user_group: bool) -> &'static str {
    if user_group {
        t!("Members see who else is in it. Everyone sees that there is this group, and can share with it.")
    } else {
        t!(
            "Members find it under Groups, see who else is in it, and can share with it. Without this it is not in their lists."
        )
    }
}
