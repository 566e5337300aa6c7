//! How the list of API secrets is loaded, and brought up to date.

use std::sync::Arc;

use leptos::prelude::*;

use super::{SecretList, by_name, with_changes};
use crate::error::AppError;
use crate::secret::api::{self, FirstRows, SecretRow};
use crate::secret::entry::Entry;
use crate::secret::since::{AsOf, ListChanges, list_since};
use crate::ui::now_millis;

/// After how long all of the list is loaded once more when something has changed.
const WHOLE_AFTER_MS: i64 = 10 * 60 * 1000;

/// How long to wait for what is on its way before asking anew.
const ASK_ANEW_AFTER_MS: i64 = 5 * 60 * 1000;

/// How the list was loaded.
#[derive(Clone, Default)]
pub(super) struct Loads {
    /// Counts the times.
    turn: u32,
    /// Since when something is on its way, in milliseconds since 1970, where something is.
    coming_since: Option<i64>,
    /// Whether something has changed since that was asked for.
    once_more: bool,
    /// When all of it was asked for last, in milliseconds since 1970; 0 where all of it is to be asked for again.
    loaded_at: i64,
    /// Up to where the rows have been read.
    as_of: AsOf,
    /// The earliest event that was heard since: what takes long to write is told late.
    earliest: Option<String>,
}

impl Loads {
    /// Whether something is on its way.
    fn is_coming(&self) -> bool {
        self.coming_since.is_some_and(|since| now_millis() - since < ASK_ANEW_AFTER_MS)
    }
}

impl SecretList {
    /// How many times it was loaded, or began to be.
    pub(crate) fn loads(self) -> u32 {
        self.loads.with_value(|loads| loads.turn)
    }

    /// Up to where the rows have been read.
    pub(crate) fn as_of(self) -> AsOf {
        self.loads.with_value(|loads| loads.as_of.clone())
    }

    /// Something was heard of that is not shown yet.
    pub(crate) fn hear(self, event: String) {
        self.loads.update_value(|loads| loads.earliest = loads.earliest.take().into_iter().chain([event]).min());
    }

    /// Nothing that is on its way is wanted any more, and nothing is known of what was loaded.
    pub(super) fn give_up_loads(self) {
        self.loads.set_value(Loads { turn: self.loads() + 1, ..Loads::default() });
    }

    /// What is asked for from now on has all that was heard.
    fn next_turn(self) -> Option<u32> {
        self.loads.try_update_value(|loads| {
            loads.turn += 1;
            if loads.coming_since.is_some() {
                // What was on its way is given up, and what it would have had with it.
                loads.loaded_at = 0;
            }
            (loads.coming_since, loads.once_more, loads.earliest) = (Some(now_millis()), false, None);
            loads.turn
        })
    }

    /// Whether what was asked for is still wanted: not by the next one who signs in, and not once it was asked for anew.
    fn is_turn(self, turn: u32) -> bool {
        self.loads.try_with_value(|loads| loads.turn) == Some(turn)
    }

    /// Loads what has changed since the rows were loaded: at once, or when what is on its way is here.
    pub(crate) fn refresh(self) {
        // Ids begin with the time: the earlier one is the smaller.
        let Some(loads) = self.loads.try_get_value() else { return };
        if loads.is_coming() {
            return self.loads.update_value(|loads| loads.once_more = true);
        }
        let AsOf { event, seen, .. } = loads.as_of;
        let event = loads.earliest.into_iter().fold(event, Ord::min);
        // What nobody is told of, such as that somebody has another name, comes with all of it.
        let is_old = now_millis() - loads.loaded_at > WHOLE_AFTER_MS;
        if !untrack(|| self.is_loaded()) || event.is_empty() || is_old {
            return self.reload();
        }
        let Some(turn) = self.next_turn() else { return };
        self.session.send(self.loading, list_since(event, seen), move |changes| match changes {
            _ if !self.is_turn(turn) => {}
            Ok(Some(ListChanges { rows, gone, as_of })) => {
                self.loads.update_value(|loads| loads.as_of = as_of);
                if !rows.is_empty() || !gone.is_empty() {
                    let rows = rows.into_iter().map(Entry::new).map(Arc::new).collect();
                    self.show(with_changes(&untrack(|| self.all()), rows, &gone), true);
                }
                self.came();
            }
            _ => self.load_all(turn),
        });
    }

    /// Loads the rows again; where there are none yet, the first ones first.
    pub(crate) fn reload(self) {
        if self.loads.with_value(Loads::is_coming) {
            return self.loads.update_value(|loads| (loads.once_more, loads.loaded_at) = (true, 0));
        }
        let Some(turn) = self.next_turn() else { return };
        if self.rows.with_untracked(Option::is_some) {
            return self.load_all(turn);
        }
        self.session.send(self.loading, api::first_secrets(), move |first| match first {
            _ if !self.is_turn(turn) => {}
            Ok(FirstRows { rows, is_whole: true, as_of }) => {
                self.loads.update_value(|loads| loads.loaded_at = now_millis());
                self.have_all(rows, as_of);
            }
            Ok(FirstRows { rows, .. }) => {
                if !rows.is_empty() {
                    self.failure.set(None);
                    self.show(by_name(rows), false);
                }
                self.load_all(turn);
            }
            Err(AppError::Offline) => self.fail(AppError::Offline),
            // They only come sooner: without them, the list comes as a whole.
            Err(_) => self.load_all(turn),
        });
    }

    fn load_all(self, turn: u32) {
        self.loads.update_value(|loads| loads.loaded_at = now_millis());
        self.session.send(self.loading_all, api::list_secrets(), move |rows| match rows {
            _ if !self.is_turn(turn) => {}
            Ok((rows, as_of)) => self.have_all(rows, as_of),
            Err(error) => self.fail(error),
        });
    }

    fn have_all(self, rows: Vec<SecretRow>, as_of: AsOf) {
        self.loads.update_value(|loads| loads.as_of = as_of);
        self.show(by_name(rows), true);
        self.came();
    }

    /// What was on its way is here.
    fn came(self) {
        self.failure.set(None);
        let again = self.loads.try_update_value(|loads| {
            loads.coming_since = None;
            std::mem::take(&mut loads.once_more)
        });
        if again == Some(true) {
            self.refresh();
        }
    }

    fn fail(self, error: AppError) {
        self.loads.update_value(|loads| (loads.coming_since, loads.once_more, loads.loaded_at) = (None, false, 0));
        self.failure.set(Some(error));
    }
}
