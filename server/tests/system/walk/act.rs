//! What people try, on the server and in the model.

use app::error::AppError;
use app::group::api::SealedTo;
use vault::{BatchId, Grants, Permission, RecipientId, Roster, SecretKey};

use super::{SECRETS, Walk, allowed};
use crate::client::Client;
use crate::model::PersonIndex;
use crate::program::PEOPLE;

impl Walk {
    pub(super) async fn add(&mut self, actor: PersonIndex) -> Option<bool> {
        if self.secrets.len() == SECRETS {
            return None;
        }
        let (name, value) = (format!("secret {}", self.secrets.len()), self.random.u64(..).to_string());
        let added = self.clients[actor].add_secret(&name, &value).await;
        let may = self.model.people[actor].is_enabled;
        if let Ok(id) = added {
            self.secrets.push(id);
            self.model.add(actor, value);
        }
        assert_eq!(allowed(added), may, "add");
        Some(may)
    }

    pub(super) async fn change(&mut self, actor: PersonIndex) -> bool {
        let secret = self.some_secrets(actor)[0];
        let (name, value) = (format!("secret {secret}"), self.random.u64(..).to_string());
        let may = self.model.may_change(actor, secret);
        let changed = self.clients[actor].change(self.secrets[secret], &name, &value).await;
        assert_eq!(allowed(changed), may, "change secret {secret}");
        if may {
            self.model.secrets[secret].value = value;
        } else {
            // Who cannot open it makes up the key as well.
            let forged = self.clients[actor].change_made_up(self.secrets[secret], &name).await;
            assert!(!allowed(forged), "change secret {secret} as made up");
        }
        may
    }

    pub(super) async fn share(&mut self, actor: PersonIndex) -> bool {
        let (secrets, recipients) = (self.some_secrets(actor), self.some_recipients());
        let permission = if self.random.bool() { Permission::View } else { Permission::Edit };
        let ids = self.ids(&secrets);
        let grants: Grants = recipients.iter().map(|to| (self.to(*to), permission)).collect();
        let may_give = recipients.iter().all(|to| self.model.may_give_to(actor, *to));
        let may_share = self.model.may_share(actor, &secrets);
        let may = may_give && may_share;
        let client = &self.clients[actor];
        let shared = client.share(&ids, &grants).await;
        assert_eq!(allowed(shared), may, "share {secrets:?} with {recipients:?}");
        if may {
            self.model.share(&secrets, &recipients, permission);
        } else if may_give && self.model.people[actor].is_enabled {
            // Not by leaving out what would have been refused first, either.
            let made_up = ids.iter().map(|id| (*id, 1, SecretKey::random())).collect();
            let ids: Vec<RecipientId> = grants.iter().map(|(id, _)| *id).collect();
            let forged = client.sealed(made_up, &grants, &client.keys_of(&ids).await.unwrap());
            assert!(!allowed(client.send(&forged).await), "share {secrets:?} as made up");
        }
        may
    }

    pub(super) async fn limit(&mut self, actor: PersonIndex) -> bool {
        let (secrets, recipients) = (self.some_secrets(actor), self.some_recipients());
        let left = self.random.bool().then_some(Permission::View);
        let limits: Vec<_> = recipients.iter().map(|to| (self.to(*to), left)).collect();
        let may = self.model.may_limit(actor, &secrets, left);
        let limited = self.clients[actor].limit(&self.ids(&secrets), &limits).await;
        assert_eq!(allowed(limited), may, "limit {secrets:?} for {recipients:?} to {left:?}");
        if may {
            self.model.limit(&secrets, &recipients, left);
        }
        may
    }

    pub(super) async fn leave(&mut self, actor: PersonIndex) -> bool {
        let secrets = self.some_secrets(actor);
        let may = self.model.may_leave(actor, &secrets);
        let left = self.clients[actor].call::<()>("leave_secrets", &(self.ids(&secrets),)).await;
        assert_eq!(allowed(left), may, "leave {secrets:?}");
        if may {
            self.model.leave(actor, &secrets);
        }
        may
    }

    pub(super) async fn set_enabled(&mut self, actor: PersonIndex, on: bool) -> bool {
        let secrets = self.some_secrets(actor);
        let may = self.model.may_enable(actor, &secrets, on);
        let arguments = (BatchId::random(), self.ids(&secrets), on);
        let set = self.clients[actor].call::<()>("set_enabled", &arguments).await;
        assert_eq!(allowed(set), may, "enable {secrets:?}: {on}");
        for secret in secrets.into_iter().filter(|_| may) {
            self.model.secrets[secret].is_enabled = on;
        }
        may
    }

    pub(super) async fn delete(&mut self, actor: PersonIndex, delete: bool) -> bool {
        let secrets = self.some_secrets(actor);
        let may = self.model.may_delete(actor, &secrets, delete);
        let arguments = (BatchId::random(), self.ids(&secrets));
        let client = &self.clients[actor];
        let done = if delete {
            client.call::<()>("delete_secrets", &arguments).await
        } else {
            client.call::<usize>("restore_secrets", &arguments).await.map(|_| ())
        };
        assert_eq!(allowed(done), may, "delete {secrets:?}: {delete}");
        for secret in secrets.into_iter().filter(|_| may) {
            self.model.secrets[secret].is_deleted = delete;
        }
        may
    }

    pub(super) async fn set_member(&mut self, actor: PersonIndex, add: bool) -> Option<bool> {
        let (group, member) = (self.random.usize(0..self.groups.len()), self.random.usize(0..PEOPLE.len()));
        let is_member = self.model.groups[group].members.contains(&member);
        if is_member == add || !self.model.people[member].is_enabled {
            return None;
        }
        let (id, account) = (self.groups[group], self.clients[member].id());
        let may = self.model.people[actor].is_enabled && self.model.manages(actor, group);
        let client = &self.clients[actor];
        let stay: Vec<PersonIndex> =
            self.model.groups[group].members.iter().copied().filter(|known| *known != member).collect();
        let done = match (may, add) {
            (true, true) => client.add_member(id, account).await,
            (true, false) if stay.iter().any(|index| !self.model.people[*index].is_enabled) => return None,
            (true, false) => {
                let stay: Vec<_> = stay.iter().map(|index| self.clients[*index].id()).collect();
                client.remove_member(id, account, &stay).await
            }
            // Whoever does not manage it has no seed either, and makes one up.
            (false, true) => {
                let roster = Roster::new(id, 1, [account]).sign(&client.keys);
                client.call("add_members", &(id, 1_u64, vec![SealedTo { account, seed: vec![1; 1_200] }], roster)).await
            }
            (false, false) => client.remove_made_up(id, account).await,
        };
        assert_eq!(allowed(done), may, "member {member} of group {group}: {add}");
        if may {
            let members = &mut self.model.groups[group].members;
            if add {
                members.insert(member)
            } else {
                members.remove(&member)
            };
        }
        Some(may)
    }

    pub(super) async fn set_group(&mut self, actor: PersonIndex, on: bool) -> bool {
        let group = self.random.usize(0..self.groups.len());
        let may = self.model.people[actor].is_enabled && self.model.may_enable_group(actor, group, on);
        let set = self.clients[actor].call::<()>("set_group_enabled", &(self.groups[group], on)).await;
        assert_eq!(allowed(set), may, "enable group {group}: {on}");
        if may {
            self.model.groups[group].is_enabled = on;
        }
        may
    }

    pub(super) async fn set_person(&mut self, actor: PersonIndex, on: bool) -> bool {
        // Not the administrator: who would enable her again? Those who are disabled first, so that most are there most of the time.
        let all = 1..PEOPLE.len();
        let of_state = all.clone().filter(|person| self.model.people[*person].is_enabled != on);
        let person = self.random.choice(of_state.collect::<Vec<_>>()).unwrap_or_else(|| self.random.usize(all));
        let may = self.model.may_enable_person(actor);
        let was_enabled = self.model.people[person].is_enabled;
        let set = self.clients[actor].call::<()>("set_person_enabled", &(self.clients[person].id(), on)).await;
        assert_eq!(allowed(set), may, "enable person {person}: {on}");
        if may {
            self.model.people[person].is_enabled = on;
            if on && !was_enabled {
                // The session from before does not come back.
                assert_eq!(self.clients[person].list().await.unwrap_err(), AppError::SignedOut);
                self.clients[person] = Client::sign_in(self.address, PEOPLE[person]).await.unwrap();
            }
        }
        may
    }
}
