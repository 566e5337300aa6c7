//! Keys of groups, as the browser of who manages them makes and hands them out.

use vault::{
    AccountId, AccountKeys, Authority, Fingerprint, GroupId, GroupKey, GroupSeed, GroupSigner, Pin, RecipientId,
    Roster, SealedSeed, SignedEntry, SignedRoster,
};

use super::api::{self, Group, GroupDetails, GroupFields, NewEpoch, NewGroup, SealedTo};
use super::upkeep::{self, Upkeep};
use crate::account::Session;
use crate::error::AppError;
use crate::share::api::{Recipient, RecipientKind, recipient_keys};
use crate::trust::Trust;
use crate::ui::Progress;

/// Makes a group without members and its first key.
pub(super) async fn add(session: Session, user_group: bool, fields: GroupFields) -> Result<(), AppError> {
    let fields = fields.checked()?;
    let (keys, id, seed) = (session.keys()?, GroupId::random(), GroupSeed::random());
    let managed_by = if user_group { GroupSigner::Administrators } else { GroupSigner::Owner };
    let key =
        GroupKey { group: id, name: fields.name.clone(), managed_by, epoch: 1, key: seed.public_key().to_bytes() };
    let mut managers = vec![to_oneself(&keys, id, 1, &seed)];
    if user_group {
        // Whose keys cannot be checked yet gets the seed by upkeep, once they can.
        let others = api::administrator_entries().await?;
        managers.extend(to_administrators(&Trust::load(session).await?, &keys, id, 1, &seed, &others));
    }
    let (signature, roster_signature) = (key.sign(&keys), Roster::new(id, 1, []).sign(&keys));
    api::add_group(NewGroup { id, user_group, fields, public_key: key.key, signature, managers, roster_signature })
        .await
}

/// Changes what people say of a group; its name is signed anew with its key.
pub(super) async fn change(session: Session, details: &GroupDetails, fields: GroupFields) -> Result<(), AppError> {
    let fields = fields.checked()?;
    let (keys, group) = (session.keys()?, &details.group);
    let seed = present_seed(&keys, group, details.seed.as_ref())?;
    let signature = signed_key(group, &fields.name, group.epoch, &seed).sign(&keys);
    api::change_group(group.id, fields, group.epoch, signature).await
}

/// Adds people to a group, those whom the screen showed.
pub(super) async fn add_members(
    session: Session,
    details: &GroupDetails,
    people: Vec<AccountId>,
    picked: impl Fn(RecipientId) -> Option<Recipient>,
) -> Result<(), AppError> {
    let (keys, group) = (session.keys()?, &details.group);
    let mut trust = Trust::load(session).await?;
    let seed = present_seed(&keys, group, details.seed.as_ref())?;
    let known = checked_roster(&mut trust, &keys, group_of(group), &details.roster, &seed)?;
    let found = recipient_keys(people.into_iter().map(RecipientId::Account).collect()).await?;
    let sealing = trust.picked_keys(&found, picked)?;
    trust.remember(session).await;
    let mut members = Vec::with_capacity(sealing.len());
    for (recipient, (_, key)) in &sealing {
        if let RecipientId::Account(account) = recipient {
            members
                .push(SealedTo { account: *account, seed: seed.seal_to_member(group.id, group.epoch, *account, key) });
        }
    }
    let all = known.iter().copied().chain(members.iter().map(|to| to.account));
    let signature = Roster::new(group.id, group.epoch, all).sign(&keys);
    api::add_members(group.id, group.epoch, members, signature).await
}

/// Adds the person themselves to a group they manage.
pub(super) async fn add_oneself(session: Session, details: &GroupDetails) -> Result<(), AppError> {
    let (keys, group) = (session.keys()?, &details.group);
    let mut trust = Trust::load(session).await?;
    let seed = present_seed(&keys, group, details.seed.as_ref())?;
    let account = keys.account();
    let known = checked_roster(&mut trust, &keys, group_of(group), &details.roster, &seed)?;
    trust.remember(session).await;
    let signature = Roster::new(group.id, group.epoch, known.iter().copied().chain([account])).sign(&keys);
    let sealed = seed.seal_to_member(group.id, group.epoch, account, &keys.public().sealing);
    api::add_members(group.id, group.epoch, vec![SealedTo { account, seed: sealed }], signature).await
}

/// Takes people out of a group: everyone who stays gets a new seed. Says after every slice of work how many have it.
pub(super) async fn remove(
    session: Session,
    details: &GroupDetails,
    removed: &[AccountId],
    report: impl Fn(usize),
) -> Result<(), AppError> {
    let keys = session.keys()?;
    let seed = present_seed(&keys, &details.group, details.seed.as_ref())?;
    renew(session, group_of(&details.group), &details.group.name, &details.roster, &seed, removed, report).await
}

/// Makes the next epoch of a group's key, without those who are `removed`. Whose keys are not certain now gets the seed by upkeep, once they are:
/// nobody can stay in a group because somebody else is not confirmed.
async fn renew(
    session: Session,
    of: KeyOf,
    name: &str,
    roster: &SignedRoster,
    present: &GroupSeed,
    removed: &[AccountId],
    report: impl Fn(usize),
) -> Result<(), AppError> {
    let keys = session.keys()?;
    let mut trust = Trust::load(session).await?;
    let known = checked_roster(&mut trust, &keys, of, roster, present)?;
    let (epoch, seed) = (of.epoch + 1, GroupSeed::random());
    let (members, managers) = api::group_entries(of.group).await?;
    let mut progress = Progress::new(report);
    let mut to_members = Vec::with_capacity(members.len());
    for member in members.iter().filter(|member| !removed.contains(&member.entry.account)) {
        let account = member.entry.account;
        // The server may say who is disabled, not who is in the group.
        if !known.contains(&account) {
            return Err(AppError::GroupChanged);
        }
        if let Ok(identity) = trust.identity(member) {
            to_members
                .push(SealedTo { account, seed: seed.seal_to_member(of.group, epoch, account, &identity.sealing) });
        }
        progress.step().await;
    }
    let mut to_managers = vec![to_oneself(&keys, of.group, epoch, &seed)];
    if of.managed_by == GroupSigner::Administrators {
        to_managers.extend(to_administrators(&trust, &keys, of.group, epoch, &seed, &managers));
    }
    let next = KeyOf { epoch, ..of };
    let key = next.key(name, &seed);
    let stay = Roster::new(of.group, epoch, known.into_iter().filter(|member| !removed.contains(member)));
    let new = NewEpoch {
        roster_signature: stay.sign(&keys),
        epoch,
        signature: key.sign(&keys),
        public_key: key.key,
        earlier: seed.seal_earlier(of.group, epoch, present),
        managers: to_managers,
        members: to_members,
    };
    api::remove_members(of.group, removed.to_vec(), new).await?;
    trust.pin(RecipientId::Group(of.group), next.pin(&keys, &seed));
    trust.remember(session).await;
    Ok(())
}

/// Hands the present seeds of groups to those who lack them, and makes new ones where somebody has the present one who manages the group no more.
/// One group that cannot be helped now does not keep the others.
pub(crate) async fn hand_over(session: Session) -> Result<(), AppError> {
    let mut failed = None;
    for upkeep in upkeep::group_upkeep().await? {
        failed = hand_over_one(session, upkeep).await.err().or(failed);
    }
    failed.map_or(Ok(()), Err)
}

async fn hand_over_one(session: Session, upkeep: Upkeep) -> Result<(), AppError> {
    let (keys, mut trust) = (session.keys()?, Trust::load(session).await?);
    let of = KeyOf { group: upkeep.group, epoch: upkeep.seed.epoch, managed_by: upkeep.managed_by };
    let seed = GroupSeed::open_as_manager(&keys, of.group, of.epoch, &upkeep.seed.seed)?;
    if upkeep.outlived {
        return renew(session, of, &upkeep.name, &upkeep.roster, &seed, &[], |_| {}).await;
    }
    let known = checked_roster(&mut trust, &keys, of, &upkeep.roster, &seed)?;
    let mut members = Vec::new();
    for member in upkeep.members.iter().filter(|member| known.contains(&member.entry.account)) {
        if let Ok(identity) = trust.identity(member) {
            let account = member.entry.account;
            let sealed = seed.seal_to_member(of.group, of.epoch, account, &identity.sealing);
            members.push(SealedTo { account, seed: sealed });
        }
    }
    let managers = to_administrators(&trust, &keys, of.group, of.epoch, &seed, &upkeep.managers);
    if !members.is_empty() || !managers.is_empty() {
        upkeep::complete_group(of.group, of.epoch, members, managers).await?;
    }
    trust.remember(session).await;
    Ok(())
}

/// Which key of which group.
#[derive(Clone, Copy)]
struct KeyOf {
    group: GroupId,
    epoch: u64,
    managed_by: GroupSigner,
}

impl KeyOf {
    fn key(self, name: &str, seed: &GroupSeed) -> GroupKey {
        let Self { group, epoch, managed_by } = self;
        GroupKey { group, name: name.into(), managed_by, epoch, key: seed.public_key().to_bytes() }
    }

    /// What who manages the group remembers of its key.
    fn pin(self, keys: &AccountKeys, seed: &GroupSeed) -> Pin {
        let authority = match self.managed_by {
            GroupSigner::Administrators => Authority::Administrators,
            GroupSigner::Owner => Authority::Owner(keys.account()),
        };
        Pin { epoch: self.epoch, key: Fingerprint::of(&seed.public_key().to_bytes()), authority }
    }
}

fn group_of(group: &Group) -> KeyOf {
    KeyOf { group: group.id, epoch: group.epoch, managed_by: signer_of(group.kind) }
}

/// The present seed of a group, for who manages it and was handed it.
fn present_seed(keys: &AccountKeys, group: &Group, sealed: Option<&SealedSeed>) -> Result<GroupSeed, AppError> {
    let sealed = sealed.filter(|sealed| sealed.epoch == group.epoch).ok_or(AppError::NoGroupKey)?;
    Ok(GroupSeed::open_as_manager(keys, group.id, sealed.epoch, &sealed.seed)?)
}

fn signed_key(group: &Group, name: &str, epoch: u64, seed: &GroupSeed) -> GroupKey {
    KeyOf { epoch, ..group_of(group) }.key(name, seed)
}

fn signer_of(kind: RecipientKind) -> GroupSigner {
    if kind == RecipientKind::UserGroup { GroupSigner::Administrators } else { GroupSigner::Owner }
}

/// Who is in a group, once it is certain that a manager said so, and that the server shows no state from before one that was seen.
fn checked_roster(
    trust: &mut Trust,
    keys: &AccountKeys,
    of: KeyOf,
    signed: &SignedRoster,
    seed: &GroupSeed,
) -> Result<Vec<AccountId>, AppError> {
    if signed.roster.group != of.group || signed.roster.epoch != of.epoch {
        return Err(AppError::GroupChanged);
    }
    trust.directory().check_roster(signed, of.managed_by, keys)?;
    let (group, pin) = (RecipientId::Group(of.group), of.pin(keys, seed));
    trust.compare(group, &pin, true)?;
    trust.pin(group, pin);
    Ok(signed.roster.members.clone())
}

fn to_oneself(keys: &AccountKeys, group: GroupId, epoch: u64, seed: &GroupSeed) -> SealedTo {
    let account = keys.account();
    SealedTo { account, seed: seed.seal_to_manager(group, epoch, account, &keys.public().sealing) }
}

/// The seed of a user group for other administrators: those who have a mandate, whatever the server says of them.
fn to_administrators(
    trust: &Trust,
    keys: &AccountKeys,
    group: GroupId,
    epoch: u64,
    seed: &GroupSeed,
    others: &[SignedEntry],
) -> Vec<SealedTo> {
    let mut sealed = Vec::with_capacity(others.len());
    for other in others.iter().filter(|other| other.entry.account != keys.account()) {
        let account = other.entry.account;
        if let Ok(identity) = trust.administrator(other) {
            sealed.push(SealedTo { account, seed: seed.seal_to_manager(group, epoch, account, &identity.sealing) });
        }
    }
    sealed
}
