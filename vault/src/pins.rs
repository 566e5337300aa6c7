use std::collections::BTreeMap;

use crate::bytes::take;
use crate::directory::Fingerprint;
use crate::error::VaultError;
use crate::id::RecipientId;

/// The keys that an account has sealed to before: what it sees again must be the same. Kept sealed under the account key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins(BTreeMap<RecipientId, (u64, Fingerprint)>);

/// How a key compares with what was seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Never before, or the very same.
    Fits,
    /// A later key than the one seen before.
    Newer,
    /// Another key in the same epoch, or one from an earlier epoch.
    Differs,
}

impl Pins {
    /// Compares a recipient's key with what was seen of them before.
    pub fn compare(&self, recipient: RecipientId, epoch: u64, key: Fingerprint) -> Seen {
        match self.0.get(&recipient) {
            None => Seen::Fits,
            Some((known, _)) if epoch > *known => Seen::Newer,
            Some(known) if *known == (epoch, key) => Seen::Fits,
            Some(_) => Seen::Differs,
        }
    }

    /// Remembers a key. Says whether that was news.
    pub fn set(&mut self, recipient: RecipientId, epoch: u64, key: Fingerprint) -> bool {
        self.0.insert(recipient, (epoch, key)) != Some((epoch, key))
    }

    /// For each recipient: kind (1 an account, 2 a group), id, 64-bit big-endian epoch, fingerprint.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * 57);
        for (recipient, (epoch, key)) in &self.0 {
            bytes.push(recipient.kind());
            bytes.extend_from_slice(recipient.as_bytes());
            bytes.extend_from_slice(&epoch.to_be_bytes());
            bytes.extend_from_slice(&key.0);
        }
        bytes
    }

    pub(crate) fn from_bytes(mut bytes: &[u8]) -> Result<Self, VaultError> {
        let mut pins = BTreeMap::new();
        while let Some((kind, rest)) = bytes.split_first() {
            bytes = rest;
            let id = uuid::Uuid::from_slice(take(&mut bytes, 16)?).map_err(|_| VaultError::Format)?;
            let recipient = match kind {
                1 => RecipientId::Account(id.into()),
                2 => RecipientId::Group(id.into()),
                _ => return Err(VaultError::Format),
            };
            let (epoch, rest) = bytes.split_first_chunk().ok_or(VaultError::Format)?;
            let (key, rest) = rest.split_first_chunk().ok_or(VaultError::Format)?;
            pins.insert(recipient, (u64::from_be_bytes(*epoch), Fingerprint(*key)));
            bytes = rest;
        }
        Ok(Self(pins))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{AccountId, GroupId};
    use proptest::prelude::*;

    fn key(number: u8) -> Fingerprint {
        Fingerprint::of(&[number])
    }

    #[test]
    fn what_was_seen_must_stay_or_come_in_a_later_epoch() {
        let (mut pins, bruno) = (Pins::default(), RecipientId::Account(AccountId::random()));
        assert_eq!(pins.compare(bruno, 2, key(1)), Seen::Fits);
        assert!(pins.set(bruno, 2, key(1)));
        assert!(!pins.set(bruno, 2, key(1)));
        let compared = |epoch, number| pins.compare(bruno, epoch, key(number));
        assert_eq!([compared(2, 1), compared(2, 2), compared(3, 2)], [Seen::Fits, Seen::Differs, Seen::Newer]);
        assert_eq!([compared(1, 1), compared(1, 2)], [Seen::Differs; 2]);
    }

    proptest! {
        #[test]
        fn pins_are_read_as_they_were_written(people in prop::collection::vec(any::<(u64, u8)>(), 0..9), groups in prop::collection::vec(any::<(u64, u8)>(), 0..9)) {
            let mut pins = Pins::default();
            for (epoch, number) in people {
                pins.set(RecipientId::Account(AccountId::random()), epoch, key(number));
            }
            for (epoch, number) in groups {
                pins.set(RecipientId::Group(GroupId::random()), epoch, key(number));
            }
            prop_assert_eq!(Pins::from_bytes(&pins.to_bytes()).unwrap(), pins);
        }

        /// Whatever was pinned: an older key never fits, and another key of the same epoch never does.
        #[test]
        fn no_way_back(seen in 1..9_u64, shown in 0..9_u64, same: bool) {
            let (mut pins, bruno) = (Pins::default(), RecipientId::Account(AccountId::random()));
            pins.set(bruno, seen, key(1));
            let expected = match (shown.cmp(&seen), same) {
                (std::cmp::Ordering::Greater, _) => Seen::Newer,
                (std::cmp::Ordering::Equal, true) => Seen::Fits,
                _ => Seen::Differs,
            };
            prop_assert_eq!(pins.compare(bruno, shown, key(if same { 1 } else { 2 })), expected);
        }

        #[test]
        fn hostile_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Pins::from_bytes(&bytes);
        }
    }
}
