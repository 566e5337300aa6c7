//! How often one account may search.

use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use vault::AccountId;

use crate::error::AppError;

/// Searches in one second, over time: more than anyone types.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(10).expect("not zero");
/// Searches at once, for those who have not searched for a while.
const BURST: NonZeroU32 = NonZeroU32::new(50).expect("not zero");

/// Keeps one account from reading the directory by guessing, and from keeping the server busy with it.
pub struct SearchLimit(DefaultKeyedRateLimiter<AccountId>);

impl Default for SearchLimit {
    fn default() -> Self {
        Self(RateLimiter::keyed(Quota::per_second(PER_SECOND).allow_burst(BURST)))
    }
}

impl SearchLimit {
    /// Counts a search.
    ///
    /// # Errors
    /// [`AppError::TooFast`] where there were too many.
    pub(crate) fn check(&self, account: AccountId) -> Result<(), AppError> {
        self.0.check_key(&account).map_err(|_| AppError::TooFast)
    }

    /// Forgets those who have not searched for a while.
    pub fn sweep(&self) {
        self.0.retain_recent();
        self.0.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_at_once_are_refused_for_that_account_alone() {
        let (limit, ana, bruno) = (SearchLimit::default(), AccountId::random(), AccountId::random());
        let allowed = (0..10 * BURST.get()).take_while(|_| limit.check(ana).is_ok()).count();
        // A few more where the machine is slow: they come back with time.
        assert!((50..100).contains(&allowed), "{allowed}");
        assert_eq!(limit.check(bruno), Ok(()));
        limit.sweep();
        assert_eq!(limit.check(ana), Err(AppError::TooFast));
    }
}
