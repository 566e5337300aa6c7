//! Who is in a group: joining costs one sealed seed, leaving a new epoch of the group's key.

use std::collections::HashSet;

use surrealdb::types::{Bytes, Datetime, RecordId, SurrealValue};
use vault::{AccountId, Entry, GroupId, GroupKey, Roster, SealedSeed, SignedEntry, SignedRoster};

use super::{GroupKind, managed};
use crate::account::Status;
use crate::audit::{Event, note_members};
use crate::clock::now;
use crate::database::{Store, Tx, insert, query};
use crate::error::{Problem, Reason, StoreError, Subject};
use crate::record;
use crate::trust::{self, entry_of, lock_entry_of};

/// A group's seed, sealed to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedTo {
    /// To whom.
    pub account: AccountId,
    /// The sealed seed.
    pub seed: Vec<u8>,
}

/// A new key of a group, after somebody left it.
#[derive(Clone, Debug)]
pub struct NewEpoch {
    /// The number of the new epoch: one more than that of the present one.
    pub epoch: u64,
    /// What others seal to from now on.
    pub public_key: Vec<u8>,
    /// The signature of who manages the group over its new key.
    pub signature: Vec<u8>,
    /// The seed of the present epoch, sealed under the new one.
    pub earlier: Vec<u8>,
    /// The new seed, sealed to those who manage the group.
    pub managers: Vec<SealedTo>,
    /// The new seed, sealed to those who stay.
    pub members: Vec<SealedTo>,
    /// The signature of who manages the group over those who stay.
    pub roster_signature: Vec<u8>,
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
struct ManagementRow {
    id: RecordId,
    account: RecordId,
    group: RecordId,
    epoch: i64,
    seed: Bytes,
}

#[derive(SurrealValue)]
struct RosterRow {
    epoch: i64,
    roster_signer: RecordId,
    roster_signature: Bytes,
}

#[derive(SurrealValue)]
struct SeedRow {
    epoch: i64,
    seed: Bytes,
}

impl Store {
    /// Adds people to a group. Who is in it already stays as they are.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] or [`StoreError::Forbidden`] for those who do not manage the group, [`StoreError::Stale`] where it has
    /// another key by now, [`StoreError::Refused`] with everyone who cannot be in it.
    pub async fn add_members(
        &self,
        caller: AccountId,
        id: GroupId,
        epoch: u64,
        members: &[SealedTo],
        roster_signature: &[u8],
    ) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            let managed = managed(&tx, caller, id).await?;
            if managed.key.epoch != epoch {
                return Err(StoreError::Stale);
            }
            require_members(&tx, members).await?;
            let known = members_of(&tx, id).await?;
            let new: Vec<SealedTo> = members.iter().filter(|to| !known.contains(&to.account)).cloned().collect();
            write_members(&tx, caller, id, epoch, &new).await?;
            let joined: Vec<AccountId> = new.iter().map(|to| to.account).collect();
            note_members(&tx, Event::MemberAdded, caller, id, &joined).await?;
            let all = known.into_iter().chain(new.iter().map(|to| to.account));
            write_roster(&tx, &managed.caller, &Roster::new(id, epoch, all), roster_signature).await
        })
        .await
    }

    /// Takes people out of a group and gives it a new key. What was shared with the group before is due for settling by its owners.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] or [`StoreError::Forbidden`] for those who do not manage the group, [`StoreError::Stale`] where its key or
    /// its members have changed, [`StoreError::Malformed`] for a signature that does not fit.
    pub async fn remove_members(
        &self,
        caller: AccountId,
        id: GroupId,
        removed: &[AccountId],
        new: &NewEpoch,
    ) -> Result<(), StoreError> {
        self.transact(|tx| async move {
            let managed = managed(&tx, caller, id).await?;
            if managed.key.epoch + 1 != new.epoch {
                return Err(StoreError::Stale);
            }
            let key = GroupKey { epoch: new.epoch, key: new.public_key.clone(), ..managed.key };
            if !key.is_by(&new.signature, &managed.caller) {
                return Err(StoreError::Malformed("the group's new key and its signature"));
            }
            // Nobody gets the new seed but those who stay and can sign in. Whom it was not sealed to now gets it by upkeep; who came or went in
            // the meantime the signature over the members tells.
            let stay: HashSet<AccountId> = sealable_members(&tx, id).await?.difference(&set(removed)).copied().collect();
            if !new.members.iter().all(|to| stay.contains(&to.account)) {
                return Err(StoreError::Stale);
            }
            require_managers(&tx, caller, managed.kind, &new.managers).await?;
            let gone: Vec<AccountId> =
                members_of(&tx, id).await?.into_iter().filter(|account| removed.contains(account)).collect();
            note_members(&tx, Event::MemberRemoved, caller, id, &gone).await?;
            for account in removed {
                query!(tx, "DELETE $id RETURN NONE", id = record::membership(*account, id))?;
            }
            let epoch = record::integer(new.epoch)?;
            for to in &new.members {
                query!(
                    tx,
                    "UPDATE $id SET epoch = $epoch, seed = $seed RETURN NONE",
                    id = record::membership(to.account, id),
                    epoch = epoch,
                    seed = Bytes::from(to.seed.clone())
                )?;
            }
            // Who manages the group no more has nothing of it any more.
            query!(tx, "DELETE management WHERE `group` = $id RETURN NONE", id = record::group(id))?;
            write_managers(&tx, id, new.epoch, &new.managers).await?;
            let all = members_of(&tx, id).await?;
            write_roster(&tx, &managed.caller, &Roster::new(id, new.epoch, all), &new.roster_signature).await?;
            query!(
                tx,
                "CREATE ONLY $earlier SET seed = $seed RETURN NONE;
                 UPDATE $id SET epoch = $epoch, public_key = $key, signer = $signer, signer_epoch = $signer_epoch,
                     signature = $signature RETURN NONE;
                 UPDATE (SELECT VALUE share FROM grant:[$id, NONE]..=[$id, ..]) SET due_since = due_since ?? $now, exposed = true RETURN NONE",
                earlier = record::earlier_seed(id, new.epoch)?,
                seed = Bytes::from(new.earlier.clone()),
                id = record::group(id),
                epoch = epoch,
                key = Bytes::from(new.public_key.clone()),
                signer = record::account(caller),
                signer_epoch = record::integer(managed.caller.epoch)?,
                signature = Bytes::from(new.signature.clone()),
                now = now()
            )?;
            Ok(())
        })
        .await
    }

    /// Whom the present seed of a group is to be sealed to when it is made: its members, then those who manage it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] or [`StoreError::Forbidden`] for those who do not manage the group.
    pub async fn group_entries(
        &self,
        caller: AccountId,
        id: GroupId,
    ) -> Result<(Vec<SignedEntry>, Vec<SignedEntry>), StoreError> {
        self.transact(|tx| async move {
            let managed = managed(&tx, caller, id).await?;
            let members = entries(&tx, sealable_members(&tx, id).await?).await?;
            let managers = match managed.kind {
                GroupKind::UserGroup => administrators(&tx).await?,
                GroupKind::PrivateGroup => HashSet::from([caller]),
            };
            Ok((members, entries(&tx, managers).await?))
        })
        .await
    }

    /// The administrators to whom the seed of a new user group is sealed.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] for members.
    pub async fn administrator_entries(&self, caller: AccountId) -> Result<Vec<SignedEntry>, StoreError> {
        self.transact(|tx| async move {
            crate::account::require_administrator(&tx, caller).await?;
            entries(&tx, administrators(&tx).await?).await
        })
        .await
    }
}

fn set(accounts: &[AccountId]) -> HashSet<AccountId> {
    accounts.iter().copied().collect()
}

/// Keeps the signature over who is in a group now. It is on the group's own row: another change of the members under way fails, although it
/// wrote other rows.
async fn write_roster(tx: &Tx, signer: &Entry, roster: &Roster, signature: &[u8]) -> Result<(), StoreError> {
    if !roster.is_by(signature, signer) {
        return Err(StoreError::Stale);
    }
    query!(
        tx,
        "UPDATE $id SET roster_signer = $signer, roster_signature = $signature RETURN NONE",
        id = record::group(roster.group),
        signer = record::account(signer.account),
        signature = Bytes::from(signature.to_vec())
    )?;
    Ok(())
}

/// Who is in a group, with the signature of who manages it.
pub(super) async fn signed_roster(tx: &Tx, id: GroupId) -> Result<SignedRoster, StoreError> {
    let row: Option<RosterRow> =
        query!(tx, "SELECT epoch, roster_signer, roster_signature FROM ONLY $id", id = record::group(id))?.take(0)?;
    let row = row.ok_or(StoreError::NotFound)?;
    Ok(SignedRoster {
        roster: Roster::new(id, record::number(row.epoch)?, members_of(tx, id).await?),
        signer: record::id(&row.roster_signer)?,
        signature: row.roster_signature.to_vec(),
    })
}

pub(crate) async fn members_of(tx: &Tx, id: GroupId) -> Result<HashSet<AccountId>, StoreError> {
    let rows: Vec<RecordId> =
        query!(tx, "SELECT VALUE account FROM membership WHERE `group` = $id", id = record::group(id))?.take(0)?;
    rows.iter().map(record::id).collect()
}

/// Members who can sign in. Who is disabled gets no new seed; once enabled again, upkeep hands it to them.
async fn sealable_members(tx: &Tx, id: GroupId) -> Result<HashSet<AccountId>, StoreError> {
    let text = "SELECT VALUE account FROM membership WHERE `group` = $id AND account.status = 'active'";
    let rows: Vec<RecordId> = query!(tx, text, id = record::group(id))?.take(0)?;
    rows.iter().map(record::id).collect()
}

/// Those who manage user groups: no client seals a seed to an administrator whose signatures do not count yet.
pub(super) async fn administrators(tx: &Tx) -> Result<HashSet<AccountId>, StoreError> {
    Ok(trust::administrators(tx).await?.into_iter().map(|(account, _)| account).collect())
}

pub(super) async fn entries(tx: &Tx, accounts: HashSet<AccountId>) -> Result<Vec<SignedEntry>, StoreError> {
    let mut entries = Vec::with_capacity(accounts.len());
    for account in accounts {
        entries.extend(entry_of(tx, account).await?.and_then(|entry| entry.signed));
    }
    entries.sort_by_key(|signed| signed.entry.account);
    Ok(entries)
}

/// Fails with everyone who cannot be in a group.
pub(super) async fn require_members(tx: &Tx, members: &[SealedTo]) -> Result<(), StoreError> {
    let mut problems = Vec::new();
    for to in members {
        let reason = match lock_entry_of(tx, to.account).await? {
            None => Reason::NotFound,
            Some(found) if found.status != Status::Active || found.signed.is_none() => Reason::NotActive,
            Some(_) => continue,
        };
        problems.push(Problem { subject: Subject::Recipient(vault::RecipientId::Account(to.account)), reason });
    }
    if problems.is_empty() { Ok(()) } else { Err(StoreError::Refused(problems)) }
}

/// Fails unless `caller` is among those who get a group's seed to manage it, and all of them may.
pub(super) async fn require_managers(
    tx: &Tx,
    caller: AccountId,
    kind: GroupKind,
    managers: &[SealedTo],
) -> Result<(), StoreError> {
    let allowed = match kind {
        GroupKind::UserGroup => administrators(tx).await?,
        GroupKind::PrivateGroup => HashSet::from([caller]),
    };
    let fits =
        managers.iter().any(|to| to.account == caller) && managers.iter().all(|to| allowed.contains(&to.account));
    if fits { Ok(()) } else { Err(StoreError::Malformed("who manages the group")) }
}

pub(super) async fn write_members(
    tx: &Tx,
    by: AccountId,
    id: GroupId,
    epoch: u64,
    members: &[SealedTo],
) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(members.len());
    for to in members {
        rows.push(MembershipRow {
            id: record::membership(to.account, id),
            account: record::account(to.account),
            group: record::group(id),
            epoch: record::integer(epoch)?,
            seed: to.seed.clone().into(),
            added_by: record::account(by),
            added_at: now(),
        });
    }
    insert(tx, "membership", rows).await
}

/// Replaces what those who manage the group have of it.
pub(super) async fn write_managers(tx: &Tx, id: GroupId, epoch: u64, managers: &[SealedTo]) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(managers.len());
    for to in managers {
        let row = record::management(to.account, id);
        query!(tx, "DELETE $id RETURN NONE", id = row.clone())?;
        rows.push(ManagementRow {
            id: row,
            account: record::account(to.account),
            group: record::group(id),
            epoch: record::integer(epoch)?,
            seed: to.seed.clone().into(),
        });
    }
    insert(tx, "management", rows).await
}

/// The seed of a group as someone who manages it has it.
pub(super) async fn managers_seed(tx: &Tx, caller: AccountId, id: GroupId) -> Result<Option<SealedSeed>, StoreError> {
    sealed_seed(tx, record::management(caller, id), id).await
}

/// The seed of a group as one of its members has it, with the way back to the epochs before.
pub(crate) async fn members_seed(tx: &Tx, member: AccountId, id: GroupId) -> Result<Option<SealedSeed>, StoreError> {
    sealed_seed(tx, record::membership(member, id), id).await
}

async fn sealed_seed(tx: &Tx, row: RecordId, id: GroupId) -> Result<Option<SealedSeed>, StoreError> {
    let mut answer = query!(
        tx,
        "SELECT epoch, seed FROM ONLY $row;
         SELECT VALUE seed FROM earlier_seed:[$uuid, NONE]..=[$uuid, ..]",
        row = row,
        uuid = id.uuid()
    )?;
    let seed: Option<SeedRow> = answer.take(0)?;
    let chain: Vec<Bytes> = answer.take(1)?;
    // Whose keys are new has none that they can open.
    let Some(seed) = seed.filter(|seed| seed.epoch > 0) else { return Ok(None) };
    // The first of the chain is of epoch 2. Who was disabled for a while may be some epochs behind.
    let known = usize::try_from(seed.epoch - 1).unwrap_or_default();
    let earlier = chain.iter().take(known).rev().map(|sealed| sealed.to_vec()).collect();
    Ok(Some(SealedSeed { epoch: record::number(seed.epoch)?, seed: seed.seed.to_vec(), earlier }))
}
