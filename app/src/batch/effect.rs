//! What a batch comes to, said before anybody says yes.

use std::sync::Arc;

use leptos::prelude::*;
use vault::{RecipientId, SecretId};

use super::Kind;
use crate::access::api::access_to;
use crate::account::use_session;
use crate::error::AppError;
use crate::language::{n, t};
use crate::secret::Entry;
use crate::share::api::count_people;
use crate::share::reach;

/// Says how many records change, and what it means for those who have access to them.
#[component]
pub(super) fn EffectText(kind: Kind, rows: Vec<Arc<Entry>>, ids: Vec<SecretId>) -> impl IntoView {
    let session = use_session();
    let is_own = rows.iter().all(|entry| entry.row.permission.is_none());
    let asks = is_own && reached(kind, 1, &[], 0).is_some();
    let rows_count = rows.len();
    let of = session.load(move || {
        let ids = ids.clone();
        async move { if asks { others(ids).await.map(Some) } else { Ok(None) } }
    });
    let switched = switched(kind, &rows);
    let text = move || {
        // Its place is kept: nothing moves under the pointer when the answer comes.
        if asks && of.with(Option::is_none) {
            return t!("Looking who has access …").to_owned();
        }
        // Only a help: where it cannot be had, the batch goes on without it.
        let of = of.get().and_then(Result::ok).flatten();
        let reached = of.and_then(|(recipients, people)| reached(kind, rows_count, &recipients, people));
        switched.iter().cloned().chain(reached).collect::<Vec<_>>().join(" ")
    };
    view! { <p role="status" class="notice">{text}</p> }
}

/// Who has access to secrets besides their owner, and how many people these are.
async fn others(ids: Vec<SecretId>) -> Result<(Vec<RecipientId>, u64), AppError> {
    let recipients: Vec<RecipientId> =
        access_to(ids).await?.recipients.into_iter().map(|recipient| recipient.id).collect();
    let people = if recipients.is_empty() { 0 } else { count_people(recipients.clone()).await? };
    Ok((recipients, people))
}

/// What it means for those who have access.
fn reached(kind: Kind, secrets: usize, recipients: &[RecipientId], people: u64) -> Option<String> {
    let one = recipients.len() == 1 && people == 1;
    let who = reach(recipients, people);
    let said = match (kind, secrets == 1) {
        (Kind::Enable, true) => t!("{who} can open it then.", who),
        (Kind::Enable, false) => t!("{who} can open them then.", who),
        (Kind::Disable, true) => t!("{who} cannot open it any more.", who),
        (Kind::Disable, false) => t!("{who} cannot open them any more.", who),
        (Kind::Delete, _) if one => t!("{who} loses access.", who),
        (Kind::Delete, _) => t!("{who} lose access.", who),
        (Kind::Transfer, _) if one => t!("{who} has access, and keeps it.", who),
        (Kind::Transfer, _) => t!("{who} have access, and keep it.", who),
        _ => return None,
    };
    Some(if people == 0 { t!("Nobody else has access.").into() } else { said })
}

/// How many records become enabled or disabled, and how many are already.
fn switched(kind: Kind, rows: &[Arc<Entry>]) -> Option<String> {
    let same = |enabled: bool| rows.iter().filter(|entry| entry.row.enabled == enabled).count();
    let (change, same) = match kind {
        Kind::Enable => {
            let same = same(true);
            let change = n!(rows.len() - same, "{n} record becomes enabled", "{n} records become enabled");
            (change, (same > 0).then(|| n!(same, ", {n} enabled already", ", {n} enabled already")))
        }
        Kind::Disable => {
            let same = same(false);
            let change = n!(rows.len() - same, "{n} record becomes disabled", "{n} records become disabled");
            (change, (same > 0).then(|| n!(same, ", {n} disabled already", ", {n} disabled already")))
        }
        _ => return None,
    };
    Some(format!("{change}{}.", same.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::tests::row;
    use vault::AccountId;

    #[test]
    fn what_is_so_already_is_counted_apart() {
        let mut rows = [row("one"), row("two"), row("three")];
        rows[0].enabled = true;
        let rows = rows.map(|row| Arc::new(Entry::new(row)));
        assert_eq!(switched(Kind::Enable, &rows).as_deref(), Some("2 records become enabled, 1 enabled already."));
        assert_eq!(switched(Kind::Disable, &rows[..1]).as_deref(), Some("1 record becomes disabled."));
        assert_eq!(switched(Kind::Delete, &rows), None);
    }

    #[test]
    fn what_it_means_is_said_of_one_and_of_many() {
        let person = || RecipientId::Account(AccountId::random());
        let said = |kind, secrets, people: &[RecipientId]| {
            reached(kind, secrets, people, people.len() as u64).unwrap_or_default()
        };
        assert_eq!(said(Kind::Delete, 2, &[person()]), "1 person loses access.");
        assert_eq!(said(Kind::Delete, 2, &[person(), person()]), "2 people lose access.");
        assert_eq!(said(Kind::Disable, 1, &[person()]), "1 person cannot open it any more.");
        assert_eq!(said(Kind::Transfer, 1, &[]), "Nobody else has access.");
        assert_eq!(said(Kind::Share, 1, &[person()]), "");
    }
}
