use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::VaultError;
use crate::id::AccountId;
use crate::key::{Key, derive};

/// What a passkey computes in the browser of its person, and nowhere else: the output of `WebAuthn`'s extension
/// `prf` (<https://www.w3.org/TR/webauthn-3/#prf-extension>). The same passkey gives the same bytes for the same input.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct PasskeyOutput([u8; 32]);

impl PasskeyOutput {
    /// What the passkey is asked about: the same for every passkey of an account, and no secret.
    pub fn input(account: AccountId) -> [u8; 32] {
        *derive(account.as_bytes(), b"mysafe passkey input 1").as_bytes()
    }

    /// From the bytes that the browser hands over.
    ///
    /// # Errors
    /// [`VaultError::Format`] for any number of bytes but 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        bytes.try_into().map(Self).map_err(|_| VaultError::Format)
    }

    /// What seals the account key for this passkey.
    pub(crate) fn sealing_key(&self, account: AccountId) -> Key {
        let mut purpose = b"mysafe passkey key 1".to_vec();
        purpose.extend_from_slice(account.as_bytes());
        derive(&self.0, &purpose)
    }
}
