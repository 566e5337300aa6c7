use crate::error::VaultError;
use crate::id::{AccountId, GroupId, RecipientId};
use crate::identity::{Identity, PrivateKey, PublicKey};
use crate::place::Place;

/// The secret of a group in one epoch: its members open with it what is shared with the group.
#[derive(Clone)]
pub struct GroupSeed(pub(crate) PrivateKey);

impl GroupSeed {
    /// A new random seed, for a new group or a new epoch.
    pub fn random() -> Self {
        Self(PrivateKey::random())
    }

    /// What others seal to for this group.
    pub fn public_key(&self) -> PublicKey {
        self.0.public_key()
    }

    /// Seals the seed to a member.
    pub fn seal_to_member(&self, group: GroupId, epoch: u64, member: AccountId, key: &PublicKey) -> Vec<u8> {
        key.seal(&Place::Membership { group, epoch, member }, self.0.seed())
    }

    /// Seals the seed to who manages the group: its owner, or the group of administrators.
    pub fn seal_to_manager(&self, group: GroupId, epoch: u64, manager: RecipientId, key: &PublicKey) -> Vec<u8> {
        key.seal(&Place::Management { group, epoch, manager }, self.0.seed())
    }

    /// Opens the seed that was sealed to `member`.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where it does not fit.
    pub fn open_as_member(
        identity: &Identity,
        group: GroupId,
        epoch: u64,
        member: AccountId,
        sealed: &[u8],
    ) -> Result<Self, VaultError> {
        let seed = identity.private_key.open(&Place::Membership { group, epoch, member }, sealed)?;
        PrivateKey::from_seed(&seed).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_member_opens_the_seed_and_only_for_its_epoch() {
        let (seed, group, member, identity) =
            (GroupSeed::random(), GroupId::random(), AccountId::random(), Identity::random());
        let sealed = seed.seal_to_member(group, 4, member, &identity.public().sealing);
        let opened = GroupSeed::open_as_member(&identity, group, 4, member, &sealed).unwrap();
        assert!(opened.public_key() == seed.public_key());
        assert!(GroupSeed::open_as_member(&identity, group, 5, member, &sealed).is_err());
        assert!(GroupSeed::open_as_member(&Identity::random(), group, 4, member, &sealed).is_err());
        let managed = seed.seal_to_manager(group, 4, RecipientId::Account(member), &identity.public().sealing);
        assert!(GroupSeed::open_as_member(&identity, group, 4, member, &managed).is_err());
    }
}
