use std::fmt;
use std::future::Future;
use std::sync::{self, Arc, PoisonError};
use std::time::{Duration, Instant};

use surrealdb::Surreal;
use surrealdb::engine::any::{self, Any};
use surrealdb::method::Transaction;
use surrealdb::opt::auth::Database;
use surrealdb::types::{Datetime, SurrealValue};
use tokio::sync::{Mutex, Semaphore};
use zeroize::Zeroizing;

use crate::audit::{last_entry, time_of};
use crate::backup;
use crate::clock::{Millis, millis};
use crate::error::StoreError;
use crate::migration;
use crate::organization::Organization;
use crate::search::Known;

/// A transaction under way.
pub(crate) type Tx = Arc<Transaction<Any>>;

const ATTEMPTS: u32 = 8;
/// How many transactions there are at the same time. Each has a session of its own, and a `SurrealDB` server has no more than 256 for a connection.
const SESSIONS: usize = 192;
/// How many sessions are kept for the transactions to come.
const IDLE: usize = 64;
/// How long the database may take for a sign of life. Many times of what it takes while it is busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// Of the namespace and of the database in it.
const NAME: &str = "mysafe";

/// How many ids one query names at most.
pub(crate) const CHUNK: usize = 1_000;

/// The open database. Clone the [`Arc`] around it, not the store: a clone of the connection is a session of its own.
pub struct Store {
    pub(crate) db: Surreal<Any>,
    /// Sessions of the connection that no transaction has at the moment. At a server, each new one has to sign in first.
    idle: sync::Mutex<Vec<Surreal<Any>>>,
    turns: Semaphore,
    /// Who is in the directory, as it was read last. Who reads it anew holds the lock, so that one does it for all who wait for it.
    pub(crate) known: Mutex<Arc<Known>>,
}

/// Where a database is, and who opens it.
#[derive(Debug)]
pub struct Location {
    /// `surrealkv://data/db?sync=every`, or `ws://host:8000` for a server.
    pub url: String,
    /// Who signs in at a server.
    pub user: Option<User>,
}

/// A user of the database `mysafe` in the namespace `mysafe` of a `SurrealDB` server, with the role `OWNER`.
pub struct User {
    /// Their name.
    pub name: String,
    /// Their password.
    pub password: Zeroizing<String>,
}

impl fmt::Debug for User {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("User").field("name", &self.name).finish_non_exhaustive()
    }
}

impl From<String> for Location {
    fn from(url: String) -> Self {
        Self { url, user: None }
    }
}

/// What an operator wants to know of a database.
#[derive(Debug)]
pub struct State {
    /// Whether its schema is that of this version. What is below is not looked at otherwise.
    pub is_current: bool,
    /// Whose it is.
    pub organization: Option<Organization>,
    /// What time it is there.
    pub now: Millis,
    /// When somebody did something last.
    pub latest: Option<Millis>,
}

/// Connects to a database without looking what is in it.
pub(crate) async fn connect(location: &Location) -> Result<Surreal<Any>, StoreError> {
    let db = any::connect(&location.url).await?;
    if let Some(user) = &location.user {
        let (namespace, database) = (NAME.to_owned(), NAME.to_owned());
        let (username, password) = (user.name.clone(), user.password.to_string());
        db.signin(Database { namespace, database, username, password }).await?;
    }
    db.use_ns(NAME).use_db(NAME).await?;
    Ok(db)
}

impl Store {
    /// Opens a database, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Database`] where it cannot be opened, [`StoreError::Content`] where it is not a database of this version.
    pub async fn open(location: &Location) -> Result<Self, StoreError> {
        let store = Self::open_unchanged(location).await?;
        migration::run(&store.db).await?;
        Ok(store)
    }

    /// Opens a database whatever its schema is, to back it up or to look what it is.
    ///
    /// # Errors
    /// [`StoreError::Database`] where it cannot be opened, [`StoreError::Content`] where it was restored in part.
    pub async fn open_unchanged(location: &Location) -> Result<Self, StoreError> {
        let db = connect(location).await?;
        if backup::is_part(&db).await? {
            let part = "a backup was restored into it in part: remove it, and restore into an empty one";
            return Err(StoreError::Content(part.into()));
        }
        Ok(Self::of(db))
    }

    pub(crate) fn of(db: Surreal<Any>) -> Self {
        Self { db, idle: sync::Mutex::default(), turns: Semaphore::new(SESSIONS), known: Mutex::default() }
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`StoreError::Away`] where it gives none for [`PATIENCE`], [`StoreError::Database`] where it cannot be used.
    pub async fn ping(&self) -> Result<(), StoreError> {
        match tokio::time::timeout(PATIENCE, self.db.health()).await {
            Ok(result) => Ok(result?),
            Err(_) => Err(StoreError::Away),
        }
    }

    /// What an operator wants to know of a database.
    ///
    /// # Errors
    /// Where it cannot answer.
    pub async fn state(&self) -> Result<State, StoreError> {
        let is_current = migration::is_current(&self.db).await?;
        let now: Option<Datetime> = query!(self.db, "RETURN time::now()")?.take(0)?;
        let now = now.ok_or_else(|| StoreError::Content("the database has no clock".into()))?;
        let (organization, latest) = if is_current {
            (self.organization().await?, self.transact(|tx| async move { last_entry(&tx).await }).await?)
        } else {
            (None, None)
        };
        Ok(State { is_current, organization, now: millis(&now), latest: latest.map(|entry| millis(&time_of(entry))) })
    }

    /// Runs `work` in a transaction of its own, and again where another transaction came between. `work` fails: nothing is written.
    pub(crate) async fn transact<T, F, W>(&self, work: F) -> Result<T, StoreError>
    where
        F: Fn(Tx) -> W,
        W: Future<Output = Result<T, StoreError>>,
    {
        let mut attempt = 0;
        let begun = Instant::now();
        loop {
            let result: Result<T, StoreError> = self.attempt(&work).await;
            match result {
                Err(error) if error.is_conflict() && attempt < ATTEMPTS => {
                    attempt += 1;
                    metrics::counter!("mysafe_transaction_conflicts_total").increment(1);
                    tracing::debug!(attempt, "transaction conflict, trying again");
                    tokio::time::sleep(pause(attempt)).await;
                }
                result => {
                    metrics::histogram!("mysafe_transaction_seconds").record(begun.elapsed());
                    return result;
                }
            }
        }
    }

    /// Runs `work` in a transaction of its own, once.
    pub(crate) async fn attempt<T, E, F, W>(&self, work: F) -> Result<T, E>
    where
        E: From<StoreError> + From<surrealdb::Error>,
        F: FnOnce(Tx) -> W,
        W: Future<Output = Result<T, E>>,
    {
        // Nobody closes it.
        let _turn = self.turns.acquire().await;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let tx = Arc::new(idle.unwrap_or_else(|| self.db.clone()).begin().await?);
        let result = work(Arc::clone(&tx)).await;
        let tx = Arc::into_inner(tx).ok_or_else(|| StoreError::Content("a transaction outlived its work".into()))?;
        match result {
            Ok(value) => {
                self.keep(tx.commit().await?);
                Ok(value)
            }
            Err(error) => {
                match tx.cancel().await {
                    Ok(session) => self.keep(session),
                    Err(cancel) => tracing::warn!(%cancel, "a failed transaction could not be cancelled"),
                }
                Err(error)
            }
        }
    }

    fn keep(&self, session: Surreal<Any>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(session);
        }
    }
}

/// A random pause of up to 5, 10, 20 ... milliseconds.
fn pause(attempt: u32) -> Duration {
    let limit = 5_000_u64 << attempt.min(6);
    Duration::from_micros(u64::from_le_bytes(vault::random_bytes()) % limit)
}

/// A query inside or outside of a transaction: text, named values, and one typed answer.
macro_rules! query {
    ($on:expr, $text:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $on.query($text)$(.bind((stringify!($name), $value)))*.await.and_then(surrealdb::IndexedResults::check)
    };
}
pub(crate) use query;

/// Inserts rows with new ids, all in one statement.
pub(crate) async fn insert<R: SurrealValue>(tx: &Tx, table: &str, rows: Vec<R>) -> Result<(), StoreError> {
    if !rows.is_empty() {
        query!(tx, format!("INSERT INTO `{table}` $rows RETURN NONE"), rows = rows)?;
    }
    Ok(())
}

/// Changes rows that are there, each by its own values and by its id, many in one query. `set` says which: `key = $row.key`.
pub(crate) async fn update_each<R: SurrealValue + Clone>(tx: &Tx, set: &str, rows: &[R]) -> Result<(), StoreError> {
    for chunk in rows.chunks(CHUNK) {
        let text = format!("FOR $row IN $rows {{ UPDATE $row.id SET {set} RETURN NONE }}");
        query!(tx, text, rows = chunk.to_vec())?;
    }
    Ok(())
}
