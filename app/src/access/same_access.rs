use std::collections::HashSet;
use std::sync::Arc;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::components::A;
use vault::{Grants, Permission, SecretId};

use super::api::{AccessChange, PresentAccess, access_to};
use super::change::{Wanted, send};
use crate::account::use_session;
use crate::batch::{Failure, Kind, Rest, Sending, use_batch, without};
use crate::error::AppError;
use crate::language::{n, t, text};
use crate::secret::{Entry, use_secret_list};
use crate::settling::use_settling;
use crate::share::api::Recipient;
use crate::ui::{Dialog, Field, FormError};

/// The label of the field for the secret whose access is taken.
const SOURCE: &str = text!("API secret");
/// How many secrets are offered to choose from.
const OFFERED: usize = 20;

/// What is about to be shared, and how it is said.
#[derive(Clone)]
struct Plan {
    wanted: Wanted,
    /// Who has the other one, with what they may do.
    from: Vec<(Recipient, Permission)>,
    /// Those who are left out.
    out: Vec<String>,
}

impl Plan {
    /// The same without secrets that were refused.
    fn without(mut self, refused: &HashSet<SecretId>) -> Self {
        self.wanted = self.wanted.without(refused);
        self
    }

    /// How many secrets somebody gets.
    fn count(&self) -> usize {
        self.wanted.secrets().len()
    }

    /// Who gets what.
    fn lines(&self) -> Vec<String> {
        let line = |(recipient, permission): &(Recipient, Permission)| {
            let of = |(grants, secrets): &(Grants, Vec<SecretId>)| {
                if grants.iter().any(|(id, _)| *id == recipient.id) { secrets.len() } else { 0 }
            };
            let count: usize = self.wanted.shares.iter().map(of).sum();
            let may_edit = *permission >= Permission::Edit;
            let name = &recipient.name;
            (count > 0).then(|| {
                if may_edit {
                    n!(count, "{name} can edit {n} record", "{name} can edit {n} records", name)
                } else {
                    n!(count, "{name} can view {n} record", "{name} can view {n} records", name)
                }
            })
        };
        let out = self.out.iter().map(|name| t!("{name} is left out: not active", name));
        self.from.iter().filter_map(line).chain(out).collect()
    }
}

/// Takes the people and groups of another secret for those that were chosen. Nobody loses access by it.
#[component]
pub(crate) fn SameAccessDialog(ids: Vec<SecretId>, access: Arc<PresentAccess>) -> impl IntoView {
    let (session, batch, settling, list) = (use_session(), use_batch(), use_settling(), use_secret_list());
    let ids = StoredValue::new(ids);
    let source = RwSignal::new(String::new());
    let plan = RwSignal::new(None::<Plan>);
    let sending = Sending::<AccessChange>::new();
    let Sending { pending, error, .. } = sending;
    let look = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        if !untrack(|| list.is_loaded()) {
            error.set(Some(AppError::invalid(
                SOURCE,
                t!("Your API secrets are still being loaded. Try again in a moment."),
            )));
            return;
        }
        let all = untrack(|| list.all());
        let Some(from) = source.with_untracked(|text| find(&all, text)) else {
            error.set(Some(AppError::invalid(SOURCE, t!("Choose one of your own API secrets from the list."))));
            return;
        };
        let access = Arc::clone(&access);
        let work = async move { plan_for(&ids.get_value(), &access, &access_to(vec![from]).await?) };
        session.act(pending, work, move |found| match found {
            Ok(found) => plan.set(Some(found)),
            Err(failed) => error.set(Some(failed)),
        });
    };
    let yes = Callback::new(move |()| {
        let Some(plan) = plan.get_untracked().filter(|_| !pending.get_untracked()) else { return };
        let count = plan.count();
        error.set(None);
        session.send(pending, send(session, plan.wanted, sending), move |result| match result {
            Ok(id) => {
                settling.look();
                batch.finish(Kind::Share.done(count), Some(id));
            }
            Err(failed) => batch.fail(failed, error),
        });
    });
    let go_on = Callback::new(move |refused: HashSet<SecretId>| {
        plan.update(|plan| *plan = plan.take().map(|plan| plan.without(&refused)));
        ids.update_value(|ids| *ids = without(ids, &refused));
        batch.narrow(ids.get_value());
        yes.run(());
    });
    let left = Signal::derive(move || plan.with(|plan| plan.as_ref().map_or(0, Plan::count)));
    let cancel = move || batch.leave(untrack(|| sending.is_unsettled()));
    let name_of = move |recipient| plan.with_untracked(|plan| plan.as_ref()?.wanted.name_of(recipient));
    let options = move || {
        let text = source.get().to_lowercase();
        let all = list.all();
        let found = all.iter().filter(|entry| is_source(entry) && entry.name.contains(&text)).take(OFFERED);
        found.map(|entry| view! { <option value=called(entry)></option> }).collect_view()
    };
    let ask = move || {
        view! {
            <form on:submit=look.clone() novalidate>
                <p class="hint">{n!(ids.with_value(Vec::len), "{n} record selected. The people and groups of another API secret get the same access to them; nobody loses any.", "{n} records selected. The people and groups of another API secret get the same access to them; nobody loses any.")}</p>
                <Field label=SOURCE value=source error list="same-access" hint=t!("One of yours that is shared. Write a part of its name.") />
                <datalist id="same-access">{options}</datalist>
                <p class="hint"><A href="/activity/colleague">{t!("Give somebody everything that a colleague has")}</A></p>
                <FormError error />
                <div class="dialog-buttons">
                    <button class="button" type="button" on:click=move |_| cancel()>{t!("Cancel")}</button>
                    <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>{t!("Continue")}</button>
                </div>
            </form>
        }
    };
    let confirm = move |plan: Plan| {
        view! {
            <p>{n!(plan.count(), "Are you sure you want to share the {n} record selected?", "Are you sure you want to share the {n} records selected?")}</p>
            <p class="hint">{t!("This access has no end by itself, also where that of the other one has.")}</p>
            <ul>{plan.lines().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
            <Failure sending nothing=t!("Nothing was changed:") again=t!("It may have been done already. Say Yes again to make sure: it is done once.")
                secret=Callback::new(move |id| batch.name_of(id)) recipient=Callback::new(name_of) rest=Some(Rest { count: left, go_on }) />
            <div class="dialog-buttons">
                <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| if !pending.get_untracked() { cancel() }>{t!("No")}</button>
                <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=move |_| yes.run(())>{t!("Yes")}</button>
            </div>
        }
    };
    view! {
        <Dialog title=t!("Same access as …") on_cancel=Callback::new(move |()| cancel()) can_cancel=Signal::derive(move || !pending.get())>
            {move || match plan.get() {
                None => ask().into_any(),
                Some(plan) => confirm(plan).into_any(),
            }}
        </Dialog>
    }
}

/// Whether the access to a secret can be taken for others: the person owns it, and it is shared.
fn is_source(entry: &Entry) -> bool {
    entry.row.permission.is_none() && entry.row.shared
}

/// How a secret is called where two may have the same name.
fn called(entry: &Entry) -> String {
    format!("{} ({})", entry.row.fields.name, entry.short_id())
}

/// The secret that a text names: as it was offered, or by a name that is the only one.
fn find(all: &[Arc<Entry>], text: &str) -> Option<SecretId> {
    let text = text.trim();
    let mut named = all.iter().filter(|entry| is_source(entry) && entry.row.fields.name == text);
    let only = named.next().filter(|_| named.next().is_none());
    let found = only.or_else(|| all.iter().find(|entry| is_source(entry) && called(entry) == text));
    found.map(|entry| entry.row.id)
}

/// What has to be shared so that those who have the source have the chosen ones as well.
fn plan_for(ids: &[SecretId], present: &PresentAccess, source: &PresentAccess) -> Result<Plan, AppError> {
    let (from, out): (Vec<_>, Vec<_>) = source.of_one().into_iter().partition(|(recipient, _)| recipient.active);
    let grants: Vec<_> = from.iter().map(|(recipient, permission)| (recipient.id, *permission)).collect();
    let shares = present.additions(ids.iter().map(|id| (*id, grants.clone())));
    if shares.is_empty() {
        return Err(AppError::invalid(SOURCE, t!("Everybody who has this one has the selected ones already.")));
    }
    let out = out.into_iter().map(|(recipient, _)| recipient.name).collect();
    let shown = from.iter().map(|(recipient, _)| recipient.clone()).collect();
    Ok(Plan { wanted: Wanted { shares, shown, ..Wanted::default() }, from, out })
}
