//! What has changed in somebody's list since they read it: a few rows, where reading all of it again would be a hundred thousand.

use std::collections::BTreeSet;

use uuid::Uuid;
use vault::{AccountId, SecretId};

use super::{FEW, Happened, before, concern};
use crate::audit::EntryRow;
use crate::database::{Store, query};
use crate::error::StoreError;
use crate::secret::{SecretRow, row_for};

/// How many entries of the log are looked through at most.
const ENTRIES: usize = 500;

/// What has changed in somebody's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListChanges {
    /// What is there now, as it is now.
    pub rows: Vec<SecretRow>,
    /// What is not there any more.
    pub gone: Vec<SecretId>,
    /// The latest that was done.
    pub event: Uuid,
}

impl Store {
    /// What has changed in the list of `caller` since an event; `None` where it is so much, or so hard to tell, that the list is read again.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn secrets_since(&self, caller: AccountId, event: Uuid) -> Result<Option<ListChanges>, StoreError> {
        self.transact(|tx| async move {
            let text = format!("SELECT * FROM audit:u'{}'.. LIMIT {}", before(event), ENTRIES + 1);
            let entries: Vec<EntryRow> = query!(tx, text)?.take(0)?;
            if entries.len() > ENTRIES {
                return Ok(None);
            }
            let (mut secrets, mut last) = (BTreeSet::new(), event);
            for entry in &entries {
                let happened = Happened::of(entry)?;
                last = last.max(happened.id);
                if !happened.changes_something() {
                    continue;
                }
                let concern = concern(&tx, &happened).await?;
                if concern.accounts.contains(&caller) {
                    // Who is in which group decides about any number of secrets.
                    if happened.group.is_some() {
                        return Ok(None);
                    }
                    secrets.extend(concern.secrets);
                }
                if secrets.len() > FEW {
                    return Ok(None);
                }
            }
            let mut changes = ListChanges { rows: Vec::new(), gone: Vec::new(), event: last };
            for id in secrets {
                match row_for(&tx, caller, id).await? {
                    Some(row) => changes.rows.push(row),
                    None => changes.gone.push(id),
                }
            }
            Ok(Some(changes))
        })
        .await
    }
}
