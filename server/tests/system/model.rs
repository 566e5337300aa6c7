//! Who may do what, as docs/model.md has it. Knows nothing of the store, nor of shares, limits and epochs: it is pairs of secrets and recipients.

use std::collections::{BTreeMap, BTreeSet};

use vault::Permission;

/// By their place in the model.
pub type PersonIndex = usize;
/// The same for secrets.
pub type SecretIndex = usize;

/// Whom something can be shared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum To {
    Person(PersonIndex),
    Group(usize),
}

/// A person.
#[derive(Clone, Debug)]
pub struct Person {
    pub is_administrator: bool,
    pub is_enabled: bool,
}

/// A group. Members of a private one do not see it: it is made so.
#[derive(Clone, Debug)]
pub struct Group {
    /// Who made it.
    pub owner: PersonIndex,
    pub is_private: bool,
    pub is_enabled: bool,
    pub members: BTreeSet<PersonIndex>,
}

/// What somebody was given, and when.
#[derive(Clone, Debug)]
struct Grant {
    at: usize,
    to: To,
    permission: Permission,
}

/// A secret.
#[derive(Clone, Debug)]
pub struct Secret {
    pub owner: PersonIndex,
    pub value: String,
    pub is_enabled: bool,
    pub is_deleted: bool,
    grants: Vec<Grant>,
    /// Who has dropped what they had until when.
    left: BTreeMap<PersonIndex, usize>,
}

/// Everything that access depends on.
#[derive(Clone, Debug)]
pub struct Model {
    pub people: Vec<Person>,
    pub groups: Vec<Group>,
    pub secrets: Vec<Secret>,
    /// Counts what was done.
    now: usize,
}

impl Model {
    /// These, and no secrets.
    pub fn new(people: Vec<Person>, groups: Vec<Group>) -> Self {
        Self { people, groups, secrets: Vec::new(), now: 0 }
    }

    /// A secret of this owner's, that nobody else has.
    pub fn add(&mut self, owner: PersonIndex, value: String) {
        let (grants, left) = (Vec::new(), BTreeMap::new());
        self.secrets.push(Secret { owner, value, is_enabled: true, is_deleted: false, grants, left });
    }

    /// What somebody who can sign in may do with a secret.
    pub fn permission(&self, person: PersonIndex, secret: SecretIndex) -> Option<Permission> {
        let secret = &self.secrets[secret];
        if secret.is_deleted || !self.people[person].is_enabled {
            return None;
        }
        if secret.owner == person {
            return Some(Permission::Own);
        }
        let reaches = |to: To| match to {
            To::Person(recipient) => recipient == person,
            To::Group(group) => self.groups[group].is_enabled && self.groups[group].members.contains(&person),
        };
        let left = secret.left.get(&person);
        let counts = |grant: &&Grant| reaches(grant.to) && left.is_none_or(|left| grant.at > *left);
        secret.grants.iter().filter(counts).map(|grant| grant.permission).max()
    }

    /// Whether they can have its value.
    pub fn may_open(&self, person: PersonIndex, secret: SecretIndex) -> bool {
        match self.permission(person, secret) {
            Some(Permission::Own) => true,
            Some(_) => self.secrets[secret].is_enabled,
            None => false,
        }
    }

    /// Whether they may save another value.
    pub fn may_change(&self, person: PersonIndex, secret: SecretIndex) -> bool {
        self.may_open(person, secret) && self.permission(person, secret) >= Some(Permission::Edit)
    }

    fn owns(&self, person: PersonIndex, secret: SecretIndex) -> bool {
        self.permission(person, secret) == Some(Permission::Own)
    }

    fn is_administrator(&self, person: PersonIndex) -> bool {
        self.people[person].is_administrator && self.people[person].is_enabled
    }

    /// Whether they can share with that one: people who can sign in, and groups in use, of which private ones are their maker's alone.
    pub fn may_give_to(&self, person: PersonIndex, to: To) -> bool {
        match to {
            To::Person(recipient) => recipient != person && self.people[recipient].is_enabled,
            To::Group(group) => {
                let group = &self.groups[group];
                group.is_enabled && (!group.is_private || group.owner == person)
            }
        }
    }

    /// Whether they may share these.
    pub fn may_share(&self, person: PersonIndex, secrets: &[SecretIndex]) -> bool {
        secrets.iter().all(|secret| self.owns(person, *secret) && self.secrets[*secret].is_enabled)
    }

    pub fn share(&mut self, secrets: &[SecretIndex], recipients: &[To], permission: Permission) {
        self.now += 1;
        for secret in secrets {
            let at = self.now;
            let grants = recipients.iter().map(|to| Grant { at, to: *to, permission });
            self.secrets[*secret].grants.extend(grants);
        }
    }

    /// Whether they may lower or end what others have of these.
    pub fn may_limit(&self, person: PersonIndex, secrets: &[SecretIndex], left: Option<Permission>) -> bool {
        let ends = left.is_none() && self.is_administrator(person);
        secrets.iter().all(|secret| self.owns(person, *secret) || (ends && !self.secrets[*secret].is_deleted))
    }

    pub fn limit(&mut self, secrets: &[SecretIndex], recipients: &[To], left: Option<Permission>) {
        for secret in secrets {
            let grants = &mut self.secrets[*secret].grants;
            match left {
                None => grants.retain(|grant| !recipients.contains(&grant.to)),
                Some(left) => {
                    for grant in grants.iter_mut().filter(|grant| recipients.contains(&grant.to)) {
                        grant.permission = grant.permission.min(left);
                    }
                }
            }
        }
    }

    /// Whether they may drop their own access to these.
    pub fn may_leave(&self, person: PersonIndex, secrets: &[SecretIndex]) -> bool {
        let others = |secret: &SecretIndex| self.permission(person, *secret).is_some() && !self.owns(person, *secret);
        secrets.iter().all(others)
    }

    pub fn leave(&mut self, person: PersonIndex, secrets: &[SecretIndex]) {
        self.now += 1;
        for secret in secrets {
            self.secrets[*secret].left.insert(person, self.now);
        }
    }

    /// Whether they may enable or disable these.
    pub fn may_enable(&self, person: PersonIndex, secrets: &[SecretIndex], on: bool) -> bool {
        let disables = !on && self.is_administrator(person);
        secrets.iter().all(|secret| {
            self.permission(person, *secret) >= Some(Permission::Edit)
                || (disables && !self.secrets[*secret].is_deleted)
        })
    }

    /// Whether they may put these into the bin, or take them out of it.
    pub fn may_delete(&self, person: PersonIndex, secrets: &[SecretIndex], delete: bool) -> bool {
        secrets.iter().all(|secret| {
            let secret = &self.secrets[*secret];
            secret.owner == person && self.people[person].is_enabled && secret.is_deleted != delete
        })
    }

    /// Whether they manage the members of a group.
    pub fn manages(&self, person: PersonIndex, group: usize) -> bool {
        let group = &self.groups[group];
        if group.is_private { group.owner == person } else { self.is_administrator(person) }
    }

    /// Whether they may take a group out of use, or back.
    pub fn may_enable_group(&self, person: PersonIndex, group: usize, on: bool) -> bool {
        self.manages(person, group) || (!on && self.is_administrator(person))
    }

    /// Whether they may let somebody sign in, or no more.
    pub fn may_enable_person(&self, person: PersonIndex) -> bool {
        self.is_administrator(person)
    }
}
