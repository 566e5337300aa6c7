//! New keys for somebody who has lost all that opens theirs.

use vault::{AccountId, Invitation, InvitationCode, Permission, Vouch};

use super::fixture::*;
use super::limit::limited;
use super::people::{DAY, accept, now_millis};
use super::settle::{rekey, settle};
use crate::*;

/// The link by which somebody makes their next keys.
pub(super) fn next(by: &Person, account: AccountId, username: &str, epoch: u64) -> (InvitationCode, NewInvitation) {
    let code = InvitationCode::random();
    let invitation = Invitation::sign(&code, account, username, epoch, false, now_millis() + DAY, &by.keys);
    let new = NewInvitation {
        invitation,
        email: format!("{username}@example.com"),
        role: Role::Member,
        proof: code.proof().to_vec(),
        root: code.seal_root(account, &by.keys.root()),
    };
    (code, new)
}

/// The new keys of somebody who has the link, once another administrator than the founder, who made it, has confirmed them.
async fn confirmed(world: &World, code: &InvitationCode, by: &Person) -> Person {
    let (again, accepted) = accept(world, code).await;
    world.store.accept_invitation(&code.proof(), &accepted).await.unwrap();
    world.store.sign_entry(by.id, &accepted.entry.sign(&by.keys), None).await.unwrap();
    again
}

#[tokio::test]
async fn who_has_lost_all_that_opens_their_keys_starts_over_with_new_ones() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let group = world.group(&world.founder, GroupKind::UserGroup, "Platform", &[&bruno]).await;
    let (one, two) = (world.secret(&ana, "one").await, world.secret(&ana, "two").await);
    let share = world.share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
    world.share(&ana, &[two], &[(vault::RecipientId::Group(group), Permission::View)]).await;
    let second = world.person_as("second", Role::Administrator).await;
    let crew = world.group(&bruno, GroupKind::PrivateGroup, "Crew", &[&ana]).await;
    let his = world.secret(&bruno, "his").await;
    world.share(&bruno, &[his], &[(to(&ana), Permission::View)]).await;
    world.session("token", "bruno").await;

    // Not by members, not oneself, not the keys that are there or any but the next, not under another name.
    let refused = |result: Result<(), StoreError>| assert!(result.is_err(), "{result:?}");
    refused(world.store.invite(ana.id, &next(&ana, bruno.id, "bruno", 2).1).await);
    refused(world.store.invite(world.founder.id, &next(&world.founder, world.founder.id, "founder", 2).1).await);
    for (username, epoch) in [("bruno", 1), ("bruno", 3), ("other", 2)] {
        refused(world.store.invite(world.founder.id, &next(&world.founder, bruno.id, username, epoch).1).await);
    }
    assert!(world.store.session_account("token").await.unwrap().is_some());

    let (lost, new) = next(&world.founder, bruno.id, "bruno", 2);
    world.store.invite(world.founder.id, &new).await.unwrap();
    assert!(world.store.session_account("token").await.unwrap().is_none());
    assert!(world.store.credential("bruno").await.unwrap().is_none());
    // What he shared goes on, also while he has no keys; what only he could manage does not.
    assert_eq!(world.read(&ana, his).await.unwrap().client_secret, "his");
    assert!(!world.store.group(world.founder.id, crew).await.unwrap().group.enabled);
    // The link was lost as well: another one for the same keys.
    let (code, new) = next(&world.founder, bruno.id, "bruno", 2);
    world.store.invite(world.founder.id, &new).await.unwrap();
    assert!(matches!(world.store.open_invitation(&lost.proof()).await, Err(StoreError::NotFound)));
    let (again, accepted) = accept(&world, &code).await;
    world.store.accept_invitation(&code.proof(), &accepted).await.unwrap();
    assert_eq!(world.store.account(bruno.id).await.unwrap().epoch, 2);

    // An administrator compares and confirms; then groups and owners hand him what he had.
    let signed = world.store.keys_of_person(world.founder.id, bruno.id).await.unwrap().unwrap();
    assert!(matches!(signed.vouch, Vouch::Invited { .. }));
    assert!(matches!(world.store.keys_of_person(ana.id, bruno.id).await, Err(StoreError::Forbidden)));
    // Who made the link could have used it: somebody else compares.
    let by_founder = signed.entry.clone().sign(&world.founder.keys);
    let alone = world.store.sign_entry(world.founder.id, &by_founder, None).await;
    assert!(matches!(alone, Err(StoreError::AnotherHasToConfirm)), "{alone:?}");
    world.store.sign_entry(second.id, &signed.entry.sign(&second.keys), None).await.unwrap();
    let upkeep = world.store.group_upkeep(world.founder.id).await.unwrap();
    assert_eq!(upkeep[0].members[0].entry.epoch, 2);
    let (epoch, seed) = super::group::seed(&world, &world.founder, group).await;
    let seed = seed.seal_to_member(group, epoch, again.id, &again.keys.public().sealing);
    let handed = SealedTo { account: again.id, seed };
    world.store.complete_group(world.founder.id, group, epoch, &[handed], &[]).await.unwrap();
    assert_eq!(world.read(&again, two).await.unwrap().client_secret, "two");
    assert_eq!(world.due(&ana).await, [share]);
    settle(&world, &ana).await;
    assert_eq!(world.read(&again, one).await.unwrap().client_secret, "one");
    // What he owned opens for those it is shared with.
    assert_eq!(world.read(&ana, his).await.unwrap().client_secret, "his");
}

#[tokio::test]
async fn what_they_owned_is_not_theirs_to_settle_and_administrators_are_told() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let second = world.person_as("second", Role::Administrator).await;
    let (one, two) = (world.secret(&bruno, "one").await, world.secret(&bruno, "two").await);
    let to_carla = (to(&carla), Permission::View);
    world.share(&bruno, &[one], &[(to(&ana), Permission::View), to_carla]).await;
    world.share(&bruno, &[two], &[to_carla]).await;
    // One of them was about to get a new key when he lost his.
    world.store.change_access(bruno.id, &limited(&[two], &[(to(&carla), None)])).await.unwrap();
    for share in world.store.due_shares(bruno.id, 0).await.unwrap() {
        let due = world.store.due_share(bruno.id, share).await.unwrap();
        world.store.settle_share(bruno.id, share, &rekey(&world, &bruno, &due).await).await.unwrap();
    }
    assert_eq!(world.store.due(bruno.id).await.unwrap(), Due { secrets: 1, ..Due::default() });
    let (code, new) = next(&world.founder, bruno.id, "bruno", 2);
    world.store.invite(world.founder.id, &new).await.unwrap();
    let again = confirmed(&world, &code, &second).await;

    world.store.change_access(again.id, &limited(&[one], &[(to(&carla), None)])).await.unwrap();
    assert_eq!(world.store.due(again.id).await.unwrap(), Due::default());
    assert!(world.store.due_shares(again.id, 0).await.unwrap().is_empty());
    assert!(world.store.due_secrets(again.id, 0).await.unwrap().0.is_empty());
    let waiting = world.store.waiting(world.founder.id, Some(again.id)).await.unwrap();
    assert_eq!((waiting[0].shares, waiting[0].secrets, waiting[0].lost), (1, 1, 2));
    // What he adds and shares since is settled as ever; access that has ended stays ended.
    let three = world.secret(&again, "three").await;
    world.share(&again, &[three], &[to_carla]).await;
    world.store.change_access(again.id, &limited(&[three], &[(to(&carla), None)])).await.unwrap();
    assert_eq!(world.store.due(again.id).await.unwrap(), Due { shares: 1, ..Due::default() });
    settle(&world, &again).await;
    assert_eq!(world.store.due(again.id).await.unwrap(), Due::default());
    assert!(world.read(&carla, one).await.is_err());
    assert_eq!(world.read(&ana, one).await.unwrap().client_secret, "one");
}

#[tokio::test]
async fn what_was_given_to_them_and_not_taken_over_is_sealed_to_their_new_keys() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let second = world.person_as("second", Role::Administrator).await;
    let (one, two) = (world.secret(&ana, "one").await, world.secret(&ana, "two").await);
    world.share(&ana, &[one], &[(to(&carla), Permission::View)]).await;
    let transfer = world.transfer(&ana, &[one, two], &bruno).await.unwrap();
    let (code, new) = next(&world.founder, bruno.id, "bruno", 2);
    world.store.invite(world.founder.id, &new).await.unwrap();
    // Before there are new keys, nobody has anything to do.
    assert_eq!(world.store.due(ana.id).await.unwrap(), Due::default());
    let again = confirmed(&world, &code, &second).await;
    // He cannot open it with them until it is sealed to them.
    assert_eq!(world.store.due(again.id).await.unwrap(), Due::default());
    assert!(world.store.transfers(again.id, again.id).await.unwrap().is_empty());
    assert_eq!(world.store.due(ana.id).await.unwrap(), Due { shares: 1, ..Due::default() });
    settle(&world, &ana).await;
    assert_eq!(world.store.due(ana.id).await.unwrap(), Due::default());
    assert_eq!(world.store.due(again.id).await.unwrap(), Due { transferred: 2, ..Due::default() });
    for is_taken_over in [false, true] {
        if is_taken_over {
            world.take_over(&again, transfer).await;
            settle(&world, &again).await;
            assert_eq!(world.store.due(again.id).await.unwrap(), Due::default());
        }
        for (person, secret, value) in [(&again, one, "one"), (&again, two, "two"), (&carla, one, "one")] {
            assert_eq!(world.read(person, secret).await.unwrap().client_secret, value);
        }
    }
}
