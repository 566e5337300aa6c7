//! Who may do what with a secret: the one place that decides it (`docs/model.md`, effective access).

mod shared;
mod users;
mod why;

use std::collections::HashMap;

use surrealdb::types::{Bytes, RecordId, RecordIdKey, SurrealValue, Value};
use vault::{AccountId, GroupId, Path, Permission, RecipientId, SecretId, ShareId};

use crate::clock::now;
use crate::database::{Tx, query};
use crate::error::StoreError;
use crate::limit::{Granted, Limits};
use crate::record;

pub(crate) use shared::{SharedWith, shared_among, shared_by_way_of, shared_since, shared_with};
pub use users::RecipientAccess;
pub(crate) use why::group_for;
pub use why::{PersonWithAccess, Way};

/// One way through a share to a secret, without the seed of the group where it goes through one.
pub(crate) struct FoundPath {
    pub path: Path,
    /// With which of the granter's keys the manifest is signed.
    pub granter_epoch: i64,
}

pub(crate) fn permission_text(permission: Permission) -> &'static str {
    match permission {
        Permission::View => "view",
        Permission::Edit => "edit",
        Permission::Own => "own",
    }
}

pub(crate) fn parse_permission(text: &str) -> Result<Permission, StoreError> {
    match text {
        "view" => Ok(Permission::View),
        "edit" => Ok(Permission::Edit),
        "own" => Ok(Permission::Own),
        other => Err(StoreError::Content(format!("permission {other}"))),
    }
}

/// The second UUID of a row between two words.
pub(crate) fn second<T: From<uuid::Uuid>>(record: &RecordId) -> Result<T, StoreError> {
    part(record, 1)
}

/// The first UUID of a row between two words.
pub(crate) fn first<T: From<uuid::Uuid>>(record: &RecordId) -> Result<T, StoreError> {
    part(record, 0)
}

fn part<T: From<uuid::Uuid>>(record: &RecordId, index: usize) -> Result<T, StoreError> {
    if let RecordIdKey::Array(key) = &record.key
        && let Some(Value::Uuid(id)) = key.get(index)
    {
        return Ok(T::from((*id).into()));
    }
    Err(StoreError::Content(format!("{:?} as the id of a row between two words", record.key)))
}

/// The enabled groups of an account.
async fn groups_of(tx: &Tx, account: AccountId) -> Result<Vec<GroupId>, StoreError> {
    let rows: Vec<RecordId> = query!(
        tx,
        "SELECT VALUE `group` FROM membership:[$key, NONE]..=[$key, ..] WHERE `group`.enabled",
        key = account.uuid()
    )?
    .take(0)?;
    rows.iter().map(record::id).collect()
}

/// Makes the transaction fail if what gives `account` access to the secrets of `owner` changes before it commits: a limit or the end of a share, and who
/// is in a group.
pub(crate) async fn rely_on_access(tx: &Tx, account: AccountId, owner: AccountId) -> Result<(), StoreError> {
    let text = "SELECT VALUE [id, `group`] FROM membership:[$key, NONE]..=[$key, ..]";
    let memberships: Vec<Vec<RecordId>> = query!(tx, text, key = account.uuid())?.take(0)?;
    let mut rows: Vec<RecordId> = memberships.into_iter().flatten().collect();
    rows.push(record::ownership(owner));
    for row in rows {
        query!(tx, "SELECT VALUE id FROM ONLY $row FOR UPDATE", row = row)?;
    }
    Ok(())
}

/// Everyone through whom `account` gets access: itself, and its enabled groups.
pub(crate) async fn recipients_of(tx: &Tx, account: AccountId) -> Result<Vec<RecipientId>, StoreError> {
    let groups = groups_of(tx, account).await?.into_iter().map(RecipientId::Group);
    Ok(std::iter::once(RecipientId::Account(account)).chain(groups).collect())
}

#[derive(SurrealValue)]
struct GrantRow {
    share: RecordId,
    recipient: RecordId,
    granter: RecordId,
    permission: String,
    number: i64,
}

impl GrantRow {
    fn granted(&self) -> Result<Granted, StoreError> {
        granted(&self.recipient, &self.granter, &self.permission, self.number)
    }
}

/// What a row of a grant says.
fn granted(recipient: &RecordId, granter: &RecordId, permission: &str, number: i64) -> Result<Granted, StoreError> {
    Ok(Granted {
        granter: record::id(granter)?,
        recipient: record::recipient_id(recipient)?,
        permission: parse_permission(permission)?,
        number,
    })
}

/// The grants to some recipients, by live shares.
pub(crate) async fn grants_to(
    tx: &Tx,
    recipients: &[RecipientId],
) -> Result<HashMap<ShareId, Vec<Granted>>, StoreError> {
    let mut shares: HashMap<ShareId, Vec<Granted>> = HashMap::new();
    for recipient in recipients {
        let grants: Vec<GrantRow> = query!(
            tx,
            "SELECT share, recipient, share.granter AS granter, permission, number FROM grant:[$key, NONE]..=[$key, ..]
             WHERE share.ends_at IS NONE OR share.ends_at > $now",
            key = record::recipient(*recipient),
            now = now()
        )?
        .take(0)?;
        for grant in grants {
            shares.entry(record::id(&grant.share)?).or_default().push(grant.granted()?);
        }
    }
    Ok(shares)
}

/// The grants of one share.
pub(crate) async fn grants_of(tx: &Tx, share: ShareId) -> Result<Vec<Granted>, StoreError> {
    let rows: Vec<GrantRow> = query!(
        tx,
        "SELECT share, recipient, share.granter AS granter, permission, number FROM grant WHERE share = $share",
        share = record::share(share)
    )?
    .take(0)?;
    rows.iter().map(GrantRow::granted).collect()
}

/// The secrets that one share gives access to, in order of their ids.
pub(crate) async fn items_of(tx: &Tx, share: ShareId) -> Result<Vec<SecretId>, StoreError> {
    let secrets: Vec<RecordId> =
        query!(tx, "SELECT VALUE secret FROM item:[$key, NONE]..=[$key, ..] WHERE !ended", key = share.uuid())?
            .take(0)?;
    secrets.iter().map(record::id).collect()
}

/// The live items that some secrets are in, by their shares; without those that `account` has left. Asked for one by one: there is an index, which a list
/// of secrets would not use.
pub(crate) async fn items_among(
    tx: &Tx,
    secrets: &[SecretId],
    account: Option<AccountId>,
) -> Result<HashMap<ShareId, Vec<SecretId>>, StoreError> {
    let mut found: HashMap<ShareId, Vec<SecretId>> = HashMap::new();
    for secret in secrets {
        let text = "SELECT VALUE id FROM item
                    WHERE secret = $secret AND !ended AND ($account IS NONE OR left CONTAINSNOT $account)";
        let (id, account) = (record::secret(*secret), account.map(record::account));
        let items: Vec<RecordId> = query!(tx, text, secret = id, account = account)?.take(0)?;
        for item in &items {
            found.entry(first(item)?).or_default().push(*secret);
        }
    }
    Ok(found)
}

#[derive(SurrealValue)]
struct ItemRow {
    id: RecordId,
    key: Bytes,
}

#[derive(SurrealValue)]
struct PathRow {
    id: RecordId,
    granter: RecordId,
    granter_epoch: i64,
    epoch: i64,
    recipient: RecordId,
    recipient_epoch: i64,
    permission: String,
    number: i64,
    key: Bytes,
}

/// The best way for `account` to a secret that somebody else owns, and what it allows: the highest permission, a grant to the account itself before
/// one to a group.
pub(crate) async fn best_path(
    tx: &Tx,
    account: AccountId,
    secret: SecretId,
) -> Result<Option<(FoundPath, Permission)>, StoreError> {
    let rank = |(found, allowed): &(FoundPath, Permission)| {
        (*allowed, matches!(found.path.recipient, RecipientId::Account(_)))
    };
    let ways = paths(tx, account, secret).await?.into_iter();
    Ok(ways.reduce(|best, path| if rank(&path) > rank(&best) { path } else { best }))
}

/// Every way for `account` to a secret through shares, and what each allows.
async fn paths(tx: &Tx, account: AccountId, secret: SecretId) -> Result<Vec<(FoundPath, Permission)>, StoreError> {
    let items: Vec<ItemRow> = query!(
        tx,
        "SELECT id, key FROM item WHERE secret = $secret AND !ended AND left CONTAINSNOT $account",
        secret = record::secret(secret),
        account = record::account(account)
    )?
    .take(0)?;
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let mut item_keys: HashMap<ShareId, Vec<u8>> = HashMap::new();
    for item in items {
        item_keys.insert(first(&item.id)?, item.key.to_vec());
    }
    let recipients = recipients_of(tx, account).await?;
    let grants: Vec<RecordId> = item_keys
        .keys()
        .flat_map(|share| recipients.iter().map(|recipient| record::grant(*recipient, *share)))
        .collect();
    let rows: Vec<PathRow> = query!(
        tx,
        "SELECT id, share.granter AS granter, share.granter_epoch AS granter_epoch, share.epoch AS epoch,
                recipient, recipient_epoch, permission, number, key
         FROM $grants WHERE share.ends_at IS NONE OR share.ends_at > $now",
        grants = grants,
        now = now()
    )?
    .take(0)?;
    let limits = Limits::on_secret(tx, secret).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let share: ShareId = second(&row.id)?;
        let grant = granted(&row.recipient, &row.granter, &row.permission, row.number)?;
        let Some(allowed) = limits.leave(&grant, secret) else { continue };
        let path = Path {
            share,
            epoch: record::number(row.epoch)?,
            granter: grant.granter,
            recipient: grant.recipient,
            recipient_epoch: record::number(row.recipient_epoch)?,
            permission: grant.permission,
            grant_key: row.key.to_vec(),
            item_key: item_keys.get(&share).cloned().unwrap_or_default(),
            seed: None,
        };
        found.push((FoundPath { path, granter_epoch: row.granter_epoch }, allowed));
    }
    Ok(found)
}

/// What an account may do with a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Owner,
    Shared(Permission),
}

impl Access {
    pub(crate) fn may_edit(self) -> bool {
        match self {
            Self::Owner => true,
            Self::Shared(permission) => permission >= Permission::Edit,
        }
    }
}

/// What `account` may do with a secret of `owner`; `None` where it may not even know of it.
pub(crate) async fn access(
    tx: &Tx,
    account: AccountId,
    secret: SecretId,
    owner: AccountId,
) -> Result<Option<Access>, StoreError> {
    if owner == account {
        return Ok(Some(Access::Owner));
    }
    Ok(best_path(tx, account, secret).await?.map(|(_, allowed)| Access::Shared(allowed)))
}

/// The live shares that a secret is in.
pub(crate) async fn shares_of(tx: &Tx, secret: SecretId) -> Result<Vec<RecordId>, StoreError> {
    let items: Vec<RecordId> =
        query!(tx, "SELECT VALUE id FROM item WHERE secret = $secret AND !ended", secret = record::secret(secret))?
            .take(0)?;
    let shares = items.iter().map(|item| first(item).map(record::share)).collect::<Result<Vec<_>, _>>()?;
    let live = "SELECT VALUE id FROM $shares WHERE ends_at IS NONE OR ends_at > $now";
    Ok(query!(tx, live, shares = shares, now = now())?.take(0)?)
}
