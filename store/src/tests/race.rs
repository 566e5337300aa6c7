//! Two transactions of which one must not commit on what it saw before the other did. A row that is only read for update keeps the one from
//! committing who reads it, and not the one who began before: so both write it.

use std::pin::Pin;
use std::sync::Arc;

use vault::{GroupId, Permission, RecipientId};

use super::fixture::*;
use super::group::new_epoch;
use super::limit::limited;
use crate::access::rely_on_access;
use crate::database::{Tx, query};
use crate::people::end_sign_ins;
use crate::record;
use crate::seen::{hand_over, note_opened};
use crate::share::change_ownership;
use crate::*;

type AsyncEnd = for<'a> fn(&'a World, &'a Person, GroupId, &'a Person) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// A transaction that has seen the database as it is now.
async fn begun(world: &World) -> Tx {
    let tx = Arc::new(world.store.db.clone().begin().await.unwrap());
    query!(tx, "SELECT VALUE id FROM organization").unwrap();
    tx
}

async fn commits(tx: Tx) -> bool {
    match Arc::into_inner(tx).unwrap().commit().await.map_err(StoreError::from) {
        Ok(_) => true,
        Err(error) if error.is_conflict() => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_new_key_of_a_group_made_before_a_share_with_it_was_seen_does_not_commit() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let group = world.group(&ana, GroupKind::PrivateGroup, "crew", &[&bruno]).await;
    let one = world.secret(&ana, "one").await;
    for shares in [true, false] {
        let tx = begun(&world).await;
        if shares {
            world.share(&ana, &[one], &[(RecipientId::Group(group), Permission::View)]).await;
        }
        query!(tx, "UPDATE $id SET epoch += 1", id = record::group(group)).unwrap();
        assert_eq!(commits(tx).await, !shares);
    }
}

#[tokio::test]
async fn settling_that_has_not_seen_a_new_share_does_not_commit() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let one = world.secret(&ana, "one").await;
    for shares in [true, true, false] {
        let tx = begun(&world).await;
        if shares {
            world.share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
        }
        // What settling, disabling and transferring write first.
        change_ownership(&tx, ana.id).await.unwrap();
        assert_eq!(commits(tx).await, !shares);
    }
}

#[tokio::test]
async fn what_has_not_seen_a_limit_does_not_commit_nor_the_other_way_round() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let one = world.secret(&ana, "one").await;
    let share = world.share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
    for limits in [true, true, false] {
        // Who settles or takes over reads the share, and writes for all secrets of its granter.
        let reads = begun(&world).await;
        query!(reads, "SELECT VALUE id FROM ONLY $id FOR UPDATE", id = record::share(share)).unwrap();
        query!(reads, "UPDATE organization SET name = $name", name = format!("{limits:?}")).unwrap();
        let writes = begun(&world).await;
        if limits {
            let change = limited(&[one], &[(to(&bruno), Some(Permission::View))]);
            world.store.change_access(ana.id, &change).await.unwrap();
        }
        assert_eq!(commits(reads).await, !limits);
        change_ownership(&writes, ana.id).await.unwrap();
        assert_eq!(commits(writes).await, !limits);
    }
}

#[tokio::test]
async fn what_relies_on_access_that_ended_does_not_commit() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let group = world.group(&ana, GroupKind::PrivateGroup, "crew", &[&bruno]).await;
    let one = world.secret(&ana, "one").await;
    let grants = [(to(&bruno), Permission::Edit), (RecipientId::Group(group), Permission::Edit)];
    world.share(&ana, &[one], &grants).await;
    let ends: [AsyncEnd; 4] = [
        |_, _, _, _| Box::pin(async {}),
        |world, ana, group, _| {
            Box::pin(async move {
                world.store.set_group_enabled(ana.id, group, false).await.unwrap();
                world.store.set_group_enabled(ana.id, group, true).await.unwrap();
            })
        },
        |world, ana, group, bruno| {
            Box::pin(async move {
                let new = new_epoch(world, ana, group, &[]).await;
                world.store.remove_members(ana.id, group, &[bruno.id], &new).await.unwrap();
            })
        },
        |world, ana, _, bruno| {
            Box::pin(async move {
                let secrets: Vec<_> =
                    world.store.secrets(ana.id).await.unwrap().into_iter().map(|secret| secret.id).collect();
                world.store.change_access(ana.id, &limited(&secrets, &[(to(bruno), None)])).await.unwrap();
            })
        },
    ];
    for (number, end) in ends.into_iter().enumerate() {
        // What an editor's change and their enabling do before they write.
        let tx = begun(&world).await;
        rely_on_access(&tx, bruno.id, ana.id).await.unwrap();
        query!(tx, "UPDATE $id SET method = 'oauth2'", id = record::secret(one)).unwrap();
        end(&world, &ana, group, &bruno).await;
        assert_eq!(commits(tx).await, number == 0, "end {number}");
    }
}

#[tokio::test]
async fn who_opens_a_secret_while_it_is_transferred_is_known_to_its_new_owner() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let (carla, dora) = (world.person("carla").await, world.person("dora").await);
    for (number, opens) in [true, true, false].into_iter().enumerate() {
        let one = world.secret(&ana, &format!("one {number}")).await;
        world.share(&ana, &[one], &[(to(&bruno), Permission::View), (to(&carla), Permission::View)]).await;
        // Just opened: the next opening need not say when it was last used.
        world.read(&carla, one).await.unwrap();
        let transfers = begun(&world).await;
        query!(
            transfers,
            "UPDATE $id SET owner = $to RETURN NONE",
            id = record::secret(one),
            to = record::account(dora.id)
        )
        .unwrap();
        hand_over(&transfers, &[one], ana.id, dora.id).await.unwrap();
        if opens {
            world.read(&bruno, one).await.unwrap();
        }
        assert_eq!(commits(transfers).await, !opens);
    }
    for transfers in [true, false] {
        let two = world.secret(&ana, &format!("two {transfers}")).await;
        world.share(&ana, &[two], &[(to(&bruno), Permission::View)]).await;
        let opens = begun(&world).await;
        note_opened(&opens, bruno.id, two).await.unwrap();
        if transfers {
            world.transfer(&ana, &[two], &dora).await.unwrap();
        }
        assert_eq!(commits(opens).await, !transfers);
    }
}

#[tokio::test]
async fn taking_over_that_has_not_seen_an_undo_of_the_transfer_does_not_commit() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    for undoes in [true, false] {
        let one = world.secret(&ana, &format!("one {undoes}")).await;
        let transfer = world.transfer(&ana, &[one], &bruno).await.unwrap();
        let takes_over = begun(&world).await;
        if undoes {
            world.undo(&ana, BatchId::from(transfer.uuid())).await.unwrap();
        }
        for owner in [bruno.id, ana.id] {
            change_ownership(&takes_over, owner).await.unwrap();
        }
        assert_eq!(commits(takes_over).await, !undoes);
    }
}

#[tokio::test]
async fn what_is_shared_while_all_is_told_seen_stays_new() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let (one, two) = (world.secret(&ana, "one").await, world.secret(&ana, "two").await);
    world.share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
    // The list was read at this time; what is shared after it nobody has seen.
    let read = now_in_millis();
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    world.share(&ana, &[two], &[(to(&bruno), Permission::View)]).await;
    world.store.see_all(bruno.id, read).await.unwrap();
    let rows = world.store.secrets(bruno.id).await.unwrap();
    let new: Vec<&str> = rows.iter().filter(|row| row.is_new).map(|row| row.secret.name.as_str()).collect();
    assert_eq!(new, ["two"]);
}

#[tokio::test]
async fn no_session_outlives_what_ends_them_all_at_the_same_time() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    for signs_in in [true, false] {
        let tx = begun(&world).await;
        if signs_in {
            world.session("token", "ana").await;
        }
        end_sign_ins(&tx, ana.id).await.unwrap();
        assert_eq!(commits(tx).await, !signs_in);
    }
}
