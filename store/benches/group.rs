//! How long the server takes when somebody joins or leaves a group, on SurrealKV on disk. Prints a line `name milliseconds` for each figure:
//! the median of several runs.

mod fixture;

use std::time::Instant;

use store::{NewEpoch, Store};
use vault::{AccountId, AccountKeys, GroupId, RecipientId, Roster, SecretId};

use fixture::{
    RUNS, SEALED_KEY, add_people, add_secrets, group_key, keys, median, milliseconds, private_group, sealed_to, share,
    url,
};

const MEMBERS: usize = 500;
const SECRETS: usize = 10_000;
const NAME: &str = "Platform";

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
    let (owner, new) = (keys.account(), private_group(keys, NAME, members));
    let id = new.id;
    store.add_group(owner, &new).await.expect("adds a group");
    for items in secrets.chunks(in_each) {
        store.add_share(owner, &share(keys, items, &[RecipientId::Group(id)]), None).await.expect("shares");
    }
    id
}

fn second_epoch(keys: &AccountKeys, group: GroupId, stay: &[AccountId]) -> NewEpoch {
    let key = group_key(group, NAME, 2);
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

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(&url(&folder).into()).await.expect("opens");
    let keys = keys();
    let owner = keys.account();
    let people = add_people(&store, &keys, MEMBERS + RUNS).await;
    let members = &people[..MEMBERS];
    let secrets = add_secrets(&store, owner, SECRETS).await;

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
