//! Which commands there are, and which of them a typed text finds.

use vault::SecretId;

use crate::batch::Kind;
use crate::language::{n, t, text, translate};
use crate::secret::Entry;

/// How many are shown at most.
const SHOWN: usize = 20;

/// Something the palette can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    pub text: String,
    pub action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// A batch of what is ticked.
    Batch(Kind),
    /// A screen, by its address.
    Go(&'static str),
    /// The details of a secret.
    View(SecretId),
    Shortcuts,
    Lock,
    SignOut,
}

impl Action {
    /// What it is about, said beside its text.
    pub(super) fn place(self) -> &'static str {
        match self {
            Self::Batch(_) => t!("Selection"),
            Self::Go(_) => t!("Screen"),
            Self::View(_) => t!("API secret"),
            Self::Shortcuts | Self::Lock | Self::SignOut => "MySafe",
        }
    }
}

const BATCHES: [Kind; 10] = [
    Kind::Share,
    Kind::Unshare,
    Kind::ChangePermission,
    Kind::SameAccess,
    Kind::Enable,
    Kind::Disable,
    Kind::Transfer,
    Kind::Tag,
    Kind::Leave,
    Kind::Delete,
];
const SCREENS: [(&str, Action); 14] = [
    (text!("API secrets"), Action::Go("/secrets")),
    (text!("Add API secret"), Action::Go("/secrets/new")),
    (text!("Groups"), Action::Go("/groups")),
    (text!("Sharing activity"), Action::Go("/activity")),
    (text!("Import"), Action::Go("/secrets/import")),
    (text!("Export"), Action::Go("/secrets/export")),
    (text!("Bin"), Action::Go("/secrets/bin")),
    (text!("To rotate"), Action::Go("/secrets/rotate")),
    (text!("Same access as a colleague"), Action::Go("/activity/colleague")),
    (text!("Home"), Action::Go("/")),
    (text!("My account"), Action::Go("/account")),
    (text!("Keyboard shortcuts"), Action::Shortcuts),
    (text!("Lock"), Action::Lock),
    (text!("Sign out"), Action::SignOut),
];
const ADMINISTRATION: [(&str, Action); 3] = [
    (text!("People"), Action::Go("/people")),
    (text!("Access keys"), Action::Go("/people/access-keys")),
    (text!("Audit log"), Action::Go("/audit")),
];

/// What can be done here and now, besides opening a secret: with so many ticked, first what can be done with them.
pub(super) fn commands(ticked: usize, is_administrator: bool) -> Vec<Command> {
    let batches = BATCHES.into_iter().filter(|_| ticked > 0).map(|kind| Command {
        text: n!(
            ticked,
            "{what}: {n} record selected",
            "{what}: {n} records selected",
            what = kind.title().trim_end_matches(" …")
        ),
        action: Action::Batch(kind),
    });
    let screens = SCREENS.into_iter().chain(ADMINISTRATION.into_iter().filter(|_| is_administrator));
    batches.chain(screens.map(|(text, action)| Command { text: translate(text).to_owned(), action })).collect()
}

/// How well a text fits: less is better, `None` does not fit. All words must be in it, in any order. Both are in lower case.
fn fit(text: &str, typed: &str) -> Option<usize> {
    if !typed.split_whitespace().all(|word| text.contains(word)) {
        return None;
    }
    let begins = |word: &str| text.split_whitespace().any(|part| part.starts_with(word));
    Some(match () {
        () if text.starts_with(typed) => 0,
        () if typed.split_whitespace().all(begins) => 1,
        () => 2,
    })
}

/// What fits best: of the commands, then of the secrets by their names, which are looked for once something is typed.
pub(super) fn found<'a>(commands: Vec<Command>, secrets: impl Iterator<Item = &'a Entry>, typed: &str) -> Vec<Command> {
    let typed = typed.trim().to_lowercase();
    let mut fits: [Vec<Command>; 3] = Default::default();
    for command in commands {
        if let Some(fit) = fit(&command.text.to_lowercase(), &typed) {
            fits[fit].push(command);
        }
    }
    for entry in secrets.take_while(|_| !typed.is_empty()) {
        if let Some(fit) = fit(&entry.name, &typed)
            && fits[fit].len() < SHOWN
        {
            let text = t!("View {name}", name = entry.row.fields.name);
            fits[fit].push(Command { text, action: Action::View(entry.row.id) });
        }
    }
    fits.into_iter().flatten().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::tests::row;

    fn texts(found: &[Command]) -> Vec<&str> {
        found.iter().map(|command| command.text.as_str()).collect()
    }

    #[test]
    fn what_begins_with_the_text_comes_first_and_every_word_counts() {
        assert_eq!(fit("add api secret", "add"), Some(0));
        assert_eq!(fit("add api secret", "secret add"), Some(1));
        assert_eq!(fit("add api secret", "cret"), Some(2));
        assert_eq!(fit("add api secret", "add group"), None);
        assert_eq!(fit("add api secret", ""), Some(0));
        let found = found(commands(0, false), [].into_iter(), " SECRET ");
        assert_eq!(texts(&found), ["API secrets", "Add API secret"]);
    }

    #[test]
    fn batches_are_for_what_is_ticked_and_administration_for_administrators() {
        let share = Command { text: "Share: 2 records selected".into(), action: Action::Batch(Kind::Share) };
        assert_eq!(commands(2, false).first(), Some(&share));
        assert!(!commands(0, true).iter().any(|command| matches!(command.action, Action::Batch(_))));
        let has = |is_administrator| texts(&commands(0, is_administrator)).contains(&"Audit log");
        assert_eq!([has(true), has(false)], [true, false]);
    }

    #[test]
    fn secrets_come_by_their_names_once_something_is_typed_and_no_more_than_fit() {
        let secrets: Vec<Entry> = (0..50)
            .map(|number| format!("Ledger {number}"))
            .chain(["Old ledger".into()])
            .map(|name| Entry::new(row(&name)))
            .collect();
        assert!(found(commands(0, false), secrets.iter(), "").iter().all(|one| !matches!(one.action, Action::View(_))));
        let hits = found(commands(0, false), secrets.iter(), "ledger");
        assert_eq!((hits.len(), hits[0].text.as_str()), (SHOWN, "View Ledger 0"));
        assert_eq!(texts(&found(commands(0, false), secrets.iter(), "old")), ["View Old ledger"]);
    }
}
