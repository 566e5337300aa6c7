use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use surrealdb::Surreal;
use surrealdb::engine::any::{Any, connect};
use surrealdb::method::Transaction;
use surrealdb::types::SurrealValue;
use tokio::sync::Mutex;

use crate::error::StoreError;
use crate::migration;
use crate::search::Known;

/// A transaction under way.
pub(crate) type Tx = Arc<Transaction<Any>>;

const ATTEMPTS: u32 = 8;

/// How many ids one query names at most.
pub(crate) const CHUNK: usize = 1_000;

/// The open database. Clone the [`Arc`] around it, not the store: a clone of the connection is a session of its own.
pub struct Store {
    pub(crate) db: Surreal<Any>,
    /// Who is in the directory, as it was read last. Who reads it anew holds the lock, so that one does it for all who wait for it.
    pub(crate) known: Mutex<Arc<Known>>,
}

impl Store {
    /// Opens the database at a URL such as `surrealkv://data/db?sync=every` or `ws://host:8000`, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Database`] where it cannot be opened, [`StoreError::Content`] where it is not a database of this version.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let db = connect(url).await?;
        db.use_ns("mysafe").use_db("mysafe").await?;
        migration::run(&db).await?;
        Ok(Self { db, known: Mutex::default() })
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`StoreError::Database`] where it gives none.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.db.health().await?)
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
            let result = self.attempt(&work).await;
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

    async fn attempt<T, F, W>(&self, work: &F) -> Result<T, StoreError>
    where
        F: Fn(Tx) -> W,
        W: Future<Output = Result<T, StoreError>>,
    {
        let tx = Arc::new(self.db.clone().begin().await?);
        let result = work(Arc::clone(&tx)).await;
        let Some(tx) = Arc::into_inner(tx) else {
            return Err(StoreError::Content("a transaction outlived its work".into()));
        };
        match result {
            Ok(value) => tx.commit().await.map(|_| value).map_err(Into::into),
            Err(error) => {
                if let Err(cancel) = tx.cancel().await {
                    tracing::warn!(%cancel, "a failed transaction could not be cancelled");
                }
                Err(error)
            }
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
