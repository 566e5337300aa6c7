//! How long the server takes for a page of an audit log of a million entries, on SurrealKV on disk. Prints a line `name milliseconds`: the slowest median
//! over filters as administrators use them, from the first page and from far back.

mod fixture;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use store::{AuditFilter, Event, Store};
use surrealdb::engine::any::connect;
use surrealdb::types::{Array, Datetime, RecordId, SurrealValue, Uuid as RecordUuid, Value};
use uuid::Uuid;
use vault::{AccountId, SecretId};

use fixture::{RUNS, found, keys, median, milliseconds, url};

const ENTRIES: u64 = 1_000_000;
const AT_A_TIME: u64 = 5_000;
const PEOPLE: usize = 500;
const SECRETS: usize = 20_000;
/// The first of them, milliseconds since 1970, and how many milliseconds lie between two.
const BEGIN: u64 = 1_750_000_000_000;
const STEP: u64 = 30_000;
const PAGE: usize = 50;

#[derive(SurrealValue)]
struct EntryRow {
    id: RecordId,
    at: Datetime,
    event: String,
    by: RecordId,
    secret: Option<RecordId>,
}

#[derive(SurrealValue)]
struct IndexRow {
    id: RecordId,
}

/// An id as the store makes them: of the seventh version, in the order of time.
fn entry_uuid(number: u64) -> Uuid {
    let millis = u128::from(BEGIN + number * STEP);
    Uuid::from_u128((millis << 80) | (7 << 76) | (0b10 << 62) | u128::from(number))
}

fn record(table: &str, id: Uuid) -> RecordId {
    RecordId::new(table, RecordUuid::from(id))
}

/// Events as they come: most are openings, a few are rare.
fn event_of(number: u64) -> Event {
    match number % 1_000 {
        0 => Event::SecretAdded,
        1..=30 => Event::SecretChanged,
        500 if number % 100_000 == 500 => Event::AccountDisabled,
        _ => Event::SecretOpened,
    }
}

async fn fill(url: &str, people: &[AccountId], secrets: &[SecretId]) {
    // The database closes its files in the background.
    let db = loop {
        match connect(url).await {
            Ok(db) => break db,
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    db.use_ns("mysafe").use_db("mysafe").await.expect("is there");
    for begin in (0..ENTRIES).step_by(usize::try_from(AT_A_TIME).expect("small")) {
        let (mut entries, mut index) = (Vec::new(), Vec::new());
        for number in begin..begin + AT_A_TIME {
            let (id, spread) = (entry_uuid(number), usize::try_from(number * 7_919 % 1_000_003).expect("small"));
            let by = record("account", people[spread % people.len()].uuid());
            let secret = record("secret", secrets[spread % secrets.len()].uuid());
            let event = event_of(number).text().to_owned();
            let at = BEGIN + number * STEP;
            let seconds = i64::try_from(at / 1000).expect("a time");
            let at = Datetime::from_timestamp(seconds, 0).expect("a time");
            for subject in [Value::RecordId(by.clone()), Value::RecordId(secret.clone()), Value::String(event.clone())]
            {
                let key = Array::from(vec![subject, Value::Uuid(id.into())]);
                index.push(IndexRow { id: RecordId::new("audit_of", key) });
            }
            entries.push(EntryRow { id: record("audit", id), at, event, by, secret: Some(secret) });
        }
        let text = "INSERT INTO audit $entries RETURN NONE; INSERT INTO audit_of $index RETURN NONE";
        let answer = db.query(text).bind(("entries", entries)).bind(("index", index)).await;
        answer.and_then(surrealdb::IndexedResults::check).expect("inserts");
    }
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (url, keys) = (url(&folder), keys());
    let location = url.clone().into();
    let store = Store::open(&location).await.expect("opens");
    found(&store, &keys).await;
    drop(store);
    let people: Vec<AccountId> = (0..PEOPLE).map(|_| AccountId::random()).collect();
    let secrets: Vec<SecretId> = (0..SECRETS).map(|_| SecretId::random()).collect();
    fill(&url, &people, &secrets).await;
    let store = loop {
        match Store::open(&location).await {
            Ok(store) => break store,
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    let far_back = Some(entry_uuid(ENTRIES / 3).as_u128());
    let day = i64::try_from(BEGIN + ENTRIES / 2 * STEP).expect("a time");
    let all = AuditFilter::default();
    let filters = [
        ("all", all.clone()),
        ("person", AuditFilter { account: Some(people[17]), ..all.clone() }),
        ("secret", AuditFilter { secret: Some(secrets[17]), ..all.clone() }),
        ("common event", AuditFilter { event: Some(Event::SecretChanged), ..all.clone() }),
        ("rare event", AuditFilter { event: Some(Event::AccountDisabled), ..all.clone() }),
        (
            "person and event",
            AuditFilter { account: Some(people[17]), event: Some(Event::SecretChanged), ..all.clone() },
        ),
        ("a day", AuditFilter { from: Some(day), until: Some(day + 24 * 3_600_000), ..all.clone() }),
        ("rare event of a day", AuditFilter { event: Some(Event::SecretAdded), from: Some(day), ..all }),
    ];
    let mut medians: BTreeMap<String, (f64, usize)> = BTreeMap::new();
    for (name, filter) in &filters {
        for (from, before) in [("the end", None), ("far back", far_back)] {
            let (mut times, mut entries) = (Vec::new(), 0);
            for _ in 0..RUNS {
                let start = Instant::now();
                entries = store.audit(keys.account(), filter, before, PAGE).await.expect("reads").entries.len();
                times.push(milliseconds(start));
            }
            medians.insert(format!("{name}, from {from}"), (median(times), entries));
        }
    }
    let start = Instant::now();
    for _ in 0..RUNS {
        let last = store.as_of().await.expect("reads").event.expect("is there");
        store.happened_since(last).await.expect("reads");
    }
    let last = milliseconds(start) / f64::from(u32::try_from(RUNS).expect("small"));
    println!("audit.last_ms.{ENTRIES} {last:.1}");
    if std::env::var_os("VERBOSE").is_some() {
        for (name, (time, found)) in &medians {
            eprintln!("{time:8.1} {found:3} {name}");
        }
    }
    let slowest = medians.values().map(|(time, _)| *time).fold(0.0, f64::max);
    println!("audit.page_ms.{ENTRIES} {slowest:.1}");
}
