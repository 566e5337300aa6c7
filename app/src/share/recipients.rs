use vault::{Permission, RecipientId};

use super::api::Recipient;

/// A recipient that was picked, with what they will be allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picked {
    pub recipient: Recipient,
    pub permission: Permission,
}

/// The people and groups that were picked, in the order of picking, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recipients(Vec<Picked>);

impl Recipients {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Picked> {
        self.0.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn contains(&self, id: RecipientId) -> bool {
        self.0.iter().any(|picked| picked.recipient.id == id)
    }

    /// Adds someone with Can view. Whoever is there already stays as they are.
    pub(crate) fn add(&mut self, recipient: Recipient) {
        if !self.contains(recipient.id) {
            self.0.push(Picked { recipient, permission: Permission::View });
        }
    }

    /// Those who have something already.
    pub(crate) fn of(recipients: Vec<(Recipient, Permission)>) -> Self {
        Self(recipients.into_iter().map(|(recipient, permission)| Picked { recipient, permission }).collect())
    }

    pub(crate) fn permission_of(&self, id: RecipientId) -> Option<Permission> {
        self.0.iter().find(|picked| picked.recipient.id == id).map(|picked| picked.permission)
    }

    pub(crate) fn remove(&mut self, id: RecipientId) {
        self.0.retain(|picked| picked.recipient.id != id);
    }

    /// Leaves the one who was picked last.
    pub(crate) fn keep_last(&mut self) {
        self.0.drain(..self.0.len().saturating_sub(1));
    }

    pub(crate) fn set_permission(&mut self, id: RecipientId, permission: Permission) {
        if let Some(picked) = self.0.iter_mut().find(|picked| picked.recipient.id == id) {
            picked.permission = permission;
        }
    }

    pub(crate) fn name_of(&self, id: RecipientId) -> Option<String> {
        self.0.iter().find(|picked| picked.recipient.id == id).map(|picked| picked.recipient.name.clone())
    }

    /// A recipient as they were shown when they were picked.
    pub(crate) fn find(&self, id: RecipientId) -> Option<Recipient> {
        self.0.iter().find(|picked| picked.recipient.id == id).map(|picked| picked.recipient.clone())
    }

    /// What goes into the manifest of the share.
    pub(crate) fn grants(&self) -> Vec<(RecipientId, Permission)> {
        self.0.iter().map(|picked| (picked.recipient.id, picked.permission)).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::share::api::RecipientKind;
    use vault::AccountId;

    pub(crate) fn person(name: &str) -> Recipient {
        Recipient {
            id: RecipientId::Account(AccountId::random()),
            name: name.into(),
            signed_name: name.into(),
            detail: String::new(),
            kind: RecipientKind::Person,
            active: true,
        }
    }

    #[test]
    fn can_view_is_the_default_and_nobody_is_there_twice() {
        let (mut recipients, bruno) = (Recipients::default(), person("Bruno"));
        recipients.add(bruno.clone());
        recipients.set_permission(bruno.id, Permission::Edit);
        recipients.add(bruno.clone());
        assert_eq!(recipients.grants(), [(bruno.id, Permission::Edit)]);
        let carla = person("Carla");
        recipients.add(carla.clone());
        assert_eq!(recipients.grants()[1], (carla.id, Permission::View));
    }

    #[test]
    fn who_is_removed_is_gone_and_the_others_stay() {
        let (mut recipients, bruno, carla) = (Recipients::default(), person("Bruno"), person("Carla"));
        recipients.add(bruno.clone());
        recipients.add(carla.clone());
        recipients.remove(bruno.id);
        assert!(!recipients.contains(bruno.id));
        assert_eq!(recipients.name_of(carla.id).as_deref(), Some("Carla"));
        recipients.remove(carla.id);
        assert!(recipients.is_empty());
        recipients.keep_last();
        recipients.add(bruno);
        recipients.add(carla.clone());
        recipients.keep_last();
        assert_eq!(recipients.grants(), [(carla.id, Permission::View)]);
    }
}
