//! The audit log: what was done, written in the transaction that did it. Rows are only ever added; a chain binds each to all before it.

mod chain;
mod read;
mod records;

use std::net::IpAddr;

use surrealdb::types::{Array, Datetime, RecordId, SurrealValue, Value};
use uuid::Uuid;
use vault::{AccountId, BatchId, GroupId, RecipientId, SecretId};

use crate::batch::BatchKind;
use crate::clock::at;
use crate::database::{Tx, insert};
use crate::error::StoreError;
use crate::record;

pub(crate) use chain::entries;
pub use chain::{BadEntry, Chain};
pub use read::{AuditEntry, AuditFilter, AuditPage, Day, audit_id_text};
pub(crate) use read::{entries_since, last_entry};
pub(crate) use records::secrets_of;
pub use records::{AuditRecord, AuditRecords};

tokio::task_local! {
    static ADDRESS: Option<IpAddr>;
}

/// Does work for a request from an address, which entries of the log then name.
pub async fn from_address<W: Future>(address: Option<IpAddr>, work: W) -> W::Output {
    ADDRESS.scope(address, work).await
}

/// The address of the request that work is done for, where it is known.
pub fn address() -> Option<IpAddr> {
    ADDRESS.try_with(|address| *address).ok().flatten()
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody was invited, or invited anew.
    Invited,
    /// Somebody joined by an invitation.
    Joined,
    /// An access key was made for a program.
    AccessKeyAdded,
    /// An administrator confirmed somebody's keys.
    KeysConfirmed,
    /// Somebody was made an administrator.
    MadeAdministrator,
    /// Somebody was made a member.
    MadeMember,
    /// An account was enabled.
    AccountEnabled,
    /// An account was disabled.
    AccountDisabled,
    /// Somebody's email was changed.
    EmailChanged,
    /// Somebody was signed out everywhere.
    SignedOut,
    /// Somebody's keys were taken away, so that they make new ones.
    StartedOver,
    /// An administrator asked to open an account.
    OpeningAsked,
    /// Another one agreed.
    OpeningApproved,
    /// It was refused or taken back.
    OpeningEnded,
    /// Two administrators opened an account.
    AccountOpened,
    /// Somebody set a new password with their recovery code.
    Recovered,
    /// A group was added.
    GroupAdded,
    /// A group's name, description or visibility was changed.
    GroupChanged,
    /// A group was enabled.
    GroupEnabled,
    /// A group was disabled.
    GroupDisabled,
    /// Somebody was added to a group.
    MemberAdded,
    /// Somebody was taken out of a group.
    MemberRemoved,
    /// A secret was added.
    SecretAdded,
    /// A secret was changed.
    SecretChanged,
    /// The value of a secret was shown or copied.
    SecretOpened,
    /// A value that a secret had before was shown.
    VersionOpened,
    /// Somebody dropped their own access to a secret.
    SecretLeft,
    /// Secrets were shared.
    Shared,
    /// Shared secrets got more recipients.
    ShareExtended,
    /// It was set when shared secrets are shared no more.
    ExpirySet,
    /// Secrets are shared no more, because that time has come.
    ShareExpired,
    /// Access to secrets was ended.
    Unshared,
    /// Permissions were changed.
    PermissionsChanged,
    /// Secrets were enabled.
    Enabled,
    /// Secrets were disabled.
    Disabled,
    /// Secrets got another owner.
    Transferred,
    /// Secrets went to the bin.
    Deleted,
    /// Secrets came back from the bin.
    Restored,
    /// Tags of secrets were changed.
    Tagged,
    /// Secrets were added together.
    Imported,
    /// The value of a secret went into a file of its owner's.
    Exported,
    /// Secrets that were in the bin are gone for good.
    Purged,
}

impl Event {
    /// All of them.
    pub const ALL: [Self; 42] = [
        Self::Invited,
        Self::Joined,
        Self::AccessKeyAdded,
        Self::KeysConfirmed,
        Self::MadeAdministrator,
        Self::MadeMember,
        Self::AccountEnabled,
        Self::AccountDisabled,
        Self::EmailChanged,
        Self::SignedOut,
        Self::StartedOver,
        Self::OpeningAsked,
        Self::OpeningApproved,
        Self::OpeningEnded,
        Self::AccountOpened,
        Self::Recovered,
        Self::GroupAdded,
        Self::GroupChanged,
        Self::GroupEnabled,
        Self::GroupDisabled,
        Self::MemberAdded,
        Self::MemberRemoved,
        Self::SecretAdded,
        Self::SecretChanged,
        Self::SecretOpened,
        Self::VersionOpened,
        Self::SecretLeft,
        Self::Shared,
        Self::ShareExtended,
        Self::ExpirySet,
        Self::ShareExpired,
        Self::Unshared,
        Self::PermissionsChanged,
        Self::Enabled,
        Self::Disabled,
        Self::Transferred,
        Self::Deleted,
        Self::Restored,
        Self::Tagged,
        Self::Imported,
        Self::Exported,
        Self::Purged,
    ];

    /// As it is called in the database and on the wire: never changed.
    pub fn text(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Joined => "joined",
            Self::AccessKeyAdded => "access key added",
            Self::KeysConfirmed => "keys confirmed",
            Self::MadeAdministrator => "made administrator",
            Self::MadeMember => "made member",
            Self::AccountEnabled => "account enabled",
            Self::AccountDisabled => "account disabled",
            Self::EmailChanged => "email changed",
            Self::SignedOut => "signed out everywhere",
            Self::StartedOver => "started over",
            Self::OpeningAsked => "asked to open account",
            Self::OpeningApproved => "agreed to open account",
            Self::OpeningEnded => "refused to open account",
            Self::AccountOpened => "account opened",
            Self::Recovered => "recovered with code",
            Self::GroupAdded => "group added",
            Self::GroupChanged => "group changed",
            Self::GroupEnabled => "group enabled",
            Self::GroupDisabled => "group disabled",
            Self::MemberAdded => "member added",
            Self::MemberRemoved => "member removed",
            Self::SecretAdded => "API secret added",
            Self::SecretChanged => "API secret changed",
            Self::SecretOpened => "client secret opened",
            Self::VersionOpened => "earlier version opened",
            Self::SecretLeft => "access left",
            Self::Shared => "shared",
            Self::ShareExtended => "shared further",
            Self::ExpirySet => "end of access set",
            Self::ShareExpired => "access ended by itself",
            Self::Unshared => "unshared",
            Self::PermissionsChanged => "permissions changed",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Transferred => "transferred",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::Tagged => "tags changed",
            Self::Imported => "imported",
            Self::Exported => "exported",
            Self::Purged => "removed for good",
        }
    }

    /// The event of a text.
    ///
    /// # Errors
    /// [`StoreError::Content`] for any other text.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let found = Self::ALL.into_iter().find(|event| event.text() == text);
        found.ok_or_else(|| StoreError::Content(format!("audit event {text}")))
    }
}

impl From<BatchKind> for Event {
    fn from(kind: BatchKind) -> Self {
        match kind {
            BatchKind::Share => Self::Shared,
            BatchKind::Unshare => Self::Unshared,
            BatchKind::ChangePermission => Self::PermissionsChanged,
            BatchKind::Enable => Self::Enabled,
            BatchKind::Disable => Self::Disabled,
            BatchKind::Transfer => Self::Transferred,
            BatchKind::Delete => Self::Deleted,
            BatchKind::Restore => Self::Restored,
            BatchKind::Tag => Self::Tagged,
            BatchKind::Import => Self::Imported,
        }
    }
}

#[derive(SurrealValue)]
pub(crate) struct EntryRow {
    pub id: RecordId,
    at: Datetime,
    pub event: String,
    pub by: RecordId,
    pub account: Option<RecordId>,
    pub group: Option<RecordId>,
    pub secret: Option<RecordId>,
    pub batch: Option<RecordId>,
    digest: Option<String>,
    address: Option<String>,
}

#[derive(SurrealValue)]
struct IdRow {
    id: RecordId,
}

impl EntryRow {
    /// An entry that is not about anything yet.
    fn new(id: Uuid, event: Event, by: AccountId) -> Self {
        Self {
            id: entry_id(id),
            at: time_of(id),
            event: event.text().into(),
            by: record::account(by),
            account: None,
            group: None,
            secret: None,
            batch: None,
            digest: None,
            address: address().map(|address| address.to_string()),
        }
    }

    /// What the entry is found by: its event, and the rows that it names itself.
    fn subjects(&self) -> Vec<Value> {
        let rows = [Some(&self.by), self.account.as_ref(), self.group.as_ref(), self.secret.as_ref()];
        let mut subjects: Vec<Value> = rows.into_iter().flatten().cloned().map(Value::RecordId).collect();
        subjects.push(Value::String(self.event.clone()));
        subjects
    }
}

/// The id of a new entry: in the order of time, which it begins with.
pub(crate) fn new_id() -> Uuid {
    surrealdb::types::Uuid::new_v7().into()
}

/// When an entry with this id was made: ids of the seventh version begin with milliseconds since 1970 (RFC 9562).
pub(crate) fn time_of(id: Uuid) -> Datetime {
    u64::try_from(id.as_u128() >> 80).ok().and_then(at).unwrap_or_default()
}

fn entry_id(id: Uuid) -> RecordId {
    RecordId::new("audit", surrealdb::types::Uuid::from(id))
}

fn index_id(subject: Value, entry: Uuid) -> RecordId {
    RecordId::new("audit_of", Array::from(vec![subject, Value::Uuid(entry.into())]))
}

/// Notes what `by` did to a person.
pub(crate) async fn note(tx: &Tx, event: Event, by: AccountId, account: AccountId) -> Result<(), StoreError> {
    let entry = EntryRow { account: Some(record::account(account)), ..EntryRow::new(new_id(), event, by) };
    write(tx, vec![(entry, Vec::new())]).await
}

/// Notes what `by` did to a group.
pub(crate) async fn note_group(tx: &Tx, event: Event, by: AccountId, group: GroupId) -> Result<(), StoreError> {
    let entry = EntryRow { group: Some(record::group(group)), ..EntryRow::new(new_id(), event, by) };
    write(tx, vec![(entry, Vec::new())]).await
}

/// Notes what `by` did to members of a group.
pub(crate) async fn note_members(
    tx: &Tx,
    event: Event,
    by: AccountId,
    group: GroupId,
    members: &[AccountId],
) -> Result<(), StoreError> {
    let entry = |member: &AccountId| {
        let (account, group) = (Some(record::account(*member)), Some(record::group(group)));
        (EntryRow { account, group, ..EntryRow::new(new_id(), event, by) }, Vec::new())
    };
    write(tx, members.iter().map(entry).collect()).await
}

/// Notes what `by` did to secrets, one by one.
pub(crate) async fn note_secrets(tx: &Tx, event: Event, by: AccountId, secrets: &[SecretId]) -> Result<(), StoreError> {
    let entry = |secret: &SecretId| {
        (EntryRow { secret: Some(record::secret(*secret)), ..EntryRow::new(new_id(), event, by) }, Vec::new())
    };
    write(tx, secrets.iter().map(entry).collect()).await
}

/// What of a batch an entry is about.
pub(crate) struct OfBatch {
    pub batch: BatchId,
    /// What tells the parts from others.
    pub digest: String,
    /// The secrets in the parts, each once.
    pub secrets: Vec<SecretId>,
    /// Whose permission changed, each once.
    pub recipients: Vec<RecipientId>,
}

/// Notes a batch, or what was added to it: one entry, found by each of its secrets and recipients.
pub(crate) async fn note_batch(tx: &Tx, id: Uuid, event: Event, by: AccountId, of: OfBatch) -> Result<(), StoreError> {
    let (batch, digest) = (Some(record::batch(of.batch)), Some(of.digest));
    let entry = EntryRow { batch, digest, ..EntryRow::new(id, event, by) };
    let secrets = of.secrets.into_iter().map(record::secret);
    let subjects = secrets.chain(of.recipients.into_iter().map(record::recipient));
    write(tx, vec![(entry, subjects.map(Value::RecordId).collect())]).await
}

/// Writes entries, each with what it is found by besides what it names itself.
async fn write(tx: &Tx, entries: Vec<(EntryRow, Vec<Value>)>) -> Result<(), StoreError> {
    let (mut rows, mut index, mut pending) = (Vec::with_capacity(entries.len()), Vec::new(), Vec::new());
    for (entry, more) in entries {
        let id: Uuid = record::id(&entry.id)?;
        let mut subjects = entry.subjects();
        // Whoever did something to themselves is found once.
        subjects.dedup();
        let named = subjects.len();
        for subject in more {
            if !subjects[..named].contains(&subject) {
                subjects.push(subject);
            }
        }
        index.extend(subjects.into_iter().map(|subject| IdRow { id: index_id(subject, id) }));
        pending.push(IdRow { id: RecordId::new("audit_pending", surrealdb::types::Uuid::from(id)) });
        rows.push(entry);
    }
    insert(tx, "audit", rows).await?;
    insert(tx, "audit_of", index).await?;
    insert(tx, "audit_pending", pending).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_read_as_it_is_written() {
        for event in Event::ALL {
            assert_eq!(Event::parse(event.text()).unwrap(), event);
        }
        assert!(Event::parse("nothing").is_err());
    }
}
