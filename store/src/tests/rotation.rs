//! What should be rotated because somebody knows it who has no access any more.

use vault::{Permission, RecipientId};

use super::fixture::*;
use super::group::new_epoch;
use super::limit::limited;
use super::secret::change;
use super::settle::settle;
use crate::*;

impl World {
    async fn exposed(&self, owner: &Person) -> Vec<(String, Vec<String>)> {
        let found = self.store.exposed(owner.id).await.unwrap().into_iter();
        found.map(|of| (of.name, of.people.into_iter().map(|to| to.name).collect())).collect()
    }
}

#[tokio::test]
async fn who_opened_it_and_lost_access_is_named_until_it_has_another_value() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let (one, two) = (world.secret(&ana, "one").await, world.secret(&ana, "two").await);
    world.share(&ana, &[one, two], &[(to(&bruno), Permission::View), (to(&carla), Permission::View)]).await;
    world.read(&bruno, one).await.unwrap();
    world.read(&carla, one).await.unwrap();
    // Looked at, not opened.
    world.store.secret(bruno.id, two).await.unwrap();
    assert!(world.exposed(&ana).await.is_empty());
    world.store.change_access(ana.id, &limited(&[one, two], &[(to(&bruno), None)])).await.unwrap();
    assert_eq!(world.exposed(&ana).await, [("one".into(), vec!["BRUNO Test".into()])]);
    // New keys are no new value.
    settle(&world, &ana).await;
    assert_eq!(world.exposed(&ana).await, [("one".into(), vec!["BRUNO Test".into()])]);
    assert!(world.exposed(&bruno).await.is_empty());
    world.store.set_person_enabled(world.founder.id, carla.id, false).await.unwrap();
    assert_eq!(world.exposed(&ana).await, [("one".into(), vec!["BRUNO Test".into(), "CARLA Test".into()])]);
    let revision = world.store.secret(ana.id, one).await.unwrap().revision + 1;
    let renamed = SecretChange { id: one, secret: described("one"), revision, value: None };
    world.store.change_secret(ana.id, &renamed).await.unwrap();
    assert_eq!(world.exposed(&ana).await.len(), 1);
    let rotated = change(&world, &ana, one, revision + 1, "one").await;
    world.store.change_secret(ana.id, &rotated).await.unwrap();
    assert!(world.exposed(&ana).await.is_empty());
}

#[tokio::test]
async fn who_left_the_group_counts_and_who_came_back_does_not_and_the_owner_may_let_it_be() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let group = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&bruno]).await;
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(RecipientId::Group(group), Permission::View)]).await;
    world.read(&bruno, one).await.unwrap();
    let new = new_epoch(&world, &ana, group, &[]).await;
    world.store.remove_members(ana.id, group, &[bruno.id], &new).await.unwrap();
    assert_eq!(world.exposed(&ana).await.len(), 1);
    world.share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
    assert!(world.exposed(&ana).await.is_empty());
    world.store.change_access(ana.id, &limited(&[one], &[(to(&bruno), None)])).await.unwrap();
    assert_eq!(world.exposed(&ana).await.len(), 1);
    world.store.accept_exposure(bruno.id, &[(one, bruno.id)]).await.unwrap();
    assert_eq!(world.exposed(&ana).await.len(), 1);
    world.store.accept_exposure(ana.id, &[(one, bruno.id)]).await.unwrap();
    assert!(world.exposed(&ana).await.is_empty());
}

#[tokio::test]
async fn who_wrote_it_knows_it_and_notes_are_no_new_client_secret() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(to(&bruno), Permission::Edit)]).await;
    let written = change(&world, &ana, one, 2, "two").await;
    world.store.change_secret(bruno.id, &written).await.unwrap();
    world.store.change_access(ana.id, &limited(&[one], &[(to(&bruno), None)])).await.unwrap();
    let known = [("two".to_owned(), vec!["BRUNO Test".to_owned()])];
    assert_eq!(world.exposed(&ana).await, known);
    settle(&world, &ana).await;
    let revision = world.store.secret(ana.id, one).await.unwrap().revision;
    let mut noted = change(&world, &ana, one, revision + 1, "two").await;
    noted.value.as_mut().unwrap().rotates = false;
    world.store.change_secret(ana.id, &noted).await.unwrap();
    assert_eq!(world.exposed(&ana).await, known);
    let rotated = change(&world, &ana, one, revision + 2, "two").await;
    world.store.change_secret(ana.id, &rotated).await.unwrap();
    assert!(world.exposed(&ana).await.is_empty());
    // The one that he wrote comes back, and he knows it still.
    let mut restored = change(&world, &ana, one, revision + 3, "two").await;
    restored.value.as_mut().unwrap().restores = Some(revision + 1);
    world.store.change_secret(ana.id, &restored).await.unwrap();
    assert_eq!(world.exposed(&ana).await, known);
    let mut unknown = change(&world, &ana, one, revision + 4, "two").await;
    unknown.value.as_mut().unwrap().restores = Some(77);
    assert!(matches!(world.store.change_secret(ana.id, &unknown).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn a_new_owner_is_told_that_the_owner_before_knows_it() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(to(&carla), Permission::View)]).await;
    world.read(&carla, one).await.unwrap();
    let transfer = world.transfer(&ana, &[one], &bruno).await.unwrap();
    world.take_over(&bruno, transfer).await;
    assert_eq!(world.exposed(&bruno).await, [("one".into(), vec!["ANA Test".into()])]);
    world.store.change_access(bruno.id, &limited(&[one], &[(to(&carla), None)])).await.unwrap();
    assert_eq!(world.exposed(&bruno).await, [("one".into(), vec!["ANA Test".into(), "CARLA Test".into()])]);
    assert!(world.exposed(&ana).await.is_empty());
}
