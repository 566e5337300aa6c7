use zeroize::Zeroizing;

use crate::bytes::hex;
use crate::code::Code;
use crate::error::VaultError;
use crate::id::AccountId;
use crate::key::Key;

/// What every access key begins with, so that tools that look for leaked secrets find it.
const PREFIX: &str = "mysafe_";
/// How many hexadecimal digits name the account.
const ID_DIGITS: usize = 32;

/// What a program opens its own account with. Shown once, kept where the program runs, known to no server.
#[derive(Clone)]
pub struct AccessKey {
    account: AccountId,
    code: Code,
}

impl AccessKey {
    /// A new random access key of an account.
    pub fn random(account: AccountId) -> Self {
        Self { account, code: Code::random() }
    }

    /// Whose it is. As OAuth 2.0 has it, this is the client's id.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The access key as programs keep it: `mysafe_`, the id of the account in 32 hexadecimal digits, `_`, and 160 random bits in 32 characters
    /// of Crockford's base 32.
    pub fn text(&self) -> Zeroizing<String> {
        let code = self.code.text();
        let mut text = Zeroizing::new(String::with_capacity(PREFIX.len() + ID_DIGITS + 1 + code.len()));
        text.push_str(PREFIX);
        text.push_str(&self.account.uuid().simple().to_string());
        text.push('_');
        text.extend(code.chars().filter(|char| *char != '-'));
        text
    }

    /// Reads an access key.
    ///
    /// # Errors
    /// [`VaultError::Format`] for what is none.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let rest = text.trim().strip_prefix(PREFIX).ok_or(VaultError::Format)?;
        let (account, code) = rest.split_once('_').filter(|(id, _)| id.len() == ID_DIGITS).ok_or(VaultError::Format)?;
        Ok(Self { account: account.parse().map_err(|_| VaultError::Format)?, code: Code::parse(code)? })
    }

    /// What shows the server that one has the access key, without telling what it opens: 64 hexadecimal digits. As OAuth 2.0 has it, this is the
    /// client's secret. The server keeps its hash alone.
    pub fn client_secret(&self) -> Zeroizing<String> {
        Zeroizing::new(hex(self.derive(b"mysafe access key proof 1").as_bytes()))
    }

    /// What seals the account key.
    pub(crate) fn sealing_key(&self) -> Key {
        self.derive(b"mysafe access key 1")
    }

    fn derive(&self, purpose: &[u8]) -> Key {
        let mut bytes = purpose.to_vec();
        bytes.extend_from_slice(self.account.as_bytes());
        self.code.derive(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_answer() {
        let text = "mysafe_00000000000040008000000000000001_006HM9SM8575PT3NGA7SSADPRF8DVTQQ";
        let key = AccessKey::parse(text).unwrap();
        assert_eq!(*key.text(), text);
        assert_eq!(key.account(), "00000000-0000-4000-8000-000000000001".parse().unwrap());
        assert_eq!(*key.client_secret(), include_str!("../tests/answers/access_key.hex").trim());
    }

    #[test]
    fn the_secret_for_the_server_is_bound_to_the_account() {
        let code = "006HM9SM8575PT3NGA7SSADPRF8DVTQQ";
        let key = |id: &str| AccessKey::parse(&format!("mysafe_{id}_{code}")).unwrap();
        let (one, other) = (key("00000000000040008000000000000001"), key("00000000000040008000000000000002"));
        assert_ne!(*one.client_secret(), *other.client_secret());
    }

    #[test]
    fn what_is_no_access_key_is_refused() {
        let good = AccessKey::random(AccountId::random()).text();
        assert!(AccessKey::parse(&format!(" {}\n", *good)).is_ok());
        for bad in ["", "mysafe_", "mysafe__", &good[1..], &good[..good.len() - 1], &format!("{}0", *good)] {
            assert!(AccessKey::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn hostile_text_does_not_panic(text in "(mysafe_)?.{0,80}") {
            let _ = AccessKey::parse(&text);
        }
    }
}
