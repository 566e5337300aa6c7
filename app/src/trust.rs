//! Whose keys are whose: what this page believes of what the server says.

pub mod api;

use std::collections::HashMap;
use std::sync::Arc;

use vault::{
    AccountId, Directory, GroupSigner, Pin, Pins, PublicIdentity, PublicKey, RecipientEntry, RecipientId, Seen,
    SignedEntry, Vouch,
};

use crate::account::Session;
use crate::error::{AppError, Problem, Reason, Subject};
use crate::language::t;
use crate::share::api::{Recipient, RecipientKind};
use api::SealedPins;

/// Milliseconds since 1970, by this machine's clock.
pub(crate) fn now() -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the time is a whole number after 1970"
    )]
    let now = js_sys::Date::now() as u64;
    now
}

/// What this page believes: who may sign entries, and what was seen of others' keys before.
#[derive(Clone)]
pub(crate) struct Trust {
    /// Whose belief it is: by the time it is here, or kept, somebody else may be signed in.
    of: AccountId,
    directory: Directory,
    pins: Pins,
    /// How often the pins were written.
    revision: u64,
    is_news: bool,
}

/// What can be sealed to: the epoch of each recipient's key, and the key.
pub(crate) type SealingKeys = HashMap<RecipientId, (u64, PublicKey)>;

/// The keys that somebody signed something with, once it is certain that they are, or were, theirs.
pub(crate) async fn signer(session: Session, signed: &SignedEntry) -> Result<PublicIdentity, AppError> {
    // Administrators change seldom: what is known is asked first.
    if let Some(identity) = session.trust().and_then(|known| known.signer(signed, now()).ok()) {
        return Ok(identity);
    }
    Ok(Trust::load(session).await?.signer(signed, now())?)
}

impl Trust {
    /// As the server has it now.
    pub(crate) async fn load(session: Session) -> Result<Self, AppError> {
        let keys = session.keys()?;
        let directory = Directory::new(&keys.root(), &api::mandates().await?);
        let (pins, revision) = match api::pins().await? {
            Some(known) => (keys.open_pins(known.revision, &known.pins)?, known.revision),
            None => (Pins::default(), 0),
        };
        if session.keys()?.account() != keys.account() {
            return Err(AppError::SignedOut);
        }
        let trust = Self { of: keys.account(), directory, pins, revision, is_news: false };
        session.set_trust(Arc::new(trust.clone()));
        Ok(trust)
    }

    /// Who may sign entries.
    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The keys of an account.
    pub(crate) fn identity(&self, signed: &SignedEntry) -> Result<PublicIdentity, Reason> {
        self.identity_at(signed, now())
    }

    fn identity_at(&self, signed: &SignedEntry, now: u64) -> Result<PublicIdentity, Reason> {
        let identity = self.directory.check(signed, now).map_err(|_| Reason::Unconfirmed)?;
        require_compared(signed)?;
        let recipient = RecipientId::Account(signed.entry.account);
        self.compare(recipient, &signed.entry.pin(), matches!(signed.vouch, Vouch::Signed { .. }))?;
        Ok(identity)
    }

    /// The keys that an account signed something with: those of now, or earlier ones that an administrator had signed.
    fn signer(&self, signed: &SignedEntry, now: u64) -> Result<PublicIdentity, Reason> {
        let recipient = RecipientId::Account(signed.entry.account);
        match (self.pins.compare(recipient, &signed.entry.pin()), &signed.vouch) {
            (Seen::Older, Vouch::Signed { .. }) => self.directory.check(signed, now).map_err(|_| Reason::Unconfirmed),
            _ => self.identity_at(signed, now),
        }
    }

    /// The keys of an account whose signatures count, whatever the server says of its role.
    pub(crate) fn administrator(&self, signed: &SignedEntry) -> Result<PublicIdentity, Reason> {
        let identity = self.identity(signed)?;
        let has_mandate = self.directory.has_mandate(signed.entry.account, &identity);
        if has_mandate { Ok(identity) } else { Err(Reason::Unconfirmed) }
    }

    /// What to seal to for recipients whom somebody has picked: they are those that the screen named.
    pub(crate) fn picked_keys(
        &mut self,
        entries: &[RecipientEntry],
        picked: impl Fn(RecipientId) -> Option<Recipient>,
    ) -> Result<SealingKeys, AppError> {
        let is_shown = |entry: &RecipientEntry| {
            picked(entry.recipient())
                .is_some_and(|shown| shown.signed_name == entry.name() && shown.kind == kind(entry))
        };
        self.sealing_keys(entries, is_shown, now()).map_err(AppError::Refused)
    }

    /// What to seal to for recipients who were picked before: they are known by the ids that were signed then. Nobody looks at them now, so whom it has
    /// to wait for is named.
    pub(crate) fn known_keys(&mut self, entries: &[RecipientEntry]) -> Result<SealingKeys, AppError> {
        self.sealing_keys(entries, |_| true, now()).map_err(|problems| waits_for(entries, &problems))
    }

    fn sealing_keys(
        &mut self,
        entries: &[RecipientEntry],
        is_shown: impl Fn(&RecipientEntry) -> bool,
        now: u64,
    ) -> Result<SealingKeys, Vec<Problem>> {
        let (mut keys, mut problems) = (HashMap::new(), Vec::new());
        for entry in entries {
            let (recipient, pin) = (entry.recipient(), entry.pin());
            // A person's new keys count once an administrator has confirmed them; a group's change whenever somebody leaves it.
            let is_confirmed =
                !matches!(entry, RecipientEntry::Account(SignedEntry { vouch: Vouch::Invited { .. }, .. }));
            let key = self.directory.check_recipient(entry, now).ok().filter(|_| is_shown(entry));
            let checked = key.ok_or(Reason::Unconfirmed).and_then(|key| {
                self.compare(recipient, &pin, is_confirmed)?;
                if let RecipientEntry::Account(signed) = entry {
                    require_compared(signed)?;
                }
                Ok(key)
            });
            match checked {
                Ok(key) => {
                    self.is_news |= self.pins.set(recipient, pin);
                    keys.insert(recipient, (pin.epoch, key));
                }
                Err(reason) => problems.push(Problem { subject: Subject::Recipient(recipient), reason }),
            }
        }
        if problems.is_empty() { Ok(keys) } else { Err(problems) }
    }

    /// Compares a key with the one that was seen before.
    pub(crate) fn compare(&self, recipient: RecipientId, pin: &Pin, is_confirmed: bool) -> Result<(), Reason> {
        match self.pins.compare(recipient, pin) {
            Seen::Fits => Ok(()),
            Seen::Newer if is_confirmed => Ok(()),
            Seen::Newer | Seen::Older | Seen::Differs => Err(Reason::ChangedKeys),
        }
    }

    /// Pins a key whatever was seen before, once it is certain.
    pub(crate) fn pin(&mut self, recipient: RecipientId, pin: Pin) {
        self.is_news |= self.pins.set(recipient, pin);
    }

    /// Keeps what was seen.
    pub(crate) async fn remember(self, session: Session) {
        let Ok(keys) = session.keys() else { return };
        if self.is_news && self.of == keys.account() {
            let revision = self.revision + 1;
            let pins = SealedPins { revision, pins: keys.seal_pins(revision, &self.pins) };
            session.set_trust(Arc::new(self));
            // Another page of the same person may have been first: then it is remembered at the next time.
            let _ = api::set_pins(pins).await;
        }
    }
}

/// Keys that came in place of others count once an administrator has compared them with the person, whoever has seen the ones before.
fn require_compared(signed: &SignedEntry) -> Result<(), Reason> {
    let is_compared = signed.entry.epoch == 1 || matches!(signed.vouch, Vouch::Signed { .. });
    if is_compared { Ok(()) } else { Err(Reason::Unconfirmed) }
}

/// The first of those whom something has to wait for.
fn waits_for(entries: &[RecipientEntry], problems: &[Problem]) -> AppError {
    let Problem { subject, reason } = problems[0];
    let entry = entries.iter().find(|entry| Subject::Recipient(entry.recipient()) == subject);
    AppError::WaitsFor { name: entry.map_or(t!("Somebody"), RecipientEntry::name).into(), reason }
}

fn kind(entry: &RecipientEntry) -> RecipientKind {
    match entry {
        RecipientEntry::Account(_) => RecipientKind::Person,
        RecipientEntry::Group(signed) if signed.key.managed_by == GroupSigner::Administrators => {
            RecipientKind::UserGroup
        }
        RecipientEntry::Group(_) => RecipientKind::PrivateGroup,
    }
}

impl From<Reason> for AppError {
    fn from(reason: Reason) -> Self {
        if reason == Reason::ChangedKeys { Self::ChangedKeys } else { Self::Unconfirmed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vault::{
        AccountId, AccountKeys, Entry, ExportKey, GroupId, GroupKey, GroupSeed, Invitation, InvitationCode, Mandate,
        Registration, ServerKeys, SignedGroupKey,
    };

    fn export_key() -> ExportKey {
        let (registration, request) = Registration::start("correct horse").unwrap();
        let (server, id) = (ServerKeys::random(), AccountId::random());
        let response = server.register(id, &request).unwrap();
        registration.finish("correct horse", &response).unwrap().1
    }

    struct World {
        export_key: ExportKey,
        founder: AccountKeys,
        trust: Trust,
    }

    impl World {
        fn new() -> Self {
            let export_key = export_key();
            let (founder, _) = AccountKeys::create(AccountId::random(), &export_key, None);
            let mandate = Mandate::sign(&Entry::first(&founder, "founder"), &founder);
            let directory = Directory::new(&founder.root(), &[mandate]);
            let trust =
                Trust { of: AccountId::random(), directory, pins: Pins::default(), revision: 0, is_news: false };
            Self { export_key, founder, trust }
        }

        fn keys(&self, account: AccountId) -> AccountKeys {
            AccountKeys::create(account, &self.export_key, Some(self.founder.root())).0
        }

        fn check(&mut self, entry: Entry, name: &str) -> Result<bool, Reason> {
            let signed = entry.sign(&self.founder);
            self.check_signed(signed, name)
        }

        fn check_signed(&mut self, signed: SignedEntry, name: &str) -> Result<bool, Reason> {
            self.trust.is_news = false;
            self.check_entry(RecipientEntry::Account(signed), name)
        }

        /// Whether there is something new to remember.
        fn check_entry(&mut self, entry: RecipientEntry, name: &str) -> Result<bool, Reason> {
            let checked = self.trust.sealing_keys(&[entry], |entry| entry.name() == name, 0);
            checked.map(|_| self.trust.is_news).map_err(|problems| problems[0].reason)
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
        assert_eq!(world.check(entry(&other, 1), "bruno"), Err(Reason::ChangedKeys));
        // New keys that an administrator confirmed take the place of the old ones, and there is no way back.
        assert_eq!(world.check(entry(&other, 2), "bruno"), Ok(true));
        assert_eq!(world.check(entry(&first, 1), "bruno"), Err(Reason::ChangedKeys));
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
        assert_eq!(world.check_signed(invited.clone(), "bruno"), Err(Reason::ChangedKeys));
        // Nor for who has never seen the ones before.
        let known = std::mem::take(&mut world.trust.pins);
        assert_eq!(world.check_signed(invited.clone(), "bruno"), Err(Reason::Unconfirmed));
        assert_eq!(world.trust.identity_at(&invited, 0).err(), Some(Reason::Unconfirmed));
        world.trust.pins = known;
        assert_eq!(world.check(entry, "bruno"), Ok(true));
    }

    #[test]
    fn a_name_on_the_screen_that_is_not_the_signed_one_is_refused() {
        let mut world = World::new();
        let mallory = world.keys(AccountId::random());
        assert_eq!(world.check(Entry::first(&mallory, "mallory"), "bruno"), Err(Reason::Unconfirmed));
        let by_herself = Entry::first(&mallory, "mallory").sign(&mallory);
        assert_eq!(world.check_signed(by_herself, "mallory"), Err(Reason::Unconfirmed));
    }

    #[test]
    fn whom_something_has_to_wait_for_is_named() {
        let mut world = World::new();
        let (bruno, mallory) = (world.keys(AccountId::random()), world.keys(AccountId::random()));
        let entries = [
            RecipientEntry::Account(Entry::first(&bruno, "bruno").sign(&world.founder)),
            RecipientEntry::Account(Entry::first(&mallory, "mallory").sign(&mallory)),
        ];
        let Err(problems) = world.trust.sealing_keys(&entries, |_| true, 0) else { panic!("nobody has signed these") };
        let text = waits_for(&entries, &problems).to_string();
        assert!(text.starts_with("mallory has keys that no administrator has confirmed yet"), "{text}");
    }

    #[test]
    fn a_member_cannot_answer_for_a_group_of_the_administrators() {
        let mut world = World::new();
        let (group, mallory) = (GroupId::random(), world.keys(AccountId::random()));
        let key = |signer: &AccountKeys, managed_by, epoch, by: SignedEntry| {
            let key = GroupKey {
                group,
                name: "Team".into(),
                managed_by,
                epoch,
                key: GroupSeed::random().public_key().to_bytes(),
            };
            RecipientEntry::Group(SignedGroupKey { signature: key.sign(signer), key, signer: by })
        };
        let founder = Entry::first(&world.founder, "founder").sign(&world.founder);
        let team = key(&world.founder, GroupSigner::Administrators, 1, founder);
        assert_eq!(kind(&team), RecipientKind::UserGroup);
        assert_eq!(world.check_entry(team, "Team"), Ok(true));
        let entry = Entry::first(&mallory, "mallory").sign(&world.founder);
        let hers = key(&mallory, GroupSigner::Owner, 99, entry.clone());
        assert_eq!(kind(&hers), RecipientKind::PrivateGroup);
        assert_eq!(world.check_entry(hers, "Team"), Err(Reason::ChangedKeys));
        let as_administrator = key(&mallory, GroupSigner::Administrators, 2, entry);
        assert_eq!(world.check_entry(as_administrator, "Team"), Err(Reason::Unconfirmed));
    }

    #[test]
    fn who_is_not_sealed_to_is_compared_with_what_was_seen_as_well() {
        let mut world = World::new();
        let bruno = AccountId::random();
        let (first, other) = (world.keys(bruno), world.keys(bruno));
        let entry = |keys: &AccountKeys, world: &World| Entry::first(keys, "bruno").sign(&world.founder);
        assert!(world.trust.identity_at(&entry(&other, &world), 0).is_ok());
        world.trust.pin(RecipientId::Account(bruno), Entry::first(&first, "bruno").pin());
        assert!(world.trust.identity_at(&entry(&first, &world), 0).is_ok());
        assert_eq!(world.trust.identity_at(&entry(&other, &world), 0).err(), Some(Reason::ChangedKeys));
        // What was signed with keys from before stays signed; nothing is sealed to them.
        let second = Entry { epoch: 2, ..Entry::first(&other, "bruno") };
        world.trust.pin(RecipientId::Account(bruno), second.pin());
        assert_eq!(world.trust.identity_at(&entry(&first, &world), 0).err(), Some(Reason::ChangedKeys));
        assert!(world.trust.signer(&entry(&first, &world), 0).is_ok());
        let by_himself = Entry::first(&first, "bruno").sign(&first);
        assert!(world.trust.signer(&by_himself, 0).is_err());
    }
}
