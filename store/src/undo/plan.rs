//! What there is to be undone of a batch now, and whether the caller may.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use surrealdb::types::{RecordId, SurrealValue};
use vault::{AccountId, BatchId, SecretId, SignedManifest};

use super::UndoPlan;
use super::restored::restored;
use crate::access::{Access, access};
use crate::account::is_administrator;
use crate::batch::{self, BatchKind, BatchPart, BatchRow, parts_of};
use crate::database::{CHUNK, Tx, query};
use crate::error::StoreError;
use crate::record;
use crate::secret::{Tagging, owners, states};
use crate::share::live_shares;

/// What is known of a batch that is to be undone.
pub(super) struct Undoing {
    pub row: BatchRow,
    /// What it did, as far as the caller may undo it, by the owners of the secrets.
    pub parts: BTreeMap<AccountId, Vec<BatchPart>>,
    /// The shares that it gave access by and that still go on, each with those of its secrets that its granter still owns.
    pub live: Vec<(SignedManifest, Vec<SecretId>)>,
    /// The tags that secrets got and lost, the other way round.
    pub taggings: Vec<Tagging>,
    pub plan: UndoPlan,
}

#[derive(SurrealValue)]
struct BatchesRow {
    id: RecordId,
    enabled_batch: Option<RecordId>,
    deleted_batch: Option<RecordId>,
}

pub(super) async fn undoing(tx: &Tx, caller: AccountId, batch: BatchId) -> Result<Undoing, StoreError> {
    let row = batch::read(tx, batch).await?;
    let was = row.kind()?;
    let kind = was.opposite().ok_or(StoreError::Malformed("the undo of a transfer"))?;
    let own = parts_of(tx, batch, Some(caller)).await?;
    let is_owner = !own.is_empty();
    let may_undo_all = match was {
        // Whoever switched what others own switches it back as they might by hand.
        BatchKind::Enable | BatchKind::Disable | BatchKind::Tag => row.by()? == caller,
        // Administrators have no keys to give anything back with.
        BatchKind::Share => is_administrator(tx, caller).await?,
        _ => false,
    };
    if !is_owner && !may_undo_all {
        return Err(StoreError::NotFound);
    }
    let mut parts = if may_undo_all { parts_of(tx, batch, None).await? } else { own };
    let mut is_undone = false;
    for owner in parts.keys().copied().collect::<Vec<_>>() {
        let text = "SELECT VALUE undone_by FROM ONLY $id";
        let undone: Option<RecordId> = query!(tx, text, id = record::activity(owner, row.event()))?.take(0)?;
        if undone.is_some() {
            parts.remove(&owner);
            is_undone = true;
        }
    }
    if parts.is_empty() && is_undone {
        return Err(StoreError::Stale);
    }
    let all: BTreeSet<SecretId> = parts.values().flatten().flat_map(|part| &part.secrets).copied().collect();
    let all: Vec<SecretId> = all.into_iter().collect();
    let mut plan = UndoPlan { kind, ends: 0, restored: Vec::new(), switched: Vec::new(), left_out: 0 };
    let (mut live, mut taggings) = (Vec::new(), Vec::new());
    let mut kept: HashSet<SecretId> = HashSet::new();
    match was {
        BatchKind::Enable | BatchKind::Disable | BatchKind::Delete | BatchKind::Restore => {
            let last: HashSet<SecretId> = last_switched_by(tx, batch, was, &all).await?.into_iter().collect();
            for (owner, parts) in &parts {
                for part in parts {
                    let secrets = part.secrets.iter().filter(|secret| last.contains(secret)).copied().collect();
                    plan.switched.extend(editable(tx, caller, *owner, secrets, was == BatchKind::Delete).await?);
                }
            }
        }
        BatchKind::Import | BatchKind::Tag => {
            for (owner, parts) in &parts {
                for part in parts {
                    let secrets = editable(tx, caller, *owner, part.secrets.clone(), false).await?;
                    plan.switched.extend(&secrets);
                    taggings.push(Tagging { secrets, add: part.untagged.clone(), remove: part.tagged.clone() });
                }
            }
        }
        _ => {
            for owner in parts.keys() {
                for share in live_shares(tx, *owner, batch).await? {
                    let mut gone = share.live_items();
                    // What is in the bin ends as well: it may come back.
                    let owners = owners(tx, &gone).await?;
                    gone.retain(|secret| owners.get(secret) == Some(owner));
                    if !gone.is_empty() {
                        live.push((share, gone));
                    }
                }
            }
            kept.extend(live.iter().flat_map(|(_, gone)| gone));
            plan.ends = kept.len();
            if let Some(own) = parts.get(&caller) {
                plan.restored = restored(tx, caller, &row, own).await?;
            }
        }
    }
    kept.extend(plan.switched.iter().chain(plan.restored.iter().flat_map(|part| &part.secrets)));
    plan.left_out = all.iter().filter(|secret| !kept.contains(secret)).count();
    Ok(Undoing { row, parts, live, taggings, plan })
}

/// Those of secrets that were of `owner` then, still are, and that `caller` may edit now.
async fn editable(
    tx: &Tx,
    caller: AccountId,
    owner: AccountId,
    secrets: Vec<SecretId>,
    in_bin: bool,
) -> Result<Vec<SecretId>, StoreError> {
    let states = states(tx, &secrets).await?;
    let owners = owners(tx, &secrets).await?;
    let mut found = Vec::with_capacity(secrets.len());
    for secret in secrets.into_iter().filter(|secret| owners.get(secret) == Some(&owner)) {
        let may = if owner == caller {
            in_bin || states.contains_key(&secret)
        } else {
            access(tx, caller, secret, owner).await?.is_some_and(Access::may_edit)
        };
        if may {
            found.push(secret);
        }
    }
    Ok(found)
}

/// Those of the secrets that nothing of the kind has happened to since the batch.
async fn last_switched_by(
    tx: &Tx,
    batch: BatchId,
    kind: BatchKind,
    secrets: &[SecretId],
) -> Result<Vec<SecretId>, StoreError> {
    let is_about_bin = matches!(kind, BatchKind::Delete | BatchKind::Restore);
    let by = Some(record::batch(batch));
    let mut found = Vec::with_capacity(secrets.len());
    for chunk in secrets.chunks(CHUNK) {
        // What is in the bin is neither enabled nor disabled there.
        let only = if is_about_bin { "" } else { "WHERE deleted_at IS NONE" };
        let text = format!("SELECT id, enabled_batch, deleted_batch FROM $ids {only}");
        let rows: Vec<BatchesRow> = query!(tx, text, ids = record::secrets(chunk))?.take(0)?;
        for row in rows {
            if by == if is_about_bin { row.deleted_batch } else { row.enabled_batch } {
                found.push(record::id(&row.id)?);
            }
        }
    }
    Ok(found)
}
