//! How often one account may do what others could abuse.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use vault::AccountId;

/// Lets each account do something so many times at once, and then again as time goes by.
pub struct RateLimit(DefaultKeyedRateLimiter<AccountId>);

impl RateLimit {
    fn new(at_once: u32, then_every: Duration) -> Self {
        let quota = Quota::with_period(then_every).expect("the time between two is not zero");
        Self(RateLimiter::keyed(quota.allow_burst(NonZeroU32::new(at_once).expect("at least one"))))
    }

    /// Searches: more than anyone types. Keeps one account from reading the directory by guessing, and from keeping the server busy with it.
    pub fn for_searches() -> Self {
        Self::new(50, Duration::from_millis(100))
    }

    /// Entries of pasted lists, of which one has 1,000 at most: two such lists at once. Each is as good as a search for whoever guesses.
    pub fn for_lists() -> Self {
        Self::new(2_000, Duration::from_millis(100))
    }

    /// Codes of a second step: there are a million of them.
    pub fn for_codes() -> Self {
        Self::new(5, Duration::from_secs(30))
    }

    /// Counts once; whether it was not too much.
    pub(crate) fn allows(&self, account: AccountId) -> bool {
        self.0.check_key(&account).is_ok()
    }

    /// Counts `times`; whether that was not too much.
    pub(crate) fn allows_many(&self, account: AccountId, times: usize) -> bool {
        let times = u32::try_from(times).ok().map(NonZeroU32::new);
        times.is_some_and(|times| times.is_none_or(|times| matches!(self.0.check_key_n(&account, times), Ok(Ok(())))))
    }

    /// Forgets those who have not done it for a while.
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
        let (limit, ana, bruno) = (RateLimit::for_codes(), AccountId::random(), AccountId::random());
        assert_eq!((0..50).filter(|_| limit.allows(ana)).count(), 5);
        assert!(limit.allows(bruno));
        limit.sweep();
        assert!(!limit.allows(ana));
    }

    #[test]
    fn a_list_counts_as_many_times_as_it_has_entries() {
        let (limit, ana, bruno) = (RateLimit::for_lists(), AccountId::random(), AccountId::random());
        assert!(limit.allows_many(ana, 1_000) && limit.allows_many(ana, 1_000));
        assert!(!limit.allows_many(ana, 1_000));
        assert!(limit.allows_many(ana, 0));
        assert!(limit.allows_many(bruno, 1_000));
        assert!(!limit.allows_many(bruno, usize::MAX));
    }
}
