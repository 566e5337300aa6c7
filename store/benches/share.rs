//! How long the server's side of a batch share takes, on SurrealKV on disk. Prints a line `name milliseconds` for each figure: the median
//! of several runs.

mod fixture;

use std::time::Instant;

use store::Store;
use surrealdb::engine::any::connect;
use surrealdb::types::{Array, Bytes, RecordId, SurrealValue, Uuid, Value};
use vault::RecipientId;

use fixture::{RUNS, SEALED_TO, add_people, add_secrets, keys, median, milliseconds, share, url};

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
                key: vec![7; SEALED_TO].into(),
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
    let store = Store::open(&url(&folder).into()).await.expect("opens");
    let keys = keys();
    let recipients: Vec<RecipientId> =
        add_people(&store, &keys, 100).await.into_iter().map(RecipientId::Account).collect();
    let secrets = add_secrets(&store, keys.account(), 10_000).await;
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
