use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use zeroize::Zeroizing;

use crate::bytes::take;
use crate::error::VaultError;
use crate::key::{Key, SUITE};
use crate::place::Place;
use crate::random::{SystemRandom, random_bytes};

const PUBLIC_KEY_BYTES: usize = 1216;
const ENCAPSULATED_BYTES: usize = 1120;
const INFO: &[u8] = b"mysafe hpke 1";

/// The public half of an X-Wing key pair: what a share's key or a group's seed is sealed to.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(<XWing as Kem>::PublicKey);

impl PublicKey {
    /// Seals `content` for `place`, for the holder of the private half alone: suite, 1120 bytes of encapsulated key, ciphertext with
    /// tag (HPKE in base mode).
    pub fn seal(&self, place: &Place, content: &[u8]) -> Vec<u8> {
        let (encapsulated, ciphertext) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeS::Base,
            &self.0,
            INFO,
            content,
            &place.associated_data(),
            &mut SystemRandom,
        )
        .expect("sealing to a valid public key does not fail");
        let mut sealed = Vec::with_capacity(1 + ENCAPSULATED_BYTES + ciphertext.len());
        sealed.push(SUITE);
        sealed.extend_from_slice(&encapsulated.to_bytes());
        sealed.extend(ciphertext);
        sealed
    }

    /// Suite and 1216 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![SUITE];
        bytes.extend_from_slice(&self.0.to_bytes());
        bytes
    }

    /// Reads what [`PublicKey::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`VaultError::Format`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        let key = bytes.strip_prefix(&[SUITE]).ok_or(VaultError::Format)?;
        Deserializable::from_bytes(key).map(Self).map_err(|_| VaultError::Format)
    }
}

/// The private half of an X-Wing key pair, as its 32-byte seed.
#[derive(Clone)]
pub(crate) struct PrivateKey(Key);

impl PrivateKey {
    pub(crate) fn random() -> Self {
        Self(Key::random())
    }

    pub(crate) fn from_seed(seed: &[u8]) -> Result<Self, VaultError> {
        Key::from_bytes(seed).map(Self)
    }

    pub(crate) fn seed(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    fn hpke(&self) -> <XWing as Kem>::PrivateKey {
        Deserializable::from_bytes(self.seed()).expect("every 32 bytes are an X-Wing seed")
    }

    pub(crate) fn public_key(&self) -> PublicKey {
        PublicKey(XWing::sk_to_pk(&self.hpke()))
    }

    /// Opens what [`PublicKey::seal`] sealed to this key for this very place.
    pub(crate) fn open(&self, place: &Place, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let mut rest = sealed.strip_prefix(&[SUITE]).ok_or(VaultError::Format)?;
        let encapsulated =
            Deserializable::from_bytes(take(&mut rest, ENCAPSULATED_BYTES)?).map_err(|_| VaultError::Format)?;
        hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeR::Base,
            &self.hpke(),
            &encapsulated,
            INFO,
            rest,
            &place.associated_data(),
        )
        .map(Zeroizing::new)
        .map_err(|_| VaultError::Sealed)
    }
}

/// Both public halves of an account: what others seal to, and what they check signatures with.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicIdentity {
    /// What others seal to.
    pub sealing: PublicKey,
    verifying: VerifyingKey,
}

impl PublicIdentity {
    /// Suite, 1216 bytes of X-Wing, 32 bytes of Ed25519.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.sealing.to_bytes();
        bytes.extend_from_slice(self.verifying.as_bytes());
        bytes
    }

    /// Reads what [`PublicIdentity::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`VaultError::Format`] for anything else, and for weak verifying keys.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        let (sealing, verifying) = bytes.split_at_checked(1 + PUBLIC_KEY_BYTES).ok_or(VaultError::Format)?;
        let verifying = verifying
            .try_into()
            .ok()
            .and_then(|bytes| VerifyingKey::from_bytes(bytes).ok())
            .filter(|key| !key.is_weak())
            .ok_or(VaultError::Format)?;
        Ok(Self { sealing: PublicKey::from_bytes(sealing)?, verifying })
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), VaultError> {
        verify(&self.verifying, message, signature)
    }
}

pub(crate) fn verify(key: &VerifyingKey, message: &[u8], signature: &[u8]) -> Result<(), VaultError> {
    let signature = Signature::from_slice(signature).map_err(|_| VaultError::Signature)?;
    key.verify_strict(message, &signature).map_err(|_| VaultError::Signature)
}

/// Both private halves of an account.
#[derive(Clone)]
pub struct Identity {
    pub(crate) private_key: PrivateKey,
    signing: SigningKey,
}

impl Identity {
    pub(crate) fn random() -> Self {
        let seed = Zeroizing::new(random_bytes());
        Self { private_key: PrivateKey::random(), signing: SigningKey::from_bytes(&seed) }
    }

    /// The X-Wing seed and the Ed25519 seed, 32 bytes each.
    pub(crate) fn to_seeds(&self) -> Zeroizing<Vec<u8>> {
        let mut seeds = Zeroizing::new(Vec::with_capacity(64));
        seeds.extend_from_slice(self.private_key.seed());
        seeds.extend_from_slice(self.signing.as_bytes());
        seeds
    }

    pub(crate) fn from_seeds(seeds: &[u8]) -> Result<Self, VaultError> {
        let (private_key, signing) = seeds.split_at_checked(32).ok_or(VaultError::Format)?;
        let signing = signing.try_into().map_err(|_| VaultError::Format)?;
        Ok(Self { private_key: PrivateKey::from_seed(private_key)?, signing: SigningKey::from_bytes(signing) })
    }

    /// The public halves.
    pub fn public(&self) -> PublicIdentity {
        PublicIdentity { sealing: self.private_key.public_key(), verifying: self.signing.verifying_key() }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{hex, unhex};
    use crate::id::{AccountId, GroupId};
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    fn fixed_place() -> Place {
        Place::Membership {
            group: "00000000-0000-4000-8000-000000000003".parse().unwrap(),
            epoch: 1,
            member: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
        }
    }

    #[test]
    fn known_answers() {
        let identity = Identity::from_seeds(&[5; 64]).unwrap();
        let digest = hex(&Sha256::digest(identity.public().to_bytes()));
        assert_eq!(digest, include_str!("../tests/answers/public_identity.sha256").trim());
        let sealed = unhex(include_str!("../tests/answers/sealed_to_identity.hex"));
        assert_eq!(&**identity.private_key.open(&fixed_place(), &sealed).unwrap(), &[9; 32]);
        assert_eq!(hex(&identity.sign(b"manifest")), include_str!("../tests/answers/signature.hex").trim());
    }

    #[test]
    fn weak_and_foreign_public_bytes_are_refused() {
        let mut bytes = Identity::random().public().to_bytes();
        assert!(PublicIdentity::from_bytes(&bytes).is_ok());
        bytes[1 + PUBLIC_KEY_BYTES..].copy_from_slice(&[0; 32]);
        assert!(PublicIdentity::from_bytes(&bytes).is_err());
        assert!(PublicIdentity::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        bytes[0] = 2;
        assert!(PublicKey::from_bytes(&bytes[..=PUBLIC_KEY_BYTES]).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn opens_where_it_was_sealed_and_nowhere_else(content: [u8; 32], at in any::<prop::sample::Index>(), bit in 0..8_u8) {
            let (identity, group, member) = (Identity::random(), GroupId::random(), AccountId::random());
            let place = Place::Membership { group, epoch: 1, member };
            let sealed = identity.public().sealing.seal(&place, &content);
            prop_assert_eq!(&**identity.private_key.open(&place, &sealed).unwrap(), &content);
            let moved = Place::Membership { group, epoch: 2, member };
            prop_assert!(identity.private_key.open(&moved, &sealed).is_err());
            prop_assert!(Identity::random().private_key.open(&place, &sealed).is_err());
            let mut flipped = sealed.clone();
            flipped[at.index(sealed.len())] ^= 1 << bit;
            prop_assert!(identity.private_key.open(&place, &flipped).is_err());
            prop_assert!(identity.private_key.open(&place, &sealed[..at.index(sealed.len())]).is_err());
        }
    }
}
