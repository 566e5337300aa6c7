//! The values that a secret had before.

use vault::{Permission, SecretId};

use super::fixture::*;
use super::limit::limited;
use super::secret::change;
use super::settle::settle;
use crate::*;

impl World {
    /// Opens an earlier value as the client of `person` does.
    async fn read_version(&self, person: &Person, id: SecretId, revision: u64) -> Result<String, StoreError> {
        let sealed = self.store.open_version(person.id, id, revision).await?;
        let key = self.open_key(person, id, &sealed.opening).await;
        let key = key.open_earlier(id, sealed.key_epoch, &sealed.earlier_keys).unwrap();
        Ok(key.open_value(id, revision, &sealed.value).unwrap().client_secret.clone())
    }

    async fn save(&self, owner: &Person, id: SecretId, text: &str) {
        let revision = self.store.secret(owner.id, id).await.unwrap().revision + 1;
        let change = change(self, owner, id, revision, text).await;
        self.store.change_secret(owner.id, &change).await.unwrap();
    }

    async fn revisions(&self, person: &Person, id: SecretId) -> Vec<u64> {
        let versions = self.store.secret_versions(person.id, id).await.unwrap();
        versions.iter().map(|version| version.revision).collect()
    }
}

#[tokio::test]
async fn every_value_is_kept_with_who_and_when() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(to(&bruno), Permission::Edit)]).await;
    let second = change(&world, &ana, one, 2, "two").await;
    world.store.change_secret(bruno.id, &second).await.unwrap();
    world.save(&ana, one, "three").await;
    // A change of what is not sealed makes no version.
    let renamed = SecretChange { id: one, secret: described("renamed"), revision: 4, value: None };
    world.store.change_secret(ana.id, &renamed).await.unwrap();
    world.store.change_secret(ana.id, &renamed).await.unwrap();
    let versions = world.store.secret_versions(ana.id, one).await.unwrap();
    let found: Vec<_> = versions.iter().map(|version| (version.revision, version.by.as_str())).collect();
    assert_eq!(found, [(3, "ANA Test"), (2, "BRUNO Test"), (1, "ANA Test")]);
    assert!(versions.windows(2).all(|pair| pair[0].at >= pair[1].at));
    assert_eq!(world.read(&bruno, one).await.unwrap().client_secret, "three");
    assert_eq!(world.read_version(&bruno, one, 1).await.unwrap(), "one");
    assert_eq!(world.read_version(&ana, one, 2).await.unwrap(), "two");
    assert!(matches!(world.read_version(&ana, one, 3).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn versions_open_after_new_keys_and_never_for_who_lost_access() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(to(&bruno), Permission::Edit), (to(&carla), Permission::View)]).await;
    world.save(&ana, one, "two").await;
    let Opening::Shared(..) = world.store.open_secret(carla.id, one).await.unwrap().opening else { panic!("shared") };
    let opened = world.store.open_secret(carla.id, one).await.unwrap();
    let known = world.open_key(&carla, one, &opened.opening).await;
    world.store.change_access(ana.id, &limited(&[one], &[(to(&carla), None)])).await.unwrap();
    settle(&world, &ana).await;
    world.save(&ana, one, "three").await;
    world.share(&ana, &[one], &[(to(&carla), Permission::View)]).await;
    world.store.change_access(ana.id, &limited(&[one], &[(to(&carla), None)])).await.unwrap();
    settle(&world, &ana).await;
    for person in [&ana, &bruno] {
        assert_eq!(world.read(person, one).await.unwrap().client_secret, "three");
        assert_eq!(world.read_version(person, one, 1).await.unwrap(), "one");
    }
    let revisions = world.revisions(&bruno, one).await;
    assert_eq!(revisions.len(), 3);
    // The key from before opens nothing that came after it, whatever somebody has of the database.
    let third = world.store.open_version(ana.id, one, revisions[1]).await.unwrap();
    assert!(known.open_earlier(one, third.key_epoch, &third.earlier_keys).is_err());
    assert!(matches!(world.store.secret_versions(carla.id, one).await, Err(StoreError::NotFound)));
    assert!(matches!(world.store.open_version(carla.id, one, 1).await, Err(StoreError::NotFound)));
    world.share(&ana, &[one], &[(to(&carla), Permission::View)]).await;
    assert!(matches!(world.store.secret_versions(carla.id, one).await, Err(StoreError::Forbidden)));
    assert!(matches!(world.store.open_version(carla.id, one, 1).await, Err(StoreError::Forbidden)));
}

#[tokio::test]
async fn the_oldest_of_many_values_go_and_all_of_them_with_the_secret() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let one = world.secret(&ana, "one").await;
    for revision in 2..=103 {
        let change = change(&world, &ana, one, revision, &revision.to_string()).await;
        world.store.change_secret(ana.id, &change).await.unwrap();
    }
    let revisions = world.revisions(&ana, one).await;
    assert_eq!((revisions.len(), revisions[0], revisions[100]), (101, 103, 3));
    assert_eq!(world.read_version(&ana, one, 3).await.unwrap(), "3");
    world.store.delete_secrets(ana.id, BatchId::random(), &[one]).await.unwrap();
    assert!(matches!(world.store.secret_versions(ana.id, one).await, Err(StoreError::NotFound)));
    world.store.empty_bins(std::time::Duration::ZERO).await.unwrap();
    assert_eq!(world.count("earlier_value").await, 0);
}
