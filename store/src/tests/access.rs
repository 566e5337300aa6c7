use vault::{Permission, RecipientId};

use super::fixture::*;
use crate::*;

#[tokio::test]
async fn a_group_gives_access_to_its_members_while_it_is_enabled() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let admin = world.person_as("admin", Role::Administrator).await;
    let group = world.group(&admin, GroupKind::UserGroup, "Platform", &[&bruno]).await;
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(RecipientId::Group(group), Permission::View)]).await;
    assert_eq!(world.read(&bruno, one).await.unwrap().client_secret, "one");
    for stranger in [&carla, &admin] {
        assert!(matches!(world.read(stranger, one).await, Err(StoreError::NotFound)));
        assert!(world.store.secrets(stranger.id).await.unwrap().is_empty());
    }
    world.set(record::group(group), "enabled", false).await;
    assert!(matches!(world.read(&bruno, one).await, Err(StoreError::NotFound)));
    assert!(world.store.secrets(bruno.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn sharing_again_merges_and_the_highest_permission_wins() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let group = world.group(&ana, GroupKind::PrivateGroup, "crew", &[&bruno]).await;
    let one = world.secret(&ana, "one").await;
    for (recipient, permission) in
        [(to(&bruno), Permission::View), (RecipientId::Group(group), Permission::Edit), (to(&bruno), Permission::View)]
    {
        world.share(&ana, &[one], &[(recipient, permission)]).await;
    }
    let rows = world.store.secrets(bruno.id).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].permission, Some(Permission::Edit));
    assert_eq!(world.read(&bruno, one).await.unwrap().client_secret, "one");
    let access = world.store.secret_access(ana.id, one).await.unwrap();
    let mut found: Vec<_> = access.iter().map(|access| (access.recipient, access.permission)).collect();
    found.sort();
    let mut expected = [(to(&bruno), Permission::View), (RecipientId::Group(group), Permission::Edit)];
    expected.sort();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_share_that_has_ended_gives_nothing() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let one = world.secret(&ana, "one").await;
    let share = world.share(&ana, &[one], &[(to(&bruno), Permission::Edit)]).await;
    world.set(record::share(share), "ends_at", clock::in_seconds(-1)).await;
    assert!(matches!(world.read(&bruno, one).await, Err(StoreError::NotFound)));
    assert!(world.store.secrets(bruno.id).await.unwrap().is_empty());
    assert!(world.store.secret_access(ana.id, one).await.unwrap().is_empty());
    assert!(matches!(world.store.manifest(bruno.id, share).await, Err(StoreError::NotFound)));
    let own = world.store.secrets(ana.id).await.unwrap();
    assert!(!own[0].shared);
    assert!(!world.store.secret(ana.id, one).await.unwrap().shared);
}

#[tokio::test]
async fn only_those_with_access_see_who_has_access() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
    assert_eq!(world.store.secret_access(bruno.id, one).await.unwrap().len(), 1);
    assert!(matches!(world.store.secret_access(carla.id, one).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn a_private_group_is_known_by_name_to_those_who_share_with_it_or_are_in_it() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let group = world.group(&ana, GroupKind::PrivateGroup, "Project X", &[&bruno]).await;
    let one = world.secret(&ana, "one").await;
    let recipients = [(RecipientId::Group(group), Permission::View), (to(&carla), Permission::View)];
    world.share(&ana, &[one], &recipients).await;
    for (person, expected) in [(&ana, "Project X"), (&bruno, "Project X"), (&carla, "A private group")] {
        let access = world.store.secret_access(person.id, one).await.unwrap();
        let name = access.into_iter().find(|access| access.recipient == RecipientId::Group(group)).unwrap().name;
        assert_eq!(name, expected);
    }
}
