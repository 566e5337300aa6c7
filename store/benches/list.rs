//! How long the server takes for a list of 100,000 secrets, the person's own and shared with them, on SurrealKV on disk. Prints a line
//! `name milliseconds` for each figure: the median of several runs.

mod fixture;

use std::time::Instant;

use store::Store;
use vault::{AccountId, RecipientId};

use fixture::{RUNS, add_people, add_secrets, keys, median, milliseconds, share, url};

const SECRETS: usize = 100_000;
const IN_EACH: usize = 5_000;

async fn list(store: &Store, of: AccountId) -> f64 {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        let rows = store.secrets(of).await.expect("lists");
        times.push(milliseconds(start));
        assert_eq!(rows.len(), SECRETS);
    }
    median(times)
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(&url(&folder)).await.expect("opens");
    let keys = keys();
    let people = add_people(&store, &keys, 1).await;
    let secrets = add_secrets(&store, keys.account(), SECRETS).await;
    println!("list.own_server_ms.{SECRETS} {:.1}", list(&store, keys.account()).await);
    for secrets in secrets.chunks(IN_EACH) {
        let new = share(&keys, secrets, &[RecipientId::Account(people[0])]);
        store.add_share(keys.account(), &new, None).await.expect("shares");
    }
    println!("list.shared_server_ms.{SECRETS} {:.1}", list(&store, people[0]).await);
}
