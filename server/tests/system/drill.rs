//! The drill: a backup is made while people work, the machine is lost, and another one goes on with the backup and the copy of the keys.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use app::activity::api::Receipt;
use app::error::AppError;
use vault::{BatchId, Grants, Permission, RecipientId};

use crate::client::Client;
use crate::program::{Server, demo, empty, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_made_while_people_share_brings_everything_back() {
    let lost = demo();
    let server = Server::start(lost.path(), &[]);
    let ana = Arc::new(Client::sign_in(server.address, "ana").await.unwrap());
    let bruno = Client::sign_in(server.address, "bruno").await.unwrap().id();
    let grants: Grants = vec![(RecipientId::Account(bruno), Permission::View)];
    let before = ana.add_secret("before", "value of before").await.unwrap();
    let share = ana.share(&[before], &grants).await.unwrap();

    let (shared, mut first) = tokio::sync::watch::channel(0);
    let sharing = tokio::spawn(share_on(Arc::clone(&ana), grants.clone(), shared));
    first.wait_for(|batches| *batches > 0).await.unwrap();
    let made = run(lost.path(), &["backup", "backup"]);
    assert!(made.succeeded && made.out.contains("backup has "), "{made:?}");
    sharing.abort();
    let verified = run(lost.path(), &["audit", "verify"]);
    assert!(verified.succeeded && verified.out.contains("The audit log is whole"), "while it runs: {verified:?}");
    let after = ana.add_secret("after", "value of after").await.unwrap();
    server.kill();
    let stopped = run(lost.path(), &["backup", "later"]);
    assert!(stopped.succeeded, "a server that was killed leaves its socket: {stopped:?}");

    let copied = fs::read(lost.path().join("later")).unwrap();
    let database = lost.path().join("database");
    assert!(contains(&copied, "Ana Lima") && any_file_contains(&database, "Ana Lima"), "names are readable");
    for sealed in ["value of before", "value of after", "mysafe-demo", ana.token()] {
        assert!(!contains(&copied, sealed), "{sealed} in the backup");
        assert!(!any_file_contains(&database, sealed), "{sealed} in the database");
    }

    let new = empty();
    for file in ["server-keys", "backup"] {
        fs::copy(lost.path().join(file), new.path().join(file)).unwrap();
    }
    let checked = run(new.path(), &["restore", "--check", "backup"]);
    assert!(checked.succeeded && !new.path().join("database").exists(), "{checked:?}");
    let restored = run(new.path(), &["restore", "backup"]);
    assert!(restored.succeeded && restored.out.contains("Restored: "), "{restored:?}");
    let again = run(new.path(), &["restore", "backup"]);
    assert!(!again.succeeded && again.err.contains("there is something in it already"), "{again:?}");
    let verified = run(new.path(), &["audit", "verify"]);
    assert!(verified.succeeded, "{verified:?}");

    let server = Server::start(new.path(), &[]);
    assert!(matches!(ana.at(server.address).list().await, Err(AppError::SignedOut)));
    let bruno = Client::sign_in(server.address, "bruno").await.unwrap();
    assert_eq!(bruno.open(before).await.unwrap(), "value of before");
    let ana = Client::sign_in(server.address, "ana").await.unwrap();
    assert!(ana.call::<Receipt>("get_receipt", &(BatchId::from(share.uuid()),)).await.is_ok());
    assert!(ana.open(after).await.is_err(), "it was not there yet");
    // Each of the batches that were under way is there as a whole, or not at all.
    let mut batches = BTreeMap::<String, usize>::new();
    for row in bruno.list().await.unwrap().iter().filter(|row| row.fields.name.starts_with("meanwhile")) {
        assert_eq!(bruno.open(row.id).await.unwrap(), row.fields.name);
        *batches.entry(row.fields.name.clone()).or_default() += 1;
    }
    assert!(!batches.is_empty() && batches.values().all(|secrets| *secrets == 3), "{batches:?}");
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn any_file_contains(folder: &Path, text: &str) -> bool {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() { any_file_contains(&path, text) } else { contains(&fs::read(path).unwrap(), text) }
    })
}

/// Adds three secrets and shares them, again and again, and counts.
async fn share_on(client: Arc<Client>, grants: Grants, shared: tokio::sync::watch::Sender<usize>) {
    for number in 0.. {
        let name = format!("meanwhile {number}");
        let mut secrets = Vec::new();
        for _ in 0..3 {
            secrets.push(client.add_secret(&name, &name).await.unwrap());
        }
        client.share(&secrets, &grants).await.unwrap();
        shared.send_replace(number + 1);
    }
}

#[test]
fn a_backup_that_cannot_be_written_leaves_the_one_from_before() {
    let folder = demo();
    fs::write(folder.path().join("backup"), "from before").unwrap();
    let database = folder.path().join("database");
    fs::rename(&database, folder.path().join("away")).unwrap();
    fs::write(&database, "no folder").unwrap();
    let failed = run(folder.path(), &["backup", "backup"]);
    assert!(!failed.succeeded && failed.err.contains("MYSAFE_DATABASE"), "{failed:?}");
    assert_eq!(fs::read_to_string(folder.path().join("backup")).unwrap(), "from before");
    let mut left = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(!left.any(|name| name.to_string_lossy().ends_with(".part")));
    let broken = run(folder.path(), &["restore", "--check", "backup"]);
    assert!(!broken.succeeded && broken.err.contains("no whole backup"), "{broken:?}");
}

#[test]
fn the_doctor_finds_what_a_server_has_and_what_it_lacks() {
    let folder = demo();
    let mut stopped = run(folder.path(), &["doctor", "--assets", "dist", "--listen", "127.0.0.1:0"]);
    assert!(stopped.succeeded, "{stopped:?}");
    for line in ["fine  settings", "It does not run", "a demo organization", "belongs to this database", "fine  clock"]
    {
        assert!(stopped.out.contains(line), "{line} in {stopped:?}");
    }
    let server = Server::start(folder.path(), &[]);
    let running = run(folder.path(), &["doctor", "--assets", "dist", "--listen", "127.0.0.1:0"]);
    assert!(running.succeeded && running.out.contains("It runs") && running.out.contains("a demo organization"));
    server.kill();

    fs::remove_file(folder.path().join("server-keys")).unwrap();
    stopped = run(folder.path(), &["doctor", "--assets", "nowhere", "--listen", "127.0.0.1:0"]);
    assert!(!stopped.succeeded && stopped.err.contains("2 things do not work"), "{stopped:?}");
    for line in ["BAD   settings", "BAD   keys", "bring back your copy"] {
        assert!(stopped.out.contains(line), "{line} in {stopped:?}");
    }
}
