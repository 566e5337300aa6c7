use std::collections::{BTreeMap, BTreeSet};

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;
use vault::{Grants, Permission, RecipientId, SecretId};

use super::api::{AccessChange, PresentAccess, access_of, access_to};
use super::change::{Wanted, send};
use crate::account::use_session;
use crate::batch::{Failure, Sending, receipt_address, use_batch};
use crate::error::AppError;
use crate::language::{n, t, text};
use crate::secret::use_secret_list;
use crate::share::api::{Recipient, Resolved, Sought, resolve_recipients};
use crate::ui::{Field, FormError, number, use_toasts};

const COLLEAGUE: &str = text!("Colleague");
const TO: &str = text!("Who gets the same");

/// What is about to be shared, and how it is said.
#[derive(Clone)]
struct Plan {
    wanted: Wanted,
    text: String,
}

/// Gives somebody everything that a colleague has, of what the person owns.
#[component]
pub(crate) fn ColleaguePage() -> impl IntoView {
    let (session, toasts, list, batch) = (use_session(), use_toasts(), use_secret_list(), use_batch());
    let navigate = StoredValue::new_local(use_navigate());
    let (colleague, to) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let shown_plan = RwSignal::new(None::<Plan>);
    let sending = Sending::<AccessChange>::new();
    let Sending { pending, error, .. } = sending;
    let look = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        let (colleague, to) = (colleague.get_untracked(), to.get_untracked());
        session.act(pending, make_plan(colleague, to), move |found| match found {
            Ok(found) => shown_plan.set(Some(found)),
            Err(failed) => error.set(Some(failed)),
        });
    };
    let yes = move |_| {
        let Some(plan) = shown_plan.get_untracked().filter(|_| !pending.get_untracked()) else { return };
        error.set(None);
        session.send(pending, send(session, plan.wanted, sending), move |result| match result {
            Ok(id) => {
                list.refresh();
                toasts.done_with(t!("Shared. Now users can use this shared item"), Some(receipt_address(id)));
                navigate.with_value(|navigate| navigate("/activity", NavigateOptions::default()));
            }
            Err(failed) => batch.fail(failed, error),
        });
    };
    let name_of = move |recipient| shown_plan.with_untracked(|plan| plan.as_ref()?.wanted.name_of(recipient));
    let ask = move || {
        view! {
            <form class="card form" on:submit=look novalidate>
                <Field label=COLLEAGUE value=colleague error required=true hint=t!("Their username or email.") />
                <Field label=TO value=to error required=true hint=t!("Usernames, emails or group names, several with commas between them.") />
                <FormError error />
                <div class="form-buttons">
                    <A href="/activity" attr:class="button quiet">{t!("Cancel")}</A>
                    <button class="button primary" type="submit" aria-disabled=move || pending.get().to_string()>{t!("Continue")}</button>
                </div>
            </form>
        }
    };
    let confirm = move |plan: Plan| {
        view! {
            <section class="card" aria-labelledby="colleague-confirm">
                <h2 id="colleague-confirm">{t!("Confirmation")}</h2>
                <p>{plan.text}</p>
                <p class="hint">{t!("This access has no end by itself, also where some of the colleague's has.")}</p>
                <Failure sending nothing=t!("Nothing was changed:") again=t!("It may have been done already. Say Yes again to make sure: it is done once.")
                    secret=Callback::new(move |id| batch.name_of(id)) recipient=Callback::new(name_of) />
                <div class="form-buttons">
                    <button class="button" type="button" aria-disabled=move || sending.is_fixed().to_string()
                        on:click=move |_| if !untrack(|| sending.is_fixed()) { error.set(None); shown_plan.set(None); }>{t!("No")}</button>
                    <button class="button primary" type="button" aria-disabled=move || pending.get().to_string() on:click=yes>{t!("Yes")}</button>
                </div>
            </section>
        }
    };
    view! {
        <div class="page">
            <p class="back"><A href="/activity">{t!("Sharing activity")}</A></p>
            <h1>{t!("Same access as a colleague")}</h1>
            <p class="hint">{t!("For somebody who joins a colleague, or takes their place: everything that the colleague has access to of what you own, with the same permissions, also what they have by groups. The colleague keeps it.")}</p>
            {move || match shown_plan.get() {
                None => ask().into_any(),
                Some(plan) => confirm(plan).into_any(),
            }}
        </div>
    }
}

/// Works out what has to be shared so that some have what one has.
async fn make_plan(colleague: String, to: String) -> Result<Plan, AppError> {
    let colleague = colleague.trim().to_owned();
    let names: Vec<String> =
        to.split([',', ';', '\n']).map(str::trim).filter(|text| !text.is_empty()).map(Into::into).collect();
    if colleague.is_empty() || names.is_empty() {
        let field = if colleague.is_empty() { COLLEAGUE } else { TO };
        return Err(AppError::invalid(field, t!("Fill in this field.")));
    }
    let asked = std::iter::once(colleague.clone()).chain(names.iter().cloned()).collect();
    let mut found: Vec<Option<Recipient>> =
        resolve_recipients(asked, Sought::All).await?.into_iter().map(Resolved::found).collect();
    let to = found.split_off(1);
    let Some(Recipient { id: RecipientId::Account(account), name: from, .. }) = found.pop().flatten() else {
        return Err(AppError::invalid(COLLEAGUE, t!("There is nobody with this username or email.")));
    };
    let missing: Vec<&str> =
        names.iter().zip(&to).filter(|(_, found)| found.is_none()).map(|(name, _)| name.as_str()).collect();
    if !missing.is_empty() {
        return Err(AppError::invalid(TO, t!("Not found: {names}.", names = missing.join(", "))));
    }
    let mut to: Vec<Recipient> = to.into_iter().flatten().collect();
    to.sort_by_key(|recipient| recipient.id);
    to.dedup_by_key(|recipient| recipient.id);
    if let Some(inactive) = to.iter().find(|recipient| !recipient.active) {
        return Err(AppError::invalid(TO, t!("{name} is not active.", name = inactive.name)));
    }
    let has = access_of(account).await?;
    if has.is_empty() {
        return Err(AppError::invalid(COLLEAGUE, t!("They have access to nothing of yours.")));
    }
    let present = access_to(has.iter().map(|(secret, _)| *secret).collect()).await?;
    let shares = shares_for(&present, &has, &to);
    if shares.is_empty() {
        return Err(AppError::invalid(TO, t!("They have all of it already.")));
    }
    let secrets: BTreeSet<SecretId> = shares.iter().flat_map(|(_, secrets)| secrets.iter().copied()).collect();
    let edit = has.iter().filter(|(secret, may)| *may >= Permission::Edit && secrets.contains(secret)).count();
    let who: Vec<&str> = to.iter().map(|recipient| recipient.name.as_str()).collect();
    let text = n!(
        secrets.len(),
        "Are you sure you want to share the {n} record that {from} has with {whom}? Can view: {view}, can edit: {edit}.",
        "Are you sure you want to share the {n} records that {from} has with {whom}? Can view: {view}, can edit: {edit}.",
        from,
        whom = who.join(", "),
        view = number(secrets.len() - edit),
        edit = number(edit),
    );
    Ok(Plan { wanted: Wanted { shares, shown: to, ..Wanted::default() }, text })
}

/// The fewest shares by which these have what the colleague has.
fn shares_for(
    present: &PresentAccess,
    has: &[(SecretId, Permission)],
    to: &[Recipient],
) -> Vec<(Grants, Vec<SecretId>)> {
    let grants: BTreeMap<Permission, Grants> = [Permission::View, Permission::Edit]
        .map(|permission| (permission, to.iter().map(|recipient| (recipient.id, permission)).collect()))
        .into();
    present.additions(has.iter().filter_map(|(secret, permission)| {
        // Who is about to become an owner has more than can be shared.
        Some((*secret, grants.get(permission)?.clone()))
    }))
}
