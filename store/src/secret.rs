mod export;
mod list;
mod shareable;
mod tags;

use std::collections::BTreeMap;

use surrealdb::types::{Bytes, Datetime, RecordId, SurrealValue};
use vault::{AccountId, BatchId, RecipientId, SecretId};

pub use export::OwnValue;
pub use list::SecretRow;
pub(crate) use shareable::{Act, owner_of, owners, require_own, sealed_keys, states};

use crate::access::{Access, Opening, access, best_path, rely_on_access};
use crate::account::{Role, require_active};
use crate::audit::{Event, note_secrets};
use crate::batch::{self, BatchKind, BatchPart, NewBatch, Request};
use crate::clock::now;
use crate::database::{CHUNK, Store, Tx, insert, query};
use crate::error::{Problem, Reason, StoreError, Subject};
use crate::group::members_seed;
use crate::record;
use crate::share::change_ownership;
use crate::trust::signer_entry;
pub use shareable::KeyToShare;
pub use tags::Tagging;
pub(crate) use tags::retag;

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

#[derive(SurrealValue)]
struct SealedRow {
    owner: RecordId,
    identifier: Option<String>,
    enabled: bool,
    key: Option<Bytes>,
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
                None => {
                    insert(&tx, "secret", vec![NewRow::new(owner, new)]).await.map_err(taken)?;
                    note_secrets(&tx, Event::SecretAdded, owner, &[new.id]).await
                }
            }
        })
        .await
    }

    /// Adds many secrets of `owner`, all or none, as one batch.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for an identifier the owner has already, or two of them have, [`StoreError::Reused`] for another batch or secret with one of
    /// these ids.
    pub async fn add_secrets(&self, owner: AccountId, id: BatchId, new: &[NewSecret]) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, owner).await?;
            let added: Vec<SecretId> = new.iter().map(|new| new.id).collect();
            let request = new.iter().fold(Request::new(BatchKind::Import), |request, new| request.part(&new.value));
            let digest = request.secrets(&added).digest();
            if batch::is_done(&tx, owner, id, &digest).await? {
                return Ok(());
            }
            for chunk in added.chunks(CHUNK) {
                let known: Vec<RecordId> =
                    query!(tx, "SELECT VALUE id FROM $ids", ids = record::secrets(chunk))?.take(0)?;
                if !known.is_empty() {
                    return Err(StoreError::Reused);
                }
            }
            for chunk in new.chunks(CHUNK) {
                let rows = chunk.iter().map(|new| NewRow::new(owner, new)).collect();
                insert(&tx, "secret", rows).await.map_err(taken)?;
            }
            let parts = BTreeMap::from([(owner, vec![BatchPart::of(added)])]);
            let kind = BatchKind::Import;
            batch::write(&tx, NewBatch { id, kind, by: owner, digest, undoes: None, parts, also: None }).await
        })
        .await
    }

    /// Changes a secret, by its owner or someone who may edit it. The same change again is no second one.
    ///
    /// # Errors
    /// [`StoreError::Stale`] where somebody changed it first, [`StoreError::Forbidden`] for those who may only view it, or edit it but
    /// not while it is disabled, [`StoreError::NotFound`] for everyone else, [`StoreError::Taken`] for an identifier the owner has already,
    /// [`StoreError::OwnersAlone`] for an editor who changes it.
    pub async fn change_secret(&self, caller: AccountId, change: &SecretChange) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            let sealed = sealed_row(&tx, change.id).await?;
            let owner = record::id(&sealed.owner)?;
            let access = access(&tx, caller, change.id, owner).await?.ok_or(StoreError::NotFound)?;
            if !access.may_edit() || (access != Access::Owner && !sealed.enabled) {
                return Err(StoreError::Forbidden);
            }
            if access != Access::Owner {
                rely_on_access(&tx, caller, owner).await?;
            }
            // What is unique among the owner's secrets tells an editor nothing of the others.
            if access != Access::Owner && change.secret.identifier != sealed.identifier {
                return Err(StoreError::OwnersAlone("identifier"));
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
            note_secrets(&tx, Event::SecretChanged, caller, &[change.id]).await
        })
        .await
    }

    /// Enables or disables secrets, all or none, by their owner or someone who may edit them. Administrators may disable any.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with every secret that the caller may not enable or disable, [`StoreError::Reused`] for another batch with this id.
    pub async fn set_enabled(
        &self,
        caller: AccountId,
        id: BatchId,
        secrets: &[SecretId],
        enabled: bool,
    ) -> Result<(), StoreError> {
        let kind = if enabled { BatchKind::Enable } else { BatchKind::Disable };
        self.transact(|tx| async move {
            let digest = Request::new(kind).secrets(secrets).digest();
            if batch::is_done(&tx, caller, id, &digest).await? {
                return Ok(());
            }
            let parts = switch(&tx, caller, id, secrets, enabled).await?;
            batch::write(&tx, NewBatch { id, kind, by: caller, digest, undoes: None, parts, also: None }).await
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
            let is_owner = record::id::<AccountId>(&sealed.owner)? == caller;
            // An owner who has yet to take it over opens it by the transfer.
            let opening = if let Some(key) = sealed.key.filter(|_| is_owner) {
                Opening::Own(key.to_vec())
            } else {
                let (mut path, _) = best_path(&tx, caller, id).await?.ok_or(StoreError::NotFound)?;
                if !sealed.enabled && !is_owner {
                    return Err(StoreError::Forbidden);
                }
                if let RecipientId::Group(group) = path.recipient {
                    path.seed = members_seed(&tx, caller, group).await?;
                }
                let granter = signer_entry(&tx, path.granter, path.granter_epoch).await?;
                Opening::Shared(Box::new(path), Box::new(granter))
            };
            // Once a minute is exact enough, and nobody keeps others from changing the secret by opening it again and again.
            query!(
                tx,
                "UPDATE $id SET last_used_at = $now WHERE (last_used_at ?? d'1970-01-01T00:00:00Z') < $now - 1m RETURN NONE",
                id = record::secret(id),
                now = now()
            )?;
            note_secrets(&tx, Event::SecretOpened, caller, &[id]).await?;
            Ok(SecretKeys { revision: record::number(sealed.revision)?, value: sealed.value.to_vec(), opening })
        })
        .await
    }
}

/// Enables or disables secrets, all or none, as the batch says. Those that were not so before, by their owners.
pub(crate) async fn switch(
    tx: &Tx,
    caller: AccountId,
    batch: BatchId,
    secrets: &[SecretId],
    enabled: bool,
) -> Result<BTreeMap<AccountId, Vec<BatchPart>>, StoreError> {
    let may_disable_any = require_active(tx, caller).await? == Role::Administrator && !enabled;
    let states = states(tx, secrets).await?;
    let (mut problems, mut switched) = (Vec::new(), BTreeMap::<AccountId, Vec<SecretId>>::new());
    for secret in secrets {
        let found = match states.get(secret) {
            Some(state) if may_disable_any => Some((Access::Owner, state)),
            Some(state) => access(tx, caller, *secret, state.owner).await?.map(|access| (access, state)),
            None => None,
        };
        let reason = match found {
            Some((access, state)) if access.may_edit() => {
                let of_owner = switched.entry(state.owner).or_default();
                if state.enabled != enabled {
                    of_owner.push(*secret);
                }
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
    for (owner, secrets) in &switched {
        // Shares rely on secrets being enabled: only what takes that away has to be in their way.
        if !enabled && !secrets.is_empty() {
            change_ownership(tx, *owner).await?;
        }
        if *owner != caller && !may_disable_any {
            rely_on_access(tx, caller, *owner).await?;
        }
        query!(
            tx,
            "UPDATE $ids SET enabled = $enabled, enabled_batch = $batch, changed_at = $now, changed_by = $caller
             RETURN NONE",
            ids = record::secrets(secrets),
            enabled = enabled,
            batch = record::batch(batch),
            now = now(),
            caller = record::account(caller)
        )?;
    }
    switched.retain(|_, secrets| !secrets.is_empty());
    Ok(switched.into_iter().map(|(owner, secrets)| (owner, vec![BatchPart::of(secrets)])).collect())
}

fn taken(error: StoreError) -> StoreError {
    if error.violates("secret_identifier") { StoreError::Taken("identifier") } else { error }
}

async fn sealed_row(tx: &Tx, id: SecretId) -> Result<SealedRow, StoreError> {
    let text = "SELECT owner, identifier, enabled, key, revision, value FROM ONLY $id WHERE deleted_at IS NONE";
    let row: Option<SealedRow> = query!(tx, text, id = record::secret(id))?.take(0)?;
    row.ok_or(StoreError::NotFound)
}
