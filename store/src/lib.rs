//! SurrealDB: the schema, and one file of queries for each word of the model.
//!
//! Functions here are plain and async. What a caller may do is decided here, in the transaction that writes. What a caller may not
//! see answers exactly like what does not exist.

mod access;
mod access_change;
mod access_key;
mod account;
mod audit;
mod backup;
mod batch;
mod clock;
mod database;
mod deleted;
mod directory;
mod error;
mod expiry;
mod group;
mod invitation;
mod leave;
mod limit;
mod live;
mod migration;
mod organization;
mod passkey;
mod people;
mod record;
mod recovery;
mod restoration;
mod rotation;
mod search;
mod secret;
mod seen;
mod session;
mod settle;
mod share;
mod start_over;
#[cfg(test)]
mod tests;
mod totp;
mod transfer;
mod trust;
mod undo;

pub use access::{PersonWithAccess, RecipientAccess, Way};
pub use access_change::{AccessChange, PresentAccess};
pub use access_key::{AccessKeyRow, NewAccessKey};
pub use account::{Account, Kind, NewAccount, NewKeys, Role, Status};
pub use audit::{
    AuditEntry, AuditFilter, AuditPage, AuditRecord, AuditRecords, BadEntry, Chain, Day, Event, address, audit_id_text,
    from_address,
};
pub use backup::{BackedUp, BackupError, check_backup};
pub use batch::{ActivityEntry, BatchKind, BatchPart, Change, Names, Receipt};
pub use clock::{Millis, date_text, now_in_millis, now_in_seconds};
pub use database::{Location, State, Store, User};
pub use deleted::{BIN_KEEPS, BinRow};
pub use directory::search_key;
pub use error::{Problem, Reason, StoreError, Subject};
pub use group::{Group, GroupChange, GroupDetails, GroupKind, GroupUpkeep, Member, NewEpoch, NewGroup, SealedTo};
pub use invitation::{AcceptedInvitation, NewInvitation, OpenInvitation};
pub use live::{AsOf, Happened, Heard, ListChanges, News, SEEN};
pub use organization::Organization;
pub use passkey::{MAX_PASSKEYS, NewPasskey, Passkey, passkey_id};
pub use people::{PeoplePage, PersonRow};
pub use recovery::{NewPassword, NewRecovery, Recoverable};
pub use restoration::{AskedRestoration, EscrowNeed, Notice, OpenRestoration};
pub use rotation::{Exposed, ExposedTo};
pub use search::{DirectoryEntry, RecipientKind, Resolved, Sought};
pub use secret::{
    FirstSecrets, KeyToShare, NewSecret, NewValue, OwnValue, Secret, SecretChange, SecretKeys, SecretRow,
    SecretVersion, Tagging, VersionKeys,
};
pub use session::{Login, SessionRow};
pub use settle::{Due, DueSecret, DueShare, GivenAway, OwnShareKey, SettledSecret, Waiting};
pub use share::{NewGrant, NewShare, Shared};
pub use totp::Totp;
pub use transfer::{TakeOver, Transfer};
pub use trust::SealedPins;
pub use undo::{LeftOut, Restored, Undo, UndoPlan};
