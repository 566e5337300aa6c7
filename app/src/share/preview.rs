//! What a share would do, before it is done.

use std::sync::Arc;

use leptos::prelude::*;
use vault::{Grants, Permission, RecipientId};

use super::api::count_people;
use super::recipients::Recipients;
use crate::access::api::{PresentAccess, access_to};
use crate::account::use_session;
use crate::batch::Chosen;
use crate::language::{Counted, n, t};

/// How many permissions a share makes, raises and leaves as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Effects {
    new: usize,
    raised: usize,
    same: usize,
}

/// Says what sharing with those who are picked would come to.
#[component]
pub(super) fn Preview(chosen: RwSignal<Arc<Chosen>>, recipients: RwSignal<Recipients>) -> impl IntoView {
    let session = use_session();
    let access = session.load(move || access_to(chosen.with(|chosen| chosen.ids.clone())));
    // Whom the groups come to is asked when they change, and not at every change of a permission.
    let picked = Memo::new(move |_| {
        recipients.with(|recipients| recipients.grants().iter().map(|(id, _)| *id).collect::<Vec<_>>())
    });
    let people = session.load(move || {
        let picked = picked.get();
        let has_groups = picked.iter().any(|id| matches!(id, RecipientId::Group(_)));
        async move { if has_groups { count_people(picked).await } else { Ok(picked.len() as u64) } }
    });
    let text = move || {
        let grants = recipients.with(Recipients::grants);
        if grants.is_empty() {
            return None;
        }
        // Only a help: where it cannot be had, sharing goes on without it.
        let people = people.get().and_then(Result::ok)?;
        let total = chosen.with(|chosen| chosen.ids.len());
        access.with(|access| match access {
            Some(Ok(access)) => Some(preview_text(total, &grants, people, effects(access, total, &grants))),
            _ => None,
        })
    };
    view! { <p role="status" class="notice preview">{text}</p> }
}

fn effects(access: &PresentAccess, total: usize, grants: &Grants) -> Effects {
    let mut effects = Effects::default();
    for (recipient, permission) in grants {
        let has = access.counts(*recipient);
        let raised = if *permission >= Permission::Edit { has.view } else { 0 };
        effects.new += total.saturating_sub(has.all());
        effects.raised += raised;
        effects.same += has.all() - raised;
    }
    effects
}

fn preview_text(total: usize, grants: &Grants, people: u64, effects: Effects) -> String {
    let recipients: Vec<RecipientId> = grants.iter().map(|(id, _)| *id).collect();
    let parts: [Counted; 3] = [
        (effects.new, |count| n!(count, "{n} new", "{n} new")),
        (effects.raised, |count| n!(count, "{n} raised to Can edit", "{n} raised to Can edit")),
        (effects.same, |count| n!(count, "{n} as before", "{n} as before")),
    ];
    let parts: Vec<String> = parts.iter().filter(|(count, _)| *count > 0).map(|(count, say)| say(*count)).collect();
    n!(
        total,
        "{n} record with {whom}. Permissions: {parts}.",
        "{n} records with {whom}. Permissions: {parts}.",
        whom = reach(&recipients, people),
        parts = parts.join(", ")
    )
}

/// "1 person and 2 groups (34 people in all)".
pub(crate) fn reach(recipients: &[RecipientId], people: u64) -> String {
    let groups = recipients.iter().filter(|id| matches!(id, RecipientId::Group(_))).count();
    let persons = recipients.len() - groups;
    let who = [
        (persons > 0).then(|| n!(persons, "{n} person", "{n} people")),
        (groups > 0).then(|| n!(groups, "{n} group", "{n} groups")),
    ];
    let who = who.into_iter().flatten().collect::<Vec<_>>().join(t!(" and "));
    let people = usize::try_from(people).unwrap_or(usize::MAX);
    if groups > 0 { n!(people, "{who} ({n} person in all)", "{who} ({n} people in all)", who) } else { who }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vault::{AccountId, GroupId, SecretId};

    #[test]
    fn what_is_new_raised_and_as_before_is_counted() {
        let (bruno, group) = (RecipientId::Account(AccountId::random()), RecipientId::Group(GroupId::random()));
        let [one, two] = [(); 2].map(|()| SecretId::random());
        let access = PresentAccess {
            parts: vec![
                (vec![(bruno, Permission::View)], vec![one]),
                (vec![(bruno, Permission::Edit), (group, Permission::View)], vec![two]),
            ],
            recipients: Vec::new(),
        };
        let grants = vec![(bruno, Permission::Edit), (group, Permission::View)];
        let found = effects(&access, 3, &grants);
        assert_eq!(found, Effects { new: 1 + 2, raised: 1, same: 1 + 1 });
        let text = "3 records with 1 person and 1 group (34 people in all). Permissions: 3 new, 1 raised to Can edit, 2 as before.";
        assert_eq!(preview_text(3, &grants, 34, found), text);
        let alone = vec![(bruno, Permission::View)];
        let text = preview_text(1, &alone, 1, effects(&PresentAccess::default(), 1, &alone));
        assert_eq!(text, "1 record with 1 person. Permissions: 1 new.");
    }
}
