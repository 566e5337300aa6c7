use serde::{Deserialize, Serialize};

use crate::account::AccountKeys;
use crate::directory::SignedEntry;
use crate::error::VaultError;
use crate::group::SealedSeed;
use crate::id::{AccountId, RecipientId, SecretId, ShareId};
use crate::identity::PublicIdentity;
use crate::place::{Permission, Place};
use crate::secret::SecretKey;
use crate::share::{ShareKey, SignedManifest};

/// What opens a secret's key for one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opening {
    /// The key, sealed under the account's own key.
    Own(Vec<u8>),
    /// The key as an item of a share, and the keys of who shared, to check the manifest with.
    Shared(Box<Path>, Box<SignedEntry>),
}

/// One way through a share to a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    /// Which share.
    pub share: ShareId,
    /// The epoch of its key.
    pub epoch: u64,
    /// Who shared.
    pub granter: AccountId,
    /// To whom: the account, or a group of theirs.
    pub recipient: RecipientId,
    /// The epoch of the recipient's key.
    pub recipient_epoch: u64,
    /// What the grant says that the recipient may do, as it is sealed.
    pub permission: Permission,
    /// The share's key, sealed to the recipient.
    pub grant_key: Vec<u8>,
    /// The secret's key, sealed under the share's key.
    pub item_key: Vec<u8>,
    /// The seed of the group, sealed to the account, where the recipient is a group.
    pub seed: Option<SealedSeed>,
}

impl Path {
    /// Opens the key of a secret by this way, once the manifest of the share says the same and is signed by `granter`, whose keys are certain.
    ///
    /// # Errors
    /// [`VaultError::Signature`] where the granter did not sign it, [`VaultError::Sealed`] where manifest and way do not fit or nothing opens.
    pub fn open(
        &self,
        keys: &AccountKeys,
        secret: SecretId,
        signed: &SignedManifest,
        granter: &PublicIdentity,
    ) -> Result<SecretKey, VaultError> {
        let manifest = &signed.manifest;
        manifest.verify(granter, &signed.signature)?;
        let is_this = manifest.share == self.share && manifest.epoch == self.epoch && manifest.granter == self.granter;
        if !is_this || !manifest.says(secret, self.recipient, self.permission) {
            return Err(VaultError::Sealed);
        }
        let place = Place::Grant {
            granter: self.granter,
            share: self.share,
            epoch: self.epoch,
            recipient: self.recipient,
            recipient_epoch: self.recipient_epoch,
            permission: self.permission,
        };
        let share_key = match self.recipient {
            RecipientId::Account(_) => ShareKey::open_own_grant(keys, &place, &self.grant_key)?,
            RecipientId::Group(group) => {
                let seed = self.seed.as_ref().ok_or(VaultError::Sealed)?;
                let seed = seed.open_as_member(keys, group, self.recipient_epoch)?;
                ShareKey::open_group_grant(&seed, &place, &self.grant_key)?
            }
        };
        // The signature covers this fingerprint: nobody else's key can stand under the granter's manifest.
        if share_key.check() != manifest.key_check {
            return Err(VaultError::Sealed);
        }
        share_key.open_item(self.share, self.epoch, secret, &self.item_key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password::ExportKey;
    use crate::share::Manifest;

    fn account() -> AccountKeys {
        AccountKeys::create(AccountId::random(), &ExportKey::random_for_test(), None).0
    }

    /// A secret that one account shares with another, which opens.
    struct Case {
        owner: AccountKeys,
        reader: AccountKeys,
        secret: SecretId,
        path: Path,
        signed: SignedManifest,
    }

    impl Case {
        fn new() -> Self {
            let (owner, reader) = (account(), account());
            let (share, secret, share_key) = (ShareId::random(), SecretId::random(), ShareKey::random());
            let (recipient, permission) = (RecipientId::Account(reader.account()), Permission::View);
            let granter = owner.account();
            let place = Place::Grant { granter, share, epoch: 1, recipient, recipient_epoch: 1, permission };
            let path = Path {
                share,
                epoch: 1,
                granter,
                recipient,
                recipient_epoch: 1,
                permission,
                grant_key: share_key.seal_grant(&place, &reader.public().sealing),
                item_key: share_key.seal_item(share, 1, secret, &SecretKey::random()),
                seed: None,
            };
            let (key_check, items) = (share_key.check(), vec![secret]);
            let manifest =
                Manifest { granter, share, epoch: 1, key_check, items, grants: vec![(recipient, permission)] };
            let signature = manifest.sign(&owner);
            let (ended, limits, left) = (Vec::new(), Vec::new(), Vec::new());
            let signed = SignedManifest { manifest, signature, ended, limits, left, ends_at: None };
            Self { owner, reader, secret, path, signed }
        }

        fn open(&self) -> Result<SecretKey, VaultError> {
            self.path.open(&self.reader, self.secret, &self.signed, &self.owner.public())
        }

        /// Signs the manifest as it is now.
        fn sign(&mut self) {
            self.signed.signature = self.signed.manifest.sign(&self.owner);
        }
    }

    #[test]
    fn opens_what_the_granter_has_signed_and_nothing_else() {
        assert!(Case::new().open().is_ok());

        let mut unsigned = Case::new();
        unsigned.signed.manifest.grants[0].1 = Permission::Edit;
        assert_eq!(unsigned.open().err(), Some(VaultError::Signature));
        let mut by_another = Case::new();
        by_another.owner = account();
        assert_eq!(by_another.open().err(), Some(VaultError::Signature));

        let mut raised = Case::new();
        raised.path.permission = Permission::Edit;
        assert_eq!(raised.open().err(), Some(VaultError::Sealed));
        let mut other_secret = Case::new();
        other_secret.secret = SecretId::random();
        assert_eq!(other_secret.open().err(), Some(VaultError::Sealed));
        let mut other_share = Case::new();
        other_share.signed.manifest.share = ShareId::random();
        other_share.sign();
        assert_eq!(other_share.open().err(), Some(VaultError::Sealed));
        let mut later = Case::new();
        later.signed.manifest.epoch = 2;
        later.sign();
        assert_eq!(later.open().err(), Some(VaultError::Sealed));
    }

    #[test]
    fn another_key_under_the_signed_manifest_does_not_count() {
        let mut case = Case::new();
        case.signed.manifest.key_check = ShareKey::random().check();
        case.sign();
        assert_eq!(case.open().err(), Some(VaultError::Sealed));
    }

    #[test]
    fn a_way_through_a_group_without_its_seed_does_not_open() {
        let mut case = Case::new();
        let group = RecipientId::Group(crate::id::GroupId::random());
        case.path.recipient = group;
        case.signed.manifest.grants[0].0 = group;
        case.sign();
        assert_eq!(case.open().err(), Some(VaultError::Sealed));
    }
}
