//! How long the server's side of a batch share takes, on SurrealKV on disk. Prints a line `name milliseconds` for each figure: the median
//! of several runs.

use std::time::Instant;

use store::{NewAccount, NewGrant, NewKeys, NewSecret, NewShare, Role, Secret, Store};
use surrealdb::engine::any::connect;
use surrealdb::types::{Array, Bytes, RecordId, SurrealValue, Uuid, Value};
use vault::{
    AccountId, AccountKeys, BatchId, Entry, Manifest, PasswordFile, Permission, RecipientId, Registration, SecretId,
    ServerKeys, ShareId,
};

/// What the server allocates with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RUNS: usize = 7;
/// What a sealed key has: suite, nonce, key and tag.
const SEALED_KEY: usize = 1 + 24 + 32 + 16;
/// What a sealed grant has: suite, encapsulated key, key and tag.
const SEALED_GRANT: usize = 1 + 1120 + 32 + 16;

fn account(username: &str) -> (AccountKeys, NewAccount) {
    let (id, password) = (AccountId::random(), "correct horse");
    let (registration, request) = Registration::start(password).expect("a short password");
    let response = ServerKeys::random().register(id, &request).expect("our own request");
    let (upload, export_key) = registration.finish(password, &response).expect("our own answer");
    let (keys, sealed) = AccountKeys::create(id, &export_key, None);
    let account = NewAccount {
        entry: Entry::first(&keys, username).sign(&keys),
        name: username.into(),
        email: format!("{username}@example.com"),
        role: Role::Member,
        keys: NewKeys {
            password_file: PasswordFile::from_upload(&upload).expect("our own upload").to_bytes(),
            recovery: None,
            sealed,
        },
    };
    (keys, account)
}

fn secret(number: usize) -> NewSecret {
    let secret = Secret {
        name: format!("Secret {number}"),
        url: "https://api.example.com".into(),
        client_id: format!("client-{number}"),
        identifier: Some(format!("secret-{number}")),
        method: "POST".into(),
        tags: vec!["bench".into()],
        rotate_on: None,
    };
    NewSecret { id: SecretId::random(), secret, key: vec![1; SEALED_KEY], value: vec![2; 105] }
}

fn share(keys: &AccountKeys, secrets: &[SecretId], recipients: &[RecipientId]) -> NewShare {
    let mut manifest = Manifest {
        granter: keys.account(),
        share: ShareId::random(),
        epoch: 1,
        key_check: [3; 32],
        items: secrets.to_vec(),
        grants: recipients.iter().map(|recipient| (*recipient, Permission::View)).collect(),
    };
    manifest.sort();
    NewShare {
        signature: manifest.sign(keys),
        key: vec![4; SEALED_KEY],
        items: vec![vec![5; SEALED_KEY]; manifest.items.len()],
        key_epochs: vec![1; manifest.items.len()],
        grants: vec![NewGrant { recipient_epoch: 1, key: vec![6; SEALED_GRANT] }; manifest.grants.len()],
        ends_at: None,
        manifest,
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}

#[derive(Clone, SurrealValue)]
struct Pair {
    id: RecordId,
    permission: String,
    key: Bytes,
}

/// The design that this product is not: a row and a sealed key for each pair of secret and recipient.
async fn pairwise(folder: &std::path::Path, secrets: usize, recipients: usize) -> f64 {
    let db = connect(format!("surrealkv://{}?sync=every", folder.join("pairs").display())).await.expect("opens");
    db.use_ns("bench").use_db("bench").await.expect("selects");
    let schema = "DEFINE TABLE pair SCHEMAFULL; DEFINE FIELD permission ON pair TYPE string; DEFINE FIELD key ON pair TYPE bytes;";
    db.query(schema).await.and_then(surrealdb::IndexedResults::check).expect("defines");
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let recipients: Vec<Value> = (0..recipients).map(|_| Value::Uuid(Uuid::new_v4())).collect();
        let mut rows = Vec::new();
        for _ in 0..secrets {
            let secret = Value::Uuid(Uuid::new_v4());
            rows.extend(recipients.iter().map(|recipient| Pair {
                id: RecordId::new("pair", Array::from(vec![recipient.clone(), secret.clone()])),
                permission: "view".into(),
                key: vec![7; SEALED_GRANT].into(),
            }));
        }
        let start = Instant::now();
        let insert = db.query("INSERT INTO pair $rows RETURN NONE").bind(("rows", rows));
        insert.await.and_then(surrealdb::IndexedResults::check).expect("inserts");
        times.push(milliseconds(start));
    }
    median(times)
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("surrealkv://{}?sync=every", folder.path().join("database").display());
    let store = Store::open(&url).await.expect("opens");
    let (keys, owner) = account("owner");
    let people: Vec<NewAccount> = (0..100)
        .map(|number| {
            let (id, username) = (AccountId::random(), format!("person{number}"));
            let entry = Entry { account: id, username, ..owner.entry.entry.clone() };
            let email = format!("person{number}@example.com");
            NewAccount { entry: entry.sign(&keys), email, ..owner.clone() }
        })
        .collect();
    let recipients: Vec<RecipientId> =
        people.iter().map(|person| RecipientId::Account(person.entry.entry.account)).collect();
    store.add_accounts(&[owner]).await.expect("adds the owner");
    store.add_accounts(&people).await.expect("adds people");
    let secrets: Vec<NewSecret> = (0..10_000).map(secret).collect();
    for chunk in secrets.chunks(2_000) {
        store.add_secrets(keys.account(), BatchId::random(), chunk).await.expect("adds secrets");
    }
    let secrets: Vec<SecretId> = secrets.iter().map(|secret| secret.id).collect();
    // All sizes by turns, so that each meets the database in the same state and their ratio is fair.
    let sizes = [(100, 10), (1_000, 10), (10_000, 100)];
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..RUNS {
        for (times, (items, grants)) in times.iter_mut().zip(sizes) {
            let new = share(&keys, &secrets[..items], &recipients[..grants]);
            let start = Instant::now();
            store.add_share(keys.account(), &new, None).await.expect("shares");
            times.push(milliseconds(start));
        }
    }
    for (times, (items, grants)) in times.into_iter().zip(sizes) {
        println!("share.server_ms.{items}x{grants} {:.1}", median(times));
    }
    // What the preview of one more share asks for, with all of these there.
    let mut previews = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        store.access_to(keys.account(), &secrets).await.expect("answers");
        previews.push(milliseconds(start));
    }
    println!("preview.server_ms.10000x100 {:.1}", median(previews));
    println!("share.pairwise_ms.1000x10 {:.1}", pairwise(folder.path(), 1_000, 10).await);
}
