//! Ordered schema files, each applied once, with its checksum kept: a database whose past differs is not touched.

use surrealdb::engine::any::Any;
use surrealdb::types::{Datetime, SurrealValue};
use surrealdb::{IndexedResults, Surreal};

use crate::backup::has_table;
use crate::clock::now;
use crate::database::query;
use crate::error::StoreError;
use crate::record::sha256;

const FILES: [(&str, &str); 1] = [("001_model", include_str!("../schema/001_model.surql"))];

#[derive(SurrealValue)]
struct Migration {
    name: String,
    checksum: String,
    applied_at: Datetime,
}

/// A schema file that a database has.
#[derive(SurrealValue)]
pub(crate) struct Applied {
    name: String,
    checksum: String,
}

pub(crate) const APPLIED: &str = "SELECT name, checksum FROM migration ORDER BY name";

/// Brings the schema up to date.
pub(crate) async fn run(db: &Surreal<Any>) -> Result<(), StoreError> {
    run_to(db, FILES.len()).await
}

/// Gives an empty database the schema that another one has.
///
/// # Errors
/// [`StoreError::Content`] where that is not one of ours.
pub(crate) async fn run_as_of(db: &Surreal<Any>, other: &[Applied]) -> Result<(), StoreError> {
    run_to(db, count(other)?).await
}

/// What a database has, or has as of a transaction.
pub(crate) fn applied(mut answer: IndexedResults) -> Result<Vec<Applied>, StoreError> {
    Ok(answer.take(0)?)
}

/// Whether a database has all of our files, and no others.
pub(crate) async fn is_current(db: &Surreal<Any>) -> Result<bool, StoreError> {
    if !has_table(db, "migration").await? {
        return Ok(false);
    }
    Ok(count(&applied(query!(db, APPLIED)?)?)? == FILES.len())
}

async fn run_to(db: &Surreal<Any>, end: usize) -> Result<(), StoreError> {
    query!(
        db,
        "DEFINE TABLE IF NOT EXISTS migration SCHEMAFULL;
         DEFINE FIELD IF NOT EXISTS name ON migration TYPE string;
         DEFINE FIELD IF NOT EXISTS checksum ON migration TYPE string;
         DEFINE FIELD IF NOT EXISTS applied_at ON migration TYPE datetime;"
    )?;
    loop {
        let known = count(&applied(query!(db, APPLIED)?)?)?;
        let Some((name, text)) = FILES[..end].get(known) else { return Ok(()) };
        match apply(db, name, text).await {
            Ok(()) => tracing::info!(name, "schema applied"),
            // Another server on the same database may have been faster.
            Err(error) if count(&applied(query!(db, APPLIED)?)?)? == known => return Err(error),
            Err(_) => {}
        }
    }
}

/// How many of our files these are.
///
/// # Errors
/// [`StoreError::Content`] where they are not ours, or later ones than ours.
pub(crate) fn count(applied: &[Applied]) -> Result<usize, StoreError> {
    if applied.len() > FILES.len() {
        return Err(StoreError::Content("it was written by a newer version of MySafe".into()));
    }
    let foreign =
        applied.iter().zip(FILES).find(|(known, (name, text))| known.name != *name || known.checksum != sha256(text));
    match foreign {
        Some((known, _)) => Err(StoreError::Content(format!("its migration {} is not ours", known.name))),
        None => Ok(applied.len()),
    }
}

async fn apply(db: &Surreal<Any>, name: &str, text: &str) -> Result<(), StoreError> {
    let row = Migration { name: name.into(), checksum: sha256(text), applied_at: now() };
    let both = format!("BEGIN; {text} CREATE type::record('migration', $row.name) CONTENT $row; COMMIT;");
    query!(db, both, row = row)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Store;
    use crate::database::query;

    #[tokio::test]
    async fn applies_once_and_refuses_a_foreign_past() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("surrealkv://{}", folder.path().display());
        let store = Store::open(&url.into()).await.unwrap();
        super::run(&store.db).await.unwrap();
        query!(store.db, "UPDATE migration SET checksum = 'other'").unwrap();
        let error = super::run(&store.db).await.unwrap_err().to_string();
        assert!(error.contains("001_model"), "{error}");
    }
}
