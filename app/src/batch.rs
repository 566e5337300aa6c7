//! Several secrets handled by one confirmed action. The state lives above the dialogs, so that it outlives each of them.

mod confirm;

use std::sync::Arc;

use leptos::prelude::*;
use vault::{RecipientId, SecretId};

use crate::account::{Session, use_session};
use crate::error::{AppError, Problem, Subject};
use crate::pages;
use crate::secret::api::set_enabled;
use crate::secret::{SecretList, records, use_secret_list};
use crate::share::ShareDialog;
use crate::share::api::{KeyToShare, keys_to_share};
use crate::transfer::api::keys_to_transfer;
use crate::ui::{Toasts, later, use_toasts};
use confirm::ConfirmDialog;

/// How many of the records that keep a batch from being done are listed by name.
const LISTED: usize = 20;

/// What can be done with several secrets at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Enable,
    Disable,
    Share,
    Transfer,
}

impl Kind {
    /// The text of its button.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Enable => "Enable",
            Self::Disable => "Disable",
            Self::Share => "Share",
            Self::Transfer => "Transfer",
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Share => "share",
            Self::Transfer => "transfer",
        }
    }
}

/// Secrets that are about to be shared or transferred, with their keys, still sealed to their owner.
#[derive(Clone)]
pub(crate) struct Chosen {
    pub ids: Vec<SecretId>,
    pub keys: Vec<KeyToShare>,
}

#[derive(Clone)]
enum Stage {
    Idle,
    Confirm(Kind, Vec<SecretId>),
    Share(Arc<Chosen>),
    Transfer(Arc<Chosen>),
}

/// The batch under way on this page, if any.
#[derive(Clone, Copy)]
pub(crate) struct Batch {
    stage: RwSignal<Stage>,
    /// Counts the confirmations: an answer is for the one that asked.
    turn: StoredValue<u32>,
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
            return;
        }
        self.toasts.clear();
        self.error.set(None);
        self.turn.update_value(|turn| *turn += 1);
        self.stage.set(Stage::Confirm(kind, ids));
    }

    /// Back to the list, with the selection as it was.
    pub(crate) fn cancel(self) {
        self.turn.update_value(|turn| *turn += 1);
        self.stage.set(Stage::Idle);
    }

    /// The batch was done: the list shows it, and nothing is ticked any more.
    pub(crate) fn finish(self, message: String) {
        self.stage.set(Stage::Idle);
        self.list.selection.update(crate::secret::Selection::clear);
        self.list.reload();
        self.toasts.done(message);
    }

    /// The person said yes.
    fn go_on(self, kind: Kind, ids: Vec<SecretId>) {
        if self.pending.get_untracked() {
            return;
        }
        self.error.set(None);
        let count = ids.len();
        let work = async move {
            match kind {
                Kind::Share => keys_to_share(ids.clone()).await.map(|keys| Some(Chosen { ids, keys })),
                Kind::Transfer => keys_to_transfer(ids.clone(), None).await.map(|keys| Some(Chosen { ids, keys })),
                Kind::Enable | Kind::Disable => set_enabled(ids, kind == Kind::Enable).await.map(|()| None),
            }
        };
        let turn = self.turn.get_value();
        self.session.send(self.pending, work, move |result| {
            // Whoever said No in the meantime, or asked for something else, is not taken any further.
            let still_asked = self.turn.get_value() == turn;
            match result {
                Ok(Some(chosen)) if still_asked => self.stage.set(match kind {
                    Kind::Transfer => Stage::Transfer(Arc::new(chosen)),
                    _ => Stage::Share(Arc::new(chosen)),
                }),
                Ok(None) => self.finish(format!("{} {}d", records(count), kind.verb())),
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

    /// The records that keep a batch from being done, each by its name and with the reason. `recipient` knows the names of people and groups.
    pub(crate) fn problems(self, problems: &[Problem], recipient: impl Fn(RecipientId) -> Option<String>) -> AnyView {
        problem_list(problems, |id| self.list.name_of(id), recipient)
    }
}

/// What keeps a batch from being done, each by its name and with the reason.
pub(crate) fn problem_list(
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
            {(more > 0).then(|| view! { <li>{format!("and {more} more")}</li> })}
        </ul>
    }
    .into_any()
}

/// The dialog of the batch under way, if any.
#[component]
pub(crate) fn BatchDialogs() -> impl IntoView {
    let batch = use_batch();
    move || match batch.stage.get() {
        Stage::Idle => ().into_any(),
        Stage::Confirm(kind, ids) => view! { <ConfirmDialog kind ids /> }.into_any(),
        Stage::Share(chosen) => view! { <ShareDialog chosen /> }.into_any(),
        Stage::Transfer(chosen) => later(move || pages::transfer(Arc::clone(&chosen))),
    }
}
