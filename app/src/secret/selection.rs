use std::collections::HashSet;

use vault::SecretId;

use crate::language::n;
use crate::ui::Extent;

/// The ticked ones. All of them are in the list as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    ticked: HashSet<SecretId>,
    /// Where a range begins: what was ticked or unticked last.
    anchor: Option<SecretId>,
}

impl Selection {
    pub(crate) fn contains(&self, id: SecretId) -> bool {
        self.ticked.contains(&id)
    }

    pub(crate) fn len(&self) -> usize {
        self.ticked.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ticked.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.ticked.clear();
        self.anchor = None;
    }

    /// Ticks or unticks one.
    pub(crate) fn set(&mut self, id: SecretId, ticked: bool) {
        if ticked {
            self.ticked.insert(id);
        } else {
            self.ticked.remove(&id);
        }
        self.anchor = Some(id);
    }

    /// Unticks these.
    pub(crate) fn remove(&mut self, ids: &[SecretId]) {
        for id in ids {
            self.ticked.remove(id);
        }
        self.anchor = None;
    }

    /// Ticks or unticks everything from where the range begins to this one, as the list has it now. Without a beginning it is this one alone.
    pub(crate) fn set_range(&mut self, id: SecretId, ticked: bool, listed: impl Iterator<Item = SecretId> + Clone) {
        let anchor = self.anchor.unwrap_or(id);
        let ends = |place: SecretId| listed.clone().position(|listed| listed == place);
        if let (Some(from), Some(to)) = (ends(anchor), ends(id)) {
            for between in listed.clone().skip(from.min(to)).take(from.abs_diff(to) + 1) {
                self.set(between, ticked);
            }
        }
        self.set(id, ticked);
    }

    /// Ticks all that are listed, or none where all are ticked already.
    pub(crate) fn toggle_all(&mut self, listed: impl Iterator<Item = SecretId> + Clone) {
        if listed.clone().all(|id| self.contains(id)) {
            self.clear();
        } else {
            self.ticked.extend(listed);
            self.anchor = None;
        }
    }

    /// Drops what is no longer listed: what is acted on is what can be seen as ticked. How many that were.
    pub(crate) fn keep(&mut self, listed: impl Iterator<Item = SecretId>) -> usize {
        let before = self.len();
        if before > 0 {
            let listed: HashSet<SecretId> = listed.collect();
            self.ticked.retain(|id| listed.contains(id));
            self.anchor = self.anchor.filter(|id| listed.contains(id));
        }
        before - self.len()
    }

    /// How much of a list of `listed` rows is ticked.
    pub(crate) fn extent(&self, listed: usize) -> Extent {
        Extent::of(self.len(), listed)
    }

    /// The ticked ones in the order of the list.
    pub(crate) fn in_order(&self, listed: impl Iterator<Item = SecretId>) -> Vec<SecretId> {
        listed.filter(|id| self.contains(*id)).collect()
    }
}

/// "1 record", "2,000 records".
pub(crate) fn records(count: usize) -> String {
    n!(count, "{n} record", "{n} records")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        assert_eq!(selection.keep(ids[1..].iter().copied()), 1);
        assert_eq!(selection.in_order(ids.iter().copied()), &ids[1..]);
        selection.set(ids[1], false);
        assert_eq!(selection.in_order(ids.iter().rev().copied()), [ids[2]]);
        assert_eq!(selection.keep(ids.iter().copied()), 0);
    }

    #[test]
    fn what_was_acted_on_is_ticked_no_more_and_the_others_are() {
        let (ids, mut selection) = (ids(3), Selection::default());
        selection.toggle_all(ids.iter().copied());
        selection.remove(&ids[1..2]);
        assert_eq!(selection.in_order(ids.iter().copied()), [ids[0], ids[2]]);
    }

    #[test]
    fn a_range_goes_from_the_last_one_in_either_direction() {
        let (ids, mut selection) = (ids(6), Selection::default());
        let listed = || ids.iter().copied();
        selection.set_range(ids[2], true, listed());
        assert_eq!(selection.in_order(listed()), [ids[2]]);
        selection.set_range(ids[4], true, listed());
        assert_eq!(selection.in_order(listed()), &ids[2..5]);
        selection.set_range(ids[1], true, listed());
        assert_eq!(selection.in_order(listed()), &ids[1..5]);
        selection.set_range(ids[3], false, listed());
        assert_eq!(selection.in_order(listed()), [ids[4]]);
        // As the list is sorted now; and from nowhere, where the beginning is not listed any more.
        selection.set(ids[5], true);
        selection.set_range(ids[3], true, listed().rev());
        assert_eq!(selection.in_order(listed()), &ids[3..6]);
        selection.keep(ids[..3].iter().copied());
        selection.set_range(ids[2], true, ids[..3].iter().copied());
        assert_eq!(selection.in_order(listed()), [ids[2]]);
    }

    #[test]
    fn one_record_is_not_records() {
        assert_eq!([records(0), records(1), records(2)], ["0 records", "1 record", "2 records"]);
    }

    proptest! {
        /// What is acted on is what was shown as ticked: the rows whose checkbox is on, and as many as the count says.
        #[test]
        fn what_is_acted_on_is_what_was_shown(steps in proptest::collection::vec((0_u8..6, 0_usize..12, any::<bool>()), 1..60)) {
            let all = ids(12);
            let (mut listed, mut selection) = (all.clone(), Selection::default());
            // What a person sees: whether each row on the screen has its checkbox on.
            let mut shown: HashSet<SecretId> = HashSet::new();
            for (step, index, on) in steps {
                match step {
                    0 | 1 => if let Some(id) = listed.get(index % listed.len().max(1)).copied() {
                        selection.set(id, on);
                        if on { shown.insert(id); } else { shown.remove(&id); }
                    },
                    2 => if let Some(id) = listed.get(index % listed.len().max(1)).copied() {
                        selection.set_range(id, on, listed.iter().copied());
                        shown = listed.iter().copied().filter(|id| selection.contains(*id)).collect();
                        prop_assert_eq!(shown.contains(&id), on);
                    },
                    3 => {
                        let all_on = listed.iter().all(|id| shown.contains(id));
                        selection.toggle_all(listed.iter().copied());
                        shown = if all_on { HashSet::new() } else { listed.iter().copied().collect() };
                    }
                    4 => {
                        // Filtered, or taken away by somebody.
                        listed = all.iter().copied().filter(|id| !(usize::from(id.as_bytes()[0]) + index).is_multiple_of(3)).collect();
                        let before = shown.len();
                        shown.retain(|id| listed.contains(id));
                        prop_assert_eq!(selection.keep(listed.iter().copied()), before - shown.len());
                    }
                    _ => listed.reverse(),
                }
                let acted_on = selection.in_order(listed.iter().copied());
                let seen: Vec<SecretId> = listed.iter().copied().filter(|id| shown.contains(id)).collect();
                prop_assert_eq!(&acted_on, &seen);
                prop_assert_eq!(selection.len(), seen.len());
                let expected = match seen.len() { 0 => Extent::None, count if count == listed.len() => Extent::All, _ => Extent::Some };
                prop_assert_eq!(selection.extent(listed.len()), expected);
            }
        }
    }
}
