//! The first rows of a long list, for whoever has just signed in: they are there while all the others are still read.

use std::collections::{HashMap, HashSet};

use surrealdb::types::{RecordId, SurrealValue};
use vault::{AccountId, SecretId};

use super::list::{FIELDS, Row, SecretRow, by_name, complete, is_shared, rows_of, secrets_of};
use crate::access::{SharedWith, shared_with};
use crate::database::{Store, Tx, query};
use crate::error::StoreError;
use crate::record;
use crate::seen::Seen;

/// How far is looked for the first rows.
pub(crate) struct Reach {
    /// How many rows are the first: more than a screen shows.
    pub first: usize,
    /// How many secrets of others are read to see which of them come first.
    pub few: usize,
    /// Where there are more, how many secrets are looked through in the order of names, and how many at last, until enough of those are found.
    pub looked_through: [usize; 2],
}

const REACH: Reach = Reach { first: 100, few: 2_000, looked_through: [1_000, 20_000] };

/// How somebody's list begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstSecrets {
    /// The first rows by name, with none left out between them.
    pub rows: Vec<SecretRow>,
    /// Whether that is all of the list.
    pub is_whole: bool,
}

#[derive(SurrealValue)]
struct Named {
    id: RecordId,
}

impl Store {
    /// How the list of `caller` begins, by name; all of it where it is short. There may be no rows although there are secrets, where it would take long
    /// to tell which come first.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn first_secrets(&self, caller: AccountId) -> Result<FirstSecrets, StoreError> {
        self.first_secrets_within(caller, &REACH).await
    }

    pub(crate) async fn first_secrets_within(
        &self,
        caller: AccountId,
        reach: &Reach,
    ) -> Result<FirstSecrets, StoreError> {
        self.transact(|tx| async move {
            let own = first_own(&tx, caller, reach.first + 1).await?;
            let with = shared_with(&tx, caller).await?;
            if own.len() <= reach.first && with.len() <= reach.few {
                return Ok(FirstSecrets { rows: secrets_of(&tx, caller).await?, is_whole: true });
            }
            let mut rows = match first_of_others(&tx, &with, reach).await? {
                Some(others) => listed(&tx, caller, own, others, &with).await?,
                None => Vec::new(),
            };
            rows.truncate(reach.first);
            Ok(FirstSecrets { rows, is_whole: false })
        })
        .await
    }
}

/// The first by name of what `owner` owns.
async fn first_own(tx: &Tx, owner: AccountId, most: usize) -> Result<Vec<Row>, StoreError> {
    let text = format!(
        "SELECT {FIELDS}, name_key FROM secret WHERE owner = $owner AND deleted_at IS NONE ORDER BY name_key LIMIT {most}"
    );
    Ok(query!(tx, text, owner = record::account(owner))?.take(0)?)
}

/// What comes first of that which is shared with an account, its own by a group among it; `None` where that is hard to tell.
async fn first_of_others(
    tx: &Tx,
    with: &HashMap<SecretId, SharedWith>,
    reach: &Reach,
) -> Result<Option<Vec<Row>>, StoreError> {
    let mut ids: Vec<SecretId> = with.keys().copied().collect();
    if ids.len() > reach.few {
        let Some(found) = first_by_name(tx, with, reach).await? else { return Ok(None) };
        ids = found;
    }
    Ok(Some(rows_of(tx, &ids).await?))
}

/// The first by name of very many: found by going through the names of all that there are.
async fn first_by_name(
    tx: &Tx,
    with: &HashMap<SecretId, SharedWith>,
    reach: &Reach,
) -> Result<Option<Vec<SecretId>>, StoreError> {
    for most in reach.looked_through {
        let text = format!(
            "SELECT id, name_key FROM secret WHERE name_key >= '' AND deleted_at IS NONE ORDER BY name_key LIMIT {most}"
        );
        let looked: Vec<Named> = query!(tx, text)?.take(0)?;
        let is_all = looked.len() < most;
        let ids = looked.iter().map(|row| record::id(&row.id)).collect::<Result<Vec<SecretId>, _>>()?;
        let found: Vec<SecretId> = ids.into_iter().filter(|id| with.contains_key(id)).take(reach.first).collect();
        if found.len() == reach.first || is_all {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Rows of both as the list has them, by name.
async fn listed(
    tx: &Tx,
    account: AccountId,
    own: Vec<Row>,
    others: Vec<Row>,
    with: &HashMap<SecretId, SharedWith>,
) -> Result<Vec<SecretRow>, StoreError> {
    let owner = record::account(account);
    let own_ids = own.iter().map(|row| record::id(&row.id)).collect::<Result<HashSet<SecretId>, _>>()?;
    let mut shared = HashSet::new();
    for id in &own_ids {
        if is_shared(tx, *id).await? {
            shared.insert(*id);
        }
    }
    let seen = Seen::by(tx, account).await?;
    let mut rows = own;
    rows.extend(others.into_iter().filter(|row| row.owner != owner));
    let of_others = |_, id| {
        with.get(&id).filter(|_| !own_ids.contains(&id)).map(|with| (with.permission, seen.is_new(id, with.since)))
    };
    let mut rows = complete(tx, rows, of_others, |id| shared.contains(&id)).await?;
    rows.sort_by_cached_key(by_name);
    Ok(rows)
}
