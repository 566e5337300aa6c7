//! Who can share with a group.

use surrealdb::types::{RecordId, SurrealValue};
use vault::{AccountId, GroupId};

use super::GroupKind;
use crate::database::{Tx, query};
use crate::error::StoreError;
use crate::record;

/// Whether `account` is in `group`.
pub(crate) async fn is_member(tx: &Tx, account: AccountId, group: GroupId) -> Result<bool, StoreError> {
    let row: Option<RecordId> =
        query!(tx, "SELECT VALUE id FROM ONLY $id", id = record::membership(account, group))?.take(0)?;
    Ok(row.is_some())
}

/// Whether `caller` may share with a group: with every user group, with private groups of their own, and with those they are in and
/// whose members may see the group.
pub(crate) async fn may_share_with(
    tx: &Tx,
    caller: AccountId,
    group: GroupId,
    kind: GroupKind,
    owner: Option<AccountId>,
    members_can_view: bool,
) -> Result<bool, StoreError> {
    Ok(kind == GroupKind::UserGroup
        || owner == Some(caller)
        || (members_can_view && is_member(tx, caller, group).await?))
}

/// Whether `caller` can share with a group, enabled or not.
pub(crate) async fn can_share_with(tx: &Tx, caller: AccountId, group: GroupId) -> Result<bool, StoreError> {
    let text = "SELECT kind, owner, members_can_view FROM ONLY $id";
    let row: Option<ShareWithRow> = query!(tx, text, id = record::group(group))?.take(0)?;
    let Some(row) = row else { return Ok(false) };
    let owner = row.owner.as_ref().map(record::id).transpose()?;
    may_share_with(tx, caller, group, GroupKind::parse(&row.kind)?, owner, row.members_can_view).await
}

#[derive(SurrealValue)]
struct ShareWithRow {
    kind: String,
    owner: Option<RecordId>,
    members_can_view: bool,
}
