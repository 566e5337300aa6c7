//! Whose keys are whose: what this page believes of what the server says.

pub mod api;

use std::collections::HashMap;
use std::sync::Arc;

use vault::{Directory, PublicIdentity, PublicKey, RecipientEntry, RecipientId, Seen, SignedEntry, VaultError, Vouch};

use crate::account::Session;
use crate::error::{AppError, Problem, Reason, Subject};
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

/// Who may sign entries, as the server has it now.
pub(crate) async fn directory(session: Session) -> Result<Arc<Directory>, AppError> {
    let directory = Arc::new(Directory::new(&session.keys()?.root(), &api::mandates().await?));
    session.set_directory(Arc::clone(&directory));
    Ok(directory)
}

/// The keys of an account, once it is certain that they are.
pub(crate) async fn identity(session: Session, signed: &SignedEntry) -> Result<PublicIdentity, AppError> {
    // Administrators change seldom: what is known is asked first.
    if let Some(identity) = session.directory().and_then(|known| known.check(signed, now()).ok()) {
        return Ok(identity);
    }
    directory(session).await?.check(signed, now()).map_err(|error| match error {
        VaultError::Signature => AppError::Unconfirmed,
        other => other.into(),
    })
}

/// What can be sealed to: the epoch of each recipient's key, and the key.
pub(crate) type SealingKeys = HashMap<RecipientId, (u64, PublicKey)>;

/// The keys of recipients as the server names them, each signed, and the one that was seen before.
pub(crate) struct Checked {
    pub keys: SealingKeys,
    /// What to remember, where there is news.
    pins: Option<SealedPins>,
}

impl Checked {
    /// Keeps what was seen.
    pub(crate) async fn remember(&self) {
        if let Some(pins) = &self.pins {
            // Another page of the same person may have been first: then it is remembered at the next time.
            let _ = api::set_pins(pins.clone()).await;
        }
    }
}

/// Checks entries, and what was seen of them before. `signed_name` is what the person at the screen knows a recipient by.
pub(crate) async fn check(
    session: Session,
    entries: &[RecipientEntry],
    signed_name: impl Fn(RecipientId) -> Option<String>,
) -> Result<Checked, AppError> {
    let keys = session.keys()?;
    let directory = directory(session).await?;
    let known = api::pins().await?;
    let (mut pins, revision) = match &known {
        Some(known) => (keys.open_pins(known.revision, &known.pins)?, known.revision),
        None => (vault::Pins::default(), 0),
    };
    let (checked, is_news) =
        check_all(&directory, &mut pins, entries, signed_name, now()).map_err(AppError::Refused)?;
    let pins = is_news.then(|| SealedPins { revision: revision + 1, pins: keys.seal_pins(revision + 1, &pins) });
    Ok(Checked { keys: checked, pins })
}

/// The keys, and whether there is something new to remember.
fn check_all(
    directory: &Directory,
    pins: &mut vault::Pins,
    entries: &[RecipientEntry],
    signed_name: impl Fn(RecipientId) -> Option<String>,
    now: u64,
) -> Result<(SealingKeys, bool), Vec<Problem>> {
    let (mut keys, mut problems, mut is_news) = (HashMap::new(), Vec::new(), false);
    for entry in entries {
        let (recipient, epoch, fingerprint) = (entry.recipient(), entry.epoch(), entry.fingerprint());
        let key = directory
            .check_recipient(entry, now)
            .ok()
            .filter(|_| signed_name(recipient).as_deref() == Some(entry.name()))
            .ok_or(Reason::Unconfirmed);
        // A person's new keys count once an administrator has confirmed them; a group's change whenever somebody leaves it.
        let is_confirmed = !matches!(entry, RecipientEntry::Account(SignedEntry { vouch: Vouch::Invited { .. }, .. }));
        let seen = match pins.compare(recipient, epoch, fingerprint) {
            Seen::Fits => Ok(()),
            Seen::Newer if is_confirmed => Ok(()),
            Seen::Newer | Seen::Differs => Err(Reason::ChangedKeys),
        };
        match key.and_then(|key| seen.map(|()| key)) {
            Ok(key) => {
                is_news |= pins.set(recipient, epoch, fingerprint);
                keys.insert(recipient, (epoch, key));
            }
            Err(reason) => problems.push(Problem { subject: Subject::Recipient(recipient), reason }),
        }
    }
    if problems.is_empty() { Ok((keys, is_news)) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vault::{
        AccountId, AccountKeys, Entry, ExportKey, Invitation, InvitationCode, Mandate, Pins, Registration, ServerKeys,
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
        directory: Directory,
        pins: Pins,
    }

    impl World {
        fn new() -> Self {
            let export_key = export_key();
            let (founder, _) = AccountKeys::create(AccountId::random(), &export_key, None);
            let mandate = Mandate::sign(&Entry::first(&founder, "founder"), &founder);
            let directory = Directory::new(&founder.root(), &[mandate]);
            Self { export_key, founder, directory, pins: Pins::default() }
        }

        fn keys(&self, account: AccountId) -> AccountKeys {
            AccountKeys::create(account, &self.export_key, Some(self.founder.root())).0
        }

        fn check(&mut self, entry: Entry, name: &str) -> Result<bool, Reason> {
            let signed = entry.sign(&self.founder);
            self.check_signed(signed, name)
        }

        fn check_signed(&mut self, signed: SignedEntry, name: &str) -> Result<bool, Reason> {
            let entries = [RecipientEntry::Account(signed)];
            check_all(&self.directory, &mut self.pins, &entries, |_| Some(name.into()), 0)
                .map(|(_, is_news)| is_news)
                .map_err(|problems| problems[0].reason)
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
        let invitation = Invitation::sign(&code, bruno, "bruno", 2, 1_000, &world.founder);
        let entry = Entry { epoch: 2, ..Entry::first(&second, "bruno") };
        let vouch = Vouch::Invited { invitation, acceptance: code.accept(&entry) };
        let invited = SignedEntry { entry: entry.clone(), vouch };
        assert_eq!(world.check_signed(invited, "bruno"), Err(Reason::ChangedKeys));
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
}
