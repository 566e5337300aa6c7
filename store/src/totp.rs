//! The second step of a sign-in: codes of an app, by a secret that the server has too (RFC 6238). The secret is sealed under the server's keys.

use surrealdb::types::{Bytes, RecordId, SurrealValue};
use vault::AccountId;

use crate::account::require_active;
use crate::database::{Store, Tx, query};
use crate::error::StoreError;
use crate::record;

/// What codes of an account are checked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totp {
    /// The secret, sealed.
    pub secret: Vec<u8>,
    /// Whether a code was shown once: before that, it is not asked for.
    pub confirmed: bool,
}

#[derive(SurrealValue)]
struct Row {
    secret: Bytes,
    confirmed: bool,
    last_step: i64,
}

impl Store {
    /// What codes of `account` are checked with, if anything.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn totp(&self, account: AccountId) -> Result<Option<Totp>, StoreError> {
        let text = "SELECT secret, confirmed, last_step FROM ONLY $id";
        let row: Option<Row> = query!(self.db, text, id = record::totp(account))?.take(0)?;
        Ok(row.map(|row| Totp { secret: row.secret.to_vec(), confirmed: row.confirmed }))
    }

    /// Keeps a new sealed secret, which counts once it is confirmed.
    ///
    /// # Errors
    /// [`StoreError::Reused`] where one is confirmed already.
    pub async fn add_totp(&self, caller: AccountId, secret: &[u8]) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            let text = "SELECT secret, confirmed, last_step FROM ONLY $id FOR UPDATE";
            let known: Option<Row> = query!(tx, text, id = record::totp(caller))?.take(0)?;
            if known.is_some_and(|known| known.confirmed) {
                return Err(StoreError::Reused);
            }
            let row = Row { secret: Bytes::from(secret.to_vec()), confirmed: false, last_step: 0 };
            query!(tx, "UPSERT $id CONTENT $row RETURN NONE", id = record::totp(caller), row = row)?;
            Ok(())
        })
        .await
    }

    /// Notes that the code of a time step was shown, which confirms the secret. Each code counts once.
    ///
    /// # Errors
    /// [`StoreError::Stale`] for a step that was used, or one before it, and where there is another secret by now.
    pub async fn use_totp(&self, account: AccountId, secret: &[u8], step: u64) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            let used: Vec<RecordId> = query!(
                tx,
                "UPDATE $id SET last_step = $step, confirmed = true WHERE last_step < $step AND secret = $secret RETURN VALUE id",
                id = record::totp(account),
                step = record::integer(step)?,
                secret = Bytes::from(secret.to_vec())
            )?
            .take(0)?;
            if used.is_empty() { Err(StoreError::Stale) } else { Ok(()) }
        })
        .await
    }

    /// `caller` signs in with the password alone from now on.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for those who may not sign in.
    pub async fn remove_totp(&self, caller: AccountId) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            forget(&tx, caller).await
        })
        .await
    }
}

/// Removes what codes of an account are checked with.
pub(crate) async fn forget(tx: &Tx, account: AccountId) -> Result<(), StoreError> {
    query!(tx, "DELETE $id RETURN NONE", id = record::totp(account))?;
    Ok(())
}
