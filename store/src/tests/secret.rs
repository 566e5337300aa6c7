use vault::{Opening, Permission, SecretId, SecretKey, SecretValue};

use super::fixture::*;
use crate::*;

/// Another client secret, sealed.
pub(super) fn rotated(sealed: Vec<u8>) -> NewValue {
    NewValue { sealed, rotates: true, restores: None }
}

/// A change as a client makes it, to the value `text`.
pub(super) async fn change(world: &World, person: &Person, id: SecretId, revision: u64, text: &str) -> SecretChange {
    // The key is opened from what the owner gets; an editor has it through the share.
    let Opening::Own(key) = world.store.open_secret(person.id, id).await.unwrap().opening else {
        return SecretChange {
            id,
            secret: described(text),
            revision,
            value: Some(rotated(
                SecretKey::random()
                    .seal_value(id, revision, &SecretValue { client_secret: text.into(), notes: String::new() })
                    .unwrap(),
            )),
        };
    };
    let key = person.keys.open_secret_key(id, &key).unwrap();
    let value = SecretValue { client_secret: text.into(), notes: String::new() };
    SecretChange {
        id,
        secret: described(text),
        revision,
        value: Some(rotated(key.seal_value(id, revision, &value).unwrap())),
    }
}

#[tokio::test]
async fn adding_the_same_secret_again_is_no_second_one() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let new = new_secret(&ana, "one");
    world.store.add_secret(ana.id, &new).await.unwrap();
    world.store.add_secret(ana.id, &new).await.unwrap();
    assert_eq!(world.store.secrets(ana.id).await.unwrap().len(), 1);
    let other = NewSecret { id: new.id, ..new_secret(&ana, "two") };
    assert!(matches!(world.store.add_secret(ana.id, &other).await, Err(StoreError::Reused)));
}

#[tokio::test]
async fn an_identifier_is_unique_for_its_owner_alone() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let with = |owner: &Person, name: &str| {
        let mut new = new_secret(owner, name);
        new.secret.identifier = Some("billing".into());
        new
    };
    world.store.add_secret(ana.id, &with(&ana, "one")).await.unwrap();
    world.store.add_secret(bruno.id, &with(&bruno, "one")).await.unwrap();
    let again = world.store.add_secret(ana.id, &with(&ana, "two")).await;
    assert!(matches!(again, Err(StoreError::Taken("identifier"))), "{again:?}");
    for name in ["three", "four"] {
        world.secret(&ana, name).await;
    }
    assert_eq!(world.store.secrets(ana.id).await.unwrap().len(), 3);
}

#[tokio::test]
async fn owners_and_editors_change_a_secret_and_nobody_else() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let (carla, dora) = (world.person("carla").await, world.person("dora").await);
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(to(&bruno), Permission::Edit), (to(&carla), Permission::View)]).await;
    let second = change(&world, &ana, one, 2, "changed").await;
    world.store.change_secret(bruno.id, &second).await.unwrap();
    let row = world.store.secret(carla.id, one).await.unwrap();
    assert_eq!((row.secret.name.as_str(), row.revision, row.changed_by.as_str()), ("changed", 2, "BRUNO Test"));
    assert_eq!(world.read(&carla, one).await.unwrap().client_secret, "changed");
    // The same change again is answered the same, another one on old ground is not.
    world.store.change_secret(bruno.id, &second).await.unwrap();
    let stale = change(&world, &ana, one, 2, "late").await;
    assert!(matches!(world.store.change_secret(ana.id, &stale).await, Err(StoreError::Stale)));
    let third = change(&world, &ana, one, 3, "third").await;
    assert!(matches!(world.store.change_secret(carla.id, &third).await, Err(StoreError::Forbidden)));
    assert!(matches!(world.store.change_secret(dora.id, &third).await, Err(StoreError::NotFound)));
    assert_eq!(world.read(&ana, one).await.unwrap().client_secret, "changed");
}

#[tokio::test]
async fn a_disabled_secret_is_seen_but_opens_for_its_owner_alone() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(to(&bruno), Permission::Edit)]).await;
    world.store.set_enabled(bruno.id, BatchId::random(), &[one], false).await.unwrap();
    assert!(!world.store.secrets(bruno.id).await.unwrap()[0].enabled);
    assert!(matches!(world.read(&bruno, one).await, Err(StoreError::Forbidden)));
    assert_eq!(world.read(&ana, one).await.unwrap().client_secret, "one");
    let on_disabled = change(&world, &ana, one, 2, "two").await;
    assert!(matches!(world.store.change_secret(bruno.id, &on_disabled).await, Err(StoreError::Forbidden)));
    world.store.set_enabled(bruno.id, BatchId::random(), &[one], true).await.unwrap();
    assert_eq!(world.read(&bruno, one).await.unwrap().client_secret, "one");
}

#[tokio::test]
async fn enabling_and_disabling_is_all_or_nothing() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let (own, viewed, foreign) =
        (world.secret(&ana, "own").await, world.secret(&bruno, "viewed").await, world.secret(&bruno, "foreign").await);
    world.share(&bruno, &[viewed], &[(to(&ana), Permission::View)]).await;
    let found = problems(world.store.set_enabled(ana.id, BatchId::random(), &[own, viewed, foreign], false).await);
    assert_eq!(
        found,
        [
            Problem { subject: Subject::Secret(viewed), reason: Reason::Forbidden },
            Problem { subject: Subject::Secret(foreign), reason: Reason::NotFound },
        ]
    );
    assert!(world.store.secret(ana.id, own).await.unwrap().enabled);
}

#[tokio::test]
async fn opening_a_value_is_noted_as_its_last_use() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let one = world.secret(&ana, "one").await;
    assert_eq!(world.store.secret(ana.id, one).await.unwrap().last_used_at, None);
    world.read(&ana, one).await.unwrap();
    assert!(world.store.secret(ana.id, one).await.unwrap().last_used_at.is_some());
}

#[tokio::test]
async fn the_list_is_in_order_of_names_and_says_what_is_shared() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let (b, a) = (world.secret(&ana, "beta").await, world.secret(&ana, "Alpha").await);
    world.share(&ana, &[b], &[(to(&bruno), Permission::View)]).await;
    let rows = world.store.secrets(ana.id).await.unwrap();
    let found: Vec<_> = rows.iter().map(|row| (row.id, row.shared, row.permission)).collect();
    assert_eq!(found, [(a, false, None), (b, true, None)]);
    assert_eq!(world.store.secrets(bruno.id).await.unwrap()[0].owner_name, "ANA Test");
}

#[tokio::test]
async fn an_editor_learns_nothing_of_the_owners_other_identifiers() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let mut known = new_secret(&ana, "known");
    known.secret.identifier = Some("billing".into());
    world.store.add_secret(ana.id, &known).await.unwrap();
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(to(&bruno), Permission::Edit)]).await;
    for guess in ["billing", "nothing"] {
        let mut guessed = change(&world, &bruno, one, 2, "new").await;
        guessed.secret.identifier = Some(guess.into());
        let result = world.store.change_secret(bruno.id, &guessed).await;
        assert!(matches!(result, Err(StoreError::OwnersAlone("identifier"))), "{guess}: {result:?}");
    }
    let kept = change(&world, &bruno, one, 2, "new").await;
    world.store.change_secret(bruno.id, &kept).await.unwrap();
}
