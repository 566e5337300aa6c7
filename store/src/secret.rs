use std::collections::{HashMap, HashSet};

use surrealdb::types::{Bytes, Datetime, RecordId, SurrealValue};
use vault::{AccountId, Permission, SecretId, ShareId};

use crate::access::{Access, Opening, access, best_path, items_of, shared_with, shares_of};
use crate::account::require_active;
use crate::clock::{Millis, millis, now};
use crate::database::{Store, Tx, insert, query};
use crate::error::{Problem, Reason, StoreError, Subject};
use crate::record;

/// How many ids one query names at most.
const CHUNK: usize = 1_000;

/// What everyone with access sees of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// How it is called.
    pub name: String,
    /// Where it is used.
    pub url: String,
    /// The public half of the credentials.
    pub client_id: String,
    /// A name for programs, unique for its owner.
    pub identifier: Option<String>,
    /// How the credentials are sent.
    pub method: String,
    /// Words to find it by.
    pub tags: Vec<String>,
}

/// A secret as one account sees it in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRow {
    /// The secret.
    pub id: SecretId,
    /// What everyone with access sees.
    pub secret: Secret,
    /// Whose it is.
    pub owner: AccountId,
    /// How the owner is called.
    pub owner_name: String,
    /// What the account may do with it; `None` for the owner, who may do everything.
    pub permission: Option<Permission>,
    /// Whether it is shared with anyone.
    pub shared: bool,
    /// Whether its value opens for others than the owner.
    pub enabled: bool,
    /// Counts the changes, from 1.
    pub revision: u64,
    /// When somebody last opened the value.
    pub last_used_at: Option<Millis>,
    /// When it was added.
    pub created_at: Millis,
    /// Who added it.
    pub created_by: String,
    /// When it was last changed.
    pub changed_at: Millis,
    /// Who changed it last.
    pub changed_by: String,
}

/// A secret to add, sealed.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// The secret; its id is bound into what is sealed.
    pub id: SecretId,
    /// What everyone with access sees.
    pub secret: Secret,
    /// Its key, sealed under the owner's account key.
    pub key: Vec<u8>,
    /// The value of revision 1, sealed under its key.
    pub value: Vec<u8>,
}

/// A change of a secret, sealed.
#[derive(Clone, Debug)]
pub struct SecretChange {
    /// The secret.
    pub id: SecretId,
    /// What everyone with access sees from now on.
    pub secret: Secret,
    /// The revision this change makes: one more than the one it is based on.
    pub revision: u64,
    /// The value of that revision, sealed under the same key.
    pub value: Vec<u8>,
}

/// What opens the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretKeys {
    /// The revision of the value.
    pub revision: u64,
    /// The value, sealed under the secret's key.
    pub value: Vec<u8>,
    /// What opens it.
    pub opening: Opening,
}

#[derive(SurrealValue)]
struct NewRow {
    id: RecordId,
    owner: RecordId,
    name: String,
    url: String,
    client_id: String,
    identifier: Option<String>,
    method: String,
    tags: Vec<String>,
    enabled: bool,
    key: Bytes,
    revision: i64,
    value: Bytes,
    created_at: Datetime,
    created_by: RecordId,
    changed_at: Datetime,
    changed_by: RecordId,
}

impl NewRow {
    fn new(owner: AccountId, new: &NewSecret) -> Self {
        let (now, by) = (now(), record::account(owner));
        Self {
            id: record::secret(new.id),
            owner: by.clone(),
            name: new.secret.name.clone(),
            url: new.secret.url.clone(),
            client_id: new.secret.client_id.clone(),
            identifier: new.secret.identifier.clone(),
            method: new.secret.method.clone(),
            tags: new.secret.tags.clone(),
            enabled: true,
            key: new.key.clone().into(),
            revision: 1,
            value: new.value.clone().into(),
            created_at: now,
            created_by: by.clone(),
            changed_at: now,
            changed_by: by,
        }
    }
}

const FIELDS: &str = "id, owner, name, url, client_id, identifier, method, tags, enabled, revision, last_used_at, \
                      created_at, created_by, changed_at, changed_by";

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    owner: RecordId,
    name: String,
    url: String,
    client_id: String,
    identifier: Option<String>,
    method: String,
    tags: Vec<String>,
    enabled: bool,
    revision: i64,
    last_used_at: Option<Datetime>,
    created_at: Datetime,
    created_by: RecordId,
    changed_at: Datetime,
    changed_by: RecordId,
}

#[derive(SurrealValue)]
struct StateRow {
    id: RecordId,
    owner: RecordId,
    enabled: bool,
}

#[derive(SurrealValue)]
struct KeyRow {
    id: RecordId,
    key: Bytes,
}

#[derive(SurrealValue)]
struct SealedRow {
    owner: RecordId,
    enabled: bool,
    key: Bytes,
    revision: i64,
    value: Bytes,
}

impl Store {
    /// Adds a secret of `owner`. The same secret again is no second one.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for an identifier the owner has already, [`StoreError::Reused`] for another secret with this id.
    pub async fn add_secret(&self, owner: AccountId, new: &NewSecret) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, owner).await?;
            let known: Option<Bytes> =
                query!(tx, "SELECT VALUE value FROM ONLY $id", id = record::secret(new.id))?.take(0)?;
            match known {
                Some(value) if *value == *new.value => Ok(()),
                Some(_) => Err(StoreError::Reused),
                None => insert(&tx, "secret", vec![NewRow::new(owner, new)]).await.map_err(taken),
            }
        })
        .await
    }

    /// Adds many secrets of `owner`, all or none.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for an identifier the owner has already.
    pub async fn add_secrets(&self, owner: AccountId, new: &[NewSecret]) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, owner).await?;
            let rows = new.iter().map(|new| NewRow::new(owner, new)).collect();
            insert(&tx, "secret", rows).await.map_err(taken)
        })
        .await
    }

    /// Changes a secret, by its owner or someone who may edit it. The same change again is no second one.
    ///
    /// # Errors
    /// [`StoreError::Stale`] where somebody changed it first, [`StoreError::Forbidden`] for those who may only view it, or edit it but
    /// not while it is disabled, [`StoreError::NotFound`] for everyone else, [`StoreError::Taken`] for an identifier the owner has already.
    pub async fn change_secret(&self, caller: AccountId, change: &SecretChange) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            let sealed = sealed_row(&tx, change.id).await?;
            let owner = record::id(&sealed.owner)?;
            let access = access(&tx, caller, change.id, owner).await?.ok_or(StoreError::NotFound)?;
            if !access.may_edit() || (access != Access::Owner && !sealed.enabled) {
                return Err(StoreError::Forbidden);
            }
            let revision = record::number(sealed.revision)?;
            if revision == change.revision && *sealed.value == *change.value {
                return Ok(());
            }
            if revision + 1 != change.revision {
                return Err(StoreError::Stale);
            }
            query!(
                tx,
                "UPDATE $id SET name = $name, url = $url, client_id = $client_id, identifier = $identifier,
                        method = $method, tags = $tags, revision = $revision, value = $value,
                        changed_at = $now, changed_by = $caller RETURN NONE",
                id = record::secret(change.id),
                name = change.secret.name.clone(),
                url = change.secret.url.clone(),
                client_id = change.secret.client_id.clone(),
                identifier = change.secret.identifier.clone(),
                method = change.secret.method.clone(),
                tags = change.secret.tags.clone(),
                revision = sealed.revision + 1,
                value = Bytes::from(change.value.clone()),
                now = now(),
                caller = record::account(caller)
            )
            .map_err(|error| taken(error.into()))?;
            Ok(())
        })
        .await
    }

    /// Enables or disables secrets, all or none, by their owner or someone who may edit them.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with every secret that the caller may not enable or disable.
    pub async fn set_enabled(&self, caller: AccountId, secrets: &[SecretId], enabled: bool) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            let states = states(&tx, secrets).await?;
            let (mut problems, mut owners) = (Vec::new(), HashSet::new());
            for secret in secrets {
                let found = match states.get(secret) {
                    Some(state) => access(&tx, caller, *secret, state.0).await?.map(|access| (access, state.0)),
                    None => None,
                };
                let reason = match found {
                    Some((access, owner)) if access.may_edit() => {
                        owners.insert(owner);
                        continue;
                    }
                    Some(_) => Reason::Forbidden,
                    None => Reason::NotFound,
                };
                problems.push(Problem { subject: Subject::Secret(*secret), reason });
            }
            if !problems.is_empty() {
                return Err(StoreError::Refused(problems));
            }
            for owner in owners {
                query!(tx, "UPSERT $id SET changes += 1 RETURN NONE", id = record::ownership(owner))?;
            }
            query!(
                tx,
                "UPDATE $ids SET enabled = $enabled, changed_at = $now, changed_by = $caller
                 WHERE enabled != $enabled RETURN NONE",
                ids = record::secrets(secrets),
                enabled = enabled,
                now = now(),
                caller = record::account(caller)
            )?;
            Ok(())
        })
        .await
    }

    /// Every secret that `caller` owns or that is shared with them, by name.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn secrets(&self, caller: AccountId) -> Result<Vec<SecretRow>, StoreError> {
        self.transact(|tx| async move {
            let text = format!("SELECT {FIELDS} FROM secret WHERE owner = $owner");
            let mut rows: Vec<Row> = query!(tx, text, owner = record::account(caller))?.take(0)?;
            let permissions = shared_with(&tx, caller).await?;
            let foreign: Vec<SecretId> = permissions.keys().copied().collect();
            for chunk in foreign.chunks(CHUNK) {
                let text = format!("SELECT {FIELDS} FROM $ids");
                rows.append(&mut query!(tx, text, ids = record::secrets(chunk))?.take(0)?);
            }
            let shared = shared_by(&tx, caller).await?;
            let mut secrets =
                complete(&tx, rows, |id| permissions.get(&id).copied(), |id| shared.contains(&id)).await?;
            secrets.sort_by_cached_key(|row| (row.secret.name.to_lowercase(), row.id));
            Ok(secrets)
        })
        .await
    }

    /// One secret as `caller` sees it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where they may not.
    pub async fn secret(&self, caller: AccountId, id: SecretId) -> Result<SecretRow, StoreError> {
        self.transact(|tx| async move {
            let text = format!("SELECT {FIELDS} FROM ONLY $id");
            let row: Option<Row> = query!(tx, text, id = record::secret(id))?.take(0)?;
            let row = row.ok_or(StoreError::NotFound)?;
            let permission = match access(&tx, caller, id, record::id(&row.owner)?).await? {
                Some(Access::Owner) => None,
                Some(Access::Shared(permission)) => Some(permission),
                None => return Err(StoreError::NotFound),
            };
            let shared = !shares_of(&tx, id).await?.is_empty();
            let mut secrets = complete(&tx, vec![row], |_| permission, |_| shared).await?;
            secrets.pop().ok_or(StoreError::NotFound)
        })
        .await
    }

    /// What opens the value of a secret for `caller`, and a note that it was used.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where they may not, [`StoreError::Forbidden`] for a disabled secret of somebody else.
    pub async fn open_secret(&self, caller: AccountId, id: SecretId) -> Result<SecretKeys, StoreError> {
        self.transact(|tx| async move {
            let sealed = sealed_row(&tx, id).await?;
            let opening = if record::id::<AccountId>(&sealed.owner)? == caller {
                Opening::Own(sealed.key.to_vec())
            } else {
                let path = best_path(&tx, caller, id).await?.ok_or(StoreError::NotFound)?;
                if !sealed.enabled {
                    return Err(StoreError::Forbidden);
                }
                Opening::Shared(Box::new(path))
            };
            query!(tx, "UPDATE $id SET last_used_at = $now RETURN NONE", id = record::secret(id), now = now())?;
            Ok(SecretKeys { revision: record::number(sealed.revision)?, value: sealed.value.to_vec(), opening })
        })
        .await
    }

    /// The sealed keys of secrets that `owner` is about to share, in the order asked for.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with every secret that cannot be shared.
    pub async fn keys_to_share(&self, owner: AccountId, secrets: &[SecretId]) -> Result<Vec<Vec<u8>>, StoreError> {
        self.transact(|tx| async move {
            require_shareable(&tx, owner, secrets).await?;
            let mut keys: HashMap<SecretId, Vec<u8>> = HashMap::with_capacity(secrets.len());
            for chunk in secrets.chunks(CHUNK) {
                let rows: Vec<KeyRow> =
                    query!(tx, "SELECT id, key FROM $ids", ids = record::secrets(chunk))?.take(0)?;
                for row in rows {
                    keys.insert(record::id(&row.id)?, row.key.to_vec());
                }
            }
            secrets.iter().map(|secret| keys.remove(secret).ok_or(StoreError::NotFound)).collect()
        })
        .await
    }
}

fn taken(error: StoreError) -> StoreError {
    if error.violates("secret_identifier") { StoreError::Taken("identifier") } else { error }
}

async fn sealed_row(tx: &Tx, id: SecretId) -> Result<SealedRow, StoreError> {
    let text = "SELECT owner, enabled, key, revision, value FROM ONLY $id";
    let row: Option<SealedRow> = query!(tx, text, id = record::secret(id))?.take(0)?;
    row.ok_or(StoreError::NotFound)
}

/// Whose a secret is; `None` where there is none.
pub(crate) async fn owner_of(tx: &Tx, id: SecretId) -> Result<Option<AccountId>, StoreError> {
    let owner: Option<RecordId> = query!(tx, "SELECT VALUE owner FROM ONLY $id", id = record::secret(id))?.take(0)?;
    owner.as_ref().map(record::id).transpose()
}

/// Owner and state of secrets.
async fn states(tx: &Tx, secrets: &[SecretId]) -> Result<HashMap<SecretId, (AccountId, bool)>, StoreError> {
    let mut states = HashMap::with_capacity(secrets.len());
    for chunk in secrets.chunks(CHUNK) {
        let rows: Vec<StateRow> =
            query!(tx, "SELECT id, owner, enabled FROM $ids", ids = record::secrets(chunk))?.take(0)?;
        for row in rows {
            states.insert(record::id(&row.id)?, (record::id(&row.owner)?, row.enabled));
        }
    }
    Ok(states)
}

/// Fails with every secret that `owner` cannot share, and makes the transaction fail if one is disabled or taken away before it commits.
pub(crate) async fn require_shareable(tx: &Tx, owner: AccountId, secrets: &[SecretId]) -> Result<(), StoreError> {
    query!(tx, "SELECT VALUE id FROM ONLY $id FOR UPDATE", id = record::ownership(owner))?;
    let states = states(tx, secrets).await?;
    let mut problems = Vec::new();
    for secret in secrets {
        let reason = match states.get(secret) {
            Some((of, true)) if *of == owner => continue,
            Some((of, false)) if *of == owner => Reason::Disabled,
            Some((of, _)) if access(tx, owner, *secret, *of).await?.is_some() => Reason::Forbidden,
            _ => Reason::NotFound,
        };
        problems.push(Problem { subject: Subject::Secret(*secret), reason });
    }
    if problems.is_empty() { Ok(()) } else { Err(StoreError::Refused(problems)) }
}

/// The secrets of `owner` that are in a live share.
async fn shared_by(tx: &Tx, owner: AccountId) -> Result<HashSet<SecretId>, StoreError> {
    let shares: Vec<RecordId> = query!(
        tx,
        "SELECT VALUE id FROM share WHERE granter = $owner AND (ends_at IS NONE OR ends_at > $now)",
        owner = record::account(owner),
        now = now()
    )?
    .take(0)?;
    let mut secrets = HashSet::new();
    for share in shares {
        secrets.extend(items_of(tx, record::id::<ShareId>(&share)?).await?);
    }
    Ok(secrets)
}

#[derive(SurrealValue)]
struct NameRow {
    id: RecordId,
    name: String,
}

/// Rows of the database as rows of the list, with the names of people in them.
async fn complete(
    tx: &Tx,
    rows: Vec<Row>,
    permission: impl Fn(SecretId) -> Option<Permission>,
    shared: impl Fn(SecretId) -> bool,
) -> Result<Vec<SecretRow>, StoreError> {
    let mut people = HashSet::new();
    for record in rows.iter().flat_map(|row| [&row.owner, &row.created_by, &row.changed_by]) {
        people.insert(record::id::<AccountId>(record)?);
    }
    let people: Vec<RecordId> = people.into_iter().map(record::account).collect();
    let mut names: HashMap<AccountId, String> = HashMap::with_capacity(people.len());
    for chunk in people.chunks(CHUNK) {
        let rows: Vec<NameRow> = query!(tx, "SELECT id, name FROM $ids", ids = chunk.to_vec())?.take(0)?;
        for row in rows {
            names.insert(record::id(&row.id)?, row.name);
        }
    }
    let name = |record: &RecordId| -> Result<String, StoreError> {
        Ok(names.get(&record::id::<AccountId>(record)?).cloned().unwrap_or_default())
    };
    rows.into_iter()
        .map(|row| {
            let id = record::id(&row.id)?;
            let permission = permission(id);
            Ok(SecretRow {
                id,
                owner: record::id(&row.owner)?,
                owner_name: name(&row.owner)?,
                permission,
                shared: permission.is_some() || shared(id),
                enabled: row.enabled,
                revision: record::number(row.revision)?,
                last_used_at: row.last_used_at.as_ref().map(millis),
                created_at: millis(&row.created_at),
                created_by: name(&row.created_by)?,
                changed_at: millis(&row.changed_at),
                changed_by: name(&row.changed_by)?,
                secret: Secret {
                    name: row.name,
                    url: row.url,
                    client_id: row.client_id,
                    identifier: row.identifier,
                    method: row.method,
                    tags: row.tags,
                },
            })
        })
        .collect()
}
