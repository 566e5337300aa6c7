//! What receipts say, and to whom.

use vault::{Permission, SecretId};

use super::fixture::*;
use super::undo::{Shared, VIEW, shared};
use crate::*;

#[tokio::test]
async fn a_receipt_says_what_was_done_to_those_it_is_for() {
    let Shared { world, ana, bruno, carla, secrets: [one, two], share } = shared().await;
    let receipt = world.store.receipt(ana.id, share).await.unwrap();
    assert_eq!(
        (receipt.kind, receipt.is_owner, receipt.is_live, receipt.ends_at),
        (BatchKind::Share, true, true, None)
    );
    assert_eq!(receipt.by.1, "ana");
    assert_eq!(receipt.parts.len(), 1);
    assert_eq!(receipt.parts[0].changes.len(), 2);
    assert_eq!(receipt.names.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(receipt.recipients.len(), 2);
    // The founder is an administrator.
    assert!(world.store.receipt(world.founder.id, share).await.is_ok_and(|receipt| !receipt.is_owner));
    for other in [&bruno, &carla] {
        assert!(matches!(world.store.receipt(other.id, share).await, Err(StoreError::NotFound)));
        assert!(matches!(world.store.undo_plan(other.id, share).await, Err(StoreError::NotFound)));
    }
    // What an administrator does to secrets of two people is for each of them as far as it is theirs.
    let his = world.secret(&bruno, "his").await;
    world.share(&bruno, &[his], &[(to(&carla), Permission::View)]).await;
    let all = world.unshare(&world.founder, &[one, two, his], &[to(&carla)]).await;
    let of = async |person: &Person| {
        let receipt = world.store.receipt(person.id, all).await.unwrap();
        receipt.names.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    assert_eq!(of(&ana).await, ["one", "two"]);
    assert_eq!(of(&bruno).await, ["his"]);
    assert_eq!(of(&world.founder).await, ["his", "one", "two"]);
    assert_eq!(world.activity(&ana).await, [(BatchKind::Unshare, 2, 1, false), (BatchKind::Share, 2, 2, false)]);
    assert_eq!(world.activity(&world.founder).await, [(BatchKind::Unshare, 3, 1, false)]);
    assert!(world.activity(&carla).await.is_empty());
    // Each of them undoes what is theirs.
    world.undo(&bruno, all).await.unwrap();
    assert_eq!([world.permission(&carla, his).await, world.permission(&carla, one).await], [VIEW, None]);
    world.undo(&ana, all).await.unwrap();
    assert_eq!(world.permission(&carla, one).await, VIEW);
    // The administrator has no keys to give anything back with.
    assert!(world.undo(&world.founder, all).await.is_err());
}

#[tokio::test]
async fn a_page_of_the_activity_goes_on_where_the_one_before_ended() {
    let Shared { world, ana, bruno, secrets, .. } = shared().await;
    for _ in 0..51 {
        world.share(&ana, &secrets[..1], &[(to(&bruno), Permission::View)]).await;
    }
    let first = world.store.activity(ana.id, None).await.unwrap();
    let rest = world.store.activity(ana.id, Some(first.last().unwrap().event)).await.unwrap();
    assert_eq!((first.len(), rest.len()), (50, 2));
    assert_eq!(rest.last().unwrap().secrets, 2);
    assert!(first.iter().chain(&rest).is_sorted_by(|a, b| a.at >= b.at && a.event > b.event));
}

#[tokio::test]
async fn a_receipt_names_what_its_reader_still_sees_and_a_transfer_has_one_for_the_new_owner() {
    let Shared { world, ana, bruno, carla, secrets: [one, two], .. } = shared().await;
    let disable = BatchId::random();
    world.store.set_enabled(bruno.id, disable, &[one, two], false).await.unwrap();
    world.unshare(&ana, &[one], &[to(&bruno)]).await;
    let names = async |person: &Person, batch| {
        let receipt = world.store.receipt(person.id, batch).await.unwrap();
        receipt.names.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    assert_eq!(names(&bruno, disable).await, ["two"]);
    // He turns back what he may still edit; it says what stays.
    let plan = world.store.undo_plan(bruno.id, disable).await.unwrap();
    assert_eq!((plan.switched, plan.left_out), (vec![two], LeftOut { later: 1, ..LeftOut::default() }));
    let transfer = world.transfer(&ana, &[two], &carla).await.unwrap();
    assert_eq!(names(&carla, BatchId::from(transfer.uuid())).await, ["two"]);
    assert_eq!(names(&ana, BatchId::from(transfer.uuid())).await, [""; 0]);
}

#[tokio::test]
async fn undo_is_offered_to_those_who_can_do_something_by_it() {
    let Shared { world, ana, bruno, carla, secrets: [one, two], share } = shared().await;
    let offered = async |person: &Person, batch| world.store.receipt(person.id, batch).await.unwrap().may_undo;
    let disabled_by = async |person: &Person| {
        let id = BatchId::random();
        world.store.set_enabled(person.id, id, &[one, two], false).await.unwrap();
        world.store.set_enabled(ana.id, BatchId::random(), &[one, two], true).await.unwrap();
        id
    };
    // An administrator may disable what others own, and not enable it again. Its owner may.
    let by_founder = disabled_by(&world.founder).await;
    assert_eq!([offered(&world.founder, by_founder).await, offered(&ana, by_founder).await], [false, true]);
    let by_bruno = disabled_by(&bruno).await;
    assert_eq!([offered(&bruno, by_bruno).await, offered(&world.founder, by_bruno).await], [true, false]);
    world.unshare(&ana, &[one, two], &[to(&bruno)]).await;
    assert!(!offered(&bruno, by_bruno).await);
    // What was shared can be ended by an administrator, once.
    assert_eq!([offered(&ana, share).await, offered(&world.founder, share).await], [true, true]);
    let undone = world.undo(&world.founder, share).await.unwrap();
    assert_eq!([offered(&ana, share).await, offered(&world.founder, share).await], [false, false]);
    assert_eq!([offered(&ana, undone).await, offered(&world.founder, undone).await], [true, false]);
    let transfer = world.transfer(&ana, &[one], &carla).await.unwrap();
    let id = BatchId::from(transfer.uuid());
    assert!(offered(&ana, id).await);
    world.take_over(&carla, transfer).await;
    assert!(!offered(&ana, id).await);
}

#[tokio::test]
async fn a_receipt_names_its_first_records_and_the_others_when_asked() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let new: Vec<NewSecret> = (0..1_250).map(|number| new_secret(&ana, &format!("secret {number:04}"))).collect();
    let import = BatchId::random();
    world.store.add_secrets(ana.id, import, &new).await.unwrap();
    let mut all: Vec<SecretId> = new.iter().map(|new| new.id).collect();
    all.sort_unstable();
    for reader in [&ana, &world.founder] {
        let receipt = world.store.receipt(reader.id, import).await.unwrap();
        let (mut named, mut more) = (receipt.names, receipt.more);
        let mut sizes = vec![named.len()];
        while let Some(after) = more {
            let (further, next) = world.store.receipt_names(reader.id, import, after).await.unwrap();
            sizes.push(further.len());
            named.extend(further);
            more = next;
        }
        assert_eq!(sizes, [200, 1_000, 50]);
        let mut ids: Vec<SecretId> = named.iter().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        assert_eq!(ids, all);
    }
    assert!(matches!(world.store.receipt_names(bruno.id, import, all[0]).await, Err(StoreError::NotFound)));
}
