//! Server functions for receipts and undo.

#![expect(missing_docs, reason = "the fields of the structs that `#[server]` makes are the arguments of its functions")]

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};
use vault::{BatchId, Grants, Permission, RecipientId, SecretId};

use crate::error::AppError;
use crate::settling::api::GivenAway;
use crate::share::api::{KeyToShare, NewShare, Recipient};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BatchKind {
    /// Secrets were shared.
    Share,
    /// Access of some recipients ended.
    Unshare,
    /// Permissions of some recipients changed.
    ChangePermission,
    /// Secrets were enabled.
    Enable,
    /// Secrets were disabled.
    Disable,
    /// Secrets got another owner.
    Transfer,
    /// Secrets went to the bin.
    Delete,
    /// Secrets came back from the bin.
    Restore,
    /// Secrets got tags, or lost some.
    Tag,
    /// Secrets were added together.
    Import,
}

/// One line of the sharing activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityEntry {
    /// Names the line, in the order of time.
    pub event: u128,
    /// The batch.
    pub id: BatchId,
    /// What was done.
    pub kind: BatchKind,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Name and username of who did it.
    pub by: (String, String),
    /// How many secrets.
    pub secrets: u64,
    /// For how many people and groups something changed.
    pub recipients: u64,
    /// Whether it was undone.
    pub undone: bool,
    /// Whether it undid another one.
    pub undoes: bool,
}

/// What became of one recipient's permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Who.
    pub recipient: RecipientId,
    /// What they had; nothing also where it was not looked at, because a share only ever adds.
    pub before: Option<Permission>,
    /// What they have since.
    pub after: Option<Permission>,
}

/// Secrets with which a batch did the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchPart {
    /// The secrets.
    pub secrets: Vec<SecretId>,
    /// When the access ends, or would have ended, by itself.
    pub ends_at: Option<i64>,
    /// Whose permission changed.
    pub changes: Vec<Change>,
    /// The tags that they got.
    pub tagged: Vec<String>,
    /// The tags that they lost.
    pub untagged: Vec<String>,
}

/// Everything about one batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What was done.
    pub kind: BatchKind,
    /// When.
    pub at: i64,
    /// Name and username of who did it.
    pub by: (String, String),
    /// What changed, as far as it is for the caller.
    pub parts: Vec<BatchPart>,
    /// Everyone in the parts.
    pub recipients: Vec<Recipient>,
    /// The names of its secrets: of the first 200, without those that are gone for good or that the caller does not see.
    pub names: Vec<(SecretId, String)>,
    /// After which secret the next names come; `None` where these were all.
    pub more: Option<SecretId>,
    /// The batch that has undone it.
    pub undone_by: Option<BatchId>,
    /// The batch that it undid.
    pub undoes: Option<BatchId>,
    /// Whether access that it gave still goes on.
    pub is_live: bool,
    /// When the last of that ends by itself: not at all, where some of it does not.
    pub ends_at: Option<i64>,
    /// When the first of it does.
    pub first_end: Option<i64>,
    /// Whether the caller owns the secrets.
    pub is_owner: bool,
    /// Whether the caller may undo it, and there may be something to be undone.
    pub may_undo: bool,
    /// Who owns all of the secrets since somebody gave them away; `None` also where it is the caller.
    pub new_owner: Option<RecipientId>,
}

/// What undoing a batch would do now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoPlan {
    /// What kind of batch that is.
    pub kind: BatchKind,
    /// How many secrets the access that it gave ends for.
    pub ends: u64,
    /// What is to be shared anew, by the owner's client.
    pub restored: Vec<Restored>,
    /// How many secrets are enabled, disabled, deleted, taken out of the bin, or get the tags that they had.
    pub switched: u64,
    /// What comes back to the caller, who gave it away: their browser opens it by the transfer.
    pub given: Option<GivenAway>,
    /// How many secrets of the batch stay as they are, and why.
    pub left_out: LeftOut,
}

/// How many secrets of a batch an undo leaves as they are, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Because of what was done later.
    pub later: u64,
    /// Because they are disabled: once they are enabled it can be undone for them as well.
    pub disabled: u64,
    /// Because nobody of those who had access is active.
    pub inactive: u64,
    /// Because they would have more tags than a secret may have.
    pub full: u64,
    /// Because their new owner has taken them over.
    pub taken_over: u64,
}

/// Access that an undo gives back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// To whom, with which permission.
    pub grants: Grants,
    /// To what.
    pub secrets: Vec<SecretId>,
    /// When it ends by itself, as it did before.
    pub ends_at: Option<i64>,
}

/// An undo, sealed and signed where it shares anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// Made by the client: the same undo again is done once.
    pub id: BatchId,
    /// What is undone.
    pub batch: BatchId,
    /// [`UndoPlan::restored`] as shares.
    pub shares: Vec<NewShare>,
    /// The keys of [`UndoPlan::given`], sealed under the caller's account key.
    pub keys: Vec<(SecretId, KeyToShare)>,
}

/// The batches that the caller did, and those about their secrets, before one of them or from the last: the latest first, at most 50.
#[server(prefix = "/api", endpoint = "list_activity", input = Postcard, output = Postcard)]
pub async fn list_activity(before: Option<u128>) -> Result<Vec<ActivityEntry>, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        let found = backend().store.activity(caller.id, before).await?;
        Ok(found.into_iter().map(Into::into).collect())
    })
    .await
}

/// Everything about one batch, for who did it, the owners of the secrets, and administrators.
#[server(prefix = "/api", endpoint = "get_receipt", input = Postcard, output = Postcard)]
pub async fn get_receipt(batch: BatchId) -> Result<Receipt, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async { Ok(backend().store.receipt(caller().await?.id, batch).await?.into()) }).await
}

/// Names of a batch's secrets, and after which of them the next ones come; `None` at the end.
pub type Names = (Vec<(SecretId, String)>, Option<SecretId>);

/// More names of a batch's secrets, those after one of them: of 1,000 at a time.
#[server(prefix = "/api", endpoint = "receipt_names", input = Postcard, output = Postcard)]
pub async fn receipt_names(batch: BatchId, after: SecretId) -> Result<Names, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async { Ok(backend().store.receipt_names(caller().await?.id, batch, after).await?) }).await
}

/// What undoing a batch would do now.
#[server(prefix = "/api", endpoint = "plan_undo", input = Postcard, output = Postcard)]
pub async fn plan_undo(batch: BatchId) -> Result<UndoPlan, AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let plan = backend().store.undo_plan(caller().await?.id, batch).await;
        Ok(plan.map_err(changed_in_between)?.into())
    })
    .await
}

/// Undoes a batch, all of it that is still in force.
#[server(prefix = "/api", endpoint = "undo_batch", input = Postcard, output = Postcard)]
pub async fn undo_batch(undo: Undo) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    respond(async {
        let caller = caller().await?;
        let Undo { id, batch, shares, keys } = undo;
        if !keys.iter().all(|(_, known)| (1..=256).contains(&known.key.len())) {
            return Err(AppError::BadRequest);
        }
        let shares = shares.into_iter().map(NewShare::checked).collect::<Result<Vec<_>, _>>()?;
        let keys = keys.into_iter().map(|(secret, known)| (secret, known.into())).collect();
        backend().store.undo(caller.id, &store::Undo { id, batch, shares, keys }).await.map_err(changed_in_between)?;
        tracing::info!(account = %caller.id, batch = %id, undone = %batch, "batch undone");
        Ok(())
    })
    .await
}

/// Sets when the access that a batch of the caller gave ends by itself; never, without a time.
#[server(prefix = "/api", endpoint = "set_expiry", input = Postcard, output = Postcard)]
pub async fn set_expiry(batch: BatchId, ends_at: Option<i64>) -> Result<(), AppError> {
    use crate::backend::{backend, caller, respond};
    use crate::share::api::check_end;
    respond(async {
        let caller = caller().await?;
        check_end(ends_at)?;
        backend().store.set_expiry(caller.id, batch, ends_at).await.map_err(|error| match error {
            store::StoreError::Stale => AppError::NotAllYours,
            other => other.into(),
        })?;
        tracing::info!(account = %caller.id, %batch, ends_at, "expiry set");
        Ok(())
    })
    .await
}

/// Of a batch there is nothing to be written over: it was undone, ended or changed by somebody else.
#[cfg(feature = "ssr")]
pub(crate) fn changed_in_between(error: store::StoreError) -> AppError {
    match error {
        store::StoreError::Stale => AppError::BatchChanged,
        other => other.into(),
    }
}

#[cfg(feature = "ssr")]
mod from_store {
    use super::{ActivityEntry, BatchKind, BatchPart, Change, LeftOut, Receipt, Restored, UndoPlan};

    impl From<store::BatchKind> for BatchKind {
        fn from(kind: store::BatchKind) -> Self {
            match kind {
                store::BatchKind::Share => Self::Share,
                store::BatchKind::Unshare => Self::Unshare,
                store::BatchKind::ChangePermission => Self::ChangePermission,
                store::BatchKind::Enable => Self::Enable,
                store::BatchKind::Disable => Self::Disable,
                store::BatchKind::Transfer => Self::Transfer,
                store::BatchKind::Delete => Self::Delete,
                store::BatchKind::Restore => Self::Restore,
                store::BatchKind::Tag => Self::Tag,
                store::BatchKind::Import => Self::Import,
            }
        }
    }

    impl From<store::ActivityEntry> for ActivityEntry {
        fn from(entry: store::ActivityEntry) -> Self {
            let store::ActivityEntry { event, id, kind, at, by, secrets, recipients, undone, undoes } = entry;
            Self { event, id, kind: kind.into(), at, by, secrets, recipients, undone, undoes }
        }
    }

    impl From<store::BatchPart> for BatchPart {
        fn from(part: store::BatchPart) -> Self {
            let change = |change: store::Change| {
                let store::Change { recipient, before, after } = change;
                Change { recipient, before, after }
            };
            let changes = part.changes.into_iter().map(change).collect();
            let store::BatchPart { secrets, ends_at, tagged, untagged, .. } = part;
            Self { secrets, ends_at, changes, tagged, untagged }
        }
    }

    impl From<store::Receipt> for Receipt {
        fn from(receipt: store::Receipt) -> Self {
            let store::Receipt {
                kind,
                at,
                by,
                parts,
                recipients,
                names,
                more,
                undone_by,
                undoes,
                is_live,
                ends_at,
                first_end,
                is_owner,
                may_undo,
                new_owner,
            } = receipt;
            Self {
                kind: kind.into(),
                at,
                by,
                parts: parts.into_iter().map(Into::into).collect(),
                recipients: recipients.into_iter().map(Into::into).collect(),
                names,
                more,
                undone_by,
                undoes,
                is_live,
                ends_at,
                first_end,
                is_owner,
                may_undo,
                new_owner,
            }
        }
    }

    impl From<store::UndoPlan> for UndoPlan {
        fn from(plan: store::UndoPlan) -> Self {
            let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
            let restored = |part: store::Restored| {
                let store::Restored { grants, secrets, ends_at } = part;
                Restored { grants, secrets, ends_at }
            };
            let store::LeftOut { later, disabled, inactive, full, taken_over } = plan.left_out;
            let [later, disabled, inactive, full, taken_over] =
                [later, disabled, inactive, full, taken_over].map(count);
            Self {
                kind: plan.kind.into(),
                ends: count(plan.ends),
                restored: plan.restored.into_iter().map(restored).collect(),
                switched: count(plan.switched.len()),
                given: plan.given.map(Into::into),
                left_out: LeftOut { later, disabled, inactive, full, taken_over },
            }
        }
    }
}
