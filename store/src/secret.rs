mod enabled;
mod export;
mod first;
mod list;
mod shareable;
mod tags;
pub(crate) mod version;

use std::collections::BTreeMap;

use surrealdb::types::{Bytes, Datetime, RecordId, SurrealValue};
use vault::{AccountId, BatchId, Opening, RecipientId, SecretId};

pub(crate) use enabled::switch;
pub use export::OwnValue;
pub use first::FirstSecrets;
#[cfg(test)]
pub(crate) use first::Reach;
pub use list::SecretRow;
use list::name_key;
pub(crate) use list::secrets_among;
pub(crate) use shareable::{Act, owner_of, owners, require_own, sealed_keys, states};

use crate::access::{Access, FoundPath, access, best_path, rely_on_access};
use crate::account::require_active;
use crate::audit::{Event, note_secrets};
use crate::batch::{self, BatchKind, BatchPart, NewBatch, Request};
use crate::clock::now;
use crate::database::{CHUNK, Store, Tx, insert, query};
use crate::error::StoreError;
use crate::group::members_seed;
use crate::record;
use crate::seen;
use crate::share::change_ownership;
use crate::trust::signer_entry;
pub use shareable::KeyToShare;
pub(crate) use tags::MAX_TAGS;
pub use tags::Tagging;
pub(crate) use tags::retag;
pub use version::{SecretVersion, VersionKeys};

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
    /// The day on which its owner wants a new value, as in 2026-11-24.
    pub rotate_on: Option<String>,
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
    /// Another value; `None` where it stays the one it is.
    pub value: Option<NewValue>,
}

/// Another value of a secret.
#[derive(Clone, Debug)]
pub struct NewValue {
    /// The value, sealed under the secret's key in the revision of the change.
    pub sealed: Vec<u8>,
    /// Whether the client secret in it is another one, and not the notes alone.
    pub rotates: bool,
    /// The revision whose value it is once more.
    pub restores: Option<u64>,
}

/// What opens the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretKeys {
    /// The revision of the secret.
    pub revision: u64,
    /// The one that the value was sealed in.
    pub value_revision: u64,
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
    name_key: String,
    url: String,
    client_id: String,
    identifier: Option<String>,
    method: String,
    tags: Vec<String>,
    rotate_on: Option<String>,
    enabled: bool,
    key: Bytes,
    revision: i64,
    value: Bytes,
    value_revision: i64,
    value_at: Datetime,
    value_by: RecordId,
    rotated_at: Datetime,
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
            name_key: name_key(&new.secret.name),
            url: new.secret.url.clone(),
            client_id: new.secret.client_id.clone(),
            identifier: new.secret.identifier.clone(),
            method: new.secret.method.clone(),
            tags: new.secret.tags.clone(),
            rotate_on: new.secret.rotate_on.clone(),
            enabled: true,
            key: new.key.clone().into(),
            revision: 1,
            value: new.value.clone().into(),
            value_revision: 1,
            value_at: now,
            value_by: by.clone(),
            rotated_at: now,
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
    name: String,
    url: String,
    client_id: String,
    identifier: Option<String>,
    method: String,
    tags: Vec<String>,
    rotate_on: Option<String>,
    enabled: bool,
    key: Option<Bytes>,
    key_epoch: i64,
    revision: i64,
    value: Bytes,
    value_revision: i64,
    value_at: Datetime,
    value_by: RecordId,
    rotated_at: Datetime,
}

impl SealedRow {
    /// Whether a change has nothing in it that is not there already.
    fn has(&self, change: &SecretChange) -> bool {
        let secret = &change.secret;
        [&self.name, &self.url, &self.client_id, &self.method]
            == [&secret.name, &secret.url, &secret.client_id, &secret.method]
            && (&self.identifier, &self.tags, &self.rotate_on) == (&secret.identifier, &secret.tags, &secret.rotate_on)
            && change.value.as_ref().is_none_or(|value| *self.value == *value.sealed)
    }
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
                    // Also against whoever lets the owner start over at the same time.
                    change_ownership(&tx, owner).await?;
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
            change_ownership(&tx, owner).await?;
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
            if access != Access::Owner && change.secret.rotate_on != sealed.rotate_on {
                return Err(StoreError::OwnersAlone("rotation date"));
            }
            let revision = record::number(sealed.revision)?;
            if revision == change.revision && sealed.has(change) {
                return Ok(());
            }
            if revision + 1 != change.revision {
                return Err(StoreError::Stale);
            }
            query!(
                tx,
                "UPDATE $id SET name = $name, name_key = $name_key, url = $url, client_id = $client_id,
                        identifier = $identifier, method = $method, tags = $tags, rotate_on = $rotate_on, revision = $revision,
                        changed_at = $now, changed_by = $caller RETURN NONE",
                id = record::secret(change.id),
                name = change.secret.name.clone(),
                name_key = name_key(&change.secret.name),
                url = change.secret.url.clone(),
                client_id = change.secret.client_id.clone(),
                identifier = change.secret.identifier.clone(),
                method = change.secret.method.clone(),
                tags = change.secret.tags.clone(),
                rotate_on = change.secret.rotate_on.clone(),
                revision = sealed.revision + 1,
                now = now(),
                caller = record::account(caller)
            )
            .map_err(|error| taken(error.into()))?;
            if let Some(value) = &change.value {
                version::replace(&tx, caller, change.id, sealed, value).await?;
                if access != Access::Owner {
                    // Whoever wrote it knows it.
                    seen::note_opened(&tx, caller, change.id).await?;
                }
            }
            note_secrets(&tx, Event::SecretChanged, caller, &[change.id]).await
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
            let opening = opening_for(&tx, caller, id, &sealed).await?;
            // Once a minute is exact enough, and nobody keeps others from changing the secret by opening it again and again.
            query!(
                tx,
                "UPDATE $id SET last_used_at = $now WHERE (last_used_at ?? d'1970-01-01T00:00:00Z') < $now - 1m RETURN NONE",
                id = record::secret(id),
                now = now()
            )?;
            note_secrets(&tx, Event::SecretOpened, caller, &[id]).await?;
            if !is_owner {
                seen::note_opened(&tx, caller, id).await?;
            }
            Ok(SecretKeys {
                revision: record::number(sealed.revision)?,
                value_revision: record::number(sealed.value_revision)?,
                value: sealed.value.to_vec(),
                opening,
            })
        })
        .await
    }
}

/// What opens the present key of a secret for `caller`.
///
/// # Errors
/// [`StoreError::NotFound`] where they may not, [`StoreError::Forbidden`] for a disabled secret of somebody else.
async fn opening_for(tx: &Tx, caller: AccountId, id: SecretId, sealed: &SealedRow) -> Result<Opening, StoreError> {
    let is_owner = record::id::<AccountId>(&sealed.owner)? == caller;
    // An owner who has yet to take it over opens it by the transfer.
    if let Some(key) = sealed.key.as_ref().filter(|_| is_owner) {
        return Ok(Opening::Own(key.to_vec()));
    }
    let (FoundPath { mut path, granter_epoch }, _) = best_path(tx, caller, id).await?.ok_or(StoreError::NotFound)?;
    if !sealed.enabled && !is_owner {
        return Err(StoreError::Forbidden);
    }
    if let RecipientId::Group(group) = path.recipient {
        path.seed = members_seed(tx, caller, group).await?;
    }
    let granter = signer_entry(tx, path.granter, granter_epoch).await?;
    Ok(Opening::Shared(Box::new(path), Box::new(granter)))
}

fn taken(error: StoreError) -> StoreError {
    if error.violates("secret_identifier") { StoreError::Taken("identifier") } else { error }
}

async fn sealed_row(tx: &Tx, id: SecretId) -> Result<SealedRow, StoreError> {
    let text = "SELECT owner, name, url, client_id, identifier, method, tags, rotate_on, enabled, key, key_epoch, revision, value,
                       value_revision, value_at, value_by, rotated_at
                FROM ONLY $id WHERE deleted_at IS NONE";
    let row: Option<SealedRow> = query!(tx, text, id = record::secret(id))?.take(0)?;
    row.ok_or(StoreError::NotFound)
}
