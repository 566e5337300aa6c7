//! How long the server takes to find recipients among many people, on SurrealKV on disk. Prints a line `name milliseconds`: the 95th percentile
//! over searches as people type them, most of them with few hits or none.

mod fixture;

use std::time::Instant;

use store::{NewAccount, Store};

use fixture::{account, keys, milliseconds, url};

const PEOPLE: usize = 50_000;
const FIRST: [&str; 20] = [
    "Ana", "Bruno", "Carla", "Diego", "Elena", "Felix", "Gina", "Hugo", "Ines", "Jonas", "Karin", "Lucas", "Maria",
    "Nora", "Oscar", "Paula", "Quentin", "Rosa", "Simon", "Tania",
];
const LAST: [&str; 20] = [
    "Almeida", "Berger", "Costa", "Dumont", "Engel", "Ferrari", "Garcia", "Hansen", "Ivanov", "Jansen", "Keller",
    "Lopez", "Moreau", "Nunes", "Olsen", "Pereira", "Quist", "Rossi", "Silva", "Tanaka",
];

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(&url(&folder)).await.expect("opens");
    let keys = keys();
    let person = |number: usize| {
        let username = format!("{}.{number}", FIRST[number % 20].to_lowercase());
        let name = format!("{} {} {number}", FIRST[number % 20], LAST[number / 20 % 20]);
        account(&keys, number, &username, &name)
    };
    let people: Vec<NewAccount> = (0..PEOPLE).map(person).collect();
    for chunk in people.chunks(1_000) {
        store.add_accounts(chunk).await.expect("adds people");
    }
    let searches = [
        "b",
        "br",
        "bruno",
        "bruno c",
        "bruno.4",
        "bruno.4321",
        "costa",
        "nunes 4",
        "bruno.4321@example.com",
        "49999",
        "nobody at all",
        "xyz",
        "silva 77",
        "@example",
        "unes",
        "keller",
        "ti",
        "12345",
        "maria lopez",
        "platform",
    ];
    let mut times = Vec::new();
    for _ in 0..5 {
        for text in searches {
            let start = Instant::now();
            let found = store.find_recipients(keys.account(), text, true).await.expect("finds");
            times.push((milliseconds(start), text, found.len()));
        }
    }
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    if std::env::var_os("VERBOSE").is_some() {
        for (time, text, found) in &times {
            eprintln!("{time:8.1} {found:3} {text}");
        }
    }
    println!("search.p95_ms.{PEOPLE} {:.1}", times[times.len() * 95 / 100].0);
}
