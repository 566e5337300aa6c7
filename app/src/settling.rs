//! Settling: after somebody's access ended, the owner's browser gives new keys to what they knew. It goes on by itself while the page is open.

pub mod api;
mod work;

use std::time::Duration;

use leptos::prelude::*;

use crate::account::{Session, use_session};
use crate::error::AppError;
use crate::language::{n, t};
use crate::pages;
use api::Due;
pub(crate) use work::{open_given, settle};

/// How often is looked for what is due.
const LOOK: Duration = Duration::from_mins(1);

/// What is due, as far as this page knows.
#[derive(Clone, Copy)]
pub(crate) struct Settling {
    session: Session,
    due: RwSignal<Due>,
    under_way: StoredValue<bool>,
    /// Why something has to wait, where it does.
    failed: RwSignal<Option<AppError>>,
}

/// Begins to look for what is due, and makes it known to everything below.
pub(crate) fn provide_settling() {
    let settling = Settling {
        session: use_session(),
        due: RwSignal::new(Due::default()),
        under_way: StoredValue::new(false),
        failed: RwSignal::new(None),
    };
    provide_context(settling);
    settling.look();
    if let Ok(handle) = set_interval_with_handle(move || settling.look(), LOOK) {
        on_cleanup(move || handle.clear());
    }
}

pub(crate) fn use_settling() -> Settling {
    expect_context()
}

impl Settling {
    /// Looks for what is due and settles it. What cannot be settled now is tried again later.
    pub(crate) fn look(self) {
        // Also where the page is locked by now, and a last turn comes late.
        if self.under_way.try_get_value() != Some(false) {
            return;
        }
        self.under_way.set_value(true);
        leptos::task::spawn_local(async move {
            // Nobody asked for it: what stays due is shown, with the reason, and tried again.
            let result = self.settle_all().await;
            let _ = self.failed.try_set(result.err());
            let _ = self.under_way.try_set_value(false);
        });
    }

    async fn settle_all(self) -> Result<(), AppError> {
        self.session.keys()?;
        let due = api::count_due().await?;
        let _ = self.due.try_set(due);
        if due == Due::default() {
            return Ok(());
        }
        let work = pages::settle(self.session, self.due).await.map_err(|_| AppError::Offline)?;
        let result = work.await;
        let _ = self.due.try_set(api::count_due().await?);
        result
    }

    /// What the person is told of it.
    pub(crate) fn text(self) -> Option<String> {
        text(self.due.get(), self.failed.get().as_ref())
    }
}

fn text(due: Due, failed: Option<&AppError>) -> Option<String> {
    let count =
        |count: u64, say: fn(usize) -> String| (count > 0).then(|| say(usize::try_from(count).unwrap_or(usize::MAX)));
    let shares = |count| n!(count, "{n} share", "{n} shares");
    let secrets = |count| n!(count, "{n} API secret", "{n} API secrets");
    let parts: Vec<String> = [count(due.shares, shares), count(due.secrets, secrets)].into_iter().flatten().collect();
    let work = match count(due.transferred, secrets) {
        // Settling comes after it.
        Some(transferred) => Some(t!("Taking over {transferred} …", transferred)),
        None => (!parts.is_empty()).then(|| t!("Settling: new keys for {parts} …", parts = parts.join(t!(" and ")))),
    };
    match (work, failed) {
        (Some(work), Some(reason)) => Some(t!("{work} It has to wait: {reason}", work, reason)),
        (work, _) => work,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Reason;

    #[test]
    fn the_text_counts_what_is_left() {
        let text = |shares, secrets| text(Due { shares, secrets, transferred: 0 }, None);
        assert_eq!(text(0, 0), None);
        assert_eq!(text(1, 0).as_deref(), Some("Settling: new keys for 1 share …"));
        let taking_over = super::text(Due { shares: 1, secrets: 1, transferred: 3 }, None);
        assert_eq!(taking_over.as_deref(), Some("Taking over 3 API secrets …"));
        let failed = AppError::WaitsFor { name: "Bruno Costa".into(), reason: Reason::NoKeysYet };
        let waits = super::text(Due { shares: 1, ..Due::default() }, Some(&failed));
        let expected =
            "Settling: new keys for 1 share … It has to wait: Bruno Costa is starting over and has no keys yet.";
        assert_eq!(waits.as_deref(), Some(expected));
        assert_eq!(super::text(Due::default(), Some(&AppError::Offline)), None);
        assert_eq!(text(2, 1).as_deref(), Some("Settling: new keys for 2 shares and 1 API secret …"));
    }
}
