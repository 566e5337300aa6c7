//! What has changed in somebody's list since they read it: a few rows, where reading all of it again would be a hundred thousand.

use std::collections::{BTreeMap, HashSet};

use surrealdb::types::{Datetime, RecordId, SurrealValue};
use uuid::Uuid;
use vault::{AccountId, RecipientId, SecretId};

use super::{FEW, Happened, before, is_ahead, parts_about};
use crate::access::{best_path, grants_to};
use crate::audit::{EntryRow, Event, last_entry, time_of};
use crate::batch::BatchPart;
use crate::clock::{Millis, millis};
use crate::database::{Store, Tx, query};
use crate::error::StoreError;
use crate::record;
use crate::secret::{SecretRow, owners, secrets_among};

/// How many entries of the log are looked through at most. Most are of somebody who opened something.
const ENTRIES: usize = 5_000;
/// How many secrets are looked at at most, whosoever they are: of more, reading the whole list takes hardly longer.
const LOOKED_AT: usize = 2_000;
/// How many of the latest events somebody is told of that they have seen: those that they are not told of are looked at once more.
pub const SEEN: usize = 100;

/// Up to where somebody has read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AsOf {
    /// The latest that was done; nothing where nothing was done ever.
    pub event: Option<Uuid>,
    /// What was changed a little before, and is in what they read. What was written late is not among it.
    pub seen: Vec<Uuid>,
}

/// What has changed in somebody's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListChanges {
    /// What is there now, as it is now.
    pub rows: Vec<SecretRow>,
    /// What is not there any more, and was.
    pub gone: Vec<SecretId>,
    /// Up to where this is.
    pub as_of: AsOf,
}

impl AsOf {
    /// Up to `event`, with these entries from before it, in their order.
    fn new(event: Uuid, entries: &[Happened]) -> Self {
        let from = before(event);
        let changes = entries.iter().filter(|happened| happened.id >= from && happened.changes_something());
        let mut seen: Vec<Uuid> = changes.map(|happened| happened.id).collect();
        seen.drain(..seen.len().saturating_sub(SEEN));
        Self { event: Some(event), seen }
    }
}

impl Store {
    /// Up to where whoever reads after this has read.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn as_of(&self) -> Result<AsOf, StoreError> {
        self.transact(|tx| async move {
            let Some(last) = last_entry(&tx).await? else { return Ok(AsOf::default()) };
            // So many that nobody could be told of them are as good as none.
            let entries = entries_from(&tx, before(last)).await?.unwrap_or_default();
            Ok(AsOf::new(last, &entries))
        })
        .await
    }

    /// What has changed in the list of `caller` since they read it; `None` where it is so much, or so hard to tell, that the list is read again. Of what
    /// `caller` never had nothing is told.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn secrets_since(&self, caller: AccountId, since: &AsOf) -> Result<Option<ListChanges>, StoreError> {
        let Some(event) = since.event.filter(|event| !is_ahead(*event)) else { return Ok(None) };
        self.transact(|tx| async move {
            let Some(entries) = entries_from(&tx, before(event)).await? else { return Ok(None) };
            let last = entries.iter().map(|happened| happened.id).fold(event, Ord::max);
            let as_of = AsOf::new(last, &entries);
            let seen: HashSet<Uuid> = since.seen.iter().copied().collect();
            let entries = entries.into_iter().filter(|happened| !seen.contains(&happened.id));
            let looked = Looked { caller, ways: ways_of(&tx, caller).await?, secrets: BTreeMap::new() };
            match looked.at(&tx, entries).await? {
                Some(secrets) => changes(&tx, caller, secrets, as_of).await.map(Some),
                None => Ok(None),
            }
        })
        .await
    }
}

/// The entries of the log from one on, in their order; `None` where they are very many.
async fn entries_from(tx: &Tx, from: Uuid) -> Result<Option<Vec<Happened>>, StoreError> {
    let entries: Vec<EntryRow> =
        query!(tx, format!("SELECT * FROM audit:u'{from}'.. LIMIT {}", ENTRIES + 1))?.take(0)?;
    if entries.len() > ENTRIES {
        return Ok(None);
    }
    entries.iter().map(Happened::of).collect::<Result<_, _>>().map(Some)
}

#[derive(SurrealValue)]
struct WayRow {
    group: RecordId,
    enabled: bool,
    added_at: Datetime,
}

/// Through whom an account may get access, and since when: itself, and all groups that it is in; disabled ones give none.
async fn ways_of(tx: &Tx, account: AccountId) -> Result<BTreeMap<RecipientId, Option<Millis>>, StoreError> {
    let text = "SELECT `group`, `group`.enabled AS enabled, added_at FROM membership:[$key, NONE]..=[$key, ..]";
    let groups: Vec<WayRow> = query!(tx, text, key = account.uuid())?.take(0)?;
    let way =
        |row: &WayRow| Ok((RecipientId::Group(record::id(&row.group)?), row.enabled.then(|| millis(&row.added_at))));
    std::iter::once(Ok((RecipientId::Account(account), Some(Millis::MIN)))).chain(groups.iter().map(way)).collect()
}

/// What is looked at for somebody.
struct Looked {
    caller: AccountId,
    ways: BTreeMap<RecipientId, Option<Millis>>,
    /// The secrets that something was done to, and whether it was done by them, or to an access of theirs: then they had it.
    secrets: BTreeMap<SecretId, bool>,
}

impl Looked {
    /// Which secrets it is about; `None` where there are too many.
    async fn at(
        mut self,
        tx: &Tx,
        entries: impl Iterator<Item = Happened>,
    ) -> Result<Option<BTreeMap<SecretId, bool>>, StoreError> {
        for happened in entries.filter(Happened::changes_something) {
            let is_own = happened.by == self.caller;
            if let Some(group) = happened.group {
                // Who is in which group decides about any number of secrets.
                let is_about = happened.account.map_or_else(
                    || self.ways.contains_key(&RecipientId::Group(group)),
                    |account| account == self.caller,
                );
                if is_about {
                    return Ok(None);
                }
                continue;
            }
            // What has just been added, nobody else has.
            if happened.event == Event::Imported && !is_own {
                continue;
            }
            if let Some(secret) = happened.secret {
                *self.secrets.entry(secret).or_default() |= is_own;
            }
            for part in parts_about(tx, &happened).await? {
                // Whoever came into a group later never had what was taken from it before.
                let at = millis(&time_of(happened.id));
                let is_way = |id: &RecipientId| self.ways.get(id).copied().flatten().is_some_and(|since| since <= at);
                let had = is_own || part.changes.iter().any(|change| is_way(&change.recipient));
                if !had && part.secrets.len() > FEW && !self.may_have(tx, &part).await? {
                    continue;
                }
                for secret in part.secrets {
                    *self.secrets.entry(secret).or_default() |= had;
                }
            }
            if self.secrets.len() > LOOKED_AT {
                return Ok(None);
            }
        }
        Ok(Some(self.secrets))
    }

    /// Whether some of many secrets may be in the list: their owners are the caller, or share anything with them.
    async fn may_have(&self, tx: &Tx, part: &BatchPart) -> Result<bool, StoreError> {
        let owners: HashSet<AccountId> = owners(tx, &part.secrets).await?.into_values().collect();
        if owners.contains(&self.caller) {
            return Ok(true);
        }
        let ways: Vec<RecipientId> = self.ways.keys().copied().collect();
        let granters: HashSet<AccountId> =
            grants_to(tx, &ways).await?.into_values().flatten().map(|grant| grant.granter).collect();
        Ok(owners.iter().any(|owner| granters.contains(owner)))
    }
}

async fn changes(
    tx: &Tx,
    caller: AccountId,
    secrets: BTreeMap<SecretId, bool>,
    as_of: AsOf,
) -> Result<ListChanges, StoreError> {
    if secrets.is_empty() {
        return Ok(ListChanges { rows: Vec::new(), gone: Vec::new(), as_of });
    }
    let ids: Vec<SecretId> = secrets.keys().copied().collect();
    let rows = secrets_among(tx, caller, &ids).await?;
    let there: HashSet<SecretId> = rows.iter().map(|row| row.id).collect();
    let mut gone = Vec::new();
    for (id, had) in secrets.into_iter().filter(|(id, _)| !there.contains(id)) {
        if had || is_in_bin_of_theirs(tx, caller, id).await? {
            gone.push(id);
        }
    }
    Ok(ListChanges { rows, gone, as_of })
}

/// Whether a secret that is not in the list would be, were it not in the bin.
async fn is_in_bin_of_theirs(tx: &Tx, caller: AccountId, id: SecretId) -> Result<bool, StoreError> {
    Ok(match owners(tx, &[id]).await?.get(&id) {
        Some(owner) => *owner == caller || best_path(tx, caller, id).await?.is_some(),
        None => false,
    })
}
