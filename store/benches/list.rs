//! How long the server takes for a list of 100,000 secrets, the person's own and shared with them, on SurrealKV on disk. Prints a line
//! `name milliseconds` for each figure: the median of several runs.

mod fixture;

use std::time::Instant;

use store::Store;
use vault::{AccountId, RecipientId};

use fixture::{RUNS, add_people, add_secrets, keys, median, milliseconds, share, url};

const SECRETS: usize = 100_000;
const IN_EACH: usize = 5_000;

/// How long the first rows take, and all of them.
async fn list(store: &Store, of: AccountId) -> (f64, f64) {
    let (mut first, mut all) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let start = Instant::now();
        let begins = store.first_secrets(of).await.expect("begins");
        first.push(milliseconds(start));
        assert!(!begins.is_whole && !begins.rows.is_empty());
        let start = Instant::now();
        let rows = store.secrets(of).await.expect("lists");
        all.push(milliseconds(start));
        assert_eq!(rows.len(), SECRETS);
        assert_eq!(begins.rows, rows[..begins.rows.len()]);
    }
    (median(first), median(all))
}

fn print(whose: &str, (first, all): (f64, f64)) {
    println!("list.{whose}_first_server_ms.{SECRETS} {first:.1}");
    println!("list.{whose}_server_ms.{SECRETS} {all:.1}");
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(&url(&folder).into()).await.expect("opens");
    let keys = keys();
    let people = add_people(&store, &keys, 1).await;
    let secrets = add_secrets(&store, keys.account(), SECRETS).await;
    print("own", list(&store, keys.account()).await);
    for secrets in secrets.chunks(IN_EACH) {
        let new = share(&keys, secrets, &[RecipientId::Account(people[0])]);
        store.add_share(keys.account(), &new, None).await.expect("shares");
    }
    print("shared", list(&store, people[0]).await);
}
