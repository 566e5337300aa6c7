mod change;
mod members;
mod sharing;
mod upkeep;

use surrealdb::types::{Bytes, Datetime, RecordId, SurrealValue};
use vault::{AccountId, Entry, GroupId, GroupKey, GroupSigner, Roster, SealedSeed, SignedRoster};

use crate::account::{Role, Status, require_active, require_administrator};
use crate::audit::{Event, note_group, note_members};
use crate::clock::{Millis, millis, now};
use crate::database::{Store, Tx, insert, query};
use crate::error::StoreError;
use crate::search::changed;
use crate::trust::{entry_of, require_mandate};
use crate::{directory, record};
pub use change::GroupChange;
pub use members::{NewEpoch, SealedTo};
pub(crate) use members::{members_of, members_seed};
pub(crate) use sharing::{can_share_with, is_member, may_share_with};
pub use upkeep::GroupUpkeep;

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
    /// How the owner of a private group is called.
    pub owner: Option<String>,
    /// How it is called.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it gives access and can be shared with.
    pub enabled: bool,
    /// Whether members see who is in it, and a private group at all.
    pub members_can_view: bool,
    /// The epoch of its key.
    pub epoch: u64,
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
    /// Whether they can sign in.
    pub status: Status,
    /// Who added them.
    pub added_by: String,
    /// When they were added.
    pub added_at: Millis,
}

/// One group, with who is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDetails {
    /// The group.
    pub group: Group,
    /// Who is in it.
    pub members: Vec<Member>,
    /// Who is in it, as who manages it signed it.
    pub roster: SignedRoster,
    /// The seed for one who manages the group and has it.
    pub seed: Option<SealedSeed>,
    /// Whether the caller manages the group.
    pub manages: bool,
    /// Whether the caller may disable it.
    pub may_disable: bool,
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
    /// Whether members see who is in it, and a private group at all.
    pub members_can_view: bool,
    /// What others seal to.
    pub public_key: Vec<u8>,
    /// The signature of who makes the group over its key.
    pub signature: Vec<u8>,
    /// The seed, sealed to those who manage the group; to who makes it at least.
    pub managers: Vec<SealedTo>,
    /// The seed, sealed to those who are in it.
    pub members: Vec<SealedTo>,
    /// The signature of who makes the group over its members.
    pub roster_signature: Vec<u8>,
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
    signer: RecordId,
    signer_epoch: i64,
    signature: Bytes,
    roster_signer: RecordId,
    roster_signature: Bytes,
    created_at: Datetime,
}

#[derive(SurrealValue)]
struct GroupRow {
    id: RecordId,
    kind: String,
    name: String,
    description: String,
    enabled: bool,
    owner: Option<RecordId>,
    owner_name: Option<String>,
    members_can_view: bool,
    epoch: i64,
    members: i64,
}

const GROUP: &str = "SELECT id, kind, name, name_key, description, enabled, owner, owner.name AS owner_name, \
                     members_can_view, epoch, count((SELECT VALUE id FROM membership WHERE `group` = $parent.id)) AS members";

#[derive(SurrealValue)]
struct MemberRow {
    account: RecordId,
    name: String,
    username: String,
    email: String,
    status: String,
    added_by: String,
    added_at: Datetime,
}

/// A group that the caller manages, locked for the transaction, and who the caller is.
struct Managed {
    kind: GroupKind,
    key: GroupKey,
    caller: Entry,
}

#[derive(SurrealValue)]
struct KeyRow {
    kind: String,
    name: String,
    owner: Option<RecordId>,
    epoch: i64,
    public_key: Bytes,
}

impl Store {
    /// Adds a group with its members: a user group by an administrator, a private group by anyone as its owner. The same again is no
    /// second one.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for a user group by a member, [`StoreError::NoMandate`] by an administrator whose signature does not count
    /// yet, [`StoreError::Malformed`] for a signature that does not fit, [`StoreError::Refused`] with everyone who cannot be in it,
    /// [`StoreError::Reused`] for another group with this id.
    pub async fn add_group(&self, caller: AccountId, group: &NewGroup) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            let signer = match group.kind {
                GroupKind::UserGroup => require_mandate(&tx, caller).await?,
                GroupKind::PrivateGroup => own_entry(&tx, caller).await?,
            };
            let known: Option<Bytes> =
                query!(tx, "SELECT VALUE signature FROM ONLY $id", id = record::group(group.id))?.take(0)?;
            match known {
                Some(signature) if *signature == *group.signature => return Ok(()),
                Some(_) => return Err(StoreError::Reused),
                None => {}
            }
            let key = GroupKey {
                group: group.id,
                name: group.name.clone(),
                managed_by: group.kind.signer(),
                epoch: 1,
                key: group.public_key.clone(),
            };
            let roster = Roster::new(group.id, 1, group.members.iter().map(|to| to.account));
            if !roster.is_by(&group.roster_signature, &signer) {
                return Err(StoreError::Malformed("the group's members and their signature"));
            }
            if !key.is_by(&group.signature, &signer) || !group.managers.iter().any(|to| to.account == caller) {
                return Err(StoreError::Malformed("the group and its signature"));
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
                signer: record::account(caller),
                signer_epoch: record::integer(signer.epoch)?,
                signature: group.signature.clone().into(),
                roster_signer: record::account(caller),
                roster_signature: group.roster_signature.clone().into(),
                created_at: now(),
            };
            insert(&tx, "group", vec![row]).await?;
            changed(&tx, &[record::group(group.id)]).await?;
            members::require_managers(&tx, caller, group.kind, &group.managers).await?;
            members::write_managers(&tx, group.id, 1, &group.managers).await?;
            members::require_members(&tx, &group.members).await?;
            members::write_members(&tx, caller, group.id, 1, &group.members).await?;
            note_group(&tx, Event::GroupAdded, caller, group.id).await?;
            let members: Vec<AccountId> = group.members.iter().map(|to| to.account).collect();
            note_members(&tx, Event::MemberAdded, caller, group.id, &members).await
        })
        .await
    }

    /// The groups that `caller` may see: every user group, their own private groups, and those they are in whose members may see them.
    /// Administrators see that there are others, to disable them if need be.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn groups(&self, caller: AccountId) -> Result<Vec<Group>, StoreError> {
        let text = format!(
            "LET $mine = (SELECT VALUE `group` FROM membership:[$key, NONE]..=[$key, ..]);
             LET $all = (SELECT VALUE role FROM ONLY $caller) = 'administrator';
             {GROUP} FROM `group` WHERE $all OR kind = 'user_group' OR owner = $caller OR (members_can_view AND id IN $mine)
                 ORDER BY name_key"
        );
        let rows: Vec<GroupRow> =
            query!(self.db, text, caller = record::account(caller), key = caller.uuid())?.take(2)?;
        rows.into_iter().map(Group::try_from).collect()
    }

    /// One group and who is in it, for who manages it, for administrators, and for members where the group lets them.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for everyone else.
    pub async fn group(&self, caller: AccountId, id: GroupId) -> Result<GroupDetails, StoreError> {
        self.transact(|tx| async move {
            let role = require_active(&tx, caller).await?;
            let row: Option<GroupRow> =
                query!(tx, format!("{GROUP} FROM ONLY $id"), id = record::group(id))?.take(0)?;
            let row = row.ok_or(StoreError::NotFound)?;
            let owner: Option<AccountId> = row.owner.as_ref().map(record::id).transpose()?;
            let manages = match owner {
                Some(owner) => owner == caller,
                None => role == Role::Administrator,
            };
            if !(manages || role == Role::Administrator || row.members_can_view && is_member(&tx, caller, id).await?) {
                return Err(StoreError::NotFound);
            }
            let members: Vec<MemberRow> = query!(
                tx,
                "SELECT account, account.name AS name, account.username AS username, account.email AS email,
                        account.status AS status, added_by.name AS added_by, added_at
                 FROM membership WHERE `group` = $id ORDER BY name",
                id = record::group(id)
            )?
            .take(0)?;
            let members = members.into_iter().map(Member::try_from).collect::<Result<Vec<_>, _>>()?;
            Ok(GroupDetails {
                roster: members::signed_roster(&tx, id).await?,
                members,
                seed: if manages { members::managers_seed(&tx, caller, id).await? } else { None },
                may_disable: manages || role == Role::Administrator,
                group: row.try_into()?,
                manages,
            })
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
            owner: row.owner_name,
            name: row.name,
            description: row.description,
            enabled: row.enabled,
            members_can_view: row.members_can_view,
            epoch: record::number(row.epoch)?,
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
            status: Status::parse(&row.status)?,
            added_by: row.added_by,
            added_at: millis(&row.added_at),
        })
    }
}

/// The signed keys of someone who is active.
async fn own_entry(tx: &Tx, caller: AccountId) -> Result<Entry, StoreError> {
    require_active(tx, caller).await?;
    let entry = entry_of(tx, caller).await?.and_then(|entry| entry.signed);
    Ok(entry.ok_or(StoreError::Forbidden)?.entry)
}

/// A group that `caller` manages. The transaction fails if it changes before it commits.
async fn managed(tx: &Tx, caller: AccountId, id: GroupId) -> Result<Managed, StoreError> {
    let row: Option<KeyRow> =
        query!(tx, "SELECT kind, name, owner, epoch, public_key FROM ONLY $id FOR UPDATE", id = record::group(id))?
            .take(0)?;
    let row = row.ok_or(StoreError::NotFound)?;
    let kind = GroupKind::parse(&row.kind)?;
    let caller = match row.owner.as_ref().map(record::id::<AccountId>).transpose()? {
        Some(owner) if owner == caller => own_entry(tx, caller).await?,
        Some(_) => return Err(StoreError::NotFound),
        None => {
            require_administrator(tx, caller).await?;
            require_mandate(tx, caller).await?
        }
    };
    let key = GroupKey {
        group: id,
        name: row.name,
        managed_by: kind.signer(),
        epoch: record::number(row.epoch)?,
        key: row.public_key.to_vec(),
    };
    Ok(Managed { kind, key, caller })
}
