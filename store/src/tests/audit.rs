//! What was done is in the log, once, with who did it to whom; what was refused is not.

use super::fixture::*;
use super::group::{add, new_epoch};
use crate::*;

/// The log as a text for each entry, the earliest first.
async fn log(world: &World) -> Vec<String> {
    let mut entries = world.store.audit(world.founder.id, None).await.unwrap();
    entries.reverse();
    let text = |entry: &AuditEntry| {
        let subject = [entry.account.as_ref().map(|(_, username)| username.clone()), entry.group.clone()];
        let subject: Vec<String> = subject.into_iter().flatten().collect();
        format!("{}: {} {}", entry.by.1, entry.event.text(), subject.join(" in ")).trim_end().to_owned()
    };
    entries.iter().map(text).collect()
}

#[tokio::test]
async fn what_is_done_to_people_and_groups_is_in_the_log() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let founder = world.founder.id;
    assert!(world.store.set_person_enabled(ana.id, bruno.id, false).await.is_err());
    world.store.set_person_enabled(founder, bruno.id, false).await.unwrap();
    world.store.set_person_enabled(founder, bruno.id, true).await.unwrap();
    world.store.set_email(founder, bruno.id, "other@example.com").await.unwrap();
    world.store.end_sessions_of(founder, bruno.id).await.unwrap();
    let group = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&ana]).await;
    add(&world, &ana, group, &[&bruno]).await.unwrap();
    // Again: he is in it already.
    add(&world, &ana, group, &[&bruno]).await.unwrap();
    let new = new_epoch(&world, &ana, group, &[&ana]).await;
    world.store.remove_members(ana.id, group, &[bruno.id], &new).await.unwrap();
    world.store.set_group_enabled(founder, group, false).await.unwrap();
    assert_eq!(
        log(&world).await,
        [
            "founder: account disabled bruno",
            "founder: account enabled bruno",
            "founder: email changed bruno",
            "founder: signed out everywhere bruno",
            "ana: group added Crew",
            "ana: member added ana in Crew",
            "ana: member added bruno in Crew",
            "ana: member removed bruno in Crew",
            "founder: group disabled Crew",
        ]
    );
}

#[tokio::test]
async fn the_log_is_read_a_page_at_a_time_and_by_administrators_alone() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    for _ in 0..105 {
        world.store.end_sessions_of(world.founder.id, ana.id).await.unwrap();
    }
    assert!(matches!(world.store.audit(ana.id, None).await, Err(StoreError::Forbidden)));
    let first = world.store.audit(world.founder.id, None).await.unwrap();
    assert_eq!(first.len(), 100);
    assert!(first.is_sorted_by(|later, earlier| later.id > earlier.id && later.at >= earlier.at));
    let rest = world.store.audit(world.founder.id, Some(&first[99].id)).await.unwrap();
    assert_eq!(rest.len(), 5);
    assert!(rest[0].id < first[99].id);
    assert!(matches!(world.store.audit(world.founder.id, Some("x")).await, Err(StoreError::Malformed(_))));
}
