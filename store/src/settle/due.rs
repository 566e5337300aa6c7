use vault::AccountId;

use crate::database::{Store, query};
use crate::error::StoreError;
use crate::record;

/// What of a person's is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Shares whose key somebody has who must not have it any more.
    pub shares: u64,
    /// Secrets of which the same is true.
    pub secrets: u64,
    /// Secrets that somebody gave to them, and that their client has yet to take over.
    pub transferred: u64,
}

impl Store {
    /// What of `caller`'s is due for settling.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn due(&self, caller: AccountId) -> Result<Due, StoreError> {
        let mut answer = query!(
            self.db,
            "RETURN count(SELECT VALUE id FROM share WHERE granter = $caller AND due_since IS NOT NONE);
             RETURN count(SELECT VALUE id FROM secret WHERE owner = $caller AND due_since IS NOT NONE AND transfer IS NONE);
             RETURN count(SELECT VALUE id FROM secret WHERE owner = $caller AND transfer IS NOT NONE)",
            caller = record::account(caller)
        )?;
        let mut count = |index: usize| -> Result<u64, StoreError> {
            let count: Option<i64> = answer.take(index)?;
            record::number(count.unwrap_or_default())
        };
        Ok(Due { shares: count(0)?, secrets: count(1)?, transferred: count(2)? })
    }
}
