//! What there is to be undone of a batch now, and whether the caller may.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use surrealdb::types::{RecordId, SurrealValue};
use vault::{AccountId, BatchId, SecretId, SignedManifest};

use super::UndoPlan;
use super::left_out::{LeftOut, Reasons, Why};
use super::restored::restored;
use super::tags::taggings;
use super::taken_back::not_taken_over;
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
    /// The tags that secrets get and lose, so that they are what they were.
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
    // What administrators gave away in their name is not theirs to take back.
    if was == BatchKind::Transfer && row.by()? != caller {
        return Err(StoreError::NotFound);
    }
    let own = parts_of(tx, batch, Some(caller)).await?;
    let may_undo_all = may_undo_all(tx, caller, &row).await?;
    if own.is_empty() && !may_undo_all {
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
    let mut plan = UndoPlan {
        kind: was.opposite(),
        ends: 0,
        restored: Vec::new(),
        switched: Vec::new(),
        given: None,
        left_out: LeftOut::default(),
    };
    let (mut live, mut back, mut reasons) = (Vec::new(), Vec::new(), Reasons::new());
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
        BatchKind::Import => {
            for (owner, parts) in &parts {
                for part in parts {
                    plan.switched.extend(editable(tx, caller, *owner, part.secrets.clone(), false).await?);
                }
            }
        }
        BatchKind::Tag => {
            back = taggings(tx, caller, &row, &parts, &mut reasons).await?;
            plan.switched.extend(back.iter().flat_map(|tagging| &tagging.secrets));
        }
        BatchKind::Transfer => {
            plan.given = not_taken_over(tx, caller, batch, &all).await?;
            kept.extend(plan.given.iter().flat_map(|given| &given.items).map(|(secret, ..)| *secret));
            reasons.extend(all.iter().map(|secret| (*secret, Why::TakenOver)));
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
                plan.restored = restored(tx, caller, &row, own, &mut reasons).await?;
            }
        }
    }
    kept.extend(plan.switched.iter().chain(plan.restored.iter().flat_map(|part| &part.secrets)));
    plan.left_out = LeftOut::count(all.into_iter().filter(|secret| !kept.contains(secret)), &reasons);
    Ok(Undoing { row, parts, live, taggings: back, plan })
}

/// Whether `caller` may undo what a batch did to secrets of others as well.
pub(crate) async fn may_undo_all(tx: &Tx, caller: AccountId, row: &BatchRow) -> Result<bool, StoreError> {
    match row.kind()? {
        // Whoever switched what others own switches it back as they might by hand.
        BatchKind::Enable | BatchKind::Disable | BatchKind::Tag => Ok(row.by()? == caller),
        // Administrators have no keys to give anything back with.
        BatchKind::Share => is_administrator(tx, caller).await,
        _ => Ok(false),
    }
}

/// Those of secrets that were of `owner` then, still are, and that `caller` may edit now.
pub(super) async fn editable(
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
        let is_there = in_bin || states.contains_key(&secret);
        if is_there && (owner == caller || access(tx, caller, secret, owner).await?.is_some_and(Access::may_edit)) {
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
