//! Who manages groups, and what joining and leaving does to keys and access.

use vault::{AccountId, GroupId, GroupKey, GroupSeed, Permission, RecipientId, Roster};

use super::fixture::*;
use crate::*;

/// The seed of a group, as its manager's client opens it.
pub(super) async fn seed(world: &World, manager: &Person, group: GroupId) -> (u64, GroupSeed) {
    let sealed = world.store.group(manager.id, group).await.unwrap().seed.unwrap();
    (sealed.epoch, GroupSeed::open_as_manager(&manager.keys, group, sealed.epoch, &sealed.seed).unwrap())
}

/// What a manager's client sends to add people.
async fn sealed(world: &World, manager: &Person, group: GroupId, members: &[&Person]) -> (u64, Vec<SealedTo>) {
    let (epoch, seed) = seed(world, manager, group).await;
    let seal = |member: &&Person| SealedTo {
        account: member.id,
        seed: seed.seal_to_member(group, epoch, member.id, &member.keys.public().sealing),
    };
    (epoch, members.iter().map(seal).collect())
}

pub(super) async fn add(
    world: &World,
    manager: &Person,
    group: GroupId,
    members: &[&Person],
) -> Result<(), StoreError> {
    let (epoch, members) = sealed(world, manager, group, members).await;
    let known = world.store.group(manager.id, group).await.unwrap().roster.roster.members;
    let all = known.into_iter().chain(members.iter().map(|to| to.account));
    let signature = Roster::new(group, epoch, all).sign(&manager.keys);
    world.store.add_members(manager.id, group, epoch, &members, &signature).await
}

/// What a manager's client sends to take people out, so that `stay` are left, and those who are disabled.
pub(super) async fn new_epoch(world: &World, manager: &Person, group: GroupId, stay: &[&Person]) -> NewEpoch {
    let details = world.store.group(manager.id, group).await.unwrap();
    let (present, earlier) = seed(world, manager, group).await;
    let (epoch, new) = (present + 1, GroupSeed::random());
    let key = GroupKey {
        group,
        name: details.group.name,
        managed_by: details.group.kind.signer(),
        epoch,
        key: new.public_key().to_bytes(),
    };
    let disabled = details.members.iter().map(|member| member.account);
    let mut all: Vec<AccountId> = stay.iter().map(|member| member.id).collect();
    for account in disabled {
        if world.store.account(account).await.unwrap().status == Status::Disabled {
            all.push(account);
        }
    }
    NewEpoch {
        roster_signature: Roster::new(group, epoch, all).sign(&manager.keys),
        epoch,
        signature: key.sign(&manager.keys),
        public_key: key.key,
        earlier: new.seal_earlier(group, epoch, &earlier),
        managers: vec![SealedTo {
            account: manager.id,
            seed: new.seal_to_manager(group, epoch, manager.id, &manager.keys.public().sealing),
        }],
        members: stay
            .iter()
            .map(|member| SealedTo {
                account: member.id,
                seed: new.seal_to_member(group, epoch, member.id, &member.keys.public().sealing),
            })
            .collect(),
    }
}

async fn value(world: &World, person: &Person, secret: vault::SecretId) -> Option<String> {
    world.read(person, secret).await.ok().map(|value| value.client_secret.clone())
}

#[tokio::test]
async fn who_joins_opens_everything_shared_before_at_once() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let group = world.group(&world.founder, GroupKind::UserGroup, "Platform", &[&bruno]).await;
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(RecipientId::Group(group), Permission::View)]).await;
    assert_eq!(value(&world, &carla, one).await, None);
    add(&world, &world.founder, group, &[&carla, &bruno]).await.unwrap();
    assert_eq!(value(&world, &carla, one).await.as_deref(), Some("one"));
    // Whoever a manager did not sign for does not get in.
    let (epoch, others) = sealed(&world, &world.founder, group, &[&ana]).await;
    let unsigned = world.store.add_members(world.founder.id, group, epoch, &others, &[1; 64]).await;
    assert!(matches!(unsigned, Err(StoreError::Stale)));
    let members = world.store.group(world.founder.id, group).await.unwrap().members;
    assert_eq!(members.len(), 2, "nobody is in it twice");
    assert_eq!(members[0].added_by, "FOUNDER Test");
}

#[tokio::test]
async fn who_leaves_opens_nothing_more_and_the_others_go_on_over_many_epochs() {
    let world = World::new().await;
    let (ana, bruno, carla, dora) = (
        world.person("ana").await,
        world.person("bruno").await,
        world.person("carla").await,
        world.person("dora").await,
    );
    let group = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&bruno, &carla, &dora]).await;
    let to_group = [(RecipientId::Group(group), Permission::View)];
    let one = world.secret(&ana, "one").await;
    let share = world.share(&ana, &[one], &to_group).await;

    let (_, old_seed) = seed(&world, &ana, group).await;
    let new = new_epoch(&world, &ana, group, &[&bruno, &dora]).await;
    world.store.remove_members(ana.id, group, &[carla.id], &new).await.unwrap();
    assert_eq!(value(&world, &carla, one).await, None);
    assert_eq!(value(&world, &bruno, one).await.as_deref(), Some("one"));
    assert_eq!(world.due(&ana).await, [share]);

    let two = world.secret(&ana, "two").await;
    world.share(&ana, &[two], &to_group).await;
    let new = new_epoch(&world, &ana, group, &[&bruno]).await;
    world.store.remove_members(ana.id, group, &[dora.id], &new).await.unwrap();
    for (person, expected) in [(&bruno, Some("one")), (&carla, None), (&dora, None)] {
        assert_eq!(value(&world, person, one).await.as_deref(), expected);
    }
    assert_eq!(value(&world, &bruno, two).await.as_deref(), Some("two"));
    // Who joins now gets the way back to the first epoch.
    add(&world, &ana, group, &[&dora]).await.unwrap();
    assert_eq!(value(&world, &dora, one).await.as_deref(), Some("one"));
    // What Carla kept opens no later seed, although the database has it.
    let sealed = world.store.group(ana.id, group).await.unwrap().seed.unwrap();
    assert_eq!((sealed.epoch, sealed.earlier.len()), (3, 2));
    for epoch in [2, 3] {
        for chain in &sealed.earlier {
            assert!(old_seed.open_earlier(group, epoch, chain).is_err());
        }
    }
}

#[tokio::test]
async fn of_two_who_change_a_group_at_once_the_second_is_told() {
    let world = World::new().await;
    let (bruno, carla) = (world.person("bruno").await, world.person("carla").await);
    let second = world.person_as("second", Role::Administrator).await;
    let group = world.group(&world.founder, GroupKind::UserGroup, "Platform", &[&bruno, &carla]).await;
    // The second administrator gets the seed by upkeep.
    let upkeep = world.store.group_upkeep(world.founder.id).await.unwrap();
    assert_eq!((upkeep.len(), upkeep[0].managers[0].entry.account), (1, second.id));
    let (epoch, opened) = seed(&world, &world.founder, group).await;
    let to_second = SealedTo {
        account: second.id,
        seed: opened.seal_to_manager(group, epoch, second.id, &second.keys.public().sealing),
    };
    world.store.complete_group(world.founder.id, group, epoch, &[], &[to_second]).await.unwrap();
    assert!(world.store.group_upkeep(world.founder.id).await.unwrap().is_empty());

    let without_bruno = new_epoch(&world, &world.founder, group, &[&carla]).await;
    let without_carla = new_epoch(&world, &second, group, &[&bruno]).await;
    let (brunos, carlas) = ([bruno.id], [carla.id]);
    let (one, two) = tokio::join!(
        world.store.remove_members(world.founder.id, group, &brunos, &without_bruno),
        world.store.remove_members(second.id, group, &carlas, &without_carla)
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert!([one, two].into_iter().filter_map(Result::err).all(|error| matches!(error, StoreError::Stale)));
    assert_eq!(world.store.group(second.id, group).await.unwrap().members.len(), 1);

    // A new key that was made before somebody joined would lock them out: it is refused.
    let stay: Vec<_> = world.store.group(second.id, group).await.unwrap().members;
    let stays = if stay[0].account == bruno.id { &bruno } else { &carla };
    let manager = if world.store.group(second.id, group).await.unwrap().seed.is_some_and(|seed| seed.epoch == 2) {
        &second
    } else {
        &world.founder
    };
    let dora = world.person("dora").await;
    let late = new_epoch(&world, manager, group, &[stays]).await;
    add(&world, manager, group, &[&dora]).await.unwrap();
    assert!(matches!(world.store.remove_members(manager.id, group, &[], &late).await, Err(StoreError::Stale)));
}

#[tokio::test]
async fn nobody_but_who_manages_a_group_changes_it() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let admin = &world.founder;
    let private = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&bruno]).await;
    let user = world.group(admin, GroupKind::UserGroup, "Platform", &[&bruno]).await;
    let (epoch, members) = sealed(&world, &ana, private, &[&carla]).await;
    let new = new_epoch(&world, &ana, private, &[]).await;
    // Members, strangers and administrators in a private group.
    for person in [&bruno, &carla, admin] {
        assert!(matches!(
            world.store.add_members(person.id, private, epoch, &members, &[]).await,
            Err(StoreError::NotFound)
        ));
        assert!(matches!(
            world.store.remove_members(person.id, private, &[bruno.id], &new).await,
            Err(StoreError::NotFound)
        ));
    }
    // Members in a user group.
    let (epoch, members) = sealed(&world, admin, user, &[&carla]).await;
    for person in [&bruno, &ana] {
        let added = world.store.add_members(person.id, user, epoch, &members, &[]).await;
        assert!(matches!(added, Err(StoreError::Forbidden)));
        assert!(matches!(world.store.set_group_enabled(person.id, user, false).await, Err(StoreError::Forbidden)));
    }
    assert!(matches!(world.store.set_group_enabled(bruno.id, private, false).await, Err(StoreError::NotFound)));
    // An administrator disables a private group; its owner enables it again.
    world.store.set_group_enabled(admin.id, private, false).await.unwrap();
    assert!(matches!(world.store.set_group_enabled(admin.id, private, true).await, Err(StoreError::NotFound)));
    world.store.set_group_enabled(ana.id, private, true).await.unwrap();
    // A key that somebody else signed is not taken.
    let mut forged = new_epoch(&world, &ana, private, &[]).await;
    forged.signature = new_epoch(&world, admin, user, &[]).await.signature;
    assert!(matches!(
        world.store.remove_members(ana.id, private, &[bruno.id], &forged).await,
        Err(StoreError::Malformed(_))
    ));
}

#[tokio::test]
async fn the_owner_of_a_private_group_is_no_member_unless_they_add_themselves() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let group = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&bruno]).await;
    world.set(record::group(group), "members_can_view", true).await;
    let one = world.secret(&bruno, "one").await;
    world.share(&bruno, &[one], &[(RecipientId::Group(group), Permission::View)]).await;
    assert_eq!(value(&world, &ana, one).await, None);
    add(&world, &ana, group, &[&ana]).await.unwrap();
    assert_eq!(value(&world, &ana, one).await.as_deref(), Some("one"));
}

#[tokio::test]
async fn a_name_is_signed_with_the_key_and_a_disabled_group_is_no_target() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let group = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&bruno]).await;
    let (epoch, seed) = seed(&world, &ana, group).await;
    let key = GroupKey {
        group,
        name: "New crew".into(),
        managed_by: vault::GroupSigner::Owner,
        epoch,
        key: seed.public_key().to_bytes(),
    };
    let change = GroupChange {
        name: "New crew".into(),
        description: "more".into(),
        members_can_view: true,
        epoch,
        signature: key.sign(&ana.keys),
    };
    let forged = GroupChange { name: "Other".into(), ..change.clone() };
    assert!(matches!(world.store.change_group(ana.id, group, &forged).await, Err(StoreError::Malformed(_))));
    let old = GroupChange { epoch: 2, ..change.clone() };
    assert!(matches!(world.store.change_group(ana.id, group, &old).await, Err(StoreError::Stale)));
    world.store.change_group(ana.id, group, &change).await.unwrap();
    let found = world.store.group(bruno.id, group).await.unwrap();
    assert_eq!((found.group.name.as_str(), found.manages, found.seed), ("New crew", false, None));
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(RecipientId::Group(group), Permission::View)]).await;
    world.store.set_group_enabled(ana.id, group, false).await.unwrap();
    assert_eq!(value(&world, &bruno, one).await, None);
    let refused = problems(world.store.recipient_keys(ana.id, &[RecipientId::Group(group)]).await);
    assert_eq!(refused[0].reason, Reason::Disabled);
}

#[tokio::test]
async fn who_was_disabled_while_the_key_changed_gets_it_when_they_are_back() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let group = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&bruno, &carla]).await;
    world.store.set_person_enabled(world.founder.id, bruno.id, false).await.unwrap();
    assert!(matches!(add(&world, &ana, group, &[&bruno]).await, Err(StoreError::Refused(_))));
    let new = new_epoch(&world, &ana, group, &[]).await;
    world.store.remove_members(ana.id, group, &[carla.id], &new).await.unwrap();
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(RecipientId::Group(group), Permission::View)]).await;
    world.store.set_person_enabled(world.founder.id, bruno.id, true).await.unwrap();
    let upkeep = world.store.group_upkeep(ana.id).await.unwrap();
    assert_eq!(upkeep[0].members[0].entry.account, bruno.id);
    let (epoch, members) = sealed(&world, &ana, group, &[&bruno]).await;
    world.store.complete_group(ana.id, group, epoch, &members, &[]).await.unwrap();
    assert_eq!(value(&world, &bruno, one).await.as_deref(), Some("one"));
    assert!(world.store.group_upkeep(ana.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_group_with_the_id_of_a_person_gives_nothing_of_theirs() {
    let world = World::new().await;
    let (ana, bruno, mallory) = (world.person("ana").await, world.person("bruno").await, world.person("mallory").await);
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(to(&bruno), Permission::Edit)]).await;
    let group =
        world.group_with_id(GroupId::from(bruno.id.uuid()), &mallory, GroupKind::PrivateGroup, "Crew", &[]).await;
    add(&world, &mallory, group, &[&mallory]).await.unwrap();
    assert!(world.store.secrets(mallory.id).await.unwrap().is_empty());
    assert!(matches!(world.store.secret(mallory.id, one).await, Err(StoreError::NotFound)));
    assert!(matches!(
        world.store.set_enabled(mallory.id, BatchId::random(), &[one], false).await,
        Err(StoreError::NotFound | StoreError::Refused(_))
    ));
    // Nor does leaving it make anything of Bruno's due.
    let new = new_epoch(&world, &mallory, group, &[]).await;
    world.store.remove_members(mallory.id, group, &[mallory.id], &new).await.unwrap();
    assert!(world.due(&ana).await.is_empty());
    assert_eq!(value(&world, &bruno, one).await.as_deref(), Some("one"));
}

#[tokio::test]
async fn who_is_left_out_when_somebody_leaves_gets_the_seed_later() {
    let world = World::new().await;
    let (ana, bruno, carla, dora) = (
        world.person("ana").await,
        world.person("bruno").await,
        world.person("carla").await,
        world.person("dora").await,
    );
    let group = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&bruno, &carla, &dora]).await;
    let mut new = new_epoch(&world, &ana, group, &[&bruno, &carla]).await;
    // Carla's keys were not certain to Ana's browser: nobody stays in the group for that.
    new.members.retain(|to| to.account == bruno.id);
    world.store.remove_members(ana.id, group, &[dora.id], &new).await.unwrap();
    let upkeep = world.store.group_upkeep(ana.id).await.unwrap();
    assert_eq!(upkeep.len(), 1);
    assert!(!upkeep[0].outlived);
    let lacking: Vec<AccountId> = upkeep[0].members.iter().map(|signed| signed.entry.account).collect();
    assert_eq!(lacking, [carla.id]);
    // Nobody slips in on this way.
    let mut wrong = new_epoch(&world, &ana, group, &[&bruno, &carla]).await;
    wrong.members.push(SealedTo { account: dora.id, seed: vec![1; 1_200] });
    assert!(matches!(world.store.remove_members(ana.id, group, &[], &wrong).await, Err(StoreError::Stale)));
}

#[tokio::test]
async fn an_administrator_who_is_none_any_more_keeps_no_seed_of_the_next_key() {
    let world = World::new().await;
    let (ana, second) = (world.person("ana").await, world.person_as("second", Role::Administrator).await);
    let group = world.group(&world.founder, GroupKind::UserGroup, "Platform", &[&ana]).await;
    let (epoch, seed) = seed(&world, &world.founder, group).await;
    let handed = SealedTo {
        account: second.id,
        seed: seed.seal_to_manager(group, epoch, second.id, &second.keys.public().sealing),
    };
    world.store.complete_group(world.founder.id, group, epoch, &[], &[handed]).await.unwrap();
    assert!(world.store.group_upkeep(world.founder.id).await.unwrap().is_empty());
    let one = world.secret(&ana, "one").await;
    let share = world.share(&ana, &[one], &[(RecipientId::Group(group), Permission::View)]).await;

    world.store.set_role(world.founder.id, second.id, Role::Member, None).await.unwrap();
    let upkeep = world.store.group_upkeep(world.founder.id).await.unwrap();
    assert!(upkeep[0].outlived);
    let new = new_epoch(&world, &world.founder, group, &[&ana]).await;
    world.store.remove_members(world.founder.id, group, &[], &new).await.unwrap();
    assert!(world.store.group_upkeep(world.founder.id).await.unwrap().is_empty());
    // What the old seed opens is settled by its owner.
    assert_eq!(world.due(&ana).await, [share]);
    assert_eq!(world.count("management").await, 1);
}
