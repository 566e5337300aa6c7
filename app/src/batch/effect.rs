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
    let asks = is_own && meaning(kind).is_some();
    let of = session.load(move || {
        let ids = ids.clone();
        async move { if asks { others(ids).await.map(Some) } else { Ok(None) } }
    });
    let switched = switched(kind, &rows);
    let text = move || {
        // Only a help: where it cannot be had, the batch goes on without it.
        let of = of.get().and_then(Result::ok).flatten();
        let reached = of.zip(meaning(kind)).map(|((recipients, people), meaning)| match people {
            0 => "Nobody else has access.".to_owned(),
            _ => format!("{} {meaning}.", reach(&recipients, people)),
        });
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

/// What it means for those who have access: after "3 people".
fn meaning(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Enable => Some("can open them then"),
        Kind::Disable => Some("cannot open them any more"),
        Kind::Delete => Some("lose access"),
        Kind::Transfer => Some("have access, and keep it"),
        _ => None,
    }
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

    #[test]
    fn what_is_so_already_is_counted_apart() {
        let mut rows = [row("one"), row("two"), row("three")];
        rows[0].enabled = true;
        let rows = rows.map(|row| Arc::new(Entry::new(row)));
        assert_eq!(switched(Kind::Enable, &rows).as_deref(), Some("2 records become enabled, 1 enabled already."));
        assert_eq!(switched(Kind::Disable, &rows[..1]).as_deref(), Some("1 record becomes disabled."));
        assert_eq!(switched(Kind::Delete, &rows), None);
    }
}
