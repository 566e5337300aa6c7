//! Undo: brings back what was before a batch, as far as nothing that was done later says otherwise. It is a batch itself, and can be undone.

mod left_out;
mod plan;
mod restored;
mod tags;
mod taken_back;

use std::collections::{BTreeMap, BTreeSet};

use vault::{AccountId, BatchId, Grants, SecretId};

use crate::access_change::{changed, present, share_anew};
use crate::account::require_active;
use crate::batch::{self, BatchKind, BatchPart, NewBatch, Request};
use crate::clock::{Millis, now};
use crate::database::{Store, Tx, query};
use crate::deleted::{delete, restore};
use crate::error::StoreError;
use crate::limit::forget_settled;
use crate::record;
use crate::secret::{KeyToShare, retag, switch};
use crate::settle::{GivenAway, make_due};
use crate::share::{NewShare, change_ownership, is_new};
use crate::transfer::leave;

pub use left_out::LeftOut;
pub(crate) use plan::may_undo_all;
use plan::{Undoing, undoing};
use restored::keep_out;
pub(crate) use taken_back::may_take_back;
use taken_back::take_back;

/// What undoing a batch would do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoPlan {
    /// What kind of batch it is.
    pub kind: BatchKind,
    /// How many secrets the access that it gave ends for.
    pub ends: usize,
    /// What is to be shared anew, by the owner's client.
    pub restored: Vec<Restored>,
    /// The secrets that are enabled, disabled, deleted, taken out of the bin, or get the tags that they had.
    pub switched: Vec<SecretId>,
    /// What comes back to the caller, who gave it away: their client opens it by the transfer.
    pub given: Option<GivenAway>,
    /// How many secrets of the batch stay as they are, and why.
    pub left_out: LeftOut,
}

/// Access that an undo gives back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// To whom, with which permission.
    pub grants: Grants,
    /// To what.
    pub secrets: Vec<SecretId>,
    /// When it ends by itself, as it did before.
    pub ends_at: Option<Millis>,
}

/// An undo, sealed and signed where it shares anew.
#[derive(Clone, Debug)]
pub struct Undo {
    /// Made by the client: the same undo again is done once.
    pub id: BatchId,
    /// What is undone.
    pub batch: BatchId,
    /// [`UndoPlan::restored`] as shares.
    pub shares: Vec<NewShare>,
    /// The keys of [`UndoPlan::given`], sealed under the account key of who gave it away.
    pub keys: Vec<(SecretId, KeyToShare)>,
}

impl Store {
    /// What undoing a batch would do now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for those who may not undo it, [`StoreError::Stale`] where it was undone already.
    pub async fn undo_plan(&self, caller: AccountId, batch: BatchId) -> Result<UndoPlan, StoreError> {
        self.transact(|tx| async move { Ok(undoing(&tx, caller, batch).await?.plan) }).await
    }

    /// Undoes a batch, all of it that is still in force. Administrators, who have no keys, can undo what gave access. A transfer is undone by who gave
    /// the secrets away themselves, and until they are taken over.
    ///
    /// # Errors
    /// As [`Store::undo_plan`]; [`StoreError::Stale`] also where something has changed since the plan, [`StoreError::Refused`] with what cannot be
    /// shared anew or taken back, [`StoreError::Reused`] for another batch with this id.
    pub async fn undo(&self, caller: AccountId, undo: &Undo) -> Result<(), StoreError> {
        if !undo.shares.iter().all(|share| is_new(caller, share)) {
            return Err(StoreError::Malformed("the parts of the shares and their manifests"));
        }
        self.transact(|tx| async move {
            require_active(&tx, caller).await?;
            let mut request =
                Request::new(batch::read(&tx, undo.batch).await?.kind()?).part(undo.batch.uuid().as_bytes());
            request = undo.shares.iter().fold(request, Request::share);
            request = undo
                .keys
                .iter()
                .fold(request, |request, (secret, known)| request.part(secret.as_bytes()).part(&known.key));
            let digest = request.digest();
            if batch::is_done(&tx, caller, undo.id, &digest).await? {
                return Ok(());
            }
            let undoing = undoing(&tx, caller, undo.batch).await?;
            let plan = &undoing.plan;
            if !is_as_planned(plan, undo) {
                return Err(StoreError::Stale);
            }
            let parts = match plan.kind {
                BatchKind::Enable | BatchKind::Disable => {
                    switch(&tx, caller, undo.id, &plan.switched, plan.kind == BatchKind::Enable).await?
                }
                BatchKind::Tag => retag(&tx, caller, &undoing.taggings).await?,
                BatchKind::Transfer => {
                    let given = plan.given.as_ref().ok_or(StoreError::Stale)?;
                    take_back(&tx, caller, undo, given).await?
                }
                BatchKind::Delete | BatchKind::Restore => {
                    if plan.kind == BatchKind::Delete {
                        delete(&tx, caller, undo.id, &plan.switched).await?;
                    } else {
                        restore(&tx, caller, undo.id, &plan.switched).await?;
                    }
                    BTreeMap::from([(caller, vec![BatchPart::of(plan.switched.clone())])])
                }
                _ => undo_access(&tx, caller, undo, &undoing).await?,
            };
            let by = undoing.row.by()?;
            let doer = undoing.parts.keys().all(|owner| *owner != by).then_some(by);
            let taken_from = plan.given.as_ref().and_then(|given| given.signed.manifest.new_owner());
            for owner in undoing.parts.keys().chain(&doer).chain(&taken_from) {
                let id = record::activity(*owner, undoing.row.event());
                query!(tx, "UPDATE $id SET undone_by = $by RETURN NONE", id = id, by = record::batch(undo.id))?;
            }
            let undoes = Some(undo.batch);
            let new = NewBatch { id: undo.id, kind: plan.kind, by: caller, digest, undoes, parts, also: None };
            batch::write(&tx, new).await
        })
        .await
    }
}

/// Whether the shares and keys are what the plan wants, and there is anything to be done at all.
fn is_as_planned(plan: &UndoPlan, undo: &Undo) -> bool {
    let wanted: BTreeSet<_> = plan.restored.iter().map(|part| (part.ends_at, &part.grants, &part.secrets)).collect();
    let given: BTreeSet<_> =
        undo.shares.iter().map(|share| (share.ends_at, &share.manifest.grants, &share.manifest.items)).collect();
    let back = plan.given.iter().flat_map(|given| &given.items).map(|(secret, _, epoch)| (*secret, *epoch));
    let (back, keys): (BTreeSet<_>, BTreeSet<_>) =
        (back.collect(), undo.keys.iter().map(|(secret, known)| (*secret, known.epoch)).collect());
    let does_something =
        plan.ends > 0 || !plan.restored.is_empty() || !plan.switched.is_empty() || plan.given.is_some();
    does_something
        && wanted == given
        && given.len() == undo.shares.len()
        && back == keys
        && keys.len() == undo.keys.len()
}

/// Ends what the batch gave, and gives back what it took. What has changed, by owners.
async fn undo_access(
    tx: &Tx,
    caller: AccountId,
    undo: &Undo,
    undoing: &Undoing,
) -> Result<BTreeMap<AccountId, Vec<BatchPart>>, StoreError> {
    let mut concerned: BTreeMap<(AccountId, AccountId), Vec<SecretId>> = BTreeMap::new();
    let ended =
        undoing.live.iter().flat_map(|(share, gone)| gone.iter().map(|secret| (share.manifest.granter, *secret)));
    let given = undo.shares.iter().flat_map(|share| share.manifest.items.iter().map(|secret| (caller, *secret)));
    for (owner, secret) in ended.chain(given).collect::<BTreeSet<_>>() {
        concerned.entry((owner, owner)).or_default().push(secret);
    }
    let before = present(tx, concerned.clone()).await?;
    for (share, gone) in &undoing.live {
        let granter = share.manifest.granter;
        change_ownership(tx, granter).await?;
        leave(tx, share, &gone.iter().copied().collect()).await?;
        make_due(tx, gone, &now()).await?;
        forget_settled(tx, granter).await?;
    }
    share_anew(tx, caller, undo.id, &undo.shares).await?;
    keep_out(tx, &undo.shares).await?;
    Ok(changed(&before, &present(tx, concerned).await?))
}
