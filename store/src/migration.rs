//! Ordered schema files, each applied once, with its checksum kept: a database whose past differs is not touched.

use surrealdb::Surreal;
use surrealdb::engine::any::Any;
use surrealdb::types::{Datetime, SurrealValue};

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

pub(crate) async fn run(db: &Surreal<Any>) -> Result<(), StoreError> {
    query!(
        db,
        "DEFINE TABLE IF NOT EXISTS migration SCHEMAFULL;
         DEFINE FIELD IF NOT EXISTS name ON migration TYPE string;
         DEFINE FIELD IF NOT EXISTS checksum ON migration TYPE string;
         DEFINE FIELD IF NOT EXISTS applied_at ON migration TYPE datetime;"
    )?;
    let applied: Vec<Migration> =
        query!(db, "SELECT name, checksum, applied_at FROM migration ORDER BY name")?.take(0)?;
    if applied.len() > FILES.len() {
        return Err(StoreError::Content("the database was written by a newer version of MySafe".into()));
    }
    for (index, (name, text)) in FILES.iter().enumerate() {
        let checksum = sha256(text);
        match applied.get(index) {
            Some(known) if known.name == *name && known.checksum == checksum => {}
            Some(known) => {
                return Err(StoreError::Content(format!("migration {} of the database is not ours", known.name)));
            }
            None => {
                let row = Migration { name: (*name).into(), checksum, applied_at: now() };
                let both = format!("BEGIN; {text} CREATE type::record('migration', $row.name) CONTENT $row; COMMIT;");
                query!(db, both, row = row)?;
                tracing::info!(name, "schema applied");
            }
        }
    }
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
        let store = Store::open(&url).await.unwrap();
        super::run(&store.db).await.unwrap();
        query!(store.db, "UPDATE migration SET checksum = 'other'").unwrap();
        let error = super::run(&store.db).await.unwrap_err().to_string();
        assert!(error.contains("001_model"), "{error}");
    }
}
