//! The limits of a server as settings. Their defaults fit an organization of some thousand people; see docs/administration.md.

use std::num::NonZeroU32;
use std::time::Duration;

use app::rate_limit::{Rate, Settings};
use clap::Args;

/// How much, how large, how often and how long. Rates are two numbers: how often at once, and how often in each minute after that.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitOptions {
    /// How many seconds a request may take before it is answered with 503.
    #[arg(long, env = "MYSAFE_REQUEST_SECONDS", default_value = "60", value_name = "SECONDS")]
    pub request_seconds: NonZeroU32,
    /// How many requests are worked at the same time; others wait for their turn.
    #[arg(long, env = "MYSAFE_REQUESTS", default_value = "512", value_name = "NUMBER")]
    pub requests: NonZeroU32,
    /// How large a request may be, in MiB. The ids of the largest batch have to fit.
    #[arg(long, env = "MYSAFE_BODY_MIB", default_value = "4", value_name = "MIB")]
    pub body_mib: NonZeroU32,
    /// How large those may be that carry keys for many secrets or people, in MiB.
    #[arg(long, env = "MYSAFE_BATCH_BODY_MIB", default_value = "32", value_name = "MIB")]
    pub batch_body_mib: NonZeroU32,
    /// How many secrets one batch may have.
    #[arg(long, env = "MYSAFE_BATCH_RECORDS", default_value = "200000", value_name = "NUMBER")]
    pub batch_records: NonZeroU32,
    /// How many people and groups one batch may have.
    #[arg(long, env = "MYSAFE_BATCH_RECIPIENTS", default_value = "1000", value_name = "NUMBER")]
    pub batch_recipients: NonZeroU32,
    /// Requests from one network (an IPv4 address, or 64 bits of IPv6) by those who are not signed in.
    #[arg(long, env = "MYSAFE_RATE_DOORS", default_value = "200/240", value_name = "RATE")]
    pub rate_doors: Rate,
    /// Passwords and recovery codes tried for one username from one network.
    #[arg(long, env = "MYSAFE_RATE_PASSWORDS", default_value = "20/2", value_name = "RATE")]
    pub rate_passwords: Rate,
    /// Codes of a second step tried for one account.
    #[arg(long, env = "MYSAFE_RATE_CODES", default_value = "5/2", value_name = "RATE")]
    pub rate_codes: Rate,
    /// Searches for people and groups by one account.
    #[arg(long, env = "MYSAFE_RATE_SEARCHES", default_value = "50/600", value_name = "RATE")]
    pub rate_searches: Rate,
    /// Entries of pasted lists of people and groups by one account.
    #[arg(long, env = "MYSAFE_RATE_LISTS", default_value = "2000/600", value_name = "RATE")]
    pub rate_lists: Rate,
    /// Client secrets opened by one account; beyond that it is asked for the password.
    #[arg(long, env = "MYSAFE_RATE_OPENINGS", default_value = "60/2", value_name = "RATE")]
    pub rate_openings: Rate,
    /// Client secrets opened by one access key.
    #[arg(long, env = "MYSAFE_RATE_PROGRAM_OPENINGS", default_value = "1000/600", value_name = "RATE")]
    pub rate_program_openings: Rate,
    /// Sign-ins by programs from one network.
    #[arg(long, env = "MYSAFE_RATE_PROGRAM_DOORS", default_value = "600/1200", value_name = "RATE")]
    pub rate_program_doors: Rate,
    /// How many seconds a password counts that was typed for what takes one.
    #[arg(long, env = "MYSAFE_PROOF_SECONDS", default_value = "300", value_name = "SECONDS")]
    pub proof_seconds: NonZeroU32,
}

impl LimitOptions {
    /// How long a request may take.
    pub(crate) fn time(&self) -> Duration {
        Duration::from_secs(self.request_seconds.get().into())
    }

    /// How many are worked at the same time.
    pub(crate) fn requests(&self) -> usize {
        number(self.requests)
    }

    /// How large a request may be, in bytes.
    pub(crate) fn body(&self) -> usize {
        bytes(self.body_mib)
    }

    /// The same for one with keys for many secrets or people.
    pub(crate) fn batch_body(&self) -> usize {
        bytes(self.batch_body_mib)
    }

    /// What server functions heed.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            searches: self.rate_searches,
            lists: self.rate_lists,
            codes: self.rate_codes,
            openings: self.rate_openings,
            program_openings: self.rate_program_openings,
            program_doors: self.rate_program_doors,
            doors: self.rate_doors,
            guesses: self.rate_passwords,
            proof: Duration::from_secs(self.proof_seconds.get().into()),
            records: number(self.batch_records),
            recipients: number(self.batch_recipients),
        }
    }
}

fn number(number: NonZeroU32) -> usize {
    usize::try_from(number.get()).unwrap_or(usize::MAX)
}

fn bytes(mib: NonZeroU32) -> usize {
    number(mib).saturating_mul(1024 * 1024)
}
