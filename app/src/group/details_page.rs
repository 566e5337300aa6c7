use leptos::prelude::*;
use leptos_router::components::A;

use super::add_members::AddMembersDialog;
use super::api::{GroupDetails, Member, get_group, set_group_enabled};
use super::edit::GroupDialog;
use super::keys::add_oneself;
use super::remove_member::RemoveDialog;
use crate::account::use_session;
use crate::error::AppError;
use crate::language::t;
use crate::pages::use_id;
use crate::ui::{Icon, local_time, skeleton, use_toasts};

/// What is done with the group at the moment.
#[derive(Clone)]
enum Stage {
    Look,
    Edit(GroupDetails),
    Add(GroupDetails),
    Remove(GroupDetails, Member),
}

/// One group and who is in it.
#[component]
pub fn GroupPage() -> impl IntoView {
    let (id, session) = (use_id("groups"), use_session());
    let (stage, again) = (RwSignal::new(Stage::Look), Trigger::new());
    let group = session.load(move || {
        again.track();
        let id = id.get();
        async move { get_group(id.and_then(|id| id.parse().ok()).ok_or(AppError::NotFound)?).await }
    });
    let close = Callback::new(move |changed: bool| {
        stage.set(Stage::Look);
        if changed {
            again.notify();
        }
    });
    view! {
        <div class="page">
            <p class="back"><A href="/groups">{t!("Groups")}</A></p>
            {skeleton(group)}
            {move || group.get().map(|group| match group {
                Err(AppError::NotFound) => view! {
                    <h1>{t!("Group")}</h1>
                    <p class="card empty">{t!("There is no such group, or you do not see who is in it.")}</p>
                }.into_any(),
                Err(error) => view! { <h1>{t!("Group")}</h1> <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
                Ok(details) => view! {
                    <Head details=details.clone() stage changed=close />
                    <Members details stage changed=close />
                }.into_any(),
            })}
            {move || match stage.get() {
                Stage::Look => ().into_any(),
                Stage::Edit(details) => view! { <GroupDialog edited=Some(details) then=close /> }.into_any(),
                Stage::Add(details) => view! { <AddMembersDialog details then=close /> }.into_any(),
                Stage::Remove(details, member) => view! { <RemoveDialog details member then=close /> }.into_any(),
            }}
        </div>
    }
}

/// Name, kind and state, with what can be done with the group as a whole.
#[component]
fn Head(details: GroupDetails, stage: RwSignal<Stage>, changed: Callback<bool>) -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let pending = RwSignal::new(false);
    let group = details.group.clone();
    let switch = move |_| {
        session.act(pending, set_group_enabled(group.id, !group.enabled), move |result| match result {
            Ok(()) => {
                toasts.done(if group.enabled { t!("Group disabled") } else { t!("Group enabled") });
                changed.run(true);
            }
            Err(failed) => toasts.failed(failed.to_string()),
        });
    };
    let (group, edited) = (details.group.clone(), details.clone());
    let kind = match &group.owner {
        Some(owner) => t!("{kind} of {owner}", kind = group.kind.label(), owner),
        None => group.kind.label().to_owned(),
    };
    // Who may disable only cannot enable.
    let may_switch = if group.enabled { details.may_disable } else { details.manages };
    view! {
        <div class="page-head">
            <h1>{group.name}</h1>
            <div class="dialog-buttons">
                {details.manages.then(|| view! {
                    <button class="button" type="button" on:click=move |_| stage.set(Stage::Edit(edited.clone()))>{t!("Edit")}</button>
                })}
                {may_switch.then(|| view! {
                    <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=switch>
                        {if group.enabled { t!("Disable") } else { t!("Enable") }}
                    </button>
                })}
            </div>
        </div>
        <p class="hint">
            {kind} ". " {group.description}
            {(!group.enabled).then_some(t!(" Disabled: it gives no access, and nothing can be shared with it."))}
        </p>
    }
}

/// Who is in the group.
#[component]
fn Members(details: GroupDetails, stage: RwSignal<Stage>, changed: Callback<bool>) -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let pending = RwSignal::new(false);
    let manages = details.manages;
    let me = session.profile_untracked().map(|profile| profile.id);
    let is_member = details.members.iter().any(|member| Some(member.account) == me);
    let may_join = manages && !is_member;
    let (joining, adding, of) = (details.clone(), details.clone(), details.clone());
    let join = move |_| {
        let details = joining.clone();
        session.act(pending, async move { add_oneself(session, &details).await }, move |result| match result {
            Ok(()) => {
                toasts.done(t!("You are in the group"));
                changed.run(true);
            }
            Err(failed) => toasts.failed(failed.to_string()),
        });
    };
    let line = move |member: Member| {
        let (of, removed) = (of.clone(), member.clone());
        view! {
            <tr>
                <th scope="row">{member.name.clone()} {member.disabled.then_some(t!(" (disabled)"))}</th>
                <td>{member.username}</td>
                <td>{member.email}</td>
                <td>{member.added_by}</td>
                <td>{local_time(Some(member.added_at))}</td>
                {manages.then(|| view! {
                    <td>
                        <button class="button icon-only" type="button" title=t!("Remove") aria-label=t!("Remove {name}", name = member.name)
                            on:click=move |_| stage.set(Stage::Remove(of.clone(), removed.clone()))>{Icon::Trash.view()}</button>
                    </td>
                })}
            </tr>
        }
    };
    view! {
        {manages.then(|| view! {
            <div class="dialog-buttons">
                {may_join.then(|| view! {
                    <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=join>{t!("Add myself")}</button>
                })}
                <button class="button primary" type="button" on:click=move |_| stage.set(Stage::Add(adding.clone()))>{t!("Add members")}</button>
            </div>
        })}
        {if details.members.is_empty() {
            view! { <p class="card empty">{t!("Nobody is in this group yet.")}</p> }.into_any()
        } else {
            view! {
                <div class="card scroll">
                    <table class="plain" aria-label=t!("Members")>
                        <thead>
                            <tr>
                                <th scope="col">{t!("Name")}</th><th scope="col">{t!("Username")}</th><th scope="col">{t!("Email")}</th>
                                <th scope="col">{t!("Added by")}</th><th scope="col">{t!("Added on")}</th>
                                {manages.then(|| view! { <th scope="col">{t!("Action")}</th> })}
                            </tr>
                        </thead>
                        <tbody>{details.members.into_iter().map(line).collect_view()}</tbody>
                    </table>
                </div>
            }.into_any()
        }}
    }
}
