//! What the browsers of those who can are told to do: it comes to an end, and nothing that waits for somebody else keeps the rest.

use std::collections::BTreeSet;

use vault::{AccountId, GroupId, Mandate, Vouch};

use super::fixture::*;
use super::people::{accept, invitation, invitation_for};
use crate::*;

/// Somebody who has just joined: the invitation alone answers for their keys.
async fn joins(world: &World, username: &str, role: Role) -> (Person, AcceptedInvitation) {
    let (code, new) = invitation(&world.founder, username, role, 7);
    world.store.invite(world.founder.id, &new).await.unwrap();
    let (person, accepted) = accept(world, &code).await;
    world.store.accept_invitation(&code.proof(), &accepted).await.unwrap();
    (person, accepted)
}

#[tokio::test]
async fn the_groups_after_the_first_twenty_have_their_turn() {
    let world = World::new().await;
    let founder = world.founder.id;
    for number in 0..21 {
        world.group(&world.founder, GroupKind::UserGroup, &format!("Team {number}"), &[]).await;
    }
    // An administrator whose signatures do not count yet: nobody seals anything to them, so nothing is to be done.
    let (second, accepted) = joins(&world, "second", Role::Administrator).await;
    assert!(world.store.group_upkeep(founder).await.unwrap().is_empty());
    // Nor are they offered a new group's seed.
    let offered = world.store.administrator_entries(founder).await.unwrap();
    assert_eq!(offered.iter().map(|signed| signed.entry.account).collect::<Vec<_>>(), [founder]);

    let mandate = Mandate::sign(&accepted.entry, &world.founder.keys);
    let signed = accepted.entry.sign(&world.founder.keys);
    world.store.sign_entry(founder, &signed, Some(&mandate)).await.unwrap();
    let mut done: BTreeSet<GroupId> = BTreeSet::new();
    for expected in [20, 1, 0] {
        let upkeep = world.store.group_upkeep(founder).await.unwrap();
        assert_eq!(upkeep.len(), expected);
        for needed in upkeep {
            assert_eq!(needed.managers[0].entry.account, second.id);
            let handed = SealedTo { account: second.id, seed: vec![1; 1_200] };
            world.store.complete_group(founder, needed.group, 1, &[], &[handed]).await.unwrap();
            done.insert(needed.group);
        }
    }
    assert_eq!(done.len(), 21);
}

#[tokio::test]
async fn only_first_keys_that_an_invitation_vouches_for_now_are_to_be_signed() {
    let world = World::new().await;
    let founder = world.founder.id;
    let unsigned = async |by: AccountId| -> BTreeSet<AccountId> {
        let entries = world.store.unsigned_entries(by).await.unwrap();
        entries.into_iter().map(|(signed, _)| signed.entry.account).collect()
    };
    // Who has not joined yet has no keys.
    let (_, new) = invitation(&world.founder, "late", Role::Member, 7);
    world.store.invite(founder, &new).await.unwrap();
    let ((bruno, _), (carla, _)) =
        (joins(&world, "bruno", Role::Member).await, joins(&world, "carla", Role::Member).await);
    let (second, accepted) = joins(&world, "second", Role::Administrator).await;
    assert_eq!(unsigned(founder).await, BTreeSet::from([bruno.id, carla.id, second.id]));
    // Whose own signature does not count has nothing to sign.
    assert!(unsigned(second.id).await.is_empty());
    let mandate = Mandate::sign(&accepted.entry, &world.founder.keys);
    let signed = accepted.entry.sign(&world.founder.keys);
    world.store.sign_entry(founder, &signed, Some(&mandate)).await.unwrap();
    assert_eq!(unsigned(second.id).await, BTreeSet::from([bruno.id, carla.id]));

    // Ended, or disabled.
    for field in ["expires_at", "vouches_until"] {
        world.set(record::invitation(bruno.id), field, clock::in_seconds(-1)).await;
    }
    assert_eq!(unsigned(founder).await, BTreeSet::from([carla.id]));
    world.store.set_person_enabled(founder, carla.id, false).await.unwrap();
    assert!(unsigned(founder).await.is_empty());

    // Keys that came in place of others wait for a person to compare them, and are no work for browsers.
    let dora = world.person("dora").await;
    let (code, new) = invitation_for(&world.founder, (dora.id, 2), "dora", Role::Member, 7);
    world.store.invite(founder, &new).await.unwrap();
    let (_, accepted) = accept(&world, &code).await;
    world.store.accept_invitation(&code.proof(), &accepted).await.unwrap();
    let keys = world.store.keys_of_person(founder, dora.id).await.unwrap().unwrap();
    assert!(matches!(keys.vouch, Vouch::Invited { .. }));
    assert!(unsigned(founder).await.is_empty());
}
