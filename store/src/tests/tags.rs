//! Tags of many secrets at once, and what undo makes of them.

use std::collections::{BTreeMap, BTreeSet};

use vault::SecretId;

use super::fixture::*;
use super::model::Dice;
use super::undo::{Shared, shared};
use crate::*;

fn tagging(secrets: &[SecretId], add: &[&str], remove: &[&str]) -> Tagging {
    let [add, remove] = [add, remove].map(|tags| tags.iter().map(|tag| (*tag).to_owned()).collect());
    Tagging { secrets: secrets.to_vec(), add, remove }
}

impl World {
    async fn tag(&self, person: &Person, secrets: &[SecretId], add: &[&str], remove: &[&str]) -> BatchId {
        let id = BatchId::random();
        self.store.tag_secrets(person.id, id, &tagging(secrets, add, remove)).await.unwrap();
        id
    }

    async fn tags(&self, owner: &Person, secret: SecretId) -> BTreeSet<String> {
        self.store.secret(owner.id, secret).await.unwrap().secret.tags.into_iter().collect()
    }

    async fn has(&self, owner: &Person, secrets: &[SecretId], tag: &str) -> Vec<bool> {
        let mut found = Vec::new();
        for secret in secrets {
            found.push(self.tags(owner, *secret).await.contains(tag));
        }
        found
    }
}

#[tokio::test]
async fn a_tag_that_was_changed_later_stays_when_an_earlier_change_is_undone() {
    let Shared { world, ana, secrets: [one, two], .. } = shared().await;
    let both = [one, two];
    let first = world.tag(&ana, &both, &["prod"], &[]).await;
    world.tag(&ana, &[one], &[], &["prod"]).await;
    world.tag(&ana, &[one], &["prod"], &[]).await;
    let plan = world.store.undo_plan(ana.id, first).await.unwrap();
    assert_eq!((plan.switched, plan.left_out), (vec![two], LeftOut { later: 1, ..LeftOut::default() }));
    world.undo(&ana, first).await.unwrap();
    assert_eq!(world.has(&ana, &both, "prod").await, [true, false]);
    // What was undone again is no later change.
    let second = world.tag(&ana, &both, &["eu"], &[]).await;
    let third = world.tag(&ana, &both, &[], &["eu"]).await;
    world.undo(&ana, third).await.unwrap();
    world.undo(&ana, second).await.unwrap();
    assert_eq!(world.has(&ana, &both, "eu").await, [false, false]);
    // A secret keeps another tag that came later.
    let both_tags = world.tag(&ana, &[one], &["a", "b"], &[]).await;
    world.tag(&ana, &[one], &[], &["a"]).await;
    world.tag(&ana, &[one], &["a"], &[]).await;
    world.undo(&ana, both_tags).await.unwrap();
    assert_eq!([world.has(&ana, &[one], "a").await, world.has(&ana, &[one], "b").await], [[true], [false]]);
}

#[tokio::test]
async fn secrets_whose_tags_cannot_be_given_back_now_are_left_out_and_counted() {
    let Shared { world, ana, bruno, secrets: [one, two], .. } = shared().await;
    let both = [one, two];
    // Both have the tag "test". An editor changes nothing of what is disabled, nor of what is in the bin.
    let by_bruno = world.tag(&bruno, &both, &["prod"], &[]).await;
    world.store.set_enabled(ana.id, BatchId::random(), &[one], false).await.unwrap();
    let plan = world.store.undo_plan(bruno.id, by_bruno).await.unwrap();
    assert_eq!((plan.switched, plan.left_out), (vec![two], LeftOut { disabled: 1, ..LeftOut::default() }));
    world.store.delete_secrets(ana.id, BatchId::random(), &[one]).await.unwrap();
    let plan = world.store.undo_plan(bruno.id, by_bruno).await.unwrap();
    assert_eq!((plan.switched, plan.left_out), (vec![two], LeftOut { later: 1, ..LeftOut::default() }));
    world.store.restore_secrets(ana.id, BatchId::random(), &[one]).await.unwrap();
    world.undo(&bruno, by_bruno).await.unwrap();
    assert_eq!(world.has(&ana, &both, "prod").await, [true, false]);
    // One that has as many tags as there may be by now.
    let removed = world.tag(&ana, &both, &[], &["test"]).await;
    let many: Vec<String> = (0..19).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    world.tag(&ana, &[one], &many, &[]).await;
    let plan = world.store.undo_plan(ana.id, removed).await.unwrap();
    assert_eq!((plan.switched, plan.left_out), (vec![two], LeftOut { full: 1, ..LeftOut::default() }));
    world.undo(&ana, removed).await.unwrap();
    assert_eq!(world.has(&ana, &both, "test").await, [false, true]);
}

/// A tag of a secret, by their numbers.
type Place = (usize, usize);

/// What one batch did to tags.
struct Done {
    id: BatchId,
    undoes: Option<BatchId>,
    /// What has the tag since, and had it not before, or the other way round.
    changed: BTreeMap<Place, bool>,
    is_undone: bool,
}

/// What undoing one of them changes: what it changed itself, where all that came later was undone.
fn back(done: &[Done], index: usize) -> BTreeMap<Place, bool> {
    let is_last = |place: &Place| {
        let mut later: Vec<BatchId> = Vec::new();
        for batch in done[index + 1..].iter().filter(|batch| batch.changed.contains_key(place)) {
            let before = later.len();
            later.retain(|id| Some(*id) != batch.undoes);
            if later.len() == before {
                later.push(batch.id);
            }
        }
        later.is_empty()
    };
    let changed = done[index].changed.iter().filter(|(place, _)| is_last(place));
    changed.map(|(place, has)| (*place, !has)).collect()
}

#[tokio::test]
async fn tags_are_what_the_model_says_after_any_sequence_of_batches_and_undos() {
    const TAGS: [&str; 3] = ["prod", "eu", "legacy"];
    for seed in 0..2 {
        let world = World::new().await;
        let ana = world.person("ana").await;
        let secrets = [world.secret(&ana, "one").await, world.secret(&ana, "two").await];
        let (mut dice, mut done) = (Dice(seed), Vec::<Done>::new());
        let mut said: BTreeMap<Place, bool> = (0..6).map(|place| ((place % 2, place / 2), false)).collect();
        for step in 0..50 {
            if dice.roll(2) == 0 && !done.is_empty() {
                let index = dice.roll(done.len());
                let changed = back(&done, index);
                let batch = done[index].id;
                if done[index].is_undone || changed.is_empty() {
                    assert!(
                        matches!(world.undo(&ana, batch).await, Err(StoreError::Stale)),
                        "seed {seed}, step {step}"
                    );
                    continue;
                }
                let id = world.undo(&ana, batch).await.unwrap();
                said.extend(&changed);
                done[index].is_undone = true;
                done.push(Done { id, undoes: Some(batch), changed, is_undone: false });
            } else {
                let (which, tags, gets) = (dice.some_of(2), dice.some_of(3), dice.roll(2) == 0);
                let chosen: Vec<SecretId> = which.iter().map(|index| secrets[*index]).collect();
                let named: Vec<&str> = tags.iter().map(|index| TAGS[*index]).collect();
                let (add, remove) = if gets { (named, Vec::new()) } else { (Vec::new(), named) };
                let id = world.tag(&ana, &chosen, &add, &remove).await;
                let places = which.iter().flat_map(|secret| tags.iter().map(|tag| (*secret, *tag)));
                let changed: BTreeMap<Place, bool> =
                    places.filter(|place| said[place] != gets).map(|place| (place, gets)).collect();
                said.extend(&changed);
                if !changed.is_empty() {
                    done.push(Done { id, undoes: None, changed, is_undone: false });
                }
            }
            for (index, secret) in secrets.iter().enumerate() {
                let tags = world.tags(&ana, *secret).await;
                for (number, tag) in TAGS.iter().enumerate() {
                    assert_eq!(
                        tags.contains(*tag),
                        said[&(index, number)],
                        "seed {seed}, step {step}: {tag} of {index}"
                    );
                }
            }
        }
    }
}
