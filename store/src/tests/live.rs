//! Who is told what, as it is done.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use uuid::Uuid;
use vault::{BatchId, Permission, RecipientId, SecretId};

use super::fixture::*;
use super::group::add;
use super::limit::limited;
use crate::database::query;
use crate::*;

impl World {
    /// Who of these people is concerned by what was done, with the news for them: by whom, and how many.
    async fn told<'a>(
        &self,
        happened: &Happened,
        people: &[(&'a str, &Person)],
    ) -> BTreeMap<&'a str, Option<(String, usize)>> {
        let concerned = self.store.concerned(happened).await.unwrap();
        let told = people.iter().filter_map(|(name, person)| Some((*name, concerned.get(&person.id)?.clone())));
        told.map(|(name, news)| (name, news.map(|news| (news.by, news.secrets)))).collect()
    }
}

#[tokio::test]
async fn what_is_done_is_told_once_written_to_those_whom_it_concerns() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let (one, two) = (world.secret(&ana, "one").await, world.secret(&ana, "two").await);
    let group = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&bruno]).await;
    let everyone = [("ana", &ana), ("bruno", &bruno), ("carla", &carla)];
    let mut live = world.store.live().await.unwrap();
    let mut next = async || {
        let next = tokio::time::timeout(Duration::from_secs(20), live.next()).await;
        match next.expect("told in time").expect("not the end").unwrap() {
            Heard::Happened(happened) => *happened,
            Heard::Missed => panic!("everything is told of"),
        }
    };
    let grants = [(RecipientId::Group(group), Permission::View), (to(&carla), Permission::View)];
    world.share(&ana, &[one, two], &grants).await;
    let happened = next().await;
    let told = world.told(&happened, &everyone).await;
    let news = Some(("ANA Test".to_owned(), 2));
    let expected = [("ana", None), ("bruno", news.clone()), ("carla", news)];
    assert_eq!(told, expected.into());
    let as_of = world.store.as_of().await.unwrap();
    assert_eq!(as_of.event, Some(happened.id));
    assert_eq!(as_of.seen.last(), Some(&happened.id));
    // What was done a moment before may have been written after it.
    assert!(world.store.happened_since(happened.id).await.unwrap());
    let later = Uuid::from_u128(happened.id.as_u128() + (10_001 << 80));
    assert!(!world.store.happened_since(later).await.unwrap());
    // Somebody who only looks changes nothing.
    world.read(&bruno, one).await.unwrap();
    assert!(world.told(&next().await, &everyone).await.is_empty());
    // Whoever loses access is concerned, and nobody else but the owner.
    world.store.change_access(ana.id, &limited(&[one], &[(to(&carla), None)])).await.unwrap();
    let told = world.told(&next().await, &everyone).await;
    assert_eq!(told, [("ana", None), ("carla", None)].into());
    world.store.set_enabled(ana.id, BatchId::random(), &[one], false).await.unwrap();
    let told = world.told(&next().await, &everyone).await;
    assert!(told.contains_key("bruno") && told.values().all(Option::is_none), "{told:?}");
    // What was not written is not told.
    assert!(world.store.delete_secrets(bruno.id, BatchId::random(), &[two]).await.is_err());
    world.store.delete_secrets(ana.id, BatchId::random(), &[two]).await.unwrap();
    let told = world.told(&next().await, &everyone).await;
    assert_eq!(told.keys().copied().collect::<Vec<_>>(), ["ana", "bruno", "carla"]);
    world.transfer(&ana, &[one], &carla).await.unwrap();
    let told = world.told(&next().await, &everyone).await;
    assert_eq!(told["carla"], Some(("ANA Test".to_owned(), 1)));
}

#[tokio::test]
async fn of_many_secrets_everyone_is_told_whom_their_owner_shares_with_and_nobody_else() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let everyone = [("ana", &ana), ("bruno", &bruno), ("carla", &carla)];
    let new: Vec<NewSecret> = (0..120).map(|number| new_secret(&ana, &number.to_string())).collect();
    let ids: Vec<_> = new.iter().map(|secret| secret.id).collect();
    let mut live = world.store.live().await.unwrap();
    let mut next = async || {
        let next = tokio::time::timeout(Duration::from_secs(20), live.next()).await;
        match next.expect("told in time").expect("not the end").unwrap() {
            Heard::Happened(happened) => *happened,
            Heard::Missed => panic!("everything is told of"),
        }
    };
    world.store.add_secrets(ana.id, BatchId::random(), &new).await.unwrap();
    assert_eq!(world.told(&next().await, &everyone).await, [("ana", None)].into());
    world.share(&ana, &ids[..1], &[(to(&bruno), Permission::View)]).await;
    next().await;
    world.store.set_enabled(ana.id, BatchId::random(), &ids, false).await.unwrap();
    assert_eq!(world.told(&next().await, &everyone).await, [("ana", None), ("bruno", None)].into());
}

#[tokio::test]
async fn a_list_is_brought_up_to_date_by_what_has_changed_for_its_person_alone() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let (one, two) = (world.secret(&ana, "one").await, world.secret(&ana, "two").await);
    let as_of = world.store.as_of().await.unwrap();
    let start = AsOf { seen: Vec::new(), ..as_of.clone() };
    let changes = async |person: &Person| {
        let found = world.store.secrets_since(person.id, &start).await.unwrap().unwrap();
        let mut rows: Vec<_> =
            found.rows.into_iter().map(|row| (row.secret.name, row.permission, row.is_new, row.shared)).collect();
        rows.sort();
        (rows, found.gone)
    };
    let nothing = (Vec::new(), Vec::new());
    world.share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
    let ones = ("one".to_owned(), Some(Permission::View), true, true);
    assert_eq!(changes(&bruno).await, (vec![ones], Vec::new()));
    assert_eq!(changes(&carla).await, nothing);
    // What happened a little before counts as well: two was added then.
    let own = |name: &str, shared| (name.to_owned(), None, false, shared);
    assert_eq!(changes(&ana).await, (vec![own("one", true), own("two", false)], Vec::new()));
    // Unless it was told that it was seen.
    let found = world.store.secrets_since(ana.id, &as_of).await.unwrap().unwrap();
    assert_eq!(found.rows.iter().map(|row| row.secret.name.as_str()).collect::<Vec<_>>(), ["one"]);
    let nothing_new = ListChanges { rows: Vec::new(), gone: Vec::new(), as_of: found.as_of.clone() };
    assert_eq!(world.store.secrets_since(ana.id, &found.as_of).await.unwrap(), Some(nothing_new));
    // The same rows as the whole list has.
    assert_eq!(
        world.store.secrets(bruno.id).await.unwrap(),
        world.store.secrets_since(bruno.id, &start).await.unwrap().unwrap().rows
    );

    world.store.change_access(ana.id, &limited(&[one], &[(to(&bruno), None)])).await.unwrap();
    assert_eq!(changes(&bruno).await, (Vec::new(), vec![one]));
    assert_eq!(changes(&carla).await, nothing);
    // Of a batch one learns what it did to one's own, and nothing of the others.
    let three = world.secret(&ana, "three").await;
    world.share(&ana, &[three], &[(to(&carla), Permission::View)]).await;
    let tags = Tagging { secrets: vec![one, two, three], add: vec!["prod".into()], remove: Vec::new() };
    world.store.tag_secrets(ana.id, BatchId::random(), &tags).await.unwrap();
    let threes = ("three".to_owned(), Some(Permission::View), true, true);
    assert_eq!(changes(&carla).await, (vec![threes], Vec::new()));
    world.store.delete_secrets(ana.id, BatchId::random(), &[three]).await.unwrap();
    assert_eq!(changes(&carla).await, (Vec::new(), vec![three]));
    assert_eq!(changes(&bruno).await, (Vec::new(), vec![one]));
    world.store.delete_secrets(ana.id, BatchId::random(), &[two]).await.unwrap();
    let mut gone = vec![two, three];
    gone.sort_unstable();
    assert_eq!(changes(&ana).await, (vec![own("one", false)], gone));

    // Groups and many secrets: the whole list.
    world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&bruno]).await;
    assert!(world.store.secrets_since(bruno.id, &start).await.unwrap().is_none());
    assert!(world.store.secrets_since(carla.id, &start).await.unwrap().is_some());
    let new: Vec<NewSecret> = (0..2_001).map(|number| new_secret(&carla, &number.to_string())).collect();
    let (many, last) = new.split_at(2_000);
    world.store.add_secrets(carla.id, BatchId::random(), many).await.unwrap();
    let as_of = world.store.as_of().await.unwrap();
    assert!(world.store.secrets_since(carla.id, &start).await.unwrap().is_none());
    world.store.add_secrets(carla.id, BatchId::random(), last).await.unwrap();
    assert_eq!(world.store.secrets_since(carla.id, &as_of).await.unwrap().unwrap().rows.len(), 1);
}

#[tokio::test]
async fn the_rows_of_a_large_batch_are_those_of_the_whole_list() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let group = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&bruno]).await;
    let new: Vec<NewSecret> = (0..150).map(|number| new_secret(&ana, &number.to_string())).collect();
    let ids: Vec<SecretId> = new.iter().map(|new| new.id).collect();
    world.store.add_secrets(ana.id, BatchId::random(), &new).await.unwrap();
    let start = world.store.as_of().await.unwrap();
    world.share(&ana, &ids[..120], &[(RecipientId::Group(group), Permission::View)]).await;
    world.share(&ana, &ids[60..], &[(to(&bruno), Permission::Edit)]).await;
    world.store.change_access(ana.id, &limited(&ids[10..30], &[(RecipientId::Group(group), None)])).await.unwrap();
    world.store.leave(bruno.id, &ids[140..]).await.unwrap();
    let found = async |person: &Person| world.store.secrets_since(person.id, &start).await.unwrap().unwrap();
    let of_ana = found(&ana).await;
    assert_eq!(of_ana.rows, world.store.secrets(ana.id).await.unwrap());
    assert_eq!(of_ana.rows.iter().filter(|row| !row.shared).count(), 20);
    let of_bruno = found(&bruno).await;
    assert_eq!(of_bruno.rows, world.store.secrets(bruno.id).await.unwrap());
    assert_eq!((of_bruno.rows.len(), of_bruno.gone.len()), (120, 30));
}

#[tokio::test]
async fn whoever_comes_into_a_group_later_is_not_told_what_was_taken_from_it_before() {
    let world = World::new().await;
    let (ana, bruno, mallory) = (world.person("ana").await, world.person("bruno").await, world.person("mallory").await);
    let one = world.secret(&ana, "one").await;
    let group = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&bruno]).await;
    world.share(&ana, &[one], &[(RecipientId::Group(group), Permission::View)]).await;
    let start = world.store.as_of().await.unwrap();
    world.store.change_access(ana.id, &limited(&[one], &[(RecipientId::Group(group), None)])).await.unwrap();
    add(&world, &ana, group, &[&mallory]).await.unwrap();
    // That she came is what she says to have seen, so that it is not looked at.
    let joined = world.store.as_of().await.unwrap().event.unwrap();
    let since = AsOf { seen: [start.seen, vec![joined]].concat(), ..start };
    let told = async |person: &Person| world.store.secrets_since(person.id, &since).await.unwrap().unwrap();
    assert_eq!(told(&mallory).await.gone, []);
    assert_eq!(told(&bruno).await.gone, [one]);
}

#[tokio::test]
async fn what_nobody_tells_of_is_noticed() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let mut live = world.store.live().await.unwrap();
    world.secret(&ana, "one").await;
    assert!(matches!(live.next().await, Some(Ok(Heard::Happened(_)))));
    // As by another node of the database, whose writes are not told of at this one.
    query!(world.store.db, "CREATE audit_pending").unwrap();
    assert!(matches!(live.next().await, Some(Ok(Heard::Missed))));
    world.secret(&ana, "two").await;
    assert!(matches!(live.next().await, Some(Ok(Heard::Happened(_)))), "once");

    // And also while much is told of at this one.
    query!(world.store.db, "CREATE audit_pending").unwrap();
    let mut busy = tokio::time::interval(Duration::from_millis(300));
    loop {
        tokio::select! {
            _ = busy.tick() => { world.secret(&ana, "busy").await; }
            heard = live.next() => if heard.unwrap().unwrap() == Heard::Missed { break },
        }
    }
}
