use serde::{Deserialize, Serialize};

use super::{Fingerprint, Statement, push_field};
use crate::account::AccountKeys;
use crate::id::AccountId;
use crate::identity::PublicIdentity;
use crate::invitation::{Acceptance, Invitation};
use crate::pins::{Authority, Pin};

/// The keys of one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Whose they are.
    pub account: AccountId,
    /// What that person signs in with, and what others know them by.
    pub username: String,
    /// How many sets of keys the account has had, from 1.
    pub epoch: u64,
    /// [`PublicIdentity::to_bytes`].
    pub identity: Vec<u8>,
}

impl Entry {
    /// The first keys of an account.
    pub fn first(keys: &AccountKeys, username: &str) -> Self {
        Self { account: keys.account(), username: username.into(), epoch: 1, identity: keys.public().to_bytes() }
    }

    pub(super) fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Statement::Entry.begin();
        bytes.extend_from_slice(self.account.as_bytes());
        bytes.extend_from_slice(&self.epoch.to_be_bytes());
        push_field(&mut bytes, self.username.as_bytes());
        push_field(&mut bytes, &self.identity);
        bytes
    }

    /// Signs the entry as an administrator.
    pub fn sign(self, signer: &AccountKeys) -> SignedEntry {
        let signature = signer.identity.sign(&self.signed_bytes()).to_vec();
        SignedEntry { entry: self, vouch: Vouch::Signed { signer: signer.account(), signature } }
    }

    /// What tells these keys from others.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.identity)
    }

    /// What is remembered of these keys.
    pub fn pin(&self) -> Pin {
        Pin { epoch: self.epoch, key: self.fingerprint(), authority: Authority::Administrators }
    }

    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        PublicIdentity::from_bytes(&self.identity).is_ok_and(|identity| identity.verify(message, signature).is_ok())
    }
}

/// Who says that an entry is right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Vouch {
    /// An administrator.
    Signed {
        /// Who.
        signer: AccountId,
        /// Their signature of the entry.
        signature: Vec<u8>,
    },
    /// The person themselves, with the secret of an invitation that an administrator signed. Holds as long as the invitation does.
    Invited {
        /// The invitation.
        invitation: Invitation,
        /// The signature made with its secret.
        acceptance: Acceptance,
    },
}

/// An entry, and who says that it is right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedEntry {
    /// The entry.
    pub entry: Entry,
    /// Who says so.
    pub vouch: Vouch,
}

/// Says that an account may sign entries: one of the administrators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// Who may sign.
    pub account: AccountId,
    /// With which keys: [`PublicIdentity::to_bytes`].
    pub identity: Vec<u8>,
    /// Who says so: another administrator, or the founder of themselves.
    pub signer: AccountId,
    /// Their signature.
    pub signature: Vec<u8>,
}

impl SignedEntry {
    /// Whether the keys of `signer` made the signature. Not whether `signer` may sign: that only a [`Directory`] knows.
    pub fn is_by(&self, signer: &Entry) -> bool {
        let Vouch::Signed { signature, .. } = &self.vouch else { return false };
        signer.has_signed(&self.entry.signed_bytes(), signature)
    }
}

impl Mandate {
    /// Whether the keys of `signer` made the signature.
    pub fn is_by(&self, signer: &Entry) -> bool {
        signer.has_signed(&Self::signed_bytes(self.account, &self.identity), &self.signature)
    }

    /// A mandate for the keys of an entry, whose signature has been checked.
    pub fn sign(entry: &Entry, signer: &AccountKeys) -> Self {
        let (account, identity) = (entry.account, entry.identity.clone());
        let signature = signer.identity.sign(&Self::signed_bytes(account, &identity)).to_vec();
        Self { account, identity, signer: signer.account(), signature }
    }

    pub(super) fn signed_bytes(account: AccountId, identity: &[u8]) -> Vec<u8> {
        let mut bytes = Statement::Mandate.begin();
        bytes.extend_from_slice(account.as_bytes());
        push_field(&mut bytes, identity);
        bytes
    }
}
