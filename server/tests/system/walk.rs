//! Random steps against a running server, each compared with the model: what it allows, and what everybody sees and opens afterwards.
//!
//! `WALK_STEPS` and `WALK_SEED` choose how many steps, and which. A failure prints both.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::net::SocketAddr;

use app::error::AppError;
use app::group::api::SealedTo;
use app::secret::api::SecretRow;
use app::share::api::RecipientAccess;
use fastrand::Rng;
use vault::{BatchId, Grants, GroupId, Permission, RecipientId, Roster, SecretId, SecretKey};

use crate::client::Client;
use crate::model::{Group, Model, Person, PersonIndex, SecretIndex, To};
use crate::program::{PEOPLE, Server, demo};

/// Who made the private group.
const CARLA: PersonIndex = 3;
/// How many secrets there are at most: few, so that steps meet.
const SECRETS: usize = 12;
/// How many steps one organization lives.
const LIFE: usize = 2_000;
/// After how many steps everything is looked at.
const LOOK: usize = 500;

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Action {
    Add,
    Change,
    Share,
    Limit,
    Leave,
    Enable,
    Disable,
    Delete,
    Restore,
    AddMember,
    RemoveMember,
    EnableGroup,
    DisableGroup,
    EnablePerson,
    DisablePerson,
}

/// How often each is done, of a hundred.
const ACTIONS: [(Action, usize); 15] = [
    (Action::Add, 2),
    (Action::Change, 10),
    (Action::Share, 27),
    (Action::Limit, 12),
    (Action::Leave, 6),
    (Action::Enable, 6),
    (Action::Disable, 5),
    (Action::Delete, 4),
    (Action::Restore, 7),
    (Action::AddMember, 6),
    (Action::RemoveMember, 4),
    (Action::EnableGroup, 3),
    (Action::DisableGroup, 2),
    (Action::EnablePerson, 4),
    (Action::DisablePerson, 2),
];

struct Walk {
    random: Rng,
    address: SocketAddr,
    model: Model,
    clients: Vec<Client>,
    secrets: Vec<SecretId>,
    groups: Vec<GroupId>,
    /// How often who was allowed to do what, and refused.
    tried: BTreeMap<(Action, bool), [usize; PEOPLE.len()]>,
}

/// Whether it was done; everything but a refusal is a fault.
fn allowed<T: Debug>(result: Result<T, AppError>) -> bool {
    match result {
        Ok(_) => true,
        Err(
            refused @ (AppError::NotFound
            | AppError::Forbidden
            | AppError::Disabled
            | AppError::NotAdministrator
            | AppError::SignedOut
            | AppError::Refused(_)),
        ) => {
            println!("refused: {refused:?}");
            false
        }
        Err(other) => panic!("{other:?}"),
    }
}

impl Walk {
    async fn new(address: SocketAddr, seed: u64) -> Self {
        let mut clients = Vec::new();
        for username in PEOPLE {
            clients.push(Client::sign_in(address, username).await.unwrap());
        }
        let groups = vec![
            clients[0].add_group("Team", true).await.unwrap(),
            clients[CARLA].add_group("Crew", false).await.unwrap(),
        ];
        let group = |owner, is_private| Group { owner, is_private, is_enabled: true, members: [].into() };
        let person = |index| Person { is_administrator: index == 0, is_enabled: true };
        let model = Model::new((0..PEOPLE.len()).map(person).collect(), vec![group(0, false), group(CARLA, true)]);
        let (random, tried) = (Rng::with_seed(seed), BTreeMap::new());
        let mut walk = Self { random, address, model, clients, secrets: Vec::new(), groups, tried };
        for actor in 0..PEOPLE.len() {
            walk.try_to(Action::Add, actor).await;
        }
        walk
    }

    fn to(&self, to: To) -> RecipientId {
        match to {
            To::Person(index) => RecipientId::Account(self.clients[index].id()),
            To::Group(index) => RecipientId::Group(self.groups[index]),
        }
    }

    /// One to three secrets: any, or one's own, or those that others have given, so that enough of what is tried may be done.
    fn some_secrets(&mut self, actor: PersonIndex) -> Vec<SecretIndex> {
        let kind = self.random.u8(0..3);
        let fits = |secret: &SecretIndex| match kind {
            0 => true,
            1 => self.model.secrets[*secret].owner == actor,
            _ => self.model.permission(actor, *secret).is_some() && self.model.secrets[*secret].owner != actor,
        };
        let fitting: Vec<SecretIndex> = (0..self.secrets.len()).filter(fits).collect();
        let count = self.random.usize(1..=3);
        let from = if fitting.is_empty() { (0..self.secrets.len()).collect() } else { fitting };
        self.random.choose_multiple(from, count)
    }

    /// One or two.
    fn some_recipients(&mut self) -> Vec<To> {
        let all = (0..PEOPLE.len()).map(To::Person).chain((0..self.groups.len()).map(To::Group));
        let count = self.random.usize(1..=2);
        self.random.choose_multiple(all, count)
    }

    fn ids(&self, secrets: &[SecretIndex]) -> Vec<SecretId> {
        secrets.iter().map(|secret| self.secrets[*secret]).collect()
    }

    async fn step(&mut self) {
        let mut left = self.random.usize(0..100);
        let (action, _) = ACTIONS
            .iter()
            .find(|(_, weight)| {
                let is_it = left < *weight;
                left = left.saturating_sub(*weight);
                is_it
            })
            .expect("the weights come to a hundred");
        let actor = self.random.usize(0..PEOPLE.len());
        self.try_to(*action, actor).await;
        let (person, secret) = (self.random.usize(0..PEOPLE.len()), self.random.usize(0..self.secrets.len()));
        if self.random.bool() {
            self.look(person).await;
        } else {
            self.open(person, secret).await;
        }
    }

    async fn try_to(&mut self, action: Action, actor: PersonIndex) {
        println!("{} tries to {action:?}", PEOPLE[actor]);
        if let Some(done) = self.act(action, actor).await {
            self.tried.entry((action, done)).or_default()[actor] += 1;
        }
    }

    /// Does something on the server and in the model; whether both allowed it. `None` where there was nothing to be done.
    async fn act(&mut self, action: Action, actor: PersonIndex) -> Option<bool> {
        let may = match action {
            Action::Add => return self.add(actor).await,
            Action::Change => self.change(actor).await,
            Action::Share => self.share(actor).await,
            Action::Limit => self.limit(actor).await,
            Action::Leave => self.leave(actor).await,
            Action::Enable | Action::Disable => self.set_enabled(actor, action == Action::Enable).await,
            Action::Delete | Action::Restore => self.delete(actor, action == Action::Delete).await,
            Action::AddMember | Action::RemoveMember => {
                return self.set_member(actor, action == Action::AddMember).await;
            }
            Action::EnableGroup | Action::DisableGroup => self.set_group(actor, action == Action::EnableGroup).await,
            Action::EnablePerson | Action::DisablePerson => {
                self.set_person(actor, action == Action::EnablePerson).await
            }
        };
        Some(may)
    }

    async fn add(&mut self, actor: PersonIndex) -> Option<bool> {
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

    async fn change(&mut self, actor: PersonIndex) -> bool {
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

    async fn share(&mut self, actor: PersonIndex) -> bool {
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

    async fn limit(&mut self, actor: PersonIndex) -> bool {
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

    async fn leave(&mut self, actor: PersonIndex) -> bool {
        let secrets = self.some_secrets(actor);
        let may = self.model.may_leave(actor, &secrets);
        let left = self.clients[actor].call::<()>("leave_secrets", &(self.ids(&secrets),)).await;
        assert_eq!(allowed(left), may, "leave {secrets:?}");
        if may {
            self.model.leave(actor, &secrets);
        }
        may
    }

    async fn set_enabled(&mut self, actor: PersonIndex, on: bool) -> bool {
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

    async fn delete(&mut self, actor: PersonIndex, delete: bool) -> bool {
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

    async fn set_member(&mut self, actor: PersonIndex, add: bool) -> Option<bool> {
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

    async fn set_group(&mut self, actor: PersonIndex, on: bool) -> bool {
        let group = self.random.usize(0..self.groups.len());
        let may = self.model.people[actor].is_enabled && self.model.may_enable_group(actor, group, on);
        let set = self.clients[actor].call::<()>("set_group_enabled", &(self.groups[group], on)).await;
        assert_eq!(allowed(set), may, "enable group {group}: {on}");
        if may {
            self.model.groups[group].is_enabled = on;
        }
        may
    }

    async fn set_person(&mut self, actor: PersonIndex, on: bool) -> bool {
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

    /// Whether somebody's list is what it should be.
    async fn look(&self, person: PersonIndex) {
        let rows = match self.clients[person].list().await {
            Ok(rows) => rows,
            Err(AppError::SignedOut) => {
                assert!(!self.model.people[person].is_enabled, "{} is signed out", PEOPLE[person]);
                return;
            }
            Err(other) => panic!("{other:?}"),
        };
        for (secret, id) in self.secrets.iter().enumerate() {
            let row = rows.iter().find(|row| row.id == *id);
            let seen = row.map(|row| row.permission.unwrap_or(Permission::Own));
            assert_eq!(seen, self.model.permission(person, secret), "{} in the list of {}", secret, PEOPLE[person]);
            if let Some(row) = row {
                assert_eq!(row.enabled, self.model.secrets[secret].is_enabled, "whether {secret} is enabled");
            }
        }
    }

    /// Whether somebody finds and opens a secret if they should, and who is said to have it.
    async fn open(&self, person: PersonIndex, secret: SecretIndex) {
        let (client, id) = (&self.clients[person], self.secrets[secret]);
        if !self.model.people[person].is_enabled {
            assert_eq!(client.open(id).await, Err(AppError::SignedOut));
            return;
        }
        let sees = self.model.permission(person, secret).is_some();
        let row = client.call::<SecretRow>("get_secret", &(id,)).await;
        let access = client.call::<Vec<RecipientAccess>>("secret_access", &(id,)).await;
        if !sees {
            // As if there were none.
            assert_eq!(row, Err(AppError::NotFound), "{} gets {secret}", PEOPLE[person]);
            assert_eq!(access, Err(AppError::NotFound), "{} asks who has {secret}", PEOPLE[person]);
        }
        match client.open(id).await {
            Ok(value) => {
                assert!(self.model.may_open(person, secret), "{} opens {secret}", PEOPLE[person]);
                assert_eq!(value, self.model.secrets[secret].value);
            }
            Err(AppError::Disabled) => {
                assert!(sees && !self.model.may_open(person, secret), "{} opens {secret}", PEOPLE[person]);
            }
            Err(AppError::NotFound) => assert!(!sees, "{} opens {secret}", PEOPLE[person]),
            Err(other) => panic!("{} opens {secret}: {other:?}", PEOPLE[person]),
        }
    }

    async fn look_at_everything(&self) {
        for person in 0..PEOPLE.len() {
            self.look(person).await;
            for secret in 0..self.secrets.len() {
                self.open(person, secret).await;
            }
        }
    }
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().map_or(usual, |text| text.parse().expect("a number"))
}

#[tokio::test]
async fn what_the_server_allows_is_what_the_model_allows() {
    let (steps, seed) = (number("WALK_STEPS", 2_000), number("WALK_SEED", 1));
    let mut tried = BTreeMap::<(Action, bool), [usize; PEOPLE.len()]>::new();
    let lives = usize::try_from(steps).unwrap().div_ceil(LIFE);
    for life in 0..lives {
        let rates = ["--rate-openings", "1000000/1000000", "--rate-passwords", "1000000/1000000"];
        let folder = demo();
        let server = Server::start(folder.path(), &rates);
        let seed = seed + life as u64;
        let mut walk = Walk::new(server.address, seed).await;
        for step in 0..LIFE.min(usize::try_from(steps).unwrap()) {
            println!("WALK_SEED={seed}, step {step}");
            walk.step().await;
            if step % LOOK == LOOK - 1 {
                walk.look_at_everything().await;
            }
        }
        for (key, counts) in walk.tried {
            let all = tried.entry(key).or_default();
            for (all, count) in all.iter_mut().zip(counts) {
                *all += count;
            }
        }
    }
    // Everybody tried everything, and everything was allowed to somebody and refused to somebody.
    if steps >= 2_000 {
        for (action, _) in ACTIONS {
            let of = |done| tried.get(&(action, done)).copied().unwrap_or_default();
            for (person, username) in PEOPLE.iter().enumerate() {
                assert!(of(true)[person] + of(false)[person] > 0, "{username} never tried to {action:?}");
            }
            assert!(of(true).iter().sum::<usize>() > 0, "{action:?} was never allowed");
            // Adding is refused to nobody who is there.
            let is_refused = of(false).iter().sum::<usize>() > 0;
            assert!(is_refused || action == Action::Add, "{action:?} was never refused");
        }
    }
}
