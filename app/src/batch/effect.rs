//! What a batch comes to, said before anybody says yes.

use std::sync::Arc;

use leptos::prelude::*;
use vault::{RecipientId, SecretId};

use super::Kind;
use crate::access::api::access_to;
use crate::account::use_session;
use crate::error::AppError;
use crate::secret::{Entry, records};
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
            return "Looking who has access …".to_owned();
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
    let them = if secrets == 1 { "it" } else { "them" };
    let one = recipients.len() == 1 && people == 1;
    let meaning = match kind {
        Kind::Enable => format!("can open {them} then"),
        Kind::Disable => format!("cannot open {them} any more"),
        Kind::Delete => (if one { "loses access" } else { "lose access" }).to_owned(),
        Kind::Transfer => (if one { "has access, and keeps it" } else { "have access, and keep it" }).to_owned(),
        _ => return None,
    };
    Some(if people == 0 {
        "Nobody else has access.".into()
    } else {
        format!("{} {meaning}.", reach(recipients, people))
    })
}

/// How many records become enabled or disabled, and how many are already.
fn switched(kind: Kind, rows: &[Arc<Entry>]) -> Option<String> {
    let (becomes, enabled) = match kind {
        Kind::Enable => ("enabled", true),
        Kind::Disable => ("disabled", false),
        _ => return None,
    };
    let same = rows.iter().filter(|entry| entry.row.enabled == enabled).count();
    let already = if same > 0 { format!(", {same} {becomes} already") } else { String::new() };
    let change = if rows.len() - same == 1 { "becomes" } else { "become" };
    Some(format!("{} {change} {becomes}{already}.", records(rows.len() - same)))
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
