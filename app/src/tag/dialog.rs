use std::collections::{BTreeMap, BTreeSet, HashSet};

use leptos::prelude::*;
use vault::{BatchId, SecretId};

use super::api::tag_secrets;
use crate::account::use_session;
use crate::batch::{Failure, Kind, Rest, Sending, use_batch, without};
use crate::error::AppError;
use crate::language::{n, t};
use crate::secret::{split_tags, use_secret_list};
use crate::ui::{Dialog, number};

/// What is sent: the batch, and the tags that are added and removed.
type Tags = (BatchId, Vec<String>, Vec<String>);

/// Picks tags that secrets get and lose.
#[component]
pub(crate) fn TagDialog(ids: Vec<SecretId>) -> impl IntoView {
    let (session, batch, list) = (use_session(), use_batch(), use_secret_list());
    let all = untrack(|| list.tags_by_secret());
    let known = untrack(|| list.tags());
    let ids = RwSignal::new(ids);
    let of = Memo::new(move |_| ids.with(|ids| tags_of(&all, ids)));
    let count = Signal::derive(move || ids.with(Vec::len));
    let (add, remove) = (RwSignal::new(String::new()), RwSignal::new(BTreeSet::<String>::new()));
    let sending = Sending::<Tags>::new();
    let Sending { pending, error, .. } = sending;
    let save = Callback::new(move |()| {
        if pending.get_untracked() {
            return;
        }
        let (add, remove) = (split_tags(&add.get_untracked()), remove.get_untracked().into_iter().collect::<Vec<_>>());
        if add.is_empty() && remove.is_empty() {
            error.set(Some(AppError::invalid("Add tags", "Write one to add, or tick one to remove.")));
            return;
        }
        error.set(None);
        let secrets = ids.get_untracked();
        let work = async move {
            let make = || async move { Ok((BatchId::random(), add, remove)) };
            sending.send(make, |(id, add, remove)| tag_secrets(id, secrets, add, remove)).await
        };
        session.send(pending, work, move |result| match result {
            Ok((id, ..)) => batch.finish(Kind::Tag.done(count.get_untracked()), Some(id)),
            Err(failed) => batch.fail(failed, error),
        });
    });
    let go_on = Callback::new(move |refused: HashSet<SecretId>| {
        ids.update(|ids| *ids = without(ids, &refused));
        batch.narrow(ids.get_untracked());
        save.run(());
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        save.run(());
    };
    let cancel = move || batch.leave(untrack(|| sending.is_unsettled()));
    let effect = move || {
        let add = split_tags(&add.get());
        let (gets, loses) = of.with(|of| remove.with(|remove| effect(of, &add, remove)));
        let loses = n!(loses, "{n} record loses some", "{n} records lose some");
        n!(gets, "{n} record gets new tags, {loses}.", "{n} records get new tags, {loses}.", loses)
    };
    let choices = of.with_untracked(|of| {
        let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
        for tag in of.iter().flatten() {
            *counts.entry(tag).or_default() += 1;
        }
        let choice = |(tag, count): (&String, usize)| {
            let (tag, ticked) = (tag.clone(), tag.clone());
            let label = format!("{tag} ({})", number(count));
            view! {
                <label class="choice">
                    <input type="checkbox" aria-label=t!("Remove tag {tag}", tag) prop:checked=move || remove.with(|remove| remove.contains(&ticked))
                        on:change=move |event| remove.update(|remove| if event_target_checked(&event) {
                            remove.insert(tag.clone());
                        } else {
                            remove.remove(&tag);
                        }) />
                    <span>{label}</span>
                </label>
            }
        };
        counts.into_iter().map(choice).collect_view()
    });
    let has_any = of.with_untracked(|of| of.iter().any(|tags| !tags.is_empty()));
    view! {
        <Dialog title=t!("Tag") on_cancel=Callback::new(move |()| cancel()) can_cancel=Signal::derive(move || !pending.get())>
            <form on:submit=submit novalidate>
                <p class="hint">{move || n!(count.get(), "{n} record selected", "{n} records selected")}</p>
                <div class="picking" inert=move || sending.is_fixed()>
                    <label class="field">
                        <span>{t!("Add tags")}</span>
                        <input type="text" list="tags-to-add" autocomplete="off" on:input=move |event| add.set(event_target_value(&event)) />
                        <span class="hint">{t!("Several with commas between them.")}</span>
                    </label>
                    <datalist id="tags-to-add">{known.into_iter().map(|tag| view! { <option value=tag></option> }).collect_view()}</datalist>
                    {has_any.then(|| view! {
                        <fieldset class="field">
                            <legend>{t!("Remove tags")}</legend>
                            {choices}
                        </fieldset>
                    })}
                </div>
                <p role="status" class="notice">{effect}</p>
                <Failure sending nothing=t!("Nothing was changed:") again=t!("It may have been done already. Save again to make sure: it is done once.")
                    secret=Callback::new(move |id| batch.name_of(id)) recipient=Callback::new(|_| None) rest=Some(Rest { count, go_on }) />
                <div class="dialog-buttons">
                    <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| if !pending.get_untracked() { cancel() }>{t!("Cancel")}</button>
                    <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>{t!("Save")}</button>
                </div>
            </form>
        </Dialog>
    }
}

/// The tags of each of the secrets.
fn tags_of(all: &[(SecretId, Vec<String>)], ids: &[SecretId]) -> Vec<Vec<String>> {
    let ids: HashSet<&SecretId> = ids.iter().collect();
    all.iter().filter(|(id, _)| ids.contains(id)).map(|(_, tags)| tags.clone()).collect()
}

/// How many of the secrets get a tag, and how many lose one.
fn effect(of: &[Vec<String>], add: &[String], remove: &BTreeSet<String>) -> (usize, usize) {
    let gets = of.iter().filter(|has| add.iter().any(|tag| !has.contains(tag)));
    let loses = of.iter().filter(|has| has.iter().any(|tag| remove.contains(tag)));
    (gets.count(), loses.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_counts() {
        let tags = |text: &str| split_tags(text);
        let of = [tags("prod, eu"), tags("prod"), Vec::new()];
        assert_eq!(effect(&of, &[], &BTreeSet::new()), (0, 0));
        assert_eq!(effect(&of, &tags("prod"), &BTreeSet::from(["eu".into()])), (1, 1));
        assert_eq!(effect(&of, &tags("prod, eu"), &BTreeSet::from(["us".into()])), (2, 0));
    }
}
