//! Several secrets handled by one confirmed action. The state lives above the dialogs, so that it outlives each of them.

mod confirm;
mod effect;
mod failure;
mod kind;
mod sending;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use leptos::prelude::*;
use vault::{BatchId, RecipientId, SecretId};

use crate::access::api::{PresentAccess, access_to};
use crate::account::{Session, use_session};
use crate::deleted::api::delete_secrets;
use crate::error::{AppError, Problem, Subject};
use crate::language::t;
use crate::pages::{self, SecretPart, SharingPart};
use crate::secret::api::{leave_secrets, set_enabled};
use crate::secret::{SecretList, Selection, use_secret_list};
use crate::share::api::{KeyToShare, keys_to_share};
use crate::transfer::api::keys_to_transfer;
use crate::ui::{Toasts, later, later_quietly, number, use_toasts};
pub(crate) use confirm::ConfirmDialog;
pub(crate) use failure::{Failure, Rest};
pub(crate) use kind::Kind;
pub(crate) use sending::Sending;

/// How many of the records that keep a batch from being done are listed by name.
const LISTED: usize = 20;

/// Secrets that are about to be shared or transferred, with their keys, still sealed to their owner.
#[derive(Clone)]
pub(crate) struct Chosen {
    pub ids: Vec<SecretId>,
    pub keys: HashMap<SecretId, KeyToShare>,
    pub extends: Option<Extends>,
}

/// What is said of a batch that was done, and which it was.
pub(crate) type Done = (String, BatchId);

/// A batch that is shared further, and when the access by it ends by itself.
pub(crate) type Extends = (BatchId, Option<i64>);

impl Chosen {
    /// With the keys in the order of the secrets.
    pub(crate) fn new(ids: Vec<SecretId>, keys: Vec<KeyToShare>, extends: Option<Extends>) -> Self {
        let keys = ids.iter().copied().zip(keys).collect();
        Self { ids, keys, extends }
    }

    /// The same without the secrets that were refused.
    pub(crate) fn without(&self, refused: &HashSet<SecretId>) -> Self {
        Self { ids: without(&self.ids, refused), ..self.clone() }
    }
}

pub(crate) fn without(ids: &[SecretId], refused: &HashSet<SecretId>) -> Vec<SecretId> {
    ids.iter().copied().filter(|id| !refused.contains(id)).collect()
}

#[derive(Clone)]
enum Stage {
    Idle,
    Confirm(Kind, Vec<SecretId>),
    Share(Arc<Chosen>),
    Transfer(Arc<Chosen>),
    Limit(Kind, Vec<SecretId>, Arc<PresentAccess>),
    ShareOne(SecretId, String),
    Tag(Vec<SecretId>),
}

/// The batch under way on this page, if any.
#[derive(Clone, Copy)]
pub(crate) struct Batch {
    stage: RwSignal<Stage>,
    /// Counts the confirmations: an answer is for the one that asked.
    turn: StoredValue<u32>,
    /// The id of what was asked last: it is done once, also when the answer is lost and it is asked again.
    id: StoredValue<BatchId>,
    /// The secrets that it is about: they are ticked no more when it is done.
    secrets: StoredValue<Vec<SecretId>>,
    /// The batch that this share adds to, and when that ends by itself.
    extends: StoredValue<Option<Extends>>,
    done: RwSignal<u32>,
    /// Whether somebody is about to do something.
    near: RwSignal<bool>,
    pending: RwSignal<bool>,
    error: RwSignal<Option<AppError>>,
    list: SecretList,
    session: Session,
    toasts: Toasts,
}

/// Makes the batch known to everything below.
pub(crate) fn provide_batch() -> Batch {
    let batch = Batch {
        stage: RwSignal::new(Stage::Idle),
        turn: StoredValue::new(0),
        id: StoredValue::new(BatchId::random()),
        secrets: StoredValue::new(Vec::new()),
        extends: StoredValue::new(None),
        done: RwSignal::new(0),
        near: RwSignal::new(false),
        pending: RwSignal::new(false),
        error: RwSignal::new(None),
        list: use_secret_list(),
        session: use_session(),
        toasts: use_toasts(),
    };
    provide_context(batch);
    batch
}

pub(crate) fn use_batch() -> Batch {
    expect_context()
}

impl Batch {
    /// Asks whether to go on, where there is something to go on with.
    pub(crate) fn confirm(self, kind: Kind, ids: Vec<SecretId>) {
        if ids.is_empty() {
            self.toasts.failed(t!("Tick records in the list first."));
            return;
        }
        self.toasts.clear();
        self.error.set(None);
        self.turn.update_value(|turn| *turn += 1);
        self.id.set_value(BatchId::random());
        self.extends.set_value(None);
        self.secrets.set_value(ids.clone());
        self.stage.set(Stage::Confirm(kind, ids));
    }

    /// Shows who has access to one secret, to change it.
    pub(crate) fn share_one(self, id: SecretId) {
        self.toasts.clear();
        self.turn.update_value(|turn| *turn += 1);
        self.secrets.set_value(vec![id]);
        self.stage.set(Stage::ShareOne(id, self.name_of(id).unwrap_or_default()));
    }

    /// Back to the list, with the selection as it was.
    pub(crate) fn cancel(self) {
        self.turn.update_value(|turn| *turn += 1);
        self.stage.set(Stage::Idle);
    }

    /// Back to the list. Where nobody knows whether the batch was done, the list is asked.
    pub(crate) fn leave(self, unsettled: bool) {
        if unsettled {
            self.list.refresh();
        }
        self.cancel();
    }

    /// Done, with a message and a receipt, or left.
    pub(crate) fn end(self, done: Option<Done>) {
        match done {
            Some((message, receipt)) => self.finish(message, Some(receipt)),
            None => self.cancel(),
        }
    }

    /// Shares what an earlier batch has shared with more people and groups, in its name.
    pub(crate) fn extend(self, batch: BatchId, secrets: Vec<SecretId>, ends_at: Option<i64>) {
        self.confirm(Kind::Share, secrets);
        self.extends.set_value(Some((batch, ends_at)));
    }

    /// Somebody is about to do something: the code of the dialogs may come.
    pub(crate) fn come_near(self) {
        self.near.set(true);
    }

    /// Counts the batches that were done.
    pub(crate) fn done(self) -> Signal<u32> {
        self.done.into()
    }

    /// How a secret is called.
    pub(crate) fn name_of(self, id: SecretId) -> Option<String> {
        self.list.name_of(id)
    }

    /// What the list shows may not be true any more.
    pub(crate) fn refresh(self) {
        self.list.refresh();
    }

    /// The batch goes on with these alone.
    pub(crate) fn narrow(self, ids: Vec<SecretId>) {
        self.secrets.set_value(ids);
    }

    /// The batch was done: the list shows it, and what it was about is ticked no more.
    pub(crate) fn finish(self, message: String, receipt: Option<BatchId>) {
        self.stage.set(Stage::Idle);
        self.done.update(|done| *done += 1);
        // What gets more recipients from a receipt is ticked for something else, if at all.
        if self.extends.with_value(Option::is_none) {
            self.secrets.with_value(|secrets| self.list.select(|selection| selection.remove(secrets)));
        }
        self.list.refresh();
        self.toasts.done_with(message, receipt.map(receipt_address));
    }

    /// The person said yes.
    fn go_on(self, kind: Kind, ids: Vec<SecretId>) {
        if self.pending.get_untracked() {
            return;
        }
        self.error.set(None);
        self.secrets.set_value(ids.clone());
        let (count, batch, extends) = (ids.len(), self.id.get_value(), self.extends.get_value());
        let chosen = move |ids, keys| Arc::new(Chosen::new(ids, keys, extends));
        let work = async move {
            Ok(match kind {
                Kind::Share => Some(Stage::Share(chosen(ids.clone(), keys_to_share(ids).await?))),
                Kind::Transfer => Some(Stage::Transfer(chosen(ids.clone(), keys_to_transfer(ids, None).await?))),
                Kind::Unshare | Kind::ChangePermission | Kind::SameAccess => {
                    Some(Stage::Limit(kind, ids.clone(), Arc::new(access_to(ids).await?)))
                }
                Kind::Enable | Kind::Disable => {
                    set_enabled(batch, ids, kind == Kind::Enable).await?;
                    None
                }
                Kind::Tag => Some(Stage::Tag(ids)),
                Kind::Leave => {
                    leave_secrets(ids).await?;
                    None
                }
                Kind::Delete => {
                    delete_secrets(batch, ids).await?;
                    None
                }
            })
        };
        let turn = self.turn.get_value();
        self.session.send(self.pending, work, move |result| {
            // Whoever said No in the meantime, or asked for something else, is not taken any further.
            let still_asked = self.turn.get_value() == turn;
            match result {
                Ok(Some(next)) if still_asked => self.stage.set(next),
                Ok(None) => self.finish(kind.done(count), (kind != Kind::Leave).then_some(batch)),
                Err(failed) if still_asked => self.fail(failed, self.error),
                _ => {}
            }
        });
    }

    /// The batch was not done. Records that were refused are not what the list shows of them: it is loaded again.
    pub(crate) fn fail(self, failed: AppError, error: RwSignal<Option<AppError>>) {
        if matches!(failed, AppError::Refused(_)) {
            self.list.reload();
        }
        error.set(Some(failed));
    }
}

/// Where the receipt of a batch is.
pub(crate) fn receipt_address(batch: BatchId) -> String {
    format!("/activity/{batch}")
}

/// What keeps a batch from being done, each by its name and with the reason.
fn problem_list(
    problems: &[Problem],
    secret: impl Fn(SecretId) -> Option<String>,
    recipient: impl Fn(RecipientId) -> Option<String>,
) -> AnyView {
    let line = |problem: &Problem| {
        let name = match problem.subject {
            Subject::Secret(id) => secret(id).unwrap_or_else(|| id.to_string()),
            Subject::Recipient(id) => recipient(id).unwrap_or_else(|| id.uuid().to_string()),
        };
        view! { <li>{format!("{name} {}", problem.reason)}</li> }
    };
    let more = problems.len().saturating_sub(LISTED);
    view! {
        <ul class="problems">
            {problems.iter().take(LISTED).map(line).collect_view()}
            {(more > 0).then(|| view! { <li>{t!("and {more} more", more = number(more))}</li> })}
        </ul>
    }
    .into_any()
}

/// The dialog of the batch under way, if any.
#[component]
pub(crate) fn BatchDialogs() -> impl IntoView {
    let batch = use_batch();
    // Whoever ticks something, or opens the menu of a row, is about to need it: the code is there by then.
    let list = use_secret_list();
    Effect::new(move |asked: Option<bool>| {
        let asked = asked.unwrap_or_default();
        let is_near = asked || batch.near.get() || !list.selection.with(Selection::is_empty);
        if is_near && !asked {
            drop(later_quietly(|| pages::sharing(SharingPart::Nothing)));
        }
        is_near
    });
    let sharing = |part: SharingPart| later(move || pages::sharing(part.clone()));
    move || match batch.stage.get() {
        Stage::Idle => ().into_any(),
        Stage::Confirm(kind, ids) => sharing(SharingPart::Confirm(kind, ids)),
        Stage::Share(chosen) => sharing(SharingPart::Share(chosen)),
        Stage::Transfer(chosen) => sharing(SharingPart::Transfer(chosen)),
        Stage::Limit(kind, ids, access) => sharing(SharingPart::Limit(kind, ids, access)),
        Stage::Tag(ids) => later(move || pages::secrets(SecretPart::Tag(ids.clone()))),
        Stage::ShareOne(id, name) => sharing(SharingPart::ShareOne(id, name)),
    }
}
