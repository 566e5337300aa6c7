use surrealdb::types::{Bytes, Datetime, SurrealValue};

use vault::{Directory, Mandate};

use crate::account::{NewAccount, insert_accounts};
use crate::clock::now;
use crate::database::{Store, Tx, query};
use crate::error::StoreError;
use crate::trust::insert_mandate;

/// The one organization of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// How it calls itself.
    pub name: String,
    /// Whether it is the demo, with a password that everyone knows.
    pub demo: bool,
    /// The fingerprint of the server's keys that its people registered with.
    pub server_keys: [u8; 32],
}

#[derive(SurrealValue)]
struct Row {
    name: String,
    demo: bool,
    server_keys: Bytes,
    created_at: Datetime,
}

impl Store {
    /// The organization, or `None` before its set-up.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn organization(&self) -> Result<Option<Organization>, StoreError> {
        let row: Option<Row> =
            query!(self.db, "SELECT name, demo, server_keys, created_at FROM ONLY organization:this")?.take(0)?;
        row.map(|row| {
            let server_keys = row.server_keys[..]
                .try_into()
                .map_err(|_| StoreError::Content("fingerprint of the server's keys".into()))?;
            Ok(Organization { name: row.name, demo: row.demo, server_keys })
        })
        .transpose()
    }

    /// Founds the organization with its first administrator, once. Everyone's trust leads back to the mandate that they give themselves.
    ///
    /// # Errors
    /// [`StoreError::Reused`] where there is one already, [`StoreError::Malformed`] where the founder's own signatures do not fit.
    pub async fn found(
        &self,
        organization: &Organization,
        founder: &NewAccount,
        mandate: &Mandate,
    ) -> Result<(), StoreError> {
        let directory = Directory::new(&founder.entry.entry.fingerprint(), std::slice::from_ref(mandate));
        if directory.check(&founder.entry, 0).is_err() {
            return Err(StoreError::Malformed("the founder's signatures"));
        }
        self.transact(|tx| async move {
            if exists(&tx).await? {
                return Err(StoreError::Reused);
            }
            let row = Row {
                name: organization.name.clone(),
                demo: organization.demo,
                server_keys: organization.server_keys.to_vec().into(),
                created_at: now(),
            };
            query!(tx, "CREATE ONLY organization:this CONTENT $row RETURN NONE", row = row)?;
            insert_accounts(&tx, std::slice::from_ref(founder)).await?;
            insert_mandate(&tx, mandate, founder.entry.entry.epoch).await
        })
        .await
    }
}

async fn exists(tx: &Tx) -> Result<bool, StoreError> {
    let row: Option<Row> =
        query!(tx, "SELECT name, demo, server_keys, created_at FROM ONLY organization:this")?.take(0)?;
    Ok(row.is_some())
}

/// Makes the transaction fail if another one changes who is an administrator before it commits.
pub(crate) async fn lock_administrators(tx: &Tx) -> Result<(), StoreError> {
    query!(tx, "UPDATE organization:this SET changes += 1 RETURN NONE")?;
    Ok(())
}
