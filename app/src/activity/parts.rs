//! What a batch did to what and to whom: some of it at first, and the rest when asked.

use std::collections::HashMap;
use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::components::A;
use vault::{BatchId, Permission, RecipientId, SecretId};

use super::api::{BatchPart, Change, Receipt, receipt_names};
use crate::account::use_session;
use crate::error::AppError;
use crate::language::{n, t};
use crate::secret::records;
use crate::share::api::Recipient;
use crate::ui::{FormError, number};

/// How many lines of a list that is here already are shown at first, and how many more each time.
const SHOWN: usize = 50;
const MORE: usize = 500;

/// The way to more of a list.
#[component]
fn ShowMore(
    /// What there is more of.
    what: &'static str,
    /// How many are shown.
    shown: RwSignal<usize>,
    /// How many there are.
    all: usize,
) -> impl IntoView {
    // As long as there are more it stays the same button, with the focus that it has.
    let has_more = Memo::new(move |_| shown.get() < all);
    move || {
        has_more.get().then(|| {
            view! {
                <div class="form-buttons">
                    <button class="button" type="button" on:click=move |_| shown.update(|shown| *shown += MORE)>{t!("Show more {what}", what)}</button>
                    <p class="hint" role="status">{move || t!("{shown} of {all} shown", shown = number(shown.get().min(all)), all = number(all))}</p>
                </div>
            }
        })
    }
}

/// What became of whose permission.
#[component]
pub(super) fn Changes(receipt: Arc<Receipt>) -> impl IntoView {
    let called = |recipient: &Recipient| (recipient.id, (recipient.name.clone(), recipient.kind.label()));
    let names: HashMap<RecipientId, (String, &'static str)> = receipt.recipients.iter().map(called).collect();
    let all: usize = receipt.parts.iter().map(|part| part.changes.len()).sum();
    let shown = RwSignal::new(SHOWN);
    let line = move |secrets: usize, change: &Change| {
        let (name, kind) = names.get(&change.recipient).cloned().unwrap_or_else(|| (t!("Gone").into(), ""));
        view! {
            <tr>
                <th scope="row">{name} " " <span class="hint">{kind}</span></th>
                <td>{records(secrets)}</td>
                <td>{became(change.before, change.after)}</td>
            </tr>
        }
    };
    let lines = move || {
        let changes = |part: &BatchPart| {
            let secrets = part.secrets.len();
            part.changes.iter().map(move |change| (secrets, *change)).collect::<Vec<_>>()
        };
        let changes = receipt.parts.iter().flat_map(changes).take(shown.get());
        changes.map(|(secrets, change)| line(secrets, &change)).collect_view()
    };
    view! {
        <section class="card" aria-label=t!("Users and groups")>
            <h2>{t!("Users and groups")}</h2>
            <div class="scroll">
                <table class="plain" aria-label=t!("Users and groups")>
                    <thead><tr><th scope="col">{t!("Name")}</th><th scope="col">{t!("Records")}</th><th scope="col">{t!("Permission")}</th></tr></thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
            <ShowMore what=t!("users and groups") shown all />
        </section>
    }
}

/// What became of whose tags.
#[component]
pub(super) fn Tags(receipt: Arc<Receipt>) -> impl IntoView {
    let (all, shown) = (receipt.parts.len(), RwSignal::new(SHOWN));
    let line = |part: &BatchPart| {
        let all_of = |tags: &[String]| (!tags.is_empty()).then(|| tags.join(", "));
        let added = all_of(&part.tagged).map(|tags| t!("added {tags}", tags));
        let removed = all_of(&part.untagged).map(|tags| t!("removed {tags}", tags));
        let what: Vec<String> = [added, removed].into_iter().flatten().collect();
        view! { <li>{format!("{}: {}", records(part.secrets.len()), what.join("; "))}</li> }
    };
    view! {
        <section class="card" aria-label=t!("Tags")>
            <h2>{t!("Tags")}</h2>
            <ul class="names">{move || receipt.parts.iter().take(shown.get()).map(line).collect_view()}</ul>
            <ShowMore what=t!("tags") shown all />
        </section>
    }
}

/// The names of the batch's secrets, and more of them from the server when asked.
#[component]
pub(super) fn Names(
    id: BatchId,
    /// How many secrets there are.
    count: usize,
    receipt: Arc<Receipt>,
) -> impl IntoView {
    let session = use_session();
    let (names, next) = (RwSignal::new(receipt.names.clone()), RwSignal::new(receipt.more));
    let (pending, error) = (RwSignal::new(false), RwSignal::new(None::<AppError>));
    let has_more = Memo::new(move |_| next.with(Option::is_some));
    let more = move |_| {
        let Some(after) = next.get_untracked() else { return };
        error.set(None);
        session.act(pending, receipt_names(id, after), move |result| match result {
            Ok((mut found, then)) => {
                names.update(|names| names.append(&mut found));
                next.set(then);
            }
            Err(failed) => error.set(Some(failed)),
        });
    };
    let id_of = |named: &(SecretId, String)| named.0;
    let line = |(secret, name): (SecretId, String)| view! { <li><A href=format!("/secrets/{secret}")>{name}</A></li> };
    let said = move || {
        let shown = names.with(Vec::len);
        match count.saturating_sub(shown) {
            0 => String::new(),
            _ if has_more.get() => {
                n!(count, "{shown} of {n} record shown", "{shown} of {n} records shown", shown = number(shown))
            }
            gone => n!(
                gone,
                "{n} more record, which is gone or which you do not see any more",
                "{n} more records, which are gone or which you do not see any more"
            ),
        }
    };
    view! {
        <section class="card" aria-label=t!("API secrets")>
            <h2>{t!("API secrets")}</h2>
            <ul class="names">
                <For each=move || names.get() key=id_of let(named)>{line(named)}</For>
            </ul>
            <FormError error />
            <div class="form-buttons">
                {move || has_more.get().then(|| view! {
                    <button class="button" type="button" aria-disabled=move || pending.get().to_string() on:click=more>{t!("Show more API secrets")}</button>
                })}
                <p class="hint" role="status">{said}</p>
            </div>
        </section>
    }
}

fn became(before: Option<Permission>, after: Option<Permission>) -> String {
    let text = |permission| match permission {
        Permission::View => t!("Can view"),
        Permission::Edit => t!("Can edit"),
        Permission::Own => t!("Owner"),
    };
    match (before, after) {
        (None, Some(after)) => text(after).into(),
        (Some(before), None) => t!("{permission}, ended", permission = text(before)),
        (Some(before), Some(after)) => {
            t!("{permission}, was {before}", permission = text(after), before = text(before))
        }
        (None, None) => String::new(),
    }
}
