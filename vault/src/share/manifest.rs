use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::account::AccountKeys;
use crate::error::VaultError;
use crate::id::{AccountId, RecipientId, SecretId, ShareId};
use crate::identity::PublicIdentity;
use crate::key::SUITE;
use crate::place::Permission;

/// What a share is, as its granter signs it: which secrets, for whom, with which permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Who shares.
    pub granter: AccountId,
    /// The share.
    pub share: ShareId,
    /// The epoch of the share's key, from 1.
    pub epoch: u64,
    /// [`ShareKey::check`] of the share's key.
    pub key_check: [u8; 32],
    /// The secrets, in order of their ids, each once.
    pub items: Vec<SecretId>,
    /// The recipients, in order, each once.
    pub grants: Vec<(RecipientId, Permission)>,
}

impl Manifest {
    /// Puts items and grants in order, as the signature and [`Manifest::is_canonical`] want them.
    pub fn sort(&mut self) {
        self.items.sort_unstable();
        self.grants.sort_unstable();
    }

    /// Whether items and grants are in order and none is there twice.
    pub fn is_canonical(&self) -> bool {
        self.items.is_sorted_by(|a, b| a < b) && self.grants.is_sorted_by(|a, b| a.0 < b.0)
    }

    /// `"mysafe manifest"`, suite, granter, share, epoch, key check, then both lists with their 64-bit lengths.
    fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128 + self.items.len() * 16 + self.grants.len() * 18);
        bytes.extend_from_slice(b"mysafe manifest");
        bytes.push(SUITE);
        bytes.extend_from_slice(self.granter.as_bytes());
        bytes.extend_from_slice(self.share.as_bytes());
        bytes.extend_from_slice(&self.epoch.to_be_bytes());
        bytes.extend_from_slice(&self.key_check);
        bytes.extend_from_slice(&(self.items.len() as u64).to_be_bytes());
        for item in &self.items {
            bytes.extend_from_slice(item.as_bytes());
        }
        bytes.extend_from_slice(&(self.grants.len() as u64).to_be_bytes());
        for (recipient, permission) in &self.grants {
            bytes.push(recipient.kind());
            bytes.extend_from_slice(recipient.as_bytes());
            bytes.push(permission.number());
        }
        bytes
    }

    /// Signs the manifest with the granter's identity (Ed25519, 64 bytes).
    pub fn sign(&self, keys: &AccountKeys) -> Vec<u8> {
        keys.identity.sign(&self.signed_bytes()).to_vec()
    }

    /// Checks the granter's signature.
    ///
    /// # Errors
    /// [`VaultError::Signature`] where it does not fit, or the manifest is not in order.
    pub fn verify(&self, granter: &PublicIdentity, signature: &[u8]) -> Result<(), VaultError> {
        if !self.is_canonical() {
            return Err(VaultError::Signature);
        }
        granter.verify(&self.signed_bytes(), signature)
    }

    /// The new owner, where the manifest is that of a transfer: one person, who gets [`Permission::Own`].
    pub fn new_owner(&self) -> Option<AccountId> {
        match self.grants[..] {
            [(RecipientId::Account(to), Permission::Own)] if to != self.granter => Some(to),
            _ => None,
        }
    }

    /// Whether nobody becomes an owner by it.
    pub fn is_share(&self) -> bool {
        self.grants.iter().all(|(_, permission)| *permission != Permission::Own)
    }

    /// Whether the manifest says that `secret` is shared with `recipient` with `permission`.
    pub fn says(&self, secret: SecretId, recipient: RecipientId, permission: Permission) -> bool {
        self.items.binary_search(&secret).is_ok() && self.grants.binary_search(&(recipient, permission)).is_ok()
    }
}

/// What of shares is no longer so: each of these recipients has of each of these secrets at most the permission named here, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// The secrets, in order of their ids.
    pub secrets: Vec<SecretId>,
    /// The recipients, in order, and what they keep.
    pub recipients: Vec<(RecipientId, Option<Permission>)>,
}

impl Limit {
    /// What it leaves of the permission that one of its secrets is shared with.
    pub fn leaves(&self, recipient: RecipientId, permission: Permission) -> Option<Permission> {
        match self.recipients.binary_search_by_key(&recipient, |(recipient, _)| *recipient) {
            Ok(index) => self.recipients[index].1.map(|limit| limit.min(permission)),
            Err(_) => Some(permission),
        }
    }
}

/// What a share is, as its granter signed it, and what of it is no longer so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedManifest {
    /// What is shared with whom, as it was signed.
    pub manifest: Manifest,
    /// The granter's signature.
    pub signature: Vec<u8>,
    /// The secrets among them that the share gives no access to any more. Nobody signs that.
    pub ended: Vec<SecretId>,
    /// What has ended or was lowered since. Nobody signs that either: it only ever takes away.
    pub limits: Vec<Limit>,
    /// The secrets that somebody dropped their own access to, as far as whoever asks is to know. Nobody signs that.
    pub left: Vec<SecretId>,
    /// When the share ends by itself, in milliseconds since 1970. Nobody signs that.
    pub ends_at: Option<i64>,
}

impl SignedManifest {
    /// The secrets that have not ended.
    pub fn live_items(&self) -> Vec<SecretId> {
        let ended: HashSet<&SecretId> = self.ended.iter().collect();
        self.manifest.items.iter().filter(|item| !ended.contains(item)).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::GroupId;
    use crate::key::Key;
    use crate::password::ExportKey;
    use crate::share::ShareKey;

    fn ana() -> AccountKeys {
        AccountKeys::create(AccountId::random(), &ExportKey::random_for_test(), None).0
    }

    fn manifest(keys: &AccountKeys, share_key: &ShareKey) -> Manifest {
        let mut manifest = Manifest {
            granter: keys.account(),
            share: ShareId::random(),
            epoch: 1,
            key_check: share_key.check(),
            items: vec![SecretId::random(), SecretId::random(), SecretId::random()],
            grants: vec![
                (RecipientId::Group(GroupId::random()), Permission::View),
                (RecipientId::Account(AccountId::random()), Permission::Edit),
            ],
        };
        manifest.sort();
        manifest
    }

    #[test]
    fn known_answer() {
        let manifest = Manifest {
            granter: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
            share: "00000000-0000-4000-8000-000000000004".parse().unwrap(),
            epoch: 1,
            key_check: ShareKey(Key::from_bytes(&[7; 32]).unwrap()).check(),
            items: vec!["00000000-0000-4000-8000-000000000002".parse().unwrap()],
            grants: vec![(
                RecipientId::Group("00000000-0000-4000-8000-000000000003".parse().unwrap()),
                Permission::Edit,
            )],
        };
        assert_eq!(
            crate::bytes::hex(&manifest.signed_bytes()),
            include_str!("../../tests/answers/manifest.hex").trim()
        );
    }

    #[test]
    fn any_change_of_a_manifest_breaks_its_signature() {
        let (keys, share_key) = (ana(), ShareKey::random());
        let manifest = manifest(&keys, &share_key);
        let (signature, public) = (manifest.sign(&keys), keys.identity().public());
        assert_eq!(manifest.verify(&public, &signature), Ok(()));
        let changes: [fn(&mut Manifest); 7] = [
            |m| m.granter = AccountId::random(),
            |m| m.share = ShareId::random(),
            |m| m.epoch = 2,
            |m| m.key_check[0] ^= 1,
            |m| m.items.truncate(2),
            |m| m.grants[0].1 = Permission::View,
            |m| m.items.swap(0, 1),
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut forged = manifest.clone();
            change(&mut forged);
            assert!(forged.verify(&public, &signature).is_err(), "change {number}");
        }
        let other = ana();
        assert!(manifest.verify(&other.identity().public(), &signature).is_err());
    }

    #[test]
    fn a_manifest_says_what_it_says() {
        let manifest = manifest(&ana(), &ShareKey::random());
        let (recipient, permission) = manifest.grants[0];
        assert!(manifest.says(manifest.items[1], recipient, permission));
        assert!(!manifest.says(SecretId::random(), recipient, permission));
        assert!(!manifest.says(manifest.items[1], recipient, Permission::View));
    }

    #[test]
    fn a_transfer_has_one_new_owner_who_is_somebody_else() {
        let mut manifest = manifest(&ana(), &ShareKey::random());
        assert_eq!((manifest.new_owner(), manifest.is_share()), (None, true));
        let bruno = AccountId::random();
        manifest.grants[0] = (RecipientId::Account(bruno), Permission::Own);
        assert_eq!((manifest.new_owner(), manifest.is_share()), (None, false));
        manifest.grants.truncate(1);
        assert_eq!(manifest.new_owner(), Some(bruno));
        manifest.grants[0].0 = RecipientId::Account(manifest.granter);
        assert_eq!(manifest.new_owner(), None);
        manifest.grants[0].0 = RecipientId::Group(GroupId::random());
        assert_eq!(manifest.new_owner(), None);
    }

    #[test]
    fn doubled_entries_are_not_canonical() {
        let mut doubled = manifest(&ana(), &ShareKey::random());
        let (recipient, _) = doubled.grants[0];
        doubled.grants.insert(0, (recipient, Permission::View));
        assert!(!doubled.is_canonical());
    }
}
