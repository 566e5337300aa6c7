mod loads;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use leptos::prelude::*;
use vault::{AccountId, SecretId};

use self::loads::Loads;
use super::api::SecretRow;
use super::entry::{Entry, Sort};
use super::filter::Filter;
use super::selection::Selection;
use crate::account::{Session, use_session};
use crate::error::AppError;
use crate::ui::day_start;

/// Rows of the list, in its order.
pub(crate) type Entries = Arc<Vec<Arc<Entry>>>;

/// The rows that are here.
struct Rows {
    /// By name.
    entries: Entries,
    /// Whether they are all, and not the first ones only.
    is_whole: bool,
}

/// The list of API secrets: what there is, what it is narrowed to, and what is ticked. Lives as long as the person is signed in, so that it is the same
/// when they come back from another page, or unlock: nothing in it is sealed.
#[derive(Clone, Copy)]
pub(crate) struct SecretList {
    /// What there is, by name.
    rows: RwSignal<Option<Rows>>,
    /// Why they could not be loaded.
    pub failure: RwSignal<Option<AppError>>,
    /// What the list is narrowed to.
    pub filter: RwSignal<Filter>,
    /// What it is sorted by.
    pub sort: RwSignal<Sort>,
    /// What is ticked, all of it in `listed`.
    pub selection: RwSignal<Selection>,
    /// How many were ticked and are not listed any more, since somebody last ticked something.
    pub dropped: RwSignal<usize>,
    /// The rows that match the filter, sorted.
    pub listed: Memo<Entries>,
    /// Counts how often others did something that concerns the person: what shows more than the list looks again.
    pub heard: RwSignal<u32>,
    loading: RwSignal<bool>,
    loading_all: RwSignal<bool>,
    loads: StoredValue<Loads>,
    session: Session,
}

/// Makes the list known to everything below, and loads it for who is signed in, also while they still write their password.
pub(crate) fn provide_secret_list() -> SecretList {
    let (rows, filter) = (RwSignal::new(None::<Rows>), RwSignal::new(Filter::default()));
    let sort = RwSignal::new(Sort::default());
    // Sorted apart, so that typing in a filter sorts nothing.
    let sorted = Memo::new(move |_| {
        let (entries, sort) = (entries_of(rows), sort.get());
        if sort == Sort::default() {
            return entries;
        }
        // Which are the first in another order, nobody knows yet.
        if !is_whole(rows) {
            return Entries::default();
        }
        let mut sorted = (*entries).clone();
        sorted.sort_by(|a, b| sort.compare(a, b));
        Arc::new(sorted)
    });
    let listed = Memo::new(move |_| {
        let (sorted, filter) = (sorted.get(), filter.get());
        if filter == Filter::default() {
            return sorted;
        }
        if !is_whole(rows) {
            return Entries::default();
        }
        let filter = filter.prepared(day_start);
        Arc::new(sorted.iter().filter(|entry| filter.matches(entry)).cloned().collect())
    });
    let (selection, dropped) = (RwSignal::new(Selection::default()), RwSignal::new(0));
    let list = SecretList {
        rows,
        failure: RwSignal::new(None),
        filter,
        sort,
        selection,
        dropped,
        listed,
        heard: RwSignal::new(0),
        loading: RwSignal::new(false),
        loading_all: RwSignal::new(false),
        loads: StoredValue::new(Loads::default()),
        session: use_session(),
    };
    // Whatever narrows the list narrows the selection with it, and says so.
    Effect::new(move || {
        let listed = listed.get();
        if !selection.with_untracked(Selection::is_empty) {
            let gone = selection.try_update(|selection| selection.keep(listed.iter().map(|entry| entry.row.id)));
            dropped.update(|dropped| *dropped += gone.unwrap_or_default());
        }
    });
    // What could not be loaded is loaded when the server is back.
    Effect::new(move || {
        if !list.session.is_offline() && list.failure.get_untracked() == Some(AppError::Offline) {
            list.reload();
        }
    });
    Effect::new(move |before: Option<Option<AccountId>>| {
        let account = list.session.profile().map(|profile| profile.id);
        if before.flatten() != account {
            list.forget();
            if account.is_some() {
                list.reload();
            }
        }
        account
    });
    provide_context(list);
    list
}

pub(crate) fn use_secret_list() -> SecretList {
    expect_context()
}

impl SecretList {
    /// Whether all rows are here.
    pub(crate) fn is_loaded(self) -> bool {
        is_whole(self.rows)
    }

    /// Whether all rows are on their way once more, because much has changed: those that are here are from before.
    pub(crate) fn is_reloading(self) -> bool {
        self.loading_all.get() && self.is_loaded()
    }

    /// All rows that are here, for what counts them.
    pub(crate) fn all(self) -> Entries {
        entries_of(self.rows)
    }

    /// How many are new to the person; none are counted before all rows are here.
    pub(crate) fn count_new(self) -> usize {
        if !self.is_loaded() {
            return 0;
        }
        self.all().iter().filter(|entry| entry.row.is_new).count()
    }

    /// Nothing of one person's is left for the next one.
    fn forget(self) {
        self.give_up_loads();
        self.rows.set(None);
        self.filter.set(Filter::default());
        self.sort.set(Sort::default());
        self.select(Selection::clear);
    }

    fn show(self, entries: Entries, is_whole: bool) {
        self.rows.set(Some(Rows { entries, is_whole }));
    }

    /// Somebody ticks or unticks something: what was dropped before is told no more.
    pub(crate) fn select(self, change: impl FnOnce(&mut Selection)) {
        self.dropped.set(0);
        self.selection.update(change);
    }

    /// Ticks or unticks one; with `range` everything between it and the one before as well.
    pub(crate) fn tick(self, id: SecretId, ticked: bool, range: bool) {
        let listed = self.listed.get_untracked();
        // It may have gone while somebody pressed it.
        if !listed.iter().any(|entry| entry.row.id == id) {
            return;
        }
        self.select(|selection| {
            if range {
                selection.set_range(id, ticked, listed.iter().map(|entry| entry.row.id));
            } else {
                selection.set(id, ticked);
            }
        });
    }

    /// Ticks all that match the filter, or none where all are ticked.
    pub(crate) fn tick_all(self) {
        let listed = self.listed.get_untracked();
        self.select(|selection| selection.toggle_all(listed.iter().map(|entry| entry.row.id)));
    }

    /// The ids of what is ticked, in the order of the list.
    pub(crate) fn selected(self) -> Vec<SecretId> {
        let listed = self.listed.get_untracked();
        self.selection.with_untracked(|selection| selection.in_order(listed.iter().map(|entry| entry.row.id)))
    }

    /// How a secret is called, for messages about it.
    pub(crate) fn name_of(self, id: SecretId) -> Option<String> {
        untrack(|| self.all()).iter().find(|entry| entry.row.id == id).map(|entry| entry.row.fields.name.clone())
    }

    /// Changes what is shown of one, where the person did that themselves and nothing else has changed.
    pub(crate) fn patch(self, id: SecretId, change: impl FnOnce(&mut SecretRow)) {
        let entries = untrack(|| self.all());
        let Some(place) = entries.iter().position(|entry| entry.row.id == id) else { return };
        let mut entries = (*entries).clone();
        let mut row = entries[place].row.clone();
        change(&mut row);
        entries[place] = Arc::new(Entry::new(row));
        self.show(Arc::new(entries), untrack(|| self.is_loaded()));
    }

    /// The rows of secrets, as far as they are here, in the order of names.
    pub(crate) fn rows_of(self, ids: &[SecretId]) -> Vec<Arc<Entry>> {
        let ids: HashSet<SecretId> = ids.iter().copied().collect();
        self.all().iter().filter(|entry| ids.contains(&entry.row.id)).cloned().collect()
    }

    /// The tags of every secret.
    pub(crate) fn tags_by_secret(self) -> Vec<(SecretId, Vec<String>)> {
        self.all().iter().map(|entry| (entry.row.id, entry.row.fields.tags.clone())).collect()
    }

    /// Every tag that is used, by name.
    pub(crate) fn tags(self) -> Vec<String> {
        let entries = self.all();
        let tags: BTreeSet<&String> = entries.iter().flat_map(|entry| &entry.row.fields.tags).collect();
        tags.into_iter().cloned().collect()
    }
}

fn entries_of(rows: RwSignal<Option<Rows>>) -> Entries {
    rows.with(|rows| rows.as_ref().map(|rows| Arc::clone(&rows.entries))).unwrap_or_default()
}

/// Whether all rows are here.
fn is_whole(rows: RwSignal<Option<Rows>>) -> bool {
    rows.with(|rows| rows.as_ref().is_some_and(|rows| rows.is_whole))
}

/// Rows in the order of names.
fn by_name(rows: Vec<SecretRow>) -> Entries {
    let mut entries: Vec<Arc<Entry>> = rows.into_iter().map(Entry::new).map(Arc::new).collect();
    // Nearly done by the server.
    entries.sort_by(|a, b| Sort::default().compare(a, b));
    Arc::new(entries)
}

/// Rows with some of them as they are now and without others, in the order of names.
fn with_changes(before: &Entries, mut rows: Vec<Arc<Entry>>, gone: &[SecretId]) -> Entries {
    let other: HashSet<SecretId> = rows.iter().map(|entry| entry.row.id).chain(gone.iter().copied()).collect();
    let mut entries: Vec<Arc<Entry>> = before.iter().filter(|entry| !other.contains(&entry.row.id)).cloned().collect();
    entries.append(&mut rows);
    // Two runs that are in order already, or nearly: hardly more than merging them.
    entries.sort_by(|a, b| Sort::default().compare(a, b));
    Arc::new(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::filter::tests::row;

    #[test]
    fn what_has_changed_is_put_in_its_place() {
        let entry = |name: &str| Arc::new(Entry::new(row(name)));
        let before: Entries = Arc::new(vec![entry("alpha"), entry("beta"), entry("gamma")]);
        let mut renamed = before[0].row.clone();
        renamed.fields.name = "delta".into();
        let rows = vec![Arc::new(Entry::new(renamed)), entry("Zeta"), entry("aleph")];
        let after = with_changes(&before, rows, &[before[1].row.id, SecretId::random()]);
        let names: Vec<&str> = after.iter().map(|entry| entry.row.fields.name.as_str()).collect();
        assert_eq!(names, ["aleph", "delta", "gamma", "Zeta"]);
    }
}
