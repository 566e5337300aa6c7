//! How long the server takes to find recipients among many people and groups, on SurrealKV on disk, while people come and change. Prints a line
//! `name milliseconds` for the first search after a start, and for the 95th percentile over texts as people type them, most of them with few hits
//! or none.

mod fixture;

use std::time::Instant;

use store::{NewAccount, Sought, Store};
use vault::AccountKeys;

use fixture::{account, found, keys, milliseconds, private_group, url};

const PEOPLE: usize = 50_000;
/// Private groups, nearly all of them of somebody else.
const GROUPS: usize = 20_000;
/// How often all texts are made.
const ROUNDS: usize = 5;
const FIRST: [&str; 20] = [
    "Ana", "Bruno", "Carla", "Diego", "Elena", "Felix", "Gina", "Hugo", "Ines", "Jonas", "Karin", "Lucas", "Maria",
    "Nora", "Oscar", "Paula", "Quentin", "Rosa", "Simon", "Tania",
];
const LAST: [&str; 20] = [
    "Almeida", "Berger", "Costa", "Dumont", "Engel", "Ferrari", "Garcia", "Hansen", "Ivanov", "Jansen", "Keller",
    "Lopez", "Moreau", "Nunes", "Olsen", "Pereira", "Quist", "Rossi", "Silva", "Tanaka",
];

/// Adds everyone: who texts as the founder, who has the groups, and others.
async fn add_people(store: &Store, searcher: &AccountKeys, owner: &AccountKeys) {
    found(store, searcher).await;
    store.add_accounts(&[account(owner, 0, "owner", "Owner of groups")]).await.expect("adds a person");
    let person = |number: usize| {
        let username = format!("{}.{number}", FIRST[number % 20].to_lowercase());
        let name = format!("{} {} {number}", FIRST[number % 20], LAST[number / 20 % 20]);
        account(searcher, number, &username, &name)
    };
    let people: Vec<NewAccount> = (2..PEOPLE).map(person).collect();
    for chunk in people.chunks(1_000) {
        store.add_accounts(chunk).await.expect("adds people");
    }
}

/// Adds the groups: some are the searcher's own, and in some they are a member.
async fn add_groups(store: &Store, searcher: &AccountKeys, owner: &AccountKeys) {
    for number in 0..GROUPS {
        let name = format!("{} {} team", LAST[number % 20], FIRST[number / 20 % 20]);
        let (of, members) = match number % 201 {
            0 => (searcher, Vec::new()),
            1 => (owner, vec![searcher.account()]),
            _ => (owner, Vec::new()),
        };
        store.add_group(of.account(), &private_group(of, &name, &members)).await.expect("adds a group");
    }
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(&url(&folder).into()).await.expect("opens");
    let (searcher, owner) = (keys(), keys());
    add_people(&store, &searcher, &owner).await;
    add_groups(&store, &searcher, &owner).await;
    let caller = searcher.account();
    let texts = [
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
    let start = Instant::now();
    store.find_recipients(caller, "bruno", Sought::All).await.expect("finds");
    println!("search.first_ms.{PEOPLE} {:.1}", milliseconds(start));
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        // Somebody changes their name: the next search has to know it.
        store.change_profile(owner.account(), &format!("Owner {round}"), 5).await.expect("changes a name");
        for text in texts {
            let start = Instant::now();
            let found = store.find_recipients(caller, text, Sought::All).await.expect("finds");
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
