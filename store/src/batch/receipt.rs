//! Receipts: what batches did, for those who did them and those whose secrets they were about.

use std::collections::{BTreeMap, BTreeSet};

use surrealdb::types::{Datetime, RecordId, SurrealValue};
use uuid::Uuid;
use vault::{AccountId, BatchId, Permission, RecipientId, SecretId};

use super::names::{Names, names};
use super::part_row::{PartRow, digest_of};
use super::{BatchKind, BatchPart, subjects_of};
use crate::access::shared_with;
use crate::account::is_administrator;
use crate::clock::{Millis, millis, now};
use crate::database::{Store, Tx, query};
use crate::error::StoreError;
use crate::expiry::last_end;
use crate::record;
use crate::search::{DirectoryEntry, entries};
use crate::secret::owners;
use crate::undo::{may_take_back, may_undo_all};

/// How many batches one page of the sharing activity has.
const PAGE: usize = 50;
/// How many of a batch's secrets its receipt names, and how many more come each time when somebody wants to read on.
const NAMED: usize = 200;
const MORE_NAMED: usize = 1_000;

/// One line of the sharing activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityEntry {
    /// Names the line, in the order of time.
    pub event: u128,
    /// The batch.
    pub id: BatchId,
    /// What was done.
    pub kind: BatchKind,
    /// When.
    pub at: Millis,
    /// Who did it: name and username.
    pub by: (String, String),
    /// How many secrets.
    pub secrets: u64,
    /// For how many people and groups something changed.
    pub recipients: u64,
    /// Whether it was undone.
    pub undone: bool,
    /// Whether it undid another one.
    pub undoes: bool,
}

/// Everything about one batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What was done.
    pub kind: BatchKind,
    /// When.
    pub at: Millis,
    /// Who did it: name and username.
    pub by: (String, String),
    /// What changed, as far as it is for the caller.
    pub parts: Vec<BatchPart>,
    /// Everyone in the parts.
    pub recipients: Vec<DirectoryEntry>,
    /// The names of its secrets that the caller sees: of the first 200.
    pub names: Vec<(SecretId, String)>,
    /// After which of them the next names come; `None` where these were all.
    pub more: Option<SecretId>,
    /// The batch that has undone it.
    pub undone_by: Option<BatchId>,
    /// The batch that it undid.
    pub undoes: Option<BatchId>,
    /// Whether access that it gave still goes on.
    pub is_live: bool,
    /// When the last of that ends by itself: not at all, where some of it does not.
    pub ends_at: Option<Millis>,
    /// When the first of it does.
    pub first_end: Option<Millis>,
    /// Whether the caller owns the secrets.
    pub is_owner: bool,
    /// Whether the caller may undo it, and there may be something to be undone.
    pub may_undo: bool,
    /// Who owns all of the secrets since somebody gave them away; `None` also where it is the caller.
    pub new_owner: Option<RecipientId>,
}

#[derive(SurrealValue)]
pub(crate) struct BatchRow {
    id: RecordId,
    kind: String,
    by: RecordId,
    at: Datetime,
    event: surrealdb::types::Uuid,
    undoes: Option<RecordId>,
}

impl BatchRow {
    pub(crate) fn id(&self) -> Result<BatchId, StoreError> {
        record::id(&self.id)
    }

    pub(crate) fn kind(&self) -> Result<BatchKind, StoreError> {
        BatchKind::parse(&self.kind)
    }

    pub(crate) fn by(&self) -> Result<AccountId, StoreError> {
        record::id(&self.by)
    }

    /// The batch that it undid.
    pub(crate) fn undoes(&self) -> Result<Option<BatchId>, StoreError> {
        self.undoes.as_ref().map(record::id).transpose()
    }

    /// In the order of time.
    pub(crate) fn event(&self) -> Uuid {
        self.event.into()
    }
}

#[derive(SurrealValue)]
struct LineRow {
    id: RecordId,
    batch: RecordId,
    kind: String,
    at: Datetime,
    name: Option<String>,
    username: Option<String>,
    secrets: i64,
    recipients: i64,
    undone_by: Option<RecordId>,
    undoes: Option<RecordId>,
}

#[derive(SurrealValue)]
struct LiveRow {
    ends_at: Option<Datetime>,
}

impl LiveRow {
    fn end(&self) -> Option<Millis> {
        self.ends_at.as_ref().map(millis)
    }
}

#[derive(SurrealValue)]
struct PersonRow {
    name: String,
    username: String,
}

impl Store {
    /// The batches that `caller` did, and those about their secrets, before one of them or from the last: the latest first, at most 50.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn activity(&self, caller: AccountId, before: Option<u128>) -> Result<Vec<ActivityEntry>, StoreError> {
        let before = Uuid::from_u128(before.unwrap_or(u128::MAX));
        let text = format!(
            "SELECT id, batch, batch.kind AS kind, batch.at AS at, batch.by.name AS name, batch.by.username AS username,
                    secrets, recipients, undone_by, batch.undoes AS undoes
             FROM activity:[$key, NONE]..[$key, $before] ORDER BY id DESC LIMIT {PAGE}"
        );
        let before = surrealdb::types::Uuid::from(before);
        let rows: Vec<LineRow> = query!(self.db, text, key = caller.uuid(), before = before)?.take(0)?;
        let line = |row: LineRow| {
            Ok(ActivityEntry {
                event: crate::access::second::<Uuid>(&row.id)?.as_u128(),
                id: record::id(&row.batch)?,
                kind: BatchKind::parse(&row.kind)?,
                at: millis(&row.at),
                by: (row.name.unwrap_or_default(), row.username.unwrap_or_default()),
                secrets: record::number(row.secrets)?,
                recipients: record::number(row.recipients)?,
                undone: row.undone_by.is_some(),
                undoes: row.undoes.is_some(),
            })
        };
        rows.into_iter().map(line).collect()
    }

    /// Everything about one batch, for who did it, the owners of the secrets, as far as theirs, and administrators.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for everyone else.
    pub async fn receipt(&self, caller: AccountId, batch: BatchId) -> Result<Receipt, StoreError> {
        self.transact(|tx| async move {
            let row = read(&tx, batch).await?;
            let Seen { parts, is_owner, sees_all } = seen_by(&tx, caller, &row).await?;
            // Of whose secrets it was not undone yet.
            let (mut undone_by, mut open) = (None, BTreeMap::new());
            for (owner, parts) in &parts {
                let id = record::activity(*owner, row.event());
                let found: Option<RecordId> = query!(tx, "SELECT VALUE undone_by FROM ONLY $id", id = id)?.take(0)?;
                if found.is_none() {
                    open.insert(*owner, parts);
                }
                undone_by = undone_by.or(found.as_ref().map(record::id).transpose()?);
            }
            let text = "SELECT name, username FROM ONLY $id";
            let by: Option<PersonRow> = query!(tx, text, id = row.by.clone())?.take(0)?;
            let text =
                "SELECT ends_at FROM share WHERE batch = $batch AND !ended AND (ends_at IS NONE OR ends_at > $now)";
            let live: Vec<LiveRow> = query!(tx, text, batch = row.id.clone(), now = now())?.take(0)?;
            let may_undo = may_undo(&tx, caller, &row, &open, !live.is_empty()).await?;
            let new_owner = new_owner(&tx, caller, &row, &parts).await?;
            let (names, more) = names(&tx, caller, sees_all, &parts, None, NAMED).await?;
            let parts: Vec<BatchPart> = parts.into_values().flatten().collect();
            let everyone: BTreeSet<RecipientId> =
                parts.iter().flat_map(|part| &part.changes).map(|change| change.recipient).collect();
            Ok(Receipt {
                kind: row.kind()?,
                at: millis(&row.at),
                by: by.map(|by| (by.name, by.username)).unwrap_or_default(),
                recipients: entries(&tx, everyone.into_iter().collect()).await?,
                names,
                more,
                parts,
                undone_by,
                undoes: row.undoes()?,
                is_live: !live.is_empty(),
                ends_at: last_end(live.iter().map(LiveRow::end)),
                first_end: live.iter().filter_map(LiveRow::end).min(),
                is_owner,
                may_undo,
                new_owner,
            })
        })
        .await
    }

    /// More names of a batch's secrets, those after one of them, for whom its receipt is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for everyone else.
    pub async fn receipt_names(&self, caller: AccountId, batch: BatchId, after: SecretId) -> Result<Names, StoreError> {
        self.transact(|tx| async move {
            let row = read(&tx, batch).await?;
            let seen = seen_by(&tx, caller, &row).await?;
            names(&tx, caller, seen.sees_all, &seen.parts, Some(after), MORE_NAMED).await
        })
        .await
    }
}

/// What a batch did, as far as it is for somebody.
struct Seen {
    parts: BTreeMap<AccountId, Vec<BatchPart>>,
    /// Whether some of the secrets are theirs.
    is_owner: bool,
    /// Whether they see the names of what they have no access to.
    sees_all: bool,
}

/// What a batch did, for who did it, the owners of the secrets, as far as theirs, and administrators.
///
/// # Errors
/// [`StoreError::NotFound`] for everyone else.
async fn seen_by(tx: &Tx, caller: AccountId, row: &BatchRow) -> Result<Seen, StoreError> {
    let batch = row.id()?;
    let own = parts_of(tx, batch, Some(caller)).await?;
    let (is_owner, sees_all) = (!own.is_empty(), is_administrator(tx, caller).await?);
    let own_line = record::activity(caller, row.event());
    let finds: Option<RecordId> = query!(tx, "SELECT VALUE id FROM ONLY $id", id = own_line)?.take(0)?;
    if finds.is_none() && !sees_all {
        return Err(StoreError::NotFound);
    }
    let sees_own_alone = is_owner && !sees_all && row.by()? != caller;
    let parts = if sees_own_alone { own } else { parts_of(tx, batch, None).await? };
    Ok(Seen { parts, is_owner, sees_all })
}

/// Whether `caller` may undo a batch that they see: what is about secrets of their own, or all of it, where there is something that they can do.
async fn may_undo(
    tx: &Tx,
    caller: AccountId,
    row: &BatchRow,
    open: &BTreeMap<AccountId, &Vec<BatchPart>>,
    is_live: bool,
) -> Result<bool, StoreError> {
    let kind = row.kind()?;
    if kind == BatchKind::Transfer {
        // By nobody but who gave them away themselves, until they are taken over. What an undo took back is given away anew, by another transfer.
        let is_giver = open.contains_key(&caller) && row.by()? == caller;
        return Ok(is_giver && may_take_back(tx, caller, row.id()?).await?);
    }
    if open.contains_key(&caller) {
        return Ok(true);
    }
    if !may_undo_all(tx, caller, row).await? {
        return Ok(false);
    }
    if kind == BatchKind::Share {
        return Ok(is_live);
    }
    // Who disabled something as an administrator cannot enable it: that is for those who may edit it.
    let shared = shared_with(tx, caller).await?;
    let may_edit = |secret: &SecretId| shared.get(secret).is_some_and(|with| with.permission >= Permission::Edit);
    Ok(open.values().copied().flatten().flat_map(|part| &part.secrets).any(may_edit))
}

/// Whom somebody gave the secrets of a transfer to, where they own all of them and are not `caller`. The undo of one gives nothing away.
async fn new_owner(
    tx: &Tx,
    caller: AccountId,
    row: &BatchRow,
    parts: &BTreeMap<AccountId, Vec<BatchPart>>,
) -> Result<Option<RecipientId>, StoreError> {
    if row.kind()? != BatchKind::Transfer || row.undoes.is_some() {
        return Ok(None);
    }
    let mut changes = parts.values().flatten().flat_map(|part| &part.changes);
    let to = changes.find(|change| change.after == Some(Permission::Own)).map(|change| change.recipient);
    let Some(to) = to.filter(|to| *to != RecipientId::Account(caller)) else { return Ok(None) };
    let secrets: Vec<SecretId> = subjects_of(parts.values().flatten()).0.into_iter().collect();
    let owners = owners(tx, &secrets).await?;
    let owns_all = !owners.is_empty() && owners.values().all(|owner| RecipientId::Account(*owner) == to);
    Ok(owns_all.then_some(to))
}

/// A batch that was done.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub(crate) async fn read(tx: &Tx, batch: BatchId) -> Result<BatchRow, StoreError> {
    let text = "SELECT id, kind, by, at, event, undoes FROM ONLY $id";
    let row: Option<BatchRow> = query!(tx, text, id = record::batch(batch))?.take(0)?;
    row.ok_or(StoreError::NotFound)
}

/// What a batch did, by the owners of the secrets; to those of one owner, or of all.
pub(crate) async fn parts_of(
    tx: &Tx,
    batch: BatchId,
    only: Option<AccountId>,
) -> Result<BTreeMap<AccountId, Vec<BatchPart>>, StoreError> {
    let (fields, key) = ("SELECT id, event, secrets, ends_at, changes, tagged, untagged FROM", batch.uuid());
    let mut answer = match only {
        Some(owner) => {
            let text = format!("{fields} batch_part:[$key, $owner, NONE]..=[$key, $owner, ..]");
            query!(tx, text, key = key, owner = owner.uuid())?
        }
        None => query!(tx, format!("{fields} batch_part:[$key, NONE]..=[$key, ..]"), key = key)?,
    };
    let rows: Vec<PartRow> = answer.take(0)?;
    let mut parts: BTreeMap<AccountId, Vec<BatchPart>> = BTreeMap::new();
    for row in rows {
        parts.entry(crate::access::second(&row.id)?).or_default().push(row.part()?);
    }
    Ok(parts)
}

/// The parts of a batch that one entry of the audit log is about, and what tells them from others.
pub(crate) async fn parts_of_event(
    tx: &Tx,
    batch: BatchId,
    event: Uuid,
) -> Result<(Vec<BatchPart>, String), StoreError> {
    let text = "SELECT id, event, secrets, ends_at, changes, tagged, untagged FROM batch_part:[$key, NONE]..=[$key, ..] WHERE event = $event";
    let event = surrealdb::types::Uuid::from(event);
    let rows: Vec<PartRow> = query!(tx, text, key = batch.uuid(), event = event)?.take(0)?;
    Ok((rows.iter().map(PartRow::part).collect::<Result<_, _>>()?, digest_of(&rows)?))
}
