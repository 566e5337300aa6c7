//! Reading the log: all of it for administrators, and of a secret for its owner.

use std::collections::HashSet;

use surrealdb::types::{Datetime, RecordId, SurrealValue, Value};
use uuid::Uuid;
use vault::{AccountId, BatchId, GroupId, SecretId};

use super::{Event, entry_id, index_id, time_of};
use crate::access::{Access, access, second};
use crate::account::require_administrator;
use crate::clock::{Millis, millis};
use crate::database::{Store, Tx, query};
use crate::error::StoreError;
use crate::record;
use crate::secret::owner_of;

/// How many entries are looked at for one page at most: the next page goes on where this one stopped.
const LOOKED_AT: usize = 4_000;
/// How many at a time.
const AT_A_TIME: usize = 1_000;
/// A day, in milliseconds.
const DAY: Millis = 24 * 3_600_000;

/// Which entries of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Done by this person, or to them.
    pub account: Option<AccountId>,
    /// Done to this group.
    pub group: Option<GroupId>,
    /// Done to this secret, also with others in a batch.
    pub secret: Option<SecretId>,
    /// Of this kind.
    pub event: Option<Event>,
    /// Not before that time.
    pub from: Option<Millis>,
    /// Before that time.
    pub until: Option<Millis>,
}

impl AuditFilter {
    /// What the entries are found by, the rarest first.
    fn subjects(&self) -> Vec<Value> {
        let rows = [self.secret.map(record::secret), self.group.map(record::group), self.account.map(record::account)];
        let event = self.event.map(|event| Value::String(event.text().into()));
        rows.into_iter().flatten().map(Value::RecordId).chain(event).collect()
    }
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Names it, in the order of time.
    pub id: u128,
    /// When.
    pub at: Millis,
    /// What.
    pub event: Event,
    /// Who did it: name and username as they are now.
    pub by: (String, String),
    /// The person it was done to.
    pub account: Option<(String, String)>,
    /// The group it was done to.
    pub group: Option<String>,
    /// The secret it was done to, and its name while it is there.
    pub secret: Option<(SecretId, Option<String>)>,
    /// The batch that it is about.
    pub batch: Option<BatchId>,
    /// Where the request came from.
    pub address: Option<String>,
}

/// The id of an entry as it is written elsewhere.
pub fn audit_id_text(id: u128) -> String {
    Uuid::from_u128(id).to_string()
}

/// A page of the log, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Before which one to go on; `None` at the end of the log.
    pub next: Option<u128>,
}

/// How much was done on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Its first millisecond, UTC.
    pub at: Millis,
    /// How often.
    pub count: u32,
}

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    at: Datetime,
    event: String,
    by_name: Option<String>,
    by_username: Option<String>,
    account_name: Option<String>,
    account_username: Option<String>,
    group_name: Option<String>,
    secret: Option<RecordId>,
    secret_name: Option<String>,
    batch: Option<RecordId>,
    address: Option<String>,
}

impl Row {
    fn entry(self) -> Result<AuditEntry, StoreError> {
        let id: Uuid = record::id(&self.id)?;
        let pair = |name: Option<String>, username: Option<String>| name.zip(username);
        let secret = self.secret.as_ref().map(record::id).transpose()?;
        Ok(AuditEntry {
            id: id.as_u128(),
            at: millis(&self.at),
            event: Event::parse(&self.event)?,
            by: pair(self.by_name, self.by_username).unwrap_or_default(),
            account: pair(self.account_name, self.account_username),
            group: self.group_name,
            secret: secret.map(|secret| (secret, self.secret_name)),
            batch: self.batch.as_ref().map(record::id).transpose()?,
            address: self.address,
        })
    }
}

impl Store {
    /// The entries that a filter lets through, before one of them or from the end of the log: the latest first, at most `limit`. A page may have
    /// fewer and still not be the last, where few of those that were looked at fit.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members.
    pub async fn audit(
        &self,
        caller: AccountId,
        filter: &AuditFilter,
        before: Option<u128>,
        limit: usize,
    ) -> Result<AuditPage, StoreError> {
        self.transact(|tx| async move {
            require_administrator(&tx, caller).await?;
            page(&tx, filter, before, limit).await
        })
        .await
    }

    /// What was done to a secret, for its owner.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for everyone without access, [`StoreError::Forbidden`] for those who have it and do not own it.
    pub async fn secret_log(
        &self,
        caller: AccountId,
        secret: SecretId,
        before: Option<u128>,
        limit: usize,
    ) -> Result<AuditPage, StoreError> {
        self.transact(|tx| async move {
            let owner = owner_of(&tx, secret).await?.ok_or(StoreError::NotFound)?;
            match access(&tx, caller, secret, owner).await? {
                Some(Access::Owner) => {}
                Some(Access::Shared(_)) => return Err(StoreError::Forbidden),
                None => return Err(StoreError::NotFound),
            }
            let filter = AuditFilter { secret: Some(secret), ..AuditFilter::default() };
            page(&tx, &filter, before, limit).await
        })
        .await
    }

    /// How often an event happened, on each day since a time on which it did, the earliest first.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members.
    pub async fn audit_days(&self, caller: AccountId, event: Event, since: Millis) -> Result<Vec<Day>, StoreError> {
        self.transact(|tx| async move {
            require_administrator(&tx, caller).await?;
            let text = "SELECT VALUE id FROM audit_of:[$subject, $from]..=[$subject, ..]";
            let (subject, from) = (event.text(), surrealdb::types::Uuid::from(first_at(since)));
            let ids: Vec<RecordId> = query!(tx, text, subject = subject, from = from)?.take(0)?;
            let mut days: Vec<Day> = Vec::new();
            for id in &ids {
                let at = millis(&time_of(second(id)?)) / DAY * DAY;
                match days.last_mut() {
                    Some(day) if day.at == at => day.count += 1,
                    _ => days.push(Day { at, count: 1 }),
                }
            }
            Ok(days)
        })
        .await
    }
}

/// What an entry says, for what goes by it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said {
    pub by: AccountId,
    pub secret: Option<SecretId>,
    pub batch: Option<BatchId>,
}

#[derive(SurrealValue)]
struct SaidRow {
    by: RecordId,
    secret: Option<RecordId>,
    batch: Option<RecordId>,
}

/// The entries of one kind after another entry, in the order of time.
pub(crate) async fn entries_since(tx: &Tx, event: Event, since: Uuid) -> Result<Vec<Said>, StoreError> {
    let text = "SELECT VALUE id FROM audit_of:[$subject, $from]..=[$subject, ..]";
    let from = surrealdb::types::Uuid::from(since);
    let ids: Vec<RecordId> = query!(tx, text, subject = event.text(), from = from)?.take(0)?;
    let ids = ids.iter().map(|id| second(id).map(entry_id)).collect::<Result<Vec<_>, _>>()?;
    let mut said = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(AT_A_TIME) {
        let rows: Vec<SaidRow> = query!(tx, "SELECT by, secret, batch FROM $ids", ids = chunk.to_vec())?.take(0)?;
        for row in rows {
            said.push(Said {
                by: record::id(&row.by)?,
                secret: row.secret.as_ref().map(record::id).transpose()?,
                batch: row.batch.as_ref().map(record::id).transpose()?,
            });
        }
    }
    Ok(said)
}

/// The first id that an entry of that time can have.
fn first_at(time: Millis) -> Uuid {
    Uuid::from_u128(u128::from(u64::try_from(time).unwrap_or_default()) << 80)
}

async fn page(tx: &Tx, filter: &AuditFilter, before: Option<u128>, limit: usize) -> Result<AuditPage, StoreError> {
    let from = filter.from.map_or(Uuid::nil(), first_at);
    let until = filter.until.map_or(Uuid::max(), first_at);
    let mut before = before.map_or(until, |before| until.min(Uuid::from_u128(before)));
    let subjects = filter.subjects();
    let (first, others) = subjects.split_first().map_or((None, [].as_slice()), |(first, rest)| (Some(first), rest));
    let (mut found, mut looked_at) = (Vec::<Uuid>::new(), 0);
    let next = loop {
        let ids = ids_before(tx, first, from, before).await?;
        let is_last = ids.len() < AT_A_TIME;
        looked_at += ids.len();
        if let Some(last) = ids.last() {
            before = *last;
        }
        let mut fits = ids;
        for other in others {
            fits = those_of(tx, other, fits).await?;
        }
        let room = limit - found.len();
        if fits.len() > room {
            fits.truncate(room);
            before = fits.last().copied().unwrap_or(before);
            found.append(&mut fits);
            break Some(before);
        }
        found.append(&mut fits);
        if is_last {
            break None;
        }
        if looked_at >= LOOKED_AT || found.len() == limit {
            break Some(before);
        }
    };
    let mut entries = Vec::with_capacity(found.len());
    for chunk in found.chunks(AT_A_TIME) {
        let text = "SELECT id, at, event, by.name AS by_name, by.username AS by_username, account.name AS account_name,
                           account.username AS account_username, `group`.name AS group_name, secret,
                           secret.name AS secret_name, batch, address FROM $ids";
        let ids: Vec<RecordId> = chunk.iter().copied().map(entry_id).collect();
        let rows: Vec<Row> = query!(tx, text, ids = ids)?.take(0)?;
        for row in rows {
            entries.push(row.entry()?);
        }
    }
    Ok(AuditPage { entries, next: next.map(|id| id.as_u128()) })
}

/// The ids of entries about something, or of all, the latest first; some at a time.
async fn ids_before(tx: &Tx, subject: Option<&Value>, from: Uuid, before: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let ids: Vec<RecordId> = if let Some(subject) = subject {
        let (from, before) = (surrealdb::types::Uuid::from(from), surrealdb::types::Uuid::from(before));
        let text = format!(
            "SELECT VALUE id FROM audit_of:[$subject, $from]..[$subject, $before] ORDER BY id DESC LIMIT {AT_A_TIME}"
        );
        query!(tx, text, subject = subject.clone(), from = from, before = before)?.take(0)?
    } else {
        latest(tx, from, before).await?
    };
    ids.iter().map(|id| if subject.is_some() { second(id) } else { record::id(id) }).collect()
}

/// The id of the last entry.
pub(crate) async fn last_entry(tx: &Tx) -> Result<Option<Uuid>, StoreError> {
    let ids: Vec<RecordId> = query!(tx, "SELECT VALUE id FROM audit ORDER BY id DESC LIMIT 1")?.take(0)?;
    ids.first().map(record::id).transpose()
}

/// The ids of the latest entries before one. A range of ids is read as a whole, and a condition reads the table from its end: so the range begins a minute
/// before, and four times as long each time that has too few.
async fn latest(tx: &Tx, from: Uuid, before: Uuid) -> Result<Vec<RecordId>, StoreError> {
    // Nothing is looked for after the last one.
    let Some(last) = last_entry(tx).await? else { return Ok(Vec::new()) };
    let before = before.min(Uuid::from_u128(last.as_u128().saturating_add(1)));
    if before <= from {
        return Ok(Vec::new());
    }
    let mut window: u128 = 60_000 << 80;
    loop {
        let begin = from.max(Uuid::from_u128(before.as_u128().saturating_sub(window)));
        // Ends that are parameters would not make it a range.
        let text = format!("SELECT VALUE id FROM audit:u'{begin}'..u'{before}' ORDER BY id DESC LIMIT {AT_A_TIME}");
        let ids: Vec<RecordId> = query!(tx, text)?.take(0)?;
        if ids.len() >= AT_A_TIME || begin == from {
            return Ok(ids);
        }
        window = window.saturating_mul(4);
    }
}

/// Those of the entries that are about something, in their order.
async fn those_of(tx: &Tx, subject: &Value, entries: Vec<Uuid>) -> Result<Vec<Uuid>, StoreError> {
    let ids: Vec<RecordId> = entries.iter().map(|entry| index_id(subject.clone(), *entry)).collect();
    let there: Vec<RecordId> = query!(tx, "SELECT VALUE id FROM $ids", ids = ids)?.take(0)?;
    let there = there.iter().map(second).collect::<Result<HashSet<Uuid>, _>>()?;
    Ok(entries.into_iter().filter(|entry| there.contains(entry)).collect())
}
