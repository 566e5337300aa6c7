//! Enabling and disabling, of any number of secrets at once.

use std::collections::BTreeMap;

use vault::{AccountId, BatchId, SecretId};

use super::states;
use crate::access::{Access, access, rely_on_access};
use crate::account::{Role, require_active};
use crate::batch::{self, BatchKind, BatchPart, NewBatch, Request};
use crate::clock::now;
use crate::database::{Store, Tx, query};
use crate::error::{Problem, Reason, StoreError, Subject};
use crate::record;
use crate::share::change_ownership;

impl Store {
    /// Enables or disables secrets, all or none, by their owner or someone who may edit them. Administrators may disable any.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with every secret that the caller may not enable or disable, [`StoreError::Reused`] for another batch with this id.
    pub async fn set_enabled(
        &self,
        caller: AccountId,
        id: BatchId,
        secrets: &[SecretId],
        enabled: bool,
    ) -> Result<(), StoreError> {
        let kind = if enabled { BatchKind::Enable } else { BatchKind::Disable };
        self.transact(|tx| async move {
            let digest = Request::new(kind).secrets(secrets).digest();
            if batch::is_done(&tx, caller, id, &digest).await? {
                return Ok(());
            }
            let parts = switch(&tx, caller, id, secrets, enabled).await?;
            batch::write(&tx, NewBatch { id, kind, by: caller, digest, undoes: None, parts, also: None }).await
        })
        .await
    }
}

/// Enables or disables secrets, all or none, as the batch says. Those that were not so before, by their owners.
pub(crate) async fn switch(
    tx: &Tx,
    caller: AccountId,
    batch: BatchId,
    secrets: &[SecretId],
    enabled: bool,
) -> Result<BTreeMap<AccountId, Vec<BatchPart>>, StoreError> {
    let may_disable_any = require_active(tx, caller).await? == Role::Administrator && !enabled;
    let states = states(tx, secrets).await?;
    let (mut problems, mut switched) = (Vec::new(), BTreeMap::<AccountId, Vec<SecretId>>::new());
    for secret in secrets {
        let found = match states.get(secret) {
            Some(state) if may_disable_any => Some((Access::Owner, state)),
            Some(state) => access(tx, caller, *secret, state.owner).await?.map(|access| (access, state)),
            None => None,
        };
        let reason = match found {
            Some((access, state)) if access.may_edit() => {
                let of_owner = switched.entry(state.owner).or_default();
                if state.enabled != enabled {
                    of_owner.push(*secret);
                }
                continue;
            }
            Some(_) => Reason::Forbidden,
            None => Reason::NotFound,
        };
        problems.push(Problem { subject: Subject::Secret(*secret), reason });
    }
    if !problems.is_empty() {
        return Err(StoreError::Refused(problems));
    }
    for (owner, secrets) in &switched {
        // Shares rely on secrets being enabled: only what takes that away has to be in their way.
        if !enabled && !secrets.is_empty() {
            change_ownership(tx, *owner).await?;
        }
        if *owner != caller && !may_disable_any {
            rely_on_access(tx, caller, *owner).await?;
        }
        query!(
            tx,
            "UPDATE $ids SET enabled = $enabled, enabled_batch = $batch, changed_at = $now, changed_by = $caller
             RETURN NONE",
            ids = record::secrets(secrets),
            enabled = enabled,
            batch = record::batch(batch),
            now = now(),
            caller = record::account(caller)
        )?;
    }
    switched.retain(|_, secrets| !secrets.is_empty());
    Ok(switched.into_iter().map(|(owner, secrets)| (owner, vec![BatchPart::of(secrets)])).collect())
}
