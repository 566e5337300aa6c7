mod manifest;
mod recipients;
mod sealing;

use crate::account::AccountKeys;
use crate::error::VaultError;
use crate::group::GroupSeed;
use crate::id::{SecretId, ShareId};
use crate::identity::{PrivateKey, PublicKey};
use crate::key::Key;
use crate::place::Place;
use crate::secret::SecretKey;

pub use manifest::{Limit, Manifest, SignedManifest};
pub use recipients::{Grants, by_recipients, taken_over};
pub use sealing::{SealedShare, Sealing};

/// The key of one share in one epoch: seals the keys of its items, and is itself sealed once to each recipient.
#[derive(Clone)]
pub struct ShareKey(pub(crate) Key);

impl ShareKey {
    /// A new random key.
    pub fn random() -> Self {
        Self(Key::random())
    }

    /// A fingerprint of the key for the manifest: who opens a share key compares it, so that nobody can put another key under a
    /// signed manifest. Tells nothing about the key.
    pub fn check(&self) -> [u8; 32] {
        *self.0.derive(b"mysafe share check 1").as_bytes()
    }

    fn item_key(&self) -> Key {
        self.0.derive(b"mysafe share items 1")
    }

    /// Seals the key of one secret as an item of the share.
    pub fn seal_item(&self, share: ShareId, epoch: u64, secret: SecretId, key: &SecretKey) -> Vec<u8> {
        self.item_key().seal(&Place::Item { share, epoch, secret }, key.0.as_bytes())
    }

    /// Opens the key of one secret from an item of the share.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where it does not fit.
    pub fn open_item(
        &self,
        share: ShareId,
        epoch: u64,
        secret: SecretId,
        sealed: &[u8],
    ) -> Result<SecretKey, VaultError> {
        let bytes = self.item_key().open(&Place::Item { share, epoch, secret }, sealed)?;
        Key::from_bytes(&bytes).map(SecretKey)
    }

    /// Seals this key to the recipient of a [`Place::Grant`].
    pub fn seal_grant(&self, place: &Place, recipient: &PublicKey) -> Vec<u8> {
        recipient.seal(place, self.0.as_bytes())
    }

    /// Opens a grant to oneself.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where it does not fit.
    pub fn open_own_grant(keys: &AccountKeys, place: &Place, sealed: &[u8]) -> Result<Self, VaultError> {
        Self::open_grant(&keys.identity.private_key, place, sealed)
    }

    /// Opens a grant to a group.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where it does not fit.
    pub fn open_group_grant(seed: &GroupSeed, place: &Place, sealed: &[u8]) -> Result<Self, VaultError> {
        Self::open_grant(&seed.0, place, sealed)
    }

    fn open_grant(private_key: &PrivateKey, place: &Place, sealed: &[u8]) -> Result<Self, VaultError> {
        Key::from_bytes(&private_key.open(place, sealed)?).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RecipientId;
    use crate::password::ExportKey;
    use crate::place::Permission;

    fn account() -> AccountKeys {
        AccountKeys::create(crate::id::AccountId::random(), &ExportKey::random_for_test(), None).0
    }

    #[test]
    fn a_recipient_opens_the_share_and_its_items() {
        let (ana, bruno) = (account(), account());
        let (share, secret, share_key, secret_key) =
            (ShareId::random(), SecretId::random(), ShareKey::random(), SecretKey::random());
        let place = Place::Grant {
            granter: ana.account(),
            share,
            epoch: 1,
            recipient: RecipientId::Account(bruno.account()),
            recipient_epoch: 1,
            permission: Permission::View,
        };
        let grant = share_key.seal_grant(&place, &bruno.identity().public().sealing);
        let item = share_key.seal_item(share, 1, secret, &secret_key);
        let opened = ShareKey::open_own_grant(&bruno, &place, &grant).unwrap();
        assert_eq!(opened.check(), share_key.check());
        assert!(opened.open_item(share, 1, secret, &item).unwrap().0.as_bytes() == secret_key.0.as_bytes());
        // A stronger permission, another secret and another share do not open.
        let Place::Grant { granter, epoch, recipient, recipient_epoch, .. } = place else { unreachable!() };
        let raised = Place::Grant { granter, share, epoch, recipient, recipient_epoch, permission: Permission::Edit };
        assert!(ShareKey::open_own_grant(&bruno, &raised, &grant).is_err());
        assert!(opened.open_item(share, 1, SecretId::random(), &item).is_err());
        assert!(opened.open_item(ShareId::random(), 1, secret, &item).is_err());
        assert!(opened.open_item(share, 2, secret, &item).is_err());
    }
}
