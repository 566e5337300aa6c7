use std::collections::BTreeMap;

use crate::bytes::take;
use crate::directory::Fingerprint;
use crate::error::VaultError;
use crate::id::{AccountId, RecipientId};

/// Who answers for the key of a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// Any administrator: for people and user groups.
    Administrators,
    /// The owner of a private group.
    Owner(AccountId),
}

/// What was seen of a recipient's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The epoch of the key.
    pub epoch: u64,
    /// The key.
    pub key: Fingerprint,
    /// Who answered for it: never anybody else later.
    pub authority: Authority,
}

/// The keys that an account has sealed to before: what it sees again must be the same. Kept sealed under the account key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins(BTreeMap<RecipientId, Pin>);

/// How a key compares with what was seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Never before, or the very same.
    Fits,
    /// A later key than the one seen before.
    Newer,
    /// A key of an earlier epoch: nothing is sealed to it any more, but what it signed then is signed.
    Older,
    /// Another key in the same epoch, or one that somebody else answers for.
    Differs,
}

impl Pins {
    /// Compares a recipient's key with what was seen of them before.
    pub fn compare(&self, recipient: RecipientId, pin: &Pin) -> Seen {
        match self.0.get(&recipient) {
            None => Seen::Fits,
            Some(known) if known.authority != pin.authority => Seen::Differs,
            Some(known) if pin.epoch > known.epoch => Seen::Newer,
            Some(known) if pin.epoch < known.epoch => Seen::Older,
            Some(known) if known == pin => Seen::Fits,
            Some(_) => Seen::Differs,
        }
    }

    /// Remembers a key. Says whether that was news.
    pub fn set(&mut self, recipient: RecipientId, pin: Pin) -> bool {
        self.0.insert(recipient, pin) != Some(pin)
    }

    /// For each recipient: kind (1 an account, 2 a group), id, 64-bit big-endian epoch, fingerprint, id of the owner who answers for it, or zeros.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * 73);
        for (recipient, pin) in &self.0 {
            bytes.push(recipient.kind());
            bytes.extend_from_slice(recipient.as_bytes());
            bytes.extend_from_slice(&pin.epoch.to_be_bytes());
            bytes.extend_from_slice(&pin.key.0);
            bytes.extend_from_slice(match &pin.authority {
                Authority::Administrators => &[0; 16],
                Authority::Owner(owner) => owner.as_bytes(),
            });
        }
        bytes
    }

    pub(crate) fn from_bytes(mut bytes: &[u8]) -> Result<Self, VaultError> {
        let mut pins = BTreeMap::new();
        while let Some((kind, rest)) = bytes.split_first() {
            bytes = rest;
            let id = take_id(&mut bytes)?;
            let recipient = match kind {
                1 => RecipientId::Account(id.into()),
                2 => RecipientId::Group(id.into()),
                _ => return Err(VaultError::Format),
            };
            let (epoch, rest) = bytes.split_first_chunk().ok_or(VaultError::Format)?;
            let (key, rest) = rest.split_first_chunk().ok_or(VaultError::Format)?;
            bytes = rest;
            let owner = take_id(&mut bytes)?;
            let authority = if owner.is_nil() { Authority::Administrators } else { Authority::Owner(owner.into()) };
            pins.insert(recipient, Pin { epoch: u64::from_be_bytes(*epoch), key: Fingerprint(*key), authority });
        }
        Ok(Self(pins))
    }
}

fn take_id(bytes: &mut &[u8]) -> Result<uuid::Uuid, VaultError> {
    uuid::Uuid::from_slice(take(bytes, 16)?).map_err(|_| VaultError::Format)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::GroupId;
    use proptest::prelude::*;

    fn pin(epoch: u64, number: u8) -> Pin {
        Pin { epoch, key: Fingerprint::of(&[number]), authority: Authority::Administrators }
    }

    #[test]
    fn what_was_seen_must_stay_or_come_in_a_later_epoch() {
        let (mut pins, bruno) = (Pins::default(), RecipientId::Account(AccountId::random()));
        assert_eq!(pins.compare(bruno, &pin(2, 1)), Seen::Fits);
        assert!(pins.set(bruno, pin(2, 1)));
        assert!(!pins.set(bruno, pin(2, 1)));
        let compared = |epoch, number| pins.compare(bruno, &pin(epoch, number));
        assert_eq!([compared(2, 1), compared(2, 2), compared(3, 2)], [Seen::Fits, Seen::Differs, Seen::Newer]);
        assert_eq!([compared(1, 1), compared(1, 2)], [Seen::Older; 2]);
    }

    #[test]
    fn nobody_else_answers_for_a_key_later() {
        let (mut pins, group) = (Pins::default(), RecipientId::Group(GroupId::random()));
        let (ana, mallory) = (Authority::Owner(AccountId::random()), Authority::Owner(AccountId::random()));
        for (seen, shown) in [(Authority::Administrators, mallory), (ana, mallory), (ana, Authority::Administrators)] {
            pins.set(group, Pin { authority: seen, ..pin(1, 1) });
            for epoch in [1, 2, 99] {
                assert_eq!(pins.compare(group, &Pin { authority: shown, ..pin(epoch, 1) }), Seen::Differs);
            }
        }
    }

    proptest! {
        #[test]
        fn pins_are_read_as_they_were_written(people in prop::collection::vec(any::<(u64, u8)>(), 0..9), groups in prop::collection::vec(any::<(u64, u8)>(), 0..9)) {
            let mut pins = Pins::default();
            for (epoch, number) in people {
                pins.set(RecipientId::Account(AccountId::random()), pin(epoch, number));
            }
            for (epoch, number) in groups {
                let owned = Pin { authority: Authority::Owner(AccountId::random()), ..pin(epoch, number) };
                pins.set(RecipientId::Group(GroupId::random()), owned);
            }
            prop_assert_eq!(Pins::from_bytes(&pins.to_bytes()).unwrap(), pins);
        }

        /// Whatever was pinned: an older key never fits, and another key of the same epoch never does.
        #[test]
        fn no_way_back(seen in 1..9_u64, shown in 0..9_u64, same: bool) {
            let (mut pins, bruno) = (Pins::default(), RecipientId::Account(AccountId::random()));
            pins.set(bruno, pin(seen, 1));
            let expected = match (shown.cmp(&seen), same) {
                (std::cmp::Ordering::Greater, _) => Seen::Newer,
                (std::cmp::Ordering::Equal, true) => Seen::Fits,
                (std::cmp::Ordering::Less, _) => Seen::Older,
                (std::cmp::Ordering::Equal, false) => Seen::Differs,
            };
            prop_assert_eq!(pins.compare(bruno, &pin(shown, if same { 1 } else { 2 })), expected);
        }

        #[test]
        fn hostile_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Pins::from_bytes(&bytes);
        }
    }
}
