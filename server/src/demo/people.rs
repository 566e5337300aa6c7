//! The people of the demo: real accounts, with a password registered step by step as in the browser.

use std::thread;

use fastrand::Rng;
use store::{NewAccount, NewKeys, Role};
use vault::{AccountId, AccountKeys, Entry, PasswordFile, Registration, ServerKeys};

use super::{PASSWORD, content};

/// A person of the demo, with open keys.
pub(super) struct Person {
    pub account: NewAccount,
    pub keys: AccountKeys,
}

impl Person {
    pub(super) fn id(&self) -> AccountId {
        self.keys.account()
    }
}

/// The administrator first, then Ana, Bruno, Carla and others. Stretching their passwords takes all cores.
pub(super) fn make(count: u32, keys: &ServerKeys, rng: &mut Rng) -> Vec<Person> {
    let names: Vec<(String, String)> = (0..count as usize).map(|index| content::person(rng, index)).collect();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = names.len().div_ceil(cores);
    let administrator = register(&names[0], keys, None);
    let others = thread::scope(|scope| {
        let register = |name| register(name, keys, Some(&administrator.keys));
        let workers: Vec<_> = names[1..]
            .chunks(share)
            .map(|names| scope.spawn(move || names.iter().map(register).collect::<Vec<_>>()))
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("registering does not panic")).collect::<Vec<_>>()
    });
    std::iter::once(administrator).chain(others).collect()
}

/// Makes an account as the browser does. `founder` signs everyone's keys, their own too.
fn register((username, name): &(String, String), keys: &ServerKeys, founder: Option<&AccountKeys>) -> Person {
    let id = AccountId::random();
    let (registration, request) = Registration::start(PASSWORD).expect("a short password");
    let response = keys.register(id, &request).expect("our own request");
    let (upload, export_key) = registration.finish(PASSWORD, &response).expect("our own answer");
    let (account_keys, sealed) = AccountKeys::create(id, &export_key, founder.map(AccountKeys::root));
    let account = NewAccount {
        entry: Entry::first(&account_keys, username).sign(founder.unwrap_or(&account_keys)),
        name: name.clone(),
        email: format!("{username}@demo.example"),
        role: if username == "admin" { Role::Administrator } else { Role::Member },
        keys: NewKeys {
            password_file: PasswordFile::from_upload(&upload).expect("our own upload").to_bytes(),
            recovery: None,
            sealed,
        },
    };
    Person { account, keys: account_keys }
}
