//! The bin: secrets that their owner has deleted. Nobody has access to them while they are there, and for 30 days the owner can take them out again,
//! shared as they were.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use surrealdb::types::{Datetime, RecordId, SurrealValue};
use vault::{AccountId, BatchId, SecretId, ShareId};

use crate::access::items_of;
use crate::account::require_active;
use crate::audit::{Event, note_secrets};
use crate::batch::{self, BatchKind, BatchPart, NewBatch, Request};
use crate::clock::{Millis, ago, millis, now};
use crate::database::{CHUNK, Store, Tx, query};
use crate::error::{Problem, Reason, StoreError, Subject};
use crate::limit::forget_settled;
use crate::record;
use crate::secret::{Act, require_own};
use crate::share::{change_ownership, end};

/// How long the bin keeps what is in it.
pub const BIN_KEEPS: Duration = Duration::from_hours(30 * 24);

/// A secret in the bin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinRow {
    /// The secret.
    pub id: SecretId,
    /// How it is called.
    pub name: String,
    /// Since when it is there.
    pub deleted_at: Millis,
}

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    name: String,
    deleted_at: Datetime,
}

impl Store {
    /// Puts secrets into the bin, all or none. Everyone's access ends at once.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with every secret that is not `caller`'s, [`StoreError::Reused`] for another batch with this id.
    pub async fn delete_secrets(&self, caller: AccountId, id: BatchId, secrets: &[SecretId]) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            let digest = Request::new(BatchKind::Delete).secrets(secrets).digest();
            if batch::is_done(&tx, caller, id, &digest).await? {
                return Ok(());
            }
            delete(&tx, caller, id, secrets).await?;
            batch::write(&tx, new_batch(id, BatchKind::Delete, caller, digest, secrets)).await
        })
        .await
    }

    /// Takes secrets out of the bin, all or none, shared as they were. How many of them are without their identifier from now on, because another secret
    /// has it by now; the same batch again does not tell.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with every secret that is not in `caller`'s bin, [`StoreError::Reused`] for another batch with this id.
    pub async fn restore_secrets(
        &self,
        caller: AccountId,
        id: BatchId,
        secrets: &[SecretId],
    ) -> Result<usize, StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            let digest = Request::new(BatchKind::Restore).secrets(secrets).digest();
            if batch::is_done(&tx, caller, id, &digest).await? {
                return Ok(0);
            }
            let without = restore(&tx, caller, id, secrets).await?;
            batch::write(&tx, new_batch(id, BatchKind::Restore, caller, digest, secrets)).await?;
            Ok(without)
        })
        .await
    }

    /// What is in `caller`'s bin, the latest first.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn bin(&self, caller: AccountId) -> Result<Vec<BinRow>, StoreError> {
        let text = "SELECT id, name, deleted_at FROM secret WHERE owner = $caller AND deleted_at IS NOT NONE
                    ORDER BY deleted_at DESC, id";
        let rows: Vec<Row> = query!(self.db, text, caller = record::account(caller))?.take(0)?;
        let row =
            |row: Row| Ok(BinRow { id: record::id(&row.id)?, name: row.name, deleted_at: millis(&row.deleted_at) });
        rows.into_iter().map(row).collect()
    }

    /// Removes for good what has been in a bin for longer than `keeps`. How many that were; some at a time.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn empty_bins(&self, keeps: Duration) -> Result<usize, StoreError> {
        let until = ago(keeps);
        self.transact(|tx| async move {
            let text = "SELECT id, owner FROM secret WHERE deleted_at IS NOT NONE AND deleted_at <= $until LIMIT 500";
            let rows: Vec<OwnedRow> = query!(tx, text, until = until)?.take(0)?;
            for row in &rows {
                remove(&tx, &row.id).await?;
                note_secrets(&tx, Event::Purged, record::id(&row.owner)?, &[record::id(&row.id)?]).await?;
            }
            let owners = rows.iter().map(|row| record::id(&row.owner)).collect::<Result<HashSet<AccountId>, _>>()?;
            for owner in owners {
                // Also against whoever shares, settles or restores one of them at the same time.
                change_ownership(&tx, owner).await?;
                // Where a share has ended that was due, nobody settles it any more.
                forget_settled(&tx, owner).await?;
            }
            Ok(rows.len())
        })
        .await
    }
}

fn new_batch(id: BatchId, kind: BatchKind, by: AccountId, digest: String, secrets: &[SecretId]) -> NewBatch {
    let parts = BTreeMap::from([(by, vec![BatchPart::of(secrets.to_vec())])]);
    NewBatch { id, kind, by, digest, undoes: None, parts, also: None }
}

/// Puts secrets of `owner` into the bin, all or none, as the batch says.
pub(crate) async fn delete(tx: &Tx, owner: AccountId, batch: BatchId, secrets: &[SecretId]) -> Result<(), StoreError> {
    require_own(tx, owner, secrets, Act::Delete).await?;
    // Whoever shares or settles one of them at the same time does it before, or not at all.
    change_ownership(tx, owner).await?;
    // The identifier is set aside: whoever deletes something may use it for what comes instead.
    query!(
        tx,
        "UPDATE $ids SET kept_identifier = identifier, identifier = NONE, deleted_at = $now, deleted_batch = $batch,
                changed_at = $now, changed_by = $owner RETURN NONE",
        ids = record::secrets(secrets),
        batch = record::batch(batch),
        now = now(),
        owner = record::account(owner)
    )?;
    Ok(())
}

/// Takes secrets out of `owner`'s bin, all or none, as the batch says. How many of them are without the identifier that they had.
pub(crate) async fn restore(
    tx: &Tx,
    owner: AccountId,
    batch: BatchId,
    secrets: &[SecretId],
) -> Result<usize, StoreError> {
    let mut rows: Vec<KeptRow> = Vec::with_capacity(secrets.len());
    for chunk in secrets.chunks(CHUNK) {
        let text = "SELECT id, kept_identifier, deleted_at FROM $ids WHERE owner = $caller AND deleted_at IS NOT NONE";
        let (ids, by) = (record::secrets(chunk), record::account(owner));
        rows.append(&mut query!(tx, text, ids = ids, caller = by)?.take(0)?);
    }
    let there = rows.iter().map(|row| record::id(&row.id)).collect::<Result<HashSet<SecretId>, _>>()?;
    let gone = secrets.iter().filter(|secret| !there.contains(secret));
    let problem = |secret: &SecretId| Problem { subject: Subject::Secret(*secret), reason: Reason::NotFound };
    let problems: Vec<Problem> = gone.map(problem).collect();
    if !problems.is_empty() {
        return Err(StoreError::Refused(problems));
    }
    change_ownership(tx, owner).await?;
    let without = without_identifier(tx, owner, rows).await?;
    query!(tx, "UPDATE $ids SET kept_identifier = NONE RETURN NONE", ids = without.clone())?;
    query!(
        tx,
        "UPDATE $ids SET identifier = kept_identifier, kept_identifier = NONE, deleted_at = NONE, deleted_batch = $batch,
                changed_at = $now, changed_by = $owner RETURN NONE",
        ids = record::secrets(secrets),
        batch = record::batch(batch),
        now = now(),
        owner = record::account(owner)
    )?;
    Ok(without.len())
}

#[derive(SurrealValue)]
struct KeptRow {
    id: RecordId,
    kept_identifier: Option<String>,
    deleted_at: Datetime,
}

/// Those whose identifier another secret of `owner` has by now. Where two of them had the same, it is of the one that had it last.
async fn without_identifier(tx: &Tx, owner: AccountId, mut rows: Vec<KeptRow>) -> Result<Vec<RecordId>, StoreError> {
    rows.retain(|row| row.kept_identifier.is_some());
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    rows.sort_by_key(|row| Reverse(row.deleted_at));
    let text = "SELECT VALUE identifier FROM secret WHERE owner = $owner AND identifier IS NOT NONE";
    let used: Vec<String> = query!(tx, text, owner = record::account(owner))?.take(0)?;
    let mut used: HashSet<String> = used.into_iter().collect();
    rows.retain(|row| row.kept_identifier.as_ref().is_some_and(|kept| !used.insert(kept.clone())));
    Ok(rows.into_iter().map(|row| row.id).collect())
}

#[derive(SurrealValue)]
struct OwnedRow {
    id: RecordId,
    owner: RecordId,
}

/// Removes a secret, with all of its values. The manifests of its shares name it until they are signed anew; a share that has nothing else ends.
async fn remove(tx: &Tx, secret: &RecordId) -> Result<(), StoreError> {
    let text = "SELECT VALUE id FROM item WHERE secret = $secret AND !ended";
    let items: Vec<RecordId> = query!(tx, text, secret = secret.clone())?.take(0)?;
    query!(
        tx,
        "UPDATE $items SET ended = true RETURN NONE;
         DELETE seen WHERE secret = $secret RETURN NONE;
         DELETE earlier_value:[$key, NONE]..=[$key, ..] RETURN NONE;
         DELETE earlier_key:[$key, NONE]..=[$key, ..] RETURN NONE;
         DELETE $secret RETURN NONE",
        items = items.clone(),
        key = record::id::<SecretId>(secret)?.uuid(),
        secret = secret.clone()
    )?;
    for item in &items {
        let share: ShareId = crate::access::first(item)?;
        if items_of(tx, share).await?.is_empty() {
            end(tx, share).await?;
        }
    }
    Ok(())
}
