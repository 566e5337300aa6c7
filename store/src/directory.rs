use surrealdb::types::{Bytes, RecordId, SurrealValue};
use unicode_normalization::UnicodeNormalization as _;
use vault::{AccountId, GroupId, GroupKey, RecipientEntry, RecipientId, SignedEntry, SignedGroupKey};

use crate::account::Status;
use crate::database::{Store, Tx, query};
use crate::error::{Problem, Reason, StoreError, Subject};
use crate::group::{GroupKind, may_share_with};
use crate::record;
use crate::trust::{entry_of, lock_entry_of};

/// The most hits of one search.
const HITS: usize = 20;

/// A person or group that something can be shared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// Who.
    pub recipient: RecipientId,
    /// How they are called.
    pub name: String,
    /// A person's username, or the name of a group: what the signature of their key binds it to.
    pub signed_name: String,
    /// What tells them from others of the same name: username and email of a person, description of a group.
    pub detail: String,
    /// What kind of group; `None` for a person.
    pub group: Option<GroupKind>,
    /// Whether something can be shared with them now.
    pub active: bool,
}

/// How names, usernames and emails are compared: without case and outer spaces, and however Unicode writes them (NFKC).
pub(crate) fn search_key(text: &str) -> String {
    text.trim().nfkc().collect::<String>().to_lowercase()
}

#[derive(SurrealValue)]
struct PersonRow {
    id: RecordId,
    username: String,
    email: String,
    name: String,
    status: String,
}

#[derive(SurrealValue)]
pub(crate) struct GroupRow {
    id: RecordId,
    kind: String,
    name: String,
    description: String,
    owner: Option<RecordId>,
    members_can_view: bool,
}

const PERSON: &str = "SELECT id, username, email, name, status FROM account";
const GROUP: &str = "SELECT id, kind, name, description, owner, members_can_view FROM `group`";

impl Store {
    /// Who `caller` can share with and whose name, username, email or group name has `text` in it: exact matches first, then
    /// beginnings, then the rest, at most 20.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn find_recipients(&self, caller: AccountId, text: &str) -> Result<Vec<DirectoryEntry>, StoreError> {
        let key = search_key(text);
        if key.is_empty() {
            return Ok(Vec::new());
        }
        let key = &key;
        let mut found = self.transact(|tx| async move { search(&tx, caller, key).await }).await?;
        found.sort_by_cached_key(|entry| (rank(entry, key), search_key(&entry.name)));
        found.truncate(HITS);
        Ok(found)
    }

    /// The keys of recipients, all or none.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with every recipient that cannot be shared with.
    pub async fn recipient_keys(
        &self,
        caller: AccountId,
        recipients: &[RecipientId],
    ) -> Result<Vec<RecipientEntry>, StoreError> {
        self.transact(|tx| async move { keys_of(&tx, caller, recipients).await }).await
    }
}

async fn search(tx: &Tx, caller: AccountId, key: &str) -> Result<Vec<DirectoryEntry>, StoreError> {
    // Beginnings come from the indexes; only where they are few, the rest is looked through.
    let starts = format!(
        "{PERSON} WHERE username_key >= $key AND username_key < $end LIMIT 20;
         {PERSON} WHERE email_key >= $key AND email_key < $end LIMIT 20;
         {PERSON} WHERE name_key >= $key AND name_key < $end LIMIT 20;
         {GROUP} WHERE enabled AND name_key >= $key AND name_key < $end LIMIT 100;"
    );
    let end = format!("{key}\u{10FFFF}");
    let mut answer = query!(tx, starts, key = key.to_owned(), end = end)?;
    let mut people: Vec<PersonRow> = Vec::new();
    for statement in 0..3 {
        people.append(&mut answer.take(statement)?);
    }
    let mut groups: Vec<GroupRow> = answer.take(3)?;
    if people.len() + groups.len() < HITS {
        let within = format!(
            "{PERSON} WHERE string::contains(name_key, $key) OR string::contains(email_key, $key)
                 OR string::contains(username_key, $key) LIMIT 40;
             {GROUP} WHERE enabled AND string::contains(name_key, $key) LIMIT 100;"
        );
        let mut answer = query!(tx, within, key = key.to_owned())?;
        people.append(&mut answer.take(0)?);
        groups.append(&mut answer.take(1)?);
    }
    let mut found = Vec::new();
    for row in people {
        let id: AccountId = record::id(&row.id)?;
        let status = Status::parse(&row.status)?;
        if id != caller && status != Status::Disabled {
            found.push(DirectoryEntry {
                recipient: RecipientId::Account(id),
                name: row.name,
                detail: format!("{} · {}", row.username, row.email),
                signed_name: row.username,
                group: None,
                active: status == Status::Active,
            });
        }
    }
    for row in groups {
        let kind = GroupKind::parse(&row.kind)?;
        let id = record::id(&row.id)?;
        let owner = row.owner.as_ref().map(record::id).transpose()?;
        if may_share_with(tx, caller, id, kind, owner, row.members_can_view).await? {
            found.push(DirectoryEntry {
                recipient: RecipientId::Group(id),
                signed_name: row.name.clone(),
                name: row.name,
                detail: row.description,
                group: Some(kind),
                active: true,
            });
        }
    }
    found.sort_by_key(|entry| entry.recipient);
    found.dedup_by_key(|entry| entry.recipient);
    Ok(found)
}

/// 0 for an exact match, 1 for a beginning, 2 for the rest.
fn rank(entry: &DirectoryEntry, key: &str) -> u8 {
    let name = search_key(&entry.name);
    let mut names = vec![name.as_str()];
    if entry.group.is_none() {
        names.extend(entry.detail.split(" · "));
    }
    if names.iter().any(|name| search_key(name) == key) {
        0
    } else if names.iter().any(|name| search_key(name).starts_with(key)) {
        1
    } else {
        2
    }
}

#[derive(SurrealValue)]
struct GroupKeyRow {
    kind: String,
    name: String,
    enabled: bool,
    owner: Option<RecordId>,
    members_can_view: bool,
    epoch: i64,
    public_key: Bytes,
    signer: RecordId,
    signature: Bytes,
}

/// The current keys of recipients that `caller` may share with, or every reason why not.
pub(crate) async fn keys_of(
    tx: &Tx,
    caller: AccountId,
    recipients: &[RecipientId],
) -> Result<Vec<RecipientEntry>, StoreError> {
    let (mut keys, mut problems) = (Vec::with_capacity(recipients.len()), Vec::new());
    for recipient in recipients {
        let result = match recipient {
            RecipientId::Account(id) if *id == caller => Err(Reason::Yourself),
            RecipientId::Account(id) => account_key(tx, *id).await?.map(RecipientEntry::Account),
            RecipientId::Group(id) => group_key(tx, caller, *id).await?.map(RecipientEntry::Group),
        };
        match result {
            Ok(key) => keys.push(key),
            Err(reason) => problems.push(Problem { subject: Subject::Recipient(*recipient), reason }),
        }
    }
    if problems.is_empty() { Ok(keys) } else { Err(StoreError::Refused(problems)) }
}

async fn account_key(tx: &Tx, account: AccountId) -> Result<Result<SignedEntry, Reason>, StoreError> {
    let Some(found) = lock_entry_of(tx, account).await? else { return Ok(Err(Reason::NotFound)) };
    Ok(found.signed.filter(|_| found.status == Status::Active).ok_or(Reason::NotActive))
}

async fn group_key(tx: &Tx, caller: AccountId, group: GroupId) -> Result<Result<SignedGroupKey, Reason>, StoreError> {
    let Some(row) = group_row(tx, group).await? else { return Ok(Err(Reason::NotFound)) };
    let owner = row.owner.as_ref().map(record::id).transpose()?;
    if !may_share_with(tx, caller, group, GroupKind::parse(&row.kind)?, owner, row.members_can_view).await? {
        return Ok(Err(Reason::NotFound));
    }
    if row.enabled { signed_key(tx, group, row).await.map(Ok) } else { Ok(Err(Reason::Disabled)) }
}

async fn group_row(tx: &Tx, group: GroupId) -> Result<Option<GroupKeyRow>, StoreError> {
    let text = "SELECT kind, name, enabled, owner, members_can_view, epoch, public_key, signer, signature
                FROM ONLY $id FOR UPDATE";
    Ok(query!(tx, text, id = record::group(group))?.take(0)?)
}

async fn signed_key(tx: &Tx, group: GroupId, row: GroupKeyRow) -> Result<SignedGroupKey, StoreError> {
    let key = GroupKey {
        group,
        name: row.name,
        managed_by: GroupKind::parse(&row.kind)?.signer(),
        epoch: record::number(row.epoch)?,
        key: row.public_key.to_vec(),
    };
    let signer = entry_of(tx, record::id(&row.signer)?).await?.and_then(|entry| entry.signed);
    let signer = signer.ok_or_else(|| StoreError::Content(format!("signer of the key of group {group}")))?;
    Ok(SignedGroupKey { key, signature: row.signature.to_vec(), signer })
}

/// The entry of an account, whether or not its person can sign in.
pub(crate) async fn account_entry(tx: &Tx, account: AccountId) -> Result<Option<SignedEntry>, StoreError> {
    Ok(lock_entry_of(tx, account).await?.and_then(|entry| entry.signed))
}

/// The key of a group, whether or not it is enabled.
pub(crate) async fn group_entry(tx: &Tx, group: GroupId) -> Result<Option<SignedGroupKey>, StoreError> {
    match group_row(tx, group).await? {
        Some(row) => signed_key(tx, group, row).await.map(Some),
        None => Ok(None),
    }
}
