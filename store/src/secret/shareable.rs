use std::collections::HashMap;

use surrealdb::types::{Bytes, RecordId, SurrealValue};
use vault::{AccountId, SecretId};

use crate::access::access;
use crate::database::{CHUNK, Store, Tx, query};
use crate::error::{Problem, Reason, StoreError, Subject};
use crate::record;
use crate::transfer::require_may_transfer;

#[derive(SurrealValue)]
struct StateRow {
    id: RecordId,
    owner: RecordId,
    enabled: bool,
    key_epoch: i64,
    giver: Option<RecordId>,
}

/// What is to be done with secrets by who owns them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Share,
    Transfer,
    Delete,
}

/// What is known of a secret when it is about to be shared.
pub(crate) struct State {
    pub owner: AccountId,
    pub enabled: bool,
    key_epoch: u64,
    /// Who gave it to the owner, while their client has yet to take it over.
    pub giver: Option<AccountId>,
}

/// The key of a secret that its owner is about to share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyToShare {
    /// The key, sealed under the owner's account key.
    pub key: Vec<u8>,
    /// How many keys the secret has had: a share says which it was made with.
    pub epoch: u64,
}

#[derive(SurrealValue)]
struct KeyRow {
    id: RecordId,
    key: Option<Bytes>,
    key_epoch: i64,
}

impl Store {
    /// The sealed keys of secrets that `owner` is about to share, in the order asked for.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with every secret that cannot be shared.
    pub async fn keys_to_share(&self, owner: AccountId, secrets: &[SecretId]) -> Result<Vec<KeyToShare>, StoreError> {
        self.transact(|tx| async move { own_keys(&tx, owner, secrets, Act::Share).await }).await
    }

    /// The sealed keys of secrets that `owner`, or who acts for them, is about to give to somebody else, in the order asked for.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with every secret that cannot be given away; [`StoreError::NotFound`] and [`StoreError::NotApproved`] for who
    /// may not act for the owner.
    pub async fn keys_to_transfer(
        &self,
        caller: AccountId,
        owner: AccountId,
        secrets: &[SecretId],
    ) -> Result<Vec<KeyToShare>, StoreError> {
        self.transact(|tx| async move {
            require_may_transfer(&tx, caller, owner).await?;
            own_keys(&tx, owner, secrets, Act::Transfer).await
        })
        .await
    }
}

async fn own_keys(tx: &Tx, owner: AccountId, secrets: &[SecretId], act: Act) -> Result<Vec<KeyToShare>, StoreError> {
    require_own(tx, owner, secrets, act).await?;
    let keys = sealed_keys(tx, secrets).await?.into_iter();
    keys.map(|(key, epoch)| Ok(KeyToShare { key: key.ok_or(StoreError::NotFound)?, epoch })).collect()
}

/// The keys of secrets, sealed under their owner's account key, and their epochs, in the order asked for. There is none before a transfer is taken
/// over.
pub(crate) async fn sealed_keys(tx: &Tx, secrets: &[SecretId]) -> Result<Vec<(Option<Vec<u8>>, u64)>, StoreError> {
    let mut found = HashMap::with_capacity(secrets.len());
    for chunk in secrets.chunks(CHUNK) {
        let rows: Vec<KeyRow> =
            query!(tx, "SELECT id, key, key_epoch FROM $ids", ids = record::secrets(chunk))?.take(0)?;
        for row in rows {
            let key = (row.key.map(|key| key.to_vec()), record::number(row.key_epoch)?);
            found.insert(record::id::<SecretId>(&row.id)?, key);
        }
    }
    secrets.iter().map(|secret| found.remove(secret).ok_or(StoreError::NotFound)).collect()
}

/// Whose a secret is; `None` where there is none.
pub(crate) async fn owner_of(tx: &Tx, id: SecretId) -> Result<Option<AccountId>, StoreError> {
    let owner: Option<RecordId> =
        query!(tx, "SELECT VALUE owner FROM ONLY $id WHERE deleted_at IS NONE", id = record::secret(id))?.take(0)?;
    owner.as_ref().map(record::id).transpose()
}

#[derive(SurrealValue)]
struct OwnerRow {
    id: RecordId,
    owner: RecordId,
}

/// Whose secrets are, those in bins as well.
pub(crate) async fn owners(tx: &Tx, secrets: &[SecretId]) -> Result<HashMap<SecretId, AccountId>, StoreError> {
    let mut owners = HashMap::with_capacity(secrets.len());
    for chunk in secrets.chunks(CHUNK) {
        let rows: Vec<OwnerRow> = query!(tx, "SELECT id, owner FROM $ids", ids = record::secrets(chunk))?.take(0)?;
        for row in rows {
            owners.insert(record::id(&row.id)?, record::id(&row.owner)?);
        }
    }
    Ok(owners)
}

/// Owner and state of secrets.
pub(crate) async fn states(tx: &Tx, secrets: &[SecretId]) -> Result<HashMap<SecretId, State>, StoreError> {
    let mut states = HashMap::with_capacity(secrets.len());
    for chunk in secrets.chunks(CHUNK) {
        let rows: Vec<StateRow> = query!(
            tx,
            "SELECT id, owner, enabled, key_epoch, transfer.granter AS giver FROM $ids WHERE deleted_at IS NONE",
            ids = record::secrets(chunk)
        )?
        .take(0)?;
        for row in rows {
            let (owner, key_epoch) = (record::id(&row.owner)?, record::number(row.key_epoch)?);
            let giver = row.giver.as_ref().map(record::id).transpose()?;
            states.insert(record::id(&row.id)?, State { owner, enabled: row.enabled, key_epoch, giver });
        }
    }
    Ok(states)
}

/// Fails with every secret that `owner` cannot share or give away, and makes the transaction fail if one is disabled, taken away or gets another key
/// before it commits. The epochs of their keys, in the order asked for.
pub(crate) async fn require_own(
    tx: &Tx,
    owner: AccountId,
    secrets: &[SecretId],
    act: Act,
) -> Result<Vec<u64>, StoreError> {
    query!(tx, "SELECT VALUE id FROM ONLY $id FOR UPDATE", id = record::ownership(owner))?;
    let states = states(tx, secrets).await?;
    let (mut epochs, mut problems) = (Vec::with_capacity(secrets.len()), Vec::new());
    for secret in secrets {
        let reason = match states.get(secret) {
            Some(state) if state.owner == owner && state.giver.is_some() => Reason::NotTakenOver,
            Some(state) if state.owner == owner && !state.enabled && act == Act::Share => Reason::Disabled,
            Some(state) if state.owner == owner => {
                epochs.push(state.key_epoch);
                continue;
            }
            Some(state) if access(tx, owner, *secret, state.owner).await?.is_some() => Reason::Forbidden,
            _ => Reason::NotFound,
        };
        problems.push(Problem { subject: Subject::Secret(*secret), reason });
    }
    if problems.is_empty() { Ok(epochs) } else { Err(StoreError::Refused(problems)) }
}
