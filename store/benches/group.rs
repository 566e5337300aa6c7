//! How long the server takes when somebody joins or leaves a group, on SurrealKV on disk. Prints a line `name milliseconds` for each figure:
//! the median of several runs.

use std::time::Instant;

use store::{
    GroupKind, NewAccount, NewEpoch, NewGrant, NewGroup, NewKeys, NewSecret, NewShare, Role, SealedTo, Secret, Store,
};
use vault::{
    AccountId, AccountKeys, BatchId, Entry, ExportKey, GroupId, GroupKey, Manifest, Permission, RecipientId,
    Registration, Roster, SealedAccount, SecretId, ServerKeys, ShareId,
};

/// What the server allocates with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RUNS: usize = 7;
const MEMBERS: usize = 500;
const SECRETS: usize = 10_000;
/// What a public key has: suite and key.
const PUBLIC_KEY: usize = 1 + 1216;
/// What a sealed key has: suite, nonce, key and tag.
const SEALED_KEY: usize = 1 + 24 + 32 + 16;
/// What is sealed to a person or a group has: suite, encapsulated key, key or seed, and tag.
const SEALED_TO: usize = 1 + 1120 + 32 + 16;

fn export_key() -> ExportKey {
    let (registration, request) = Registration::start("correct horse").expect("a short password");
    let response = ServerKeys::random().register(AccountId::random(), &request).expect("our own request");
    registration.finish("correct horse", &response).expect("our own answer").1
}

/// The account of `keys`, and others.
fn accounts(keys: &AccountKeys, count: usize) -> Vec<NewAccount> {
    let account = |number: usize| {
        let username = format!("person{number}");
        // One signature stands for all: nobody checks them here.
        let mut entry = Entry::first(keys, "person").sign(keys);
        entry.entry.account = if number == 0 { keys.account() } else { AccountId::random() };
        entry.entry.username.clone_from(&username);
        let sealed = SealedAccount { account_key: vec![1; SEALED_KEY], identity: vec![1; 137] };
        NewAccount {
            entry,
            name: format!("Person {number}"),
            email: format!("{username}@example.com"),
            role: Role::Member,
            keys: NewKeys { password_file: vec![1; 192], sealed, recovery: None },
        }
    };
    (0..count).map(account).collect()
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
    NewSecret { id: SecretId::random(), secret, key: vec![2; SEALED_KEY], value: vec![3; 105] }
}

fn share(keys: &AccountKeys, secrets: &[SecretId], group: GroupId) -> NewShare {
    let mut manifest = Manifest {
        granter: keys.account(),
        share: ShareId::random(),
        epoch: 1,
        key_check: [4; 32],
        items: secrets.to_vec(),
        grants: vec![(RecipientId::Group(group), Permission::View)],
    };
    manifest.sort();
    NewShare {
        ends_at: None,
        signature: manifest.sign(keys),
        key: vec![5; SEALED_KEY],
        items: vec![vec![6; SEALED_KEY]; secrets.len()],
        key_epochs: vec![1; secrets.len()],
        grants: vec![NewGrant { recipient_epoch: 1, key: vec![7; SEALED_TO] }],
        manifest,
    }
}

fn sealed_to(people: &[AccountId]) -> Vec<SealedTo> {
    people.iter().map(|account| SealedTo { account: *account, seed: vec![8; SEALED_TO] }).collect()
}

fn key(group: GroupId, epoch: u64) -> GroupKey {
    let managed_by = GroupKind::PrivateGroup.signer();
    GroupKey { group, name: "Platform".into(), managed_by, epoch, key: vec![9; PUBLIC_KEY] }
}

fn roster(keys: &AccountKeys, group: GroupId, epoch: u64, members: &[AccountId]) -> Vec<u8> {
    Roster::new(group, epoch, members.iter().copied()).sign(keys)
}

/// A private group that the secrets are shared with, so many in each share.
async fn group(
    store: &Store,
    keys: &AccountKeys,
    members: &[AccountId],
    secrets: &[SecretId],
    in_each: usize,
) -> GroupId {
    let (id, owner) = (GroupId::random(), keys.account());
    let key = key(id, 1);
    let new = NewGroup {
        id,
        kind: GroupKind::PrivateGroup,
        name: key.name.clone(),
        description: String::new(),
        members_can_view: false,
        signature: key.sign(keys),
        public_key: key.key,
        managers: sealed_to(&[owner]),
        members: sealed_to(members),
        roster_signature: roster(keys, id, 1, members),
    };
    store.add_group(owner, &new).await.expect("adds a group");
    for items in secrets.chunks(in_each) {
        store.add_share(owner, &share(keys, items, id), None).await.expect("shares");
    }
    id
}

fn second_epoch(keys: &AccountKeys, group: GroupId, stay: &[AccountId]) -> NewEpoch {
    let key = key(group, 2);
    NewEpoch {
        epoch: 2,
        signature: key.sign(keys),
        public_key: key.key,
        earlier: vec![10; SEALED_KEY],
        managers: sealed_to(&[keys.account()]),
        members: sealed_to(stay),
        roster_signature: roster(keys, group, 2, stay),
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("surrealkv://{}?sync=every", folder.path().join("database").display());
    let store = Store::open(&url).await.expect("opens");
    let (keys, _) = AccountKeys::create(AccountId::random(), &export_key(), None);
    let owner = keys.account();
    let accounts = accounts(&keys, 1 + MEMBERS + RUNS);
    store.add_accounts(&accounts).await.expect("adds people");
    let people: Vec<AccountId> = accounts[1..].iter().map(|account| account.entry.entry.account).collect();
    let members = &people[..MEMBERS];
    let secrets: Vec<NewSecret> = (0..SECRETS).map(secret).collect();
    for chunk in secrets.chunks(2_000) {
        store.add_secrets(owner, BatchId::random(), chunk).await.expect("adds secrets");
    }
    let secrets: Vec<SecretId> = secrets.iter().map(|secret| secret.id).collect();

    let joined = group(&store, &keys, members, &secrets, 100).await;
    let mut times = Vec::new();
    for next in MEMBERS..MEMBERS + RUNS {
        let new = sealed_to(&people[next..=next]);
        let signature = roster(&keys, joined, 1, &people[..=next]);
        let start = Instant::now();
        store.add_members(owner, joined, 1, &new, &signature).await.expect("adds a member");
        times.push(milliseconds(start));
    }
    println!("group.add_member_ms.{SECRETS} {:.1}", median(times));

    let mut times = Vec::new();
    // A group of its own for each run: shares that are due already would cost less.
    for _ in 0..RUNS {
        let left = group(&store, &keys, members, &secrets[..1_000], 1).await;
        let (removed, stay) = members.split_at(1);
        let new = second_epoch(&keys, left, stay);
        let start = Instant::now();
        store.remove_members(owner, left, removed, &new).await.expect("removes a member");
        times.push(milliseconds(start));
    }
    println!("group.remove_member_server_ms.{MEMBERS}x1000 {:.1}", median(times));
}
