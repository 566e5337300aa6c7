//! How often somebody may do what could be abused: an account, or a place where nobody has shown who they are.

use std::fmt;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::str::FromStr;
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

/// How often somebody may do something at once, and how often in each minute after that. Written as `20/2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    at_once: NonZeroU32,
    in_a_minute: NonZeroU32,
}

/// More is no limit any more, and beyond what is counted with.
const MOST: u32 = 1_000_000;

/// What is no [`Rate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRate;

impl fmt::Display for NoRate {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str(
            "not two numbers from 1 to 1000000, how often at once and how often in each minute after that, such as 20/2",
        )
    }
}

impl std::error::Error for NoRate {}

impl Rate {
    /// How often at once.
    pub fn at_once(self) -> u32 {
        self.at_once.get()
    }
}

impl FromStr for Rate {
    type Err = NoRate;

    fn from_str(text: &str) -> Result<Self, NoRate> {
        let (at_once, in_a_minute) = text.split_once('/').ok_or(NoRate)?;
        let number = |text: &str| {
            let number: NonZeroU32 = text.trim().parse().map_err(|_| NoRate)?;
            if number.get() > MOST { Err(NoRate) } else { Ok(number) }
        };
        Ok(Self { at_once: number(at_once)?, in_a_minute: number(in_a_minute)? })
    }
}

/// How large batches may be and how often requests may come. Each is a setting of the server, which has the defaults.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Of searches by one account: more than anyone types. Keeps one account from reading the directory by guessing, and from keeping the server busy
    /// with it.
    pub searches: Rate,
    /// Of entries of pasted lists, of which one has 1,000 at most: two such lists at once. Each is as good as a search for whoever guesses.
    pub lists: Rate,
    /// Of codes of a second step: there are a million of them.
    pub codes: Rate,
    /// Of values opened by one account that has not just shown that it is they.
    pub openings: Rate,
    /// Of values opened by one program.
    pub program_openings: Rate,
    /// Of sign-ins by programs from one network.
    pub program_doors: Rate,
    /// Of requests from one network by those who have not shown who they are: two hundred people behind one address may sign in at once.
    pub doors: Rate,
    /// Of passwords and recovery codes tried for one name. From one network, so that nobody keeps somebody else out by guessing.
    pub guesses: Rate,
    /// How long it counts that somebody has shown once more that it is they.
    pub proof: Duration,
    /// How many secrets one batch may have.
    pub records: usize,
    /// How many people and groups one batch may have.
    pub recipients: usize,
}

/// All limits of a server, and what was counted for them.
pub struct Limits {
    pub(crate) searches: RateLimit<AccountId>,
    pub(crate) lists: RateLimit<AccountId>,
    pub(crate) codes: RateLimit<AccountId>,
    pub(crate) openings: RateLimit<AccountId>,
    pub(crate) program_openings: RateLimit<AccountId>,
    pub(crate) program_doors: RateLimit<Network>,
    doors: RateLimit<Network>,
    guesses: RateLimit<(Network, String)>,
    pub(crate) proof: Duration,
    pub(crate) records: usize,
    pub(crate) recipients: usize,
}

impl Limits {
    /// With nothing counted.
    pub fn new(settings: &Settings) -> Self {
        Self {
            searches: RateLimit::new(settings.searches),
            lists: RateLimit::new(settings.lists),
            codes: RateLimit::new(settings.codes),
            openings: RateLimit::new(settings.openings),
            program_openings: RateLimit::new(settings.program_openings),
            program_doors: RateLimit::new(settings.program_doors),
            doors: RateLimit::new(settings.doors),
            guesses: RateLimit::new(settings.guesses),
            proof: settings.proof,
            records: settings.records,
            recipients: settings.recipients,
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
        self.openings.sweep();
        self.program_openings.sweep();
        self.program_doors.sweep();
        self.doors.sweep();
        self.guesses.sweep();
    }
}

/// No username is longer; more letters of what somebody sent are not kept.
const MOST_OF_A_NAME: usize = 64;

/// Lets each of some do something so many times at once, and then again as time goes by.
pub(crate) struct RateLimit<K: Hash + Eq + Clone>(DefaultKeyedRateLimiter<K>);

impl<K: Hash + Eq + Clone> RateLimit<K> {
    fn new(rate: Rate) -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(rate.in_a_minute).allow_burst(rate.at_once)))
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

    fn limits() -> Limits {
        let rate = |text: &str| text.parse().unwrap();
        Limits::new(&Settings {
            searches: rate("50/600"),
            lists: rate("2000/600"),
            codes: rate("5/2"),
            openings: rate("60/2"),
            program_openings: rate("1000/600"),
            program_doors: rate("600/1200"),
            doors: rate("200/240"),
            guesses: rate("20/2"),
            proof: Duration::from_mins(5),
            records: 10,
            recipients: 10,
        })
    }

    #[test]
    fn a_rate_is_two_numbers_above_0() {
        let rate: Rate = "20/2".parse().unwrap();
        assert_eq!((rate.at_once.get(), rate.in_a_minute.get()), (20, 2));
        for text in ["", "20", "20/", "/2", "0/2", "20/0", "-1/2", "1/2/3", "a/b", "1000001/1", "4294967295/1"] {
            assert_eq!(text.parse::<Rate>(), Err(NoRate), "{text}");
        }
    }

    #[test]
    fn too_many_at_once_are_refused_for_that_account_alone() {
        let (limits, ana, bruno) = (limits(), AccountId::random(), AccountId::random());
        assert_eq!((0..50).filter(|_| limits.codes.allows(ana)).count(), 5);
        assert!(limits.codes.allows(bruno));
        limits.sweep();
        assert!(!limits.codes.allows(ana));
    }

    #[test]
    fn a_list_counts_as_many_times_as_it_has_entries() {
        let (limit, ana, bruno) = (limits().lists, AccountId::random(), AccountId::random());
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
        let (limits, here, there) = (limits(), network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!((0..50).filter(|_| limits.lets_in(here, Some("Ana"))).count(), 20);
        // However the name is spelled.
        assert!(!limits.lets_in(here, Some("ANA")));
        assert!(limits.lets_in(here, Some("bruno")));
        assert!(limits.lets_in(there, Some("ana")));
    }

    #[test]
    fn many_names_from_one_network_are_too_many_in_the_end() {
        let (limits, here) = (limits(), network("2001:db8:1:2::1"));
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
