//! SurrealDB: the schema, and one file of queries for each word of the model.
//!
//! Functions here are plain and async. What a caller may do is decided here, in the transaction that writes. What a caller may not
//! see answers exactly like what does not exist.

mod access;
mod account;
mod clock;
mod database;
mod directory;
mod error;
mod group;
mod migration;
mod organization;
mod record;
mod recovery;
mod secret;
mod session;
mod share;
#[cfg(test)]
mod tests;

pub use access::{Opening, Path, RecipientAccess};
pub use account::{Account, NewAccount, NewKeys, Role, Status};
pub use database::Store;
pub use directory::{DirectoryEntry, RecipientKey};
pub use error::{Problem, Reason, StoreError, Subject};
pub use group::{Group, GroupKind, Member, NewGroup, NewMember};
pub use organization::Organization;
pub use recovery::{NewPassword, NewRecovery, Recoverable};
pub use secret::{NewSecret, Secret, SecretChange, SecretKeys, SecretRow};
pub use session::Login;
pub use share::{NewGrant, NewShare, Shared};
