//! Copies of a whole database while it is in use, and a database from a copy.
//!
//! A backup is the line [`BEGIN`], pieces, and an end. A piece is its length in bytes (`u32`, little-endian) and a value in the encoding that
//! `SurrealDB` has for the wire (`FlatBuffers`, `surrealdb::types::encode`): first a [`Head`], then [`Rows`]. The end is the length 0 and the
//! SHA-256 of all before it. Whatever is sealed stays sealed; names, addresses and who shares what with whom are readable in it.

use sha2::{Digest as _, Sha256};
use surrealdb::engine::any::Any;
use surrealdb::types::{Datetime, RecordId, SurrealValue, ToSql as _, Value, decode, encode};
use surrealdb::{IndexedResults, Surreal};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::clock::{Millis, millis, now};
use crate::database::{Location, Store, Tx, connect, insert, query};
use crate::error::StoreError;
use crate::migration::{self, Applied};

const BEGIN: &[u8] = b"MySafe backup 1\n";
/// What it is marked with that a database is being restored, until it is whole.
const MARK: &str = "restoring";
/// How many rows a piece has, which is written in one transaction and answered in one message of a `SurrealDB` server, of 64 MiB at most. Most rows are 64 KiB
/// and little more at most. Tests have few rows.
const ROWS: usize = if cfg!(test) { 10 } else { 250 };
/// Tables with rows of some MiB: all secrets of a batch, what somebody has seen of everyone's keys.
const LARGE: [&str; 2] = ["account", "batch_part"];
/// How many of those.
const LARGE_ROWS: usize = 8;
/// How long a piece may be, in bytes.
const PIECE: usize = 256 << 20;
/// Of no use in another database: who is signed in or about to, and which schema files it has, which is in the head.
const LEFT_OUT: [&str; 3] = ["login", "migration", "session"];
const TABLES: &str = "INFO FOR DB";

/// What a backup says of itself.
#[derive(SurrealValue)]
struct Head {
    at: Datetime,
    schema: Vec<Applied>,
}

/// Rows of one table.
#[derive(SurrealValue)]
struct Rows {
    table: String,
    rows: Vec<Value>,
}

/// What a backup holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackedUp {
    /// As of when.
    pub at: Millis,
    /// How many rows.
    pub rows: u64,
}

/// Why a copy was not made, or not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The copy could not be written or read.
    #[error("{0}")]
    File(#[from] std::io::Error),
    /// What was read is no backup, or not one any more.
    #[error("this is no whole backup: {0}")]
    Broken(&'static str),
    /// There is something in the database already.
    #[error("there is something in it already, and a backup is restored into an empty one")]
    NotEmpty,
}

impl From<surrealdb::Error> for BackupError {
    fn from(error: surrealdb::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Writes pieces, and the hash of all of them.
struct Writer<'a, W> {
    to: &'a mut W,
    hash: Sha256,
}

impl<W: AsyncWrite + Unpin> Writer<'_, W> {
    async fn bytes(&mut self, bytes: &[u8]) -> Result<(), BackupError> {
        self.hash.update(bytes);
        Ok(self.to.write_all(bytes).await?)
    }

    async fn piece(&mut self, value: impl SurrealValue) -> Result<(), BackupError> {
        let bytes = encode(&value.into_value()).map_err(|error| StoreError::Content(error.to_string()))?;
        let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= PIECE);
        let length = length.ok_or_else(|| StoreError::Content("rows are too long for a backup".into()))?;
        self.bytes(&length.to_le_bytes()).await?;
        self.bytes(&bytes).await
    }

    async fn end(mut self) -> Result<(), BackupError> {
        self.bytes(&0_u32.to_le_bytes()).await?;
        self.to.write_all(&self.hash.finalize()).await?;
        Ok(self.to.flush().await?)
    }
}

/// Reads what a [`Writer`] wrote.
struct Reader<'a, R> {
    from: &'a mut R,
    hash: Sha256,
}

impl<'a, R: AsyncRead + Unpin> Reader<'a, R> {
    async fn begin(from: &'a mut R) -> Result<(Self, Head), BackupError> {
        let mut reader = Self { from, hash: Sha256::new() };
        if reader.bytes(BEGIN.len()).await? != BEGIN {
            return Err(BackupError::Broken("it does not begin like one"));
        }
        let head: Head = reader.piece().await?.ok_or(BackupError::Broken("there is nothing in it"))?;
        migration::count(&head.schema)?;
        Ok((reader, head))
    }

    async fn bytes(&mut self, length: usize) -> Result<Vec<u8>, BackupError> {
        // No more memory than there are bytes: the length is what somebody wrote.
        let mut bytes = Vec::new();
        (&mut *self.from).take(length as u64).read_to_end(&mut bytes).await?;
        if bytes.len() < length {
            return Err(BackupError::Broken("it was cut short"));
        }
        self.hash.update(&bytes);
        Ok(bytes)
    }

    async fn length(&mut self) -> Result<usize, BackupError> {
        let bytes = self.bytes(4).await?;
        let length = bytes.try_into().map(u32::from_le_bytes).ok().and_then(|length| usize::try_from(length).ok());
        length.filter(|length| *length <= PIECE).ok_or(BackupError::Broken("a piece of it is too long"))
    }

    /// None at the end, which fits all that was read.
    async fn piece<T: SurrealValue>(&mut self) -> Result<Option<T>, BackupError> {
        let length = self.length().await?;
        if length > 0 {
            let bytes = self.bytes(length).await?;
            return decode(&bytes).map(Some).map_err(|_| BackupError::Broken("a piece of it cannot be read"));
        }
        let hash = self.hash.clone().finalize();
        if self.bytes(hash.len()).await? != hash[..] {
            return Err(BackupError::Broken("it was changed or damaged"));
        }
        match (&mut *self.from).take(1).read_to_end(&mut Vec::new()).await? {
            0 => Ok(None),
            _ => Err(BackupError::Broken("there is more after its end")),
        }
    }
}

impl Store {
    /// Writes all that the database holds, as of one moment, while others go on. Whoever is signed in is not part of it.
    ///
    /// # Errors
    /// [`BackupError`]: what was written until then is no backup.
    pub async fn backup(&self, to: &mut (impl AsyncWrite + Unpin)) -> Result<BackedUp, BackupError> {
        // In one transaction everything is as of its beginning.
        self.attempt(|tx| async move { write(&tx, to).await }).await
    }

    /// Makes an empty database what it was when a backup was made, and opens it. Nobody is signed in.
    ///
    /// # Errors
    /// [`BackupError`]: unless it is [`BackupError::NotEmpty`], a part may have been written, and the database is not opened any more.
    pub async fn from_backup(
        location: &Location,
        from: &mut (impl AsyncRead + Unpin),
    ) -> Result<(Self, BackedUp), BackupError> {
        let (reader, head) = Reader::begin(from).await?;
        let db = connect(location).await?;
        if !tables(query!(db, TABLES)?)?.is_empty() {
            return Err(BackupError::NotEmpty);
        }
        query!(db, format!("DEFINE TABLE {MARK}"))?;
        let store = Self::of(db);
        let restored = store.fill(reader, &head).await?;
        migration::run(&store.db).await?;
        query!(store.db, format!("REMOVE TABLE {MARK}"))?;
        Ok((store, restored))
    }

    async fn fill<R: AsyncRead + Unpin>(
        &self,
        mut reader: Reader<'_, R>,
        head: &Head,
    ) -> Result<BackedUp, BackupError> {
        migration::run_as_of(&self.db, &head.schema).await?;
        let tables = tables(query!(self.db, TABLES)?)?;
        let mut rows = 0;
        while let Some(piece) = reader.piece::<Rows>().await? {
            if !tables.contains(&piece.table) || LEFT_OUT.contains(&piece.table.as_str()) {
                return Err(BackupError::Broken("it has a table that does not belong there"));
            }
            rows += piece.rows.len() as u64;
            self.transact(|tx| {
                let (table, rows) = (piece.table.clone(), piece.rows.clone());
                async move { insert(&tx, &table, rows).await }
            })
            .await?;
        }
        Ok(BackedUp { at: millis(&head.at), rows })
    }
}

/// Reads a backup to its end.
///
/// # Errors
/// [`BackupError::Broken`] where it is none, or not a whole one.
pub async fn check_backup(from: &mut (impl AsyncRead + Unpin)) -> Result<BackedUp, BackupError> {
    let (mut reader, head) = Reader::begin(from).await?;
    let mut rows = 0;
    while let Some(piece) = reader.piece::<Rows>().await? {
        rows += piece.rows.len() as u64;
    }
    Ok(BackedUp { at: millis(&head.at), rows })
}

/// All rows of a backup.
#[cfg(test)]
pub(crate) async fn rows(mut from: &[u8]) -> Vec<Value> {
    let (mut reader, _) = Reader::begin(&mut from).await.expect("a head");
    let mut rows = Vec::new();
    while let Some(piece) = reader.piece::<Rows>().await.expect("a piece") {
        rows.extend(piece.rows);
    }
    rows
}

/// Whether somebody began to restore a backup into the database, and it did not come to its end.
pub(crate) async fn is_part(db: &Surreal<Any>) -> Result<bool, StoreError> {
    has_table(db, MARK).await
}

/// Whether a database has a table. One that has not gives an error where it is asked for rows.
pub(crate) async fn has_table(db: &Surreal<Any>, name: &str) -> Result<bool, StoreError> {
    Ok(tables(query!(db, TABLES)?)?.iter().any(|table| table == name))
}

/// The names in the answer to [`TABLES`].
fn tables(mut answer: IndexedResults) -> Result<Vec<String>, StoreError> {
    let known: Value = answer.take(0)?;
    let tables = known.into_object()?.remove("tables").map(Value::into_object);
    let tables =
        tables.ok_or_else(|| StoreError::Content("the database does not say which tables it has".into()))??;
    Ok(tables.into_inner().into_keys().collect())
}

async fn write(tx: &Tx, to: &mut (impl AsyncWrite + Unpin)) -> Result<BackedUp, BackupError> {
    let mut writer = Writer { to, hash: Sha256::new() };
    writer.bytes(BEGIN).await?;
    let (at, schema) = (now(), migration::applied(query!(tx, migration::APPLIED)?)?);
    writer.piece(Head { at, schema }).await?;
    let mut count = 0;
    for table in tables(query!(tx, TABLES)?)? {
        if LEFT_OUT.contains(&table.as_str()) {
            continue;
        }
        let limit = if LARGE.contains(&table.as_str()) { LARGE_ROWS } else { ROWS };
        let mut from = format!("`{table}`");
        loop {
            let rows: Vec<Value> = query!(tx, format!("SELECT * FROM {from} LIMIT {limit}"))?.take(0)?;
            let Some(last) = rows.last() else { break };
            from = format!("{}>..", id_of(last)?.to_sql());
            count += rows.len() as u64;
            writer.piece(Rows { table: table.clone(), rows }).await?;
        }
    }
    writer.end().await?;
    Ok(BackedUp { at: millis(&at), rows: count })
}

fn id_of(row: &Value) -> Result<RecordId, StoreError> {
    let id = match row {
        Value::Object(row) => row.get("id").cloned().map(RecordId::from_value),
        _ => None,
    };
    id.and_then(Result::ok).ok_or_else(|| StoreError::Content("a row has no id".into()))
}
