use surrealdb::types::{Bytes, RecordId, SurrealValue};
use vault::AccountId;

use crate::audit::{Event, note};
use crate::database::{Store, Tx, query};
use crate::error::StoreError;
use crate::people::end_sign_ins;
use crate::{directory, passkey, record, totp};

/// What opens an account without its password.
#[derive(Clone, Debug)]
pub struct NewRecovery {
    /// The account key, sealed under the recovery code.
    pub key: Vec<u8>,
    /// What shows that one has the code; its hash is kept.
    pub proof: Vec<u8>,
}

/// The sealed keys of an account, for someone who has its recovery code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recoverable {
    /// The account.
    pub account: AccountId,
    /// The account key, sealed under the recovery code.
    pub key: Vec<u8>,
    /// The seeds of the identity, sealed under the account key.
    pub identity: Vec<u8>,
}

/// A new password, and a new recovery code in place of the used one.
#[derive(Clone, Debug)]
pub struct NewPassword {
    /// What checks the password.
    pub password_file: Vec<u8>,
    /// The account key, sealed under the password.
    pub account_key: Vec<u8>,
    /// The new code.
    pub recovery: NewRecovery,
}

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    identity: Bytes,
    recovery_key: Bytes,
    recovery_proof: String,
    account_key: Bytes,
}

/// What is kept of a proof: there is nothing to stretch in 32 random bytes.
pub(crate) fn kept(proof: &[u8]) -> String {
    record::sha256(proof)
}

impl Store {
    /// What opens the account of this username with its recovery code.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where username and proof do not fit; it does not tell which.
    pub async fn recoverable(&self, username: &str, proof: &[u8]) -> Result<Recoverable, StoreError> {
        self.transact(|tx| async move {
            let row = find(&tx, username).await?.ok_or(StoreError::NotFound)?;
            if row.recovery_proof != kept(proof) {
                return Err(StoreError::NotFound);
            }
            Ok(Recoverable {
                account: record::id(&row.id)?,
                key: row.recovery_key.to_vec(),
                identity: row.identity.to_vec(),
            })
        })
        .await
    }

    /// Sets a new password with the recovery code, which is used up by it, and ends all sessions of the account. The same again is
    /// done once.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where username and proof do not fit; it does not tell which.
    pub async fn recover(&self, username: &str, proof: &[u8], new: &NewPassword) -> Result<AccountId, StoreError> {
        self.transact(|tx| async move {
            let row = find(&tx, username).await?.ok_or(StoreError::NotFound)?;
            let account = record::id(&row.id)?;
            if row.recovery_proof == kept(&new.recovery.proof) && *row.account_key == *new.account_key {
                return Ok(account);
            }
            if row.recovery_proof != kept(proof) {
                return Err(StoreError::NotFound);
            }
            set_password(&tx, account, new).await?;
            end_sign_ins(&tx, account).await?;
            note(&tx, Event::Recovered, account, account).await?;
            Ok(account)
        })
        .await
    }
}

/// Sets a password and recovery code, and asks for no second step any more: whoever has lost the password has often lost the device as well, and
/// what opens the account without the one does without the other.
pub(crate) async fn set_password(tx: &Tx, account: AccountId, new: &NewPassword) -> Result<(), StoreError> {
    query!(
        tx,
        "UPDATE $id SET password_file = $password_file, account_key = $account_key,
                recovery_key = $recovery_key, recovery_proof = $recovery_proof RETURN NONE",
        id = record::account(account),
        password_file = Bytes::from(new.password_file.clone()),
        account_key = Bytes::from(new.account_key.clone()),
        recovery_key = Bytes::from(new.recovery.key.clone()),
        recovery_proof = kept(&new.recovery.proof)
    )?;
    totp::forget(tx, account).await?;
    passkey::forget(tx, account).await
}

async fn find(tx: &Tx, username: &str) -> Result<Option<Row>, StoreError> {
    let text = "SELECT id, identity, recovery_key, recovery_proof, account_key FROM account
                WHERE username_key = $key AND status = 'active' AND recovery_key LIMIT 1";
    Ok(query!(tx, text, key = directory::search_key(username))?.take(0)?)
}
