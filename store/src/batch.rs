//! Batches: several secrets handled by one confirmed action, done once however often it is asked for. What it did is kept: its receipt.

mod changes;
mod receipt;

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use surrealdb::types::{Array, Bytes, Datetime, Number, RecordId, RecordIdKey, SurrealValue, Value};
use uuid::Uuid;
use vault::{AccountId, BatchId, RecipientId, SecretId};

use crate::access::{first, parse_permission, permission_text, second};
use crate::audit::{self, Event, OfBatch};
use crate::clock::Millis;
use crate::database::{Tx, insert, query};
use crate::error::StoreError;
use crate::record;
use crate::share::NewShare;

pub use changes::{BatchPart, Change};
pub(crate) use changes::{Given, changes};
pub use receipt::{ActivityEntry, Receipt};
pub(crate) use receipt::{BatchRow, parts_of, parts_of_event, read};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchKind {
    /// Secrets were shared.
    Share,
    /// Access of some recipients ended.
    Unshare,
    /// Permissions of some recipients changed.
    ChangePermission,
    /// Secrets were enabled.
    Enable,
    /// Secrets were disabled.
    Disable,
    /// Secrets got another owner.
    Transfer,
    /// Secrets went to the bin.
    Delete,
    /// Secrets came back from the bin.
    Restore,
    /// Secrets got tags, or lost some.
    Tag,
    /// Secrets were added together.
    Import,
}

impl BatchKind {
    const ALL: [Self; 10] = [
        Self::Share,
        Self::Unshare,
        Self::ChangePermission,
        Self::Enable,
        Self::Disable,
        Self::Transfer,
        Self::Delete,
        Self::Restore,
        Self::Tag,
        Self::Import,
    ];

    /// As it is called in the database and on the wire: never changed.
    pub fn text(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Unshare => "unshare",
            Self::ChangePermission => "change permission",
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Transfer => "transfer",
            Self::Delete => "delete",
            Self::Restore => "restore",
            Self::Tag => "tag",
            Self::Import => "import",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        let found = Self::ALL.into_iter().find(|kind| kind.text() == text);
        found.ok_or_else(|| StoreError::Content(format!("batch {text}")))
    }

    /// What undoes it. A transfer is for its new owner to give back.
    pub(crate) fn opposite(self) -> Option<Self> {
        match self {
            Self::Share => Some(Self::Unshare),
            Self::Unshare => Some(Self::Share),
            Self::ChangePermission => Some(Self::ChangePermission),
            Self::Enable => Some(Self::Disable),
            Self::Disable => Some(Self::Enable),
            Self::Delete => Some(Self::Restore),
            Self::Restore | Self::Import => Some(Self::Delete),
            Self::Tag => Some(Self::Tag),
            Self::Transfer => None,
        }
    }
}

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
struct ChangeRow {
    recipient: RecordId,
    before: Option<String>,
    after: Option<String>,
}

#[derive(SurrealValue)]
struct PartRow {
    id: RecordId,
    event: surrealdb::types::Uuid,
    secrets: Bytes,
    ends_at: Option<Millis>,
    changes: Vec<ChangeRow>,
    tagged: Vec<String>,
    untagged: Vec<String>,
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
    let (mut rows, mut hash, mut all, mut everyone) = (Vec::new(), Sha256::new(), BTreeSet::new(), BTreeSet::new());
    for (owner, parts) in &new.parts {
        let (secrets, recipients) = subjects_of(parts);
        rows.push(activity(*owner, secrets.len(), &recipients));
        all.extend(secrets);
        everyone.extend(recipients);
        let parts = part_rows(new.id, *owner, event, 0, parts);
        for part in &parts {
            part.hash(&mut hash)?;
        }
        insert(tx, "batch_part", parts).await?;
    }
    let others = [Some(new.by), new.also].into_iter().flatten().filter(|account| !new.parts.contains_key(account));
    rows.extend(others.collect::<BTreeSet<_>>().into_iter().map(|account| activity(account, all.len(), &everyone)));
    insert(tx, "activity", rows).await?;
    let (secrets, recipients) = (all.into_iter().collect(), everyone.into_iter().collect());
    let of = OfBatch { batch: new.id, digest: record::sha256_hex(hash), secrets, recipients };
    audit::note_batch(tx, event, new.kind.into(), new.by, of).await
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
    let event = audit::new_id();
    let (secrets, recipients) = subjects_of([&part]);
    let rows = part_rows(batch.id()?, owner, event, number, &[part]);
    let mut hash = Sha256::new();
    for row in &rows {
        row.hash(&mut hash)?;
    }
    insert(tx, "batch_part", rows).await?;
    let (secrets, recipients) = (secrets.into_iter().collect(), recipients.into_iter().collect());
    let of = OfBatch { batch: batch.id()?, digest: record::sha256_hex(hash), secrets, recipients };
    audit::note_batch(tx, event, Event::ShareExtended, owner, of).await
}

fn part_rows(batch: BatchId, owner: AccountId, event: Uuid, first: usize, parts: &[BatchPart]) -> Vec<PartRow> {
    let text = |permission: Option<_>| permission.map(|permission| permission_text(permission).to_owned());
    let parts = parts.iter().filter(|part| !part.secrets.is_empty());
    let row = |(index, part): (usize, &BatchPart)| PartRow {
        id: part_id(batch, owner, first + index),
        event: event.into(),
        secrets: part.secrets.iter().flat_map(|secret| *secret.as_bytes()).collect::<Vec<u8>>().into(),
        ends_at: part.ends_at,
        tagged: part.tagged.clone(),
        untagged: part.untagged.clone(),
        changes: part
            .changes
            .iter()
            .map(|change| ChangeRow {
                recipient: record::recipient(change.recipient),
                before: text(change.before),
                after: text(change.after),
            })
            .collect(),
    };
    parts.enumerate().map(row).collect()
}

fn part_id(batch: BatchId, owner: AccountId, number: usize) -> RecordId {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let key = vec![Value::Uuid(batch.uuid().into()), Value::Uuid(owner.uuid().into()), Value::from_t(number)];
    RecordId::new("batch_part", Array::from(key))
}

/// Which of its batch's parts a row is.
fn number_of(id: &RecordId) -> Result<i64, StoreError> {
    if let RecordIdKey::Array(key) = &id.key
        && let Some(Value::Number(Number::Int(number))) = key.get(2)
    {
        return Ok(*number);
    }
    Err(StoreError::Content("the number of a part".into()))
}

impl PartRow {
    /// Everything that the row says: its batch and owner and number, then each list with its length and each text with its own.
    fn hash(&self, hash: &mut Sha256) -> Result<(), StoreError> {
        let length = |hash: &mut Sha256, length: usize| hash.update((length as u64).to_be_bytes());
        let text = |hash: &mut Sha256, text: &str| {
            length(hash, text.len());
            hash.update(text);
        };
        hash.update(first::<Uuid>(&self.id)?);
        hash.update(second::<Uuid>(&self.id)?);
        hash.update(number_of(&self.id)?.to_be_bytes());
        length(hash, self.secrets.len());
        hash.update(&self.secrets[..]);
        let ends_at = self.ends_at.map(Millis::to_be_bytes);
        length(hash, ends_at.map_or(0, |bytes| bytes.len()));
        hash.update(ends_at.as_ref().map_or(&[][..], |bytes| bytes));
        length(hash, self.changes.len());
        for change in &self.changes {
            text(hash, change.recipient.table.as_str());
            hash.update(record::id::<Uuid>(&change.recipient)?);
            text(hash, change.before.as_deref().unwrap_or_default());
            text(hash, change.after.as_deref().unwrap_or_default());
        }
        for tags in [&self.tagged, &self.untagged] {
            length(hash, tags.len());
            for tag in tags {
                text(hash, tag);
            }
        }
        Ok(())
    }

    fn part(&self) -> Result<BatchPart, StoreError> {
        let (secrets, rest) = self.secrets.as_chunks::<16>();
        if !rest.is_empty() {
            return Err(StoreError::Content("the secrets of a batch".into()));
        }
        let parse = |text: &Option<String>| text.as_deref().map(parse_permission).transpose();
        Ok(BatchPart {
            secrets: secrets.iter().map(|bytes| SecretId::from(Uuid::from_bytes(*bytes))).collect(),
            ends_at: self.ends_at,
            tagged: self.tagged.clone(),
            untagged: self.untagged.clone(),
            changes: self
                .changes
                .iter()
                .map(|row| {
                    let recipient = record::recipient_id(&row.recipient)?;
                    Ok(Change { recipient, before: parse(&row.before)?, after: parse(&row.after)? })
                })
                .collect::<Result<_, StoreError>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_as_it_is_written_and_what_undoes_it_can_be_undone() {
        for kind in BatchKind::ALL {
            assert_eq!(BatchKind::parse(kind.text()).unwrap(), kind);
            assert!(kind.opposite().is_none_or(|opposite| opposite.opposite().is_some()));
        }
        assert!(BatchKind::parse("nothing").is_err());
    }
}
