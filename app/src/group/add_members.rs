use leptos::prelude::*;
use vault::{AccountId, RecipientId};

use super::api::GroupDetails;
use super::keys;
use crate::account::use_session;
use crate::error::AppError;
use crate::language::t;
use crate::share::api::Sought;
use crate::share::{Recipients, Search};
use crate::ui::{Dialog, Icon, use_toasts};

/// Finds people and adds them to a group.
#[component]
pub(super) fn AddMembersDialog(
    details: GroupDetails,
    /// What comes after; whether something was changed.
    then: Callback<bool>,
) -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let picked = RwSignal::new(Recipients::default());
    let (error, pending) = (RwSignal::new(None::<AppError>), RwSignal::new(false));
    let add = move |_| {
        error.set(None);
        let (details, people) = (details.clone(), picked.with_untracked(people));
        if people.is_empty() {
            error.set(Some(AppError::invalid("Search people", "Pick at least one person.")));
            return;
        }
        let find = move |id| picked.with_untracked(|picked| picked.find(id));
        let work = async move { keys::add_members(session, &details, people, find).await };
        session.act(pending, work, move |result| match result {
            Ok(()) => {
                toasts.done(t!("Members added. They can use what is shared with the group"));
                then.run(true);
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    let line = move |(id, name): (RecipientId, String)| {
        view! {
            <li class="picked">
                <span class="picked-name">{name.clone()}</span>
                <button class="button icon-only" type="button" aria-label=t!("Remove {name}", name) title=t!("Remove")
                    on:click=move |_| picked.update(|picked| picked.remove(id))>{Icon::Trash.view()}</button>
            </li>
        }
    };
    let lines = move || {
        let all = picked.with(|picked| {
            picked.iter().map(|picked| (picked.recipient.id, picked.recipient.name.clone())).collect::<Vec<_>>()
        });
        all.into_iter().map(line).collect_view()
    };
    view! {
        <Dialog title=t!("Add members") on_cancel=Callback::new(move |()| then.run(false)) can_cancel=Signal::derive(move || !pending.get())>
            <div inert=move || pending.get()>
                <Search recipients=picked error label=t!("Search people") sought=Sought::Accounts />
                <ul class="picked-list" aria-label=t!("Selected people")>{lines}</ul>
            </div>
            {move || error.get().map(|error| view! { <p class="form-error" role="alert">{text(&error, picked)}</p> })}
            <div class="dialog-buttons">
                <button class="button" type="button" on:click=move |_| then.run(false)>{t!("Cancel")}</button>
                <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=add>{t!("Add")}</button>
            </div>
        </Dialog>
    }
}

fn people(picked: &Recipients) -> Vec<AccountId> {
    picked
        .iter()
        .filter_map(|picked| match picked.recipient.id {
            RecipientId::Account(id) => Some(id),
            RecipientId::Group(_) => None,
        })
        .collect()
}

/// What is wrong, with the names of those it is about.
fn text(error: &AppError, picked: RwSignal<Recipients>) -> String {
    let AppError::Refused(problems) = error else { return error.to_string() };
    let lines = problems.iter().map(|problem| {
        let name = match problem.subject {
            crate::error::Subject::Recipient(id) => picked.with_untracked(|picked| picked.name_of(id)),
            crate::error::Subject::Secret(_) => None,
        };
        format!("{} {}.", name.unwrap_or_default(), problem.reason)
    });
    lines.collect::<Vec<_>>().join(" ")
}
