//! Keys of groups, as the browser of who manages them makes and hands them out.

use vault::{
    AccountId, AccountKeys, GroupId, GroupKey, GroupSeed, GroupSigner, RecipientId, Roster, SealedSeed, SignedEntry,
    SignedRoster,
};

use super::api::{self, Group, GroupDetails, GroupFields, NewEpoch, NewGroup, SealedTo};
use crate::account::Session;
use crate::error::{AppError, Problem, Reason, Subject};
use crate::share::api::{RecipientKind, recipient_keys};
use crate::trust;
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
        managers.extend(to_administrators(session, &keys, id, 1, &seed, &others).await?);
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

/// Adds people to a group; `signed_name` is what the person at the screen knows them by.
pub(super) async fn add_members(
    session: Session,
    details: &GroupDetails,
    people: Vec<AccountId>,
    signed_name: impl Fn(RecipientId) -> Option<String>,
) -> Result<(), AppError> {
    let (keys, group) = (session.keys()?, &details.group);
    let seed = present_seed(&keys, group, details.seed.as_ref())?;
    let known = checked_roster(session, signer_of(group.kind), &details.roster, group.id, group.epoch).await?;
    let found = recipient_keys(people.into_iter().map(RecipientId::Account).collect()).await?;
    let checked = trust::check(session, &found, signed_name).await?;
    checked.remember().await;
    let mut members = Vec::with_capacity(checked.keys.len());
    for (recipient, (_, key)) in &checked.keys {
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
    let seed = present_seed(&keys, group, details.seed.as_ref())?;
    let account = keys.account();
    let known = checked_roster(session, signer_of(group.kind), &details.roster, group.id, group.epoch).await?;
    let signature = Roster::new(group.id, group.epoch, known.iter().copied().chain([account])).sign(&keys);
    let sealed = seed.seal_to_member(group.id, group.epoch, account, &keys.public().sealing);
    api::add_members(group.id, group.epoch, vec![SealedTo { account, seed: sealed }], signature).await
}

/// Takes a person out of a group: everyone who stays gets a new seed. Says after every slice of work how many have it.
pub(super) async fn remove(
    session: Session,
    details: &GroupDetails,
    removed: AccountId,
    report: impl Fn(usize),
) -> Result<(), AppError> {
    let (keys, group) = (session.keys()?, &details.group);
    let present = present_seed(&keys, group, details.seed.as_ref())?;
    let known = checked_roster(session, signer_of(group.kind), &details.roster, group.id, group.epoch).await?;
    let (epoch, seed) = (group.epoch + 1, GroupSeed::random());
    let (members, managers) = api::group_entries(group.id).await?;
    let mut progress = Progress::new(report);
    let mut problems = Vec::new();
    let mut to_members = Vec::with_capacity(members.len());
    for member in members.iter().filter(|member| member.entry.account != removed) {
        let account = member.entry.account;
        // The server may say who is disabled, not who is in the group.
        if !known.contains(&account) {
            return Err(AppError::GroupChanged);
        }
        match trust::identity(session, member).await {
            Ok(identity) => to_members
                .push(SealedTo { account, seed: seed.seal_to_member(group.id, epoch, account, &identity.sealing) }),
            Err(AppError::Unconfirmed) => problems.push(Problem {
                subject: Subject::Recipient(RecipientId::Account(account)),
                reason: Reason::Unconfirmed,
            }),
            Err(error) => return Err(error),
        }
        progress.step().await;
    }
    if !problems.is_empty() {
        return Err(AppError::Refused(problems));
    }
    let mut to_managers = vec![to_oneself(&keys, group.id, epoch, &seed)];
    if group.kind == RecipientKind::UserGroup {
        to_managers.extend(to_administrators(session, &keys, group.id, epoch, &seed, &managers).await?);
    }
    let key = signed_key(group, &group.name, epoch, &seed);
    let stay = Roster::new(group.id, epoch, known.into_iter().filter(|member| *member != removed));
    let new = NewEpoch {
        roster_signature: stay.sign(&keys),
        epoch,
        signature: key.sign(&keys),
        public_key: key.key,
        earlier: seed.seal_earlier(group.id, epoch, &present),
        managers: to_managers,
        members: to_members,
    };
    api::remove_members(group.id, vec![removed], new).await
}

/// Hands the present seeds of groups to those who lack them.
pub(crate) async fn hand_over(session: Session) -> Result<(), AppError> {
    for of in api::group_upkeep().await? {
        let keys = session.keys()?;
        let (epoch, seed) = (of.seed.epoch, GroupSeed::open_as_manager(&keys, of.group, of.seed.epoch, &of.seed.seed)?);
        let known = checked_roster(session, of.managed_by, &of.roster, of.group, epoch).await?;
        let mut members = Vec::new();
        for member in of.members.iter().filter(|member| known.contains(&member.entry.account)) {
            if let Ok(identity) = trust::identity(session, member).await {
                let account = member.entry.account;
                let sealed = seed.seal_to_member(of.group, epoch, account, &identity.sealing);
                members.push(SealedTo { account, seed: sealed });
            }
        }
        let managers = to_administrators(session, &keys, of.group, epoch, &seed, &of.managers).await?;
        if !members.is_empty() || !managers.is_empty() {
            api::complete_group(of.group, epoch, members, managers).await?;
        }
    }
    Ok(())
}

/// The present seed of a group, for who manages it and was handed it.
fn present_seed(keys: &AccountKeys, group: &Group, sealed: Option<&SealedSeed>) -> Result<GroupSeed, AppError> {
    let sealed = sealed.filter(|sealed| sealed.epoch == group.epoch).ok_or(AppError::NoGroupKey)?;
    Ok(GroupSeed::open_as_manager(keys, group.id, sealed.epoch, &sealed.seed)?)
}

fn signed_key(group: &Group, name: &str, epoch: u64, seed: &GroupSeed) -> GroupKey {
    let managed_by = signer_of(group.kind);
    GroupKey { group: group.id, name: name.into(), managed_by, epoch, key: seed.public_key().to_bytes() }
}

fn signer_of(kind: RecipientKind) -> GroupSigner {
    if kind == RecipientKind::UserGroup { GroupSigner::Administrators } else { GroupSigner::Owner }
}

/// Who is in a group, once it is certain that a manager said so.
async fn checked_roster(
    session: Session,
    managed_by: GroupSigner,
    signed: &SignedRoster,
    group: GroupId,
    epoch: u64,
) -> Result<Vec<AccountId>, AppError> {
    let keys = session.keys()?;
    if signed.roster.group != group || signed.roster.epoch != epoch {
        return Err(AppError::GroupChanged);
    }
    trust::directory(session).await?.check_roster(signed, managed_by, &keys)?;
    Ok(signed.roster.members.clone())
}

fn to_oneself(keys: &AccountKeys, group: GroupId, epoch: u64, seed: &GroupSeed) -> SealedTo {
    let account = keys.account();
    SealedTo { account, seed: seed.seal_to_manager(group, epoch, account, &keys.public().sealing) }
}

/// The seed of a user group for other administrators: those who have a mandate, whatever the server says of them.
async fn to_administrators(
    session: Session,
    keys: &AccountKeys,
    group: GroupId,
    epoch: u64,
    seed: &GroupSeed,
    others: &[SignedEntry],
) -> Result<Vec<SealedTo>, AppError> {
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let directory = trust::directory(session).await?;
    let mut sealed = Vec::with_capacity(others.len());
    for other in others.iter().filter(|other| other.entry.account != keys.account()) {
        let account = other.entry.account;
        let identity = directory.check(other, trust::now());
        if let Some(identity) = identity.ok().filter(|identity| directory.has_mandate(account, identity)) {
            sealed.push(SealedTo { account, seed: seed.seal_to_manager(group, epoch, account, &identity.sealing) });
        }
    }
    Ok(sealed)
}
