//! Taking back what somebody gave away, as long as nobody has taken it over: the transfer has the keys, and the one who gave has its key as well.

use std::collections::{BTreeMap, HashSet};

use surrealdb::types::{Bytes, RecordId, SurrealValue};
use vault::{AccountId, BatchId, Permission, RecipientId, SecretId, ShareId};

use super::Undo;
use crate::batch::{BatchPart, Change};
use crate::clock::now;
use crate::database::{CHUNK, Tx, query, update_each};
use crate::error::StoreError;
use crate::limit::forget_settled;
use crate::record;
use crate::seen;
use crate::settle::{GivenAway, given_away};
use crate::share::change_ownership;
use crate::transfer::{leave, require_free_identifiers};
use crate::trust::epoch_of;

#[derive(Clone, SurrealValue)]
struct KeyRow {
    id: RecordId,
    key: Bytes,
}

/// Whether a transfer by `giver` was not taken over yet, and their client can still open it: it is lost to who has started over since.
pub(crate) async fn may_take_back(tx: &Tx, giver: AccountId, batch: BatchId) -> Result<bool, StoreError> {
    let epoch = epoch_of(tx, giver).await?;
    let text = "SELECT VALUE id FROM ONLY $id WHERE granter = $giver AND !ended AND granter_epoch >= $epoch";
    let (id, by) = (record::share(transfer_of(batch)), record::account(giver));
    let open: Option<RecordId> = query!(tx, text, id = id, giver = by, epoch = epoch)?.take(0)?;
    Ok(open.is_some())
}

/// Those of a transfer's secrets that nobody has taken over yet, for the client of `giver`. They are still their new owner's: what is not taken over
/// cannot be passed on.
pub(super) async fn not_taken_over(
    tx: &Tx,
    giver: AccountId,
    batch: BatchId,
    secrets: &[SecretId],
) -> Result<Option<GivenAway>, StoreError> {
    if !may_take_back(tx, giver, batch).await? {
        return Ok(None);
    }
    let mut waiting = Vec::with_capacity(secrets.len());
    for chunk in secrets.chunks(CHUNK) {
        let text = "SELECT VALUE id FROM $ids WHERE transfer = $transfer";
        let (ids, transfer) = (record::secrets(chunk), record::share(transfer_of(batch)));
        let rows: Vec<RecordId> = query!(tx, text, ids = ids, transfer = transfer)?.take(0)?;
        for id in &rows {
            waiting.push(record::id(id)?);
        }
    }
    Ok(given_away(tx, giver, &waiting).await?.pop())
}

/// Makes `caller` the owner again, with the keys that their client has sealed. Their shares have gone on all the while, so everybody else has what
/// they had. What has changed, by owners.
pub(super) async fn take_back(
    tx: &Tx,
    caller: AccountId,
    undo: &Undo,
    given: &GivenAway,
) -> Result<BTreeMap<AccountId, Vec<BatchPart>>, StoreError> {
    let owner = given.signed.manifest.new_owner().ok_or(StoreError::NotFound)?;
    let secrets: Vec<SecretId> = given.items.iter().map(|(secret, ..)| *secret).collect();
    // Whoever takes them over at the same time, or limits the access to them, does it before, or not at all.
    change_ownership(tx, owner).await?;
    change_ownership(tx, caller).await?;
    require_free_identifiers(tx, caller, &secrets).await?;
    let rows = undo.keys.iter();
    let rows = rows.map(|(secret, known)| KeyRow { id: record::secret(*secret), key: known.key.clone().into() });
    update_each(tx, "key = $row.key", &rows.collect::<Vec<_>>()).await?;
    for chunk in secrets.chunks(CHUNK) {
        // The owner that goes could open them: they get new keys.
        query!(
            tx,
            "UPDATE $ids SET owner = $caller, transfer = NONE, due_since = due_since ?? $now,
                    changed_at = $now, changed_by = $caller RETURN NONE",
            ids = record::secrets(chunk),
            caller = record::account(caller),
            now = now()
        )?;
    }
    leave(tx, &given.signed, &secrets.iter().copied().collect::<HashSet<_>>()).await?;
    forget_settled(tx, caller).await?;
    seen::hand_over(tx, &secrets, owner, caller).await?;
    let (goes, comes) = (RecipientId::Account(owner), RecipientId::Account(caller));
    let mut changes = vec![
        Change { recipient: goes, before: Some(Permission::Own), after: None },
        Change { recipient: comes, before: None, after: Some(Permission::Own) },
    ];
    changes.sort_unstable();
    // As with the transfer itself, it is told of those whose secrets they were.
    Ok(BTreeMap::from([(owner, vec![BatchPart { changes, ..BatchPart::of(secrets) }])]))
}

/// A transfer has the id of its batch.
fn transfer_of(batch: BatchId) -> ShareId {
    ShareId::from(batch.uuid())
}
