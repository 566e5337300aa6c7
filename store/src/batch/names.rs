//! The names of a batch's secrets, some at a time.

use std::collections::BTreeMap;
use std::ops::Bound;

use surrealdb::types::{Datetime, RecordId, SurrealValue};
use vault::{AccountId, SecretId};

use super::{BatchPart, subjects_of};
use crate::access::shared_with;
use crate::database::{CHUNK, Tx, query};
use crate::error::StoreError;
use crate::record;

/// Names of a batch's secrets, and after which of them the next ones come; `None` at the end.
pub type Names = (Vec<(SecretId, String)>, Option<SecretId>);

#[derive(SurrealValue)]
struct NameRow {
    id: RecordId,
    name: String,
    owner: RecordId,
    deleted_at: Option<Datetime>,
}

/// The names of some of a batch's secrets, those after one of them in the order of their ids: of them, those that `caller` sees now, or of all.
pub(super) async fn names(
    tx: &Tx,
    caller: AccountId,
    sees_all: bool,
    parts: &BTreeMap<AccountId, Vec<BatchPart>>,
    after: Option<SecretId>,
    limit: usize,
) -> Result<Names, StoreError> {
    let (secrets, _) = subjects_of(parts.values().flatten());
    let begin = after.map_or(Bound::Unbounded, Bound::Excluded);
    let mut rest = secrets.range::<SecretId, _>((begin, Bound::Unbounded)).copied();
    let some: Vec<SecretId> = rest.by_ref().take(limit).collect();
    let next = some.last().copied().filter(|_| rest.next().is_some());
    let (mut names, mut shared) = (Vec::with_capacity(some.len()), None);
    for chunk in some.chunks(CHUNK) {
        let text = "SELECT id, name, owner, deleted_at FROM $ids";
        let rows: Vec<NameRow> = query!(tx, text, ids = record::secrets(chunk))?.take(0)?;
        for row in rows {
            let id: SecretId = record::id(&row.id)?;
            let is_theirs = sees_all || record::id::<AccountId>(&row.owner)? == caller;
            if !is_theirs && row.deleted_at.is_some() {
                continue;
            }
            if !is_theirs && shared.is_none() {
                shared = Some(shared_with(tx, caller).await?);
            }
            if is_theirs || shared.as_ref().is_some_and(|shared| shared.contains_key(&id)) {
                names.push((id, row.name));
            }
        }
    }
    names.sort_by_cached_key(|(_, name)| name.to_lowercase());
    Ok((names, next))
}
