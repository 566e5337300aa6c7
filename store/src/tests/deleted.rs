use std::time::Duration;

use vault::Permission;

use super::fixture::*;
use super::limit::limited;
use super::settle::settle;
use crate::*;

#[tokio::test]
async fn what_is_in_the_bin_is_there_for_nobody_and_comes_back_as_it_was() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let (one, two) = (world.secret(&ana, "one").await, world.secret(&ana, "two").await);
    world.share(&ana, &[one, two], &[(to(&bruno), Permission::Edit)]).await;
    let batch = BatchId::random();
    world.store.delete_secrets(ana.id, batch, &[one]).await.unwrap();
    world.store.delete_secrets(ana.id, batch, &[one]).await.unwrap();
    assert!(matches!(world.store.delete_secrets(ana.id, batch, &[two]).await, Err(StoreError::Reused)));
    for person in [&ana, &bruno] {
        let listed = world.store.secrets(person.id).await.unwrap();
        assert_eq!(listed.iter().map(|row| row.id).collect::<Vec<_>>(), [two]);
        assert!(matches!(world.store.secret(person.id, one).await, Err(StoreError::NotFound)));
        assert!(matches!(world.store.open_secret(person.id, one).await, Err(StoreError::NotFound)));
        assert!(matches!(world.store.secret_access(person.id, one).await, Err(StoreError::NotFound)));
        let change = SecretChange {
            id: one,
            secret: described("one"),
            revision: 2,
            value: Some(super::secret::rotated(vec![1; 73])),
        };
        assert!(matches!(world.store.change_secret(person.id, &change).await, Err(StoreError::NotFound)));
        assert_eq!(
            problems(world.store.set_enabled(person.id, BatchId::random(), &[one], false).await)[0].reason,
            Reason::NotFound
        );
    }
    assert_eq!(problems(world.store.keys_to_share(ana.id, &[one]).await)[0].reason, Reason::NotFound);
    assert_eq!(problems(world.store.leave(bruno.id, &[one]).await)[0].reason, Reason::NotFound);
    let unshared = world.store.change_access(ana.id, &limited(&[one], &[(to(&bruno), None)])).await;
    assert_eq!(problems(unshared)[0].reason, Reason::NotFound);
    let bin = world.store.bin(ana.id).await.unwrap();
    assert_eq!(bin.iter().map(|row| (row.id, row.name.as_str())).collect::<Vec<_>>(), [(one, "one")]);
    assert!(world.store.bin(bruno.id).await.unwrap().is_empty());

    world.store.restore_secrets(ana.id, BatchId::random(), &[one]).await.unwrap();
    assert_eq!(world.read(&bruno, one).await.unwrap().client_secret, "one");
    assert!(world.store.bin(ana.id).await.unwrap().is_empty());
    assert_eq!(
        problems(world.store.restore_secrets(ana.id, BatchId::random(), &[one]).await)[0].reason,
        Reason::NotFound
    );
}

#[tokio::test]
async fn a_bin_is_emptied_after_its_time_and_what_else_is_shared_goes_on() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let (one, two) = (world.secret(&ana, "one").await, world.secret(&ana, "two").await);
    world.share(&ana, &[one, two], &[(to(&bruno), Permission::View), (to(&carla), Permission::View)]).await;
    world.share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
    world.store.delete_secrets(ana.id, BatchId::random(), &[one]).await.unwrap();
    assert_eq!(world.store.empty_bins(BIN_KEEPS).await.unwrap(), 0);
    assert_eq!(world.store.bin(ana.id).await.unwrap().len(), 1);
    assert_eq!(world.store.empty_bins(Duration::ZERO).await.unwrap(), 1);
    assert_eq!(world.count("secret").await, 1);
    assert!(world.store.bin(ana.id).await.unwrap().is_empty());
    // The share that had nothing else has ended; the other one is settled without what is gone.
    assert_eq!((world.count("item").await, world.count("grant").await), (2, 2));
    assert_eq!(world.read(&bruno, two).await.unwrap().client_secret, "two");
    world.store.change_access(ana.id, &limited(&[two], &[(to(&carla), None)])).await.unwrap();
    settle(&world, &ana).await;
    assert_eq!((world.count("item").await, world.count("grant").await), (1, 1));
    assert_eq!(world.read(&bruno, two).await.unwrap().client_secret, "two");
    assert!(world.read(&carla, two).await.is_err());
}

#[tokio::test]
async fn no_limit_is_kept_on_a_share_that_ends_with_the_bin() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(to(&bruno), Permission::View), (to(&carla), Permission::View)]).await;
    world.store.change_access(ana.id, &limited(&[one], &[(to(&carla), None)])).await.unwrap();
    world.store.delete_secrets(ana.id, BatchId::random(), &[one]).await.unwrap();
    assert_eq!(world.store.empty_bins(Duration::ZERO).await.unwrap(), 1);
    // Nothing is due any more, so nobody's settling would take it away.
    assert_eq!(world.store.due(ana.id).await.unwrap(), Due::default());
    for table in ["limit", "limited_secret", "limited_recipient"] {
        assert_eq!(world.count(table).await, 0, "{table}");
    }
}

/// A secret with an identifier.
fn identified(owner: &Person, name: &str) -> NewSecret {
    let mut new = new_secret(owner, name);
    new.secret.identifier = Some("billing".into());
    new
}

#[tokio::test]
async fn an_identifier_is_free_while_its_secret_is_in_the_bin_and_comes_back_where_it_still_is() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let identifier = async |secret| world.store.secret(ana.id, secret).await.unwrap().secret.identifier;
    let delete = async |secret| world.store.delete_secrets(ana.id, BatchId::random(), &[secret]).await.unwrap();
    let [first, second, third] = ["first", "second", "third"].map(|name| identified(&ana, name));
    world.store.add_secret(ana.id, &first).await.unwrap();
    delete(first.id).await;
    assert_eq!(world.store.restore_secrets(ana.id, BatchId::random(), &[first.id]).await.unwrap(), 0);
    assert_eq!(identifier(first.id).await.as_deref(), Some("billing"));
    assert!(matches!(world.store.add_secret(ana.id, &second).await, Err(StoreError::Taken("identifier"))));

    // Another one has it when the first comes back, and keeps it.
    delete(first.id).await;
    world.store.add_secret(ana.id, &second).await.unwrap();
    let restore = BatchId::random();
    assert_eq!(world.store.restore_secrets(ana.id, restore, &[first.id]).await.unwrap(), 1);
    assert_eq!(world.store.restore_secrets(ana.id, restore, &[first.id]).await.unwrap(), 0);
    assert_eq!(identifier(first.id).await, None);
    assert_eq!(identifier(second.id).await.as_deref(), Some("billing"));
    // It has none to come back with any more.
    delete(first.id).await;
    delete(second.id).await;
    assert_eq!(world.store.restore_secrets(ana.id, BatchId::random(), &[first.id]).await.unwrap(), 0);
    assert_eq!(identifier(first.id).await, None);

    // Of two that had it, the one that had it last gets it; and what is in the bin is in nobody's way.
    world.store.add_secret(ana.id, &third).await.unwrap();
    delete(third.id).await;
    let his = identified(&bruno, "his");
    world.store.add_secret(bruno.id, &his).await.unwrap();
    let transfer = world.transfer(&bruno, &[his.id], &ana).await.unwrap();
    assert_eq!(identifier(his.id).await.as_deref(), Some("billing"));
    world.take_over(&ana, transfer).await;
    delete(his.id).await;
    let all = [second.id, third.id, his.id];
    assert_eq!(world.store.restore_secrets(ana.id, BatchId::random(), &all).await.unwrap(), 2);
    assert_eq!([identifier(second.id).await, identifier(third.id).await], [None, None]);
    assert_eq!(identifier(his.id).await.as_deref(), Some("billing"));
}
