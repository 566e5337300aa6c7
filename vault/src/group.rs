use serde::{Deserialize, Serialize};

use crate::account::AccountKeys;
use crate::error::VaultError;
use crate::id::{AccountId, GroupId};
use crate::identity::{PrivateKey, PublicKey};
use crate::key::{Key, derive};
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

    /// Seals the seed to someone who manages the group.
    pub fn seal_to_manager(&self, group: GroupId, epoch: u64, manager: AccountId, key: &PublicKey) -> Vec<u8> {
        key.seal(&Place::Management { group, epoch, manager }, self.0.seed())
    }

    /// Seals the seed of the epoch before this one: who has this one opens what was shared with the group before. Who left has the seeds
    /// up to their last epoch anyway, and none after.
    pub fn seal_earlier(&self, group: GroupId, epoch: u64, earlier: &Self) -> Vec<u8> {
        self.chain_key().seal(&Place::EarlierSeed { group, epoch }, earlier.0.seed())
    }

    /// Opens the seed of the epoch before `epoch`, which is this one's.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where it does not fit.
    pub fn open_earlier(&self, group: GroupId, epoch: u64, sealed: &[u8]) -> Result<Self, VaultError> {
        let seed = self.chain_key().open(&Place::EarlierSeed { group, epoch }, sealed)?;
        PrivateKey::from_seed(&seed).map(Self)
    }

    fn chain_key(&self) -> Key {
        derive(self.0.seed(), b"mysafe earlier seed 1")
    }

    /// Opens the seed that was sealed to `member`.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where it does not fit.
    pub fn open_as_member(keys: &AccountKeys, group: GroupId, epoch: u64, sealed: &[u8]) -> Result<Self, VaultError> {
        let place = Place::Membership { group, epoch, member: keys.account() };
        PrivateKey::from_seed(&keys.identity.private_key.open(&place, sealed)?).map(Self)
    }

    /// Opens the seed that was sealed to someone who manages the group.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where it does not fit.
    pub fn open_as_manager(keys: &AccountKeys, group: GroupId, epoch: u64, sealed: &[u8]) -> Result<Self, VaultError> {
        let place = Place::Management { group, epoch, manager: keys.account() };
        PrivateKey::from_seed(&keys.identity.private_key.open(&place, sealed)?).map(Self)
    }
}

/// A group's seed as one of its members or managers gets it: that of the epoch in which it was sealed to them, and the way back from there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedSeed {
    /// The epoch.
    pub epoch: u64,
    /// Its seed, sealed to the person.
    pub seed: Vec<u8>,
    /// Seeds of the epochs before, each sealed under the next one's, from the latest back.
    pub earlier: Vec<Vec<u8>>,
}

impl SealedSeed {
    /// Opens the seed of `epoch` as a member of the group.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] or [`VaultError::Format`] where it does not fit, or there is no way to that epoch.
    pub fn open_as_member(&self, keys: &AccountKeys, group: GroupId, epoch: u64) -> Result<GroupSeed, VaultError> {
        let mut seed = GroupSeed::open_as_member(keys, group, self.epoch, &self.seed)?;
        let steps = self.epoch.checked_sub(epoch).and_then(|steps| usize::try_from(steps).ok());
        let earlier = self.earlier.get(..steps.ok_or(VaultError::Sealed)?).ok_or(VaultError::Sealed)?;
        for (sealed, epoch) in earlier.iter().zip((0..=self.epoch).rev()) {
            seed = seed.open_earlier(group, epoch, sealed)?;
        }
        Ok(seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password::ExportKey;
    use proptest::prelude::*;

    fn person() -> AccountKeys {
        AccountKeys::create(AccountId::random(), &ExportKey::random_for_test(), None).0
    }

    #[test]
    fn only_the_member_opens_the_seed_and_only_for_its_epoch() {
        let (seed, group, ana) = (GroupSeed::random(), GroupId::random(), person());
        let sealed = seed.seal_to_member(group, 4, ana.account(), &ana.public().sealing);
        let opened = GroupSeed::open_as_member(&ana, group, 4, &sealed).unwrap();
        assert!(opened.public_key() == seed.public_key());
        assert!(GroupSeed::open_as_member(&ana, group, 5, &sealed).is_err());
        assert!(GroupSeed::open_as_member(&person(), group, 4, &sealed).is_err());
        let managed = seed.seal_to_manager(group, 4, ana.account(), &ana.public().sealing);
        assert!(GroupSeed::open_as_member(&ana, group, 4, &managed).is_err());
        assert!(GroupSeed::open_as_manager(&ana, group, 4, &managed).is_ok());
        assert!(GroupSeed::open_as_manager(&ana, group, 4, &sealed).is_err());
    }

    #[test]
    fn a_member_gets_from_their_epoch_to_those_before() {
        let (group, ana) = (GroupId::random(), person());
        let seeds = [(); 3].map(|()| GroupSeed::random());
        let sealed = SealedSeed {
            epoch: 3,
            seed: seeds[2].seal_to_member(group, 3, ana.account(), &ana.public().sealing),
            earlier: vec![seeds[2].seal_earlier(group, 3, &seeds[1]), seeds[1].seal_earlier(group, 2, &seeds[0])],
        };
        for (epoch, seed) in (1..).zip(&seeds) {
            let opened = sealed.open_as_member(&ana, group, epoch).unwrap();
            assert!(opened.public_key() == seed.public_key(), "{epoch}");
        }
        for epoch in [0, 4] {
            assert!(sealed.open_as_member(&ana, group, epoch).is_err(), "{epoch}");
        }
    }

    proptest! {
        /// Whoever has the seed of an epoch has those before, and none after: the chain goes one way.
        #[test]
        fn seeds_lead_back_and_never_forward(epochs in 2..12_usize, from in any::<prop::sample::Index>()) {
            let group = GroupId::random();
            let seeds: Vec<GroupSeed> = (0..epochs).map(|_| GroupSeed::random()).collect();
            // chain[i] is sealed under the seed of epoch i + 2 and holds that of epoch i + 1.
            let chain: Vec<Vec<u8>> =
                seeds.windows(2).zip(2..).map(|(pair, epoch)| pair[1].seal_earlier(group, epoch, &pair[0])).collect();
            let from = from.index(epochs);
            let mut seed = seeds[from].clone();
            for earlier in (0..from).rev() {
                seed = seed.open_earlier(group, earlier as u64 + 2, &chain[earlier]).unwrap();
                prop_assert!(seed.public_key() == seeds[earlier].public_key());
            }
            for (later, sealed) in chain.iter().enumerate().skip(from) {
                for known in &seeds[..=from] {
                    prop_assert!(known.open_earlier(group, later as u64 + 2, sealed).is_err());
                }
            }
        }
    }
}
