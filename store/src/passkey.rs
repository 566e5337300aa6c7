//! Passkeys (`WebAuthn`): a second step of the sign-in, and, where the authenticator can, another way to open the account key. What a row says of
//! the credential is public: its public key and its counter.

use surrealdb::types::{Bytes, Datetime, RecordId, RecordIdKey, SurrealValue};
use vault::AccountId;

use crate::clock::{Millis, millis, now};
use crate::database::{Store, Tx, insert, query};
use crate::error::StoreError;
use crate::record;
use crate::session::{Login, signed_in};

/// How many passkeys an account may have.
pub const MAX_PASSKEYS: usize = 20;

/// A passkey that is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPasskey {
    /// The id that its authenticator gave it.
    pub credential_id: Vec<u8>,
    /// What its person calls it.
    pub name: String,
    /// What its signatures are checked with, as JSON.
    pub credential: String,
    /// The account key, sealed under what it gives; none for an authenticator that gives nothing.
    pub account_key: Option<Vec<u8>>,
}

/// A passkey of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Names it.
    pub id: String,
    /// What its person calls it.
    pub name: String,
    /// What its signatures are checked with, as JSON.
    pub credential: String,
    /// The account key, sealed under what it gives.
    pub account_key: Option<Vec<u8>>,
    /// When it was added.
    pub created_at: Millis,
    /// When it was used last.
    pub last_used_at: Option<Millis>,
}

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    account: RecordId,
    name: String,
    credential: String,
    account_key: Option<Bytes>,
    created_at: Datetime,
    last_used_at: Option<Datetime>,
}

impl TryFrom<Row> for Passkey {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let RecordIdKey::String(id) = row.id.key else { return Err(StoreError::Content("id of a passkey".into())) };
        Ok(Self {
            id,
            name: row.name,
            credential: row.credential,
            account_key: row.account_key.map(|key| key.to_vec()),
            created_at: millis(&row.created_at),
            last_used_at: row.last_used_at.as_ref().map(millis),
        })
    }
}

/// The name of the passkey with this id at its authenticator.
pub fn passkey_id(credential_id: &[u8]) -> String {
    record::sha256(credential_id)
}

impl Store {
    /// The passkeys of `account`, the oldest first.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn passkeys(&self, account: AccountId) -> Result<Vec<Passkey>, StoreError> {
        let text = "SELECT id, account, name, credential, account_key, created_at, last_used_at FROM passkey
                    WHERE account = $account ORDER BY created_at";
        let rows: Vec<Row> = query!(self.db, text, account = record::account(account))?.take(0)?;
        rows.into_iter().map(Passkey::try_from).collect()
    }

    /// Keeps a passkey of `caller`, who has just proved their password.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where the proof was not theirs, or the password was changed in between, [`StoreError::Reused`] for one that
    /// somebody has already, [`StoreError::Taken`] where they have as many as anyone may.
    pub async fn add_passkey(&self, caller: AccountId, login: &Login, new: &NewPasskey) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            signed_in(&tx, caller, login).await?;
            let id = RecordId::new("passkey", passkey_id(&new.credential_id));
            let known: Option<RecordId> = query!(tx, "SELECT VALUE id FROM ONLY $id", id = id.clone())?.take(0)?;
            if known.is_some() {
                return Err(StoreError::Reused);
            }
            let text = "SELECT VALUE id FROM passkey WHERE account = $account";
            let own: Vec<RecordId> = query!(tx, text, account = record::account(caller))?.take(0)?;
            if own.len() >= MAX_PASSKEYS {
                return Err(StoreError::Taken("passkey"));
            }
            let row = Row {
                id,
                account: record::account(caller),
                name: new.name.clone(),
                credential: new.credential.clone(),
                account_key: new.account_key.clone().map(Bytes::from),
                created_at: now(),
                last_used_at: None,
            };
            insert(&tx, "passkey", vec![row]).await
        })
        .await
    }

    /// Removes a passkey of `caller`, who has just proved their password.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where the proof or the passkey was not theirs, or the password was changed in between.
    pub async fn remove_passkey(&self, caller: AccountId, login: &Login, id: &str) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            signed_in(&tx, caller, login).await?;
            let removed: Vec<RecordId> = query!(
                tx,
                "SELECT VALUE id FROM (DELETE $id WHERE account = $account RETURN BEFORE)",
                id = RecordId::new("passkey", id),
                account = record::account(caller)
            )?
            .take(0)?;
            if removed.is_empty() { Err(StoreError::NotFound) } else { Ok(()) }
        })
        .await
    }

    /// Notes that a passkey of `account` was used: its state as of now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for one that was removed in between.
    pub async fn use_passkey(&self, account: AccountId, id: &str, credential: &str) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            let used: Vec<RecordId> = query!(
                tx,
                "UPDATE $id SET credential = $credential, last_used_at = $now WHERE account = $account RETURN VALUE id",
                id = RecordId::new("passkey", id),
                credential = credential.to_owned(),
                now = now(),
                account = record::account(account)
            )?
            .take(0)?;
            if used.is_empty() { Err(StoreError::NotFound) } else { Ok(()) }
        })
        .await
    }

    /// The seeds of the identity of somebody whose session goes on, sealed under the account key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where they may not sign in.
    pub async fn sealed_identity(&self, account: AccountId) -> Result<Vec<u8>, StoreError> {
        let text = "SELECT VALUE identity FROM ONLY $id WHERE status = 'active'";
        let identity: Option<Bytes> = query!(self.db, text, id = record::account(account))?.take(0)?;
        identity.map(|identity| identity.to_vec()).ok_or(StoreError::NotFound)
    }
}

/// Removes all passkeys of an account.
pub(crate) async fn forget(tx: &Tx, account: AccountId) -> Result<(), StoreError> {
    query!(tx, "DELETE passkey WHERE account = $account RETURN NONE", account = record::account(account))?;
    Ok(())
}
