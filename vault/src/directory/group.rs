use serde::{Deserialize, Serialize};

use super::entry::{Entry, SignedEntry};
use super::{Fingerprint, Statement, push_field};
use crate::account::AccountKeys;
use crate::id::{AccountId, GroupId, RecipientId};
use crate::pins::{Authority, Pin};

/// Who answers for a group's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupSigner {
    /// Any administrator.
    Administrators,
    /// The one who made the group.
    Owner,
}

/// The public key of a group in one epoch, and the name that people know the group by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupKey {
    /// The group.
    pub group: GroupId,
    /// Its name.
    pub name: String,
    /// Who answers for it.
    pub managed_by: GroupSigner,
    /// The epoch, from 1.
    pub epoch: u64,
    /// [`PublicKey::to_bytes`].
    pub key: Vec<u8>,
}

/// A group's key, and who answers for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedGroupKey {
    /// The key.
    pub key: GroupKey,
    /// The signer's signature of it.
    pub signature: Vec<u8>,
    /// Who signed it.
    pub signer: SignedEntry,
}

/// What the directory has of a recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecipientEntry {
    /// Of a person.
    Account(SignedEntry),
    /// Of a group.
    Group(SignedGroupKey),
}

impl RecipientEntry {
    /// Whose it is.
    pub fn recipient(&self) -> RecipientId {
        match self {
            Self::Account(signed) => RecipientId::Account(signed.entry.account),
            Self::Group(signed) => RecipientId::Group(signed.key.group),
        }
    }

    /// The username or the group's name: what the signature binds the key to.
    pub fn name(&self) -> &str {
        match self {
            Self::Account(signed) => &signed.entry.username,
            Self::Group(signed) => &signed.key.name,
        }
    }

    /// Who answers for the key of a group; nothing for an account.
    pub fn managed_by(&self) -> Option<GroupSigner> {
        match self {
            Self::Account(_) => None,
            Self::Group(signed) => Some(signed.key.managed_by),
        }
    }

    /// What is remembered of the key.
    pub fn pin(&self) -> Pin {
        match self {
            Self::Account(signed) => signed.entry.pin(),
            Self::Group(signed) => Pin {
                epoch: signed.key.epoch,
                key: Fingerprint::of(&signed.key.key),
                authority: match signed.key.managed_by {
                    GroupSigner::Administrators => Authority::Administrators,
                    GroupSigner::Owner => Authority::Owner(signed.signer.entry.account),
                },
            },
        }
    }
}

impl GroupKey {
    pub(super) fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Statement::GroupKey.begin();
        bytes.extend_from_slice(self.group.as_bytes());
        bytes.push(match self.managed_by {
            GroupSigner::Administrators => 1,
            GroupSigner::Owner => 2,
        });
        bytes.extend_from_slice(&self.epoch.to_be_bytes());
        push_field(&mut bytes, self.name.as_bytes());
        push_field(&mut bytes, &self.key);
        bytes
    }

    /// Whether the keys of `signer` made the signature.
    pub fn is_by(&self, signature: &[u8], signer: &Entry) -> bool {
        signer.has_signed(&self.signed_bytes(), signature)
    }

    /// Signs the key as who manages the group.
    pub fn sign(&self, signer: &AccountKeys) -> Vec<u8> {
        signer.identity.sign(&self.signed_bytes()).to_vec()
    }
}

/// Who is in a group, as who manages it signed it: nobody is sealed a new seed whom no manager took in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// The group.
    pub group: GroupId,
    /// The epoch of its key.
    pub epoch: u64,
    /// Its members, in order of their ids, each once.
    pub members: Vec<AccountId>,
}

/// A roster, and who answers for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedRoster {
    /// The roster.
    pub roster: Roster,
    /// Who signed it.
    pub signer: AccountId,
    /// Their signature.
    pub signature: Vec<u8>,
}

impl Roster {
    /// Of members in any order.
    pub fn new(group: GroupId, epoch: u64, members: impl IntoIterator<Item = AccountId>) -> Self {
        let mut members: Vec<AccountId> = members.into_iter().collect();
        members.sort_unstable();
        members.dedup();
        Self { group, epoch, members }
    }

    pub(super) fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Statement::Roster.begin();
        bytes.extend_from_slice(self.group.as_bytes());
        bytes.extend_from_slice(&self.epoch.to_be_bytes());
        for member in &self.members {
            bytes.extend_from_slice(member.as_bytes());
        }
        bytes
    }

    /// Signs the roster as who manages the group.
    pub fn sign(&self, signer: &AccountKeys) -> Vec<u8> {
        signer.identity.sign(&self.signed_bytes()).to_vec()
    }

    /// Whether the keys of `signer` made the signature.
    pub fn is_by(&self, signature: &[u8], signer: &Entry) -> bool {
        signer.has_signed(&self.signed_bytes(), signature)
    }
}
