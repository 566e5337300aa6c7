//! Two transactions of which one must not commit on what it saw before the other did. A row that is only read for update keeps the one from
//! committing who reads it, and not the one who began before: so both write it.

use std::sync::Arc;

use vault::{Permission, RecipientId};

use super::fixture::*;
use crate::database::{Tx, query};
use crate::people::end_sign_ins;
use crate::*;

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
        query!(tx, "UPSERT $id SET changes = (changes ?? 0) + 1", id = record::ownership(ana.id)).unwrap();
        assert_eq!(commits(tx).await, !shares);
    }
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
