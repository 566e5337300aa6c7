//! Why somebody can see a secret: the people behind a group, and every way by which one person has access.

use surrealdb::types::{Datetime, RecordId, SurrealValue};
use vault::{AccountId, BatchId, GroupId, Permission, RecipientId, SecretId};

use super::users::left_of;
use super::{access, grants_of, paths, shares_of};
use crate::account::{Role, require_active};
use crate::clock::{Millis, millis};
use crate::database::{Store, Tx, query};
use crate::error::StoreError;
use crate::group::{GroupKind, is_member};
use crate::limit::{Granted, Limits};
use crate::record;
use crate::secret::owner_of;

/// A person who has access by a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonWithAccess {
    /// Who.
    pub account: AccountId,
    /// How they are called.
    pub name: String,
    /// What they sign in with.
    pub username: String,
    /// Whether they can sign in: whoever cannot has no access.
    pub active: bool,
}

/// One way by which somebody has access to a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Whom it is shared with: the person, or a group they are in.
    pub recipient: RecipientId,
    /// How the group is called; `None` for the person.
    pub group: Option<String>,
    /// What it gives, after all limits.
    pub permission: Permission,
    /// Who shared it.
    pub shared_by: String,
    /// When.
    pub shared_at: Millis,
    /// When it ends by itself.
    pub ends_at: Option<Millis>,
    /// Its receipt, for the owner.
    pub batch: Option<BatchId>,
}

#[derive(SurrealValue)]
struct PersonRow {
    account: RecordId,
    name: String,
    username: String,
    status: String,
}

#[derive(SurrealValue)]
struct GroupRow {
    kind: String,
    name: String,
    owner: Option<RecordId>,
    members_can_view: bool,
}

#[derive(SurrealValue)]
struct ShareRow {
    granter: String,
    created_at: Datetime,
    ends_at: Option<Datetime>,
    batch: Option<RecordId>,
}

impl Store {
    /// The people who have access to a secret by a group, by name, without those who left it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for those who have no access themselves or may not see who is in the group.
    pub async fn people_with_access(
        &self,
        caller: AccountId,
        secret: SecretId,
        group: GroupId,
    ) -> Result<Vec<PersonWithAccess>, StoreError> {
        self.transact(|tx| async move {
            let owner = visible_owner(&tx, caller, secret).await?;
            group_for(&tx, caller, owner, group).await?.ok_or(StoreError::NotFound)?;
            let gives = shares_by(&tx, secret, group).await?;
            let text = "SELECT account, account.name AS name, account.username AS username, account.status AS status
                        FROM membership WHERE `group` = $id AND `group`.enabled ORDER BY name, username";
            let rows: Vec<PersonRow> = query!(tx, text, id = record::group(group))?.take(0)?;
            let mut people = Vec::with_capacity(rows.len());
            for row in rows {
                if gives.iter().any(|left| !left.contains(&row.account)) {
                    let (account, active) = (record::id(&row.account)?, row.status == "active");
                    people.push(PersonWithAccess { account, name: row.name, username: row.username, active });
                }
            }
            Ok(people)
        })
        .await
    }

    /// Every way by which `account` has access to a secret, the strongest first. Ways by groups whose members `caller` may not see are left out.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for those who have no access themselves.
    pub async fn why(&self, caller: AccountId, secret: SecretId, account: AccountId) -> Result<Vec<Way>, StoreError> {
        self.transact(|tx| async move {
            let owner = visible_owner(&tx, caller, secret).await?;
            let mut ways = Vec::new();
            // Who owns it needs no way, whatever they have by a group; nor does a transfer share anything.
            let paths = if owner == account { Vec::new() } else { paths(&tx, account, secret).await? };
            for (found, permission) in paths.into_iter().filter(|(found, _)| found.path.permission != Permission::Own) {
                let path = found.path;
                let group = match path.recipient {
                    RecipientId::Account(_) => None,
                    RecipientId::Group(group) => match group_for(&tx, caller, owner, group).await? {
                        Some(name) => Some(name),
                        // One is in it oneself, and knows how it is called.
                        None if account == caller => name_of(&tx, group).await?,
                        None => continue,
                    },
                };
                let text = "SELECT granter.name AS granter, created_at, ends_at, batch FROM ONLY $id";
                let share: Option<ShareRow> = query!(tx, text, id = record::share(path.share))?.take(0)?;
                let share = share.ok_or(StoreError::NotFound)?;
                ways.push(Way {
                    recipient: path.recipient,
                    group,
                    permission,
                    shared_by: share.granter,
                    shared_at: millis(&share.created_at),
                    ends_at: share.ends_at.as_ref().map(millis),
                    batch: share.batch.as_ref().filter(|_| owner == caller).map(record::id).transpose()?,
                });
            }
            ways.sort_by_key(|way| (std::cmp::Reverse(way.permission), way.group.is_some(), way.shared_at));
            Ok(ways)
        })
        .await
    }
}

/// The owner of a secret that `caller` has access to.
async fn visible_owner(tx: &Tx, caller: AccountId, secret: SecretId) -> Result<AccountId, StoreError> {
    let owner = owner_of(tx, secret).await?.ok_or(StoreError::NotFound)?;
    access(tx, caller, secret, owner).await?.ok_or(StoreError::NotFound)?;
    Ok(owner)
}

/// The live shares by which a group has a secret: who left it in each.
async fn shares_by(tx: &Tx, secret: SecretId, group: GroupId) -> Result<Vec<Vec<RecordId>>, StoreError> {
    let (limits, mut found) = (Limits::on_secret(tx, secret).await?, Vec::new());
    for share in shares_of(tx, secret).await? {
        let share = record::id(&share)?;
        let grants = grants_of(tx, share).await?;
        let gives =
            |grant: &Granted| grant.recipient == RecipientId::Group(group) && limits.leave(grant, secret).is_some();
        if grants.iter().any(gives) {
            found.push(left_of(tx, share, secret).await?);
        }
    }
    Ok(found)
}

async fn name_of(tx: &Tx, group: GroupId) -> Result<Option<String>, StoreError> {
    Ok(query!(tx, "SELECT VALUE name FROM ONLY $id", id = record::group(group))?.take(0)?)
}

/// How a group is called, for those who may see who is in it: who manages it, administrators, members where the group lets them, and the owner of a
/// secret, who has to know who can read it, where the group is a user group.
pub(crate) async fn group_for(
    tx: &Tx,
    caller: AccountId,
    owner: AccountId,
    group: GroupId,
) -> Result<Option<String>, StoreError> {
    let text = "SELECT kind, name, owner, members_can_view FROM ONLY $id";
    let row: Option<GroupRow> = query!(tx, text, id = record::group(group))?.take(0)?;
    let Some(row) = row else { return Ok(None) };
    let may_see = row.owner == Some(record::account(caller))
        || (GroupKind::parse(&row.kind)? == GroupKind::UserGroup && owner == caller)
        || require_active(tx, caller).await? == Role::Administrator
        || (row.members_can_view && is_member(tx, caller, group).await?);
    Ok(may_see.then_some(row.name))
}
