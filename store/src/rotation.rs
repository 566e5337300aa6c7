//! What should be rotated: secrets that somebody opened or wrote who has no access any more, as long as they have the client secret of then.

use std::collections::{BTreeMap, HashMap};

use surrealdb::types::{Datetime, RecordId, SurrealValue};
use vault::{AccountId, SecretId};

use crate::access::{best_path, first, shared_with};
use crate::account::require_active;
use crate::clock::{Millis, millis};
use crate::database::{CHUNK, Store, query};
use crate::error::StoreError;
use crate::record;

/// How many secrets are looked up one by one.
const FEW: usize = 20;

/// A secret whose value is known to people who have no access any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposed {
    /// The secret.
    pub id: SecretId,
    /// How it is called.
    pub name: String,
    /// Those people, by name.
    pub people: Vec<ExposedTo>,
}

/// Somebody who knows a value although they have no access any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExposedTo {
    /// Who.
    pub account: AccountId,
    /// How they are called.
    pub name: String,
    /// When they last opened it.
    pub opened_at: Millis,
}

#[derive(SurrealValue)]
struct OpenedRow {
    id: RecordId,
    secret: RecordId,
    name: String,
    account_name: String,
    is_active: bool,
    opened_at: Datetime,
}

impl Store {
    /// The secrets of `caller` that somebody without access has opened since they got their value, by name.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn exposed(&self, caller: AccountId) -> Result<Vec<Exposed>, StoreError> {
        self.transact(|tx| async move {
            let rows: Vec<OpenedRow> = query!(
                tx,
                "SELECT id, secret, secret.name AS name, opened_at,
                        type::record('account', record::id(id)[0]).name ?? '' AS account_name,
                        type::record('account', record::id(id)[0]).status = 'active' AS is_active
                 FROM seen WHERE owner = $caller AND opened_at >= secret.rotated_at AND secret.owner = $caller
                     AND secret.deleted_at IS NONE",
                caller = record::account(caller)
            )?
            .take(0)?;
            let mut by_account: BTreeMap<AccountId, Vec<OpenedRow>> = BTreeMap::new();
            for row in rows {
                by_account.entry(first(&row.id)?).or_default().push(row);
            }
            by_account.remove(&caller);
            let mut found: HashMap<SecretId, Exposed> = HashMap::new();
            for (account, rows) in by_account {
                // Whoever is disabled has access to nothing, whatever is shared with them.
                let is_active = rows.iter().any(|row| row.is_active);
                // All at once is cheaper than many one by one, and dearer than a few.
                let has = if is_active && rows.len() > FEW { Some(shared_with(&tx, account).await?) } else { None };
                for row in rows {
                    let id = record::id(&row.secret)?;
                    let has_it = match &has {
                        Some(has) => has.contains_key(&id),
                        None => is_active && best_path(&tx, account, id).await?.is_some(),
                    };
                    if !has_it {
                        let exposed = Exposed { id, name: row.name, people: Vec::new() };
                        let to = ExposedTo { account, name: row.account_name, opened_at: millis(&row.opened_at) };
                        found.entry(id).or_insert(exposed).people.push(to);
                    }
                }
            }
            let mut found: Vec<Exposed> = found.into_values().collect();
            found.sort_by_cached_key(|exposed| (exposed.name.to_lowercase(), exposed.id));
            for exposed in &mut found {
                exposed.people.sort_by_cached_key(|to| to.name.to_lowercase());
            }
            Ok(found)
        })
        .await
    }

    /// Leaves secrets of `caller` as they are, although these people know their values.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn accept_exposure(&self, caller: AccountId, known: &[(SecretId, AccountId)]) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            for chunk in known.chunks(CHUNK) {
                let ids = chunk.iter().map(|(secret, account)| record::seen(*account, *secret));
                query!(
                    tx,
                    "UPDATE $ids SET opened_at = NONE WHERE owner = $caller RETURN NONE",
                    ids = ids.collect::<Vec<RecordId>>(),
                    caller = record::account(caller)
                )?;
            }
            Ok(())
        })
        .await
    }
}
