//! What an account believes of others' keys: what is signed now, compared with what it has seen before.

use std::collections::HashMap;

use crate::directory::{Directory, RecipientEntry, SignedEntry, Vouch};
use crate::id::RecipientId;
use crate::identity::{PublicIdentity, PublicKey};
use crate::pins::{Pin, Pins, Seen};

/// Why keys are not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Nobody whose word counts says that they are theirs.
    Unconfirmed,
    /// They are others than those that were seen before.
    Changed,
}

/// What can be sealed to: the epoch of each recipient's key, and the key.
pub type SealingKeys = HashMap<RecipientId, (u64, PublicKey)>;

/// Who may sign entries, and what was seen of others' keys before.
#[derive(Clone)]
pub struct Trust {
    directory: Directory,
    pins: Pins,
    is_news: bool,
}

impl Trust {
    /// With what was seen until now.
    pub fn new(directory: Directory, pins: Pins) -> Self {
        Self { directory, pins, is_news: false }
    }

    /// Who may sign entries.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// What was seen of others' keys.
    pub fn pins(&self) -> &Pins {
        &self.pins
    }

    /// Whether there is something new to remember.
    pub fn is_news(&self) -> bool {
        self.is_news
    }

    /// The keys of an account. `now` is in milliseconds since 1970, as everywhere here.
    ///
    /// # Errors
    /// Why they are not believed.
    pub fn identity(&self, signed: &SignedEntry, now: u64) -> Result<PublicIdentity, Doubt> {
        let identity = self.directory.check(signed, now).map_err(|_| Doubt::Unconfirmed)?;
        require_compared(signed)?;
        let recipient = RecipientId::Account(signed.entry.account);
        self.compare(recipient, &signed.entry.pin(), matches!(signed.vouch, Vouch::Signed { .. }))?;
        Ok(identity)
    }

    /// The keys that an account signed something with: those of now, or earlier ones that an administrator had signed.
    ///
    /// # Errors
    /// Why they are not believed.
    pub fn signer(&self, signed: &SignedEntry, now: u64) -> Result<PublicIdentity, Doubt> {
        let recipient = RecipientId::Account(signed.entry.account);
        match (self.pins.compare(recipient, &signed.entry.pin()), &signed.vouch) {
            (Seen::Older, Vouch::Signed { .. }) => self.directory.check(signed, now).map_err(|_| Doubt::Unconfirmed),
            _ => self.identity(signed, now),
        }
    }

    /// The keys of an account whose signatures count, whatever the server says of its role.
    ///
    /// # Errors
    /// Why they are not believed.
    pub fn administrator(&self, signed: &SignedEntry, now: u64) -> Result<PublicIdentity, Doubt> {
        let identity = self.identity(signed, now)?;
        let has_mandate = self.directory.has_mandate(signed.entry.account, &identity);
        if has_mandate { Ok(identity) } else { Err(Doubt::Unconfirmed) }
    }

    /// What to seal to for recipients, all or none; of each it is remembered which key it was. `is_meant` says whether an entry is of whom the one who seals
    /// has in mind.
    ///
    /// # Errors
    /// Everyone whose keys are not believed.
    pub fn sealing_keys(
        &mut self,
        entries: &[RecipientEntry],
        is_meant: impl Fn(&RecipientEntry) -> bool,
        now: u64,
    ) -> Result<SealingKeys, Vec<(RecipientId, Doubt)>> {
        let (mut keys, mut doubts) = (HashMap::new(), Vec::new());
        for entry in entries {
            let (recipient, pin) = (entry.recipient(), entry.pin());
            // A person's new keys count once an administrator has confirmed them; a group's change whenever somebody leaves it.
            let is_confirmed =
                !matches!(entry, RecipientEntry::Account(SignedEntry { vouch: Vouch::Invited { .. }, .. }));
            let key = self.directory.check_recipient(entry, now).ok().filter(|_| is_meant(entry));
            let checked = key.ok_or(Doubt::Unconfirmed).and_then(|key| {
                self.compare(recipient, &pin, is_confirmed)?;
                if let RecipientEntry::Account(signed) = entry {
                    require_compared(signed)?;
                }
                Ok(key)
            });
            match checked {
                Ok(key) => {
                    self.pin(recipient, pin);
                    keys.insert(recipient, (pin.epoch, key));
                }
                Err(doubt) => doubts.push((recipient, doubt)),
            }
        }
        if doubts.is_empty() { Ok(keys) } else { Err(doubts) }
    }

    /// Compares a key with the one that was seen before.
    ///
    /// # Errors
    /// [`Doubt::Changed`] for another one, unless it is a later one that is confirmed.
    pub fn compare(&self, recipient: RecipientId, pin: &Pin, is_confirmed: bool) -> Result<(), Doubt> {
        match self.pins.compare(recipient, pin) {
            Seen::Fits => Ok(()),
            Seen::Newer if is_confirmed => Ok(()),
            Seen::Newer | Seen::Older | Seen::Differs => Err(Doubt::Changed),
        }
    }

    /// Remembers a key whatever was seen before, once it is certain.
    pub fn pin(&mut self, recipient: RecipientId, pin: Pin) {
        self.is_news |= self.pins.set(recipient, pin);
    }
}

/// Keys that came in place of others count once an administrator has compared them with the person, whoever has seen the ones before.
fn require_compared(signed: &SignedEntry) -> Result<(), Doubt> {
    let is_compared = signed.entry.epoch == 1 || matches!(signed.vouch, Vouch::Signed { .. });
    if is_compared { Ok(()) } else { Err(Doubt::Unconfirmed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::AccountKeys;
    use crate::directory::{Entry, GroupKey, GroupSigner, Mandate, SignedGroupKey};
    use crate::group::GroupSeed;
    use crate::id::{AccountId, GroupId};
    use crate::invitation::{Invitation, InvitationCode};
    use crate::password::ExportKey;

    struct World {
        founder: AccountKeys,
        trust: Trust,
    }

    impl World {
        fn new() -> Self {
            let (founder, _) = AccountKeys::create(AccountId::random(), &ExportKey::random_for_test(), None);
            let mandate = Mandate::sign(&Entry::first(&founder, "founder"), &founder);
            let trust = Trust::new(Directory::new(&founder.root(), &[mandate]), Pins::default());
            Self { founder, trust }
        }

        fn keys(&self, account: AccountId) -> AccountKeys {
            AccountKeys::create(account, &ExportKey::random_for_test(), Some(self.founder.root())).0
        }

        /// Whether there is something new to remember, where an entry that the founder signs is of who is called so.
        fn check(&mut self, entry: Entry, name: &str) -> Result<bool, Doubt> {
            let signed = entry.sign(&self.founder);
            self.check_signed(signed, name)
        }

        fn check_signed(&mut self, signed: SignedEntry, name: &str) -> Result<bool, Doubt> {
            self.trust.is_news = false;
            self.check_entry(RecipientEntry::Account(signed), name)
        }

        fn check_entry(&mut self, entry: RecipientEntry, name: &str) -> Result<bool, Doubt> {
            let checked = self.trust.sealing_keys(&[entry], |entry| entry.name() == name, 0);
            checked.map(|_| self.trust.is_news).map_err(|doubts| doubts[0].1)
        }
    }

    #[test]
    fn keys_are_remembered_and_others_in_their_place_are_refused() {
        let mut world = World::new();
        let bruno = AccountId::random();
        let (first, other) = (world.keys(bruno), world.keys(bruno));
        let entry = |keys: &AccountKeys, epoch| Entry { epoch, ..Entry::first(keys, "bruno") };
        assert_eq!(world.check(entry(&first, 1), "bruno"), Ok(true));
        assert_eq!(world.check(entry(&first, 1), "bruno"), Ok(false));
        assert_eq!(world.check(entry(&other, 1), "bruno"), Err(Doubt::Changed));
        // New keys that an administrator confirmed take the place of the old ones, and there is no way back.
        assert_eq!(world.check(entry(&other, 2), "bruno"), Ok(true));
        assert_eq!(world.check(entry(&first, 1), "bruno"), Err(Doubt::Changed));
    }

    #[test]
    fn new_keys_that_only_an_invitation_vouches_for_wait_for_an_administrator() {
        let mut world = World::new();
        let bruno = AccountId::random();
        let (first, second) = (world.keys(bruno), world.keys(bruno));
        assert_eq!(world.check(Entry::first(&first, "bruno"), "bruno"), Ok(true));
        let code = InvitationCode::random();
        let invitation = Invitation::sign(&code, bruno, "bruno", 2, false, 1_000, &world.founder);
        let entry = Entry { epoch: 2, ..Entry::first(&second, "bruno") };
        let vouch = Vouch::Invited { invitation, acceptance: code.accept(&entry) };
        let invited = SignedEntry { entry: entry.clone(), vouch };
        assert_eq!(world.check_signed(invited.clone(), "bruno"), Err(Doubt::Changed));
        // Nor for who has never seen the ones before.
        let known = std::mem::take(&mut world.trust.pins);
        assert_eq!(world.check_signed(invited.clone(), "bruno"), Err(Doubt::Unconfirmed));
        assert_eq!(world.trust.identity(&invited, 0).err(), Some(Doubt::Unconfirmed));
        world.trust.pins = known;
        assert_eq!(world.check(entry, "bruno"), Ok(true));
    }

    #[test]
    fn who_is_not_meant_and_who_signs_for_themselves_is_refused() {
        let mut world = World::new();
        let mallory = world.keys(AccountId::random());
        assert_eq!(world.check(Entry::first(&mallory, "mallory"), "bruno"), Err(Doubt::Unconfirmed));
        let by_herself = Entry::first(&mallory, "mallory").sign(&mallory);
        assert_eq!(world.check_signed(by_herself, "mallory"), Err(Doubt::Unconfirmed));
    }

    #[test]
    fn a_member_cannot_answer_for_a_group_of_the_administrators() {
        let mut world = World::new();
        let (group, mallory) = (GroupId::random(), world.keys(AccountId::random()));
        let key = |signer: &AccountKeys, managed_by, epoch, by: SignedEntry| {
            let (name, key) = ("Team".into(), GroupSeed::random().public_key().to_bytes());
            let key = GroupKey { group, name, managed_by, epoch, key };
            RecipientEntry::Group(SignedGroupKey { signature: key.sign(signer), key, signer: by })
        };
        let founder = Entry::first(&world.founder, "founder").sign(&world.founder);
        assert_eq!(world.check_entry(key(&world.founder, GroupSigner::Administrators, 1, founder), "Team"), Ok(true));
        let entry = Entry::first(&mallory, "mallory").sign(&world.founder);
        let hers = key(&mallory, GroupSigner::Owner, 99, entry.clone());
        assert_eq!(world.check_entry(hers, "Team"), Err(Doubt::Changed));
        let as_administrator = key(&mallory, GroupSigner::Administrators, 2, entry);
        assert_eq!(world.check_entry(as_administrator, "Team"), Err(Doubt::Unconfirmed));
    }

    #[test]
    fn who_is_not_sealed_to_is_compared_with_what_was_seen_as_well() {
        let mut world = World::new();
        let bruno = AccountId::random();
        let (first, other) = (world.keys(bruno), world.keys(bruno));
        let entry = |keys: &AccountKeys, world: &World| Entry::first(keys, "bruno").sign(&world.founder);
        assert!(world.trust.identity(&entry(&other, &world), 0).is_ok());
        world.trust.pin(RecipientId::Account(bruno), Entry::first(&first, "bruno").pin());
        assert!(world.trust.identity(&entry(&first, &world), 0).is_ok());
        assert_eq!(world.trust.identity(&entry(&other, &world), 0).err(), Some(Doubt::Changed));
        // What was signed with keys from before stays signed; nothing is sealed to them.
        let second = Entry { epoch: 2, ..Entry::first(&other, "bruno") };
        world.trust.pin(RecipientId::Account(bruno), second.pin());
        assert_eq!(world.trust.identity(&entry(&first, &world), 0).err(), Some(Doubt::Changed));
        assert!(world.trust.signer(&entry(&first, &world), 0).is_ok());
        let by_himself = Entry::first(&first, "bruno").sign(&first);
        assert!(world.trust.signer(&by_himself, 0).is_err());
    }
}
