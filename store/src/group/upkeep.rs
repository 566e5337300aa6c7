//! Who lacks the present seed of a group gets it from the client of who manages it.

use std::collections::HashSet;

use surrealdb::types::{Bytes, RecordId};
use vault::{AccountId, GroupId, GroupSigner, SealedSeed, SignedEntry, SignedRoster, Vouch};

use super::members::{administrators, entries, managers_seed, members_of, signed_roster, write_managers};
use super::{GroupKind, SealedTo, managed};
use crate::database::{Store, Tx, query};
use crate::error::StoreError;
use crate::record;
use crate::trust::is_vouched;

/// How many groups one look for upkeep takes on.
const UPKEEP: usize = 20;

/// People of a group who do not have its present seed: the client of someone who has it seals it to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupUpkeep {
    /// The group.
    pub group: GroupId,
    /// Who answers for its key.
    pub managed_by: GroupSigner,
    /// Who is in it, as who manages it signed it.
    pub roster: SignedRoster,
    /// Its seed, for the caller.
    pub seed: SealedSeed,
    /// What others know the group by.
    pub name: String,
    /// Whether somebody has the seed who manages the group no more: it needs a new one.
    pub outlived: bool,
    /// Members without it.
    pub members: Vec<SignedEntry>,
    /// Administrators without it, of those whose signatures count.
    pub managers: Vec<SignedEntry>,
}

impl Store {
    /// Groups that `caller` manages whose present seed somebody lacks, a new administrator or a member who was disabled for a while, or somebody
    /// has who manages them no more.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn group_upkeep(&self, caller: AccountId) -> Result<Vec<GroupUpkeep>, StoreError> {
        self.transact(|tx| async move {
            let groups: Vec<RecordId> = query!(
                tx,
                "SELECT VALUE `group` FROM management:[$key, NONE]..=[$key, ..] WHERE epoch = `group`.epoch",
                key = caller.uuid()
            )?
            .take(0)?;
            let administrators = administrators(&tx).await?;
            let mut upkeep = Vec::new();
            for group in groups {
                if upkeep.len() == UPKEEP {
                    break;
                }
                let id: GroupId = record::id(&group)?;
                let managed = match managed(&tx, caller, id).await {
                    Ok(managed) => managed,
                    Err(StoreError::NotFound | StoreError::Forbidden | StoreError::NoMandate) => continue,
                    Err(error) => return Err(error),
                };
                let lagging = "SELECT VALUE account FROM membership WHERE `group` = $id AND epoch < $epoch
                               AND account.status = 'active'";
                let epoch = record::integer(managed.key.epoch)?;
                let members: Vec<RecordId> = query!(tx, lagging, id = group.clone(), epoch = epoch)?.take(0)?;
                let members = members.iter().map(record::id).collect::<Result<HashSet<_>, _>>()?;
                let has = "SELECT VALUE account FROM management WHERE `group` = $id AND epoch = $epoch";
                let has: Vec<RecordId> = query!(tx, has, id = group, epoch = epoch)?.take(0)?;
                let has = has.iter().map(record::id).collect::<Result<HashSet<AccountId>, _>>()?;
                let managers = match managed.kind {
                    GroupKind::UserGroup => administrators.difference(&has).copied().collect(),
                    GroupKind::PrivateGroup => HashSet::new(),
                };
                let outlived = managed.kind == GroupKind::UserGroup && !has.is_subset(&administrators);
                let (members, managers) = (vouched(&tx, members).await?, vouched(&tx, managers).await?);
                if members.is_empty() && managers.is_empty() && !outlived {
                    continue;
                }
                if let Some(seed) = managers_seed(&tx, caller, id).await? {
                    upkeep.push(GroupUpkeep {
                        group: id,
                        name: managed.key.name,
                        outlived,
                        managed_by: managed.kind.signer(),
                        roster: signed_roster(&tx, id).await?,
                        seed,
                        members,
                        managers,
                    });
                }
            }
            Ok(upkeep)
        })
        .await
    }

    /// Hands the present seed of a group to people who lacked it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] or [`StoreError::Forbidden`] for those who do not manage the group, [`StoreError::Stale`] where it has
    /// another key by now or the people are not in it, [`StoreError::Malformed`] for those who cannot manage it.
    pub async fn complete_group(
        &self,
        caller: AccountId,
        id: GroupId,
        epoch: u64,
        members: &[SealedTo],
        managers: &[SealedTo],
    ) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            let managed = managed(&tx, caller, id).await?;
            let known = members_of(&tx, id).await?;
            if managed.key.epoch != epoch || !members.iter().all(|to| known.contains(&to.account)) {
                return Err(StoreError::Stale);
            }
            for to in members {
                query!(
                    tx,
                    "UPDATE $id SET epoch = $epoch, seed = $seed RETURN NONE",
                    id = record::membership(to.account, id),
                    epoch = record::integer(epoch)?,
                    seed = Bytes::from(to.seed.clone())
                )?;
            }
            let (kind, administrators) = (managed.kind, administrators(&tx).await?);
            if !managers.iter().all(|to| kind == GroupKind::UserGroup && administrators.contains(&to.account)) {
                return Err(StoreError::Malformed("who manages the group"));
            }
            write_managers(&tx, id, epoch, managers).await
        })
        .await
    }
}

/// Those of them to whom clients seal: somebody answers for their keys now, and keys that came in place of others an administrator has compared. Who
/// has to wait for that is nobody to look for again and again.
async fn vouched(tx: &Tx, accounts: HashSet<AccountId>) -> Result<Vec<SignedEntry>, StoreError> {
    let mut entries = entries(tx, accounts).await?;
    let is_compared = |signed: &SignedEntry| signed.entry.epoch == 1 || matches!(signed.vouch, Vouch::Signed { .. });
    entries.retain(|signed| is_vouched(signed) && is_compared(signed));
    Ok(entries)
}
