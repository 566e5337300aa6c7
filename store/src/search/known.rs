//! Everyone and every group, in memory. The organization's row counts what is changed of what people and groups are found by, and each of their rows
//! keeps the count of its own last change: so one number says whether what is known is still right, and if not, what is to be read anew, also where
//! another server on the same database changed it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use surrealdb::types::{RecordId, SurrealValue};
use vault::{AccountId, GroupId, RecipientId};

use super::{DirectoryEntry, Resolved, Sought, account_detail};
use crate::account::{Kind, Status};
use crate::database::{CHUNK, Store, Tx, query};
use crate::error::StoreError;
use crate::group::GroupKind;
use crate::record;

/// Everyone and every group, as they were at one version of the directory.
#[derive(Clone, Default)]
pub(crate) struct Known {
    /// `None` before anything was read.
    version: Option<i64>,
    pub(super) people: HashMap<AccountId, Arc<KnownPerson>>,
    pub(super) groups: HashMap<GroupId, Arc<KnownGroup>>,
}

/// A person, with what they are found by in the form in which it is compared.
pub(super) struct KnownPerson {
    pub id: AccountId,
    pub kind: Kind,
    name: String,
    username: String,
    email: String,
    status: Status,
    /// Name, username and email.
    pub keys: [String; 3],
}

/// A group. Whether members see it is not known here: that is asked for with who is in it.
pub(super) struct KnownGroup {
    pub id: GroupId,
    kind: GroupKind,
    owner: Option<AccountId>,
    name: String,
    pub name_key: String,
    description: String,
    enabled: bool,
}

#[derive(SurrealValue)]
struct PersonRow {
    id: RecordId,
    kind: String,
    username: String,
    email: String,
    name: String,
    status: String,
    username_key: String,
    email_key: String,
    name_key: String,
}

#[derive(SurrealValue)]
struct GroupRow {
    id: RecordId,
    kind: String,
    owner: Option<RecordId>,
    name: String,
    name_key: String,
    description: String,
    enabled: bool,
}

const PEOPLE: &str = "SELECT id, kind, username, email, name, status, username_key, email_key, name_key FROM account";
const GROUPS: &str = "SELECT id, kind, owner, name, name_key, description, enabled FROM `group`";

impl Store {
    /// Everyone and every group, and those private groups that `caller` is in and whose members see them.
    pub(super) async fn look(&self, caller: AccountId) -> Result<(Arc<Known>, HashSet<GroupId>), StoreError> {
        self.transact(|tx| async move {
            let mut answer = query!(
                tx,
                "SELECT VALUE directory FROM ONLY organization:this;
                 SELECT VALUE `group` FROM membership:[$caller, NONE]..=[$caller, ..] WHERE `group`.members_can_view",
                caller = caller.uuid()
            )?;
            let version: Option<i64> = answer.take(0)?;
            let shown: Vec<RecordId> = answer.take(1)?;
            let shown = shown.iter().map(record::id).collect::<Result<HashSet<GroupId>, _>>()?;
            Ok((self.known(&tx, version.unwrap_or_default()).await?, shown))
        })
        .await
    }

    /// Everyone and every group at a version of the directory, or a later one. One reads what has changed, and who asks meanwhile waits for that.
    async fn known(&self, tx: &Tx, version: i64) -> Result<Arc<Known>, StoreError> {
        let mut kept = self.known.lock().await;
        if kept.version.is_none_or(|known| known < version) {
            let (people, groups) = read(tx, kept.version).await?;
            // Who is still looking through what was known before keeps that.
            let known = Arc::make_mut(&mut kept);
            known.people.extend(people);
            known.groups.extend(groups);
            known.version = Some(version);
        }
        Ok(Arc::clone(&kept))
    }
}

type People = Vec<(AccountId, Arc<KnownPerson>)>;
type Groups = Vec<(GroupId, Arc<KnownGroup>)>;

/// What has changed since a version; where there is none, all.
async fn read(tx: &Tx, since: Option<i64>) -> Result<(People, Groups), StoreError> {
    let those = if since.is_some() { "WHERE changed > $since" } else { "" };
    let text = format!("{PEOPLE} {those}; {GROUPS} {those}");
    let mut answer = query!(tx, text, since = since.unwrap_or_default())?;
    let (people, groups): (Vec<PersonRow>, Vec<GroupRow>) = (answer.take(0)?, answer.take(1)?);
    let person = |row: PersonRow| KnownPerson::try_from(row).map(|person| (person.id, Arc::new(person)));
    let group = |row: GroupRow| KnownGroup::try_from(row).map(|group| (group.id, Arc::new(group)));
    Ok((
        people.into_iter().map(person).collect::<Result<_, _>>()?,
        groups.into_iter().map(group).collect::<Result<_, _>>()?,
    ))
}

/// Whoever changes what people or groups are found by says whose it is, in the same transaction.
pub(crate) async fn changed(tx: &Tx, rows: &[RecordId]) -> Result<(), StoreError> {
    let text = "UPDATE organization:this SET directory += 1 RETURN VALUE directory";
    let version: Vec<i64> = query!(tx, text)?.take(0)?;
    // Before there is an organization nobody looks for anybody.
    let version = version.first().copied().unwrap_or_default();
    for chunk in rows.chunks(CHUNK) {
        let text = "UPDATE $rows SET changed = $version RETURN NONE";
        query!(tx, text, rows = chunk.to_vec(), version = version)?;
    }
    Ok(())
}

impl Known {
    /// A recipient that is known.
    pub(super) fn entry(&self, recipient: RecipientId) -> DirectoryEntry {
        match recipient {
            RecipientId::Account(id) => self.people[&id].entry(),
            RecipientId::Group(id) => self.groups[&id].entry(),
        }
    }

    /// What a text stands for by which these are called: people, and groups that `caller` sees, in whatever state.
    pub(super) fn resolved(&self, caller: AccountId, named: &[RecipientId], sought: Sought) -> Resolved {
        let is_there = |recipient: &RecipientId| match recipient {
            RecipientId::Account(id) => self.people[id].is_there_for(caller) && sought.takes(self.people[id].kind),
            RecipientId::Group(id) => sought == Sought::All && self.groups[id].enabled,
        };
        let is_sought = |recipient: &RecipientId| match recipient {
            RecipientId::Account(id) => sought.takes(self.people[id].kind),
            RecipientId::Group(_) => sought == Sought::All,
        };
        let there: Vec<RecipientId> = named.iter().copied().filter(is_there).collect();
        match there[..] {
            [recipient] => Resolved::Found(self.entry(recipient)),
            [_, _, ..] => Resolved::Several,
            [] if named.is_empty() => Resolved::Nothing,
            [] if named.contains(&RecipientId::Account(caller)) => Resolved::Yourself,
            [] if named.iter().any(is_sought) => Resolved::Disabled,
            [] => Resolved::Group,
        }
    }
}

impl KnownPerson {
    /// Whether it is somebody else, who can sign in or is to.
    pub(super) fn is_there_for(&self, caller: AccountId) -> bool {
        self.id != caller && self.status != Status::Disabled
    }

    /// Whether this is their username or email.
    pub(super) fn is_called(&self, key: &str) -> bool {
        self.keys[1..].iter().any(|known| known == key)
    }

    fn entry(&self) -> DirectoryEntry {
        DirectoryEntry {
            recipient: RecipientId::Account(self.id),
            name: self.name.clone(),
            signed_name: self.username.clone(),
            detail: account_detail(&self.username, &self.email),
            kind: self.kind.into(),
            active: self.status == Status::Active,
        }
    }
}

impl KnownGroup {
    /// Whether `caller` may share with it, enabled or not: with every user group, with private groups of their own, and with those that they are shown
    /// as members.
    pub(super) fn is_seen_by(&self, caller: AccountId, shown: &HashSet<GroupId>) -> bool {
        self.kind == GroupKind::UserGroup || self.owner == Some(caller) || shown.contains(&self.id)
    }

    /// Whether `caller` can share with it now.
    pub(super) fn is_there_for(&self, caller: AccountId, shown: &HashSet<GroupId>) -> bool {
        self.enabled && self.is_seen_by(caller, shown)
    }

    fn entry(&self) -> DirectoryEntry {
        DirectoryEntry {
            recipient: RecipientId::Group(self.id),
            name: self.name.clone(),
            signed_name: self.name.clone(),
            detail: self.description.clone(),
            kind: self.kind.into(),
            active: self.enabled,
        }
    }
}

impl TryFrom<PersonRow> for KnownPerson {
    type Error = StoreError;

    fn try_from(row: PersonRow) -> Result<Self, StoreError> {
        let kind = Kind::parse(&row.kind)?;
        // An access key has no email; what stands in its place is its id.
        let email_key = if kind == Kind::Person { row.email_key } else { row.username_key.clone() };
        Ok(Self {
            id: record::id(&row.id)?,
            kind,
            status: Status::parse(&row.status)?,
            name: row.name,
            username: row.username,
            email: row.email,
            keys: [row.name_key, row.username_key, email_key],
        })
    }
}

impl TryFrom<GroupRow> for KnownGroup {
    type Error = StoreError;

    fn try_from(row: GroupRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: record::id(&row.id)?,
            kind: GroupKind::parse(&row.kind)?,
            owner: row.owner.as_ref().map(record::id).transpose()?,
            name: row.name,
            name_key: row.name_key,
            description: row.description,
            enabled: row.enabled,
        })
    }
}
