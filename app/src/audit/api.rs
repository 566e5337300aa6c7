//! Server functions for the audit log.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{BatchId, SecretId};

use crate::error::AppError;

/// Which entries of the log; everything, where a field is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFilter {
    /// Username or email of a person, or the name of a group: done by them, or to them.
    pub who: String,
    /// Done to this secret, also with others in a batch.
    pub secret: Option<SecretId>,
    /// What was done: the text of an event.
    pub event: String,
    /// Not before that time, in milliseconds since 1970.
    pub from: Option<i64>,
    /// Before that time.
    pub until: Option<i64>,
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Names it, in the order of time.
    pub id: u128,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What.
    pub event: String,
    /// Name and username of who did it.
    pub by: (String, String),
    /// Name and username of whom it was done to.
    pub account: Option<(String, String)>,
    /// The group that it was done to.
    pub group: Option<String>,
    /// The secret that it was done to, and its name while it is there.
    pub secret: Option<(SecretId, Option<String>)>,
    /// The batch that it is about.
    pub batch: Option<BatchId>,
    /// Where the request came from.
    pub address: Option<String>,
}

/// A page of the log, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Before which one to go on; `None` at the end of the log.
    pub next: Option<u128>,
}

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// For spreadsheets.
    Csv,
    /// One JSON object a line, for programs.
    JsonLines,
}

/// Where an export begins, or goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportAt {
    /// Before which entry; at the end of the log, without one.
    pub before: Option<u128>,
    /// The batch before that, and how many of its records were written: the others come first.
    pub rest: Option<(AuditEntry, u64)>,
}

/// A piece of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exported {
    /// The lines.
    pub text: String,
    /// How many.
    pub count: u32,
    /// Where to go on; `None` at the end.
    pub next: Option<ExportAt>,
}

/// What the log can be asked for, and how much was shared lately.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// The texts of all events.
    pub events: Vec<String>,
    /// How often something was shared on each of the last days on which it was: their first millisecond, UTC, the earliest first.
    pub shared: Vec<(i64, u32)>,
}

/// The entries that a filter lets through, before one of them or from the end of the log: the latest first, at most 100.
#[server(prefix = "/api", endpoint = "list_audit", input = Postcard, output = Postcard)]
pub async fn list_audit(filter: AuditFilter, before: Option<u128>) -> Result<AuditPage, AppError> {
    use crate::backend::{caller, respond};
    respond(async { find(caller().await?.id, filter, before, 100).await }).await
}

/// The same, written for a file, each batch with its records: about 2,000 lines at a time.
#[server(prefix = "/api", endpoint = "export_audit", input = Postcard, output = Postcard)]
pub async fn export_audit(filter: AuditFilter, at: ExportAt, format: Format) -> Result<Exported, AppError> {
    use super::export::export;
    use crate::backend::{caller, respond};
    respond(async { export(caller().await?.id, filter, at, format).await }).await
}

/// What was done to a secret, for its owner: the latest first, at most 100.
#[server(prefix = "/api", endpoint = "secret_log", input = Postcard, output = Postcard)]
pub async fn secret_log(id: SecretId, before: Option<u128>) -> Result<AuditPage, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async { Ok(backend().store.secret_log(caller().await?.id, id, before, 100).await?.into()) }).await
}

/// What the log can be asked for, and how much was shared in the last 13 weeks.
#[server(prefix = "/api", endpoint = "audit_overview", input = Postcard, output = Postcard)]
pub async fn audit_overview() -> Result<Overview, AppError> {
    use crate::backend::{backend, caller, respond};
    use crate::people::api::for_administrators;
    respond(async {
        let caller = caller().await?;
        let since = i64::try_from(store::now_in_seconds().saturating_sub(13 * 7 * 24 * 3600) * 1000).unwrap_or(0);
        let days = backend().store.audit_days(caller.id, store::Event::Shared, since).await;
        Ok(Overview {
            events: store::Event::ALL.iter().map(|event| event.text().to_owned()).collect(),
            shared: days.map_err(for_administrators)?.into_iter().map(|day| (day.at, day.count)).collect(),
        })
    })
    .await
}

#[cfg(feature = "ssr")]
pub(super) async fn find(
    caller: vault::AccountId,
    filter: AuditFilter,
    before: Option<u128>,
    limit: usize,
) -> Result<AuditPage, AppError> {
    use crate::backend::backend;
    use crate::people::api::for_administrators;
    use vault::RecipientId;

    let store = &backend().store;
    let mut wanted = store::AuditFilter {
        secret: filter.secret,
        from: filter.from,
        until: filter.until,
        ..store::AuditFilter::default()
    };
    if !filter.event.is_empty() {
        let unknown = |_| AppError::invalid("What", "There is no such event.");
        wanted.event = Some(store::Event::parse(&filter.event).map_err(unknown)?);
    }
    if !filter.who.trim().is_empty() {
        match store.find_by_name(caller, &filter.who).await.map_err(for_administrators)? {
            Some(RecipientId::Account(account)) => wanted.account = Some(account),
            Some(RecipientId::Group(group)) => wanted.group = Some(group),
            None => {
                return Err(AppError::invalid(
                    "Who",
                    "Nobody has this username or email, and no user group this name. Write it in full.",
                ));
            }
        }
    }
    Ok(store.audit(caller, &wanted, before, limit).await.map_err(for_administrators)?.into())
}

#[cfg(feature = "ssr")]
mod from_store {
    use super::{AuditEntry, AuditPage};

    impl From<store::AuditPage> for AuditPage {
        fn from(page: store::AuditPage) -> Self {
            let entry = |entry: store::AuditEntry| {
                let store::AuditEntry { id, at, event, by, account, group, secret, batch, address } = entry;
                AuditEntry { id, at, event: event.text().into(), by, account, group, secret, batch, address }
            };
            Self { entries: page.entries.into_iter().map(entry).collect(), next: page.next }
        }
    }
}
