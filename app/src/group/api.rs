//! Server functions for groups.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{AccountId, GroupId, SealedSeed, SignedEntry, SignedRoster};

use crate::error::AppError;
use crate::share::api::RecipientKind;

/// The most people that one request adds to a group.
pub const MAX_MEMBERS: usize = 10_000;

/// A group as those who may see it see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The group.
    pub id: GroupId,
    /// Who manages it.
    pub kind: RecipientKind,
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub account: AccountId,
    /// How they are called.
    pub name: String,
    /// What they sign in with.
    pub username: String,
    /// Where they get mail.
    pub email: String,
    /// Whether they can sign in no more.
    pub disabled: bool,
    /// Who added them.
    pub added_by: String,
    /// When they were added, in milliseconds since 1970.
    pub added_at: i64,
}

/// One group, with who is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// A group's seed, sealed to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedTo {
    /// To whom.
    pub account: AccountId,
    /// The sealed seed.
    pub seed: Vec<u8>,
}

/// What people say of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupFields {
    /// How it is called.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether members see who is in it, and a private group at all.
    pub members_can_view: bool,
}

/// A group whose first key is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewGroup {
    /// The group; its id is bound into its keys.
    pub id: GroupId,
    /// Whether administrators manage it, and not the caller alone.
    pub user_group: bool,
    /// What people say of it.
    pub fields: GroupFields,
    /// What others seal to.
    pub public_key: Vec<u8>,
    /// The caller's signature of name and key.
    pub signature: Vec<u8>,
    /// The seed, sealed to those who manage it.
    pub managers: Vec<SealedTo>,
    /// The caller's signature over its members: none.
    pub roster_signature: Vec<u8>,
}

/// A new key of a group, after somebody left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEpoch {
    /// The number of the new epoch.
    pub epoch: u64,
    /// What others seal to from now on.
    pub public_key: Vec<u8>,
    /// The caller's signature of name and new key.
    pub signature: Vec<u8>,
    /// The seed of the present epoch, sealed under the new one.
    pub earlier: Vec<u8>,
    /// The new seed, sealed to those who manage the group.
    pub managers: Vec<SealedTo>,
    /// The new seed, sealed to those who stay.
    pub members: Vec<SealedTo>,
    /// The caller's signature over those who stay.
    pub roster_signature: Vec<u8>,
}

impl GroupFields {
    /// The same without outer spaces, if people can use it.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for the first field that does not fit.
    pub fn checked(self) -> Result<Self, AppError> {
        let name = crate::account::check::check_text(crate::language::text!("Name"), &self.name)?;
        let description = self.description.trim().to_owned();
        if description.chars().count() > 500 || description.chars().any(crate::secret::deceives) {
            let reason = crate::language::text!("Use at most 500 characters, all of them visible.");
            return Err(AppError::invalid("Description", reason));
        }
        Ok(Self { name, description, ..self })
    }
}

/// The groups that the caller may see.
#[server(prefix = "/api", endpoint = "list_groups", input = Postcard, output = Postcard)]
pub async fn list_groups() -> Result<Vec<Group>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let groups = backend().store.groups(caller().await?.id).await?;
        Ok(groups.into_iter().map(Into::into).collect())
    })
    .await
}

/// One group and who is in it, for those who may see its members.
#[server(prefix = "/api", endpoint = "get_group", input = Postcard, output = Postcard)]
pub async fn get_group(id: GroupId) -> Result<GroupDetails, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async { Ok(backend().store.group(caller().await?.id, id).await?.into()) }).await
}

/// Adds a group without members: a user group by an administrator, a private group by anyone.
#[server(prefix = "/api", endpoint = "add_group", input = Postcard, output = Postcard)]
pub async fn add_group(new: NewGroup) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        let (id, fields) = (new.id, new.fields.checked()?);
        check_seeds(&new.managers)?;
        check_key(&new.public_key, &new.signature)?;
        let group = store::NewGroup {
            id,
            kind: if new.user_group { store::GroupKind::UserGroup } else { store::GroupKind::PrivateGroup },
            name: fields.name,
            description: fields.description,
            members_can_view: fields.members_can_view,
            public_key: new.public_key,
            signature: new.signature,
            managers: from_store::sealed(new.managers),
            members: Vec::new(),
            roster_signature: new.roster_signature,
        };
        backend().store.add_group(caller.id, &group).await.map_err(managers_only)?;
        tracing::info!(by = %caller.id, group = %id, "group added");
        Ok(())
    })
    .await
}

/// Changes what people say of a group; the name is signed with the key of `epoch`.
#[server(prefix = "/api", endpoint = "change_group", input = Postcard, output = Postcard)]
pub async fn change_group(id: GroupId, fields: GroupFields, epoch: u64, signature: Vec<u8>) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        let GroupFields { name, description, members_can_view } = fields.checked()?;
        let change = store::GroupChange { name, description, members_can_view, epoch, signature };
        backend().store.change_group(caller.id, id, &change).await.map_err(managers_only)?;
        tracing::info!(by = %caller.id, group = %id, "group changed");
        Ok(())
    })
    .await
}

/// Enables or disables a group.
#[server(prefix = "/api", endpoint = "set_group_enabled", input = Postcard, output = Postcard)]
pub async fn set_group_enabled(id: GroupId, enabled: bool) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        backend().store.set_group_enabled(caller.id, id, enabled).await.map_err(managers_only)?;
        tracing::info!(by = %caller.id, group = %id, enabled, "group enabled or disabled");
        Ok(())
    })
    .await
}

/// Adds people to a group, with its seed of `epoch` sealed to each, and the caller's signature over everyone who is in it then.
#[server(prefix = "/api", endpoint = "add_members", input = Postcard, output = Postcard)]
pub async fn add_members(
    id: GroupId,
    epoch: u64,
    members: Vec<SealedTo>,
    roster_signature: Vec<u8>,
) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        check_seeds(&members)?;
        let (count, members) = (members.len(), from_store::sealed(members));
        let added = backend().store.add_members(caller.id, id, epoch, &members, &roster_signature).await;
        added.map_err(managers_only)?;
        tracing::info!(by = %caller.id, group = %id, count, "members added");
        Ok(())
    })
    .await
}

/// Takes people out of a group and gives it a new key.
#[server(prefix = "/api", endpoint = "remove_members", input = Postcard, output = Postcard)]
pub async fn remove_members(id: GroupId, removed: Vec<AccountId>, new: NewEpoch) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        check_seeds(&new.members)?;
        check_seeds(&new.managers)?;
        check_key(&new.public_key, &new.signature)?;
        if removed.len() > MAX_MEMBERS || new.earlier.len() > 256 {
            return Err(AppError::BadRequest);
        }
        let new = store::NewEpoch {
            epoch: new.epoch,
            public_key: new.public_key,
            signature: new.signature,
            earlier: new.earlier,
            managers: from_store::sealed(new.managers),
            members: from_store::sealed(new.members),
            roster_signature: new.roster_signature,
        };
        backend().store.remove_members(caller.id, id, &removed, &new).await.map_err(managers_only)?;
        tracing::info!(by = %caller.id, group = %id, count = removed.len(), "members removed");
        Ok(())
    })
    .await
}

/// Whom a new seed of a group is to be sealed to: its members, then those who manage it.
#[server(prefix = "/api", endpoint = "group_entries", input = Postcard, output = Postcard)]
pub async fn group_entries(id: GroupId) -> Result<(Vec<SignedEntry>, Vec<SignedEntry>), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async { backend().store.group_entries(caller().await?.id, id).await.map_err(managers_only) }).await
}

/// The administrators to whom the seed of a new user group is sealed.
#[server(prefix = "/api", endpoint = "administrator_entries", input = Postcard, output = Postcard)]
pub async fn administrator_entries() -> Result<Vec<SignedEntry>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async { backend().store.administrator_entries(caller().await?.id).await.map_err(managers_only) }).await
}

#[cfg(feature = "ssr")]
pub(super) fn managers_only(error: store::StoreError) -> AppError {
    match error {
        store::StoreError::Forbidden => AppError::NotAdministrator,
        store::StoreError::Stale => AppError::GroupChanged,
        other => other.into(),
    }
}

/// Refuses what cannot be sealed seeds, and each person twice.
#[cfg(feature = "ssr")]
pub(super) fn check_seeds(sealed: &[SealedTo]) -> Result<(), AppError> {
    let people: std::collections::HashSet<AccountId> = sealed.iter().map(|to| to.account).collect();
    if sealed.len() > MAX_MEMBERS {
        return Err(crate::secret::api::too_many(crate::language::text!("members"), MAX_MEMBERS));
    }
    let fits = people.len() == sealed.len() && sealed.iter().all(|to| (1..=2048).contains(&to.seed.len()));
    if fits { Ok(()) } else { Err(AppError::BadRequest) }
}

/// Refuses what is no public key: nobody could share with the group.
#[cfg(feature = "ssr")]
fn check_key(key: &[u8], signature: &[u8]) -> Result<(), AppError> {
    let fits = signature.len() == 64 && vault::PublicKey::from_bytes(key).is_ok();
    if fits { Ok(()) } else { Err(AppError::BadRequest) }
}

#[cfg(feature = "ssr")]
pub(super) mod from_store {
    use super::{Group, GroupDetails, Member, SealedTo};

    pub(in crate::group) fn sealed(sealed: Vec<SealedTo>) -> Vec<store::SealedTo> {
        sealed.into_iter().map(|to| store::SealedTo { account: to.account, seed: to.seed }).collect()
    }

    impl From<store::GroupDetails> for GroupDetails {
        fn from(details: store::GroupDetails) -> Self {
            Self {
                group: details.group.into(),
                members: details.members.into_iter().map(Into::into).collect(),
                roster: details.roster,
                seed: details.seed,
                manages: details.manages,
                may_disable: details.may_disable,
            }
        }
    }

    impl From<store::Group> for Group {
        fn from(group: store::Group) -> Self {
            Self {
                id: group.id,
                kind: store::RecipientKind::from(group.kind).into(),
                owner: group.owner,
                name: group.name,
                description: group.description,
                enabled: group.enabled,
                members_can_view: group.members_can_view,
                epoch: group.epoch,
                members: group.members,
            }
        }
    }

    impl From<store::Member> for Member {
        fn from(member: store::Member) -> Self {
            Self {
                account: member.account,
                name: member.name,
                username: member.username,
                email: member.email,
                disabled: member.status == store::Status::Disabled,
                added_by: member.added_by,
                added_at: member.added_at,
            }
        }
    }
}
