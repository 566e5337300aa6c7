use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::account::AccountKeys;
use crate::code::Code;
use crate::directory::{Entry, Fingerprint, Statement, push_field};
use crate::error::VaultError;
use crate::id::AccountId;
use crate::identity::verify;
use crate::place::Place;

/// The secret of an invitation: part of a link, after the `#` that browsers keep to themselves. The server is shown a proof of it alone.
#[derive(Clone)]
pub struct InvitationCode(Code);

/// The signature of the one who was invited over their own entry, made with the invitation's secret.
pub type Acceptance = Vec<u8>;

/// What an administrator signs when inviting: whoever has the secret is this account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The account to be.
    pub account: AccountId,
    /// What its person will sign in with.
    pub username: String,
    /// Which set of the account's keys will be made, from 1.
    pub epoch: u64,
    /// Whether they will be an administrator.
    pub administrator: bool,
    /// The public half of the key that the secret gives (Ed25519).
    pub key: [u8; 32],
    /// Until when it can be used and vouches for the keys made with it, in milliseconds since 1970.
    pub expires_at: u64,
    /// Who invites.
    pub signer: AccountId,
    /// Their signature.
    pub signature: Vec<u8>,
}

impl InvitationCode {
    /// A new random code.
    pub fn random() -> Self {
        Self(Code::random())
    }

    /// The code as part of a link.
    pub fn text(&self) -> Zeroizing<String> {
        self.0.text()
    }

    /// Reads what [`InvitationCode::text`] wrote.
    ///
    /// # Errors
    /// [`VaultError::Format`] for what is no code.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        Code::parse(text).map(Self)
    }

    /// What shows the server that one has the link. The server keeps its hash alone.
    pub fn proof(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.derive(b"mysafe invitation proof 1").as_bytes().to_vec())
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(self.0.derive(b"mysafe invitation signature 1").as_bytes())
    }

    /// Seals what the new account is to trust, for the one who has the link.
    pub fn seal_root(&self, account: AccountId, root: &Fingerprint) -> Vec<u8> {
        self.0.derive(b"mysafe invitation root 1").seal(&Place::InvitationRoot(account), &root.0)
    }

    /// Opens what [`InvitationCode::seal_root`] sealed.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where it does not fit.
    pub fn open_root(&self, account: AccountId, sealed: &[u8]) -> Result<Fingerprint, VaultError> {
        let root = self.0.derive(b"mysafe invitation root 1").open(&Place::InvitationRoot(account), sealed)?;
        root.as_slice().try_into().map(Fingerprint).map_err(|_| VaultError::Format)
    }

    /// Says that the keys of an entry were made by the one who was invited.
    pub fn accept(&self, entry: &Entry) -> Acceptance {
        self.signing_key().sign(&accepted_bytes(entry)).to_bytes().to_vec()
    }
}

fn accepted_bytes(entry: &Entry) -> Vec<u8> {
    let mut bytes = Statement::Acceptance.begin();
    bytes.extend_from_slice(entry.account.as_bytes());
    bytes.extend_from_slice(&entry.epoch.to_be_bytes());
    push_field(&mut bytes, entry.username.as_bytes());
    push_field(&mut bytes, &entry.identity);
    bytes
}

impl Invitation {
    /// Signs an invitation as an administrator.
    pub fn sign(
        code: &InvitationCode,
        account: AccountId,
        username: &str,
        epoch: u64,
        administrator: bool,
        expires_at: u64,
        signer: &AccountKeys,
    ) -> Self {
        let key = code.signing_key().verifying_key().to_bytes();
        let (username, signer_id) = (username.to_owned(), signer.account());
        let unsigned =
            Self { account, username, epoch, administrator, key, expires_at, signer: signer_id, signature: Vec::new() };
        let signature = signer.identity.sign(&unsigned.signed_bytes()).to_vec();
        Self { signature, ..unsigned }
    }

    pub(crate) fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Statement::Invitation.begin();
        bytes.extend_from_slice(self.account.as_bytes());
        bytes.extend_from_slice(&self.epoch.to_be_bytes());
        bytes.push(u8::from(self.administrator));
        bytes.extend_from_slice(&self.key);
        bytes.extend_from_slice(&self.expires_at.to_be_bytes());
        push_field(&mut bytes, self.username.as_bytes());
        bytes
    }

    /// Whether the keys of `signer` made the signature.
    pub fn is_by(&self, signer: &Entry) -> bool {
        signer.has_signed(&self.signed_bytes(), &self.signature)
    }

    /// Whether the one who was invited, and nobody else, says that the entry is theirs. `now` is in milliseconds since 1970.
    ///
    /// # Errors
    /// [`VaultError::Signature`] where they do not, or the invitation has ended.
    pub fn admits(&self, entry: &Entry, acceptance: &[u8], now: u64) -> Result<(), VaultError> {
        let fits = self.account == entry.account
            && self.username == entry.username
            && self.epoch == entry.epoch
            && now < self.expires_at;
        let key = VerifyingKey::from_bytes(&self.key).ok().filter(|key| fits && !key.is_weak());
        verify(&key.ok_or(VaultError::Signature)?, &accepted_bytes(entry), acceptance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password::ExportKey;

    #[test]
    fn the_code_opens_what_the_account_is_to_trust() {
        let (code, account) = (InvitationCode::random(), AccountId::random());
        let (ana, _) = AccountKeys::create(AccountId::random(), &ExportKey::random_for_test(), None);
        let sealed = code.seal_root(account, &ana.root());
        let code = InvitationCode::parse(&code.text()).unwrap();
        assert_eq!(code.open_root(account, &sealed).unwrap(), ana.root());
        assert!(code.open_root(AccountId::random(), &sealed).is_err());
        assert!(InvitationCode::random().open_root(account, &sealed).is_err());
    }

    #[test]
    fn known_answer() {
        let code = InvitationCode::parse("006H-M9SM-8575-PT3N-GA7S-SADP-RF8D-VTQQ").unwrap();
        let entry = Entry {
            account: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
            username: "bruno".into(),
            epoch: 1,
            identity: vec![7; 4],
        };
        let answer = format!("{}\n{}\n", crate::bytes::hex(&code.proof()), crate::bytes::hex(&code.accept(&entry)));
        assert_eq!(answer, include_str!("../tests/answers/invitation.hex"));
    }
}
