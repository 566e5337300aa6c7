//! What was backed up comes back as it was, and nothing else is taken for a backup.

use std::sync::LazyLock;

use vault::{AuditKey, Permission, RecipientId, SecretId, ServerKeys};

use super::fixture::*;
use crate::backup::rows;
use crate::database::query;
use crate::*;

static KEY: LazyLock<AuditKey> = LazyLock::new(|| ServerKeys::random().audit_key());

async fn backup(store: &Store) -> (Vec<u8>, BackedUp) {
    let mut bytes = Vec::new();
    let backup = store.backup(&mut bytes).await.unwrap();
    (bytes, backup)
}

/// A database of its own for whatever is restored.
async fn restore(mut bytes: &[u8]) -> Result<(World, BackedUp), BackupError> {
    let folder = tempfile::tempdir().unwrap();
    let location = location(&folder);
    let (store, backup) = Store::from_backup(&location, &mut bytes).await?;
    let founder = World::empty().await.founder;
    Ok((World { store, founder, folder }, backup))
}

fn location(folder: &tempfile::TempDir) -> Location {
    format!("surrealkv://{}", folder.path().display()).into()
}

/// A world with a row in many tables, and in one more than a piece has; a secret that Bruno has by a group.
async fn full() -> (World, Person, SecretId) {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let crew = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&ana, &bruno]).await;
    let mut secrets = Vec::new();
    for index in 0..25 {
        secrets.push(world.secret(&ana, &format!("n'a`m\\e {index}\n\u{2028}")).await);
    }
    let (view, edit) = ([(RecipientId::Group(crew), Permission::View)], [(to(&bruno), Permission::Edit)]);
    world.share(&ana, &secrets[..5], &view).await;
    world.share(&ana, &secrets[5..6], &edit).await;
    world.store.delete_secrets(ana.id, BatchId::random(), &secrets[6..8]).await.unwrap();
    world.store.seal_audit(&KEY).await.unwrap();
    world.session("token", "ana").await;
    (world, bruno, secrets[0])
}

#[tokio::test]
async fn a_restored_database_has_every_row_and_nobody_is_signed_in() {
    let (world, bruno, shared) = full().await;
    let (bytes, made) = backup(&world.store).await;
    let before = now_in_millis();
    assert!(made.at <= before && made.rows > 100, "{made:?}");
    assert_eq!(check_backup(&mut &bytes[..]).await.unwrap(), made);

    let (restored, read) = restore(&bytes).await.unwrap();
    assert_eq!(read, made);
    let (again, _) = backup(&restored.store).await;
    assert!(rows(&again).await == rows(&bytes).await);
    let (there, here) = (restored.read(&bruno, shared).await.unwrap(), world.read(&bruno, shared).await.unwrap());
    assert_eq!(there.client_secret, here.client_secret);
    assert!(world.store.session_account("token").await.unwrap().is_some());
    assert!(restored.store.session_account("token").await.unwrap().is_none());
    let chain = restored.store.verify_audit(&KEY, None).await.unwrap();
    assert!(chain.unwrap().entries > 0);
}

#[tokio::test]
async fn a_backup_is_as_of_its_beginning_while_others_write() {
    let (world, ..) = full().await;
    let carla = world.person("carla").await;
    let (mut to, mut from) = tokio::io::duplex(64);
    let store = &world.store;
    let making = async move { store.backup(&mut to).await.unwrap() };
    let meanwhile = async {
        let mut read = Vec::new();
        // It has begun: its first bytes are there, and no more fit before these are read.
        tokio::io::AsyncReadExt::read_exact(&mut from, &mut [0; 16]).await.unwrap();
        for name in ["one", "two", "three"] {
            world.secret(&carla, name).await;
        }
        tokio::io::AsyncReadExt::read_to_end(&mut from, &mut read).await.unwrap();
        [b"MySafe backup 1\n", &read[..]].concat()
    };
    let (made, bytes) = tokio::join!(making, meanwhile);
    let (restored, read) = restore(&bytes).await.unwrap();
    assert_eq!(read, made);
    let names = |rows: Vec<SecretRow>| rows.into_iter().map(|row| row.secret.name).collect::<Vec<_>>();
    assert!(names(restored.store.secrets(carla.id).await.unwrap()).is_empty());
    assert_eq!(names(world.store.secrets(carla.id).await.unwrap()).len(), 3);
}

#[tokio::test]
async fn what_is_no_whole_backup_is_refused_and_never_opened() {
    let (bytes, _) = backup(&World::new().await.store).await;
    for length in [0, 10, 16, 30, bytes.len() / 2, bytes.len() - 33, bytes.len() - 1] {
        assert!(matches!(restore(&bytes[..length]).await, Err(BackupError::Broken(_))), "{length} bytes");
        assert!(check_backup(&mut &bytes[..length]).await.is_err());
    }
    for index in [0, 17, 40, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1] {
        let mut changed = bytes.clone();
        changed[index] ^= 4;
        assert!(restore(&changed).await.is_err(), "byte {index}");
    }

    let folder = tempfile::tempdir().unwrap();
    let part = Store::from_backup(&location(&folder), &mut &bytes[..bytes.len() - 1]).await;
    assert!(matches!(part, Err(BackupError::Broken(_))));
    let opened = loop {
        match Store::open(&location(&folder)).await {
            // The files of the attempt before are closed in a moment.
            Err(StoreError::Database(_)) => tokio::task::yield_now().await,
            other => break other,
        }
    };
    assert!(matches!(opened, Err(StoreError::Content(what)) if what.contains("in part")));
}

#[tokio::test]
async fn only_an_empty_database_is_filled() {
    let (world, other) = (World::new().await, World::new().await);
    let (bytes, _) = backup(&world.store).await;
    let World { store, folder, .. } = other;
    drop(store);
    let refused = loop {
        match Store::from_backup(&location(&folder), &mut &bytes[..]).await {
            Err(BackupError::Store(StoreError::Database(_))) => tokio::task::yield_now().await,
            other => break other,
        }
    };
    assert!(matches!(refused, Err(BackupError::NotEmpty)));
}

#[tokio::test]
async fn a_backup_of_a_schema_that_is_not_ours_is_refused() {
    let world = World::new().await;
    query!(world.store.db, "UPDATE migration SET checksum = 'other'").unwrap();
    let (bytes, _) = backup(&world.store).await;
    let refused = restore(&bytes).await;
    assert!(matches!(refused, Err(BackupError::Store(StoreError::Content(what))) if what.contains("001_model")));
}
