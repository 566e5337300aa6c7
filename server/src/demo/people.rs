//! The people of the demo: real accounts, with a password registered step by step as in the browser.

use std::thread;

use fastrand::Rng;
use store::{NewAccount, NewKeys, Role};
use vault::{AccountId, AccountKeys, PasswordFile, Registration, ServerKeys};

use super::{PASSWORD, content};

/// A person of the demo, with open keys.
pub(super) struct Person {
    pub account: NewAccount,
    pub keys: AccountKeys,
}

/// The administrator first, then Ana, Bruno, Carla and others. Stretching their passwords takes all cores.
pub(super) fn make(count: u32, keys: &ServerKeys, rng: &mut Rng) -> Vec<Person> {
    let names: Vec<(String, String)> = (0..count as usize).map(|index| content::person(rng, index)).collect();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = names.len().div_ceil(cores);
    thread::scope(|scope| {
        let workers: Vec<_> = names
            .chunks(share)
            .map(|names| scope.spawn(|| names.iter().map(|name| register(name, keys)).collect::<Vec<_>>()))
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("registering does not panic")).collect()
    })
}

fn register((username, name): &(String, String), keys: &ServerKeys) -> Person {
    let id = AccountId::random();
    let (registration, request) = Registration::start(PASSWORD).expect("a short password");
    let response = keys.register(id, &request).expect("our own request");
    let (upload, export_key) = registration.finish(PASSWORD, &response).expect("our own answer");
    let (account_keys, sealed) = AccountKeys::create(id, &export_key, None);
    let account = NewAccount {
        id,
        username: username.clone(),
        name: name.clone(),
        email: format!("{username}@demo.example"),
        role: if username == "admin" { Role::Administrator } else { Role::Member },
        keys: NewKeys {
            password_file: PasswordFile::from_upload(&upload).expect("our own upload").to_bytes(),
            public_identity: account_keys.public().to_bytes(),
            recovery: None,
            sealed,
        },
    };
    Person { account, keys: account_keys }
}
