use leptos::prelude::*;
use leptos_router::components::A;
use vault::{AccountId, Permission, RecipientId, SecretId};

use super::api::{PersonWithAccess, Way, people_with_access, why_access};
use crate::account::use_session;
use crate::batch::receipt_address;
use crate::error::AppError;
use crate::language::t;
use crate::ui::{Dialog, local_time};

/// Answers why somebody can see a secret: every way, and what would be left without it.
#[component]
pub(crate) fn WhyDialog(secret: SecretId, account: AccountId, name: String, close: Callback<()>) -> impl IntoView {
    let session = use_session();
    let ways = session.load(move || why_access(secret, account));
    let name = StoredValue::new(name);
    let title = name.with_value(|name| t!("Why can {name} see this?", name));
    let list = move |ways: Vec<Way>| {
        name.with_value(|name| {
            if ways.is_empty() {
                return view! { <p>{t!("{name} has no access, or by a group alone whose members you may not see.", name)}</p> }
                    .into_any();
            }
            let lines = (0..ways.len()).map(|index| {
                let way = &ways[index];
                let batch = way.batch.map(|batch| view! { " " <A href=receipt_address(batch)>{t!("Receipt")}</A> });
                view! {
                    <li>
                        <strong>{how(way)}</strong> ": " {said(Some(way.permission))} ". "
                        {t!("Shared by {name} on {when}", name = way.shared_by, when = local_time(Some(way.shared_at)))}
                        {way.ends_at.map(|at| t!(", until {when}", when = local_time(Some(at))))} "." {batch}
                        <p class="hint">{without(&ways, index)}</p>
                    </li>
                }
            });
            let all = ways.iter().map(|way| way.permission).max();
            view! {
                <p>{said_of(name, all)}</p>
                <ul class="ways">{lines.collect_view()}</ul>
            }
            .into_any()
        })
    };
    view! {
        <Dialog title on_cancel=close>
            {move || ways.get().map(|ways| match ways {
                Ok(ways) => list(ways),
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
            })}
            <div class="dialog-buttons">
                <button class="button primary" type="button" on:click=move |_| close.run(())>{t!("Close")}</button>
            </div>
        </Dialog>
    }
}

/// What somebody would still have without one of the ways: by undoing its share, which ends this one alone, and by unsharing, which ends all ways by the
/// same recipient.
fn without(ways: &[Way], index: usize) -> String {
    let left = |stays: &dyn Fn(usize, &Way) -> bool| {
        said(ways.iter().enumerate().filter(|(other, way)| stays(*other, way)).map(|(_, way)| way.permission).max())
    };
    let undone = left(&|other, _| other != index);
    let unshared = left(&|_, way| way.recipient != ways[index].recipient);
    if undone == unshared {
        return t!("Without it: {undone}.", undone);
    }
    if ways[index].group.is_some() {
        t!("If this share is undone: {undone}. If it is unshared with the group: {unshared}.", undone, unshared)
    } else {
        t!("If this share is undone: {undone}. If it is unshared with them: {unshared}.", undone, unshared)
    }
}

fn how(way: &Way) -> String {
    match (&way.group, way.recipient) {
        (Some(group), _) => t!("As a member of {group}", group),
        (None, RecipientId::Account(_)) => t!("Shared with them directly").into(),
        (None, RecipientId::Group(_)) => t!("As a member of a group").into(),
    }
}

fn said(permission: Option<Permission>) -> &'static str {
    match permission {
        None => t!("no access"),
        Some(Permission::View) => t!("can view"),
        Some(Permission::Edit) => t!("can edit"),
        Some(Permission::Own) => t!("will own it"),
    }
}

fn said_of(name: &str, permission: Option<Permission>) -> String {
    match permission {
        None => t!("{name} has no access.", name),
        Some(Permission::View) => t!("{name} can view.", name),
        Some(Permission::Edit) => t!("{name} can edit.", name),
        Some(Permission::Own) => t!("{name} will own it.", name),
    }
}

/// The people behind a group that has access.
#[component]
pub(crate) fn People(
    secret: SecretId,
    group: vault::GroupId,
    /// Asks why one of them has access.
    why: Callback<(AccountId, String)>,
) -> impl IntoView {
    let session = use_session();
    let people = session.load(move || people_with_access(secret, group));
    let line = move |person: PersonWithAccess| {
        let PersonWithAccess { account, name, username, active } = person;
        let question = t!("Why can {name} see this?", name);
        view! {
            <li>
                {name.clone()} " " <span class="hint">{username}</span> {(!active).then_some(t!(" (not in force: disabled)"))} " "
                <button class="link" type="button" aria-label=question on:click=move |_| why.run((account, name.clone()))>{t!("Why?")}</button>
            </li>
        }
    };
    move || {
        people.get().map(|people| match people {
            Ok(people) if people.is_empty() => view! { <p class="hint">{t!("Nobody.")}</p> }.into_any(),
            Ok(people) => view! { <ul>{people.into_iter().map(line).collect_view()}</ul> }.into_any(),
            Err(AppError::NotFound) => {
                view! { <p class="hint">{t!("Who is in it only its owner and its members may see.")}</p> }.into_any()
            }
            Err(error) => view! { <p class="hint" role="alert">{error.to_string()}</p> }.into_any(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vault::GroupId;

    #[test]
    fn what_is_left_without_one_of_the_ways() {
        let way = |recipient, permission| Way {
            recipient,
            group: None,
            permission,
            shared_by: String::new(),
            shared_at: 0,
            ends_at: None,
            batch: None,
        };
        let (ana, group) = (RecipientId::Account(AccountId::random()), RecipientId::Group(GroupId::random()));
        let ways = [way(group, Permission::Edit), way(ana, Permission::View), way(group, Permission::View)];
        assert_eq!(without(&ways, 0), "Without it: can view.");
        assert_eq!(without(&ways, 1), "Without it: can edit.");
        assert_eq!(without(&ways[..1], 0), "Without it: no access.");
        let mut twice = [ways[0].clone(), ways[2].clone()];
        let text = "If this share is undone: can edit. If it is unshared with them: no access.";
        assert_eq!(without(&twice, 1), text);
        twice[0].group = Some("Crew".into());
        assert!(without(&twice, 0).contains("unshared with the group"));
    }
}
