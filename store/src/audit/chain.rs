//! The chain: every entry is bound to all before it by a key that is not in the database. Who changes the database alone cannot change, add or take away an
//! entry that has its link without the chain telling.

use std::collections::HashSet;

use serde::Serialize;
use surrealdb::types::{Array, Bytes, Datetime, RecordId, SurrealValue, Value};
use uuid::Uuid;
use vault::{AuditKey, BatchId, SecretId};

use super::records::{leading_to, secrets_of};
use super::{EntryRow, index_id};
use crate::batch::{parts_of_event, subjects_of};
use crate::clock::{Millis, millis, now};
use crate::database::{Store, Tx, insert, query};
use crate::error::StoreError;
use crate::record;

/// How many entries get their links at a time.
const AT_A_TIME: usize = 500;
/// How long an entry may wait for its link while others get theirs, in milliseconds: longer than any request takes.
const LATE: Millis = 5 * 60_000;

/// A chain that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// How many entries it binds.
    pub entries: u64,
    /// How many have yet to get their links.
    pub waiting: u64,
    /// The last link, in hexadecimal: whoever keeps it elsewhere can tell later whether the log was cut short.
    pub link: String,
}

/// The first entry at which the chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadEntry {
    /// Its number in the chain, from 1.
    pub number: u64,
    /// Its id, where there is one.
    pub entry: Option<Uuid>,
    /// What is wrong.
    pub what: &'static str,
}

#[derive(SurrealValue)]
struct LinkRow {
    id: RecordId,
    entry: RecordId,
    link: Bytes,
    at: Datetime,
}

#[derive(SurrealValue)]
struct HeadRow {
    number: i64,
    link: Bytes,
}

#[derive(SurrealValue)]
struct CountRow {
    count: i64,
}

/// What of an entry is bound.
#[derive(Serialize)]
struct Bound<'a> {
    number: u64,
    id: [u8; 16],
    at: (i64, u32),
    /// When its link was made.
    linked_at: (i64, u32),
    event: &'a str,
    /// By, account, group, secret, batch.
    rows: [Option<[u8; 16]>; 5],
    digest: Option<&'a str>,
    address: Option<&'a str>,
}

impl EntryRow {
    fn bound(&self, number: u64, linked_at: &Datetime) -> Result<Vec<u8>, StoreError> {
        let time = |time: &Datetime| (time.timestamp(), time.timestamp_subsec_nanos());
        let bytes = |row: Option<&RecordId>| -> Result<Option<[u8; 16]>, StoreError> {
            row.map(|row| Ok(record::id::<Uuid>(row)?.into_bytes())).transpose()
        };
        let rows =
            [Some(&self.by), self.account.as_ref(), self.group.as_ref(), self.secret.as_ref(), self.batch.as_ref()];
        let [by, account, group, secret, batch] = rows.map(bytes);
        let bound = Bound {
            number,
            id: record::id::<Uuid>(&self.id)?.into_bytes(),
            at: time(&self.at),
            linked_at: time(linked_at),
            event: &self.event,
            rows: [by?, account?, group?, secret?, batch?],
            digest: self.digest.as_deref(),
            address: self.address.as_deref(),
        };
        postcard::to_allocvec(&bound).map_err(|error| StoreError::Content(error.to_string()))
    }
}

impl Store {
    /// Binds entries that have no link yet to the chain, in the order of time; some at a time. How many.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn seal_audit(&self, key: &AuditKey) -> Result<usize, StoreError> {
        self.transact(|tx| async move {
            let text = format!("SELECT VALUE id FROM audit_pending ORDER BY id LIMIT {AT_A_TIME}");
            let pending: Vec<RecordId> = query!(tx, text)?.take(0)?;
            if pending.is_empty() {
                return Ok(0);
            }
            let (mut number, mut link) = head(&tx).await?;
            let ids: Vec<RecordId> =
                pending.iter().map(|id| Ok(super::entry_id(record::id(id)?))).collect::<Result<_, StoreError>>()?;
            let entries: Vec<EntryRow> = query!(tx, "SELECT * FROM $ids", ids = ids)?.take(0)?;
            let (mut links, at) = (Vec::with_capacity(entries.len()), now());
            for entry in entries {
                number += 1;
                link = key.link(&link, &entry.bound(number, &at)?);
                links.push(LinkRow { id: link_id(number)?, entry: entry.id, link: link.to_vec().into(), at });
            }
            insert(&tx, "audit_link", links).await?;
            query!(
                tx,
                "DELETE $pending RETURN NONE; UPSERT audit_head:this SET number = $number, link = $link RETURN NONE",
                pending = pending.clone(),
                number = record::integer(number)?,
                link = Bytes::from(link.to_vec())
            )?;
            Ok(pending.len())
        })
        .await
    }

    /// Checks the whole chain, that every entry can be found by what it is about and by nothing else, and that a link that was noted before is in it.
    ///
    /// # Errors
    /// Where the database cannot answer. A chain that does not hold is no error, but the answer.
    pub async fn verify_audit(
        &self,
        key: &AuditKey,
        noted: Option<&str>,
    ) -> Result<Result<Chain, BadEntry>, StoreError> {
        self.transact(|tx| async move {
            let (last, head_link) = head(&tx).await?;
            let (mut number, mut link, mut linked_at, mut is_noted) = (0_u64, [0; 32], 0, false);
            let mut rows = 0;
            let mut seen: HashSet<Uuid> = HashSet::new();
            loop {
                let text = "SELECT id, entry, link, at FROM audit_link:[$first]..=[$last]";
                let (first, end) = (number + 1, number + AT_A_TIME as u64);
                let links: Vec<LinkRow> =
                    query!(tx, text, first = record::integer(first)?, last = record::integer(end)?)?.take(0)?;
                if links.is_empty() {
                    break;
                }
                let ids: Vec<RecordId> = links.iter().map(|link| link.entry.clone()).collect();
                let entries: Vec<EntryRow> = query!(tx, "SELECT * FROM $ids", ids = ids)?.take(0)?;
                let mut entries = entries.into_iter().peekable();
                for row in links {
                    number += 1;
                    let entry = Some(record::id::<Uuid>(&row.entry)?);
                    let bad = |what| Ok(Err(BadEntry { number, entry, what }));
                    if row.id != link_id(number)? {
                        return Ok(Err(BadEntry { number, entry: None, what: "it is missing" }));
                    }
                    let Some(found) = entries.next_if(|found| found.id == row.entry) else {
                        return bad("it is missing");
                    };
                    let Ok(bound) = found.bound(number, &row.at) else { return bad("it was changed") };
                    link = key.link(&link, &bound);
                    if noted.is_some_and(|noted| noted == record::hex(&link)) {
                        is_noted = true;
                    }
                    if *row.link != link[..] {
                        return bad("it was changed");
                    }
                    // Entries get their links in a moment, as soon as there is a server to make them: one that is much older than the link before its own was
                    // slipped in. Where the clock was set back in between, it is not older than its own.
                    let (before, own) = (linked_at, millis(&row.at));
                    if millis(&found.at) < before.min(own) - LATE || found.at != super::time_of(record::id(&found.id)?)
                    {
                        return bad("it was added later than it says");
                    }
                    linked_at = own;
                    if !seen.insert(record::id::<Uuid>(&found.id)?) {
                        return bad("it is there twice");
                    }
                    match found_by(&tx, &found).await? {
                        Ok(found) => rows += found,
                        Err(what) => return bad(what),
                    }
                }
            }
            if (number, link) != (last, head_link) {
                return Ok(Err(BadEntry { number: number + 1, entry: None, what: "it is missing" }));
            }
            let missing = |what| Ok(Err(BadEntry { number: number + 1, entry: None, what }));
            let (waiting, found) = match waiting(&tx, number + 1).await? {
                Ok(waiting) => waiting,
                Err(bad) => return Ok(Err(bad)),
            };
            if count(&tx, "audit").await? != number + waiting {
                return missing("there are entries without a link");
            }
            // Each entry is found by all that it is about: where there are more rows, something leads to an entry that is not about it.
            if count(&tx, "audit_of").await? != (rows + found) as u64 {
                return missing("an entry is found by what it is not about");
            }
            if noted.is_some() && !is_noted {
                return missing("the log was cut short: it lacks the link that was noted");
            }
            Ok(Ok(Chain { entries: number, waiting, link: record::hex(&link) }))
        })
        .await
    }
}

/// By how many rows an entry is found, or what is wrong with what it stands for besides itself.
async fn found_by(tx: &Tx, entry: &EntryRow) -> Result<Result<usize, &'static str>, StoreError> {
    let id: Uuid = record::id(&entry.id)?;
    let mut subjects = entry.subjects();
    if let Some(batch) = &entry.batch {
        let batch: BatchId = record::id(batch)?;
        let (parts, digest) = parts_of_event(tx, batch, id).await?;
        if entry.digest.as_deref() != Some(digest.as_str()) {
            return Ok(Err("what its batch did was changed"));
        }
        let (mut secrets, recipients) = subjects_of(parts.iter());
        if parts.is_empty() {
            // About the end of what the batch gave: of which of its secrets, these rows alone say.
            let of_batch: Vec<SecretId> = secrets_of(tx, batch).await?.into_iter().collect();
            secrets.extend(leading_to(tx, id, &of_batch).await?);
        }
        let rows = secrets.into_iter().map(record::secret).chain(recipients.into_iter().map(record::recipient));
        subjects.extend(rows.map(Value::RecordId));
    }
    let mut wanted: Vec<RecordId> = subjects.into_iter().map(|subject| index_id(subject, id)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    for chunk in wanted.chunks(crate::database::CHUNK) {
        let there: Vec<RecordId> = query!(tx, "SELECT VALUE id FROM $ids", ids = chunk.to_vec())?.take(0)?;
        let there: HashSet<String> = there.iter().map(|id| format!("{id:?}")).collect();
        if !chunk.iter().all(|id| there.contains(&format!("{id:?}"))) {
            return Ok(Err("it is not found by all that it is about"));
        }
    }
    Ok(Ok(wanted.len()))
}

/// How many entries wait for their links, of which the next one has a `number`, and by how many rows they are found; or what is wrong with one of them.
async fn waiting(tx: &Tx, number: u64) -> Result<Result<(u64, usize), BadEntry>, StoreError> {
    let pending: Vec<RecordId> = query!(tx, "SELECT VALUE id FROM audit_pending")?.take(0)?;
    let mut rows = 0;
    for chunk in pending.chunks(AT_A_TIME) {
        let ids: Vec<RecordId> =
            chunk.iter().map(|id| Ok(super::entry_id(record::id(id)?))).collect::<Result<_, StoreError>>()?;
        let entries: Vec<EntryRow> = query!(tx, "SELECT * FROM $ids", ids = ids)?.take(0)?;
        for entry in &entries {
            match found_by(tx, entry).await? {
                Ok(found) => rows += found,
                Err(what) => return Ok(Err(BadEntry { number, entry: Some(record::id(&entry.id)?), what })),
            }
        }
    }
    Ok(Ok((pending.len() as u64, rows)))
}

/// How many rows a table has that is large.
async fn count(tx: &Tx, table: &str) -> Result<u64, StoreError> {
    // In this form the keys alone are counted.
    let counted: Vec<CountRow> = query!(tx, format!("SELECT count() FROM {table} GROUP ALL"))?.take(0)?;
    record::number(counted.first().map(|row| row.count).unwrap_or_default())
}

/// How many entries there are, with those that wait for their links.
pub(crate) async fn entries(tx: &Tx) -> Result<u64, StoreError> {
    Ok(head(tx).await?.0 + count(tx, "audit_pending").await?)
}

async fn head(tx: &Tx) -> Result<(u64, [u8; 32]), StoreError> {
    let head: Option<HeadRow> = query!(tx, "SELECT number, link FROM ONLY audit_head:this")?.take(0)?;
    let Some(head) = head else { return Ok((0, [0; 32])) };
    let link = head.link[..].try_into().map_err(|_| StoreError::Content("the head of the audit log".into()))?;
    Ok((record::number(head.number)?, link))
}

fn link_id(number: u64) -> Result<RecordId, StoreError> {
    Ok(RecordId::new("audit_link", Array::from(vec![Value::from_t(record::integer(number)?)])))
}
