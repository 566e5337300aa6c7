//! What the database tells of by itself, and how is noticed that it does not.

use std::time::Duration;

use futures_util::{Stream, StreamExt as _, stream};
use surrealdb::Notification;
use surrealdb::types::Action;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::Happened;
use crate::audit::{EntryRow, entries};
use crate::database::Store;
use crate::error::StoreError;

/// How often is looked whether everything was heard.
const LOOK: Duration = Duration::from_secs(2);

/// What is heard.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// Something was done.
    Happened(Box<Happened>),
    /// Something was done, and nobody told of it: a live query hears of what is written at its own node of a database of several.
    Missed,
}

struct Ear<'a, S> {
    store: &'a Store,
    told: S,
    look: Interval,
    /// How many entries there are, as far as was heard.
    heard: u64,
    /// Whether there were more the last time. What is written now is told of in a moment.
    is_behind: bool,
}

impl<S: Stream<Item = surrealdb::Result<Notification<EntryRow>>> + Unpin> Ear<'_, S> {
    async fn next(&mut self) -> Result<Option<Heard>, StoreError> {
        loop {
            tokio::select! {
                biased;
                told = self.told.next() => {
                    let Some(told) = told.transpose()? else { return Ok(None) };
                    if told.action == Action::Create {
                        self.heard += 1;
                        return Ok(Some(Heard::Happened(Box::new(Happened::of(&told.data)?))));
                    }
                }
                _ = self.look.tick() => {
                    let there = self.store.entries().await?;
                    let is_behind = there > self.heard;
                    if is_behind && self.is_behind {
                        (self.heard, self.is_behind) = (there, false);
                        return Ok(Some(Heard::Missed));
                    }
                    self.is_behind = is_behind;
                }
            }
        }
    }
}

impl Store {
    /// Everything that is done from now on, by whichever server, a moment after it was written.
    ///
    /// # Errors
    /// Where the database cannot tell, or does not any more: the stream ends then.
    pub async fn live(&self) -> Result<impl Stream<Item = Result<Heard, StoreError>> + Unpin, StoreError> {
        // Counted before: what is written in between is rather looked for in vain than missed.
        let heard = self.entries().await?;
        let told = self.db.select::<Vec<EntryRow>>("audit").live().await?;
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let ear = Ear { store: self, told, look, heard, is_behind: false };
        let heard = stream::try_unfold(ear, async |mut ear| Ok(ear.next().await?.map(|heard| (heard, ear))));
        Ok(Box::pin(heard))
    }

    /// How many entries the audit log has.
    async fn entries(&self) -> Result<u64, StoreError> {
        self.transact(|tx| async move { entries(&tx).await }).await
    }
}
