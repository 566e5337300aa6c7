//! What is new to whom.

use vault::{Permission, RecipientId, SecretId};

use super::fixture::*;
use super::limit::limited;
use super::settle::settle;
use crate::*;

impl World {
    async fn new_to(&self, person: &Person) -> Vec<String> {
        let rows = self.store.secrets(person.id).await.unwrap().into_iter();
        rows.filter(|row| row.is_new).map(|row| row.secret.name).collect()
    }

    async fn looks(&self, person: &Person, secret: SecretId) -> bool {
        self.store.secret(person.id, secret).await.unwrap().is_new
    }
}

#[tokio::test]
async fn what_is_shared_is_new_until_it_is_looked_at() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let (one, two) = (world.secret(&ana, "one").await, world.secret(&ana, "two").await);
    let group = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&bruno]).await;
    world.share(&ana, &[one, two], &[(RecipientId::Group(group), Permission::View)]).await;
    assert_eq!(world.new_to(&bruno).await, ["one", "two"]);
    assert!(world.new_to(&ana).await.is_empty());
    assert!(world.looks(&bruno, one).await);
    assert!(!world.looks(&bruno, one).await);
    assert_eq!(world.new_to(&bruno).await, ["two"]);
    world.read(&bruno, two).await.unwrap();
    assert!(world.new_to(&bruno).await.is_empty());
    // The rows are for what was looked at, not for what was shared.
    assert_eq!(world.count("seen").await, 2);
    // What is taken away and comes back is new once more.
    world.store.change_access(ana.id, &limited(&[one], &[(RecipientId::Group(group), None)])).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    world.share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
    assert_eq!(world.new_to(&bruno).await, ["one"]);
    let future = world.store.see_all(bruno.id, now_in_millis() + 60_000).await;
    assert!(matches!(future, Err(StoreError::Malformed(_))));
}

#[tokio::test]
async fn all_can_be_told_seen_and_what_comes_later_is_new() {
    let world = World::new().await;
    let dora = world.person("dora").await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let (one, two) = (world.secret(&ana, "one").await, world.secret(&ana, "two").await);
    let three = world.secret(&ana, "three").await;
    world.share(&ana, &[one, three], &[(to(&bruno), Permission::View), (to(&carla), Permission::View)]).await;
    world.store.see_all(bruno.id, now_in_millis()).await.unwrap();
    // Whatever is shared within the same millisecond counts as seen.
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    assert!(world.new_to(&bruno).await.is_empty());
    // A page that is behind makes nothing new again.
    world.store.see_all(bruno.id, 0).await.unwrap();
    assert!(world.new_to(&bruno).await.is_empty());
    assert_eq!(world.new_to(&carla).await, ["one", "three"]);
    world.share(&ana, &[two], &[(to(&bruno), Permission::View)]).await;
    assert_eq!(world.new_to(&bruno).await, ["two"]);
    // Raised, which shares it once more, and settled into a share of its own: no news.
    world.share(&ana, &[one], &[(to(&bruno), Permission::Edit)]).await;
    world.store.change_access(ana.id, &limited(&[one], &[(to(&carla), None)])).await.unwrap();
    settle(&world, &ana).await;
    assert_eq!(world.new_to(&bruno).await, ["two"]);
    let transfer = world.transfer(&ana, &[one, two, three], &dora).await.unwrap();
    world.take_over(&dora, transfer).await;
    assert_eq!(world.new_to(&bruno).await, ["two"]);
}
