use vault::{GroupId, Permission, PublicIdentity, RecipientId, SecretId, SignedManifest};

use super::fixture::*;
use crate::*;

fn secret(id: SecretId, reason: Reason) -> Problem {
    Problem { subject: Subject::Secret(id), reason }
}

fn recipient(id: RecipientId, reason: Reason) -> Problem {
    Problem { subject: Subject::Recipient(id), reason }
}

#[tokio::test]
async fn a_batch_is_one_row_for_each_secret_and_one_for_each_recipient() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let mut secrets = Vec::new();
    for name in ["a", "b", "c", "d"] {
        secrets.push(world.secret(&ana, name).await);
    }
    let new = world.new_share(&ana, &secrets, &[(to(&bruno), Permission::View), (to(&carla), Permission::Edit)]).await;
    let shared = world.store.add_share(ana.id, &new, None).await.unwrap();
    assert_eq!(shared, Shared { items: 4, grants: 2 });
    assert_eq!((world.count("share").await, world.count("item").await, world.count("grant").await), (1, 4, 2));
    for person in [&bruno, &carla] {
        assert_eq!(world.store.secrets(person.id).await.unwrap().len(), 4);
        assert_eq!(world.read(person, secrets[2]).await.unwrap().client_secret, "c");
    }
}

#[tokio::test]
async fn the_same_share_again_is_no_second_one_and_its_id_takes_no_other() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let one = world.secret(&ana, "one").await;
    let new = world.new_share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
    let first = world.store.add_share(ana.id, &new, None).await.unwrap();
    assert_eq!(world.store.add_share(ana.id, &new, None).await.unwrap(), first);
    assert_eq!(world.count("grant").await, 1);
    let mut other = world.new_share(&ana, &[one], &[(to(&carla), Permission::View)]).await;
    other.manifest.share = new.manifest.share;
    other.signature = other.manifest.sign(&ana.keys);
    assert!(matches!(world.store.add_share(ana.id, &other, None).await, Err(StoreError::Reused)));
    assert_eq!(world.count("grant").await, 1);
}

#[tokio::test]
async fn one_record_that_cannot_be_shared_refuses_all_and_every_reason_is_named() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let (good, disabled) = (world.secret(&ana, "good").await, world.secret(&ana, "disabled").await);
    let (seen, unseen) = (world.secret(&carla, "seen").await, world.secret(&carla, "unseen").await);
    world.share(&carla, &[seen], &[(to(&ana), Permission::Edit)]).await;
    let (unknown, nobody) = (SecretId::random(), RecipientId::Group(GroupId::random()));
    let group = world.group(&carla, GroupKind::PrivateGroup, "hidden", &[]).await;
    let before = (world.count("share").await, world.count("item").await, world.count("grant").await);

    let mut new = world.new_share(&ana, &[good, disabled], &[(to(&bruno), Permission::View)]).await;
    world.store.set_enabled(ana.id, BatchId::random(), &[disabled], false).await.unwrap();
    let (item, grant) = (new.items[0].clone(), new.grants[0].clone());
    for id in [seen, unseen, unknown] {
        new.manifest.items.push(id);
        new.items.push(item.clone());
        new.key_epochs.push(1);
    }
    for id in [to(&ana), nobody, RecipientId::Group(group)] {
        new.manifest.grants.push((id, Permission::View));
        new.grants.push(grant.clone());
    }
    new.manifest.sort();
    new.signature = new.manifest.sign(&ana.keys);
    let found = problems(world.store.add_share(ana.id, &new, None).await);
    let expected = [
        secret(disabled, Reason::Disabled),
        secret(seen, Reason::Forbidden),
        secret(unseen, Reason::NotFound),
        secret(unknown, Reason::NotFound),
        recipient(to(&ana), Reason::Yourself),
        recipient(nobody, Reason::NotFound),
        recipient(RecipientId::Group(group), Reason::NotFound),
    ];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    assert!(expected.iter().all(|problem| found.contains(problem)), "{found:?}");
    assert_eq!((world.count("share").await, world.count("item").await, world.count("grant").await), before);
    assert!(matches!(world.store.secret(bruno.id, good).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn recipients_who_cannot_sign_in_and_groups_that_changed_are_refused() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let one = world.secret(&ana, "one").await;
    let group = world.group(&ana, GroupKind::PrivateGroup, "crew", &[&bruno]).await;
    let (person, group_recipient) = (to(&bruno), RecipientId::Group(group));
    let new = world.new_share(&ana, &[one], &[(person, Permission::View), (group_recipient, Permission::View)]).await;

    world.set(record::group(group), "epoch", 2_i64).await;
    assert_eq!(
        problems(world.store.add_share(ana.id, &new, None).await),
        [recipient(group_recipient, Reason::Outdated)]
    );
    world.set(record::group(group), "enabled", false).await;
    world.set(record::account(bruno.id), "status", "disabled").await;
    let found = problems(world.store.add_share(ana.id, &new, None).await);
    assert_eq!(found.len(), 2);
    assert!(found.contains(&recipient(person, Reason::NotActive)));
    assert!(found.contains(&recipient(group_recipient, Reason::Disabled)));
    assert_eq!(world.count("share").await, 0);
}

#[tokio::test]
async fn parts_that_do_not_fit_the_signed_manifest_are_refused() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let one = world.secret(&ana, "one").await;
    let new = world.new_share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
    let malformed = |result| matches!(result, Err(StoreError::Malformed(_)));

    let mut unsigned = new.clone();
    unsigned.manifest.grants[0].1 = Permission::Edit;
    assert!(malformed(world.store.add_share(ana.id, &unsigned, None).await));
    let mut doubled = new.clone();
    doubled.manifest.items.push(one);
    doubled.items.push(doubled.items[0].clone());
    doubled.key_epochs.push(1);
    assert!(malformed(world.store.add_share(ana.id, &doubled, None).await));
    let mut short = new.clone();
    short.grants.clear();
    assert!(malformed(world.store.add_share(ana.id, &short, None).await));
    assert!(malformed(world.store.add_share(bruno.id, &new, None).await), "somebody else's share");
    assert_eq!(world.count("share").await, 0);
}

#[tokio::test]
async fn a_disabled_account_shares_nothing_more() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let one = world.secret(&ana, "one").await;
    let new = world.new_share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
    world.set(record::account(ana.id), "status", "disabled").await;
    assert!(matches!(world.store.add_share(ana.id, &new, None).await, Err(StoreError::Forbidden)));
}

#[tokio::test]
async fn recipients_read_the_signed_manifest_and_nobody_else_does() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let group = world.group(&ana, GroupKind::PrivateGroup, "crew", &[&bruno]).await;
    let secrets = [world.secret(&ana, "one").await, world.secret(&ana, "two").await];
    let share = world.share(&ana, &secrets, &[(RecipientId::Group(group), Permission::Edit)]).await;
    let SignedManifest { manifest, signature, .. } = world.store.manifest(bruno.id, share).await.unwrap();
    let identity = PublicIdentity::from_bytes(&ana.keys.public().to_bytes()).unwrap();
    assert_eq!(manifest.verify(&identity, &signature), Ok(()));
    assert!(manifest.says(secrets[1], RecipientId::Group(group), Permission::Edit));
    assert!(matches!(world.store.manifest(carla.id, share).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn a_share_that_relied_on_an_enabled_secret_does_not_commit_after_it_was_disabled() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let one = world.secret(&ana, "one").await;
    // The second time the row that both sides touch exists already.
    for _ in 0..2 {
        let tx = world.store.db.clone().begin().await.unwrap();
        let tx = std::sync::Arc::new(tx);
        secret::require_own(&tx, ana.id, &[one], secret::Act::Share).await.unwrap();
        crate::database::query!(
            tx,
            "CREATE organization:race SET name = 'x', demo = false, server_keys = <bytes>'k', created_at = time::now()"
        )
        .unwrap();
        world.store.set_enabled(ana.id, BatchId::random(), &[one], false).await.unwrap();
        let commit = std::sync::Arc::into_inner(tx).unwrap().commit().await.map(|_| ()).map_err(StoreError::from);
        assert!(commit.is_err_and(|error| error.is_conflict()));
        world.store.set_enabled(ana.id, BatchId::random(), &[one], true).await.unwrap();
    }
}

#[tokio::test]
async fn a_transaction_that_is_dropped_half_way_leaves_nothing() {
    let world = World::empty().await;
    let tx = world.store.db.clone().begin().await.unwrap();
    tx.query(
        "CREATE organization:half SET name = 'x', demo = false, server_keys = <bytes>'k', created_at = time::now()",
    )
    .await
    .unwrap()
    .check()
    .unwrap();
    drop(tx);
    assert_eq!(world.count("organization").await, 0);
}
