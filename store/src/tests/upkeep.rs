//! What the browsers of those who can are told to do: it comes to an end, and nothing that waits for somebody else keeps the rest.

use vault::{GroupId, Mandate};

use super::fixture::*;
use super::people::{accept, invitation};
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
    let mut done: Vec<GroupId> = Vec::new();
    for expected in [20, 1, 0] {
        let upkeep = world.store.group_upkeep(founder).await.unwrap();
        assert_eq!(upkeep.len(), expected);
        for needed in upkeep {
            assert_eq!(needed.managers[0].entry.account, second.id);
            let handed = SealedTo { account: second.id, seed: vec![1; 1_200] };
            world.store.complete_group(founder, needed.group, 1, &[], &[handed]).await.unwrap();
            done.push(needed.group);
        }
    }
    done.sort_unstable();
    done.dedup();
    assert_eq!(done.len(), 21);
}
