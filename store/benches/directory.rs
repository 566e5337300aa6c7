//! How long the server takes to find recipients among many people, on SurrealKV on disk. Prints a line `name milliseconds`: the 95th percentile
//! over searches as people type them, most of them with few hits or none.

use std::time::Instant;

use store::{NewAccount, NewKeys, Role, Store};
use vault::{AccountId, AccountKeys, Entry, ExportKey, Registration, SealedAccount, ServerKeys};

/// What the server allocates with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PEOPLE: usize = 50_000;
const FIRST: [&str; 20] = [
    "Ana", "Bruno", "Carla", "Diego", "Elena", "Felix", "Gina", "Hugo", "Ines", "Jonas", "Karin", "Lucas", "Maria",
    "Nora", "Oscar", "Paula", "Quentin", "Rosa", "Simon", "Tania",
];
const LAST: [&str; 20] = [
    "Almeida", "Berger", "Costa", "Dumont", "Engel", "Ferrari", "Garcia", "Hansen", "Ivanov", "Jansen", "Keller",
    "Lopez", "Moreau", "Nunes", "Olsen", "Pereira", "Quist", "Rossi", "Silva", "Tanaka",
];

fn export_key() -> ExportKey {
    let (registration, request) = Registration::start("correct horse").expect("a short password");
    let response = ServerKeys::random().register(AccountId::random(), &request).expect("our own request");
    registration.finish("correct horse", &response).expect("our own answer").1
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("surrealkv://{}?sync=every", folder.path().join("database").display());
    let store = Store::open(&url).await.expect("opens");
    let (keys, _) = AccountKeys::create(AccountId::random(), &export_key(), None);
    let sealed = SealedAccount { account_key: vec![1; 73], identity: vec![1; 137] };
    let account = |number: usize| {
        let username = format!("{}.{number}", FIRST[number % 20].to_lowercase());
        let account = if number == 0 { keys.account() } else { AccountId::random() };
        // One signature stands for all: nobody checks them here.
        let mut entry = Entry::first(&keys, "person").sign(&keys);
        (entry.entry.account, entry.entry.username) = (account, username.clone());
        NewAccount {
            entry,
            name: format!("{} {} {number}", FIRST[number % 20], LAST[number / 20 % 20]),
            email: format!("{username}@example.com"),
            role: Role::Member,
            keys: NewKeys { password_file: vec![1; 192], sealed: sealed.clone(), recovery: None },
        }
    };
    let people: Vec<NewAccount> = (0..PEOPLE).map(account).collect();
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
            times.push((start.elapsed().as_secs_f64() * 1000.0, text, found.len()));
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
