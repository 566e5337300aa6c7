use std::sync::Arc;

use leptos::prelude::*;
use vault::SecretId;

use super::api::{self, SecretRow};
use super::filter::Filter;
use super::selection::Selection;
use crate::account::{Session, use_session};
use crate::error::AppError;

/// The rows of the list, as they came from the server.
pub(crate) type Rows = Arc<Vec<Arc<SecretRow>>>;

/// The list of API secrets: what there is, what it is narrowed to, and what is ticked. Lives as long as the keys are open, so that it is
/// the same when the person comes back from another page.
#[derive(Clone, Copy)]
pub(crate) struct SecretList {
    rows: RwSignal<Option<Rows>>,
    /// Why the rows could not be loaded.
    pub failure: RwSignal<Option<AppError>>,
    /// What the list is narrowed to.
    pub filter: RwSignal<Filter>,
    /// What is ticked, all of it in `listed`.
    pub selection: RwSignal<Selection>,
    /// The rows that match the filter.
    pub listed: Memo<Rows>,
    loading: RwSignal<bool>,
    /// Counts the times it was loaded: the answer to an older question is of no use any more.
    turn: StoredValue<u32>,
    session: Session,
}

/// Makes the list known to everything below, and loads it.
pub(crate) fn provide_secret_list() -> SecretList {
    let (rows, filter) = (RwSignal::new(None::<Rows>), RwSignal::new(Filter::default()));
    let listed = Memo::new(move |_| {
        let filter = filter.get().prepared();
        rows.with(|rows| match rows {
            Some(rows) => Arc::new(rows.iter().filter(|row| filter.matches(row)).cloned().collect()),
            None => Arc::default(),
        })
    });
    let selection = RwSignal::new(Selection::default());
    let list = SecretList {
        rows,
        failure: RwSignal::new(None),
        filter,
        selection,
        listed,
        loading: RwSignal::new(false),
        turn: StoredValue::new(0),
        session: use_session(),
    };
    // Whatever narrows the list narrows the selection with it.
    Effect::new(move || {
        let listed = listed.get();
        if !selection.with_untracked(Selection::is_empty) {
            selection.update(|selection| selection.keep(listed.iter().map(|row| row.id)));
        }
    });
    // What could not be loaded is loaded when the server is back.
    Effect::new(move || {
        if !list.session.is_offline() && list.failure.get_untracked() == Some(AppError::Offline) {
            list.reload();
        }
    });
    provide_context(list);
    list.reload();
    list
}

pub(crate) fn use_secret_list() -> SecretList {
    expect_context()
}

impl SecretList {
    /// Whether the rows are here.
    pub(crate) fn is_loaded(self) -> bool {
        self.rows.with(Option::is_some)
    }

    /// How many rows there are without the filter.
    pub(crate) fn total(self) -> usize {
        self.rows.with(|rows| rows.as_ref().map_or(0, |rows| rows.len()))
    }

    /// All rows, for what counts them.
    pub(crate) fn all(self) -> Rows {
        self.rows.get().unwrap_or_default()
    }

    /// Loads the rows again.
    pub(crate) fn reload(self) {
        let next = |turn: &mut u32| {
            *turn += 1;
            *turn
        };
        // Gone once the keys are locked.
        let Some(turn) = self.turn.try_update_value(next) else { return };
        self.session.send(self.loading, api::list_secrets(), move |rows| match rows {
            _ if self.turn.try_get_value() != Some(turn) => {}
            Ok(rows) => {
                self.failure.set(None);
                self.rows.set(Some(Arc::new(rows.into_iter().map(Arc::new).collect())));
            }
            Err(error) => self.failure.set(Some(error)),
        });
    }

    /// The ids of what is ticked, in the order of the list.
    pub(crate) fn selected(self) -> Vec<SecretId> {
        let listed = self.listed.get_untracked();
        self.selection.with_untracked(|selection| selection.in_order(listed.iter().map(|row| row.id)))
    }

    /// How a secret is called, for messages about it.
    pub(crate) fn name_of(self, id: SecretId) -> Option<String> {
        self.rows
            .with_untracked(|rows| rows.as_ref()?.iter().find(|row| row.id == id).map(|row| row.fields.name.clone()))
    }
}
