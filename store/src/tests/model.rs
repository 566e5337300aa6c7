//! Effective access after any sequence of actions, against the words of `docs/model.md` put down as plainly as can be.

use std::collections::{BTreeMap, BTreeSet};

use vault::{GroupId, Permission, RecipientId};

use super::fixture::*;
use super::group::{add, new_epoch};
use super::limit::limited;
use super::settle::settle;
use crate::*;

const PEOPLE: usize = 4;
const SECRETS: usize = 4;
const STEPS: usize = 40;

/// Numbers that are the same every time (splitmix64).
pub(super) struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    pub fn some_of(&mut self, count: usize) -> Vec<usize> {
        let some: Vec<usize> = (0..count).filter(|_| self.roll(2) == 0).collect();
        if some.is_empty() { vec![self.roll(count)] } else { some }
    }
}

/// One thing that was done; the later ones count.
enum Act {
    Granted { secrets: Vec<usize>, to: RecipientId, permission: Permission },
    Limited { secrets: Vec<usize>, to: RecipientId, left: Option<Permission> },
    Left { secret: usize, person: usize },
}

/// What the model says there is.
#[derive(Default)]
struct Said {
    acts: Vec<Act>,
    members: BTreeSet<usize>,
    group_disabled: bool,
    deleted: BTreeSet<usize>,
}

impl Said {
    /// The highest of what was granted, each cut down by what came after it.
    fn access(&self, people: &[Person], group: RecipientId, person: usize, secret: usize) -> Option<Permission> {
        if self.deleted.contains(&secret) {
            return None;
        }
        let through_group = self.members.contains(&person) && !self.group_disabled;
        let is_theirs = |id: RecipientId| id == to(&people[person]) || (id == group && through_group);
        let granted = self.acts.iter().enumerate().filter_map(|(time, act)| match act {
            Act::Granted { secrets, to, permission } if secrets.contains(&secret) && is_theirs(*to) => {
                self.acts[time..].iter().try_fold(*permission, |permission, act| match act {
                    Act::Limited { secrets, to: limited, left } if limited == to && secrets.contains(&secret) => {
                        left.map(|left| left.min(permission))
                    }
                    Act::Left { secret: left, person: who } if (*left, *who) == (secret, person) => None,
                    _ => Some(permission),
                })
            }
            _ => None,
        });
        granted.max()
    }
}

#[tokio::test]
async fn access_is_what_the_model_says_after_any_sequence_of_actions() {
    for seed in 0..3 {
        walk(seed).await;
    }
}

async fn walk(seed: u64) {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let mut people = Vec::new();
    for index in 0..PEOPLE {
        people.push(world.person(&format!("person{index}")).await);
    }
    let mut secrets = Vec::new();
    for index in 0..SECRETS {
        secrets.push(world.secret(&ana, &format!("secret{index}")).await);
    }
    let group_id = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[]).await;
    let group = RecipientId::Group(group_id);
    let mut said = Said::default();
    let mut before = BTreeMap::new();
    let mut dice = Dice(seed);
    for step in 0..STEPS {
        let name = act(&world, &ana, &people, &secrets, group_id, &mut said, &mut dice).await;
        for (index, person) in people.iter().enumerate() {
            let listed = world.store.secrets(person.id).await.unwrap();
            let listed: BTreeMap<_, _> = listed.into_iter().map(|row| (row.id, row.permission)).collect();
            for (number, secret) in secrets.iter().enumerate() {
                let expected = said.access(&people, group, index, number);
                let at = format!("seed {seed}, step {step}: {name}; person {index}, secret {number}");
                assert_eq!(listed.get(secret).copied().flatten(), expected, "list at {at}");
                // Opening takes long: where something may have become of it.
                if before.insert((index, number), expected) != Some(expected) || (step + index) % 8 == number {
                    assert_eq!(world.read(person, *secret).await.is_ok(), expected.is_some(), "value at {at}");
                }
            }
        }
    }
    // Once everything is settled nothing of it is left to be done, and access is what it was.
    settle(&world, &ana).await;
    assert_eq!(world.store.due(ana.id).await.unwrap(), Due::default());
    assert_eq!(world.count("limit").await, 0);
}

/// Undoes what was done just now, at once or once it was settled: everything is as it was.
async fn undo(world: &World, ana: &Person, batch: BatchId, dice: &mut Dice) {
    if dice.roll(2) == 0 {
        settle(world, ana).await;
    }
    let Ok(plan) = world.store.undo_plan(ana.id, batch).await else { return };
    if plan.ends > 0 || !plan.restored.is_empty() {
        world.undo(ana, batch).await.unwrap();
    }
}

/// Does one thing, to the store and to the model.
async fn act(
    world: &World,
    ana: &Person,
    people: &[Person],
    secrets: &[vault::SecretId],
    group_id: GroupId,
    said: &mut Said,
    dice: &mut Dice,
) -> &'static str {
    let group = RecipientId::Group(group_id);
    let recipient = |index: usize| people.get(index).map_or(group, to);
    let alive = |said: &Said, some: Vec<usize>| -> Vec<usize> {
        some.into_iter().filter(|index| !said.deleted.contains(index)).collect()
    };
    let ids = |some: &[usize]| some.iter().map(|index| secrets[*index]).collect::<Vec<_>>();
    match dice.roll(12) {
        0..=2 => {
            let chosen = alive(said, dice.some_of(SECRETS));
            let mut grants = Vec::new();
            for index in dice.some_of(PEOPLE + 1) {
                let permission = if dice.roll(2) == 0 { Permission::View } else { Permission::Edit };
                if recipient(index) != group || !said.group_disabled {
                    grants.push((recipient(index), permission));
                }
            }
            if !chosen.is_empty() && !grants.is_empty() {
                let share = world.share(ana, &ids(&chosen), &grants).await;
                if dice.roll(3) == 0 {
                    undo(world, ana, BatchId::from(share.uuid()), dice).await;
                    return "share and undo";
                }
                said.acts.extend(grants.into_iter().map(|(to, permission)| Act::Granted {
                    secrets: chosen.clone(),
                    to,
                    permission,
                }));
            }
            "share"
        }
        3..=5 => {
            let chosen = alive(said, dice.some_of(SECRETS));
            let mut limits = Vec::new();
            for index in dice.some_of(PEOPLE + 1) {
                limits.push((recipient(index), (dice.roll(3) == 0).then_some(Permission::View)));
            }
            let change = limited(&ids(&chosen), &limits);
            world.store.change_access(ana.id, &change).await.unwrap();
            if dice.roll(3) == 0 && world.store.receipt(ana.id, change.id).await.is_ok_and(|receipt| receipt.is_owner) {
                undo(world, ana, change.id, dice).await;
                return "limit and undo";
            }
            said.acts.extend(limits.into_iter().map(|(to, left)| Act::Limited { secrets: chosen.clone(), to, left }));
            "limit"
        }
        6 | 7 => {
            settle(world, ana).await;
            "settle"
        }
        8 => {
            let person = dice.roll(PEOPLE);
            if said.members.remove(&person) {
                let stay: Vec<&Person> = said.members.iter().map(|index| &people[*index]).collect();
                let new = new_epoch(world, ana, group_id, &stay).await;
                world.store.remove_members(ana.id, group_id, &[people[person].id], &new).await.unwrap();
            } else {
                said.members.insert(person);
                add(world, ana, group_id, &[&people[person]]).await.unwrap();
            }
            "member"
        }
        9 => {
            said.group_disabled = !said.group_disabled;
            world.store.set_group_enabled(ana.id, group_id, !said.group_disabled).await.unwrap();
            "group"
        }
        10 => {
            let (secret, person) = (dice.roll(SECRETS), dice.roll(PEOPLE));
            if said.access(people, group, person, secret).is_some() {
                world.store.leave(people[person].id, &[secrets[secret]]).await.unwrap();
                said.acts.push(Act::Left { secret, person });
            }
            "leave"
        }
        _ => {
            let secret = dice.roll(SECRETS);
            if said.deleted.remove(&secret) {
                world.store.restore_secrets(ana.id, BatchId::random(), &[secrets[secret]]).await.unwrap();
            } else {
                said.deleted.insert(secret);
                world.store.delete_secrets(ana.id, BatchId::random(), &[secrets[secret]]).await.unwrap();
            }
            "bin"
        }
    }
}
