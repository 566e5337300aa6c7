//! Transfers that are undone before anybody has taken them over.

use vault::Permission;

use super::fixture::*;
use super::settle::settle;
use super::undo::{EDIT, Shared, VIEW, shared};
use crate::*;

impl World {
    /// A transfer as the batch that it is.
    async fn gives(&self, from: &Person, secrets: &[vault::SecretId], to: &Person) -> BatchId {
        BatchId::from(self.transfer(from, secrets, to).await.unwrap().uuid())
    }
}

#[tokio::test]
async fn whoever_gave_it_away_owns_it_again_and_everyone_has_what_they_had() {
    let Shared { world, ana, bruno, carla, secrets: [one, two], .. } = shared().await;
    let dora = world.person("dora").await;
    // Also one who had access before, and has the same again.
    for owner in [&dora, &bruno] {
        let batch = world.gives(&ana, &[one, two], owner).await;
        assert_eq!(world.read(owner, one).await.unwrap().client_secret, "one");
        assert!(world.store.secret(ana.id, one).await.is_err());
        let undone = world.undo(&ana, batch).await.unwrap();
        for is_settled in [false, true] {
            let due = if is_settled { Due::default() } else { Due { secrets: 2, ..Due::default() } };
            assert_eq!(world.store.due(ana.id).await.unwrap(), due);
            assert_eq!(world.store.due(owner.id).await.unwrap(), Due::default());
            for (secret, name) in [(one, "one"), (two, "two")] {
                assert_eq!(world.read(&ana, secret).await.unwrap().client_secret, name);
                assert_eq!(world.store.secret(ana.id, secret).await.unwrap().permission, None);
                assert_eq!(world.permission(&bruno, secret).await, EDIT);
                assert_eq!(world.permission(&carla, secret).await, VIEW);
                assert!(world.store.secret(dora.id, secret).await.is_err());
            }
            settle(&world, &ana).await;
        }
        assert!(world.store.transfers(owner.id, owner.id).await.unwrap().is_empty());
        // Who could open them and cannot any more is known; who still has access is no matter.
        let exposed = world.store.exposed(ana.id).await.unwrap();
        let exposed: Vec<_> = exposed.into_iter().flat_map(|of| of.people).map(|to| to.account).collect();
        assert_eq!(exposed, [dora.id, dora.id]);
        // Both find it, and nothing of it can be done again.
        assert_eq!(
            world.activity(owner).await[..2],
            [(BatchKind::Transfer, 2, 2, false), (BatchKind::Transfer, 2, 1, true)]
        );
        assert_eq!(world.store.receipt(owner.id, undone).await.unwrap().undoes, Some(batch));
        assert_eq!(world.store.receipt(ana.id, batch).await.unwrap().undone_by, Some(undone));
        assert!(matches!(world.undo(&ana, batch).await, Err(StoreError::Stale)));
        for person in [&ana, owner] {
            assert!(matches!(world.undo(person, undone).await, Err(StoreError::NotFound)));
            assert!(!world.store.receipt(person.id, undone).await.unwrap().may_undo);
        }
    }
}

#[tokio::test]
async fn what_the_new_owner_did_stays_and_an_identifier_is_the_owners_once() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let with_identifier = |name: &str| {
        let mut new = new_secret(&ana, name);
        new.secret.identifier = Some("billing".into());
        new
    };
    let (first, second) = (with_identifier("first"), with_identifier("second"));
    world.store.add_secret(ana.id, &first).await.unwrap();
    world.share(&ana, &[first.id], &[(to(&carla), Permission::View)]).await;
    let batch = world.gives(&ana, &[first.id], &bruno).await;
    for other in [&bruno, &carla, &world.founder] {
        assert!(matches!(world.undo(other, batch).await, Err(StoreError::NotFound)));
    }
    world.unshare(&bruno, &[first.id], &[to(&carla)]).await;
    world.store.add_secret(ana.id, &second).await.unwrap();
    let refused = problems(world.undo(&ana, batch).await);
    assert_eq!(refused, [Problem { subject: Subject::Secret(first.id), reason: Reason::IdentifierTaken }]);
    world.store.delete_secrets(ana.id, BatchId::random(), &[second.id]).await.unwrap();
    world.undo(&ana, batch).await.unwrap();
    let row = world.store.secret(ana.id, first.id).await.unwrap();
    assert_eq!(row.secret.identifier.as_deref(), Some("billing"));
    for _ in 0..2 {
        assert!(world.store.secret(carla.id, first.id).await.is_err());
        assert!(world.store.secret(bruno.id, first.id).await.is_err());
        settle(&world, &ana).await;
        assert_eq!(world.store.due(ana.id).await.unwrap(), Due::default());
    }
}

#[tokio::test]
async fn what_is_taken_over_is_for_its_new_owner_to_give_back() {
    let Shared { world, ana, carla, secrets: [one, two], .. } = shared().await;
    let dora = world.person("dora").await;
    let batch = world.gives(&ana, &[one, two], &dora).await;
    let of = async |person: &Person| {
        let receipt = world.store.receipt(person.id, batch).await.unwrap();
        (receipt.may_undo, receipt.new_owner)
    };
    assert_eq!(of(&ana).await, (true, Some(to(&dora))));
    assert_eq!(of(&dora).await, (false, None));
    assert_eq!(of(&world.founder).await, (false, Some(to(&dora))));
    let undo = world.new_undo(&ana, batch).await.unwrap();
    world.take_over(&dora, vault::ShareId::from(batch.uuid())).await;
    assert_eq!(of(&ana).await, (false, Some(to(&dora))));
    let plan = world.store.undo_plan(ana.id, batch).await.unwrap();
    assert_eq!((plan.given, plan.left_out), (None, LeftOut { taken_over: 2, ..LeftOut::default() }));
    assert!(matches!(world.undo(&ana, batch).await, Err(StoreError::Stale)));
    assert!(matches!(world.store.undo(ana.id, &undo).await, Err(StoreError::Stale)));
    assert!(world.read(&dora, one).await.is_ok() && world.read(&ana, one).await.is_err());
    assert_eq!(world.permission(&carla, two).await, VIEW);
    // Nobody says of who has it no more that they can give it back.
    let back = world.gives(&dora, &[one, two], &ana).await;
    assert_eq!(of(&ana).await, (false, None));
    world.undo(&dora, back).await.unwrap();
    assert_eq!(of(&ana).await, (false, Some(to(&dora))));
}

#[tokio::test]
async fn what_was_taken_before_a_transfer_comes_back_once_that_is_undone() {
    let Shared { world, ana, bruno, secrets: [one, two], .. } = shared().await;
    let unshared = world.unshare(&ana, &[one], &[to(&bruno)]).await;
    let batch = world.gives(&ana, &[one, two], &bruno).await;
    assert!(matches!(world.undo(&ana, unshared).await, Err(StoreError::Stale)));
    world.undo(&ana, batch).await.unwrap();
    assert!(world.store.secret(bruno.id, one).await.is_err());
    world.undo(&ana, unshared).await.unwrap();
    assert_eq!([world.permission(&bruno, one).await, world.permission(&bruno, two).await], [EDIT, EDIT]);
}

#[tokio::test]
async fn of_taking_over_and_taking_back_at_the_same_time_one_is_done() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    for number in 0..4 {
        let one = world.secret(&ana, &format!("one {number}")).await;
        let transfer = world.transfer(&ana, &[one], &bruno).await.unwrap();
        let undo = world.new_undo(&ana, BatchId::from(transfer.uuid())).await.unwrap();
        let found = world.store.transfer_to(bruno.id, bruno.id, transfer).await.unwrap();
        let taken = world.taken(&bruno, &found).await;
        let (undone, kept) =
            tokio::join!(world.store.undo(ana.id, &undo), world.store.take_over(bruno.id, bruno.id, &taken));
        assert!(undone.is_ok() != kept.is_ok(), "{undone:?} {kept:?}");
        assert_eq!(world.read(&ana, one).await.is_ok(), undone.is_ok());
        assert_eq!(world.read(&bruno, one).await.is_ok(), kept.is_ok());
    }
}
