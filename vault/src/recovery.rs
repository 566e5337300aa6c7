use zeroize::Zeroizing;

use crate::code::Code;
use crate::error::VaultError;
use crate::id::AccountId;
use crate::key::Key;

/// A code that opens an account without its password. Shown once, kept by the person, known to no server.
#[derive(Clone)]
pub struct RecoveryCode(Code);

impl RecoveryCode {
    /// A new random code.
    pub fn random() -> Self {
        Self(Code::random())
    }

    /// The code as people keep it: eight groups of four characters.
    pub fn text(&self) -> Zeroizing<String> {
        self.0.text()
    }

    /// Reads what a person typed: hyphens, spaces and case do not count, and O, I and L are what they look like.
    ///
    /// # Errors
    /// [`VaultError::Format`] for what is no code.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        Code::parse(text).map(Self)
    }

    /// What seals the account key for recovery.
    pub(crate) fn sealing_key(&self, account: AccountId) -> Key {
        let mut purpose = b"mysafe recovery key 1".to_vec();
        purpose.extend_from_slice(account.as_bytes());
        self.0.derive(&purpose)
    }

    /// What shows the server that one has the code, without telling what it seals with. The server keeps its hash alone.
    pub fn proof(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.derive(b"mysafe recovery proof 1").as_bytes().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answer() {
        let code = RecoveryCode::parse("006H-M9SM-8575-PT3N-GA7S-SADP-RF8D-VTQQ").unwrap();
        assert_eq!(crate::bytes::hex(&code.proof()), include_str!("../tests/answers/recovery_proof.hex").trim());
    }
}
