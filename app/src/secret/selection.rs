use std::collections::HashSet;

use vault::SecretId;

/// The secrets that are ticked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection(HashSet<SecretId>);

/// What the checkbox in the header of a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    None,
    Some,
    All,
}

impl Selection {
    pub(crate) fn contains(&self, id: SecretId) -> bool {
        self.0.contains(&id)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Ticks or unticks one.
    pub(crate) fn set(&mut self, id: SecretId, selected: bool) {
        if selected {
            self.0.insert(id);
        } else {
            self.0.remove(&id);
        }
    }

    /// Ticks all that are listed, or none where all are ticked already.
    pub(crate) fn toggle_all(&mut self, listed: impl Iterator<Item = SecretId> + Clone) {
        if listed.clone().all(|id| self.contains(id)) {
            self.clear();
        } else {
            self.0.extend(listed);
        }
    }

    /// Drops what is no longer listed: what is acted on is what can be seen as ticked.
    pub(crate) fn keep(&mut self, listed: impl Iterator<Item = SecretId>) {
        if !self.0.is_empty() {
            let listed: HashSet<SecretId> = listed.collect();
            self.0.retain(|id| listed.contains(id));
        }
    }

    /// How much of a list of `listed` rows is ticked.
    pub(crate) fn extent(&self, listed: usize) -> Extent {
        match self.len() {
            0 => Extent::None,
            count if count >= listed => Extent::All,
            _ => Extent::Some,
        }
    }

    /// The ticked ones in the order of the list.
    pub(crate) fn in_order(&self, listed: impl Iterator<Item = SecretId>) -> Vec<SecretId> {
        listed.filter(|id| self.contains(*id)).collect()
    }
}

/// "1 record", "2 records".
pub(crate) fn records(count: usize) -> String {
    if count == 1 { "1 record".into() } else { format!("{count} records") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: usize) -> Vec<SecretId> {
        (0..count).map(|_| SecretId::random()).collect()
    }

    #[test]
    fn the_header_knows_none_some_and_all() {
        let (ids, mut selection) = (ids(3), Selection::default());
        assert_eq!(selection.extent(3), Extent::None);
        assert_eq!(selection.extent(0), Extent::None);
        selection.set(ids[0], true);
        assert_eq!(selection.extent(3), Extent::Some);
        selection.toggle_all(ids.iter().copied());
        assert_eq!((selection.extent(3), selection.len()), (Extent::All, 3));
        selection.toggle_all(ids.iter().copied());
        assert!(selection.is_empty());
    }

    #[test]
    fn what_is_not_listed_any_more_is_not_selected() {
        let (ids, mut selection) = (ids(3), Selection::default());
        selection.toggle_all(ids.iter().copied());
        selection.keep(ids[1..].iter().copied());
        assert_eq!(selection.in_order(ids.iter().copied()), &ids[1..]);
        selection.set(ids[1], false);
        assert_eq!(selection.in_order(ids.iter().rev().copied()), [ids[2]]);
    }

    #[test]
    fn one_record_is_not_records() {
        assert_eq!([records(0), records(1), records(2)], ["0 records", "1 record", "2 records"]);
    }
}
