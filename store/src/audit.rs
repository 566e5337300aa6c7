//! The audit log: what was done to people, groups and keys, written in the transaction that did it. Rows are only ever added.

use surrealdb::types::{Datetime, RecordId, SurrealValue, Uuid};
use vault::{AccountId, GroupId};

use crate::account::require_administrator;
use crate::clock::{Millis, millis, now};
use crate::database::{Store, Tx, insert, query};
use crate::error::StoreError;
use crate::record;

/// How many entries one page of the log has.
const PAGE: usize = 100;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody was invited, or invited anew.
    Invited,
    /// Somebody joined by an invitation.
    Joined,
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
    /// What somebody owned was given to somebody else.
    Transferred,
    /// Access to secrets of somebody was ended or changed.
    AccessChanged,
}

impl Event {
    const ALL: [Self; 23] = [
        Self::Invited,
        Self::Joined,
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
        Self::Transferred,
        Self::AccessChanged,
    ];

    /// As it is called in the database and on the wire: never changed.
    pub fn text(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Joined => "joined",
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
            Self::Transferred => "secrets transferred",
            Self::AccessChanged => "access changed",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        let found = Self::ALL.into_iter().find(|event| event.text() == text);
        found.ok_or_else(|| StoreError::Content(format!("audit event {text}")))
    }
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Names it, and what comes before it.
    pub id: String,
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
}

#[derive(SurrealValue)]
struct NewRow {
    id: RecordId,
    at: Datetime,
    event: String,
    by: RecordId,
    account: Option<RecordId>,
    group: Option<RecordId>,
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
}

/// Notes what `by` did to a person.
pub(crate) async fn note(tx: &Tx, event: Event, by: AccountId, account: AccountId) -> Result<(), StoreError> {
    write(tx, event, by, vec![(Some(account), None)]).await
}

/// Notes what `by` did to a group.
pub(crate) async fn note_group(tx: &Tx, event: Event, by: AccountId, group: GroupId) -> Result<(), StoreError> {
    write(tx, event, by, vec![(None, Some(group))]).await
}

/// Notes what `by` did to members of a group.
pub(crate) async fn note_members(
    tx: &Tx,
    event: Event,
    by: AccountId,
    group: GroupId,
    members: &[AccountId],
) -> Result<(), StoreError> {
    write(tx, event, by, members.iter().map(|member| (Some(*member), Some(group))).collect()).await
}

async fn write(
    tx: &Tx,
    event: Event,
    by: AccountId,
    subjects: Vec<(Option<AccountId>, Option<GroupId>)>,
) -> Result<(), StoreError> {
    let rows = subjects.into_iter().map(|(account, group)| NewRow {
        id: RecordId::new("audit", Uuid::new_v7()),
        at: now(),
        event: event.text().into(),
        by: record::account(by),
        account: account.map(record::account),
        group: group.map(record::group),
    });
    insert(tx, "audit", rows.collect()).await
}

impl Store {
    /// The audit log before an entry, or from its end: the latest first, at most 100.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members, [`StoreError::Malformed`] for an entry that cannot be.
    pub async fn audit(&self, caller: AccountId, before: Option<&str>) -> Result<Vec<AuditEntry>, StoreError> {
        let before: Option<uuid::Uuid> =
            before.map(str::parse).transpose().map_err(|_| StoreError::Malformed("the entry of the log"))?;
        let rows: Vec<Row> = self
            .transact(|tx| async move {
                require_administrator(&tx, caller).await?;
                // The ids are in the order of time, so the table is read backwards and no further than asked for.
                let text = format!(
                    "SELECT id, at, event, by.name AS by_name, by.username AS by_username, account.name AS account_name,
                            account.username AS account_username, `group`.name AS group_name
                     FROM audit WHERE $before IS NONE OR id < $before ORDER BY id DESC LIMIT {PAGE}"
                );
                let before = before.map(|id| RecordId::new("audit", Uuid::from(id)));
                Ok(query!(tx, text, before = before)?.take(0)?)
            })
            .await?;
        rows.into_iter()
            .map(|row| {
                let id: uuid::Uuid = record::id(&row.id)?;
                let pair = |name: Option<String>, username: Option<String>| name.zip(username);
                Ok(AuditEntry {
                    id: id.to_string(),
                    at: millis(&row.at),
                    event: Event::parse(&row.event)?,
                    by: pair(row.by_name, row.by_username).unwrap_or_default(),
                    account: pair(row.account_name, row.account_username),
                    group: row.group_name,
                })
            })
            .collect()
    }
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
