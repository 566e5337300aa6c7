//! Batches: several secrets handled by one confirmed action, done once however often it is asked for.

use sha2::{Digest, Sha256};
use surrealdb::types::{Datetime, RecordId, SurrealValue};
use vault::{AccountId, BatchId, SecretId};

use crate::clock::now;
use crate::database::{Tx, insert, query};
use crate::error::StoreError;
use crate::record;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchKind {
    /// Access of some recipients ended.
    Unshare,
    /// Permissions of some recipients changed.
    ChangePermission,
    /// Secrets went to the bin.
    Delete,
}

impl BatchKind {
    /// As it is called in the database: never changed.
    fn text(self) -> &'static str {
        match self {
            Self::Unshare => "unshare",
            Self::ChangePermission => "change permission",
            Self::Delete => "delete",
        }
    }
}

#[derive(SurrealValue)]
struct BatchRow {
    id: RecordId,
    kind: String,
    by: RecordId,
    at: Datetime,
    digest: String,
}

#[derive(SurrealValue)]
struct KnownRow {
    by: RecordId,
    digest: String,
}

/// What tells one request from another one.
pub(crate) struct Request(Sha256);

impl Request {
    pub(crate) fn new(kind: BatchKind) -> Self {
        Self(Sha256::new().chain_update(kind.text()))
    }

    pub(crate) fn secrets(mut self, secrets: &[SecretId]) -> Self {
        for secret in secrets {
            self.0.update(secret.as_bytes());
        }
        self
    }

    /// A part of the request, of whatever length.
    pub(crate) fn part(mut self, bytes: &[u8]) -> Self {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    fn digest(self) -> String {
        record::sha256(self.0.finalize())
    }
}

/// Begins a batch. `false` where it was done already.
///
/// # Errors
/// [`StoreError::Reused`] where the id is that of another request.
pub(crate) async fn begin(
    tx: &Tx,
    caller: AccountId,
    id: BatchId,
    kind: BatchKind,
    request: Request,
) -> Result<bool, StoreError> {
    let (id, by, digest) = (record::batch(id), record::account(caller), request.digest());
    let known: Option<KnownRow> = query!(tx, "SELECT by, digest FROM ONLY $id", id = id.clone())?.take(0)?;
    match known {
        Some(known) if known.by == by && known.digest == digest => Ok(false),
        Some(_) => Err(StoreError::Reused),
        None => {
            insert(tx, "batch", vec![BatchRow { id, kind: kind.text().into(), by, at: now(), digest }]).await?;
            Ok(true)
        }
    }
}
