use std::collections::{BTreeMap, HashMap, HashSet};

use vault::{Grants, Permission, RecipientId, SecretId};

use super::api::PresentAccess;
use crate::batch::without;
use crate::share::api::Recipient;

/// How many of the secrets somebody has, by what they may do with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// See them, and no more.
    pub view: usize,
    /// Edit them as well.
    pub edit: usize,
}

impl Counts {
    pub(crate) fn all(self) -> usize {
        self.view + self.edit
    }
}

impl PresentAccess {
    pub(crate) fn counts(&self, recipient: RecipientId) -> Counts {
        let mut counts = Counts::default();
        for (grants, secrets) in &self.parts {
            match permission_in(grants, recipient) {
                Some(Permission::View) => counts.view += secrets.len(),
                Some(_) => counts.edit += secrets.len(),
                None => {}
            }
        }
        counts
    }

    /// The same without some of the secrets.
    pub(super) fn without(&self, left_out: &HashSet<SecretId>) -> Self {
        let part = |(grants, secrets): &(Grants, Vec<SecretId>)| (grants.clone(), without(secrets, left_out));
        Self { parts: self.parts.iter().map(part).collect(), recipients: self.recipients.clone() }
    }

    /// What has to be shared anew so that these recipients may edit all that they can view now: the fewest shares that say it.
    pub(super) fn raises(&self, recipients: &[RecipientId]) -> Vec<(Grants, Vec<SecretId>)> {
        let mut shares: BTreeMap<Grants, Vec<SecretId>> = BTreeMap::new();
        for (grants, secrets) in &self.parts {
            let raised = recipients.iter().filter(|id| permission_in(grants, **id) == Some(Permission::View));
            let mut raised: Grants = raised.map(|id| (*id, Permission::Edit)).collect();
            raised.sort_unstable();
            if !raised.is_empty() {
                shares.entry(raised).or_default().extend(secrets);
            }
        }
        shares.into_iter().collect()
    }

    /// What has to be shared anew so that recipients have at least what `wanted` says of each secret, beside what they are granted now: the fewest shares
    /// that say it.
    pub(super) fn additions(
        &self,
        wanted: impl IntoIterator<Item = (SecretId, Grants)>,
    ) -> Vec<(Grants, Vec<SecretId>)> {
        let mut has: HashMap<SecretId, &Grants> = HashMap::new();
        for (grants, secrets) in &self.parts {
            has.extend(secrets.iter().map(|secret| (*secret, grants)));
        }
        let mut shares: BTreeMap<Grants, Vec<SecretId>> = BTreeMap::new();
        for (secret, mut grants) in wanted {
            grants.retain(|(recipient, permission)| {
                has.get(&secret).and_then(|grants| permission_in(grants, *recipient)) < Some(*permission)
            });
            grants.sort_unstable();
            if !grants.is_empty() {
                shares.entry(grants).or_default().push(secret);
            }
        }
        shares.into_iter().collect()
    }

    /// What one secret's recipients have of it.
    pub(super) fn of_one(&self) -> Vec<(Recipient, Permission)> {
        let Some((grants, _)) = self.parts.first() else { return Vec::new() };
        let with = |recipient: &Recipient| Some((recipient.clone(), permission_in(grants, recipient.id)?));
        self.recipients.iter().filter_map(with).collect()
    }
}

fn permission_in(grants: &Grants, recipient: RecipientId) -> Option<Permission> {
    grants.iter().find(|(id, _)| *id == recipient).map(|(_, permission)| *permission)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vault::{AccountId, GroupId};

    #[test]
    fn only_what_is_more_than_there_is_gets_added() {
        let (bruno, carla) = (RecipientId::Account(AccountId::random()), RecipientId::Account(AccountId::random()));
        let [one, two, three] = [(); 3].map(|()| SecretId::random());
        let access = PresentAccess {
            parts: vec![
                (vec![(bruno, Permission::Edit)], vec![one]),
                (vec![(bruno, Permission::View), (carla, Permission::Edit)], vec![two]),
            ],
            recipients: Vec::new(),
        };
        let (view, edit) = (vec![(bruno, Permission::View)], vec![(bruno, Permission::Edit)]);
        assert!(access.additions([(one, view.clone()), (two, view.clone())]).is_empty());
        let added = access.additions([one, two, three].map(|secret| (secret, edit.clone())));
        assert_eq!(added, [(edit, vec![two, three])]);
        assert_eq!(access.additions([(three, view.clone())]), [(view, vec![three])]);
    }

    #[test]
    fn who_can_view_is_raised_in_as_few_shares_as_say_it() {
        let (bruno, carla) = (RecipientId::Account(AccountId::random()), RecipientId::Account(AccountId::random()));
        let group = RecipientId::Group(GroupId::random());
        let [one, two, three, four] = [(); 4].map(|()| SecretId::random());
        let access = PresentAccess {
            parts: vec![
                (vec![(bruno, Permission::View), (carla, Permission::Edit)], vec![one]),
                (vec![(bruno, Permission::View), (group, Permission::View)], vec![two]),
                (vec![(bruno, Permission::View)], vec![three]),
                (vec![(carla, Permission::Edit)], vec![four]),
            ],
            recipients: Vec::new(),
        };
        assert_eq!(access.counts(bruno), Counts { view: 3, edit: 0 });
        assert_eq!(access.counts(carla), Counts { view: 0, edit: 2 });
        assert_eq!(access.counts(RecipientId::Account(AccountId::random())).all(), 0);
        let raises = access.raises(&[bruno, carla]);
        assert_eq!(raises, [(vec![(bruno, Permission::Edit)], vec![one, two, three])]);
        let raises = access.raises(&[group, bruno]);
        assert_eq!(raises.len(), 2);
        assert!(raises.iter().any(|(grants, secrets)| grants.len() == 2 && secrets == &[two]));
        assert!(access.raises(&[carla]).is_empty());
    }
}
