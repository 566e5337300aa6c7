//! Server functions for groups.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::GroupId;

use crate::error::AppError;
use crate::share::api::RecipientKind;

/// A group as those who may see it see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The group.
    pub id: GroupId,
    /// Who manages it.
    pub kind: RecipientKind,
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// How they are called.
    pub name: String,
    /// What they sign in with.
    pub username: String,
    /// Where they get mail.
    pub email: String,
    /// Who added them.
    pub added_by: String,
    /// When they were added, in milliseconds since 1970.
    pub added_at: i64,
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
pub async fn get_group(id: GroupId) -> Result<(Group, Vec<Member>), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let (group, members) = backend().store.group(caller().await?.id, id).await?;
        Ok((group.into(), members.into_iter().map(Into::into).collect()))
    })
    .await
}

#[cfg(feature = "ssr")]
mod from_store {
    use super::{Group, Member};

    impl From<store::Group> for Group {
        fn from(group: store::Group) -> Self {
            Self {
                id: group.id,
                kind: Some(group.kind).into(),
                name: group.name,
                description: group.description,
                enabled: group.enabled,
                members: group.members,
            }
        }
    }

    impl From<store::Member> for Member {
        fn from(member: store::Member) -> Self {
            Self {
                name: member.name,
                username: member.username,
                email: member.email,
                added_by: member.added_by,
                added_at: member.added_at,
            }
        }
    }
}
