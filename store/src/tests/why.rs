//! Why somebody can see a secret.

use vault::{Permission, RecipientId};

use super::fixture::*;
use super::limit::limited;
use crate::*;

#[tokio::test]
async fn every_way_is_named_the_strongest_first() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let one = world.secret(&ana, "one").await;
    let group = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&bruno, &carla]).await;
    world.share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
    let to_group = world.share(&ana, &[one], &[(RecipientId::Group(group), Permission::Edit)]).await;
    let ways = world.store.why(ana.id, one, bruno.id).await.unwrap();
    let found: Vec<_> = ways.iter().map(|way| (way.group.as_deref(), way.permission)).collect();
    assert_eq!(found, [(Some("Crew"), Permission::Edit), (None, Permission::View)]);
    assert_eq!(ways[0].batch, Some(to_group.uuid().into()));
    assert!(ways.iter().all(|way| way.shared_by == "ANA Test"));
    let people = world.store.people_with_access(ana.id, one, group).await.unwrap();
    let names: Vec<_> = people.iter().map(|person| (person.name.as_str(), person.active)).collect();
    assert_eq!(names, [("BRUNO Test", true), ("CARLA Test", true)]);
    world.store.change_access(ana.id, &limited(&[one], &[(RecipientId::Group(group), None)])).await.unwrap();
    let ways = world.store.why(ana.id, one, bruno.id).await.unwrap();
    assert_eq!((ways.len(), ways[0].permission), (1, Permission::View));
    assert!(world.store.why(ana.id, one, carla.id).await.unwrap().is_empty());
    assert!(world.store.people_with_access(ana.id, one, group).await.unwrap().is_empty());
}

#[tokio::test]
async fn nobody_learns_of_members_whom_they_may_not_see() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let (dora, one) = (world.person("dora").await, world.secret(&ana, "one").await);
    let hidden = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&bruno, &carla]).await;
    world.set(record::group(hidden), "members_can_view", false).await;
    world.share(&ana, &[one], &[(RecipientId::Group(hidden), Permission::View)]).await;
    let refused = world.store.people_with_access(bruno.id, one, hidden).await;
    assert!(matches!(refused, Err(StoreError::NotFound)));
    assert!(world.store.why(bruno.id, one, carla.id).await.unwrap().is_empty());
    // One's own access is no secret, the name of the group may be.
    let own = world.store.why(bruno.id, one, bruno.id).await.unwrap();
    assert_eq!((own.len(), own[0].batch, own[0].group.as_deref()), (1, None, Some("Crew")));
    assert!(matches!(world.store.why(dora.id, one, bruno.id).await, Err(StoreError::NotFound)));
    assert!(matches!(world.store.people_with_access(dora.id, one, hidden).await, Err(StoreError::NotFound)));
    // The owner of a secret knows who of a user group can read it.
    let ops = world.group(&world.founder, GroupKind::UserGroup, "Ops", &[&carla]).await;
    world.store.change_access(ana.id, &limited(&[one], &[(RecipientId::Group(hidden), None)])).await.unwrap();
    world.share(&ana, &[one], &[(RecipientId::Group(ops), Permission::View), (to(&bruno), Permission::View)]).await;
    assert_eq!(world.store.people_with_access(ana.id, one, ops).await.unwrap().len(), 1);
    assert!(matches!(world.store.people_with_access(bruno.id, one, ops).await, Err(StoreError::NotFound)));
    // Nor by asking what a colleague has of one's own.
    let own = world.secret(&bruno, "own").await;
    world.share(&ana, &[one], &[(RecipientId::Group(hidden), Permission::Edit)]).await;
    world.share(&bruno, &[own], &[(RecipientId::Group(ops), Permission::Edit), (to(&dora), Permission::View)]).await;
    let transfer = world.transfer(&ana, &[one], &bruno).await.unwrap();
    world.take_over(&bruno, transfer).await;
    let of_carla = world.store.access_of(bruno.id, carla.id).await.unwrap();
    let mut expected = [(own, Permission::Edit), (one, Permission::View)];
    expected.sort_unstable();
    assert_eq!(of_carla, expected);
    assert_eq!(world.store.access_of(bruno.id, dora.id).await.unwrap(), [(own, Permission::View)]);
    assert!(world.store.access_of(ana.id, carla.id).await.unwrap().is_empty());
}
