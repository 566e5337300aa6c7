//! Whose keys are whose: what this page believes of what the server says.

pub mod api;

use std::sync::Arc;

use vault::{
    AccountId, Directory, Doubt, GroupSigner, Pin, Pins, PublicIdentity, RecipientEntry, RecipientId, SealingKeys,
    SignedEntry,
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

/// What this page believes.
#[derive(Clone)]
pub(crate) struct Trust {
    /// Whose belief it is: by the time it is here, or kept, somebody else may be signed in.
    of: AccountId,
    known: vault::Trust,
    /// How often what was seen was written.
    revision: u64,
}

/// The keys that somebody signed something with, once it is certain that they are, or were, theirs.
pub(crate) async fn signer(session: Session, signed: &SignedEntry) -> Result<PublicIdentity, AppError> {
    // Administrators change seldom: what is known is asked first.
    if let Some(identity) = session.trust().and_then(|trust| trust.known.signer(signed, now()).ok()) {
        return Ok(identity);
    }
    Ok(Trust::load(session).await?.known.signer(signed, now())?)
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
        let trust = Self { of: keys.account(), known: vault::Trust::new(directory, pins), revision };
        session.set_trust(Arc::new(trust.clone()));
        Ok(trust)
    }

    /// Who may sign entries.
    pub(crate) fn directory(&self) -> &Directory {
        self.known.directory()
    }

    /// The keys of an account.
    pub(crate) fn identity(&self, signed: &SignedEntry) -> Result<PublicIdentity, Doubt> {
        self.known.identity(signed, now())
    }

    /// The keys of an account whose signatures count, whatever the server says of its role.
    pub(crate) fn administrator(&self, signed: &SignedEntry) -> Result<PublicIdentity, Doubt> {
        self.known.administrator(signed, now())
    }

    /// What to seal to for recipients whom somebody has picked: they are those that the screen named.
    pub(crate) fn picked_keys(
        &mut self,
        entries: &[RecipientEntry],
        picked: impl Fn(RecipientId) -> Option<Recipient>,
    ) -> Result<SealingKeys, AppError> {
        let is_shown = |entry: &RecipientEntry| {
            picked(entry.recipient()).is_some_and(|shown| shown.signed_name == entry.name() && fits(shown.kind, entry))
        };
        self.known
            .sealing_keys(entries, is_shown, now())
            .map_err(|doubts| AppError::Refused(doubts.into_iter().map(problem).collect()))
    }

    /// What to seal to for recipients who were picked before: they are known by the ids that were signed then. Nobody looks at them now, so whom it has
    /// to wait for is named.
    pub(crate) fn known_keys(&mut self, entries: &[RecipientEntry]) -> Result<SealingKeys, AppError> {
        self.known.sealing_keys(entries, |_| true, now()).map_err(|doubts| waits_for(entries, &doubts))
    }

    /// Compares a key with the one that was seen before.
    pub(crate) fn compare(&self, recipient: RecipientId, pin: &Pin, is_confirmed: bool) -> Result<(), Doubt> {
        self.known.compare(recipient, pin, is_confirmed)
    }

    /// Pins a key whatever was seen before, once it is certain.
    pub(crate) fn pin(&mut self, recipient: RecipientId, pin: Pin) {
        self.known.pin(recipient, pin);
    }

    /// Keeps what was seen.
    pub(crate) async fn remember(self, session: Session) {
        let Ok(keys) = session.keys() else { return };
        if self.known.is_news() && self.of == keys.account() {
            let revision = self.revision + 1;
            let pins = SealedPins { revision, pins: keys.seal_pins(revision, self.known.pins()) };
            session.set_trust(Arc::new(self));
            // Another page of the same person may have been first: then it is remembered at the next time.
            let _ = api::set_pins(pins).await;
        }
    }
}

fn problem((recipient, doubt): (RecipientId, Doubt)) -> Problem {
    Problem { subject: Subject::Recipient(recipient), reason: doubt.into() }
}

/// The first of those whom something has to wait for.
fn waits_for(entries: &[RecipientEntry], doubts: &[(RecipientId, Doubt)]) -> AppError {
    let (recipient, doubt) = doubts[0];
    let entry = entries.iter().find(|entry| entry.recipient() == recipient);
    AppError::WaitsFor { name: entry.map_or(t!("Somebody"), RecipientEntry::name).into(), reason: doubt.into() }
}

/// Whether an entry is one of what the screen says it is. Nobody signs whether a person or a program uses an account.
fn fits(shown: RecipientKind, entry: &RecipientEntry) -> bool {
    match shown {
        RecipientKind::Person | RecipientKind::AccessKey => matches!(entry, RecipientEntry::Account(_)),
        RecipientKind::UserGroup => entry.managed_by() == Some(GroupSigner::Administrators),
        RecipientKind::PrivateGroup => entry.managed_by() == Some(GroupSigner::Owner),
    }
}

impl From<Doubt> for Reason {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::Unconfirmed => Self::Unconfirmed,
            Doubt::Changed => Self::ChangedKeys,
        }
    }
}

impl From<Doubt> for AppError {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::Unconfirmed => Self::Unconfirmed,
            Doubt::Changed => Self::ChangedKeys,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vault::{AccessKey, AccountKeys, Entry, Fingerprint, GroupId, GroupKey, GroupSeed, SignedGroupKey};

    fn keys() -> AccountKeys {
        AccountKeys::create_for_access_key(&AccessKey::random(AccountId::random()), Fingerprint::of(b"the founder")).0
    }

    #[test]
    fn whom_something_has_to_wait_for_is_named() {
        let mallory = keys();
        let entries = [RecipientEntry::Account(Entry::first(&mallory, "mallory").sign(&mallory))];
        let text = waits_for(&entries, &[(entries[0].recipient(), Doubt::Unconfirmed)]).to_string();
        assert!(text.starts_with("mallory has keys that no administrator has confirmed yet"), "{text}");
    }

    #[test]
    fn an_entry_is_of_the_kind_that_the_screen_shows() {
        let keys = keys();
        let signed = Entry::first(&keys, "ana").sign(&keys);
        let group = |managed_by| {
            let (name, key) = ("Team".into(), GroupSeed::random().public_key().to_bytes());
            let key = GroupKey { group: GroupId::random(), name, managed_by, epoch: 1, key };
            RecipientEntry::Group(SignedGroupKey { signature: key.sign(&keys), key, signer: signed.clone() })
        };
        let kinds = |entry: &RecipientEntry| {
            use RecipientKind::{AccessKey, Person, PrivateGroup, UserGroup};
            [Person, AccessKey, UserGroup, PrivateGroup].map(|kind| fits(kind, entry))
        };
        assert_eq!(kinds(&RecipientEntry::Account(signed.clone())), [true, true, false, false]);
        assert_eq!(kinds(&group(GroupSigner::Administrators)), [false, false, true, false]);
        assert_eq!(kinds(&group(GroupSigner::Owner)), [false, false, false, true]);
    }
}
