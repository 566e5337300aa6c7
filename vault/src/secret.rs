use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::bytes::take_field;
use crate::error::VaultError;
use crate::id::{AccountId, SecretId};
use crate::key::Key;
use crate::place::Place;

/// The most bytes that a client secret and its notes may have together.
pub const MAX_SECRET_BYTES: usize = 64 * 1024;

/// Values are padded to steps of this many bytes, so that the sealed length tells little.
const PADDING_STEP: usize = 64;

/// What is sealed of an API secret. Wiped when dropped, never printed.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SecretValue {
    /// The client secret itself.
    pub client_secret: String,
    /// Notes, as private as the client secret.
    pub notes: String,
}

impl SecretValue {
    /// Length and bytes of the client secret, length and bytes of the notes (lengths 32-bit big-endian), zeros up to a multiple of 64.
    fn encode(&self) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let content = self.client_secret.len() + self.notes.len();
        if content > MAX_SECRET_BYTES {
            return Err(VaultError::TooLong);
        }
        // Reserved whole, so that no growing leaves a copy behind.
        let padded = (content + 8).next_multiple_of(PADDING_STEP);
        let mut bytes = Zeroizing::new(Vec::with_capacity(padded));
        for field in [&self.client_secret, &self.notes] {
            let length = u32::try_from(field.len()).map_err(|_| VaultError::TooLong)?;
            bytes.extend(length.to_be_bytes());
            bytes.extend(field.as_bytes());
        }
        bytes.resize(padded, 0);
        Ok(bytes)
    }

    fn decode(mut bytes: &[u8]) -> Result<Self, VaultError> {
        let text = |field: &[u8]| std::str::from_utf8(field).map(ToOwned::to_owned).map_err(|_| VaultError::Format);
        let client_secret = text(take_field(&mut bytes)?)?;
        let notes = text(take_field(&mut bytes)?)?;
        if bytes.len() >= PADDING_STEP || bytes.iter().any(|byte| *byte != 0) {
            return Err(VaultError::Format);
        }
        Ok(Self { client_secret, notes })
    }
}

/// The key of one API secret: whoever has it can open and change the value.
#[derive(Clone)]
pub struct SecretKey(pub(crate) Key);

impl SecretKey {
    /// A new random key.
    pub fn random() -> Self {
        Self(Key::random())
    }

    /// Seals a value in one revision of its secret.
    ///
    /// # Errors
    /// [`VaultError::TooLong`] above [`MAX_SECRET_BYTES`].
    pub fn seal_value(&self, secret: SecretId, revision: u64, value: &SecretValue) -> Result<Vec<u8>, VaultError> {
        Ok(self.0.seal(&Place::SecretValue(secret, revision), &value.encode()?))
    }

    /// Opens the value of one revision of a secret.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] where key or place do not fit, [`VaultError::Format`] for what is no value.
    pub fn open_value(&self, secret: SecretId, revision: u64, sealed: &[u8]) -> Result<SecretValue, VaultError> {
        SecretValue::decode(&self.0.open(&Place::SecretValue(secret, revision), sealed)?)
    }

    /// Seals the key of the epoch before `epoch`, whose key this is: whoever has this one opens what was sealed under that one.
    pub fn seal_earlier(&self, secret: SecretId, epoch: u64, earlier: &Self) -> Vec<u8> {
        self.0.seal(&Place::EarlierSecretKey { secret, epoch }, earlier.0.as_bytes())
    }

    /// Opens the key of an earlier epoch, from that of `epoch`, through those between, the latest first.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where they do not fit.
    pub fn open_earlier(&self, secret: SecretId, epoch: u64, sealed: &[Vec<u8>]) -> Result<Self, VaultError> {
        let mut key = self.clone();
        for (epoch, sealed) in (2..=epoch).rev().zip(sealed) {
            key = Key::from_bytes(&key.0.open(&Place::EarlierSecretKey { secret, epoch }, sealed)?).map(Self)?;
        }
        Ok(key)
    }

    /// Seals this key for its owner, under the owner's account key.
    pub(crate) fn seal_for_owner(&self, account_key: &Key, owner: AccountId, secret: SecretId) -> Vec<u8> {
        account_key.seal(&Place::SecretKey(owner, secret), self.0.as_bytes())
    }

    /// Opens a key sealed by [`SecretKey::seal_for_owner`].
    pub(crate) fn open_as_owner(
        account_key: &Key,
        owner: AccountId,
        secret: SecretId,
        sealed: &[u8],
    ) -> Result<Self, VaultError> {
        Key::from_bytes(&account_key.open(&Place::SecretKey(owner, secret), sealed)?).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(client_secret: &str, notes: &str) -> SecretValue {
        SecretValue { client_secret: client_secret.into(), notes: notes.into() }
    }

    #[test]
    fn known_answer() {
        let encoded = value("s3cret", "näh").encode().unwrap();
        let expected = "00000006733363726574000000046ec3a468";
        assert_eq!(crate::bytes::hex(&encoded), format!("{expected:0<128}"));
    }

    #[test]
    fn too_long_is_refused() {
        let long = value(&"x".repeat(MAX_SECRET_BYTES), "y");
        assert_eq!(SecretKey::random().seal_value(SecretId::random(), 1, &long), Err(VaultError::TooLong));
    }

    #[test]
    fn the_sealed_length_tells_only_steps() {
        let (key, secret) = (SecretKey::random(), SecretId::random());
        let length = |text: &str| key.seal_value(secret, 1, &value(text, "")).unwrap().len();
        assert_eq!(length(""), length(&"x".repeat(56)));
        assert_eq!(length("") + PADDING_STEP, length(&"x".repeat(57)));
    }

    #[test]
    fn a_key_opens_those_before_it_and_none_after() {
        let (secret, keys) = (SecretId::random(), [(); 3].map(|()| SecretKey::random()));
        let [first, second, third] = &keys;
        let chain = [third.seal_earlier(secret, 3, second), second.seal_earlier(secret, 2, first)];
        let is = |key: SecretKey, other: &SecretKey| key.0.as_bytes() == other.0.as_bytes();
        assert!(is(third.open_earlier(secret, 3, &chain).unwrap(), first));
        assert!(is(third.open_earlier(secret, 3, &chain[..1]).unwrap(), second));
        assert!(is(third.open_earlier(secret, 3, &[]).unwrap(), third));
        assert!(second.open_earlier(secret, 3, &chain).is_err());
        assert!(third.open_earlier(SecretId::random(), 3, &chain).is_err());
        assert!(third.open_earlier(secret, 2, &chain).is_err());
    }

    proptest! {
        #[test]
        fn round_trip(client_secret in ".{0,90}", notes in ".{0,90}", revision: u64) {
            let (key, secret, value) = (SecretKey::random(), SecretId::random(), value(&client_secret, &notes));
            let sealed = key.seal_value(secret, revision, &value).unwrap();
            prop_assert!(key.open_value(secret, revision, &sealed).unwrap() == value);
        }

        #[test]
        fn hostile_plaintext_does_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = SecretValue::decode(&bytes);
        }
    }
}
