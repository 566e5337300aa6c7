//! Batches: several secrets handled by one confirmed action, done once however often it is asked for. What it did is kept: its receipt.

mod changes;
mod kind;
mod names;
mod part_row;
mod receipt;

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use surrealdb::types::{Datetime, RecordId, SurrealValue};
use uuid::Uuid;
use vault::{AccountId, BatchId, RecipientId, SecretId};

use crate::audit::{self, Event, OfBatch};
use crate::clock::Millis;
use crate::database::{Tx, insert, query};
use crate::error::StoreError;
use crate::record;
use crate::share::NewShare;

pub use changes::{BatchPart, Change};
pub(crate) use changes::{Given, changes};
pub use kind::BatchKind;
pub use names::Names;
use part_row::{PartRow, digest_of, part_rows};
pub use receipt::{ActivityEntry, Receipt};
pub(crate) use receipt::{BatchRow, parts_of, parts_of_event, read};

#[derive(SurrealValue)]
struct NewRow {
    id: RecordId,
    kind: String,
    by: RecordId,
    at: Datetime,
    digest: String,
    event: surrealdb::types::Uuid,
    undoes: Option<RecordId>,
}

#[derive(SurrealValue)]
struct ActivityRow {
    id: RecordId,
    batch: RecordId,
    secrets: i64,
    recipients: i64,
}

#[derive(SurrealValue)]
struct KnownRow {
    by: RecordId,
    digest: String,
}

/// What tells one request from another one.
pub(crate) struct Request(Sha256);

impl Request {
    pub(crate) fn new(kind: BatchKind) -> Self {
        Self(Sha256::new().chain_update(kind.text()))
    }

    pub(crate) fn secrets(mut self, secrets: &[SecretId]) -> Self {
        for secret in secrets {
            self.0.update(secret.as_bytes());
        }
        self
    }

    /// A part of the request, of whatever length.
    pub(crate) fn part(mut self, bytes: &[u8]) -> Self {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    /// A share: its signature covers all of it but when it ends.
    pub(crate) fn share(self, share: &NewShare) -> Self {
        let ends_at = share.ends_at.map(Millis::to_be_bytes);
        self.part(&share.signature).part(ends_at.as_ref().map_or(&[], |bytes| bytes))
    }

    pub(crate) fn digest(self) -> String {
        record::sha256_hex(self.0)
    }
}

/// A batch that was done just now.
pub(crate) struct NewBatch {
    pub id: BatchId,
    pub kind: BatchKind,
    pub by: AccountId,
    /// [`Request::digest`] of what was asked for.
    pub digest: String,
    /// The batch that this one undoes.
    pub undoes: Option<BatchId>,
    /// What it did, by the owners of the secrets.
    pub parts: BTreeMap<AccountId, Vec<BatchPart>>,
    /// Who else is to find it among what they did or what was done to them.
    pub also: Option<AccountId>,
}

impl NewBatch {
    /// That of one share or transfer, whose signature covers all that was asked for.
    pub(crate) fn of_share(id: BatchId, kind: BatchKind, by: AccountId, new: &NewShare, part: BatchPart) -> Self {
        let digest = Request::new(kind).share(new).digest();
        let parts = BTreeMap::from([(new.manifest.granter, vec![part])]);
        Self { id, kind, by, digest, undoes: None, parts, also: new.manifest.new_owner() }
    }
}

/// Whether a batch was done already.
///
/// # Errors
/// [`StoreError::Reused`] where the id is that of another request.
pub(crate) async fn is_done(tx: &Tx, caller: AccountId, id: BatchId, digest: &str) -> Result<bool, StoreError> {
    let known: Option<KnownRow> = query!(tx, "SELECT by, digest FROM ONLY $id", id = record::batch(id))?.take(0)?;
    match known {
        Some(known) if known.by == record::account(caller) && known.digest == digest => Ok(true),
        Some(_) => Err(StoreError::Reused),
        None => Ok(false),
    }
}

/// Writes the receipt of a batch: one row, one for each of its parts, and one for each person who finds it in their sharing activity.
///
/// # Errors
/// [`StoreError::Reused`] where there is one with this id.
pub(crate) async fn write(tx: &Tx, new: NewBatch) -> Result<(), StoreError> {
    if is_done(tx, new.by, new.id, &new.digest).await? {
        return Err(StoreError::Reused);
    }
    let event = audit::new_id();
    let row = NewRow {
        id: record::batch(new.id),
        kind: new.kind.text().into(),
        by: record::account(new.by),
        at: audit::time_of(event),
        digest: new.digest,
        event: event.into(),
        undoes: new.undoes.map(record::batch),
    };
    insert(tx, "batch", vec![row]).await?;
    if new.parts.is_empty() {
        // Nothing has changed.
        return Ok(());
    }
    let activity = |account, secrets, recipients: &BTreeSet<RecipientId>| {
        let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        let (id, batch) = (record::activity(account, event), record::batch(new.id));
        ActivityRow { id, batch, secrets: count(secrets), recipients: count(recipients.len()) }
    };
    let (mut rows, mut parts, mut all, mut everyone) = (Vec::new(), Vec::new(), BTreeSet::new(), BTreeSet::new());
    for (owner, of_owner) in &new.parts {
        let (secrets, recipients) = subjects_of(of_owner);
        rows.push(activity(*owner, secrets.len(), &recipients));
        all.extend(secrets);
        everyone.extend(recipients);
        parts.extend(part_rows(new.id, *owner, event, 0, of_owner));
    }
    let others = [Some(new.by), new.also].into_iter().flatten().filter(|account| !new.parts.contains_key(account));
    rows.extend(others.collect::<BTreeSet<_>>().into_iter().map(|account| activity(account, all.len(), &everyone)));
    insert(tx, "activity", rows).await?;
    write_parts(tx, event, new.kind.into(), new.by, new.id, parts, (all, everyone)).await
}

/// Writes parts of a batch, and the entry of the audit log that is about them and all of their subjects.
async fn write_parts(
    tx: &Tx,
    event: Uuid,
    what: Event,
    by: AccountId,
    batch: BatchId,
    parts: Vec<PartRow>,
    (secrets, recipients): (BTreeSet<SecretId>, BTreeSet<RecipientId>),
) -> Result<(), StoreError> {
    let (secrets, recipients) = (secrets.into_iter().collect(), recipients.into_iter().collect());
    let of = OfBatch { batch, digest: digest_of(&parts)?, secrets, recipients };
    insert(tx, "batch_part", parts).await?;
    audit::note_batch(tx, event, what, by, of).await
}

/// The secrets of parts, and those whose permission changed by them, each once.
pub(crate) fn subjects_of<'a>(
    parts: impl IntoIterator<Item = &'a BatchPart> + Clone,
) -> (BTreeSet<SecretId>, BTreeSet<RecipientId>) {
    // One secret can be in several parts, by when its access would have ended by itself.
    let secrets = parts.clone().into_iter().flat_map(|part| &part.secrets).copied().collect();
    let recipients = parts.into_iter().flat_map(|part| &part.changes).map(|change| change.recipient).collect();
    (secrets, recipients)
}

/// Adds to a batch what was shared in its name later.
pub(crate) async fn extend(tx: &Tx, batch: &BatchRow, owner: AccountId, part: BatchPart) -> Result<(), StoreError> {
    let mut parts: Vec<BatchPart> = parts_of(tx, batch.id()?, Some(owner)).await?.remove(&owner).unwrap_or_default();
    let number = parts.len();
    parts.push(part.clone());
    let (_, recipients) = subjects_of(&parts);
    query!(
        tx,
        "UPDATE $id SET recipients = $recipients RETURN NONE",
        id = record::activity(owner, batch.event()),
        recipients = i64::try_from(recipients.len()).unwrap_or(i64::MAX)
    )?;
    let (event, subjects) = (audit::new_id(), subjects_of([&part]));
    let rows = part_rows(batch.id()?, owner, event, number, &[part]);
    write_parts(tx, event, Event::ShareExtended, owner, batch.id()?, rows, subjects).await
}
