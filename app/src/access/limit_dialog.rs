use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use leptos::prelude::*;
use vault::{Permission, RecipientId, SecretId};

use super::api::{AccessChange, PresentAccess};
use super::change::{Wanted, send};
use super::present::Counts;
use crate::account::use_session;
use crate::batch::{Done, Failure, Kind, Rest, Sending, without};
use crate::error::AppError;
use crate::help::{self, HowThisWorks};
use crate::language::{Counted, n, t};
use crate::settling::use_settling;
use crate::share::api::Recipient;
use crate::ui::{CheckAll, Dialog, Extent, number};

/// What is chosen for each recipient: nothing, where they end up without access.
type Choices = BTreeMap<RecipientId, Option<Permission>>;

/// Picks whose access to secrets ends, or whose permission changes, and does it.
#[component]
pub(crate) fn LimitDialog(
    /// [`Kind::Unshare`] or [`Kind::ChangePermission`].
    kind: Kind,
    /// The secrets.
    ids: Vec<SecretId>,
    /// Who has access to them.
    access: Arc<PresentAccess>,
    /// How a secret is called.
    name_of: Callback<SecretId, Option<String>>,
    /// What is shown of the secrets may not be true any more.
    refused: Callback<()>,
    /// The batch goes on with these alone.
    #[prop(optional)]
    narrowed: Option<Callback<Vec<SecretId>>>,
    /// What comes after; what to say where it was done.
    then: Callback<Option<Done>>,
) -> impl IntoView {
    let (session, settling) = (use_session(), use_settling());
    let choices = RwSignal::new(Choices::new());
    let sending = Sending::<AccessChange>::new();
    let Sending { pending, error, .. } = sending;
    let (count, ids) = (ids.len(), StoredValue::new(ids));
    let left_out = RwSignal::new(HashSet::<SecretId>::new());
    let nobody = access.recipients.is_empty();
    let wanted = StoredValue::new({
        let access = Arc::clone(&access);
        move |choices: &Choices| wanted(&access, &ids.get_value(), choices).without(&left_out.get_untracked())
    });
    let act = Callback::new(move |()| {
        if pending.get_untracked() {
            return;
        }
        let wanted = choices.with_untracked(|choices| wanted.with_value(|wanted| wanted(choices)));
        if wanted.is_empty() {
            error.set(Some(AppError::invalid("Users and groups", "Pick at least one whose access changes.")));
            return;
        }
        error.set(None);
        session.send(pending, send(session, wanted, sending), move |result| match result {
            Ok(batch) => {
                settling.look();
                let left_out = left_out.with_untracked(HashSet::len);
                then.run(Some((kind.done(count - left_out), batch)));
            }
            Err(failed) => {
                if matches!(failed, AppError::Refused(_)) {
                    refused.run(());
                }
                error.set(Some(failed));
            }
        });
    });
    let go_on = Callback::new(move |refused: HashSet<SecretId>| {
        left_out.update(|left_out| left_out.extend(refused));
        if let Some(narrowed) = narrowed {
            narrowed.run(left_out.with_untracked(|left_out| ids.with_value(|ids| without(ids, left_out))));
        }
        act.run(());
    });
    let left = Signal::derive(move || count - left_out.with(HashSet::len));
    // As many as it would change something for.
    let changing =
        Signal::derive(move || choices.with(|choices| wanted.with_value(|wanted| wanted(choices).secrets().len())));
    let cancel = move || {
        if untrack(|| sending.is_unsettled()) {
            refused.run(());
        }
        then.run(None);
    };
    let shown = Arc::clone(&access);
    let effect = Memo::new({
        let access = Arc::clone(&access);
        move |_| left_out.with(|left_out| access.without(left_out))
    });
    let recipient = Callback::new(move |id: RecipientId| {
        access.recipients.iter().find(|recipient| recipient.id == id).map(|recipient| recipient.name.clone())
    });
    view! {
        <Dialog title=kind.title() on_cancel=Callback::new(move |()| cancel()) can_cancel=Signal::derive(move || !pending.get())>
            <p class="hint">{move || n!(left.get(), "{n} record selected", "{n} records selected")}</p>
            {if nobody {
                view! { <p>{t!("Nobody but you has access to any of them.")}</p> }.into_any()
            } else {
                view! {
                    <div class="picking" inert=move || sending.is_fixed()>
                        <Choosing kind access=shown total=count choices />
                    </div>
                    <p role="status" class="notice">{move || effect.with(|effect| choices.with(|choices| effect_text(effect, choices)))}</p>
                }.into_any()
            }}
            <Failure sending nothing=t!("Nothing was changed:") again=t!("It may have been done already. Try again to make sure: it is done once.")
                secret=name_of recipient rest=Some(Rest { count: changing, go_on }) />
            <div class="dialog-buttons">
                <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| if !pending.get_untracked() { cancel() }>
                    {if nobody { t!("Close") } else { t!("Cancel") }}
                </button>
                {(!nobody).then(|| view! {
                    <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| act.run(())>{kind.title()}</button>
                })}
            </div>
            <HowThisWorks about=help::TAKING_BACK />
        </Dialog>
    }
}

/// Everyone who has access, each with what can be chosen for them.
#[component]
fn Choosing(kind: Kind, access: Arc<PresentAccess>, total: usize, choices: RwSignal<Choices>) -> impl IntoView {
    let everyone: Vec<RecipientId> = access.recipients.iter().map(|recipient| recipient.id).collect();
    let all = everyone.len();
    let toggle_all = Callback::new(move |()| {
        choices.update(|choices| {
            if choices.len() == all {
                choices.clear();
            } else {
                choices.extend(everyone.iter().map(|id| (*id, None)));
            }
        });
    });
    let set = move |id: RecipientId, choice: Option<Option<Permission>>| {
        choices.update(|choices| match choice {
            Some(left) => drop(choices.insert(id, left)),
            None => drop(choices.remove(&id)),
        });
    };
    let line = |recipient: &Recipient| {
        let (id, name) = (recipient.id, recipient.name.clone());
        let counts = access.counts(id);
        let has = match (counts.view, counts.edit) {
            (_, 0) => t!("Can view {count} of {total}", count = number(counts.view), total),
            (0, _) => t!("Can edit {count} of {total}", count = number(counts.edit), total),
            _ => t!(
                "Can view {view}, can edit {edit} of {total}",
                view = number(counts.view),
                edit = number(counts.edit),
                total
            ),
        };
        let about = view! {
            <span class="picked-name">{name.clone()} " " <span class="hint">{recipient.kind.label()} " · " {has}</span></span>
        };
        if kind == Kind::Unshare {
            let ticked = move || choices.with(|choices| choices.contains_key(&id));
            return view! {
                <li>
                    <label class="choice">
                        <input type="checkbox" aria-label=t!("Unshare with {name}", name) prop:checked=ticked
                            on:change=move |event| set(id, event_target_checked(&event).then_some(None)) />
                        {about}
                    </label>
                </li>
            }
            .into_any();
        }
        let change = move |event| {
            set(
                id,
                match event_target_value(&event).as_str() {
                    "view" => Some(Some(Permission::View)),
                    "edit" => Some(Some(Permission::Edit)),
                    _ => None,
                },
            );
        };
        view! {
            <li class="picked">
                {about}
                <select aria-label=t!("Permission for {name}", name) on:change=change>
                    <option value="">{t!("As it is")}</option>
                    <option value="view">{t!("Can view")}</option>
                    <option value="edit">{t!("Can edit")}</option>
                </select>
            </li>
        }
        .into_any()
    };
    view! {
        {(kind == Kind::Unshare && all > 1).then(|| view! {
            <label class="choice">
                <CheckAll extent=Signal::derive(move || choices.with(|choices| Extent::of(choices.len(), all))) toggle=toggle_all />
                <span>{t!("Everyone")}</span>
            </label>
        })}
        <ul class="picked-list" aria-label=t!("Users and groups with access")>{access.recipients.iter().map(line).collect_view()}</ul>
    }
}

/// What the choices come to.
fn wanted(access: &PresentAccess, ids: &[SecretId], choices: &Choices) -> Wanted {
    let mut wanted = Wanted::default();
    let mut raised = Vec::new();
    for (id, choice) in choices {
        match choice {
            Some(Permission::Edit) => raised.push(*id),
            // Who can edit nothing of it has nothing to be lowered.
            Some(_) if access.counts(*id).edit == 0 => {}
            left => wanted.limits.push((*id, *left)),
        }
    }
    wanted.shares = access.raises(&raised);
    wanted.shown.clone_from(&access.recipients);
    if !wanted.limits.is_empty() {
        wanted.secrets = ids.to_vec();
    }
    wanted
}

fn effect_text(access: &PresentAccess, choices: &Choices) -> String {
    let sum = |of: fn(Counts) -> usize, is: &dyn Fn(&Option<Permission>) -> bool| -> usize {
        choices.iter().filter(|(_, choice)| is(choice)).map(|(id, _)| of(access.counts(*id))).sum()
    };
    let parts: [Counted; 3] = [
        (sum(Counts::all, &|choice| choice.is_none()), |count| n!(count, "{n} ends", "{n} end")),
        (sum(|counts| counts.edit, &|choice| *choice == Some(Permission::View)), |count| {
            n!(count, "{n} lowered to Can view", "{n} lowered to Can view")
        }),
        (sum(|counts| counts.view, &|choice| *choice == Some(Permission::Edit)), |count| {
            n!(count, "{n} raised to Can edit", "{n} raised to Can edit")
        }),
    ];
    let parts: Vec<String> = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| what(*count)).collect();
    if parts.is_empty() {
        t!("Nothing changes yet.").into()
    } else {
        t!("Permissions: {parts}.", parts = parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::recipients::tests::person;

    #[test]
    fn choices_become_limits_and_shares_and_say_what_they_do() {
        let (bruno, carla, dora) = (person("bruno"), person("carla"), person("dora"));
        let [one, two] = [(); 2].map(|()| SecretId::random());
        let access = PresentAccess {
            parts: vec![
                (vec![(bruno.id, Permission::View), (carla.id, Permission::Edit)], vec![one]),
                (vec![(bruno.id, Permission::Edit), (dora.id, Permission::View)], vec![two]),
            ],
            recipients: vec![bruno.clone(), carla.clone(), dora.clone()],
        };
        assert!(wanted(&access, &[one, two], &Choices::new()).is_empty());
        assert_eq!(effect_text(&access, &Choices::new()), "Nothing changes yet.");
        let choices =
            Choices::from([(bruno.id, Some(Permission::Edit)), (carla.id, None), (dora.id, Some(Permission::View))]);
        let found = wanted(&access, &[one, two], &choices);
        assert_eq!(found.limits, [(carla.id, None)]);
        assert_eq!(found.shares, [(vec![(bruno.id, Permission::Edit)], vec![one])]);
        assert_eq!(found.secrets, [one, two]);
        assert_eq!(effect_text(&access, &choices), "Permissions: 1 ends, 1 raised to Can edit.");
        let lowered = Choices::from([(bruno.id, Some(Permission::View)), (carla.id, Some(Permission::View))]);
        assert_eq!(wanted(&access, &[one], &lowered).limits.len(), 2);
        assert_eq!(effect_text(&access, &lowered), "Permissions: 2 lowered to Can view.");
    }
}
