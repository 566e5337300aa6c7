//! Server functions for handing a group's seed to those who lack it.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{GroupId, GroupSigner, SealedSeed, SignedEntry, SignedRoster};

use super::api::SealedTo;
use crate::error::AppError;

/// People of a group who do not have its present seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upkeep {
    /// The group.
    pub group: GroupId,
    /// What others know it by.
    pub name: String,
    /// Whether somebody has the seed who manages the group no more.
    pub outlived: bool,
    /// Who answers for its key.
    pub managed_by: GroupSigner,
    /// Who is in it, as who manages it signed it.
    pub roster: SignedRoster,
    /// Its seed, for the caller.
    pub seed: SealedSeed,
    /// Members without it.
    pub members: Vec<SignedEntry>,
    /// Administrators without it.
    pub managers: Vec<SignedEntry>,
}

/// Groups that the caller manages whose present seed somebody lacks.
#[server(prefix = "/api", endpoint = "group_upkeep", input = Postcard, output = Postcard)]
pub async fn group_upkeep() -> Result<Vec<Upkeep>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let upkeep = backend().store.group_upkeep(caller().await?.id).await?;
        Ok(upkeep
            .into_iter()
            .map(|of| {
                let store::GroupUpkeep { group, name, outlived, managed_by, roster, seed, members, managers } = of;
                Upkeep { group, name, outlived, managed_by, roster, seed, members, managers }
            })
            .collect())
    })
    .await
}

/// Hands the seed of a group's present epoch to people who lacked it.
#[server(prefix = "/api", endpoint = "complete_group", input = Postcard, output = Postcard)]
pub async fn complete_group(
    id: GroupId,
    epoch: u64,
    members: Vec<SealedTo>,
    managers: Vec<SealedTo>,
) -> Result<(), AppError> {
    use super::api::{check_seeds, from_store, managers_only};
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        check_seeds(&members)?;
        check_seeds(&managers)?;
        let (members, managers) = (from_store::sealed(members), from_store::sealed(managers));
        backend().store.complete_group(caller.id, id, epoch, &members, &managers).await.map_err(managers_only)
    })
    .await
}
