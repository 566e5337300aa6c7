use super::{Manifest, ShareKey};
use crate::account::AccountKeys;
use crate::error::VaultError;
use crate::id::{RecipientId, SecretId, ShareId};
use crate::identity::PublicKey;
use crate::place::{Permission, Place};

/// One act of sharing, sealed and signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedShare {
    /// What is shared with whom.
    pub manifest: Manifest,
    /// The granter's signature of the manifest.
    pub signature: Vec<u8>,
    /// The share's key, sealed under the granter's account key.
    pub key: Vec<u8>,
    /// The keys of the secrets, sealed under the share's key, in the order of the manifest.
    pub items: Vec<Vec<u8>>,
    /// The epochs of the secrets' keys, in the order of the manifest.
    pub key_epochs: Vec<u64>,
    /// The epoch of each recipient's key and the share's key sealed to it, in the order of the manifest.
    pub grants: Vec<(u64, Vec<u8>)>,
}

/// A share that its granter is sealing, one secret and one recipient after the other: N secrets and M recipients cost N + M operations, and who has a page
/// to keep alive can do other things between any two.
pub struct Sealing<'a> {
    keys: &'a AccountKeys,
    key: ShareKey,
    share: SealedShare,
}

impl<'a> Sealing<'a> {
    /// Begins a share of secrets with recipients, under a new key. The share has this id, in this epoch of its key.
    pub fn begin(
        keys: &'a AccountKeys,
        (share, epoch): (ShareId, u64),
        secrets: &[SecretId],
        grants: Vec<(RecipientId, Permission)>,
    ) -> Self {
        let key = ShareKey::random();
        let (granter, key_check, items) = (keys.account(), key.check(), secrets.to_vec());
        let mut manifest = Manifest { granter, share, epoch, key_check, items, grants };
        manifest.sort();
        let (secrets, recipients) = (manifest.items.len(), manifest.grants.len());
        let share = SealedShare {
            manifest,
            signature: Vec::new(),
            key: Vec::new(),
            items: Vec::with_capacity(secrets),
            key_epochs: Vec::with_capacity(secrets),
            grants: Vec::with_capacity(recipients),
        };
        Self { keys, key, share }
    }

    /// The secret whose key comes next.
    pub fn next_secret(&self) -> Option<SecretId> {
        self.share.manifest.items.get(self.share.items.len()).copied()
    }

    /// Seals the key of the next secret, which is sealed to its owner, in this epoch of its keys. Does nothing where all are done.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where the key does not open.
    pub fn add_secret(&mut self, sealed_key: &[u8], key_epoch: u64) -> Result<(), VaultError> {
        let Some(secret) = self.next_secret() else { return Ok(()) };
        let key = self.keys.open_secret_key(secret, sealed_key)?;
        let (share, epoch) = (self.share.manifest.share, self.share.manifest.epoch);
        self.share.items.push(self.key.seal_item(share, epoch, secret, &key));
        self.share.key_epochs.push(key_epoch);
        Ok(())
    }

    /// The recipient whose key comes next.
    pub fn next_recipient(&self) -> Option<RecipientId> {
        self.share.manifest.grants.get(self.share.grants.len()).map(|(recipient, _)| *recipient)
    }

    /// Seals the share's key to the next recipient, in this epoch of their keys. Does nothing where all are done.
    pub fn add_recipient(&mut self, recipient_epoch: u64, key: &PublicKey) {
        let manifest = &self.share.manifest;
        let Some((recipient, permission)) = manifest.grants.get(self.share.grants.len()).copied() else { return };
        let (granter, share, epoch) = (manifest.granter, manifest.share, manifest.epoch);
        let place = Place::Grant { granter, share, epoch, recipient, recipient_epoch, permission };
        self.share.grants.push((recipient_epoch, self.key.seal_grant(&place, key)));
    }

    /// Signs the share. The server refuses one whose secrets or recipients are not all done.
    pub fn finish(mut self) -> SealedShare {
        let manifest = &self.share.manifest;
        self.share.signature = manifest.sign(self.keys);
        self.share.key = self.keys.seal_share_key(manifest.share, manifest.epoch, &self.key);
        self.share
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::AccountId;
    use crate::password::ExportKey;
    use crate::secret::SecretKey;

    #[test]
    fn every_secret_and_every_recipient_is_sealed_once_and_in_the_order_of_the_manifest() {
        let account = || AccountKeys::create(AccountId::random(), &ExportKey::random_for_test(), None).0;
        let (owner, readers) = (account(), [account(), account(), account()]);
        let secrets = [SecretId::random(), SecretId::random()];
        let sealed = secrets.map(|secret| owner.seal_secret_key(secret, &SecretKey::random()));
        let grants = readers.iter().map(|reader| (RecipientId::Account(reader.account()), Permission::View)).collect();
        let mut sealing = Sealing::begin(&owner, (ShareId::random(), 1), &secrets, grants);
        while let Some(secret) = sealing.next_secret() {
            let index = secrets.iter().position(|known| *known == secret).unwrap();
            sealing.add_secret(&sealed[index], 7).unwrap();
        }
        while let Some(recipient) = sealing.next_recipient() {
            let reader = readers.iter().find(|reader| RecipientId::Account(reader.account()) == recipient).unwrap();
            sealing.add_recipient(1, &reader.public().sealing);
        }
        let share = sealing.finish();
        share.manifest.verify(&owner.public(), &share.signature).unwrap();
        assert_eq!((share.items.len(), share.grants.len(), share.key_epochs), (2, 3, vec![7, 7]));
        for ((recipient, permission), (recipient_epoch, grant)) in share.manifest.grants.iter().zip(&share.grants) {
            let reader = readers.iter().find(|reader| RecipientId::Account(reader.account()) == *recipient).unwrap();
            let place = Place::Grant {
                granter: owner.account(),
                share: share.manifest.share,
                epoch: 1,
                recipient: *recipient,
                recipient_epoch: *recipient_epoch,
                permission: *permission,
            };
            let key = ShareKey::open_own_grant(reader, &place, grant).unwrap();
            for (secret, item) in share.manifest.items.iter().zip(&share.items) {
                assert!(key.open_item(share.manifest.share, 1, *secret, item).is_ok());
            }
        }
    }

    #[test]
    fn a_key_that_is_not_the_owners_is_not_shared() {
        let account = || AccountKeys::create(AccountId::random(), &ExportKey::random_for_test(), None).0;
        let (owner, other) = (account(), account());
        let secret = SecretId::random();
        let mut sealing = Sealing::begin(&owner, (ShareId::random(), 1), &[secret], Vec::new());
        let foreign = other.seal_secret_key(secret, &SecretKey::random());
        assert!(sealing.add_secret(&foreign, 1).is_err());
        assert_eq!(sealing.next_secret(), Some(secret));
    }
}
