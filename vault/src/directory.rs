//! Whose keys are whose. The server keeps the directory, but nobody has to believe it: every entry is signed, and the signatures lead back to
//! the founder, whose fingerprint each account keeps among its own keys.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::account::AccountKeys;
use crate::error::VaultError;
use crate::id::{AccountId, GroupId, RecipientId};
use crate::identity::{PublicIdentity, PublicKey};
use crate::invitation::{Acceptance, Invitation};
use crate::key::SUITE;
use crate::pins::{Authority, Pin};

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

/// The keys of one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Whose they are.
    pub account: AccountId,
    /// What that person signs in with, and what others know them by.
    pub username: String,
    /// How many sets of keys the account has had, from 1.
    pub epoch: u64,
    /// [`PublicIdentity::to_bytes`].
    pub identity: Vec<u8>,
}

impl Entry {
    /// The first keys of an account.
    pub fn first(keys: &AccountKeys, username: &str) -> Self {
        Self { account: keys.account(), username: username.into(), epoch: 1, identity: keys.public().to_bytes() }
    }

    fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Statement::Entry.begin();
        bytes.extend_from_slice(self.account.as_bytes());
        bytes.extend_from_slice(&self.epoch.to_be_bytes());
        push_field(&mut bytes, self.username.as_bytes());
        push_field(&mut bytes, &self.identity);
        bytes
    }

    /// Signs the entry as an administrator.
    pub fn sign(self, signer: &AccountKeys) -> SignedEntry {
        let signature = signer.identity.sign(&self.signed_bytes()).to_vec();
        SignedEntry { entry: self, vouch: Vouch::Signed { signer: signer.account(), signature } }
    }

    /// What tells these keys from others.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.identity)
    }

    /// What is remembered of these keys.
    pub fn pin(&self) -> Pin {
        Pin { epoch: self.epoch, key: self.fingerprint(), authority: Authority::Administrators }
    }

    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        PublicIdentity::from_bytes(&self.identity).is_ok_and(|identity| identity.verify(message, signature).is_ok())
    }
}

/// Who says that an entry is right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Vouch {
    /// An administrator.
    Signed {
        /// Who.
        signer: AccountId,
        /// Their signature of the entry.
        signature: Vec<u8>,
    },
    /// The person themselves, with the secret of an invitation that an administrator signed. Holds as long as the invitation does.
    Invited {
        /// The invitation.
        invitation: Invitation,
        /// The signature made with its secret.
        acceptance: Acceptance,
    },
}

/// An entry, and who says that it is right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedEntry {
    /// The entry.
    pub entry: Entry,
    /// Who says so.
    pub vouch: Vouch,
}

/// Says that an account may sign entries: one of the administrators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// Who may sign.
    pub account: AccountId,
    /// With which keys: [`PublicIdentity::to_bytes`].
    pub identity: Vec<u8>,
    /// Who says so: another administrator, or the founder of themselves.
    pub signer: AccountId,
    /// Their signature.
    pub signature: Vec<u8>,
}

impl SignedEntry {
    /// Whether the keys of `signer` made the signature. Not whether `signer` may sign: that only a [`Directory`] knows.
    pub fn is_by(&self, signer: &Entry) -> bool {
        let Vouch::Signed { signature, .. } = &self.vouch else { return false };
        signer.has_signed(&self.entry.signed_bytes(), signature)
    }
}

impl Mandate {
    /// Whether the keys of `signer` made the signature.
    pub fn is_by(&self, signer: &Entry) -> bool {
        signer.has_signed(&Self::signed_bytes(self.account, &self.identity), &self.signature)
    }

    /// A mandate for the keys of an entry, whose signature has been checked.
    pub fn sign(entry: &Entry, signer: &AccountKeys) -> Self {
        let (account, identity) = (entry.account, entry.identity.clone());
        let signature = signer.identity.sign(&Self::signed_bytes(account, &identity)).to_vec();
        Self { account, identity, signer: signer.account(), signature }
    }

    fn signed_bytes(account: AccountId, identity: &[u8]) -> Vec<u8> {
        let mut bytes = Statement::Mandate.begin();
        bytes.extend_from_slice(account.as_bytes());
        push_field(&mut bytes, identity);
        bytes
    }
}

/// Who answers for a group's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupSigner {
    /// Any administrator.
    Administrators,
    /// The one who made the group.
    Owner,
}

/// The public key of a group in one epoch, and the name that people know the group by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupKey {
    /// The group.
    pub group: GroupId,
    /// Its name.
    pub name: String,
    /// Who answers for it.
    pub managed_by: GroupSigner,
    /// The epoch, from 1.
    pub epoch: u64,
    /// [`PublicKey::to_bytes`].
    pub key: Vec<u8>,
}

/// A group's key, and who answers for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedGroupKey {
    /// The key.
    pub key: GroupKey,
    /// The signer's signature of it.
    pub signature: Vec<u8>,
    /// Who signed it.
    pub signer: SignedEntry,
}

/// What the directory has of a recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecipientEntry {
    /// Of a person.
    Account(SignedEntry),
    /// Of a group.
    Group(SignedGroupKey),
}

impl RecipientEntry {
    /// Whose it is.
    pub fn recipient(&self) -> RecipientId {
        match self {
            Self::Account(signed) => RecipientId::Account(signed.entry.account),
            Self::Group(signed) => RecipientId::Group(signed.key.group),
        }
    }

    /// The username or the group's name: what the signature binds the key to.
    pub fn name(&self) -> &str {
        match self {
            Self::Account(signed) => &signed.entry.username,
            Self::Group(signed) => &signed.key.name,
        }
    }

    /// What is remembered of the key.
    pub fn pin(&self) -> Pin {
        match self {
            Self::Account(signed) => signed.entry.pin(),
            Self::Group(signed) => Pin {
                epoch: signed.key.epoch,
                key: Fingerprint::of(&signed.key.key),
                authority: match signed.key.managed_by {
                    GroupSigner::Administrators => Authority::Administrators,
                    GroupSigner::Owner => Authority::Owner(signed.signer.entry.account),
                },
            },
        }
    }
}

impl GroupKey {
    fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Statement::GroupKey.begin();
        bytes.extend_from_slice(self.group.as_bytes());
        bytes.push(match self.managed_by {
            GroupSigner::Administrators => 1,
            GroupSigner::Owner => 2,
        });
        bytes.extend_from_slice(&self.epoch.to_be_bytes());
        push_field(&mut bytes, self.name.as_bytes());
        push_field(&mut bytes, &self.key);
        bytes
    }

    /// Whether the keys of `signer` made the signature.
    pub fn is_by(&self, signature: &[u8], signer: &Entry) -> bool {
        signer.has_signed(&self.signed_bytes(), signature)
    }

    /// Signs the key as who manages the group.
    pub fn sign(&self, signer: &AccountKeys) -> Vec<u8> {
        signer.identity.sign(&self.signed_bytes()).to_vec()
    }
}

/// Who is in a group, as who manages it signed it: nobody is sealed a new seed whom no manager took in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// The group.
    pub group: GroupId,
    /// The epoch of its key.
    pub epoch: u64,
    /// Its members, in order of their ids, each once.
    pub members: Vec<AccountId>,
}

/// A roster, and who answers for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedRoster {
    /// The roster.
    pub roster: Roster,
    /// Who signed it.
    pub signer: AccountId,
    /// Their signature.
    pub signature: Vec<u8>,
}

impl Roster {
    /// Of members in any order.
    pub fn new(group: GroupId, epoch: u64, members: impl IntoIterator<Item = AccountId>) -> Self {
        let mut members: Vec<AccountId> = members.into_iter().collect();
        members.sort_unstable();
        members.dedup();
        Self { group, epoch, members }
    }

    fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Statement::Roster.begin();
        bytes.extend_from_slice(self.group.as_bytes());
        bytes.extend_from_slice(&self.epoch.to_be_bytes());
        for member in &self.members {
            bytes.extend_from_slice(member.as_bytes());
        }
        bytes
    }

    /// Signs the roster as who manages the group.
    pub fn sign(&self, signer: &AccountKeys) -> Vec<u8> {
        signer.identity.sign(&self.signed_bytes()).to_vec()
    }

    /// Whether the keys of `signer` made the signature.
    pub fn is_by(&self, signature: &[u8], signer: &Entry) -> bool {
        signer.has_signed(&self.signed_bytes(), signature)
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
    use crate::invitation::InvitationCode;
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
