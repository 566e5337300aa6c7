//! Lists of recipients from elsewhere, such as a spreadsheet or a mail.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::api::{Recipient, Resolved, Sought, resolve_recipients};
use super::recipients::Recipients;
use crate::account::Session;
use crate::error::AppError;
use crate::language::t;

/// What of a list was not taken, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct NotTaken(BTreeMap<Why, Vec<String>>);

/// Why an entry was not taken; in the order in which it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    Unknown,
    Several,
    Yourself,
    Group,
    Disabled,
    Inactive,
}

impl Why {
    fn text(self) -> &'static str {
        match self {
            Self::Unknown => t!("Not found"),
            Self::Several => t!("More than one is called so"),
            Self::Yourself => t!("This is you"),
            Self::Group => t!("Groups cannot be picked here"),
            Self::Disabled => t!("Disabled"),
            Self::Inactive => t!("Not active yet"),
        }
    }
}

/// Takes a pasted list as a whole, and hands on what of it was not taken. What is no list is pasted as it is.
pub(super) fn take_list(
    session: Session,
    event: web_sys::ClipboardEvent,
    recipients: RwSignal<Recipients>,
    sought: Sought,
    pending: RwSignal<bool>,
    then: impl FnOnce(Result<NotTaken, AppError>) + 'static,
) {
    let pasted = event.clipboard_data().and_then(|data| data.get_data("text").ok()).unwrap_or_default();
    let texts = split_list(&pasted);
    if !is_list(&pasted, &texts) {
        return;
    }
    event.prevent_default();
    let asked = texts.clone();
    session.send(pending, resolve_recipients(texts, sought), move |answer| {
        then(answer.map(|found| {
            let (taken, not_taken) = sorted(asked, found);
            recipients.update(|recipients| {
                for recipient in taken {
                    recipients.add(recipient);
                }
            });
            not_taken
        }));
    });
}

/// Says what of a list was not taken.
#[component]
pub(super) fn Missing(missing: RwSignal<NotTaken>) -> impl IntoView {
    let line = |(why, texts): (Why, Vec<String>)| {
        view! { <p class="error">{format!("{}: {}", why.text(), texts.join(", "))}</p> }
    };
    move || {
        let missing = Some(missing.get().0).filter(|missing| !missing.is_empty());
        missing.map(|missing| view! { <div role="alert">{missing.into_iter().map(line).collect_view()}</div> })
    }
}

/// Who of a list can be picked, and what of it was not taken.
fn sorted(texts: Vec<String>, found: Vec<Resolved>) -> (Vec<Recipient>, NotTaken) {
    let (mut taken, mut not_taken) = (Vec::new(), NotTaken::default());
    for (text, resolved) in texts.into_iter().zip(found) {
        let why = match resolved {
            Resolved::Found(recipient) if recipient.active => {
                taken.push(recipient);
                continue;
            }
            Resolved::Found(_) => Why::Inactive,
            Resolved::Several => Why::Several,
            Resolved::Yourself => Why::Yourself,
            Resolved::Disabled => Why::Disabled,
            Resolved::Group => Why::Group,
            Resolved::Nothing => Why::Unknown,
        };
        not_taken.0.entry(why).or_default().push(text);
    }
    (taken, not_taken)
}

/// Whether a pasted text has several entries, or one that is not looked for as it stands there.
fn is_list(pasted: &str, texts: &[String]) -> bool {
    match texts {
        [] => false,
        [text] => text != pasted.trim(),
        _ => true,
    }
}

/// The entries of a list that has a line, a comma or a semicolon between any two, as mail programs and spreadsheets write them: with names in
/// quotes that may have a comma in them, and addresses in angle brackets.
fn split_list(pasted: &str) -> Vec<String> {
    let (mut texts, mut entry, mut is_quoted) = (Vec::new(), String::new(), false);
    for char in pasted.chars().chain(['\n']) {
        match char {
            '"' if is_quoted || entry.trim().is_empty() => {
                is_quoted = !is_quoted;
                entry.push(char);
            }
            // A quote that is never closed ends with its line.
            '\n' | '\r' => {
                is_quoted = false;
                texts.push(std::mem::take(&mut entry));
            }
            ',' | ';' if !is_quoted => texts.push(std::mem::take(&mut entry)),
            _ => entry.push(char),
        }
    }
    texts.iter().map(|entry| looked_for(entry)).filter(|text| !text.is_empty()).map(ToOwned::to_owned).collect()
}

/// What is looked for of an entry: the address of `Name <address>`, a name without its quotes, anything else as it is.
fn looked_for(entry: &str) -> &str {
    let entry = entry.trim();
    let address = entry.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')).map(|(_, address)| address.trim());
    let named = entry.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).map(str::trim);
    address.filter(|address| address.contains('@')).or(named).unwrap_or(entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::recipients::tests::person;

    #[test]
    fn lists_have_lines_commas_or_semicolons() {
        assert_eq!(
            split_list("bruno, carla@example.com;\r\n Platform team\n\n"),
            ["bruno", "carla@example.com", "Platform team"]
        );
        assert!(split_list(" ,;\n").is_empty());
    }

    #[test]
    fn of_a_name_with_an_address_the_address_is_looked_for() {
        assert_eq!(
            split_list("Bruno Costa <bruno@x.org>, \"Diaz, Carla\" <carla@x.org>; < dora@x.org >\n\"Ops, night\""),
            ["bruno@x.org", "carla@x.org", "dora@x.org", "Ops, night"]
        );
        // Neither an address nor a name in quotes.
        assert_eq!(split_list("Team <west>; 19\" rack, other"), ["Team <west>", "19\" rack", "other"]);
        // A quote that is not closed.
        assert_eq!(split_list("\"bruno, carla\ndora"), ["\"bruno, carla", "dora"]);
    }

    #[test]
    fn one_name_is_pasted_as_it_is() {
        let is_list = |pasted: &str| is_list(pasted, &split_list(pasted));
        assert!(!is_list(" Platform team ") && !is_list("bruno@x.org\n") && !is_list(""));
        assert!(is_list("bruno\ncarla") && is_list("Bruno Costa <bruno@x.org>"));
    }

    #[test]
    fn what_is_not_taken_is_told_with_the_reason() {
        let (bruno, emil) = (person("bruno"), Recipient { active: false, ..person("emil") });
        let texts = ["bruno", "emil", "ana", "twice", "carla", "ops", "x", "y"].map(String::from).to_vec();
        let found = vec![
            Resolved::Found(bruno.clone()),
            Resolved::Found(emil),
            Resolved::Yourself,
            Resolved::Several,
            Resolved::Disabled,
            Resolved::Group,
            Resolved::Nothing,
            Resolved::Nothing,
        ];
        let (taken, NotTaken(reasons)) = sorted(texts, found);
        assert_eq!(taken, [bruno]);
        let told: Vec<String> =
            reasons.iter().map(|(why, texts)| format!("{}: {}", why.text(), texts.join(", "))).collect();
        assert_eq!(
            told,
            [
                "Not found: x, y",
                "More than one is called so: twice",
                "This is you: ana",
                "Groups cannot be picked here: ops",
                "Disabled: carla",
                "Not active yet: emil"
            ]
        );
    }
}
