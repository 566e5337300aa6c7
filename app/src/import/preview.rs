//! What would become of each record of a file.

use std::collections::HashSet;

use super::record::{Parsed, Record};
use crate::error::AppError;
use crate::secret::SecretFields;

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
#[derive(Clone, Debug, Default)]
pub(super) struct Present {
    pub known: HashSet<(String, String, String)>,
    pub identifiers: HashSet<String>,
}

/// What becomes of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is imported.
    Fits(Box<SecretFields>),
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
            Err(AppError::Invalid { field, reason }) => return State::Wrong(format!("{field}: {reason}")),
            Err(other) => return State::Wrong(other.to_string()),
        };
        if !known.insert(key(&fields)) && !choices.duplicates {
            return State::Duplicate;
        }
        // The name for programs is unique: the first keeps it.
        if !fields.identifier.is_empty() && !identifiers.insert(fields.identifier.clone()) {
            fields.identifier.clear();
        }
        State::Fits(Box::new(fields))
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
            State::Duplicate => counts.duplicates += 1,
            State::Unlikely => counts.unlikely += 1,
            State::Wrong(_) => counts.wrong += 1,
        }
    }
    counts
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
        assert_eq!(first, Counts { fits: 3, duplicates: 0, unlikely: 1, wrong: 2 });
        // "A" and "a" have different client IDs, which come from the names; then they have the same.
        let mut same = parsed.clone();
        for record in &mut same.records {
            record.client_id = "client".into();
        }
        let choices = Choices { url: "https://b.example.com".into(), tags: vec!["new".into()], ..Choices::default() };
        let states_of = states(&same, &nothing, &choices);
        assert_eq!(counts(&states_of), Counts { fits: 3, duplicates: 1, unlikely: 1, wrong: 1 });
        let fits: Vec<&SecretFields> = states_of
            .iter()
            .filter_map(|state| if let State::Fits(fields) = state { Some(&**fields) } else { None })
            .collect();
        assert!(fits.iter().all(|fields| fields.tags == ["new"]));
        assert_eq!(fits.iter().filter(|fields| fields.identifier == "same").count(), 1);
        let all = Choices { duplicates: true, unlikely: true, ..choices };
        assert_eq!(counts(&states(&same, &nothing, &all)), Counts { fits: 5, duplicates: 0, unlikely: 0, wrong: 1 });
        let present = Present { known: HashSet::from([key(fits[0])]), identifiers: HashSet::from(["same".to_owned()]) };
        let again = states(&same, &present, &Choices { duplicates: false, ..all });
        assert_eq!(counts(&again).duplicates, 2);
    }
}
