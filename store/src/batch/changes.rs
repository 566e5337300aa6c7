//! What a batch changed, worked out from the access before it and after it.

use std::collections::BTreeMap;

use vault::{Grants, Permission, RecipientId, SecretId};

use crate::clock::Millis;

/// What became of one recipient's permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Who.
    pub recipient: RecipientId,
    /// What they had; nothing also where it was not looked at, because a share only ever adds.
    pub before: Option<Permission>,
    /// What they have since.
    pub after: Option<Permission>,
}

/// Secrets with which a batch did the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchPart {
    /// The secrets, in order of their ids.
    pub secrets: Vec<SecretId>,
    /// When the access ends, or would have ended, by itself.
    pub ends_at: Option<Millis>,
    /// Whose permission changed; nobody's where secrets were enabled or deleted.
    pub changes: Vec<Change>,
    /// The tags that they got.
    pub tagged: Vec<String>,
    /// The tags that they lost.
    pub untagged: Vec<String>,
}

impl BatchPart {
    /// Secrets to which something happened that is nobody's permission.
    pub(crate) fn of(mut secrets: Vec<SecretId>) -> Self {
        secrets.sort_unstable();
        Self { secrets, ..Self::default() }
    }

    /// Secrets that were shared, or given to somebody.
    pub(crate) fn given(secrets: &[SecretId], grants: &Grants, ends_at: Option<Millis>) -> Self {
        let change =
            |(recipient, permission): &_| Change { recipient: *recipient, before: None, after: Some(*permission) };
        Self { secrets: secrets.to_vec(), ends_at, changes: grants.iter().map(change).collect(), ..Self::default() }
    }
}

/// Who has access to which secrets, by when it ends.
pub(crate) type Given = BTreeMap<(Option<Millis>, Grants), Vec<SecretId>>;

/// What is different, in as few parts as say it.
pub(crate) fn changes(before: &Given, after: &Given) -> Vec<BatchPart> {
    /// What recipients had of a secret, and what they have.
    type Pair<'a> = (Option<&'a Grants>, Option<&'a Grants>);
    let mut pairs: BTreeMap<(Option<Millis>, SecretId), Pair> = BTreeMap::new();
    for ((ends_at, grants), secrets) in before {
        for secret in secrets {
            pairs.entry((*ends_at, *secret)).or_default().0 = Some(grants);
        }
    }
    for ((ends_at, grants), secrets) in after {
        for secret in secrets {
            pairs.entry((*ends_at, *secret)).or_default().1 = Some(grants);
        }
    }
    // Many secrets have the same before and after: these are compared once.
    let mut alike: BTreeMap<(Option<Millis>, Pair), Vec<SecretId>> = BTreeMap::new();
    for ((ends_at, secret), pair) in pairs {
        alike.entry((ends_at, pair)).or_default().push(secret);
    }
    let mut found: BTreeMap<(Option<Millis>, Vec<Change>), Vec<SecretId>> = BTreeMap::new();
    for ((ends_at, (before, after)), secrets) in alike {
        let changes = compare(before.map_or(&[], |grants| grants), after.map_or(&[], |grants| grants));
        if !changes.is_empty() {
            found.entry((ends_at, changes)).or_default().extend(secrets);
        }
    }
    let part = |((ends_at, changes), mut secrets): (_, Vec<SecretId>)| {
        secrets.sort_unstable();
        BatchPart { secrets, ends_at, changes, ..BatchPart::default() }
    };
    found.into_iter().map(part).collect()
}

fn compare(before: &[(RecipientId, Permission)], after: &[(RecipientId, Permission)]) -> Vec<Change> {
    let mut found: BTreeMap<RecipientId, (Option<Permission>, Option<Permission>)> = BTreeMap::new();
    for (recipient, permission) in before {
        found.entry(*recipient).or_default().0 = Some(*permission);
    }
    for (recipient, permission) in after {
        found.entry(*recipient).or_default().1 = Some(*permission);
    }
    let changed = found.into_iter().filter(|(_, (before, after))| before != after);
    changed.map(|(recipient, (before, after))| Change { recipient, before, after }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vault::AccountId;

    #[test]
    fn only_what_is_different_is_a_change_and_what_changed_alike_comes_together() {
        let [bruno, carla] = [(); 2].map(|()| RecipientId::Account(AccountId::random()));
        let mut secrets = [(); 3].map(|()| SecretId::random());
        secrets.sort_unstable();
        let [one, two, three] = secrets;
        let (view, edit) = (Permission::View, Permission::Edit);
        let both = |permission| {
            let mut both = vec![(bruno, view), (carla, permission)];
            both.sort_unstable();
            both
        };
        let before = Given::from([
            ((None, both(edit)), vec![one]),
            ((None, vec![(carla, edit)]), vec![two]),
            ((Some(7), vec![(bruno, view)]), vec![three]),
        ]);
        let after = Given::from([((None, both(view)), vec![one]), ((None, vec![(carla, view)]), vec![two])]);
        let lowered = Change { recipient: carla, before: Some(edit), after: Some(view) };
        let ended = Change { recipient: bruno, before: Some(view), after: None };
        let expected = [
            BatchPart { secrets: vec![one, two], ends_at: None, changes: vec![lowered], ..BatchPart::default() },
            BatchPart { secrets: vec![three], ends_at: Some(7), changes: vec![ended], ..BatchPart::default() },
        ];
        assert_eq!(changes(&before, &after), expected);
        assert!(changes(&before, &before).is_empty());
    }
}
