//! Secrets with another owner: at once for everyone, and their keys when the new owner's client takes them over.

use vault::{Grants, Permission, Place, RecipientId, SecretId, ShareId, ShareKey, taken_over};

use super::fixture::*;
use super::group::new_epoch;
use super::limit::limited;
use super::settle::settle;
use super::start_over::next;
use crate::*;

impl World {
    pub async fn transfer(&self, from: &Person, secrets: &[SecretId], to: &Person) -> Result<ShareId, StoreError> {
        let new = self.new_share(from, secrets, &[(RecipientId::Account(to.id), Permission::Own)]).await;
        self.store.transfer(from.id, &new).await.map(|_| new.manifest.share)
    }

    /// What the new owner's client makes of a transfer.
    pub async fn taken(&self, owner: &Person, transfer: &Transfer) -> TakeOver {
        let manifest = &transfer.signed.manifest;
        let place = Place::Grant {
            granter: manifest.granter,
            share: manifest.share,
            epoch: manifest.epoch,
            recipient: RecipientId::Account(owner.id),
            recipient_epoch: transfer.recipient_epoch,
            permission: Permission::Own,
        };
        let key = ShareKey::open_own_grant(&owner.keys, &place, &transfer.key).unwrap();
        let keys: Vec<KeyToShare> = (0..manifest.items.len())
            .map(|index| {
                let secret = manifest.items[index];
                let sealed = &transfer.items[index];
                let opened = key.open_item(manifest.share, manifest.epoch, secret, sealed).unwrap();
                KeyToShare { key: owner.keys.seal_secret_key(secret, &opened), epoch: transfer.key_epochs[index] }
            })
            .collect();
        let mut shares = Vec::new();
        for ((ends_at, grants), secrets) in taken_over(&transfer.shares, &manifest.items, owner.id) {
            let of = |secret: &SecretId| keys[manifest.items.binary_search(secret).unwrap()].clone();
            let keys: Vec<KeyToShare> = secrets.iter().map(of).collect();
            let share = self.sealed_share(owner, &secrets, &grants, &keys, &transfer.recipients).await;
            shares.push(NewShare { ends_at, ..share });
        }
        TakeOver { transfer: manifest.share, keys: keys.into_iter().map(|key| key.key).collect(), shares }
    }

    pub async fn take_over(&self, owner: &Person, transfer: ShareId) {
        self.take_over_as(owner.id, owner, transfer).await;
    }

    /// The same by who acts for the new owner and has their keys.
    pub async fn take_over_as(&self, caller: vault::AccountId, owner: &Person, transfer: ShareId) {
        let found = self.store.transfer_to(caller, owner.id, transfer).await.unwrap();
        let taken = self.taken(owner, &found).await;
        self.store.take_over(caller, owner.id, &taken).await.unwrap();
    }

    async fn reads(&self, person: &Person, secret: SecretId) -> bool {
        self.read(person, secret).await.is_ok()
    }

    async fn listed(&self, person: &Person) -> Vec<(String, Option<Permission>)> {
        let rows = self.store.secrets(person.id).await.unwrap();
        rows.into_iter().map(|row| (row.secret.name, row.permission)).collect()
    }
}

/// Ana's three secrets: one and two are shared with a group of Carla's, two with Bruno as well, three with nobody.
struct Shared {
    world: World,
    ana: Person,
    bruno: Person,
    carla: Person,
    group: vault::GroupId,
    secrets: [SecretId; 3],
    to_group: ShareId,
    to_bruno: ShareId,
}

async fn shared() -> Shared {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let group = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&carla]).await;
    let secrets = [world.secret(&ana, "one").await, world.secret(&ana, "two").await, world.secret(&ana, "three").await];
    let to_group = world.share(&ana, &secrets[..2], &[(RecipientId::Group(group), Permission::Edit)]).await;
    let to_bruno = world.share(&ana, &[secrets[1]], &[(to(&bruno), Permission::View)]).await;
    Shared { world, ana, bruno, carla, group, secrets, to_group, to_bruno }
}

#[tokio::test]
async fn the_new_owner_has_it_at_once_and_nobody_else_loses_anything() {
    let Shared { world, ana, bruno, carla, secrets: [one, two, three], to_group, to_bruno, .. } = shared().await;
    let (shares, grants, items) = (world.count("share").await, world.count("grant").await, world.count("item").await);
    let transfer = world.transfer(&ana, &[two, three], &bruno).await.unwrap();
    // N + M: one row for the transfer, one grant, one item for each secret.
    assert_eq!(world.count("share").await, shares + 1);
    assert_eq!(world.count("grant").await, grants + 1);
    assert_eq!(world.count("item").await, items + 2);

    for is_taken_over in [false, true] {
        if is_taken_over {
            assert_eq!(world.store.transfers(bruno.id, bruno.id).await.unwrap(), [transfer]);
            assert_eq!(world.store.due(bruno.id).await.unwrap(), Due { transferred: 2, ..Due::default() });
            world.take_over(&bruno, transfer).await;
            settle(&world, &bruno).await;
            assert_eq!(world.store.due(bruno.id).await.unwrap(), Due::default());
        }
        assert_eq!(world.listed(&ana).await, [("one".into(), None)]);
        assert_eq!(world.listed(&bruno).await, [("three".into(), None), ("two".into(), None)]);
        let edit = Some(Permission::Edit);
        assert_eq!(world.listed(&carla).await, [("one".into(), edit), ("two".into(), edit)]);
        for (person, may) in
            [(&ana, [true, false, false]), (&bruno, [false, true, true]), (&carla, [true, true, false])]
        {
            for (secret, may) in [one, two, three].into_iter().zip(may) {
                assert_eq!(world.reads(person, secret).await, may);
            }
        }
        let access = world.store.secret_access(bruno.id, two).await.unwrap();
        let names: Vec<&str> = access.iter().map(|access| access.name.as_str()).collect();
        // The new owner is in the list as long as an old share names them.
        assert_eq!(names, if is_taken_over { vec!["Crew"] } else { vec!["BRUNO Test", "Crew"] });
    }
    // The share of the one before that has nothing left has ended; the other one holds, with what is Ana's alone.
    assert!(matches!(world.store.manifest(carla.id, to_bruno).await, Err(StoreError::NotFound)));
    let signed = world.store.manifest(carla.id, to_group).await.unwrap();
    assert_eq!(signed.manifest.verify(&ana.keys.public(), &signed.signature), Ok(()));
    assert_eq!(signed.ended, [two]);
    // And it can go on.
    world.share(&bruno, &[two, three], &[(to(&ana), Permission::View)]).await;
    assert!(world.reads(&ana, three).await);
    assert!(matches!(world.store.transfer_to(bruno.id, bruno.id, transfer).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn what_the_owner_before_has_kept_opens_nothing_after_settling() {
    let Shared { world, ana, bruno, carla, secrets: [_, two, _], .. } = shared().await;
    let kept = ana.keys.open_secret_key(two, &world.store.keys_to_share(ana.id, &[two]).await.unwrap()[0].key).unwrap();
    let transfer = world.transfer(&ana, &[two], &bruno).await.unwrap();
    world.take_over(&bruno, transfer).await;
    let before = world.store.open_secret(carla.id, two).await.unwrap();
    assert!(kept.open_value(two, before.revision, &before.value).is_ok());
    settle(&world, &bruno).await;
    let after = world.store.open_secret(carla.id, two).await.unwrap();
    assert!(kept.open_value(two, after.revision, &after.value).is_err());
    assert_eq!(world.read(&carla, two).await.unwrap().client_secret, "two");
}

#[tokio::test]
async fn only_what_is_ones_own_can_be_given_away_all_or_nothing() {
    let Shared { world, ana, bruno, carla, secrets: [one, two, three], .. } = shared().await;
    let new = world.new_share(&ana, &[one, two], &[(to(&bruno), Permission::Own)]).await;
    // By nobody else in her name, nor by way of an ordinary share.
    assert!(matches!(world.store.transfer(carla.id, &new).await, Err(StoreError::Forbidden)));
    assert!(matches!(world.store.add_share(ana.id, &new, None).await, Err(StoreError::Malformed(_))));
    let share = world.new_share(&ana, &[one], &[(to(&bruno), Permission::Edit)]).await;
    assert!(matches!(world.store.transfer(ana.id, &share).await, Err(StoreError::Malformed(_))));
    // Bruno may edit one of Ana's, but it is not his to give.
    world.share(&ana, &[one], &[(to(&bruno), Permission::Edit)]).await;
    let own = world.secret(&bruno, "own").await;
    let refused = problems(world.store.keys_to_transfer(bruno.id, bruno.id, &[own, one, three]).await);
    let reason =
        |secret| refused.iter().find(|problem| problem.subject == Subject::Secret(secret)).map(|found| found.reason);
    assert_eq!([reason(own), reason(one), reason(three)], [None, Some(Reason::Forbidden), Some(Reason::NotFound)]);
    // Sent again it is done once, also after it was taken over.
    let done = world.store.transfer(ana.id, &new).await.unwrap();
    world.take_over(&bruno, new.manifest.share).await;
    assert_eq!(world.store.transfer(ana.id, &new).await.unwrap(), done);
    // What was sealed before does not bring it back.
    let refused = problems(world.store.add_share(ana.id, &share, None).await);
    assert_eq!(refused[0].reason, Reason::NotFound);
}

#[tokio::test]
async fn to_somebody_who_can_sign_in_and_whose_identifiers_are_free() {
    let Shared { world, ana, bruno, carla, secrets: [one, two, _], .. } = shared().await;
    let with_identifier = |person: &Person| {
        let mut new = new_secret(person, "billing");
        new.secret.identifier = Some("billing".into());
        new
    };
    let (hers, his) = (with_identifier(&ana), with_identifier(&bruno));
    world.store.add_secret(ana.id, &hers).await.unwrap();
    world.store.add_secret(bruno.id, &his).await.unwrap();
    let refused = problems(world.transfer(&ana, &[hers.id, one], &bruno).await);
    assert_eq!(refused, [Problem { subject: Subject::Secret(hers.id), reason: Reason::IdentifierTaken }]);
    assert!(world.transfer(&ana, &[hers.id], &carla).await.is_ok());

    let new = world.new_share(&ana, &[one], &[(to(&bruno), Permission::Own)]).await;
    world.store.set_person_enabled(world.founder.id, bruno.id, false).await.unwrap();
    assert_eq!(problems(world.store.transfer(ana.id, &new).await)[0].reason, Reason::NotActive);
    // A disabled secret can be given away: whoever leaves leaves nothing behind.
    world.store.set_enabled(ana.id, BatchId::random(), &[two], false).await.unwrap();
    assert!(world.transfer(&ana, &[two], &carla).await.is_ok());
    assert!(world.reads(&carla, two).await);
}

#[tokio::test]
async fn until_it_is_taken_over_the_new_owner_cannot_pass_it_on() {
    let Shared { world, ana, bruno, carla, secrets: [one, ..], .. } = shared().await;
    let transfer = world.transfer(&ana, &[one], &bruno).await.unwrap();
    let reason = |result| problems(result)[0].reason;
    assert_eq!(reason(world.store.keys_to_share(bruno.id, &[one]).await), Reason::NotTakenOver);
    assert_eq!(reason(world.store.keys_to_transfer(bruno.id, bruno.id, &[one]).await), Reason::NotTakenOver);
    assert!(matches!(world.store.transfer_to(carla.id, carla.id, transfer).await, Err(StoreError::NotFound)));
    // There and back again, then to a third: what ended on the way gives nothing back.
    world.take_over(&bruno, transfer).await;
    let back = world.transfer(&bruno, &[one], &ana).await.unwrap();
    world.take_over(&ana, back).await;
    settle(&world, &ana).await;
    assert!(!world.reads(&bruno, one).await);
    assert!(world.reads(&carla, one).await && world.reads(&ana, one).await);
    let on = world.transfer(&ana, &[one], &bruno).await.unwrap();
    world.take_over(&bruno, on).await;
    assert!(world.reads(&carla, one).await && !world.reads(&ana, one).await);
}

#[tokio::test]
async fn taking_over_gives_exactly_the_access_that_there_was() {
    let Shared { world, ana, bruno, carla, group, secrets: [one, two, three], .. } = shared().await;
    let dora = world.person("dora").await;
    let transfer = world.transfer(&ana, &[one, two, three], &bruno).await.unwrap();
    let found = world.store.transfer_to(bruno.id, bruno.id, transfer).await.unwrap();
    let taken = world.taken(&bruno, &found).await;
    assert_eq!(taken.shares.len(), 1);
    assert!(matches!(world.store.take_over(carla.id, carla.id, &taken).await, Err(StoreError::NotFound)));
    let mut fewer = taken.clone();
    fewer.shares.clear();
    assert!(matches!(world.store.take_over(bruno.id, bruno.id, &fewer).await, Err(StoreError::Stale)));
    let grants: Grants = vec![(RecipientId::Group(group), Permission::Edit), (to(&dora), Permission::View)];
    let keys: Vec<KeyToShare> = taken.keys.iter().map(|key| KeyToShare { key: key.clone(), epoch: 1 }).collect();
    let mut secrets = found.signed.manifest.items.clone();
    let mut entries = found.recipients.clone();
    entries.extend(world.store.recipient_keys(bruno.id, &[to(&dora)]).await.unwrap());
    let more = world.sealed_share(&bruno, &secrets, &grants, &keys, &entries).await;
    let wider = TakeOver { shares: vec![more], ..taken.clone() };
    assert!(matches!(world.store.take_over(bruno.id, bruno.id, &wider).await, Err(StoreError::Stale)));
    let mut forged = taken.clone();
    forged.shares[0].signature[0] ^= 1;
    assert!(matches!(world.store.take_over(bruno.id, bruno.id, &forged).await, Err(StoreError::Malformed(_))));
    // Somebody left the group in between: the new shares would be sealed to its old key.
    let new = new_epoch(&world, &ana, group, &[]).await;
    world.store.remove_members(ana.id, group, &[carla.id], &new).await.unwrap();
    assert!(matches!(world.store.take_over(bruno.id, bruno.id, &taken).await, Err(StoreError::Stale)));
    world.take_over(&bruno, transfer).await;
    secrets.sort_unstable();
    for secret in secrets {
        assert!(world.reads(&bruno, secret).await && !world.reads(&carla, secret).await);
    }
}

#[tokio::test]
async fn a_share_that_lost_secrets_is_settled_without_them() {
    let Shared { world, ana, bruno, carla, group, secrets: [one, two, _], to_group, .. } = shared().await;
    let transfer = world.transfer(&ana, &[two], &bruno).await.unwrap();
    world.take_over(&bruno, transfer).await;
    let new = new_epoch(&world, &ana, group, &[&carla]).await;
    world.store.remove_members(ana.id, group, &[], &new).await.unwrap();
    settle(&world, &ana).await;
    let signed = world.store.manifest(carla.id, to_group).await.unwrap();
    assert_eq!((signed.manifest.items, signed.ended), (vec![one], vec![]));
    assert!(world.reads(&carla, one).await && world.reads(&carla, two).await);
}

#[tokio::test]
async fn a_share_of_the_owner_before_is_settled_with_what_nobody_has_taken_over() {
    let Shared { world, ana, bruno, carla, group, secrets: [one, two, _], to_group, .. } = shared().await;
    let transfer = world.transfer(&ana, &[two], &bruno).await.unwrap();
    let new = new_epoch(&world, &ana, group, &[&carla]).await;
    world.store.remove_members(ana.id, group, &[], &new).await.unwrap();
    settle(&world, &ana).await;
    assert_eq!(world.store.due(ana.id).await.unwrap(), Due::default());
    let signed = world.store.manifest(carla.id, to_group).await.unwrap();
    assert_eq!((signed.manifest.epoch, signed.manifest.items.len()), (2, 2));
    for is_taken_over in [false, true] {
        if is_taken_over {
            world.take_over(&bruno, transfer).await;
            settle(&world, &bruno).await;
        }
        for (person, secret) in [(&ana, one), (&carla, one), (&carla, two), (&bruno, two)] {
            assert!(world.reads(person, secret).await, "taken over: {is_taken_over}");
        }
        assert!(!world.reads(&ana, two).await);
    }
}

#[tokio::test]
async fn somebody_without_keys_is_named_and_keeps_nobody_waiting_once_their_access_has_ended() {
    let Shared { world, ana, bruno, carla, secrets: [one, ..], .. } = shared().await;
    let dora = world.person("dora").await;
    world.share(&ana, &[one], &[(to(&dora), Permission::View)]).await;
    let transfer = world.transfer(&ana, &[one], &bruno).await.unwrap();
    let (_, new) = next(&world.founder, dora.id, "dora", 2);
    world.store.invite(world.founder.id, &new).await.unwrap();
    let refused = problems(world.store.transfer_to(bruno.id, bruno.id, transfer).await);
    assert_eq!(refused, [Problem { subject: Subject::Recipient(to(&dora)), reason: Reason::NotActive }]);
    world.store.change_access(bruno.id, &limited(&[one], &[(to(&dora), None)])).await.unwrap();
    world.take_over(&bruno, transfer).await;
    assert!(world.reads(&bruno, one).await && world.reads(&carla, one).await);
}

#[tokio::test]
async fn access_that_ended_before_secrets_are_taken_over_stays_ended() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let (carla, dora) = (world.person("carla").await, world.person("dora").await);
    let secrets = [world.secret(&ana, "one").await, world.secret(&ana, "two").await];
    let grants = [(to(&carla), Permission::Edit), (to(&dora), Permission::View)];
    world.share(&ana, &secrets, &grants).await;
    let transfer = world.transfer(&ana, &secrets, &bruno).await.unwrap();
    // By the new owner, whose client has not taken them over, and in shares that are still those of the one before.
    let change = limited(&secrets[..1], &[(to(&carla), Some(Permission::View)), (to(&dora), None)]);
    world.store.change_access(bruno.id, &change).await.unwrap();
    let refused = world.store.change_access(ana.id, &limited(&secrets, &[(to(&carla), None)])).await;
    assert!(problems(refused).iter().all(|problem| problem.reason == Reason::NotFound));
    for step in ["limited", "settled by the owner before", "taken over"] {
        match step {
            "settled by the owner before" => settle(&world, &ana).await,
            "taken over" => world.take_over(&bruno, transfer).await,
            _ => {}
        }
        assert!(!world.reads(&dora, secrets[0]).await, "{step}");
        assert!(world.reads(&dora, secrets[1]).await, "{step}");
        let permission = async |secret| world.store.secret(carla.id, secret).await.unwrap().permission.unwrap();
        assert_eq!(permission(secrets[0]).await, Permission::View);
        assert_eq!(permission(secrets[1]).await, Permission::Edit);
    }
    assert_eq!(world.count("limit").await, 0);
}

#[tokio::test]
async fn a_new_owner_who_could_view_before_is_not_unshared_from_what_is_theirs() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let secrets = [world.secret(&ana, "one").await];
    world.share(&ana, &secrets, &[(to(&bruno), Permission::View), (to(&carla), Permission::View)]).await;
    let transfer = world.transfer(&ana, &secrets, &bruno).await.unwrap();
    let access = world.store.access_to(bruno.id, &secrets).await.unwrap();
    assert_eq!(access.recipients.iter().map(|entry| entry.recipient).collect::<Vec<_>>(), [to(&carla)]);
    let change = limited(&secrets, &[(to(&bruno), None), (to(&carla), None)]);
    world.store.change_access(bruno.id, &change).await.unwrap();
    assert!(world.reads(&bruno, secrets[0]).await);
    assert!(!world.reads(&carla, secrets[0]).await);
    world.take_over(&bruno, transfer).await;
    assert!(world.reads(&bruno, secrets[0]).await);
}

#[tokio::test]
async fn whoever_left_and_was_given_access_anew_keeps_it() {
    let Shared { world, ana, bruno, carla, secrets: [one, two, _], .. } = shared().await;
    let dora = world.person("dora").await;
    // Carla leaves what the group gives her, and gets one of the two anew. Dora leaves both of the shares that name her alone.
    world.store.leave(carla.id, &[one, two]).await.unwrap();
    world.share(&ana, &[one], &[(to(&carla), Permission::View)]).await;
    for _ in 0..2 {
        world.share(&ana, &[two], &[(to(&dora), Permission::View)]).await;
    }
    world.store.leave(dora.id, &[two]).await.unwrap();
    for taken_over in [false, true] {
        let seen = [(&carla, one), (&carla, two), (&dora, two)].map(|(person, secret)| world.reads(person, secret));
        let [carla_one, carla_two, dora_two] = seen;
        assert!(carla_one.await && !carla_two.await && !dora_two.await, "taken over: {taken_over}");
        assert_eq!(world.listed(&carla).await, [("one".into(), Some(Permission::View))]);
        if !taken_over {
            let transfer = world.transfer(&ana, &[one, two], &bruno).await.unwrap();
            world.take_over(&bruno, transfer).await;
        }
    }
    // What is given to them later counts, as ever.
    world.share(&bruno, &[two], &[(to(&dora), Permission::View)]).await;
    assert!(world.reads(&dora, two).await);
}
