use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::VaultError;
use crate::place::Place;
use crate::random::random_bytes;

/// The number of the cryptographic suite, first byte of every sealed format. Suite 1: XChaCha20-Poly1305, HPKE (RFC 9180, base
/// mode) with X-Wing, HKDF-SHA256 and ChaCha20-Poly1305, Ed25519, OPAQUE (RFC 9807) over ristretto255 with Argon2id.
pub const SUITE: u8 = 1;

const NONCE_BYTES: usize = 24;

/// 32 secret bytes that seal other bytes. Wiped when dropped, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

impl Key {
    /// A new random key.
    pub fn random() -> Self {
        Self(random_bytes())
    }

    /// A key from its 32 bytes.
    ///
    /// # Errors
    /// [`VaultError::Format`] for any other length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        bytes.try_into().map(Self).map_err(|_| VaultError::Format)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A key for one purpose, by HKDF-SHA256 from this one.
    pub(crate) fn derive(&self, purpose: &[u8]) -> Self {
        derive(&self.0, purpose)
    }

    /// Seals `content` for `place`: suite, 24 bytes of nonce, ciphertext with tag.
    pub fn seal(&self, place: &Place, content: &[u8]) -> Vec<u8> {
        self.seal_with_nonce(place, content, random_bytes())
    }

    fn seal_with_nonce(&self, place: &Place, content: &[u8], nonce: [u8; NONCE_BYTES]) -> Vec<u8> {
        let payload = Payload { msg: content, aad: &place.associated_data() };
        let ciphertext = XChaCha20Poly1305::new(&self.0.into())
            .encrypt(&XNonce::from(nonce), payload)
            .expect("what we seal is far below the cipher's limit of 256 GiB");
        let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + ciphertext.len());
        sealed.push(SUITE);
        sealed.extend(nonce);
        sealed.extend(ciphertext);
        sealed
    }

    /// Opens what [`Key::seal`] sealed for this very place.
    ///
    /// # Errors
    /// [`VaultError::Format`] for what is no sealed box of a known suite, [`VaultError::Sealed`] for a wrong key, a wrong place or
    /// changed bytes.
    pub fn open(&self, place: &Place, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (nonce, ciphertext) = sealed
            .strip_prefix(&[SUITE])
            .and_then(|rest| rest.split_first_chunk::<NONCE_BYTES>())
            .ok_or(VaultError::Format)?;
        let payload = Payload { msg: ciphertext, aad: &place.associated_data() };
        XChaCha20Poly1305::new(&self.0.into())
            .decrypt(&XNonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| VaultError::Sealed)
    }
}

/// HKDF-SHA256 of secret bytes for one purpose.
pub(crate) fn derive(secret: &[u8], purpose: &[u8]) -> Key {
    let mut key = Key([0; 32]);
    Hkdf::<Sha256>::new(None, secret).expand(purpose, &mut key.0).expect("32 bytes are within HKDF's limit");
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{AccountId, SecretId};
    use proptest::prelude::*;

    #[test]
    fn known_answer() {
        let owner: AccountId = "00000000-0000-4000-8000-000000000001".parse().unwrap();
        let secret: SecretId = "00000000-0000-4000-8000-000000000002".parse().unwrap();
        let sealed = Key([7; 32]).seal_with_nonce(&Place::SecretKey(owner, secret), &[9; 32], [3; 24]);
        assert_eq!(crate::bytes::hex(&sealed), include_str!("../tests/answers/secret_key.hex").trim());
    }

    proptest! {
        #[test]
        fn opens_where_it_was_sealed_and_nowhere_else(content in prop::collection::vec(any::<u8>(), 0..200), revision in 0..9_u64) {
            let (key, secret) = (Key::random(), SecretId::random());
            let place = Place::SecretValue(secret, revision);
            let sealed = key.seal(&place, &content);
            prop_assert_eq!(&*key.open(&place, &sealed).unwrap(), &content);
            for other in [Place::SecretValue(secret, revision + 1), Place::SecretValue(SecretId::random(), revision)] {
                prop_assert_eq!(key.open(&other, &sealed).unwrap_err(), VaultError::Sealed);
            }
            prop_assert_eq!(Key::random().open(&place, &sealed).unwrap_err(), VaultError::Sealed);
        }

        #[test]
        fn changed_or_cut_boxes_do_not_open(content in prop::collection::vec(any::<u8>(), 0..80), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
            let (key, place) = (Key::random(), Place::SecretValue(SecretId::random(), 1));
            let sealed = key.seal(&place, &content);
            let mut flipped = sealed.clone();
            flipped[at.index(sealed.len())] ^= 1 << bit;
            prop_assert!(key.open(&place, &flipped).is_err());
            prop_assert!(key.open(&place, &sealed[..at.index(sealed.len())]).is_err());
        }

        #[test]
        fn hostile_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Key::random().open(&Place::SecretValue(SecretId::random(), 1), &bytes).is_err());
        }
    }
}
