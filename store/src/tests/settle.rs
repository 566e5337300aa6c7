//! New keys for what those knew whose access has ended.

use vault::{GroupSeed, Opening, Permission, Place, RecipientId, SecretId, SecretKey, ShareKey, SignedManifest};

use super::fixture::*;
use super::group::{new_epoch, seed};
use crate::*;

/// What the owner's client makes of a share that is due.
pub(super) async fn rekey(world: &World, owner: &Person, due: &DueShare) -> Vec<NewShare> {
    let mut known = due.keys.clone();
    known.extend(due.given.iter().flat_map(|given| open_given(owner, given)));
    let mut parts = Vec::new();
    for (grants, secrets) in due.signed.settled() {
        let key = |secret: &SecretId| known.iter().find(|(id, _)| id == secret).unwrap().1.clone();
        let keys: Vec<KeyToShare> = secrets.iter().map(key).collect();
        let (share, epoch) = if parts.is_empty() {
            (due.signed.manifest.share, due.signed.manifest.epoch + 1)
        } else {
            (vault::ShareId::random(), 1)
        };
        let part = world.sealed_as((share, epoch), owner, &secrets, &grants, &keys, &due.recipients).await;
        parts.push(NewShare { ends_at: due.signed.ends_at, ..part });
    }
    parts
}

/// The keys of what somebody gave away, as their client opens them.
pub(super) fn open_given(owner: &Person, given: &GivenAway) -> Vec<(SecretId, KeyToShare)> {
    let manifest = &given.signed.manifest;
    manifest.verify(&owner.keys.public(), &given.signed.signature).unwrap();
    let key = owner.keys.open_share_key(manifest.share, manifest.epoch, &given.key).unwrap();
    let open = |(secret, sealed, epoch): &(SecretId, Vec<u8>, u64)| {
        let opened = key.open_item(manifest.share, manifest.epoch, *secret, sealed).unwrap();
        (*secret, KeyToShare { key: owner.keys.seal_secret_key(*secret, &opened), epoch: *epoch })
    };
    given.items.iter().map(open).collect()
}

/// What the owner's client makes of secrets that are due.
pub(super) fn reseal(owner: &Person, secrets: &[DueSecret], shares: &[OwnShareKey]) -> Vec<SettledSecret> {
    let seal = |due: &DueSecret| {
        let before = owner.keys.open_secret_key(due.id, &due.key).unwrap();
        let value = before.open_value(due.id, due.value_revision, &due.value).unwrap();
        let (key, key_epoch) = (SecretKey::random(), due.key_epoch + 1);
        let item = |share: &vault::ShareId| {
            let known = shares.iter().find(|known| known.share == *share).unwrap();
            let share_key = owner.keys.open_share_key(*share, known.epoch, &known.key).unwrap();
            (*share, known.epoch, share_key.seal_item(*share, known.epoch, due.id, &key))
        };
        let earlier = due.earlier.iter().map(|(revision, value)| {
            let value = before.open_value(due.id, *revision, value).unwrap();
            (*revision, key.seal_value(due.id, *revision, &value).unwrap())
        });
        SettledSecret {
            id: due.id,
            earlier: earlier.collect(),
            key: owner.keys.seal_secret_key(due.id, &key),
            key_epoch,
            earlier_key: key.seal_earlier(due.id, key_epoch, &before),
            revision: due.revision + 1,
            value: key.seal_value(due.id, due.revision + 1, &value).unwrap(),
            items: due.shares.iter().map(item).collect(),
        }
    };
    secrets.iter().map(seal).collect()
}

pub(super) async fn settle(world: &World, owner: &Person) {
    for share in world.store.due_shares(owner.id, 0).await.unwrap() {
        let due = world.store.due_share(owner.id, share).await.unwrap();
        let new = rekey(world, owner, &due).await;
        world.store.settle_share(owner.id, share, &new).await.unwrap();
    }
    let (secrets, shares) = world.store.due_secrets(owner.id, 0).await.unwrap();
    world.store.settle_secrets(owner.id, &reseal(owner, &secrets, &shares)).await.unwrap();
}

/// A secret of Ana's, shared with a group that Bruno and Carla are in and with Dora herself; Carla has left the group since.
struct Left {
    world: World,
    ana: Person,
    bruno: Person,
    dora: Person,
    group: vault::GroupId,
    old_seed: GroupSeed,
    one: SecretId,
    share: vault::ShareId,
    to_dora: vault::ShareId,
}

async fn left() -> Left {
    let world = World::new().await;
    let (ana, bruno, carla, dora) = (
        world.person("ana").await,
        world.person("bruno").await,
        world.person("carla").await,
        world.person("dora").await,
    );
    let group = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&bruno, &carla]).await;
    let one = world.secret(&ana, "one").await;
    let share = world.share(&ana, &[one], &[(RecipientId::Group(group), Permission::View)]).await;
    let to_dora = world.share(&ana, &[one], &[(to(&dora), Permission::Edit)]).await;
    let (_, old_seed) = seed(&world, &ana, group).await;
    let new = new_epoch(&world, &ana, group, &[&bruno]).await;
    world.store.remove_members(ana.id, group, &[carla.id], &new).await.unwrap();
    Left { world, ana, bruno, dora, group, old_seed, one, share, to_dora }
}

#[tokio::test]
async fn who_left_and_kept_every_key_opens_nothing_of_a_later_copy_of_the_database() {
    let Left { world, ana, bruno, dora, group, old_seed, one, share, to_dora } = left().await;
    // What Carla can keep: the share's key by the group's old seed, and by it the secret's key.
    let before = world.store.open_secret(bruno.id, one).await.unwrap();
    let Opening::Shared(path, _) = &before.opening else { panic!() };
    let place = |epoch, recipient_epoch| Place::Grant {
        granter: ana.id,
        share,
        epoch,
        recipient: RecipientId::Group(group),
        recipient_epoch,
        permission: Permission::View,
    };
    let old_key = ShareKey::open_group_grant(&old_seed, &place(1, 1), &path.grant_key).unwrap();
    let old_secret_key = old_key.open_item(share, 1, one, &path.item_key).unwrap();
    assert!(old_secret_key.open_value(one, before.revision, &before.value).is_ok());

    assert_eq!(world.store.due(ana.id).await.unwrap(), Due { shares: 1, ..Due::default() });
    settle(&world, &ana).await;
    assert_eq!(world.store.due(ana.id).await.unwrap(), Due::default());

    let after = world.store.open_secret(bruno.id, one).await.unwrap();
    let Opening::Shared(path, _) = &after.opening else { panic!() };
    assert_eq!((path.epoch, path.recipient_epoch), (2, 2));
    for recipient_epoch in [1, 2] {
        assert!(ShareKey::open_group_grant(&old_seed, &place(2, recipient_epoch), &path.grant_key).is_err());
    }
    for epoch in [1, 2] {
        assert!(old_key.open_item(share, epoch, one, &path.item_key).is_err());
    }
    assert!(old_secret_key.open_value(one, after.revision, &after.value).is_err());
    // Nor by way of another share that the secret is in.
    let by_dora = world.store.open_secret(dora.id, one).await.unwrap();
    let Opening::Shared(path, _) = &by_dora.opening else { panic!() };
    assert!(old_key.open_item(to_dora, 1, one, &path.item_key).is_err());
    // Everyone who has access goes on, and signatures hold.
    for person in [&ana, &bruno, &dora] {
        assert_eq!(world.read(person, one).await.unwrap().client_secret, "one");
    }
    let SignedManifest { manifest, signature, .. } = world.store.manifest(bruno.id, share).await.unwrap();
    assert_eq!(manifest.verify(&ana.keys.public(), &signature), Ok(()));
}

#[tokio::test]
async fn between_its_two_steps_everything_can_be_read() {
    let Left { world, ana, bruno, dora, one, share, .. } = left().await;
    let due = world.store.due_share(ana.id, share).await.unwrap();
    let new = rekey(&world, &ana, &due).await;
    world.store.settle_share(ana.id, share, &new).await.unwrap();
    assert_eq!(world.store.due(ana.id).await.unwrap(), Due { secrets: 1, ..Due::default() });
    for person in [&ana, &bruno, &dora] {
        assert_eq!(world.read(person, one).await.unwrap().client_secret, "one");
    }
    // Done once: the share is not due any more.
    assert!(matches!(world.store.settle_share(ana.id, share, &new).await, Err(StoreError::NotFound)));
    settle(&world, &ana).await;
    assert_eq!(world.store.due(ana.id).await.unwrap(), Due::default());
}

#[tokio::test]
async fn what_changed_in_between_is_not_overwritten() {
    let Left { world, ana, bruno, dora, one, share, .. } = left().await;
    let due = world.store.due_share(ana.id, share).await.unwrap();
    let new = rekey(&world, &ana, &due).await;
    // Not somebody else's to settle, nor with other recipients than it has.
    assert!(matches!(world.store.due_share(bruno.id, share).await, Err(StoreError::NotFound)));
    assert!(matches!(world.store.settle_share(bruno.id, share, &new).await, Err(StoreError::Malformed(_))));
    let mut fewer = new.clone();
    fewer[0].manifest.grants.clear();
    fewer[0].grants.clear();
    assert!(matches!(world.store.settle_share(ana.id, share, &fewer).await, Err(StoreError::Stale)));
    let mut forged = new.clone();
    forged[0].manifest.key_check[0] ^= 1;
    assert!(matches!(world.store.settle_share(ana.id, share, &forged).await, Err(StoreError::Malformed(_))));
    world.store.settle_share(ana.id, share, &new).await.unwrap();

    let (secrets, shares) = world.store.due_secrets(ana.id, 0).await.unwrap();
    let settled = reseal(&ana, &secrets, &shares);
    assert!(matches!(world.store.settle_secrets(bruno.id, &settled).await, Err(StoreError::NotFound)));
    // Shared once more while the client was at it: the new share's item would be lost.
    let prepared = world.new_share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
    let late = world.new_share(&ana, &[one], &[(to(&dora), Permission::View)]).await;
    world.store.add_share(ana.id, &prepared, None).await.unwrap();
    assert!(matches!(world.store.settle_secrets(ana.id, &settled).await, Err(StoreError::Stale)));
    settle(&world, &ana).await;
    for person in [&ana, &bruno, &dora] {
        assert_eq!(world.read(person, one).await.unwrap().client_secret, "one");
    }
    // And a share that was sealed with the old key, sent only now.
    let refused = problems(world.store.add_share(ana.id, &late, None).await);
    assert_eq!(refused[0], Problem { subject: Subject::Secret(one), reason: Reason::Outdated });
}
