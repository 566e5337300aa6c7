//! Two servers of ours on one `SurrealDB` server are as one.

use std::path::Path;

use app::access::api::Way;
use app::error::AppError;
use vault::{Grants, Permission, RecipientId};

use crate::client::Client;
use crate::database::Database;
use crate::program::{Server, empty, run};

/// Two servers with the demo organization.
fn two(folder: &Path, database: &Database) -> (Server, Server) {
    let settings = database.settings();
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let demo = ["demo", "--people", "8", "--groups", "1", "--secrets", "20"];
    let made = run(folder, &[&demo[..], &settings].concat());
    assert!(made.succeeded, "{made:?}");
    let control = folder.join("control-two");
    let second = [&["--control", control.to_str().unwrap()], &settings[..]].concat();
    (Server::start(folder, &settings), Server::start(folder, &second))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signs_in_at_one_works_at_the_other_and_everybody_hears_of_it() {
    let (folder, database) = (empty(), Database::start().await);
    let (one, two) = two(folder.path(), &database);
    let ana = Client::sign_in(one.address, "ana").await.unwrap();
    let there = ana.at(two.address);
    let bruno = Client::sign_in(two.address, "bruno").await.unwrap();
    let mut heard = bruno.hears().await;
    let grants: Grants = vec![(RecipientId::Account(bruno.id()), Permission::View)];

    let secret = ana.add_secret("here", "value").await.unwrap();
    assert_eq!(there.open(secret).await.unwrap(), "value");
    let share = there.share(&[secret], &grants).await.unwrap();
    assert_eq!(heard.next("shared").await, "shared 1 Ana Lima");
    ana.share(&[secret], &grants).await.unwrap();
    assert_eq!(heard.next("shared").await, "shared 1 Ana Lima", "and of what is done at the other");
    assert_eq!(bruno.open(secret).await.unwrap(), "value");

    // The same request at both, at the same time and later.
    let again = ana.add_secret("twice", "value").await.unwrap();
    let new = ana.seal("keys_to_share", &[again], &grants).await.unwrap();
    let (first, second) = tokio::join!(ana.send(&new), there.send(&new));
    assert_eq!(first.unwrap(), second.unwrap());
    assert_eq!(there.send(&new).await.unwrap(), new.manifest.share);
    let ways: Vec<Way> = ana.call("why_access", &(again, bruno.id())).await.unwrap();
    assert_eq!(ways.len(), 1, "{share:?} is another one");

    ana.call::<()>("sign_out", &()).await.unwrap();
    assert!(matches!(there.list().await, Err(AppError::SignedOut)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_is_said_so_and_is_used_again_when_it_is_back() {
    let (folder, mut database) = (empty(), Database::start().await);
    let (one, two) = two(folder.path(), &database);
    let ana = Client::sign_in(one.address, "ana").await.unwrap();
    let bruno = Client::sign_in(two.address, "bruno").await.unwrap();
    let mut heard = bruno.hears().await;
    let grants: Grants = vec![(RecipientId::Account(bruno.id()), Permission::View)];
    let before = ana.add_secret("before", "value").await.unwrap();

    database.kill();
    assert!(matches!(ana.list().await, Err(AppError::Away)), "what is under way ends");
    assert!(matches!(ana.at(two.address).add_secret("lost", "value").await, Err(AppError::Away)));
    let ready = format!("http://{}/readyz", one.address);
    assert_eq!(reqwest::get(&ready).await.unwrap().status(), 503);
    assert!(reqwest::get(format!("http://{}/healthz", one.address)).await.unwrap().status().is_success());

    database.start_again().await;
    for server in [&one, &two] {
        while matches!(ana.at(server.address).list().await, Err(AppError::Away)) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
    // What was not heard in the meantime may be anything: pages are told to look, and hear what comes after that.
    heard.next("look").await;
    ana.share(&[before], &grants).await.unwrap();
    assert_eq!(heard.next("shared").await, "shared 1 Ana Lima");
    assert_eq!(bruno.open(before).await.unwrap(), "value");
    let names: Vec<String> = ana.list().await.unwrap().into_iter().map(|row| row.fields.name).collect();
    assert!(!names.contains(&"lost".to_owned()));
}

#[tokio::test]
async fn a_backup_of_a_database_server_fills_one_in_files_and_back() {
    let (folder, database, new) = (empty(), Database::start().await, empty());
    let (one, two) = two(folder.path(), &database);
    let ana = Client::sign_in(one.address, "ana").await.unwrap();
    let secret = ana.add_secret("kept", "value").await.unwrap();
    let settings = database.settings();
    let with = |command: &[&str], database: &[String]| {
        let arguments: Vec<&str> = command.iter().copied().chain(database.iter().map(String::as_str)).collect();
        run(folder.path(), &arguments)
    };
    let made = with(&["backup", "backup"], &settings);
    assert!(made.succeeded, "{made:?}");
    let doctor = with(&["doctor", "--assets", "dist"], &settings);
    assert!(doctor.succeeded && doctor.out.contains("fine  clock"), "{doctor:?}");
    drop((one, two));

    for file in ["server-keys", "backup"] {
        std::fs::copy(folder.path().join(file), new.path().join(file)).unwrap();
    }
    let restored = run(new.path(), &["restore", "backup"]);
    assert!(restored.succeeded, "{restored:?}");
    let verified = run(new.path(), &["audit", "verify"]);
    assert!(verified.succeeded, "{verified:?}");
    let server = Server::start(new.path(), &[]);
    let ana = Client::sign_in(server.address, "ana").await.unwrap();
    assert_eq!(ana.open(secret).await.unwrap(), "value");

    let made = run(new.path(), &["backup", "back"]);
    assert!(made.succeeded, "{made:?}");
    let other = Database::start().await;
    let back = new.path().join("back");
    let refused = with(&["restore", back.to_str().unwrap()], &settings);
    assert!(!refused.succeeded && refused.err.contains("there is something in it already"), "{refused:?}");
    let restored = with(&["restore", back.to_str().unwrap()], &other.settings());
    assert!(restored.succeeded, "{restored:?}");
}

#[test]
fn who_cannot_sign_in_at_the_database_is_told_so() {
    let folder = empty();
    let database = tokio::runtime::Runtime::new().unwrap().block_on(Database::start());
    let mut settings = database.settings();
    settings[5] = "another".into();
    let arguments: Vec<&str> =
        ["serve", "--assets", "dist"].into_iter().chain(settings.iter().map(String::as_str)).collect();
    let failed = run(folder.path(), &arguments);
    assert!(!failed.succeeded && failed.err.contains("MYSAFE_DATABASE"), "{failed:?}");
}
