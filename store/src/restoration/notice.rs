//! What people are told who were not there when their account was opened.

use surrealdb::types::{Datetime, RecordId, SurrealValue};
use vault::{AccountId, Purpose};

use super::parse_purpose;
use crate::clock::{Millis, at, millis};
use crate::database::{Store, query};
use crate::error::StoreError;
use crate::record;

/// An account was opened by others than its person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// When.
    pub at: Millis,
    /// What for.
    pub purpose: Purpose,
    /// Who agreed to it.
    pub by: Vec<String>,
}

#[derive(SurrealValue)]
pub(super) struct NoticeRow {
    pub id: RecordId,
    pub account: RecordId,
    pub at: Datetime,
    pub purpose: String,
    pub by: Vec<String>,
}

impl Store {
    /// When and by whom `caller`'s account was opened, until they have seen it.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn notices(&self, caller: AccountId) -> Result<Vec<Notice>, StoreError> {
        let text = "SELECT id, account, at, purpose, by FROM notice WHERE account = $caller ORDER BY at";
        let rows: Vec<NoticeRow> = query!(self.db, text, caller = record::account(caller))?.take(0)?;
        let notice =
            |row: NoticeRow| Ok(Notice { at: millis(&row.at), purpose: parse_purpose(&row.purpose)?, by: row.by });
        rows.into_iter().map(notice).collect()
    }

    /// `caller` has seen what there was to be told until then.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn clear_notices(&self, caller: AccountId, until: Millis) -> Result<(), StoreError> {
        let until = u64::try_from(until).ok().and_then(|until| at(until.saturating_add(1)));
        query!(
            self.db,
            "DELETE notice WHERE account = $caller AND at < $until RETURN NONE",
            caller = record::account(caller),
            until = until.ok_or(StoreError::Malformed("a time"))?
        )?;
        Ok(())
    }
}
