//! What waits to be settled in the whole organization, for administrators: an owner who is disabled, or has no keys for it any more, never settles it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use surrealdb::types::{RecordId, SurrealValue};
use vault::AccountId;

use crate::account::{Status, require_administrator};
use crate::database::{CHUNK, Store, Tx, query};
use crate::error::StoreError;
use crate::record;

/// What of one owner's waits to be settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Whose it is.
    pub owner: AccountId,
    /// How the owner is called.
    pub name: String,
    /// Whether the owner can sign in: then their client settles it.
    pub status: Status,
    /// How many shares.
    pub shares: u64,
    /// How many secrets.
    pub secrets: u64,
    /// How many of both nobody can settle, because the owner has started over since.
    pub lost: u64,
}

#[derive(SurrealValue)]
struct OwnerRow {
    id: RecordId,
    name: String,
    status: String,
    epoch: i64,
}

#[derive(SurrealValue)]
struct SharesRow {
    granter: RecordId,
    granter_epoch: i64,
    number: i64,
}

#[derive(SurrealValue)]
struct SecretsRow {
    owner: RecordId,
    lost: bool,
    number: i64,
}

impl Store {
    /// What waits to be settled, by its owners: those first who have most of it. That of one owner alone, where it says so.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members.
    pub async fn waiting(&self, caller: AccountId, owner: Option<AccountId>) -> Result<Vec<Waiting>, StoreError> {
        self.transact(|tx| async move {
            require_administrator(&tx, caller).await?;
            let (granters, owners) = if owner.is_some() { ("granter = $owner AND", "owner = $owner AND") } else { ("", "") };
            let text = format!(
                "SELECT granter, granter_epoch, count() AS number FROM share WHERE {granters} due_since IS NOT NONE
                     GROUP BY granter, granter_epoch;
                 SELECT owner, lost, count() AS number FROM secret WHERE {owners} due_since IS NOT NONE GROUP BY owner, lost"
            );
            let mut answer = query!(tx, text, owner = owner.map(record::account))?;
            let shares: Vec<SharesRow> = answer.take(0)?;
            let secrets: Vec<SecretsRow> = answer.take(1)?;
            let ids = shares.iter().map(|row| &row.granter).chain(secrets.iter().map(|row| &row.owner));
            let ids = ids.map(record::id).collect::<Result<BTreeSet<AccountId>, _>>()?;
            let mut found = owners_of(&tx, ids).await?;
            for row in &shares {
                if let Some((epoch, waiting)) = found.get_mut(&record::id::<AccountId>(&row.granter)?) {
                    let number = record::number(row.number)?;
                    waiting.shares += number;
                    waiting.lost += if row.granter_epoch < *epoch { number } else { 0 };
                }
            }
            for row in &secrets {
                if let Some((_, waiting)) = found.get_mut(&record::id::<AccountId>(&row.owner)?) {
                    let number = record::number(row.number)?;
                    waiting.secrets += number;
                    waiting.lost += if row.lost { number } else { 0 };
                }
            }
            let mut found: Vec<Waiting> = found.into_values().map(|(_, waiting)| waiting).collect();
            found.sort_by_key(|waiting| Reverse(waiting.shares + waiting.secrets));
            Ok(found)
        })
        .await
    }
}

/// The owners, with nothing counted yet, and the epochs of their present keys.
async fn owners_of(tx: &Tx, ids: BTreeSet<AccountId>) -> Result<BTreeMap<AccountId, (i64, Waiting)>, StoreError> {
    let ids: Vec<RecordId> = ids.into_iter().map(record::account).collect();
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        let text = "SELECT id, name, status, epoch FROM $ids";
        let rows: Vec<OwnerRow> = query!(tx, text, ids = chunk.to_vec())?.take(0)?;
        for row in rows {
            let (owner, status) = (record::id(&row.id)?, Status::parse(&row.status)?);
            let waiting = Waiting { owner, name: row.name, status, shares: 0, secrets: 0, lost: 0 };
            found.insert(owner, (row.epoch, waiting));
        }
    }
    Ok(found)
}
