use surrealdb::types::{Bytes, Datetime, RecordId, SurrealValue};
use vault::{AccountId, GroupId, GroupSigner};

use crate::account::{Role, require_active};
use crate::clock::{Millis, millis, now};
use crate::database::{Store, Tx, insert, query};
use crate::error::StoreError;
use crate::{directory, record};

/// Who manages a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// Administrators; everyone can share with it.
    UserGroup,
    /// The person who made it.
    PrivateGroup,
}

impl GroupKind {
    fn text(self) -> &'static str {
        match self {
            Self::UserGroup => "user_group",
            Self::PrivateGroup => "private_group",
        }
    }

    /// Who answers for the key of such a group.
    pub fn signer(self) -> GroupSigner {
        match self {
            Self::UserGroup => GroupSigner::Administrators,
            Self::PrivateGroup => GroupSigner::Owner,
        }
    }

    pub(crate) fn parse(text: &str) -> Result<Self, StoreError> {
        match text {
            "user_group" => Ok(Self::UserGroup),
            "private_group" => Ok(Self::PrivateGroup),
            other => Err(StoreError::Content(format!("kind of group {other}"))),
        }
    }
}

/// A group as those who may see it see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The group.
    pub id: GroupId,
    /// Who manages it.
    pub kind: GroupKind,
    /// How it is called.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it gives access and can be shared with.
    pub enabled: bool,
    /// How many people are in it.
    pub members: u32,
}

/// A person in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub account: AccountId,
    /// How they are called.
    pub name: String,
    /// What they sign in with.
    pub username: String,
    /// Where they get mail.
    pub email: String,
    /// Who added them.
    pub added_by: String,
    /// When they were added.
    pub added_at: Millis,
}

/// A group whose first key is made.
#[derive(Clone, Debug)]
pub struct NewGroup {
    /// The group; its id is bound into its keys.
    pub id: GroupId,
    /// Who manages it.
    pub kind: GroupKind,
    /// How it is called.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether members see who else is in it.
    pub members_can_view: bool,
    /// What others seal to.
    pub public_key: Vec<u8>,
    /// The signature of who makes the group over its key.
    pub signature: Vec<u8>,
    /// The seed, sealed to who manages the group.
    pub management: Vec<u8>,
    /// Who is in it.
    pub members: Vec<NewMember>,
}

/// A person to be in a new group.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// Who.
    pub account: AccountId,
    /// The group's seed, sealed to them.
    pub seed: Vec<u8>,
}

#[derive(SurrealValue)]
struct NewGroupRow {
    id: RecordId,
    kind: String,
    name: String,
    name_key: String,
    description: String,
    enabled: bool,
    members_can_view: bool,
    owner: Option<RecordId>,
    epoch: i64,
    public_key: Bytes,
    management: Bytes,
    signer: RecordId,
    signature: Bytes,
    created_at: Datetime,
}

#[derive(SurrealValue)]
struct MembershipRow {
    id: RecordId,
    account: RecordId,
    group: RecordId,
    epoch: i64,
    seed: Bytes,
    added_by: RecordId,
    added_at: Datetime,
}

#[derive(SurrealValue)]
struct GroupRow {
    id: RecordId,
    kind: String,
    name: String,
    description: String,
    enabled: bool,
    owner: Option<RecordId>,
    members_can_view: bool,
    members: i64,
}

const GROUP: &str = "SELECT id, kind, name, name_key, description, enabled, owner, members_can_view, \
                     count((SELECT VALUE id FROM membership WHERE `group` = $parent.id)) AS members";

#[derive(SurrealValue)]
struct MemberRow {
    account: RecordId,
    name: String,
    username: String,
    email: String,
    added_by: String,
    added_at: Datetime,
}

impl Store {
    /// Adds a group with its members: a user group by an administrator, a private group by anyone as its owner.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for a user group by a member.
    pub async fn add_group(&self, caller: AccountId, group: &NewGroup) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            if require_active(&tx, caller).await? != Role::Administrator && group.kind == GroupKind::UserGroup {
                return Err(StoreError::Forbidden);
            }
            let row = NewGroupRow {
                id: record::group(group.id),
                kind: group.kind.text().into(),
                name: group.name.clone(),
                name_key: directory::search_key(&group.name),
                description: group.description.clone(),
                enabled: true,
                members_can_view: group.members_can_view,
                owner: (group.kind == GroupKind::PrivateGroup).then(|| record::account(caller)),
                epoch: 1,
                public_key: group.public_key.clone().into(),
                management: group.management.clone().into(),
                signer: record::account(caller),
                signature: group.signature.clone().into(),
                created_at: now(),
            };
            insert(&tx, "group", vec![row]).await?;
            let memberships = group.members.iter().map(|member| MembershipRow {
                id: record::membership(member.account, group.id),
                account: record::account(member.account),
                group: record::group(group.id),
                epoch: 1,
                seed: member.seed.clone().into(),
                added_by: record::account(caller),
                added_at: now(),
            });
            insert(&tx, "membership", memberships.collect()).await
        })
        .await
    }

    /// The groups that `caller` may see: every user group, their own private groups, and those they are in.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn groups(&self, caller: AccountId) -> Result<Vec<Group>, StoreError> {
        let text = format!(
            "LET $mine = (SELECT VALUE `group` FROM membership:[$key, NONE]..=[$key, ..]);
             {GROUP} FROM `group` WHERE kind = 'user_group' OR owner = $caller OR id IN $mine ORDER BY name_key"
        );
        let rows: Vec<GroupRow> =
            query!(self.db, text, caller = record::account(caller), key = caller.uuid())?.take(1)?;
        rows.into_iter().map(Group::try_from).collect()
    }

    /// One group and who is in it, for its owner, for administrators (user groups), and for members where the group lets them.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for everyone else.
    pub async fn group(&self, caller: AccountId, id: GroupId) -> Result<(Group, Vec<Member>), StoreError> {
        let role = self.account(caller).await?.role;
        self.transact(|tx| async move {
            let row: Option<GroupRow> =
                query!(tx, format!("{GROUP} FROM ONLY $id"), id = record::group(id))?.take(0)?;
            let row = row.ok_or(StoreError::NotFound)?;
            let owner: Option<AccountId> = row.owner.as_ref().map(record::id).transpose()?;
            let manages = match owner {
                Some(owner) => owner == caller,
                None => role == Role::Administrator,
            };
            if !(manages || row.members_can_view && is_member(&tx, caller, id).await?) {
                return Err(StoreError::NotFound);
            }
            let members: Vec<MemberRow> = query!(
                tx,
                "SELECT account, account.name AS name, account.username AS username, account.email AS email,
                        added_by.name AS added_by, added_at
                 FROM membership WHERE `group` = $id ORDER BY name",
                id = record::group(id)
            )?
            .take(0)?;
            let members = members.into_iter().map(Member::try_from).collect::<Result<_, _>>()?;
            Ok((row.try_into()?, members))
        })
        .await
    }
}

impl TryFrom<GroupRow> for Group {
    type Error = StoreError;

    fn try_from(row: GroupRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: record::id(&row.id)?,
            kind: GroupKind::parse(&row.kind)?,
            name: row.name,
            description: row.description,
            enabled: row.enabled,
            members: u32::try_from(row.members).unwrap_or(u32::MAX),
        })
    }
}

impl TryFrom<MemberRow> for Member {
    type Error = StoreError;

    fn try_from(row: MemberRow) -> Result<Self, StoreError> {
        Ok(Self {
            account: record::id(&row.account)?,
            name: row.name,
            username: row.username,
            email: row.email,
            added_by: row.added_by,
            added_at: millis(&row.added_at),
        })
    }
}

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
