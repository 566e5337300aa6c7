//! How often somebody may do what could be abused: an account, or a place where nobody has shown who they are.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use vault::AccountId;

/// Where a request comes from: an address of version 4, or the 64 bits of one of version 6 that stand for a network of somebody's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address. Requests whose address nobody knows count as of one.
    pub fn of(address: Option<IpAddr>) -> Self {
        Self(match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
            Some(address) => address,
            None => Ipv6Addr::UNSPECIFIED.into(),
        })
    }
}

/// All limits of a server.
pub struct Limits {
    /// Searches: more than anyone types. Keeps one account from reading the directory by guessing, and from keeping the server busy with it.
    pub(crate) searches: RateLimit<AccountId>,
    /// Entries of pasted lists, of which one has 1,000 at most: two such lists at once. Each is as good as a search for whoever guesses.
    pub(crate) lists: RateLimit<AccountId>,
    /// Codes of a second step: there are a million of them.
    pub(crate) codes: RateLimit<AccountId>,
    /// Requests of those who have not shown who they are: two hundred people behind one address may sign in at once, and four in each second after that.
    doors: RateLimit<Network>,
    /// Passwords and recovery codes tried for one name: twenty at once, then ninety in an hour. From one network, so that nobody keeps somebody else out by guessing.
    guesses: RateLimit<(Network, String)>,
}

impl Limits {
    /// With nothing counted.
    #[expect(clippy::new_without_default, reason = "a server has limits because it says so")]
    pub fn new() -> Self {
        Self {
            searches: RateLimit::new(50, Duration::from_millis(100)),
            lists: RateLimit::new(2_000, Duration::from_millis(100)),
            codes: RateLimit::new(5, Duration::from_secs(30)),
            doors: RateLimit::new(200, Duration::from_millis(250)),
            guesses: RateLimit::new(20, Duration::from_secs(40)),
        }
    }

    /// Counts a request of somebody who has not shown who they are, and who guesses what the one of that name knows, if anybody's; whether it was not too much.
    pub(crate) fn lets_in(&self, from: Network, name: Option<&str>) -> bool {
        let guess =
            |name: &str| self.guesses.allows((from, store::search_key(name).chars().take(MOST_OF_A_NAME).collect()));
        self.doors.allows(from) && name.is_none_or(guess)
    }

    /// Forgets those who have done nothing for a while.
    pub fn sweep(&self) {
        self.searches.sweep();
        self.lists.sweep();
        self.codes.sweep();
        self.doors.sweep();
        self.guesses.sweep();
    }
}

/// No username is longer; more letters of what somebody sent are not kept.
const MOST_OF_A_NAME: usize = 64;

/// Lets each of some do something so many times at once, and then again as time goes by.
pub(crate) struct RateLimit<K: Hash + Eq + Clone>(DefaultKeyedRateLimiter<K>);

impl<K: Hash + Eq + Clone> RateLimit<K> {
    fn new(at_once: u32, then_every: Duration) -> Self {
        let quota = Quota::with_period(then_every).expect("the time between two is not zero");
        Self(RateLimiter::keyed(quota.allow_burst(NonZeroU32::new(at_once).expect("at least one"))))
    }

    /// Counts once; whether it was not too much.
    pub(crate) fn allows(&self, who: K) -> bool {
        self.0.check_key(&who).is_ok()
    }

    /// Counts `times`; whether that was not too much.
    pub(crate) fn allows_many(&self, who: K, times: usize) -> bool {
        let times = u32::try_from(times).ok().map(NonZeroU32::new);
        times.is_some_and(|times| times.is_none_or(|times| matches!(self.0.check_key_n(&who, times), Ok(Ok(())))))
    }

    fn sweep(&self) {
        self.0.retain_recent();
        self.0.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_at_once_are_refused_for_that_account_alone() {
        let (limits, ana, bruno) = (Limits::new(), AccountId::random(), AccountId::random());
        assert_eq!((0..50).filter(|_| limits.codes.allows(ana)).count(), 5);
        assert!(limits.codes.allows(bruno));
        limits.sweep();
        assert!(!limits.codes.allows(ana));
    }

    #[test]
    fn a_list_counts_as_many_times_as_it_has_entries() {
        let (limit, ana, bruno) = (Limits::new().lists, AccountId::random(), AccountId::random());
        assert!(limit.allows_many(ana, 1_000) && limit.allows_many(ana, 1_000));
        assert!(!limit.allows_many(ana, 1_000));
        assert!(limit.allows_many(ana, 0));
        assert!(limit.allows_many(bruno, 1_000));
        assert!(!limit.allows_many(bruno, usize::MAX));
    }

    fn network(address: &str) -> Network {
        Network::of(Some(address.parse().unwrap()))
    }

    #[test]
    fn whoever_guesses_keeps_nobody_out_who_comes_from_elsewhere() {
        let (limits, here, there) = (Limits::new(), network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!((0..50).filter(|_| limits.lets_in(here, Some("Ana"))).count(), 20);
        // However the name is spelled.
        assert!(!limits.lets_in(here, Some("ANA")));
        assert!(limits.lets_in(here, Some("bruno")));
        assert!(limits.lets_in(there, Some("ana")));
    }

    #[test]
    fn many_names_from_one_network_are_too_many_in_the_end() {
        let (limits, here) = (Limits::new(), network("2001:db8:1:2::1"));
        // One more for each quarter of a second that this takes.
        assert!((200..250).contains(&(0..500).filter(|name| limits.lets_in(here, Some(&name.to_string()))).count()));
        // Another address of the same network, and what guesses nothing.
        assert!(!limits.lets_in(network("2001:db8:1:2:ffff::9"), None));
        assert!(limits.lets_in(network("2001:db8:1:3::1"), None));
        assert!(limits.lets_in(Network::of(None), None));
    }

    #[test]
    fn an_address_is_the_same_in_both_versions() {
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }
}
