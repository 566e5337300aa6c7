//! An account's key for any two administrators, as the client of its person makes it for those there are.

use std::fmt::Write as _;

use surrealdb::types::{Bytes, SurrealValue};
use vault::{AccountId, Escrow, SignedEntry};

use crate::account::{require_active, require_administrator};
use crate::database::{Store, Tx, query};
use crate::error::StoreError;
use crate::record;
use crate::trust::{administrators, entry_of};

/// The administrators whom an account's client is to make parts for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscrowNeed {
    /// Which generation it makes.
    pub generation: u64,
    /// The administrators.
    pub administrators: Vec<SignedEntry>,
    /// Names this very set of administrators and keys.
    pub offered: String,
}

#[derive(SurrealValue)]
struct EscrowRow {
    generation: i64,
    offered: String,
    sealed: Bytes,
}

impl Store {
    /// Whom `caller`'s client is to make a new escrow for; `None` where the present one is for just those.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn escrow_need(&self, caller: AccountId) -> Result<Option<EscrowNeed>, StoreError> {
        self.transact(|tx| async move {
            let administrators = administrators_beside(&tx, caller).await?;
            let offered = named(&administrators);
            let known = escrow_row(&tx, caller).await?;
            let is_needed = match &known {
                Some(known) => known.offered != offered,
                // One alone cannot open anything.
                None => administrators.len() > 1,
            };
            if !is_needed {
                return Ok(None);
            }
            let mut entries = Vec::with_capacity(administrators.len());
            for (administrator, _) in administrators {
                entries.extend(entry_of(&tx, administrator).await?.and_then(|entry| entry.signed));
            }
            let generation = known.map_or(Ok(1), |known| record::number(known.generation + 1))?;
            Ok(Some(EscrowNeed { generation, administrators: entries, offered }))
        })
        .await
    }

    /// Keeps a new escrow of `caller`. What was asked for with the last one is over.
    ///
    /// # Errors
    /// [`StoreError::Stale`] where the administrators or the generation have changed, [`StoreError::Malformed`] for parts that do not fit.
    pub async fn set_escrow(&self, caller: AccountId, escrow: &Escrow, offered: &str) -> Result<(), StoreError> {
        if escrow.account != caller || !escrow.is_whole() {
            return Err(StoreError::Malformed("the parts of the escrow"));
        }
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            let administrators = administrators_beside(&tx, caller).await?;
            let known = escrow_row(&tx, caller).await?.map_or(0, |known| known.generation);
            if named(&administrators) != offered || record::integer(escrow.generation)? != known + 1 {
                return Err(StoreError::Stale);
            }
            let is_offered = |id: AccountId| administrators.iter().any(|(administrator, _)| *administrator == id);
            if !escrow.parts.iter().all(|part| is_offered(part.administrator)) {
                return Err(StoreError::Malformed("who has a part of the escrow"));
            }
            let sealed = postcard::to_allocvec(escrow).map_err(|_| StoreError::Malformed("the escrow"))?;
            let row = EscrowRow {
                generation: record::integer(escrow.generation)?,
                offered: offered.to_owned(),
                sealed: sealed.into(),
            };
            query!(
                tx,
                "UPSERT $id CONTENT $row RETURN NONE; DELETE $restoration RETURN NONE",
                id = record::escrow(caller),
                row = row,
                restoration = record::restoration(caller)
            )?;
            Ok(())
        })
        .await
    }

    /// The account key of a person, for any two administrators: of no use to one alone. With the entry that says whose account it is.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members, [`StoreError::NotFound`] where there is none yet.
    pub async fn escrow(&self, caller: AccountId, account: AccountId) -> Result<(Escrow, SignedEntry), StoreError> {
        self.transact(|tx| async move {
            require_administrator(&tx, caller).await?;
            let entry = entry_of(&tx, account).await?.and_then(|entry| entry.signed);
            Ok((read_escrow(&tx, account).await?, entry.ok_or(StoreError::NotFound)?))
        })
        .await
    }
}

/// The active administrators but one account's own person, whose signatures count.
async fn administrators_beside(tx: &Tx, account: AccountId) -> Result<Vec<(AccountId, u64)>, StoreError> {
    let mut found = administrators(tx).await?;
    found.retain(|(administrator, _)| *administrator != account);
    Ok(found)
}

/// A name for a set of administrators with their keys.
fn named(administrators: &[(AccountId, u64)]) -> String {
    let mut ids = administrators.to_vec();
    ids.sort_unstable();
    let mut text = String::new();
    for (id, epoch) in ids {
        let _ = write!(text, "{id}:{epoch};");
    }
    record::sha256(text)
}

async fn escrow_row(tx: &Tx, account: AccountId) -> Result<Option<EscrowRow>, StoreError> {
    let text = "SELECT generation, offered, sealed FROM ONLY $id";
    Ok(query!(tx, text, id = record::escrow(account))?.take(0)?)
}

pub(super) async fn read_escrow(tx: &Tx, account: AccountId) -> Result<Escrow, StoreError> {
    let row = escrow_row(tx, account).await?.ok_or(StoreError::NotFound)?;
    postcard::from_bytes(&row.sealed).map_err(|_| StoreError::Content(format!("the escrow of {account}")))
}
