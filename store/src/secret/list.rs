use std::collections::{HashMap, HashSet};

use surrealdb::types::{Datetime, RecordId, SurrealValue};
use vault::{AccountId, Permission, SecretId, ShareId};

use super::Secret;
use crate::access::{
    Access, SharedWith, access, grants_of, items_among, items_of, shared_among, shared_since, shared_with, shares_of,
};
use crate::account::require_administrator;
use crate::clock::{Millis, millis, now};
use crate::database::{CHUNK, Store, Tx, query};
use crate::error::StoreError;
use crate::limit::{Granted, Limits};
use crate::record;
use crate::seen::{self, Seen};

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
    /// Whether it was shared with the account, and the account has not looked at it yet.
    pub is_new: bool,
    /// Whether its value opens for others than the owner.
    pub enabled: bool,
    /// Counts the changes, from 1.
    pub revision: u64,
    /// When somebody last opened the value.
    pub last_used_at: Option<Millis>,
    /// Since when its client secret is what it is.
    pub rotated_at: Millis,
    /// When it was added.
    pub created_at: Millis,
    /// Who added it.
    pub created_by: String,
    /// When it was last changed.
    pub changed_at: Millis,
    /// Who changed it last.
    pub changed_by: String,
}

pub(super) const FIELDS: &str = "id, owner, name, url, client_id, identifier, method, tags, rotate_on, enabled, revision, last_used_at, \
                      rotated_at, created_at, created_by, changed_at, changed_by";

#[derive(SurrealValue)]
pub(super) struct Row {
    pub id: RecordId,
    pub owner: RecordId,
    pub name: String,
    url: String,
    client_id: String,
    identifier: Option<String>,
    method: String,
    tags: Vec<String>,
    rotate_on: Option<String>,
    enabled: bool,
    revision: i64,
    last_used_at: Option<Datetime>,
    rotated_at: Datetime,
    created_at: Datetime,
    created_by: RecordId,
    changed_at: Datetime,
    changed_by: RecordId,
}

#[derive(SurrealValue)]
struct NameRow {
    id: RecordId,
    name: String,
}

impl Store {
    /// Every secret that `caller` owns or that is shared with them, by name.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn secrets(&self, caller: AccountId) -> Result<Vec<SecretRow>, StoreError> {
        self.transact(|tx| async move { secrets_of(&tx, caller).await }).await
    }

    /// Every secret that `account` owns or that is shared with it, by name, for administrators.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members.
    pub async fn secrets_of(&self, caller: AccountId, account: AccountId) -> Result<Vec<SecretRow>, StoreError> {
        self.transact(|tx| async move {
            require_administrator(&tx, caller).await?;
            secrets_of(&tx, account).await
        })
        .await
    }

    /// One secret as `caller` sees it, to whom it is not new any more from then on.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where they may not.
    pub async fn secret(&self, caller: AccountId, id: SecretId) -> Result<SecretRow, StoreError> {
        self.transact(|tx| async move {
            let row = row_for(&tx, caller, id).await?.ok_or(StoreError::NotFound)?;
            if row.is_new {
                seen::look(&tx, caller, id).await?;
            }
            Ok(row)
        })
        .await
    }
}

/// One secret as `account` sees it; `None` where it does not.
async fn row_for(tx: &Tx, account: AccountId, id: SecretId) -> Result<Option<SecretRow>, StoreError> {
    let text = format!("SELECT {FIELDS} FROM ONLY $id WHERE deleted_at IS NONE");
    let row: Option<Row> = query!(tx, text, id = record::secret(id))?.take(0)?;
    let Some(row) = row else { return Ok(None) };
    let with = match access(tx, account, id, record::id(&row.owner)?).await? {
        Some(Access::Owner) => None,
        Some(Access::Shared(permission)) => {
            let since = shared_since(tx, account, id).await?;
            Some((permission, seen::is_new(tx, account, id, since).await?))
        }
        None => return Ok(None),
    };
    let shared = is_shared(tx, id).await?;
    Ok(complete(tx, vec![row], |_, _| with, |_| shared).await?.pop())
}

/// Every secret that `account` owns or that is shared with it, by name.
pub(super) async fn secrets_of(tx: &Tx, account: AccountId) -> Result<Vec<SecretRow>, StoreError> {
    let text = format!("SELECT {FIELDS} FROM secret WHERE owner = $owner AND deleted_at IS NONE");
    let mut rows: Vec<Row> = query!(tx, text, owner = record::account(account))?.take(0)?;
    let with = shared_with(tx, account).await?;
    let own: HashSet<SecretId> = rows.iter().map(|row| record::id(&row.id)).collect::<Result<_, _>>()?;
    let foreign: Vec<SecretId> = with.keys().copied().filter(|id| !own.contains(id)).collect();
    rows.append(&mut rows_of(tx, &foreign).await?);
    let shared = shared_by(tx, account, None).await?;
    as_seen_by(tx, account, rows, &with, &shared).await
}

/// Those of some secrets that `account` owns or that are shared with it, by name.
pub(crate) async fn secrets_among(
    tx: &Tx,
    account: AccountId,
    among: &[SecretId],
) -> Result<Vec<SecretRow>, StoreError> {
    let mut rows = rows_of(tx, among).await?;
    let (mut own, mut foreign) = (Vec::new(), Vec::new());
    for row in &rows {
        let list = if row.owner == record::account(account) { &mut own } else { &mut foreign };
        list.push(record::id(&row.id)?);
    }
    let with = shared_among(tx, account, &foreign).await?;
    let may_see = |row: &Row| Ok(row.owner == record::account(account) || with.contains_key(&record::id(&row.id)?));
    let seen = rows.iter().map(may_see).collect::<Result<Vec<bool>, StoreError>>()?;
    let mut seen = seen.into_iter();
    rows.retain(|_| seen.next().unwrap_or_default());
    let shared = shared_by(tx, account, Some(&own)).await?;
    as_seen_by(tx, account, rows, &with, &shared).await
}

/// The rows of some secrets, as far as they are not in a bin.
pub(super) async fn rows_of(tx: &Tx, secrets: &[SecretId]) -> Result<Vec<Row>, StoreError> {
    let mut rows = Vec::with_capacity(secrets.len());
    for chunk in secrets.chunks(CHUNK) {
        let text = format!("SELECT {FIELDS} FROM $ids WHERE deleted_at IS NONE");
        rows.append(&mut query!(tx, text, ids = record::secrets(chunk))?.take(0)?);
    }
    Ok(rows)
}

/// What `account` owns or has by shares as rows of its list, by name.
async fn as_seen_by(
    tx: &Tx,
    account: AccountId,
    rows: Vec<Row>,
    with: &HashMap<SecretId, SharedWith>,
    shared: &HashSet<SecretId>,
) -> Result<Vec<SecretRow>, StoreError> {
    let seen = Seen::by(tx, account).await?;
    let of_others = |owner: AccountId, id: SecretId| {
        with.get(&id).filter(|_| owner != account).map(|with| (with.permission, seen.is_new(id, with.since)))
    };
    let mut secrets = complete(tx, rows, of_others, |id| shared.contains(&id)).await?;
    secrets.sort_by_cached_key(by_name);
    Ok(secrets)
}

/// What names are sorted by: case makes no difference.
pub(super) fn name_key(name: &str) -> String {
    name.to_lowercase()
}

/// What the rows of a list are sorted by; of the same name, by their ids.
pub(super) fn by_name(row: &SecretRow) -> (String, SecretId) {
    (name_key(&row.secret.name), row.id)
}

/// The secrets of `owner` that are in a live share: all of them, or those among some.
async fn shared_by(tx: &Tx, owner: AccountId, among: Option<&[SecretId]>) -> Result<HashSet<SecretId>, StoreError> {
    let mut some = match among {
        Some([]) => return Ok(HashSet::new()),
        Some(among) => Some(items_among(tx, among, None).await?),
        None => None,
    };
    let shares: Vec<RecordId> = query!(
        tx,
        "SELECT VALUE id FROM share WHERE granter = $owner AND (ends_at IS NONE OR ends_at > $now)",
        owner = record::account(owner),
        now = now()
    )?
    .take(0)?;
    let limits = Limits::by_granter(tx, owner).await?;
    let mut secrets = HashSet::new();
    for share in shares {
        let share: ShareId = record::id(&share)?;
        let items = match &mut some {
            Some(some) => some.remove(&share).unwrap_or_default(),
            None => items_of(tx, share).await?,
        };
        if items.is_empty() {
            continue;
        }
        if limits.is_empty() {
            secrets.extend(items);
        } else {
            let grants = grants_of(tx, share).await?;
            secrets.extend(items.into_iter().filter(|secret| gives(&limits, &grants, *secret)));
        }
    }
    Ok(secrets)
}

/// Whether anybody has access to a secret but its owner.
pub(super) async fn is_shared(tx: &Tx, secret: SecretId) -> Result<bool, StoreError> {
    let limits = Limits::on_secret(tx, secret).await?;
    for share in shares_of(tx, secret).await? {
        if gives(&limits, &grants_of(tx, record::id(&share)?).await?, secret) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a share gives a secret to anybody; not what gives it to its owner, who has yet to take it over.
fn gives(limits: &Limits, grants: &[Granted], secret: SecretId) -> bool {
    grants.iter().any(|grant| limits.leave(grant, secret).is_some_and(|permission| permission != Permission::Own))
}

/// Rows of the database as rows of the list, with the names of people in them, and for what is somebody else's, what the account has of it and whether
/// that is new to it.
pub(super) async fn complete(
    tx: &Tx,
    rows: Vec<Row>,
    with: impl Fn(AccountId, SecretId) -> Option<(Permission, bool)>,
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
            let (id, owner) = (record::id(&row.id)?, record::id(&row.owner)?);
            let (permission, is_new) = with(owner, id).unzip();
            Ok(SecretRow {
                id,
                owner,
                owner_name: name(&row.owner)?,
                permission,
                shared: permission.is_some() || shared(id),
                is_new: is_new.unwrap_or_default(),
                enabled: row.enabled,
                revision: record::number(row.revision)?,
                last_used_at: row.last_used_at.as_ref().map(millis),
                rotated_at: millis(&row.rotated_at),
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
                    rotate_on: row.rotate_on,
                },
            })
        })
        .collect()
}
