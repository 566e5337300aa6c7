//! Whose keys are whose. The server keeps the directory, but nobody has to believe it: every entry is signed, and the signatures lead back to
//! the founder, whose fingerprint each account keeps among its own keys.

mod entry;
mod group;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::account::AccountKeys;
use crate::error::VaultError;
use crate::id::AccountId;
use crate::identity::{PublicIdentity, PublicKey};
use crate::key::SUITE;

pub use entry::{Entry, Mandate, SignedEntry, Vouch};
pub use group::{GroupKey, GroupSigner, RecipientEntry, Roster, SignedGroupKey, SignedRoster};

/// What tells one public key from every other: SHA-256 of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub(crate) [u8; 32]);

impl Fingerprint {
    /// Of a public identity or a group's public key, as bytes.
    pub fn of(key: &[u8]) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// As people compare it: the first 120 bits, in six groups of five hexadecimal digits.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(35);
        for digit in 0..30 {
            if digit > 0 && digit % 5 == 0 {
                text.push(' ');
            }
            let half = self.0[digit / 2] >> (4 * (1 - digit % 2)) & 15;
            text.push(char::from(b"0123456789abcdef"[usize::from(half)]));
        }
        text
    }
}

/// Kinds of signed statements; each begins with its name and the suite, so that none can be taken for another.
#[derive(Clone, Copy)]
pub(crate) enum Statement {
    Entry,
    Mandate,
    GroupKey,
    Roster,
    Invitation,
    Acceptance,
    Restoration,
}

impl Statement {
    pub(crate) fn begin(self) -> Vec<u8> {
        let name: &[u8] = match self {
            Self::Entry => b"mysafe entry",
            Self::Mandate => b"mysafe mandate",
            Self::GroupKey => b"mysafe group key",
            Self::Roster => b"mysafe roster",
            Self::Invitation => b"mysafe invitation",
            Self::Acceptance => b"mysafe acceptance",
            Self::Restoration => b"mysafe restoration",
        };
        let mut bytes = name.to_vec();
        bytes.push(SUITE);
        bytes
    }
}

/// A 32-bit big-endian length and as many bytes.
pub(crate) fn push_field(bytes: &mut Vec<u8>, field: &[u8]) {
    let length = u32::try_from(field.len()).expect("fields of statements are short");
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(field);
}

/// What one account trusts: the founder by fingerprint, and whoever has a mandate that leads back to the founder.
#[derive(Clone)]
pub struct Directory {
    mandated: Vec<(AccountId, PublicIdentity)>,
}

impl Directory {
    /// Takes in the mandates that hold; the others are as if they were not there.
    pub fn new(root: &Fingerprint, mandates: &[Mandate]) -> Self {
        let mut directory = Self { mandated: Vec::new() };
        let mut open: Vec<(&Mandate, PublicIdentity)> = mandates
            .iter()
            .filter_map(|mandate| Some((mandate, PublicIdentity::from_bytes(&mandate.identity).ok()?)))
            .collect();
        // Each round takes in those whose signer was taken in before; the last takes in none.
        loop {
            let before = open.len();
            open.retain(|(mandate, identity)| {
                let bytes = Mandate::signed_bytes(mandate.account, &mandate.identity);
                let is_root = mandate.signer == mandate.account
                    && Fingerprint::of(&mandate.identity) == *root
                    && identity.verify(&bytes, &mandate.signature).is_ok();
                let holds = is_root || directory.verify(mandate.signer, &bytes, &mandate.signature).is_ok();
                if holds {
                    directory.mandated.push((mandate.account, identity.clone()));
                }
                !holds
            });
            if open.len() == before {
                return directory;
            }
        }
    }

    /// Checks a signature by someone with a mandate.
    fn verify(&self, signer: AccountId, message: &[u8], signature: &[u8]) -> Result<(), VaultError> {
        self.mandated
            .iter()
            .filter(|(account, _)| *account == signer)
            .find_map(|(_, identity)| identity.verify(message, signature).ok())
            .ok_or(VaultError::Signature)
    }

    /// Whether an account may sign entries with these keys.
    pub fn has_mandate(&self, account: AccountId, identity: &PublicIdentity) -> bool {
        self.mandated.iter().any(|(known, key)| *known == account && key == identity)
    }

    /// The keys of an entry, once it is certain that they are that account's. `now` is in milliseconds since 1970.
    ///
    /// # Errors
    /// [`VaultError::Signature`] where nobody trusted says so (any more), [`VaultError::Format`] for what are no keys.
    pub fn check(&self, signed: &SignedEntry, now: u64) -> Result<PublicIdentity, VaultError> {
        let identity = PublicIdentity::from_bytes(&signed.entry.identity)?;
        match &signed.vouch {
            Vouch::Signed { signer, signature } => {
                self.verify(*signer, &signed.entry.signed_bytes(), signature)?;
            }
            Vouch::Invited { invitation, acceptance } => {
                self.verify(invitation.signer, &invitation.signed_bytes(), &invitation.signature)?;
                invitation.admits(&signed.entry, acceptance, now)?;
            }
        }
        Ok(identity)
    }

    /// The key of a group, once it is certain that who manages the group says so.
    ///
    /// # Errors
    /// [`VaultError::Signature`] where they do not, [`VaultError::Format`] for what is no key.
    pub fn check_group(&self, signed: &SignedGroupKey, now: u64) -> Result<PublicKey, VaultError> {
        let bytes = signed.key.signed_bytes();
        match signed.key.managed_by {
            GroupSigner::Administrators => self.verify(signed.signer.entry.account, &bytes, &signed.signature)?,
            GroupSigner::Owner => self.check(&signed.signer, now)?.verify(&bytes, &signed.signature)?,
        }
        PublicKey::from_bytes(&signed.key.key)
    }

    /// Whether a manager of the group says that these are its members: an administrator, or the owner of a private group, who checks their
    /// own word.
    ///
    /// # Errors
    /// [`VaultError::Signature`] where they do not.
    pub fn check_roster(
        &self,
        signed: &SignedRoster,
        managed_by: GroupSigner,
        owner: &AccountKeys,
    ) -> Result<(), VaultError> {
        let bytes = signed.roster.signed_bytes();
        match managed_by {
            GroupSigner::Administrators => self.verify(signed.signer, &bytes, &signed.signature),
            GroupSigner::Owner => owner.public().verify(&bytes, &signed.signature),
        }
    }

    /// What to seal to for a recipient, once it is certain whose key it is.
    ///
    /// # Errors
    /// Those of [`Directory::check`] and [`Directory::check_group`].
    pub fn check_recipient(&self, entry: &RecipientEntry, now: u64) -> Result<PublicKey, VaultError> {
        match entry {
            RecipientEntry::Account(signed) => self.check(signed, now).map(|identity| identity.sealing),
            RecipientEntry::Group(signed) => self.check_group(signed, now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::GroupSeed;
    use crate::id::GroupId;
    use crate::invitation::{Invitation, InvitationCode};
    use crate::password::ExportKey;

    fn founder() -> AccountKeys {
        AccountKeys::create(AccountId::random(), &ExportKey::random_for_test(), None).0
    }

    fn joins(founder: &AccountKeys) -> AccountKeys {
        AccountKeys::create(AccountId::random(), &ExportKey::random_for_test(), Some(founder.root())).0
    }

    fn entry(keys: &AccountKeys) -> Entry {
        Entry::first(keys, "bruno")
    }

    #[test]
    fn trust_leads_back_to_the_founder_over_any_number_of_administrators() {
        let ana = founder();
        let (bruno, carla, dora) = (joins(&ana), joins(&ana), joins(&ana));
        // In any order.
        let mandates = [
            Mandate::sign(&entry(&carla), &bruno),
            Mandate::sign(&entry(&bruno), &ana),
            Mandate::sign(&entry(&ana), &ana),
        ];
        let directory = Directory::new(&dora.root(), &mandates);
        for signer in [&ana, &bruno, &carla] {
            assert!(directory.check(&entry(&dora).sign(signer), 0).unwrap() == dora.public());
            assert!(directory.has_mandate(signer.account(), &signer.public()));
        }
        assert!(directory.check(&entry(&dora).sign(&dora), 0).is_err());
        // Without the middle, the end hangs in the air; without the founder, all does.
        let directory = Directory::new(&dora.root(), &[mandates[0].clone(), mandates[2].clone()]);
        assert!(directory.check(&entry(&dora).sign(&carla), 0).is_err());
        assert!(directory.check(&entry(&dora).sign(&ana), 0).is_ok());
        assert!(Directory::new(&dora.root(), &mandates[..2]).mandated.is_empty());
    }

    #[test]
    fn another_founder_counts_for_nothing() {
        let (ana, server) = (founder(), founder());
        let bruno = joins(&ana);
        let mandates = [Mandate::sign(&entry(&ana), &ana), Mandate::sign(&entry(&server), &server)];
        let directory = Directory::new(&bruno.root(), &mandates);
        assert!(!directory.has_mandate(server.account(), &server.public()));
        assert!(directory.check(&entry(&bruno).sign(&server), 0).is_err());
    }

    #[test]
    fn a_changed_entry_does_not_hold() {
        let ana = founder();
        let (bruno, carla) = (joins(&ana), joins(&ana));
        let directory = Directory::new(&ana.root(), &[Mandate::sign(&entry(&ana), &ana)]);
        let signed = entry(&bruno).sign(&ana);
        let changes: [fn(&mut Entry, &AccountKeys); 4] = [
            |entry, _| entry.account = AccountId::random(),
            |entry, _| entry.username = "carla".into(),
            |entry, _| entry.epoch = 2,
            |entry, carla| entry.identity = carla.public().to_bytes(),
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut forged = signed.clone();
            change(&mut forged.entry, &carla);
            assert!(directory.check(&forged, 0).is_err(), "change {number}");
        }
    }

    #[test]
    fn an_invitation_vouches_until_it_ends() {
        let ana = founder();
        let (bruno, carla) = (joins(&ana), joins(&ana));
        let code = InvitationCode::random();
        let invitation = Invitation::sign(&code, bruno.account(), "bruno", 1, false, 1_000, &ana);
        let directory = Directory::new(&ana.root(), &[Mandate::sign(&entry(&ana), &ana)]);
        let vouched = |entry: Entry, code: &InvitationCode| SignedEntry {
            vouch: Vouch::Invited { invitation: invitation.clone(), acceptance: code.accept(&entry) },
            entry,
        };
        assert!(directory.check(&vouched(entry(&bruno), &code), 999).is_ok());
        assert!(directory.check(&vouched(entry(&bruno), &code), 1_000).is_err());
        assert!(directory.check(&vouched(entry(&bruno), &InvitationCode::random()), 0).is_err());
        // Nobody else can come with it, and the one invited under no other name.
        assert!(directory.check(&vouched(entry(&carla), &code), 0).is_err());
        assert!(directory.check(&vouched(Entry { username: "admin".into(), ..entry(&bruno) }, &code), 0).is_err());
        assert!(directory.check(&vouched(Entry { epoch: 2, ..entry(&bruno) }, &code), 0).is_err());
        // Who has no mandate invites nobody.
        let mut forged = vouched(entry(&bruno), &code);
        let by_carla = Invitation::sign(&code, bruno.account(), "bruno", 1, false, 1_000, &carla);
        forged.vouch = Vouch::Invited { invitation: by_carla, acceptance: code.accept(&forged.entry) };
        assert!(directory.check(&forged, 0).is_err());
    }

    #[test]
    fn a_groups_key_is_its_managers_word() {
        let ana = founder();
        let bruno = joins(&ana);
        let directory = Directory::new(&ana.root(), &[Mandate::sign(&entry(&ana), &ana)]);
        let key = |managed_by| GroupKey {
            group: GroupId::random(),
            name: "Crew".into(),
            managed_by,
            epoch: 1,
            key: GroupSeed::random().public_key().to_bytes(),
        };
        let (user, private) = (key(GroupSigner::Administrators), key(GroupSigner::Owner));
        let (ana_entry, bruno_entry) = (entry(&ana).sign(&ana), entry(&bruno).sign(&ana));
        let check = |key: &GroupKey, signature: Vec<u8>, signer: &SignedEntry| {
            let signed = SignedGroupKey { key: key.clone(), signature, signer: signer.clone() };
            directory.check_group(&signed, 0).is_ok()
        };
        assert!(check(&user, user.sign(&ana), &ana_entry));
        assert!(!check(&user, user.sign(&bruno), &bruno_entry));
        let signature = private.sign(&bruno);
        assert!(check(&private, signature.clone(), &bruno_entry));
        assert!(!check(&private, signature.clone(), &ana_entry));
        for forged in [
            GroupKey { name: "Other".into(), ..private.clone() },
            GroupKey { epoch: 2, ..private.clone() },
            GroupKey { group: GroupId::random(), ..private.clone() },
            GroupKey { key: user.key.clone(), ..private },
        ] {
            assert!(!check(&forged, signature.clone(), &bruno_entry));
        }
    }

    #[test]
    fn a_roster_is_its_managers_word_in_one_epoch() {
        let ana = founder();
        let bruno = joins(&ana);
        let directory = Directory::new(&ana.root(), &[Mandate::sign(&entry(&ana), &ana)]);
        let (group, members) = (GroupId::random(), [ana.account(), bruno.account()]);
        let roster = Roster::new(group, 2, members);
        assert_eq!(roster, Roster::new(group, 2, [members[1], members[0], members[1]]));
        let check = |roster: &Roster, signer: &AccountKeys, managed_by| {
            let signature = Roster::new(group, 2, members).sign(signer);
            let signed = SignedRoster { roster: roster.clone(), signer: signer.account(), signature };
            directory.check_roster(&signed, managed_by, &bruno).is_ok()
        };
        assert!(check(&roster, &ana, GroupSigner::Administrators));
        assert!(!check(&roster, &bruno, GroupSigner::Administrators));
        assert!(check(&roster, &bruno, GroupSigner::Owner));
        assert!(!check(&roster, &ana, GroupSigner::Owner));
        for forged in [
            Roster::new(group, 2, [members[0]]),
            Roster::new(group, 3, members),
            Roster::new(GroupId::random(), 2, members),
            Roster::new(group, 2, [members[0], members[1], AccountId::random()]),
        ] {
            assert!(!check(&forged, &ana, GroupSigner::Administrators));
        }
    }

    #[test]
    fn fingerprints_are_read_aloud_in_six_groups() {
        assert_eq!(Fingerprint::of(b"").text(), "e3b0c 44298 fc1c1 49afb f4c89 96fb9");
    }
}
