//! Who has access to what over several shares.

use std::collections::{BTreeMap, HashSet};

use crate::id::{AccountId, RecipientId, SecretId};
use crate::place::Permission;
use crate::share::SignedManifest;

impl SignedManifest {
    /// What the share becomes when it is settled: first what stays in it, which is what most of its secrets have in common, then what
    /// moves into shares of its own. Empty where nobody has access to any of it: then it ends.
    pub fn settled(&self) -> Vec<(Grants, Vec<SecretId>)> {
        let parts = by_recipients(std::slice::from_ref(self), &self.live_items(), self.manifest.granter);
        let mut parts: Vec<(Grants, Vec<SecretId>)> = parts.into_iter().collect();
        // Stable: of two parts of the same length the first one stays, for whoever works it out.
        parts.sort_by_key(|(_, secrets)| std::cmp::Reverse(secrets.len()));
        parts
    }
}

/// Recipients with their permissions.
pub type Grants = Vec<(RecipientId, Permission)>;

/// `secrets` by who has access to them over all of `shares`, each once, with the highest permission: what the shares of one owner become
/// when another one takes the secrets over, who needs no grant. Secrets that nobody else has access to are left out.
pub fn by_recipients(
    shares: &[SignedManifest],
    secrets: &[SecretId],
    owner: AccountId,
) -> BTreeMap<Grants, Vec<SecretId>> {
    /// The shares that a secret is in, and the limits on it: the index of the share, and that of the limit in it.
    type Ways = (Vec<usize>, Vec<(usize, usize)>);
    let mut ways_to: BTreeMap<SecretId, Ways> = secrets.iter().map(|secret| (*secret, Ways::default())).collect();
    for (index, share) in shares.iter().enumerate() {
        for item in share.live_items() {
            if let Some(ways) = ways_to.get_mut(&item) {
                ways.0.push(index);
            }
        }
        for (number, limit) in share.limits.iter().enumerate() {
            for secret in &limit.secrets {
                if let Some(ways) = ways_to.get_mut(secret) {
                    ways.1.push((index, number));
                }
            }
        }
    }
    // Many secrets have the same ways to them: these are put together once.
    let mut by_ways: BTreeMap<Ways, Vec<SecretId>> = BTreeMap::new();
    let left: HashSet<&SecretId> = shares.iter().flat_map(|share| &share.left).collect();
    for (secret, (indexes, limits)) in ways_to {
        if left.contains(&secret) {
            for index in indexes {
                let limits = limits.iter().filter(|(of, _)| *of == index).copied().collect();
                by_ways.entry((vec![index], limits)).or_default().push(secret);
            }
        } else {
            by_ways.entry((indexes, limits)).or_default().push(secret);
        }
    }
    let mut found: BTreeMap<Grants, Vec<SecretId>> = BTreeMap::new();
    for ((indexes, limits), secrets) in by_ways {
        let mut grants: BTreeMap<RecipientId, Permission> = BTreeMap::new();
        for index in indexes {
            let of_share = || limits.iter().filter(|(of, _)| *of == index).map(|(_, number)| *number);
            for (recipient, permission) in &shares[index].manifest.grants {
                let left = of_share().try_fold(*permission, |permission, number| {
                    shares[index].limits[number].leaves(*recipient, permission)
                });
                if let Some(permission) = left {
                    let best = grants.entry(*recipient).or_default();
                    *best = permission.max(*best);
                }
            }
        }
        grants.remove(&RecipientId::Account(owner));
        if !grants.is_empty() {
            found.entry(grants.into_iter().collect()).or_default().extend(secrets);
        }
    }
    for secrets in found.values_mut() {
        secrets.sort_unstable();
        secrets.dedup();
    }
    found
}

/// The same for a new owner who takes the secrets over, by when the access ends: what ends by itself does so afterwards as well.
pub fn taken_over(
    shares: &[SignedManifest],
    secrets: &[SecretId],
    owner: AccountId,
) -> BTreeMap<(Option<i64>, Grants), Vec<SecretId>> {
    let mut by_end: BTreeMap<Option<i64>, Vec<SignedManifest>> = BTreeMap::new();
    for share in shares {
        by_end.entry(share.ends_at).or_default().push(share.clone());
    }
    let mut found = BTreeMap::new();
    for (ends_at, shares) in by_end {
        let parts = by_recipients(&shares, secrets, owner).into_iter();
        found.extend(parts.map(|(grants, secrets)| ((ends_at, grants), secrets)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{GroupId, ShareId};
    use crate::share::{Limit, Manifest};

    /// A manifest that nobody has signed.
    fn manifest(items: &[SecretId], grants: &[(RecipientId, Permission)]) -> Manifest {
        let (granter, share) = (AccountId::random(), ShareId::random());
        let mut manifest =
            Manifest { granter, share, epoch: 1, key_check: [0; 32], items: items.to_vec(), grants: grants.to_vec() };
        manifest.sort();
        manifest
    }

    fn signed(manifest: Manifest) -> SignedManifest {
        SignedManifest {
            manifest,
            signature: Vec::new(),
            ended: Vec::new(),
            limits: Vec::new(),
            left: Vec::new(),
            ends_at: None,
        }
    }

    #[test]
    fn secrets_with_the_same_recipients_come_together() {
        let (bruno, carla, group) = (AccountId::random(), AccountId::random(), RecipientId::Group(GroupId::random()));
        let [one, two, three, four, five] = [(); 5].map(|()| SecretId::random());
        let share = |items: &[SecretId], grants: &[(RecipientId, Permission)]| {
            signed(Manifest { items: items.to_vec(), ..manifest(&[], grants) })
        };
        let to = RecipientId::Account;
        let shares = [
            share(&[one, two, three], &[(group, Permission::View), (to(bruno), Permission::Edit)]),
            share(&[three], &[(group, Permission::Edit)]),
            share(&[four], &[(to(bruno), Permission::View)]),
            share(&[two], &[(group, Permission::View)]),
        ];
        let found = by_recipients(&shares, &[one, two, three, four, five], bruno);
        let sorted = |mut secrets: Vec<SecretId>| {
            secrets.sort_unstable();
            secrets
        };
        // Five, which is in none, and four, which only the new owner had, need no share.
        assert_eq!(found.len(), 2);
        assert_eq!(found[&vec![(group, Permission::View)]], sorted(vec![one, two]));
        assert_eq!(found[&vec![(group, Permission::Edit)]], [three]);
        // Only what is asked for.
        let found = by_recipients(&shares, &[one, four], carla);
        assert_eq!(found[&vec![(to(bruno), Permission::View)]], [four]);
        assert_eq!(found.values().map(Vec::len).sum::<usize>(), 2);
    }

    #[test]
    fn what_somebody_left_is_there_once_for_each_way_to_it() {
        let (bruno, group) = (RecipientId::Account(AccountId::random()), RecipientId::Group(GroupId::random()));
        let (one, two) = (SecretId::random(), SecretId::random());
        let share = |grants: &[(RecipientId, Permission)], left: &[SecretId]| SignedManifest {
            left: left.to_vec(),
            ..signed(manifest(&[one, two], grants))
        };
        let (to_group, to_bruno) = ([(group, Permission::View)], [(bruno, Permission::Edit)]);
        let shares = [share(&to_group, &[one]), share(&to_bruno, &[]), share(&to_bruno, &[])];
        let found = by_recipients(&shares, &[one, two], AccountId::random());
        let mut both = vec![to_group[0], to_bruno[0]];
        both.sort_unstable();
        let expected = [(to_group.to_vec(), vec![one]), (to_bruno.to_vec(), vec![one]), (both, vec![two])];
        assert_eq!(found, BTreeMap::from(expected));
    }

    #[test]
    fn what_is_limited_moves_and_what_most_have_in_common_stays() {
        let (bruno, carla) = (RecipientId::Account(AccountId::random()), RecipientId::Account(AccountId::random()));
        let share =
            manifest(&[(); 3].map(|()| SecretId::random()), &[(bruno, Permission::Edit), (carla, Permission::View)]);
        let items = share.items.clone();
        let all = share.grants.clone();
        let of = |secrets: &[SecretId], recipients: &[(RecipientId, Option<Permission>)]| {
            let mut recipients = recipients.to_vec();
            recipients.sort_unstable();
            Limit { secrets: secrets.to_vec(), recipients }
        };
        let with = |limits: Vec<Limit>, ended: &[SecretId]| {
            SignedManifest { ended: ended.to_vec(), limits, ..signed(share.clone()) }.settled()
        };
        assert_eq!(with(Vec::new(), &[]), [(all.clone(), items.clone())]);
        // One secret is taken from Carla, who keeps the other two.
        let to_bruno = vec![(bruno, Permission::Edit)];
        let found = with(vec![of(&items[..1], &[(carla, None)])], &[]);
        assert_eq!(found, [(all.clone(), items[1..].to_vec()), (to_bruno.clone(), items[..1].to_vec())]);
        // Two limits on the same secrets: the lower one counts, and a limit never gives anything.
        let limits = vec![
            of(&items, &[(bruno, Some(Permission::View)), (carla, Some(Permission::Edit))]),
            of(&items[..2], &[(carla, None)]),
        ];
        let (to_both, to_bruno) = ([bruno, carla].map(|id| (id, Permission::View)), vec![(bruno, Permission::View)]);
        let mut to_both = to_both.to_vec();
        to_both.sort_unstable();
        assert_eq!(with(limits, &[]), [(to_bruno, items[..2].to_vec()), (to_both, items[2..].to_vec())]);
        // Nobody is left, or nothing.
        assert!(with(vec![of(&items, &[(bruno, None), (carla, None)])], &[]).is_empty());
        assert!(with(Vec::new(), &items).is_empty());
    }

    #[test]
    fn what_ends_by_itself_still_does_with_another_owner() {
        let (bruno, carla) = (RecipientId::Account(AccountId::random()), RecipientId::Account(AccountId::random()));
        let one = SecretId::random();
        let share = |recipient, permission, ends_at| SignedManifest {
            ends_at,
            ..signed(manifest(&[one], &[(recipient, permission)]))
        };
        let (view, edit) = (Permission::View, Permission::Edit);
        let shares = [share(bruno, view, None), share(bruno, edit, Some(5)), share(carla, view, Some(5))];
        let mut until_five = vec![(bruno, edit), (carla, view)];
        until_five.sort_unstable();
        let expected = [((None, vec![(bruno, view)]), vec![one]), ((Some(5), until_five), vec![one])];
        assert_eq!(taken_over(&shares, &[one], AccountId::random()), BTreeMap::from(expected));
    }
}
