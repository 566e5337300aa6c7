use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::random::random_bytes;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new random id (UUID version 4).
            pub fn random() -> Self {
                Self(uuid::Builder::from_random_bytes(random_bytes()).into_uuid())
            }

            /// The 16 bytes that stand for this id in associated data.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The id as the UUID it is.
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// A person who can sign in.
    AccountId
);
id!(
    /// A user group or a private group.
    GroupId
);
id!(
    /// An API secret.
    SecretId
);
id!(
    /// One act of sharing.
    ShareId
);
id!(
    /// One confirmed action on several secrets.
    BatchId
);
/// An account or a group, as the target of a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RecipientId {
    /// One person.
    Account(AccountId),
    /// Everyone in a group, whoever that is at the time.
    Group(GroupId),
}

impl RecipientId {
    /// The 16 bytes that stand for the recipient; ids of accounts and groups never collide, being random.
    pub fn as_bytes(&self) -> &[u8; 16] {
        match self {
            Self::Account(id) => id.as_bytes(),
            Self::Group(id) => id.as_bytes(),
        }
    }

    /// The id as the UUID it is.
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Account(id) => id.uuid(),
            Self::Group(id) => id.uuid(),
        }
    }

    /// 1 for an account, 2 for a group: tells them apart in associated data.
    pub(crate) fn kind(&self) -> u8 {
        match self {
            Self::Account(_) => 1,
            Self::Group(_) => 2,
        }
    }
}
