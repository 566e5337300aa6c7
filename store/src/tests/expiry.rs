//! Access that ends by itself.

use vault::Permission;

use super::fixture::*;
use super::settle::settle;
use super::undo::{EDIT, Shared, VIEW, shared};
use crate::database::query;
use crate::*;

#[tokio::test]
async fn a_share_gets_more_recipients_and_ends_by_itself_with_all_of_them() {
    let Shared { world, ana, bruno, carla, secrets: [one, two], share } = shared().await;
    let dora = world.person("dora").await;
    let now = clock::millis(&clock::now());
    for (person, batch) in [(&bruno, share), (&ana, BatchId::random())] {
        assert!(matches!(
            world.store.set_expiry(person.id, batch, Some(now + 60_000)).await,
            Err(StoreError::NotFound)
        ));
    }
    assert!(matches!(world.store.set_expiry(ana.id, share, Some(now - 1)).await, Err(StoreError::Malformed(_))));
    world.store.set_expiry(ana.id, share, Some(now + 600_000)).await.unwrap();
    assert_eq!(world.store.receipt(ana.id, share).await.unwrap().ends_at, Some(now + 600_000));
    let more = world.new_share(&ana, &[one], &[(to(&dora), Permission::View)]).await;
    assert!(matches!(world.store.add_share(ana.id, &more, Some(share)).await, Err(StoreError::Stale)), "another end");
    let more = NewShare { ends_at: Some(now + 600_000), ..more };
    let three = world.secret(&ana, "three").await;
    let other = world.new_share(&ana, &[three], &[(to(&dora), Permission::View)]).await;
    let other = NewShare { ends_at: more.ends_at, ..other };
    assert!(
        matches!(world.store.add_share(ana.id, &other, Some(share)).await, Err(StoreError::Stale)),
        "another secret"
    );
    for _ in 0..2 {
        world.store.add_share(ana.id, &more, Some(share)).await.unwrap();
    }
    assert_eq!(world.activity(&ana).await, [(BatchKind::Share, 2, 3, false)]);
    assert_eq!(world.permission(&dora, one).await, VIEW);
    // Settling keeps the end.
    world.unshare(&ana, &[two], &[to(&carla)]).await;
    settle(&world, &ana).await;
    assert_eq!(world.store.end_expired().await.unwrap(), 0);
    // The time comes.
    query!(world.store.db, "UPDATE share SET ends_at = ends_at - 10m WHERE ends_at IS NOT NONE").unwrap();
    for person in [&bruno, &carla, &dora] {
        assert!(world.store.secrets(person.id).await.unwrap().is_empty());
        assert!(world.store.open_secret(person.id, one).await.is_err());
    }
    let text = "FOR $id IN (SELECT VALUE id FROM share WHERE ends_at IS NOT NONE) {
                    CREATE expiry SET id = [time::now() - 1s, record::id($id)]
                }";
    query!(world.store.db, text).unwrap();
    assert_eq!(world.store.end_expired().await.unwrap(), 3);
    assert_eq!(world.store.end_expired().await.unwrap(), 0);
    assert_eq!(world.store.due(ana.id).await.unwrap().secrets, 2);
    settle(&world, &ana).await;
    assert_eq!(world.store.due(ana.id).await.unwrap(), Due::default());
}

#[tokio::test]
async fn what_ends_by_itself_does_so_with_another_owner() {
    let Shared { world, ana, bruno, carla, secrets: [one, _], share } = shared().await;
    let now = clock::millis(&clock::now());
    world.store.set_expiry(ana.id, share, Some(now + 600_000)).await.unwrap();
    let transfer = world.transfer(&ana, &[one], &carla).await.unwrap();
    world.take_over(&carla, transfer).await;
    assert_eq!(world.permission(&bruno, one).await, EDIT);
    query!(world.store.db, "UPDATE share SET ends_at = ends_at - 10m WHERE ends_at IS NOT NONE").unwrap();
    assert_eq!(world.permission(&bruno, one).await, None);
    assert_eq!(world.store.secret(carla.id, one).await.unwrap().permission, None);
}

#[tokio::test]
async fn the_end_of_access_is_not_for_the_owner_before_to_set() {
    let Shared { world, ana, bruno, carla, secrets: [one, _], share } = shared().await;
    world.transfer(&ana, &[one], &carla).await.unwrap();
    let later = clock::millis(&clock::now()) + 600_000;
    assert!(matches!(world.store.set_expiry(ana.id, share, Some(later)).await, Err(StoreError::Stale)));
    assert_eq!(world.permission(&bruno, one).await, EDIT);
}

#[tokio::test]
async fn a_batch_whose_access_ends_at_different_times_gets_more_recipients_until_the_last_of_them() {
    let Shared { world, ana, carla, secrets: [one, two], share, .. } = shared().await;
    let dora = world.person("dora").await;
    let end = clock::millis(&clock::now()) + 600_000;
    world.store.set_expiry(ana.id, share, Some(end)).await.unwrap();
    world.share(&ana, &[two], &[(to(&carla), Permission::Edit)]).await;
    let unshared = world.unshare(&ana, &[one, two], &[to(&carla)]).await;
    // What comes back ends as it did: one of the two shares then, the other one not by itself.
    let back = world.undo(&ana, unshared).await.unwrap();
    let ends = async || {
        let receipt = world.store.receipt(ana.id, back).await.unwrap();
        (receipt.kind, receipt.is_live, receipt.first_end, receipt.ends_at)
    };
    assert_eq!(ends().await, (BatchKind::Share, true, Some(end), None));
    let more = world.new_share(&ana, &[one], &[(to(&dora), Permission::View)]).await;
    let until = NewShare { ends_at: Some(end), ..more.clone() };
    assert!(matches!(world.store.add_share(ana.id, &until, Some(back)).await, Err(StoreError::Stale)));
    world.store.add_share(ana.id, &more, Some(back)).await.unwrap();
    assert_eq!(world.permission(&dora, one).await, VIEW);
    world.store.set_expiry(ana.id, back, Some(end)).await.unwrap();
    assert_eq!(ends().await, (BatchKind::Share, true, Some(end), Some(end)));
    let last = |ends: &[Option<Millis>]| expiry::last_end(ends.iter().copied());
    assert_eq!([last(&[]), last(&[Some(1), Some(3), Some(2)]), last(&[Some(3), None])], [None, Some(3), None]);
}
