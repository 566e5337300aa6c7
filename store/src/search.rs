//! Finding recipients: people and groups are looked through in memory.

mod known;

use std::collections::{HashMap, HashSet};
use std::slice;

use surrealdb::types::{RecordId, SurrealValue};
use vault::{AccountId, RecipientId};

use crate::account::{Kind, require_administrator};
use crate::database::{Store, Tx, query};
use crate::directory::search_key;
use crate::error::StoreError;
use crate::group::{GroupKind, can_share_with};
use crate::record;

pub(crate) use known::{Known, changed};

/// The most hits of one search.
const HITS: usize = 20;

/// What kind of recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecipientKind {
    /// One person.
    Person,
    /// One program.
    AccessKey,
    /// A group that administrators manage.
    UserGroup,
    /// A group that a person made.
    PrivateGroup,
}

impl RecipientKind {
    /// What the row of an account or a group says.
    pub(crate) fn parse(text: &str) -> Result<Self, StoreError> {
        Kind::parse(text).map(Into::into).or_else(|_| GroupKind::parse(text).map(Into::into))
    }
}

impl From<Kind> for RecipientKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Person => Self::Person,
            Kind::AccessKey => Self::AccessKey,
        }
    }
}

impl From<GroupKind> for RecipientKind {
    fn from(kind: GroupKind) -> Self {
        match kind {
            GroupKind::UserGroup => Self::UserGroup,
            GroupKind::PrivateGroup => Self::PrivateGroup,
        }
    }
}

/// A person, access key or group that something can be shared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// Who.
    pub recipient: RecipientId,
    /// How they are called.
    pub name: String,
    /// A person's username, or the name of a group: what the signature of their key binds it to.
    pub signed_name: String,
    /// What tells them from others of the same name: username and email of a person, username of an access key, description of a group.
    pub detail: String,
    /// What kind.
    pub kind: RecipientKind,
    /// Whether something can be shared with them now.
    pub active: bool,
}

/// Whom somebody looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sought {
    /// People, access keys and groups.
    All,
    /// People and access keys: whoever can be in a group.
    Accounts,
    /// People: whoever can be an owner.
    People,
}

impl Sought {
    fn takes(self, kind: Kind) -> bool {
        self != Self::People || kind == Kind::Person
    }
}

/// What an entry of a list of recipients stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// One person or group: something can be shared with them, or can be once they are active.
    Found(DirectoryEntry),
    /// More than one.
    Several,
    /// The caller.
    Yourself,
    /// A person or group that is disabled.
    Disabled,
    /// A group, or an access key, where they are not looked for.
    Group,
    /// Nobody, and no group that the caller may know of.
    Nothing,
}

impl Store {
    /// Who `caller` can share with and whose name, username, email or group name has `text` in it: exact matches first, then
    /// beginnings, then the rest, at most 20.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn find_recipients(
        &self,
        caller: AccountId,
        text: &str,
        sought: Sought,
    ) -> Result<Vec<DirectoryEntry>, StoreError> {
        let key = search_key(text);
        if key.is_empty() {
            return Ok(Vec::new());
        }
        let (known, shown) = self.look(caller).await?;
        let people = known.people.values().filter(|person| person.is_there_for(caller) && sought.takes(person.kind));
        let mut hits: Vec<(u8, &str, RecipientId)> = people
            .filter_map(|person| Some((rank(&person.keys, &key)?, &*person.keys[0], RecipientId::Account(person.id))))
            .collect();
        let found = known.groups.values().filter(|group| sought == Sought::All && group.is_there_for(caller, &shown));
        hits.extend(found.filter_map(|group| {
            let rank = rank(slice::from_ref(&group.name_key), &key)?;
            Some((rank, &*group.name_key, RecipientId::Group(group.id)))
        }));
        // A letter or two are in thousands of names: only the first of them are put in order.
        if hits.len() > HITS {
            hits.select_nth_unstable(HITS);
            hits.truncate(HITS);
        }
        hits.sort_unstable();
        Ok(hits.into_iter().map(|(.., recipient)| known.entry(recipient)).collect())
    }

    /// For each text what it stands for: the person with this username or email, or the group with this name.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn resolve_recipients(
        &self,
        caller: AccountId,
        texts: &[String],
        sought: Sought,
    ) -> Result<Vec<Resolved>, StoreError> {
        let (known, shown) = self.look(caller).await?;
        let keys: Vec<String> = texts.iter().map(|text| search_key(text)).collect();
        // Everyone is looked at once, however long the list is.
        let mut named: HashMap<&str, Vec<RecipientId>> = keys.iter().map(|key| (key.as_str(), Vec::new())).collect();
        for person in known.people.values() {
            for key in &person.keys[1..] {
                if let Some(named) = named.get_mut(key.as_str()) {
                    named.push(RecipientId::Account(person.id));
                }
            }
        }
        for group in known.groups.values().filter(|group| group.is_seen_by(caller, &shown)) {
            if let Some(named) = named.get_mut(group.name_key.as_str()) {
                named.push(RecipientId::Group(group.id));
            }
        }
        Ok(keys.iter().map(|key| known.resolved(caller, &named[key.as_str()], sought)).collect())
    }

    /// The person with this username or email, or the user group with this name, in whatever state; for administrators.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members.
    pub async fn find_by_name(&self, caller: AccountId, text: &str) -> Result<Option<RecipientId>, StoreError> {
        self.transact(|tx| async move { require_administrator(&tx, caller).await }).await?;
        let (known, shown) = self.look(caller).await?;
        let key = search_key(text);
        let people = known.people.values().filter(|person| person.is_called(&key));
        let groups = known.groups.values().filter(|group| group.name_key == key && group.is_seen_by(caller, &shown));
        let people = people.map(|person| RecipientId::Account(person.id));
        Ok(people.chain(groups.map(|group| RecipientId::Group(group.id))).min())
    }

    /// How many active people recipients come to, without `caller`. Groups that `caller` cannot share with come to nobody.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn count_people(&self, caller: AccountId, recipients: &[RecipientId]) -> Result<u64, StoreError> {
        self.transact(|tx| async move {
            let mut people: HashSet<AccountId> = HashSet::new();
            for recipient in recipients {
                match recipient {
                    RecipientId::Account(id) => drop(people.insert(*id)),
                    RecipientId::Group(id) if can_share_with(&tx, caller, *id).await? => {
                        let text =
                            "SELECT VALUE account FROM membership WHERE `group` = $id AND account.status = 'active'";
                        let members: Vec<RecordId> = query!(tx, text, id = record::group(*id))?.take(0)?;
                        for member in &members {
                            people.insert(record::id(member)?);
                        }
                    }
                    RecipientId::Group(_) => {}
                }
            }
            people.remove(&caller);
            Ok(people.len() as u64)
        })
        .await
    }
}

#[derive(SurrealValue)]
struct RecipientRow {
    id: RecordId,
    name: String,
    username: Option<String>,
    email: Option<String>,
    status: Option<String>,
    kind: String,
    description: Option<String>,
    enabled: Option<bool>,
}

/// People and groups by their ids.
pub(crate) async fn entries(tx: &Tx, recipients: Vec<RecipientId>) -> Result<Vec<DirectoryEntry>, StoreError> {
    let ids: Vec<RecordId> = recipients.into_iter().map(record::recipient).collect();
    let text = "SELECT id, name, username, email, status, kind, description, enabled FROM $ids";
    let rows: Vec<RecipientRow> = query!(tx, text, ids = ids)?.take(0)?;
    let entry = |row: RecipientRow| {
        let username = row.username.unwrap_or_default();
        let recipient = record::recipient_id(&row.id)?;
        Ok(DirectoryEntry {
            signed_name: if let RecipientId::Group(_) = recipient { row.name.clone() } else { username.clone() },
            recipient,
            name: row.name,
            detail: row.description.unwrap_or_else(|| account_detail(&username, &row.email.unwrap_or_default())),
            kind: RecipientKind::parse(&row.kind)?,
            active: row.enabled.unwrap_or(row.status.as_deref() == Some("active")),
        })
    };
    rows.into_iter().map(entry).collect()
}

/// What tells an account from others of the same name.
fn account_detail(username: &str, email: &str) -> String {
    if email.is_empty() { username.into() } else { format!("{username} · {email}") }
}

/// The best that a text is to any of the keys: 0 for an exact match, 1 for a beginning, of a word too, 2 for the rest; `None` where it is in none.
fn rank(keys: &[String], text: &str) -> Option<u8> {
    keys.iter().filter_map(|key| rank_in(key, text)).min()
}

fn rank_in(key: &str, text: &str) -> Option<u8> {
    if !key.contains(text) {
        return None;
    }
    // A text that is in it several times may begin one of the later words.
    let begins_word = || {
        key.match_indices([' ', '.', '-', '_', '@']).any(|(at, between)| key[at + between.len()..].starts_with(text))
    };
    if key == text {
        Some(0)
    } else if key.starts_with(text) || begins_word() {
        Some(1)
    } else {
        Some(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_all_places_where_a_text_is_in_a_key_the_best_counts() {
        let of = |text: &str| rank_in("hannah ann", text);
        assert_eq!(of("hannah ann"), Some(0));
        assert_eq!([of("han"), of("ann"), of("nn")], [Some(1), Some(1), Some(2)]);
        assert_eq!(of("anne"), None);
        // Also where the places overlap.
        assert_eq!(rank_in("xa.a.a", "a.a"), Some(1));
        assert_eq!(rank_in("ana@example.com", "ex"), Some(1));
        // The best of all keys.
        let keys = ["johanna".to_owned(), "anna.b".to_owned()];
        assert_eq!(rank(&keys, "anna"), Some(1));
    }
}
