//! The values that a secret had before.

use std::time::Duration;

use vault::{Permission, SecretId};

use super::fixture::*;
use super::limit::limited;
use super::secret::change;
use super::settle::{rekey, reseal, settle};
use crate::clock::ago;
use crate::database::query;
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
async fn what_was_saved_after_somebody_lost_access_is_sealed_anew_as_well() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
    let opened = world.store.open_secret(bruno.id, one).await.unwrap();
    let known = world.open_key(&bruno, one, &opened.opening).await;
    world.store.change_access(ana.id, &limited(&[one], &[(to(&bruno), None)])).await.unwrap();
    for text in ["two", "three"] {
        world.save(&ana, one, text).await;
    }
    let before = world.store.open_version(ana.id, one, 2).await.unwrap();
    assert!(known.open_value(one, 2, &before.value).is_ok());
    settle(&world, &ana).await;
    let after = world.store.open_version(ana.id, one, 2).await.unwrap();
    assert!(known.open_value(one, 2, &after.value).is_err());
    assert_eq!(world.read_version(&ana, one, 2).await.unwrap(), "two");
    // What he could read when he had access stays as it was.
    assert_eq!(world.read_version(&ana, one, 1).await.unwrap(), "one");
    assert!(known.open_value(one, 1, &world.store.open_version(ana.id, one, 1).await.unwrap().value).is_ok());
}

#[tokio::test]
async fn a_client_that_leaves_a_value_under_the_old_key_settles_nothing() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
    world.store.change_access(ana.id, &limited(&[one], &[(to(&bruno), None)])).await.unwrap();
    for text in ["two", "three"] {
        world.save(&ana, one, text).await;
    }
    for share in world.store.due_shares(ana.id, 0).await.unwrap() {
        let due = world.store.due_share(ana.id, share).await.unwrap();
        let new = rekey(&world, &ana, &due).await;
        world.store.settle_share(ana.id, share, &new).await.unwrap();
    }
    let (secrets, shares) = world.store.due_secrets(ana.id, 0).await.unwrap();
    let mut settled = reseal(&ana, &secrets, &shares);
    let left_out = std::mem::take(&mut settled[0].earlier);
    assert_eq!(left_out.len(), 1);
    assert!(matches!(world.store.settle_secrets(ana.id, &settled).await, Err(StoreError::Stale)));
    // Somebody saved once more in between.
    settled[0].earlier = left_out;
    world.save(&ana, one, "four").await;
    assert!(matches!(world.store.settle_secrets(ana.id, &settled).await, Err(StoreError::Stale)));
    settle(&world, &ana).await;
    assert_eq!(world.store.due(ana.id).await.unwrap().secrets, 0);
}

#[tokio::test]
async fn the_oldest_of_many_values_go_and_all_of_them_with_the_secret() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let one = world.secret(&ana, "one").await;
    for number in 2..=103 {
        world.save(&ana, one, &number.to_string()).await;
    }
    // None goes that is young: whoever writes many in a row takes nothing away.
    assert_eq!(world.revisions(&ana, one).await.len(), 103);
    query!(world.store.db, "UPDATE earlier_value SET at = $at", at = ago(Duration::from_hours(40 * 24))).unwrap();
    world.share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
    world.read(&bruno, one).await.unwrap();
    world.store.change_access(ana.id, &limited(&[one], &[(to(&bruno), None)])).await.unwrap();
    settle(&world, &ana).await;
    world.save(&ana, one, "last").await;
    let revisions = world.revisions(&ana, one).await;
    assert_eq!((revisions.len(), revisions[100]), (101, 4));
    assert_eq!(world.read_version(&ana, one, 4).await.unwrap(), "4");
    assert_eq!(world.count("earlier_key").await, 1);
    world.store.delete_secrets(ana.id, BatchId::random(), &[one]).await.unwrap();
    assert!(matches!(world.store.secret_versions(ana.id, one).await, Err(StoreError::NotFound)));
    world.store.empty_bins(Duration::ZERO).await.unwrap();
    for table in ["earlier_value", "earlier_key", "seen"] {
        assert_eq!(world.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn who_opened_an_earlier_value_knows_it() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(to(&bruno), Permission::Edit)]).await;
    world.save(&ana, one, "two").await;
    world.read_version(&bruno, one, 1).await.unwrap();
    world.store.change_access(ana.id, &limited(&[one], &[(to(&bruno), None)])).await.unwrap();
    assert_eq!(world.store.exposed(ana.id).await.unwrap().len(), 1);
}
