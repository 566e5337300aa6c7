//! Ending and lowering access, and raising it: for any number of secrets and recipients at once.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use surrealdb::types::RecordId;
use vault::{
    AccountId, BatchId, Grants, Limit, Permission, RecipientId, SecretId, ShareId, SignedManifest, by_recipients,
    taken_over,
};

use crate::access::{access, grants_to, group_for, items_of, recipients_of, shared_by_way_of};
use crate::account::{Role, require_active};
use crate::batch::{self, BatchKind, BatchPart, Given, NewBatch, Request, changes};
use crate::clock::now;
use crate::database::{Store, Tx, query};
use crate::error::{Problem, Reason, StoreError, Subject};
use crate::leave::left_in;
use crate::limit;
use crate::record;
use crate::search::{DirectoryEntry, entries};
use crate::secret::{Act, states};
use crate::share::{
    NewShare, change_ownership, is_new, require_all, require_later, require_signature, shares_with, write,
};

/// A change of who has access to secrets.
#[derive(Clone, Debug)]
pub struct AccessChange {
    /// Made by the client: the same change again is done once.
    pub id: BatchId,
    /// The secrets whose access is limited.
    pub secrets: Vec<SecretId>,
    /// Who keeps at most what of them; nothing, where it says so. Whoever has less, or nothing, stays as they are.
    pub limits: Vec<(RecipientId, Option<Permission>)>,
    /// What is shared anew after that: a raise, where it is shared with the same people already.
    pub shares: Vec<NewShare>,
}

/// Who has access to some secrets of one owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentAccess {
    /// The secrets, by those who have access to them. Secrets that nobody has access to are left out.
    pub parts: Vec<(Grants, Vec<SecretId>)>,
    /// Everyone in them.
    pub recipients: Vec<DirectoryEntry>,
}

impl AccessChange {
    fn kind(&self) -> BatchKind {
        let ends_all = self.shares.is_empty() && self.limits.iter().all(|(_, left)| left.is_none());
        if ends_all { BatchKind::Unshare } else { BatchKind::ChangePermission }
    }

    fn digest(&self) -> String {
        let mut request = Request::new(self.kind()).secrets(&self.secrets);
        for (recipient, left) in &self.limits {
            let left = left.map_or("none", crate::access::permission_text);
            request = request.part(recipient.as_bytes()).part(left.as_bytes());
        }
        self.shares.iter().fold(request, Request::share).digest()
    }
}

impl Store {
    /// Who has access to secrets of `caller`, or of anybody for administrators.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with every secret that is not the caller's.
    pub async fn access_to(&self, caller: AccountId, secrets: &[SecretId]) -> Result<PresentAccess, StoreError> {
        let sorted: BTreeSet<SecretId> = secrets.iter().copied().collect();
        let sorted: Vec<SecretId> = sorted.into_iter().collect();
        self.transact(|tx| {
            let sorted = &sorted;
            async move {
                let any = require_active(&tx, caller).await? == Role::Administrator;
                let mut parts: BTreeMap<Grants, Vec<SecretId>> = BTreeMap::new();
                for found in present(&tx, require_may_limit(&tx, caller, sorted, any).await?).await? {
                    for (grants, mut secrets) in by_recipients(&found.shares, &found.secrets, found.owner) {
                        parts.entry(grants).or_default().append(&mut secrets);
                    }
                }
                let everyone: BTreeSet<RecipientId> = parts.keys().flatten().map(|(recipient, _)| *recipient).collect();
                let recipients = entries(&tx, everyone.into_iter().collect()).await?;
                Ok(PresentAccess { parts: parts.into_iter().collect(), recipients })
            }
        })
        .await
    }

    /// What `account` has access to of what `caller` owns, also by groups that `caller` may see, without what is disabled.
    ///
    /// # Errors
    /// Where the database cannot answer.
    pub async fn access_of(
        &self,
        caller: AccountId,
        account: AccountId,
    ) -> Result<Vec<(SecretId, Permission)>, StoreError> {
        self.transact(|tx| async move {
            let text = "SELECT VALUE id FROM secret WHERE owner = $caller AND enabled AND deleted_at IS NONE";
            let own: Vec<RecordId> = query!(tx, text, caller = record::account(caller))?.take(0)?;
            let own = own.iter().map(record::id).collect::<Result<HashSet<SecretId>, _>>()?;
            let mut ways = Vec::new();
            for recipient in recipients_of(&tx, account).await? {
                // Who is in a group is told to nobody who may not see it.
                let may_know = match recipient {
                    RecipientId::Account(_) => true,
                    RecipientId::Group(group) => group_for(&tx, caller, caller, group).await?.is_some(),
                };
                if may_know {
                    ways.push(recipient);
                }
            }
            let with = shared_by_way_of(&tx, account, &ways, None).await?.into_iter();
            let mut found: Vec<(SecretId, Permission)> =
                with.filter(|(id, _)| own.contains(id)).map(|(id, with)| (id, with.permission)).collect();
            found.sort_unstable();
            Ok(found)
        })
        .await
    }

    /// Changes who has access to secrets, all or nothing. What ends or is lowered takes effect at once, and is due for settling. Administrators may end
    /// access to any secret; everything else is its owner's.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with every secret that is not the caller's and every share's problems, [`StoreError::Reused`] for another change with
    /// this id, [`StoreError::Malformed`] where the parts do not fit.
    pub async fn change_access(&self, caller: AccountId, change: &AccessChange) -> Result<(), StoreError> {
        let secrets: BTreeSet<SecretId> = change.secrets.iter().copied().collect();
        let limits: BTreeMap<RecipientId, Option<Permission>> = change.limits.iter().copied().collect();
        if !change.shares.iter().all(|share| is_new(caller, share))
            || secrets.len() != change.secrets.len()
            || limits.len() != change.limits.len()
            || limits.values().any(|left| *left == Some(Permission::Own))
        {
            return Err(StoreError::Malformed("the parts of the change of access"));
        }
        self.transact(|tx| {
            let (secrets, limits) = (&secrets, &limits);
            async move {
                let is_administrator = require_active(&tx, caller).await? == Role::Administrator;
                let (id, kind, digest) = (change.id, change.kind(), change.digest());
                if batch::is_done(&tx, caller, id, &digest).await? {
                    return Ok(());
                }
                let any = is_administrator && kind == BatchKind::Unshare;
                let concerned = change.shares.iter().flat_map(|share| &share.manifest.items).chain(secrets).copied();
                let concerned: Vec<SecretId> = concerned.collect::<BTreeSet<_>>().into_iter().collect();
                let concerned = require_may_limit(&tx, caller, &concerned, any).await?;
                let before = present(&tx, concerned.clone()).await?;
                limit_all(&tx, secrets, limits).await?;
                share_anew(&tx, caller, id, &change.shares).await?;
                let parts = changed(&before, &present(&tx, concerned).await?);
                let kind = if change.limits.is_empty() && is_new_to_all(&parts) { BatchKind::Share } else { kind };
                batch::write(&tx, NewBatch { id, kind, by: caller, digest, undoes: None, parts, also: None }).await
            }
        })
        .await
    }
}

/// Whether nobody had access before to what they have now.
fn is_new_to_all(parts: &BTreeMap<AccountId, Vec<BatchPart>>) -> bool {
    parts.values().flatten().flat_map(|part| &part.changes).all(|change| change.before.is_none())
}

/// The access to some secrets of one owner, by the shares that give it.
pub(crate) struct Present {
    pub owner: AccountId,
    /// In order of their ids.
    pub secrets: Vec<SecretId>,
    /// Who left what is among their limits.
    pub shares: Vec<SignedManifest>,
}

impl Present {
    /// Who has access to which of the secrets, by when it ends.
    pub fn given(&self) -> Given {
        taken_over(&self.shares, &self.secrets, self.owner)
    }
}

/// The access to secrets as it is now, by who may have shared them and who owns them. The transaction fails if a share of them changes before it
/// commits.
pub(crate) async fn present(
    tx: &Tx,
    secrets: BTreeMap<(AccountId, AccountId), Vec<SecretId>>,
) -> Result<Vec<Present>, StoreError> {
    let mut found = Vec::with_capacity(secrets.len());
    for ((granter, owner), secrets) in secrets {
        let mut shares = shares_with(tx, granter, &secrets).await?;
        for share in &mut shares {
            let left = left_in(tx, share.manifest.share).await?;
            share.limits.extend(left.iter().map(gone).collect::<Result<Vec<_>, _>>()?);
            share.left.clear();
        }
        found.push(Present { owner, secrets, shares });
    }
    Ok(found)
}

/// What is different, by owners.
pub(crate) fn changed(before: &[Present], after: &[Present]) -> BTreeMap<AccountId, Vec<BatchPart>> {
    let mut parts: BTreeMap<AccountId, Vec<BatchPart>> = BTreeMap::new();
    for (before, after) in before.iter().zip(after) {
        let changes = changes(&before.given(), &after.given());
        if !changes.is_empty() {
            parts.entry(after.owner).or_default().extend(changes);
        }
    }
    parts
}

/// Writes shares as those of a batch.
pub(crate) async fn share_anew(
    tx: &Tx,
    caller: AccountId,
    batch: BatchId,
    shares: &[NewShare],
) -> Result<(), StoreError> {
    for share in shares {
        require_all(tx, caller, share, Act::Share).await?;
        require_signature(tx, caller, share).await?;
        require_later(share.ends_at)?;
        write(tx, share, Some(batch)).await?;
    }
    Ok(())
}

/// Who left a secret, as a limit.
fn gone((secret, people): &(SecretId, Vec<RecordId>)) -> Result<Limit, StoreError> {
    let mut recipients =
        people.iter().map(|id| Ok((record::recipient_id(id)?, None))).collect::<Result<Vec<_>, StoreError>>()?;
    recipients.sort_unstable();
    Ok(Limit { secrets: vec![*secret], recipients })
}

/// Fails with every secret that `caller` cannot limit the access to. All of them, by who may have shared them and who
/// owns them.
pub(crate) async fn require_may_limit(
    tx: &Tx,
    caller: AccountId,
    secrets: &[SecretId],
    any: bool,
) -> Result<BTreeMap<(AccountId, AccountId), Vec<SecretId>>, StoreError> {
    let states = states(tx, secrets).await?;
    let (mut found, mut problems) = (BTreeMap::<_, Vec<SecretId>>::new(), Vec::new());
    for secret in secrets {
        let reason = match states.get(secret) {
            Some(state) if state.owner == caller || any => {
                for granter in [Some(state.owner), state.giver].into_iter().flatten() {
                    found.entry((granter, state.owner)).or_default().push(*secret);
                }
                continue;
            }
            Some(state) if access(tx, caller, *secret, state.owner).await?.is_some() => Reason::Forbidden,
            _ => Reason::NotFound,
        };
        problems.push(Problem { subject: Subject::Secret(*secret), reason });
    }
    if problems.is_empty() { Ok(found) } else { Err(StoreError::Refused(problems)) }
}

/// Limits what recipients have of secrets, in every live share that gives it to them. One limit for each of those who shared: that is the owner, or
/// the one before while a transfer has yet to be taken over.
async fn limit_all(
    tx: &Tx,
    secrets: &BTreeSet<SecretId>,
    limits: &BTreeMap<RecipientId, Option<Permission>>,
) -> Result<(), StoreError> {
    let recipients: Vec<RecipientId> = limits.keys().copied().collect();
    let mut touched: BTreeMap<AccountId, HashSet<ShareId>> = BTreeMap::new();
    for (share, grants) in grants_to(tx, &recipients).await? {
        // What a transfer grants is no access that a limit could end.
        let granter = grants.iter().find(|grant| grant.permission != Permission::Own).map(|grant| grant.granter);
        let Some(granter) = granter else { continue };
        if items_of(tx, share).await?.iter().any(|item| secrets.contains(item)) {
            touched.entry(granter).or_default().insert(share);
        }
    }
    for (granter, shares) in touched {
        let number = change_ownership(tx, granter).await?;
        limit::write(tx, granter, number, secrets, limits).await?;
        let shares: Vec<RecordId> = shares.into_iter().map(record::share).collect();
        let text = "UPDATE $shares SET due_since = due_since ?? $now, limits += 1 RETURN NONE";
        query!(tx, text, shares = shares, now = now())?;
    }
    Ok(())
}
