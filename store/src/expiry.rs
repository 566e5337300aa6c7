//! Shares that end by themselves. Nobody has access by them from that moment on; what is left of them goes a little later, and then the keys of their
//! secrets are due for settling.

use std::collections::BTreeSet;

use surrealdb::types::{Datetime, RecordId, SurrealValue};
use vault::{AccountId, BatchId, SecretId, ShareId, SignedManifest};

use crate::access::{items_of, second};
use crate::account::require_active;
use crate::audit::{self, Event, OfBatch, note_secrets};
use crate::batch::parts_of_event;
use crate::clock::{Millis, now, time};
use crate::database::{Store, Tx, insert, query};
use crate::error::StoreError;
use crate::limit::forget_settled;
use crate::record;
use crate::secret::owners;
use crate::settle::make_due;
use crate::share::{change_ownership, end, live_shares, require_later};

#[derive(SurrealValue)]
struct ExpiryRow {
    id: RecordId,
}

#[derive(SurrealValue)]
struct OverRow {
    granter: RecordId,
    batch: Option<RecordId>,
    ends_at: Datetime,
}

impl Store {
    /// Sets when the access that a batch of `caller` gave ends by itself; never, without a time.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is no such access any more, [`StoreError::Stale`] where some of it is to secrets that are somebody else's
    /// by now, [`StoreError::Malformed`] for a time that is not in the future.
    pub async fn set_expiry(
        &self,
        caller: AccountId,
        batch: BatchId,
        ends_at: Option<Millis>,
    ) -> Result<(), StoreError> {
        require_later(ends_at)?;
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            // Also against whoever shares or transfers one of them at the same time.
            change_ownership(&tx, caller).await?;
            let shares = live_shares(&tx, caller, batch).await?;
            if shares.is_empty() {
                return Err(StoreError::NotFound);
            }
            // What was given to somebody else is theirs to end, although the share goes on until their browser has taken it over.
            let items: BTreeSet<SecretId> = shares.iter().flat_map(SignedManifest::live_items).collect();
            let owners = owners(&tx, &items.into_iter().collect::<Vec<_>>()).await?;
            if owners.values().any(|owner| *owner != caller) {
                return Err(StoreError::Stale);
            }
            let ends_at = ends_at.map(time).transpose()?;
            let mut secrets = BTreeSet::new();
            for known in shares {
                let share = known.manifest.share;
                if let Some(at) = &ends_at {
                    note(&tx, at, share).await?;
                }
                let text = "UPDATE $id SET ends_at = $at RETURN NONE";
                query!(tx, text, id = record::share(share), at = ends_at)?;
                secrets.extend(known.live_items());
            }
            note_expiry(&tx, Event::ExpirySet, caller, batch, secrets).await
        })
        .await
    }

    /// Lets go of shares that have ended by themselves. How many that were; some at a time.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn end_expired(&self) -> Result<usize, StoreError> {
        self.transact(|tx| async move {
            let text = "SELECT id FROM expiry:[NONE, NONE]..=[$now, ..] LIMIT 100";
            let rows: Vec<ExpiryRow> = query!(tx, text, now = now())?.take(0)?;
            for row in &rows {
                let share: ShareId = second(&row.id)?;
                let text =
                    "SELECT granter, batch, ends_at FROM ONLY $id WHERE !ended AND ends_at IS NOT NONE AND ends_at <= $now";
                let over: Option<OverRow> = query!(tx, text, id = record::share(share), now = now())?.take(0)?;
                if let Some(over) = over {
                    let granter = record::id(&over.granter)?;
                    change_ownership(&tx, granter).await?;
                    let secrets = items_of(&tx, share).await?;
                    end(&tx, share).await?;
                    // Whoever had its key can open the secrets that were in it.
                    make_due(&tx, &secrets, &over.ends_at).await?;
                    if let Some(batch) = &over.batch {
                        let (batch, secrets) = (record::id(batch)?, secrets.into_iter().collect());
                        note_expiry(&tx, Event::ShareExpired, granter, batch, secrets).await?;
                    } else {
                        // Taken over from another owner: there is no batch of this one.
                        note_secrets(&tx, Event::ShareExpired, granter, &secrets).await?;
                    }
                    forget_settled(&tx, granter).await?;
                }
                query!(tx, "DELETE $id RETURN NONE", id = row.id.clone())?;
            }
            Ok(rows.len())
        })
        .await
    }
}

/// When the access by several shares ends: not by itself, where that of one does not.
pub(crate) fn last_end(ends: impl Iterator<Item = Option<Millis>>) -> Option<Millis> {
    ends.reduce(|a, b| a.zip(b).map(|(a, b)| a.max(b))).flatten()
}

/// Notes that a share ends by itself.
pub(crate) async fn note(tx: &Tx, at: &Datetime, share: ShareId) -> Result<(), StoreError> {
    let id = record::expiry(at, share);
    let known: Option<RecordId> = query!(tx, "SELECT VALUE id FROM ONLY $id FOR UPDATE", id = id.clone())?.take(0)?;
    if known.is_some() {
        return Ok(());
    }
    insert(tx, "expiry", vec![ExpiryRow { id }]).await
}

/// Notes in the audit log what became of the end of a batch's access; in the name of who shared. It is found by secrets of the batch alone: what it is
/// about is told by these.
async fn note_expiry(
    tx: &Tx,
    event: Event,
    granter: AccountId,
    batch: BatchId,
    secrets: BTreeSet<SecretId>,
) -> Result<(), StoreError> {
    let id = audit::new_id();
    // None of the batch's parts is about it.
    let (_, digest) = parts_of_event(tx, batch, id).await?;
    let of_batch = audit::secrets_of(tx, batch).await?;
    let secrets = secrets.intersection(&of_batch).copied().collect();
    let of = OfBatch { batch, digest, secrets, recipients: Vec::new() };
    audit::note_batch(tx, id, event, granter, of).await
}
