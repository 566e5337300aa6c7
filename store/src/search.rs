//! Finding recipients. People are looked up in memory: one number in the database says whether what is known of them is still right.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use surrealdb::types::{RecordId, SurrealValue};
use vault::{AccountId, RecipientId};

use crate::account::{Status, require_administrator};
use crate::database::{Store, Tx, query};
use crate::directory::search_key;
use crate::error::StoreError;
use crate::group::{GroupKind, can_share_with};
use crate::record;

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

/// Everyone in the organization, as they were at one version of the directory.
pub(crate) struct Known {
    version: i64,
    people: Vec<KnownPerson>,
    /// Where in `people` a username or email leads, in the form in which it is compared.
    by_key: HashMap<String, Vec<usize>>,
}

/// A person, with what they are found by in the form in which it is compared.
struct KnownPerson {
    id: AccountId,
    name: String,
    username: String,
    email: String,
    status: Status,
    keys: [String; 3],
}

#[derive(SurrealValue)]
struct PersonRow {
    id: RecordId,
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
    name: String,
    name_key: String,
    description: String,
}

impl Store {
    /// Who `caller` can share with and whose name, username, email or group name has `text` in it: exact matches first, then
    /// beginnings, then the rest, at most 20; without `groups`, people alone.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn find_recipients(
        &self,
        caller: AccountId,
        text: &str,
        groups: bool,
    ) -> Result<Vec<DirectoryEntry>, StoreError> {
        let key = search_key(text);
        if key.is_empty() {
            return Ok(Vec::new());
        }
        let (known, found) = self.look(caller, &key).await?;
        let mut hits: Vec<(u8, String, DirectoryEntry)> = Vec::new();
        let mut people: Vec<(u8, &KnownPerson)> = known
            .people
            .iter()
            .filter(|person| person.id != caller && person.status != Status::Disabled)
            .filter_map(|person| Some((rank(person.keys.iter(), &key)?, person)))
            .collect();
        let order = |a: &(u8, &KnownPerson), b: &(u8, &KnownPerson)| {
            (a.0, &a.1.keys[0], a.1.id).cmp(&(b.0, &b.1.keys[0], b.1.id))
        };
        if people.len() > HITS {
            people.select_nth_unstable_by(HITS, order);
            people.truncate(HITS);
        }
        hits.extend(people.into_iter().map(|(rank, person)| (rank, person.keys[0].clone(), person.entry())));
        for group in found.iter().filter(|_| groups) {
            if let Some(rank) = rank(std::iter::once(&group.name_key), &key) {
                hits.push((rank, group.name_key.clone(), group.entry()?));
            }
        }
        hits.sort_by(|a, b| (a.0, &a.1, a.2.recipient).cmp(&(b.0, &b.1, b.2.recipient)));
        Ok(hits.into_iter().take(HITS).map(|(.., entry)| entry).collect())
    }

    /// For each text the person with this username or email, or the group with this name, that `caller` can share with; `None` where there
    /// is none, or more than one.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn resolve_recipients(
        &self,
        caller: AccountId,
        texts: &[String],
    ) -> Result<Vec<Option<DirectoryEntry>>, StoreError> {
        let (known, groups) = self.look(caller, "").await?;
        let mut found = Vec::with_capacity(texts.len());
        for text in texts {
            let key = search_key(text);
            let people = known.by_key.get(&key).map(Vec::as_slice).unwrap_or_default().iter();
            let people = people.map(|index| &known.people[*index]);
            let people = people.filter(|person| person.id != caller && person.status != Status::Disabled);
            let mut entries: Vec<DirectoryEntry> = people.map(KnownPerson::entry).collect();
            for group in groups.iter().filter(|group| group.name_key == key) {
                entries.push(group.entry()?);
            }
            found.push(if entries.len() == 1 { entries.pop() } else { None });
        }
        Ok(found)
    }

    /// The person with this username or email, or the user group with this name, in whatever state; for administrators.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members.
    pub async fn find_by_name(&self, caller: AccountId, text: &str) -> Result<Option<RecipientId>, StoreError> {
        self.transact(|tx| async move { require_administrator(&tx, caller).await }).await?;
        let (known, groups) = self.look(caller, "").await?;
        let key = search_key(text);
        let people = known.by_key.get(&key).map(Vec::as_slice).unwrap_or_default().iter();
        let people = people.map(|index| RecipientId::Account(known.people[*index].id));
        let groups = groups.iter().filter(|group| group.name_key == key).map(|group| record::recipient_id(&group.id));
        people.map(Ok).chain(groups).next().transpose()
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

    /// Everyone, and the enabled groups that `caller` can share with and whose name has `key` in it.
    async fn look(&self, caller: AccountId, key: &str) -> Result<(Arc<Known>, Vec<GroupRow>), StoreError> {
        self.transact(|tx| {
            let key = key.to_owned();
            async move {
                let version: Option<i64> = query!(tx, "SELECT VALUE directory FROM ONLY organization:this")?.take(0)?;
                let known = self.known(&tx, version.unwrap_or_default()).await?;
                let groups: Vec<GroupRow> = query!(
                    tx,
                    "LET $mine = (SELECT VALUE `group` FROM membership:[$uuid, NONE]..=[$uuid, ..]);
                     SELECT id, kind, name, name_key, description FROM `group`
                         WHERE enabled AND string::contains(name_key, $key)
                         AND (kind = 'user_group' OR owner = $caller OR (members_can_view AND id IN $mine))",
                    uuid = caller.uuid(),
                    caller = record::account(caller),
                    key = key
                )?
                .take(1)?;
                Ok((known, groups))
            }
        })
        .await
    }

    /// Everyone at a version of the directory: as known already, or read anew.
    async fn known(&self, tx: &Tx, version: i64) -> Result<Arc<Known>, StoreError> {
        let kept = self.known.lock().expect("nobody panics with the lock").clone();
        if let Some(known) = kept.filter(|known| known.version == version) {
            return Ok(known);
        }
        let text = "SELECT id, username, email, name, status, username_key, email_key, name_key FROM account";
        let rows: Vec<PersonRow> = query!(tx, text)?.take(0)?;
        let people = rows.into_iter().map(KnownPerson::try_from).collect::<Result<Vec<_>, _>>()?;
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::with_capacity(2 * people.len());
        for (index, person) in people.iter().enumerate() {
            let [_, username, email] = &person.keys;
            by_key.entry(username.clone()).or_default().push(index);
            by_key.entry(email.clone()).or_default().push(index);
        }
        let known = Arc::new(Known { version, people, by_key });
        *self.known.lock().expect("nobody panics with the lock") = Some(Arc::clone(&known));
        Ok(known)
    }
}

#[derive(SurrealValue)]
struct RecipientRow {
    id: RecordId,
    name: String,
    username: Option<String>,
    email: Option<String>,
    status: Option<String>,
    kind: Option<String>,
    description: Option<String>,
    enabled: Option<bool>,
}

/// People and groups by their ids.
pub(crate) async fn entries(tx: &Tx, recipients: Vec<RecipientId>) -> Result<Vec<DirectoryEntry>, StoreError> {
    let ids: Vec<RecordId> = recipients.into_iter().map(record::recipient).collect();
    let text = "SELECT id, name, username, email, status, kind, description, enabled FROM $ids";
    let rows: Vec<RecipientRow> = query!(tx, text, ids = ids)?.take(0)?;
    let entry = |row: RecipientRow| {
        let (username, email) = (row.username.unwrap_or_default(), row.email.unwrap_or_default());
        let group = row.kind.as_deref().map(GroupKind::parse).transpose()?;
        Ok(DirectoryEntry {
            recipient: record::recipient_id(&row.id)?,
            signed_name: if group.is_some() { row.name.clone() } else { username.clone() },
            name: row.name,
            detail: row.description.unwrap_or_else(|| format!("{username} · {email}")),
            group,
            active: row.enabled.unwrap_or(row.status.as_deref() == Some("active")),
        })
    };
    rows.into_iter().map(entry).collect()
}

/// Whoever changes what people are found by says so, in the same transaction.
pub(crate) async fn people_changed(tx: &Tx) -> Result<(), StoreError> {
    query!(tx, "UPDATE organization:this SET directory += 1 RETURN NONE")?;
    Ok(())
}

/// The best that a text is to any of the keys: 0 for an exact match, 1 for a beginning, of a word too, 2 for the rest; `None` where it is in none.
fn rank<'a>(keys: impl Iterator<Item = &'a String>, text: &str) -> Option<u8> {
    keys.filter_map(|key| rank_in(key, text)).min()
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

impl KnownPerson {
    fn entry(&self) -> DirectoryEntry {
        DirectoryEntry {
            recipient: RecipientId::Account(self.id),
            name: self.name.clone(),
            signed_name: self.username.clone(),
            detail: format!("{} · {}", self.username, self.email),
            group: None,
            active: self.status == Status::Active,
        }
    }
}

impl TryFrom<PersonRow> for KnownPerson {
    type Error = StoreError;

    fn try_from(row: PersonRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: record::id(&row.id)?,
            status: Status::parse(&row.status)?,
            name: row.name,
            username: row.username,
            email: row.email,
            keys: [row.name_key, row.username_key, row.email_key],
        })
    }
}

impl GroupRow {
    fn entry(&self) -> Result<DirectoryEntry, StoreError> {
        Ok(DirectoryEntry {
            recipient: RecipientId::Group(record::id(&self.id)?),
            name: self.name.clone(),
            signed_name: self.name.clone(),
            detail: self.description.clone(),
            group: Some(GroupKind::parse(&self.kind)?),
            active: true,
        })
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
        assert_eq!(rank(keys.iter(), "anna"), Some(1));
    }
}
