//! Keys and sealing: the same code in the browser, the tests and the tools.
//!
//! Everything here is a plain function over bytes and typed ids: no input or output, no clock, no screen. Each sealed format
//! begins with its suite number, and its associated data (see [`Place`]) binds it to the one place where it may be opened.
//! `docs/keys.md` has the whole hierarchy on one page.

mod access_key;
mod account;
mod audit;
mod bytes;
mod code;
mod directory;
mod error;
mod escrow;
mod generate;
mod group;
mod id;
mod identity;
mod invitation;
mod key;
mod opening;
mod passkey;
mod password;
mod pins;
mod place;
mod random;
mod recovery;
mod secret;
mod share;
mod trust;

pub use access_key::AccessKey;
pub use account::{AccountKeys, SealedAccount};
pub use audit::AuditKey;
pub use directory::{
    Directory, Entry, Fingerprint, GroupKey, GroupSigner, Mandate, RecipientEntry, Roster, SignedEntry, SignedGroupKey,
    SignedRoster, Vouch,
};
pub use error::VaultError;
pub use escrow::{Approval, Escrow, Part, Purpose, Restoration, RestorationCode, SealedPair, SealedPart};
pub use generate::generate_client_secret;
pub use group::{GroupSeed, SealedSeed};
pub use id::{AccountId, BatchId, GroupId, RecipientId, SecretId, ShareId};
pub use identity::{Identity, PublicIdentity, PublicKey};
pub use invitation::{Acceptance, Invitation, InvitationCode};
pub use key::{Key, SUITE};
pub use opening::{Opening, Path};
pub use passkey::PasskeyOutput;
pub use password::{ExportKey, LoginAttempt, PasswordFile, Registration, ServerKeys, ServerLogin};
pub use pins::{Authority, Pin, Pins, Seen};
pub use place::{Permission, Place};
pub use random::random_bytes;
pub use recovery::RecoveryCode;
pub use secret::{MAX_SECRET_BYTES, SecretKey, SecretValue};
pub use share::{Grants, Limit, Manifest, SealedShare, Sealing, ShareKey, SignedManifest, by_recipients, taken_over};
pub use trust::{Doubt, SealingKeys, Trust};
