//! Leaving: somebody drops their own access to secrets that others share with them.

use surrealdb::types::{RecordId, SurrealValue};
use vault::{AccountId, SecretId, ShareId};

use crate::access::{Access, access};
use crate::account::require_active;
use crate::audit::{Event, note_secrets};
use crate::database::{Store, Tx, query};
use crate::error::{Problem, Reason, StoreError, Subject};
use crate::record;
use crate::secret::owner_of;

#[derive(SurrealValue)]
struct LeftRow {
    secret: RecordId,
    left: Vec<RecordId>,
}

impl Store {
    /// Drops `caller`'s access to secrets, all or none, also where it comes by a group that they stay in. What is shared anew with them later
    /// counts again. No key changes: whoever leaves by themselves keeps what they have read.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with every secret that is `caller`'s own, or that they have no access to.
    pub async fn leave(&self, caller: AccountId, secrets: &[SecretId]) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            let mut problems = Vec::new();
            for secret in secrets {
                let found = match owner_of(&tx, *secret).await? {
                    Some(owner) => access(&tx, caller, *secret, owner).await?,
                    None => None,
                };
                let reason = match found {
                    Some(Access::Shared(_)) => continue,
                    Some(Access::Owner) => Reason::Yours,
                    None => Reason::NotFound,
                };
                problems.push(Problem { subject: Subject::Secret(*secret), reason });
            }
            if !problems.is_empty() {
                return Err(StoreError::Refused(problems));
            }
            for secret in secrets {
                query!(
                    tx,
                    "UPDATE item SET left = array::union(left, [$caller]) WHERE secret = $secret AND !ended RETURN NONE",
                    caller = record::account(caller),
                    secret = record::secret(*secret)
                )?;
            }
            note_secrets(&tx, Event::SecretLeft, caller, secrets).await
        })
        .await
    }
}

/// Who left which of a share's secrets.
pub(crate) async fn left_in(tx: &Tx, share: ShareId) -> Result<Vec<(SecretId, Vec<RecordId>)>, StoreError> {
    let text = "SELECT secret, left FROM item:[$key, NONE]..=[$key, ..] WHERE !ended AND left != []";
    let rows: Vec<LeftRow> = query!(tx, text, key = share.uuid())?.take(0)?;
    rows.into_iter().map(|row| Ok((record::id(&row.secret)?, row.left))).collect()
}

/// The same in a share that takes the place of another one.
pub(crate) async fn keep_left(
    tx: &Tx,
    share: ShareId,
    secret: SecretId,
    left: Vec<RecordId>,
) -> Result<(), StoreError> {
    let text = "UPDATE $id SET left = array::union(left, $left) RETURN NONE";
    query!(tx, text, id = record::item(share, secret), left = left)?;
    Ok(())
}
