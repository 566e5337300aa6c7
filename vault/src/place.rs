use serde::{Deserialize, Serialize};

use crate::id::{AccountId, GroupId, RecipientId, SecretId, ShareId};
use crate::key::SUITE;

/// What a recipient may do with a secret. `Edit` includes `View`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Permission {
    /// See the secret and copy its value.
    #[default]
    View,
    /// Change the secret as well, and enable or disable it.
    Edit,
    /// Own the secret from now on. Nobody shares with it: a transfer grants it, to one person.
    Own,
}

impl Permission {
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::View => 1,
            Self::Edit => 2,
            Self::Own => 3,
        }
    }
}

/// The one place where a sealed box belongs: its associated data. A box that is moved to another place does not open.
///
/// Encoded as `"mysafe"`, the suite, the kind, and then the fields in order, each of a fixed length for its kind (ids 16 bytes,
/// numbers 8 bytes big-endian): two places never have the same encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The account key, sealed under the password's export key.
    AccountKey(AccountId),
    /// The account key, sealed under a recovery code.
    RecoveryKey(AccountId),
    /// The account key, sealed under what one of its passkeys gives.
    PasskeyKey(AccountId),
    /// The account key, sealed under an access key.
    AccessKey(AccountId),
    /// The seeds of an identity, sealed under the account key.
    Identity(AccountId),
    /// What an account has seen of others' keys, in one revision, sealed under the account key.
    Pins(AccountId, u64),
    /// What an invited account is to trust, sealed under the invitation's secret.
    InvitationRoot(AccountId),
    /// A secret's key, sealed under its owner's account key.
    SecretKey(AccountId, SecretId),
    /// A secret's value in one revision, sealed under the secret's key.
    SecretValue(SecretId, u64),
    /// A share's key, sealed under the granter's account key.
    ShareKey {
        /// Who shares.
        granter: AccountId,
        /// The share.
        share: ShareId,
        /// The epoch of the share's key.
        epoch: u64,
    },
    /// A share's key, sealed to a recipient.
    Grant {
        /// Who shares.
        granter: AccountId,
        /// The share.
        share: ShareId,
        /// The epoch of the share's key.
        epoch: u64,
        /// To whom.
        recipient: RecipientId,
        /// The epoch of the recipient's key; 1 for accounts.
        recipient_epoch: u64,
        /// What the recipient may do.
        permission: Permission,
    },
    /// A secret's key, sealed under a share's key.
    Item {
        /// The share.
        share: ShareId,
        /// The epoch of the share's key.
        epoch: u64,
        /// The secret.
        secret: SecretId,
    },
    /// A group's seed, sealed to one of its members.
    Membership {
        /// The group.
        group: GroupId,
        /// The epoch of the group's key.
        epoch: u64,
        /// The member.
        member: AccountId,
    },
    /// A group's seed, sealed to one of those who manage the group.
    Management {
        /// The group.
        group: GroupId,
        /// The epoch of the group's key.
        epoch: u64,
        /// Who manages it.
        manager: AccountId,
    },
    /// The seed of a group's epoch before this one, sealed under this one's.
    EarlierSeed {
        /// The group.
        group: GroupId,
        /// This epoch.
        epoch: u64,
    },
    /// The key of a secret's epoch before this one, sealed under this one's.
    EarlierSecretKey {
        /// The secret.
        secret: SecretId,
        /// This epoch.
        epoch: u64,
    },
    /// The secret for codes of an account's second step, sealed under the server's keys.
    CodeSecret(AccountId),
    /// An administrator's part of an account's escrow, sealed to them.
    EscrowPart {
        /// Whose escrow.
        account: AccountId,
        /// Which of theirs.
        generation: u64,
        /// Whose part.
        administrator: AccountId,
    },
    /// The account key, sealed under what two administrators' parts give.
    EscrowPair {
        /// Whose escrow.
        account: AccountId,
        /// Which of theirs.
        generation: u64,
        /// One administrator.
        first: AccountId,
        /// The other.
        second: AccountId,
    },
    /// An administrator's part, handed to the one who is to open the account.
    Approval {
        /// Whose escrow.
        account: AccountId,
        /// Which of theirs.
        generation: u64,
        /// Whose part.
        administrator: AccountId,
    },
}

impl Place {
    fn kind(&self) -> u8 {
        match self {
            Self::AccountKey(_) => 1,
            Self::Identity(_) => 2,
            Self::SecretKey(..) => 3,
            Self::SecretValue(..) => 4,
            Self::ShareKey { .. } => 5,
            Self::Grant { .. } => 6,
            Self::Item { .. } => 7,
            Self::Membership { .. } => 8,
            Self::Management { .. } => 9,
            Self::RecoveryKey(_) => 10,
            Self::Pins(..) => 11,
            Self::InvitationRoot(_) => 12,
            Self::EarlierSeed { .. } => 13,
            Self::EscrowPart { .. } => 14,
            Self::EscrowPair { .. } => 15,
            Self::Approval { .. } => 16,
            Self::CodeSecret(_) => 17,
            Self::PasskeyKey(_) => 18,
            Self::EarlierSecretKey { .. } => 19,
            Self::AccessKey(_) => 20,
        }
    }

    /// The associated data of this place.
    pub(crate) fn associated_data(&self) -> Vec<u8> {
        let mut data = Vec::with_capacity(96);
        data.extend_from_slice(b"mysafe");
        data.push(SUITE);
        data.push(self.kind());
        match self {
            Self::AccountKey(account)
            | Self::RecoveryKey(account)
            | Self::PasskeyKey(account)
            | Self::AccessKey(account)
            | Self::Identity(account)
            | Self::CodeSecret(account)
            | Self::InvitationRoot(account) => data.extend(account.as_bytes()),
            Self::Pins(account, revision) => {
                data.extend(account.as_bytes());
                data.extend(revision.to_be_bytes());
            }
            Self::SecretKey(owner, secret) => {
                data.extend(owner.as_bytes());
                data.extend(secret.as_bytes());
            }
            Self::SecretValue(secret, number) | Self::EarlierSecretKey { secret, epoch: number } => {
                data.extend(secret.as_bytes());
                data.extend(number.to_be_bytes());
            }
            Self::ShareKey { granter, share, epoch } => {
                data.extend(granter.as_bytes());
                data.extend(share.as_bytes());
                data.extend(epoch.to_be_bytes());
            }
            Self::Grant { granter, share, epoch, recipient, recipient_epoch, permission } => {
                data.extend(granter.as_bytes());
                data.extend(share.as_bytes());
                data.extend(epoch.to_be_bytes());
                data.push(recipient.kind());
                data.extend(recipient.as_bytes());
                data.extend(recipient_epoch.to_be_bytes());
                data.push(permission.number());
            }
            Self::Item { share, epoch, secret } => {
                data.extend(share.as_bytes());
                data.extend(epoch.to_be_bytes());
                data.extend(secret.as_bytes());
            }
            Self::Membership { group, epoch, member } => {
                data.extend(group.as_bytes());
                data.extend(epoch.to_be_bytes());
                data.extend(member.as_bytes());
            }
            Self::Management { group, epoch, manager } => {
                data.extend(group.as_bytes());
                data.extend(epoch.to_be_bytes());
                data.extend(manager.as_bytes());
            }
            Self::EarlierSeed { group, epoch } => {
                data.extend(group.as_bytes());
                data.extend(epoch.to_be_bytes());
            }
            Self::EscrowPart { account, generation, administrator }
            | Self::Approval { account, generation, administrator } => {
                data.extend(account.as_bytes());
                data.extend(generation.to_be_bytes());
                data.extend(administrator.as_bytes());
            }
            Self::EscrowPair { account, generation, first, second } => {
                data.extend(account.as_bytes());
                data.extend(generation.to_be_bytes());
                data.extend(first.as_bytes());
                data.extend(second.as_bytes());
            }
        }
        data
    }
}
