//! The program is killed in the middle of batches, again and again. What it said was done is there as a whole, and what it did not say is there as a
//! whole or not at all; it starts again without any repair.
//!
//! `KILLS` chooses how often.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use app::access::api::Way;
use app::activity::api::Receipt;
use app::error::AppError;
use tokio::sync::Mutex;
use vault::{AccountId, BatchId, Grants, Permission, RecipientId, SecretId, ShareId};

use crate::client::Client;
use crate::program::{Server, demo};

/// How many share at the same time.
const HANDS: usize = 3;
/// How many secrets each batch has.
const SECRETS: usize = 10;
/// For how many batches' time they go on at most before the end comes.
const LIFE: u32 = 6;

/// A batch that was sent.
#[derive(Clone, Copy)]
struct Sent {
    share: ShareId,
    is_done: bool,
}

/// Shares the same secrets with the same people in one batch after the other, until the server is gone.
async fn share(client: Arc<Client>, secrets: Vec<SecretId>, grants: Grants, sent: Arc<Mutex<Vec<Sent>>>) {
    loop {
        let new = match client.seal("keys_to_share", &secrets, &grants).await {
            Ok(new) => new,
            Err(AppError::Offline) => return,
            Err(other) => panic!("{other:?}"),
        };
        let share = new.manifest.share;
        let index = {
            let mut sent = sent.lock().await;
            sent.push(Sent { share, is_done: false });
            sent.len() - 1
        };
        match client.send(&new).await {
            Ok(_) => sent.lock().await[index].is_done = true,
            Err(AppError::Offline) => return,
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// How many of the pairs of a secret and a person each batch gives access to.
async fn pairs(client: &Client, secrets: &[SecretId], people: &[AccountId]) -> HashMap<BatchId, usize> {
    let mut pairs = HashMap::new();
    for secret in secrets {
        for account in people {
            let ways: Vec<Way> = client.call("why_access", &(secret, account)).await.unwrap();
            for batch in ways.into_iter().filter_map(|way| way.batch) {
                *pairs.entry(batch).or_default() += 1;
            }
        }
    }
    pairs
}

/// How many secrets the receipt of a batch names, if there is one.
async fn receipt(client: &Client, batch: BatchId) -> Option<usize> {
    match client.call::<Receipt>("get_receipt", &(batch,)).await {
        Ok(receipt) => Some(receipt.parts.iter().map(|part| part.secrets.len()).sum()),
        Err(AppError::NotFound) => None,
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_acknowledged_outlives_a_kill_and_nothing_is_done_in_part() {
    let kills: usize = std::env::var("KILLS").ok().map_or(6, |text| text.parse().expect("a number"));
    let folder = demo();
    let settings = ["--rate-passwords", "1000000/1000000"];
    let mut server = Server::start(folder.path(), &settings);
    let mut people = Vec::new();
    for username in ["bruno", "carla", "dora"] {
        people.push(Client::sign_in(server.address, username).await.unwrap().id());
    }
    let grants: Grants = people.iter().map(|id| (RecipientId::Account(*id), Permission::View)).collect();
    let (mut acknowledged, mut lost) = (0, 0);
    for kill in 0..kills {
        let client = Arc::new(Client::sign_in(server.address, "ana").await.unwrap());
        let mut secrets = Vec::new();
        for index in 0..SECRETS {
            secrets.push(client.add_secret(&format!("{kill}-{index}"), "value").await.unwrap());
        }
        let began = Instant::now();
        client.share(&secrets, &grants).await.unwrap();
        let usual = began.elapsed();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let hands: Vec<_> = (0..HANDS)
            .map(|_| tokio::spawn(share(Arc::clone(&client), secrets.clone(), grants.clone(), Arc::clone(&sent))))
            .collect();
        // Not to wait for something, but for the end to come at any moment of a batch.
        tokio::time::sleep(usual.mul_f64(f64::from(LIFE) * fastrand::f64())).await;
        server.kill();
        for hand in hands {
            hand.await.unwrap();
        }

        server = Server::start(folder.path(), &settings);
        let client = Client::sign_in(server.address, "ana").await.unwrap();
        let pairs = pairs(&client, &secrets, &people).await;
        for sent in sent.lock().await.iter() {
            let batch = BatchId::from(sent.share.uuid());
            let there = (receipt(&client, batch).await.unwrap_or(0), pairs.get(&batch).copied().unwrap_or(0));
            let is_whole = there == (SECRETS, SECRETS * people.len());
            let is_nothing = there == (0, 0);
            assert!(
                is_whole || (is_nothing && !sent.is_done),
                "kill {kill}: {there:?} of a batch, done: {}",
                sent.is_done
            );
            *(if sent.is_done { &mut acknowledged } else { &mut lost }) += 1;
        }
        // What is there opens.
        let bruno = Client::sign_in(server.address, "bruno").await.unwrap();
        assert_eq!(bruno.open(secrets[0]).await.unwrap(), "value");
    }
    println!("{kills} kills: {acknowledged} batches were acknowledged, {lost} were not");
    assert!(acknowledged > 0 && lost > 0, "{acknowledged} acknowledged, {lost} not");
}
