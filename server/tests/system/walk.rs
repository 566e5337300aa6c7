//! Random steps against a running server, each compared with the model: what it allows, and what everybody sees and opens afterwards.
//!
//! `WALK_STEPS` and `WALK_SEED` choose how many steps, and which. A failure prints both.

mod act;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::net::SocketAddr;

use app::error::AppError;
use app::secret::api::SecretRow;
use app::share::api::RecipientAccess;
use fastrand::Rng;
use vault::{GroupId, Permission, RecipientId, SecretId};

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
