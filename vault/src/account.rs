use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::access_key::AccessKey;
use crate::directory::Fingerprint;
use crate::error::VaultError;
use crate::id::{AccountId, SecretId, ShareId};
use crate::identity::{Identity, PublicIdentity};
use crate::key::Key;
use crate::passkey::PasskeyOutput;
use crate::password::ExportKey;
use crate::pins::Pins;
use crate::place::Place;
use crate::recovery::RecoveryCode;
use crate::secret::SecretKey;
use crate::share::ShareKey;

/// The seeds of an X-Wing and an Ed25519 key pair.
const SEEDS_BYTES: usize = 64;

/// What the server keeps of an account's keys: it can open none of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedAccount {
    /// The account key, sealed under the password.
    pub account_key: Vec<u8>,
    /// The seeds of the identity and whom the account trusts, sealed under the account key.
    pub identity: Vec<u8>,
}

/// A person's unlocked keys. Lives in memory alone and goes with lock and sign-out.
#[derive(Clone)]
pub struct AccountKeys {
    account: AccountId,
    key: Key,
    pub(crate) identity: Identity,
    root: Fingerprint,
}

impl AccountKeys {
    /// Makes the keys of a new account, and their sealed form for the server. `root` is the founder whom the account trusts; the founder
    /// has none but themselves.
    pub fn create(account: AccountId, export_key: &ExportKey, root: Option<Fingerprint>) -> (Self, SealedAccount) {
        let identity = Identity::random();
        let root = root.unwrap_or_else(|| Fingerprint::of(&identity.public().to_bytes()));
        let keys = Self { account, key: Key::random(), identity, root };
        let sealed = SealedAccount { account_key: keys.seal_for_password(export_key), identity: keys.seal_identity() };
        (keys, sealed)
    }

    /// Makes the keys of an account that a program uses, and their sealed form for the server.
    pub fn create_for_access_key(access_key: &AccessKey, root: Fingerprint) -> (Self, SealedAccount) {
        let account = access_key.account();
        let keys = Self { account, key: Key::random(), identity: Identity::random(), root };
        let account_key = access_key.sealing_key().seal(&Place::AccessKey(account), keys.key.as_bytes());
        let sealed = SealedAccount { account_key, identity: keys.seal_identity() };
        (keys, sealed)
    }

    fn seal_identity(&self) -> Vec<u8> {
        // Reserved whole, so that no growing leaves a copy behind.
        let mut seeds = Zeroizing::new(Vec::with_capacity(SEEDS_BYTES + 32));
        seeds.extend_from_slice(&self.identity.to_seeds());
        seeds.extend_from_slice(&self.root.0);
        self.key.seal(&Place::Identity(self.account), &seeds)
    }

    /// Opens the keys of an account with what its password gave.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where they do not fit.
    pub fn unlock(account: AccountId, export_key: &ExportKey, sealed: &SealedAccount) -> Result<Self, VaultError> {
        let key = export_key.sealing_key(account).open(&Place::AccountKey(account), &sealed.account_key)?;
        Self::with_key(account, &key, &sealed.identity)
    }

    /// Opens the keys of an account with its recovery code.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where they do not fit.
    pub fn recover(
        account: AccountId,
        code: &RecoveryCode,
        recovery_key: &[u8],
        identity: &[u8],
    ) -> Result<Self, VaultError> {
        let key = code.sealing_key(account).open(&Place::RecoveryKey(account), recovery_key)?;
        Self::with_key(account, &key, identity)
    }

    /// Opens the keys of an account with one of its passkeys.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where they do not fit.
    pub fn unlock_with_passkey(
        account: AccountId,
        passkey: &PasskeyOutput,
        passkey_key: &[u8],
        identity: &[u8],
    ) -> Result<Self, VaultError> {
        let key = passkey.sealing_key(account).open(&Place::PasskeyKey(account), passkey_key)?;
        Self::with_key(account, &key, identity)
    }

    /// Opens the keys of the account that an access key is for.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where they do not fit.
    pub fn unlock_with_access_key(access_key: &AccessKey, sealed: &SealedAccount) -> Result<Self, VaultError> {
        let account = access_key.account();
        let key = access_key.sealing_key().open(&Place::AccessKey(account), &sealed.account_key)?;
        Self::with_key(account, &key, &sealed.identity)
    }

    pub(crate) fn with_key(account: AccountId, key: &[u8], identity: &[u8]) -> Result<Self, VaultError> {
        let key = Key::from_bytes(key)?;
        let opened = key.open(&Place::Identity(account), identity)?;
        let (seeds, root) = opened.split_at_checked(SEEDS_BYTES).ok_or(VaultError::Format)?;
        let root = root.try_into().map(Fingerprint).map_err(|_| VaultError::Format)?;
        Ok(Self { account, key, identity: Identity::from_seeds(seeds)?, root })
    }

    /// Seals the account key under a new password.
    pub fn seal_for_password(&self, export_key: &ExportKey) -> Vec<u8> {
        export_key.sealing_key(self.account).seal(&Place::AccountKey(self.account), self.key.as_bytes())
    }

    /// Seals the account key under a recovery code.
    pub fn seal_for_recovery(&self, code: &RecoveryCode) -> Vec<u8> {
        code.sealing_key(self.account).seal(&Place::RecoveryKey(self.account), self.key.as_bytes())
    }

    /// Seals the account key under what a passkey gives.
    pub fn seal_for_passkey(&self, passkey: &PasskeyOutput) -> Vec<u8> {
        passkey.sealing_key(self.account).seal(&Place::PasskeyKey(self.account), self.key.as_bytes())
    }

    /// Seals the account key under what two administrators have together.
    pub(crate) fn seal_for_pair(&self, pair_key: &Key, place: &Place) -> Vec<u8> {
        pair_key.seal(place, self.key.as_bytes())
    }

    /// Whose keys these are.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The key pairs of the account.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The founder whom the account trusts.
    pub fn root(&self) -> Fingerprint {
        self.root
    }

    /// Seals what this account has seen of others' keys.
    pub fn seal_pins(&self, revision: u64, pins: &Pins) -> Vec<u8> {
        self.key.seal(&Place::Pins(self.account, revision), &pins.to_bytes())
    }

    /// Opens what [`AccountKeys::seal_pins`] sealed.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where it does not fit.
    pub fn open_pins(&self, revision: u64, sealed: &[u8]) -> Result<Pins, VaultError> {
        Pins::from_bytes(&self.key.open(&Place::Pins(self.account, revision), sealed)?)
    }

    /// The public halves, for the directory.
    pub fn public(&self) -> PublicIdentity {
        self.identity.public()
    }

    /// Seals the key of one's own secret.
    pub fn seal_secret_key(&self, secret: SecretId, key: &SecretKey) -> Vec<u8> {
        key.seal_for_owner(&self.key, self.account, secret)
    }

    /// Opens the key of one's own secret.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where it does not fit.
    pub fn open_secret_key(&self, secret: SecretId, sealed: &[u8]) -> Result<SecretKey, VaultError> {
        SecretKey::open_as_owner(&self.key, self.account, secret, sealed)
    }

    /// Seals the key of one's own share, to add recipients or secrets later.
    pub fn seal_share_key(&self, share: ShareId, epoch: u64, key: &ShareKey) -> Vec<u8> {
        self.key.seal(&Place::ShareKey { granter: self.account, share, epoch }, key.0.as_bytes())
    }

    /// Opens the key of one's own share.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where it does not fit.
    pub fn open_share_key(&self, share: ShareId, epoch: u64, sealed: &[u8]) -> Result<ShareKey, VaultError> {
        let place = Place::ShareKey { granter: self.account, share, epoch };
        Key::from_bytes(&self.key.open(&place, sealed)?).map(ShareKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unlocks_with_the_same_export_key_for_the_same_account_alone() {
        let (account, export_key) = (AccountId::random(), ExportKey::random_for_test());
        let (keys, sealed) = AccountKeys::create(account, &export_key, None);
        let unlocked = AccountKeys::unlock(account, &export_key, &sealed).unwrap();
        assert!(unlocked.public() == keys.public());
        assert!(AccountKeys::unlock(AccountId::random(), &export_key, &sealed).is_err());
        assert!(AccountKeys::unlock(account, &ExportKey::random_for_test(), &sealed).is_err());
    }

    #[test]
    fn a_recovery_code_opens_what_the_password_opens_and_a_new_password_can_be_set() {
        let (account, code) = (AccountId::random(), RecoveryCode::random());
        let (keys, sealed) = AccountKeys::create(account, &ExportKey::random_for_test(), None);
        let recovery_key = keys.seal_for_recovery(&code);
        let recovered = AccountKeys::recover(account, &code, &recovery_key, &sealed.identity).unwrap();
        assert!(recovered.public() == keys.public());
        let other = RecoveryCode::random();
        assert!(AccountKeys::recover(account, &other, &recovery_key, &sealed.identity).is_err());
        assert!(AccountKeys::recover(AccountId::random(), &code, &recovery_key, &sealed.identity).is_err());
        // Neither of the two boxes stands in for the other.
        assert!(AccountKeys::recover(account, &code, &sealed.account_key, &sealed.identity).is_err());

        let export_key = ExportKey::random_for_test();
        let sealed = SealedAccount { account_key: recovered.seal_for_password(&export_key), ..sealed };
        assert!(AccountKeys::unlock(account, &export_key, &sealed).unwrap().public() == keys.public());
    }

    #[test]
    fn a_passkey_opens_its_own_account_alone() {
        let (account, passkey) = (AccountId::random(), PasskeyOutput::from_bytes(&[7; 32]).unwrap());
        let (keys, sealed) = AccountKeys::create(account, &ExportKey::random_for_test(), None);
        let passkey_key = keys.seal_for_passkey(&passkey);
        let unlock = |account, passkey: &[u8], passkey_key: &[u8]| {
            let passkey = PasskeyOutput::from_bytes(passkey).unwrap();
            AccountKeys::unlock_with_passkey(account, &passkey, passkey_key, &sealed.identity)
        };
        assert!(unlock(account, &[7; 32], &passkey_key).unwrap().public() == keys.public());
        assert!(unlock(account, &[8; 32], &passkey_key).is_err());
        assert!(unlock(AccountId::random(), &[7; 32], &passkey_key).is_err());
        // The box under the password is another one.
        assert!(unlock(account, &[7; 32], &sealed.account_key).is_err());
        assert!(PasskeyOutput::from_bytes(&[7; 31]).is_err());
        assert_ne!(PasskeyOutput::input(account), PasskeyOutput::input(AccountId::random()));
    }

    #[test]
    fn an_access_key_opens_its_own_account_alone() {
        let (account, root) = (AccountId::random(), Fingerprint::of(b"the founder"));
        let access_key = AccessKey::random(account);
        let (keys, sealed) = AccountKeys::create_for_access_key(&access_key, root);
        let kept = AccessKey::parse(&access_key.text()).unwrap();
        let unlocked = AccountKeys::unlock_with_access_key(&kept, &sealed).unwrap();
        assert!(unlocked.public() == keys.public());
        assert_eq!((unlocked.account(), unlocked.root()), (account, root));
        assert!(AccountKeys::unlock_with_access_key(&AccessKey::random(account), &sealed).is_err());
        let moved = SealedAccount { account_key: sealed.identity.clone(), ..sealed };
        assert!(AccountKeys::unlock_with_access_key(&kept, &moved).is_err());
    }

    #[test]
    fn own_keys_open_for_their_own_place() {
        let (keys, _) = AccountKeys::create(AccountId::random(), &ExportKey::random_for_test(), None);
        let (secret, share) = (SecretId::random(), ShareId::random());
        let (secret_key, share_key) = (SecretKey::random(), ShareKey::random());
        let sealed = keys.seal_secret_key(secret, &secret_key);
        assert!(keys.open_secret_key(secret, &sealed).is_ok());
        assert!(keys.open_secret_key(SecretId::random(), &sealed).is_err());
        let sealed = keys.seal_share_key(share, 1, &share_key);
        assert_eq!(keys.open_share_key(share, 1, &sealed).unwrap().check(), share_key.check());
        assert!(keys.open_share_key(share, 2, &sealed).is_err());
    }
}
