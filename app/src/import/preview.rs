//! What would become of each record of a file.

use std::collections::HashSet;

use super::record::{Parsed, Record};
use crate::error::AppError;
use crate::language::t;
use crate::secret::SecretFields;
use crate::ui::number;

/// How many records are shown that there is something to say of, and how many others.
const SAID: usize = 1_000;
const OTHERS: usize = 100;

/// What the person chose for the whole file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Choices {
    /// For records without an address.
    pub url: String,
    /// What all of them get.
    pub tags: Vec<String>,
    /// Whether records that are there already are taken all the same.
    pub duplicates: bool,
    /// Whether plain settings are taken as well.
    pub unlikely: bool,
}

/// What the person has: what tells their secrets apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Present {
    pub known: HashSet<(String, String, String)>,
    pub identifiers: HashSet<String>,
}

/// What becomes of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is imported.
    Fits(Box<SecretFields>),
    /// It is imported without its identifier, which another one has; and which one that is.
    Without(Box<SecretFields>, String),
    /// It is there already, with the same name, address and client ID.
    Duplicate,
    /// It does not look like a secret.
    Unlikely,
    /// Something in it has to be mended first.
    Wrong(String),
}

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub fits: usize,
    /// Those of them that come without their identifier.
    pub without: usize,
    pub duplicates: usize,
    pub unlikely: usize,
    pub wrong: usize,
}

/// What secrets are told apart by.
pub(super) fn key(fields: &SecretFields) -> (String, String, String) {
    (fields.name.to_lowercase(), fields.url.trim_end_matches('/').to_lowercase(), fields.client_id.clone())
}

/// The states of all records, in their order.
pub(super) fn states(parsed: &Parsed, present: &Present, choices: &Choices) -> Vec<State> {
    let (mut known, mut identifiers) = (present.known.clone(), present.identifiers.clone());
    let mut state = |record: &Record| {
        if let Some(fault) = &record.fault {
            return State::Wrong(fault.clone());
        }
        if record.unlikely && !choices.unlikely {
            return State::Unlikely;
        }
        let mut fields = match tagged(record, choices).fields(&choices.url) {
            Ok(fields) => fields,
            Err(AppError::Invalid { field, reason }) => {
                return State::Wrong(AppError::Invalid { field, reason }.to_string());
            }
            Err(other) => return State::Wrong(other.to_string()),
        };
        if !known.insert(key(&fields)) && !choices.duplicates {
            return State::Duplicate;
        }
        // The name for programs is unique: the first keeps it.
        if fields.identifier.is_empty() || identifiers.insert(fields.identifier.clone()) {
            return State::Fits(Box::new(fields));
        }
        let identifier = std::mem::take(&mut fields.identifier);
        let taken = if present.identifiers.contains(&identifier) {
            t!("{identifier}: you have it already", identifier)
        } else {
            t!("{identifier}: another record has it already", identifier)
        };
        State::Without(Box::new(fields), taken)
    };
    parsed.records.iter().map(&mut state).collect()
}

fn tagged(record: &Record, choices: &Choices) -> Record {
    let mut record = record.clone();
    record.tags.extend(choices.tags.iter().cloned());
    record
}

pub(super) fn counts(states: &[State]) -> Counts {
    let mut counts = Counts::default();
    for state in states {
        match state {
            State::Fits(_) => counts.fits += 1,
            State::Without(..) => {
                counts.fits += 1;
                counts.without += 1;
            }
            State::Duplicate => counts.duplicates += 1,
            State::Unlikely => counts.unlikely += 1,
            State::Wrong(_) => counts.wrong += 1,
        }
    }
    counts
}

impl State {
    /// What is imported, if anything is.
    pub(super) fn fields(&self) -> Option<&SecretFields> {
        match self {
            Self::Fits(fields) | Self::Without(fields, _) => Some(fields),
            _ => None,
        }
    }
}

/// The records that are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// Which they are: first what has to be mended, then what comes without something, then others.
    pub records: Vec<usize>,
    /// How many there are besides with something to say of them, and how many others.
    pub more: [usize; 2],
}

/// Which records are shown.
pub(super) fn shown(states: &[State]) -> Shown {
    let of = |is: fn(&State) -> bool| (0..states.len()).filter(move |index| is(&states[*index]));
    let said = of(|state| matches!(state, State::Wrong(_))).chain(of(|state| matches!(state, State::Without(..))));
    let others = of(|state| !matches!(state, State::Wrong(_) | State::Without(..)));
    let more = [said.clone().count().saturating_sub(SAID), others.clone().count().saturating_sub(OTHERS)];
    Shown { records: said.take(SAID).chain(others.take(OTHERS)).collect(), more }
}

impl Shown {
    /// What there is besides, in words.
    pub(super) fn more_text(&self) -> Option<String> {
        match self.more.map(number) {
            _ if self.more == [0, 0] => None,
            [more, _] if self.more[1] == 0 => Some(t!("and {more} more with something to mend or to know", more)),
            [_, more] if self.more[0] == 0 => Some(t!("and {more} more", more)),
            [more, others] => {
                Some(t!("and {more} more with something to mend or to know, and {others} others", more, others))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_record_is_told_what_becomes_of_it() {
        let record = |name: &str, url: &str, secret: &str| Record {
            name: name.into(),
            url: url.into(),
            client_secret: secret.into(),
            identifier: "same".into(),
            ..Record::default()
        };
        let parsed = Parsed {
            records: vec![
                record("A", "https://a.example.com", "x"),
                record("a", "https://A.example.com/", "y"),
                record("B", "", "x"),
                record("C\u{202E}", "https://c.example.com", "x"),
                Record { unlikely: true, ..record("D", "https://d.example.com", "x") },
                record("E", "https://e.example.com", "x"),
            ],
            ..Parsed::default()
        };
        let found = |present: &Present, choices: &Choices| counts(&states(&parsed, present, choices));
        let nothing = Present::default();
        let first = found(&nothing, &Choices::default());
        assert_eq!(first, Counts { fits: 3, without: 2, duplicates: 0, unlikely: 1, wrong: 2 });
        // "A" and "a" have different client IDs, which come from the names; then they have the same.
        let mut same = parsed.clone();
        for record in &mut same.records {
            record.client_id = "client".into();
        }
        let choices = Choices { url: "https://b.example.com".into(), tags: vec!["new".into()], ..Choices::default() };
        let states_of = states(&same, &nothing, &choices);
        assert_eq!(counts(&states_of), Counts { fits: 3, without: 2, duplicates: 1, unlikely: 1, wrong: 1 });
        let fits: Vec<&SecretFields> = states_of.iter().filter_map(State::fields).collect();
        assert!(fits.iter().all(|fields| fields.tags == ["new"]));
        assert_eq!(fits.iter().filter(|fields| fields.identifier == "same").count(), 1);
        let all = Choices { duplicates: true, unlikely: true, ..choices };
        let found = counts(&states(&same, &nothing, &all));
        assert_eq!(found, Counts { fits: 5, without: 4, duplicates: 0, unlikely: 0, wrong: 1 });
        let present = Present { known: HashSet::from([key(fits[0])]), identifiers: HashSet::from(["same".to_owned()]) };
        let again = states(&same, &present, &Choices { duplicates: false, ..all });
        assert_eq!(counts(&again).duplicates, 2);
    }

    #[test]
    fn an_identifier_that_is_taken_is_not_dropped_without_a_word() {
        let record = |name: &str, identifier: &str| Record {
            name: name.into(),
            url: "https://a.example.com".into(),
            client_secret: "x".into(),
            identifier: identifier.into(),
            ..Record::default()
        };
        let records = vec![record("A", "mine"), record("B", "new"), record("C", "new"), record("D", "")];
        let present = Present { known: HashSet::new(), identifiers: HashSet::from(["mine".to_owned()]) };
        let states = states(&Parsed { records, ..Parsed::default() }, &present, &Choices::default());
        let without = |state: &State| if let State::Without(_, what) = state { Some(what.clone()) } else { None };
        let said: Vec<Option<String>> = states.iter().map(without).collect();
        let [mine, new] = ["mine: you have it already", "new: another record has it already"].map(ToOwned::to_owned);
        assert_eq!(said, [Some(mine), None, Some(new), None]);
        let identifiers: Vec<&str> =
            states.iter().filter_map(State::fields).map(|fields| &*fields.identifier).collect();
        assert_eq!(identifiers, ["", "new", "", ""]);
        assert_eq!(shown(&states), Shown { records: vec![0, 2, 1, 3], more: [0, 0] });
    }

    #[test]
    fn whatever_has_to_be_mended_is_shown_and_how_much_else_there_is() {
        let mut states = vec![State::Duplicate; 150];
        states.resize(450, State::Wrong("URL".into()));
        let found = shown(&states);
        assert_eq!((found.records.len(), found.records[0], found.records[300]), (400, 150, 0));
        assert_eq!(found.more_text().as_deref(), Some("and 50 more"));
        states.resize(1_152, State::Wrong("URL".into()));
        let text = "and 2 more with something to mend or to know, and 50 others";
        assert_eq!(shown(&states).more_text().as_deref(), Some(text));
        let text = "and 2 more with something to mend or to know";
        assert_eq!(shown(&states[150..]).more_text().as_deref(), Some(text));
        assert_eq!(shown(&[]).more_text(), None);
    }
}
