//! What has changed in somebody's list since they read it: a few rows, where reading all of it again would be a hundred thousand.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use surrealdb::types::RecordId;
use uuid::Uuid;
use vault::{AccountId, RecipientId, SecretId};

use super::{FEW, Happened, before, parts_about};
use crate::access::{best_path, grants_to};
use crate::audit::{EntryRow, Event, last_entry};
use crate::batch::BatchPart;
use crate::database::{Store, Tx, query};
use crate::error::StoreError;
use crate::record;
use crate::secret::{SecretRow, owners, secrets_among};

/// How many entries of the log are looked through at most. Most are of somebody who opened something.
const ENTRIES: usize = 5_000;
/// How many secrets are looked at at most, whosoever they are: of more, reading the whole list takes hardly longer.
const LOOKED_AT: usize = 2_000;
/// How many of the latest events somebody is told of that they have seen: those that they are not told of are looked at once more.
const SEEN: usize = 100;

/// Up to where somebody has read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AsOf {
    /// The latest that was done; nothing where nothing was done ever.
    pub event: Option<Uuid>,
    /// What was done a little before, and is in what they read. What was written late is not among it.
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
    fn new(event: Option<Uuid>, entries: impl Iterator<Item = Uuid>) -> Self {
        let from = event.map(before).unwrap_or_default();
        let mut seen: Vec<Uuid> = entries.filter(|id| *id >= from).collect();
        seen.drain(..seen.len().saturating_sub(SEEN));
        Self { event, seen }
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
            let text = format!("SELECT VALUE id FROM audit:u'{}'..", before(last));
            let entries: Vec<RecordId> = query!(tx, text)?.take(0)?;
            let entries = entries.iter().map(record::id).collect::<Result<Vec<Uuid>, _>>()?;
            Ok(AsOf::new(Some(last), entries.into_iter()))
        })
        .await
    }

    /// What has changed in the list of `caller` since they read it; `None` where it is so much, or so hard to tell, that the list is read again. Of what
    /// `caller` never had nothing is told.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn secrets_since(&self, caller: AccountId, since: &AsOf) -> Result<Option<ListChanges>, StoreError> {
        let Some(event) = since.event else { return Ok(None) };
        self.transact(|tx| async move {
            let text = format!("SELECT * FROM audit:u'{}'.. LIMIT {}", before(event), ENTRIES + 1);
            let entries: Vec<EntryRow> = query!(tx, text)?.take(0)?;
            if entries.len() > ENTRIES {
                return Ok(None);
            }
            let entries = entries.iter().map(Happened::of).collect::<Result<Vec<_>, _>>()?;
            let ids = entries.iter().map(|happened| happened.id);
            let as_of = AsOf::new(Some(ids.clone().fold(event, Ord::max)), ids);
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

/// Through whom an account may get access: itself, and all groups that it is in, disabled ones as well.
async fn ways_of(tx: &Tx, account: AccountId) -> Result<BTreeSet<RecipientId>, StoreError> {
    let text = "SELECT VALUE `group` FROM membership:[$key, NONE]..=[$key, ..]";
    let groups: Vec<RecordId> = query!(tx, text, key = account.uuid())?.take(0)?;
    let groups = groups.iter().map(|group| record::id(group).map(RecipientId::Group));
    std::iter::once(Ok(RecipientId::Account(account))).chain(groups).collect()
}

/// What is looked at for somebody.
struct Looked {
    caller: AccountId,
    ways: BTreeSet<RecipientId>,
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
                let is_about = happened
                    .account
                    .map_or_else(|| self.ways.contains(&RecipientId::Group(group)), |account| account == self.caller);
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
                let had = is_own || part.changes.iter().any(|change| self.ways.contains(&change.recipient));
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
        let ways: Vec<RecipientId> = self.ways.iter().copied().collect();
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
