use vault::RecipientId;

use super::fixture::*;
use super::people::invitation_for;
use crate::*;

async fn names(world: &World, person: &Person, text: &str) -> Vec<String> {
    world
        .store
        .find_recipients(person.id, text, Sought::All)
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.name)
        .collect()
}

#[tokio::test]
async fn exact_matches_come_first_then_beginnings_then_the_rest() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    for username in ["lea", "leandro", "clea"] {
        world.person(username).await;
    }
    assert_eq!(names(&world, &ana, " LEA ").await, ["LEA Test", "LEANDRO Test", "CLEA Test"]);
    assert_eq!(names(&world, &ana, "leandro@example.com").await, ["LEANDRO Test"]);
    assert!(names(&world, &ana, "nobody").await.is_empty());
    assert!(names(&world, &ana, " ").await.is_empty());
    assert!(names(&world, &ana, "ana").await.is_empty(), "not oneself");
}

#[tokio::test]
async fn user_groups_are_found_by_everyone_and_private_groups_by_their_owner() {
    let world = World::new().await;
    let admin = world.person_as("admin", Role::Administrator).await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    world.group(&admin, GroupKind::UserGroup, "Crew of all", &[]).await;
    let private = world.group(&ana, GroupKind::PrivateGroup, "Crew of Ana", &[&bruno]).await;
    assert_eq!(names(&world, &ana, "crew").await, ["Crew of all", "Crew of Ana"]);
    assert_eq!(names(&world, &bruno, "crew").await, ["Crew of all"]);
    world.set(record::group(private), "members_can_view", true).await;
    assert_eq!(names(&world, &bruno, "crew").await, ["Crew of all", "Crew of Ana"]);
    assert_eq!(world.store.recipient_keys(bruno.id, &[RecipientId::Group(private)]).await.unwrap().len(), 1);
    world.store.set_group_enabled(ana.id, private, false).await.unwrap();
    assert_eq!(names(&world, &ana, "crew").await, ["Crew of all"]);
}

#[tokio::test]
async fn members_are_seen_by_who_manages_the_group() {
    let world = World::new().await;
    let admin = world.person_as("admin", Role::Administrator).await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let user_group = world.group(&admin, GroupKind::UserGroup, "All", &[&ana, &bruno]).await;
    let private = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&bruno]).await;
    let GroupDetails { group, members, .. } = world.store.group(admin.id, user_group).await.unwrap();
    assert_eq!((group.members, members.len(), members[0].added_by.as_str()), (2, 2, "ADMIN Test"));
    assert_eq!(group.owner, None);
    let GroupDetails { group, members, .. } = world.store.group(ana.id, private).await.unwrap();
    assert_eq!((group.owner.as_deref(), members[0].username.as_str()), (Some("ANA Test"), "bruno"));
    assert_eq!(members[0].status, Status::Active);
    for (person, group) in [(&bruno, user_group), (&bruno, private)] {
        assert!(matches!(world.store.group(person.id, group).await, Err(StoreError::NotFound)));
    }
    let seen = |groups: Vec<Group>| groups.into_iter().map(|group| group.name).collect::<Vec<_>>();
    assert_eq!(seen(world.store.groups(ana.id).await.unwrap()), ["All", "Crew"]);
    // A private group that does not let its members see it is not in their lists; a user group is in everyone's.
    assert_eq!(seen(world.store.groups(bruno.id).await.unwrap()), ["All"]);
    world.set(record::group(private), "members_can_view", true).await;
    assert_eq!(seen(world.store.groups(bruno.id).await.unwrap()), ["All", "Crew"]);
    assert_eq!(world.store.group(bruno.id, private).await.unwrap().group.owner.as_deref(), Some("ANA Test"));
    // An administrator sees that there is a private group, and who is in it, but does not get its key.
    assert_eq!(seen(world.store.groups(admin.id).await.unwrap()), ["All", "Crew"]);
    world.store.set_person_enabled(admin.id, bruno.id, false).await.unwrap();
    let found = world.store.group(admin.id, private).await.unwrap();
    assert_eq!((found.manages, found.may_disable, found.seed), (false, true, None));
    assert_eq!((found.group.owner.as_deref(), found.members[0].status), (Some("ANA Test"), Status::Disabled));
}

#[tokio::test]
async fn usernames_and_emails_are_unique_without_regard_to_case() {
    let world = World::new().await;
    world.person("ana").await;
    let (_, mut again) = world.new_account("ANA", Role::Member);
    again.email = "another@example.com".into();
    assert!(matches!(world.store.add_accounts(&[again]).await, Err(StoreError::Taken("username"))));
    let (_, mut mail) = world.new_account("other", Role::Member);
    mail.email = "Ana@Example.com".into();
    assert!(matches!(world.store.add_accounts(&[mail]).await, Err(StoreError::Taken("email"))));
    // One letter in one character, and as a capital with its accents apart.
    let (_, mut first) = world.new_account("first", Role::Member);
    first.email = "\u{390}@example.com".into();
    world.store.add_accounts(&[first]).await.unwrap();
    let (_, mut second) = world.new_account("second", Role::Member);
    second.email = "\u{399}\u{308}\u{301}@example.com".into();
    assert!(matches!(world.store.add_accounts(&[second]).await, Err(StoreError::Taken("email"))));
}

#[tokio::test]
async fn the_search_knows_at_once_who_came_changed_or_was_disabled() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    assert!(names(&world, &ana, "lea").await.is_empty());
    let lea = world.person("lea").await;
    assert_eq!(names(&world, &ana, "lea").await, ["LEA Test"]);
    world.store.change_profile(lea.id, "Leandra New", 5).await.unwrap();
    assert_eq!(names(&world, &ana, "new").await, ["Leandra New"]);
    world.store.set_person_enabled(world.founder.id, lea.id, false).await.unwrap();
    assert!(names(&world, &ana, "lea").await.is_empty());
}

#[tokio::test]
async fn what_another_server_changed_is_known_and_nothing_else_is_read_again() {
    let world = World::new().await;
    let (ana, lea) = (world.person("ana").await, world.person("lea").await);
    let crew = world.group(&lea, GroupKind::PrivateGroup, "Lea's crew", &[&ana]).await;
    world.set(record::group(crew), "members_can_view", true).await;
    assert_eq!(names(&world, &ana, "lea").await, ["LEA Test", "Lea's crew"]);
    // Another server on the same database.
    let other = Store::of(world.store.db.clone());
    other.change_profile(lea.id, "Lea Other", 5).await.unwrap();
    other.set_group_enabled(lea.id, crew, false).await.unwrap();
    other.add_accounts(&[world.new_account("leander", Role::Member).1]).await.unwrap();
    assert_eq!(names(&world, &ana, "lea").await, ["Lea Other", "LEANDER Test"]);
    other.set_group_enabled(lea.id, crew, true).await.unwrap();
    // A row that nobody said was changed stays as it was read.
    world.set(record::account(lea.id), "name", "Nobody said so").await;
    other.set_email(world.founder.id, ana.id, "new@example.com").await.unwrap();
    assert_eq!(names(&world, &ana, "lea").await, ["Lea Other", "Lea's crew", "LEANDER Test"]);
    assert_eq!(names(&world, &lea, "new@").await, ["ANA Test"]);
}

#[tokio::test]
async fn the_groups_of_who_starts_over_are_found_no_more() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let crew = world.group(&bruno, GroupKind::PrivateGroup, "Crew", &[&ana]).await;
    world.set(record::group(crew), "members_can_view", true).await;
    assert_eq!(names(&world, &ana, "crew").await, ["Crew"]);
    let (_, new) = invitation_for(&world.founder, (bruno.id, 2), "bruno", Role::Member, 7);
    world.store.invite(world.founder.id, &new).await.unwrap();
    assert!(names(&world, &ana, "crew").await.is_empty());
    assert!(!world.store.find_recipients(ana.id, "bruno", Sought::All).await.unwrap()[0].active);
}

#[tokio::test]
async fn searches_at_the_same_time_know_the_same() {
    let world = World::new().await;
    let (ana, lea) = (world.person("ana").await, world.person("lea").await);
    for name in ["Lea One", "Lea Two", "Lea Three"] {
        world.store.change_profile(lea.id, name, 5).await.unwrap();
        let search = async || names(&world, &ana, "lea").await;
        let (one, two, three) = tokio::join!(search(), search(), search());
        for found in [one, two, three] {
            assert_eq!(found, [name]);
        }
    }
}

#[tokio::test]
async fn many_names_are_resolved_at_once_and_each_for_certain_or_with_the_reason() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let shift = world.group(&ana, GroupKind::PrivateGroup, "Night Shift", &[]).await;
    world.group(&bruno, GroupKind::PrivateGroup, "Bruno's", &[]).await;
    for _ in 0..2 {
        world.group(&world.founder, GroupKind::UserGroup, "Twice", &[]).await;
    }
    let old = world.group(&ana, GroupKind::PrivateGroup, "Old", &[]).await;
    world.store.set_group_enabled(ana.id, old, false).await.unwrap();
    world.store.set_person_enabled(world.founder.id, carla.id, false).await.unwrap();
    let resolve = async |text: &str, sought: Sought| {
        let found = world.store.resolve_recipients(ana.id, &[text.to_owned()], sought).await.unwrap();
        found.into_iter().next().unwrap()
    };
    let found = async |text: &str| match resolve(text, Sought::All).await {
        Resolved::Found(entry) => entry.recipient,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!([found("BRUNO").await, found(" bruno@Example.com").await], [to(&bruno); 2]);
    assert_eq!(found("night shift").await, RecipientId::Group(shift));
    for (text, expected) in [
        ("bru", Resolved::Nothing),
        ("", Resolved::Nothing),
        // What is hidden answers like what does not exist.
        ("bruno's", Resolved::Nothing),
        ("twice", Resolved::Several),
        ("ana", Resolved::Yourself),
        ("carla@example.com", Resolved::Disabled),
        ("old", Resolved::Disabled),
    ] {
        assert_eq!(resolve(text, Sought::All).await, expected, "{text}");
    }
    // People alone: no group stands in their way.
    for text in ["night shift", "twice", "old"] {
        assert_eq!(resolve(text, Sought::People).await, Resolved::Group, "{text}");
    }
    world.group(&ana, GroupKind::PrivateGroup, "Bruno", &[]).await;
    assert_eq!(resolve("bruno", Sought::All).await, Resolved::Several);
    assert!(matches!(resolve("bruno", Sought::People).await, Resolved::Found(entry) if entry.recipient == to(&bruno)));
    // In the order in which they were asked for.
    let texts = ["nobody", "bruno@example.com", "nobody"].map(String::from);
    let all = world.store.resolve_recipients(ana.id, &texts, Sought::All).await.unwrap();
    assert!(matches!(&all[..], [Resolved::Nothing, Resolved::Found(_), Resolved::Nothing]), "{all:?}");
}

#[tokio::test]
async fn at_most_twenty_are_found_and_groups_do_not_crowd_people_out() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let accounts: Vec<NewAccount> =
        (0..21).map(|number| world.new_account(&format!("zoe{number:02}"), Role::Member).1).collect();
    world.store.add_accounts(&accounts).await.unwrap();
    for number in 0..21 {
        world.group(&world.founder, GroupKind::UserGroup, &format!("zoe {number:02}"), &[]).await;
    }
    let all = world.store.find_recipients(ana.id, "zoe", Sought::All).await.unwrap();
    assert_eq!(all.len(), 20);
    assert!(all.iter().any(|entry| entry.kind == RecipientKind::UserGroup));
    let people = world.store.find_recipients(ana.id, "zoe", Sought::People).await.unwrap();
    assert_eq!(people.len(), 20);
    assert!(people.iter().all(|entry| entry.kind == RecipientKind::Person));
}

#[tokio::test]
async fn people_are_counted_once_and_hidden_groups_come_to_nobody() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let team = world.group(&world.founder, GroupKind::UserGroup, "Team", &[&ana, &bruno, &carla]).await;
    let crew = world.group(&carla, GroupKind::PrivateGroup, "Crew", &[&bruno, &carla]).await;
    let (team, crew) = (RecipientId::Group(team), RecipientId::Group(crew));
    let count = async |recipients: &[RecipientId]| world.store.count_people(ana.id, recipients).await.unwrap();
    assert_eq!(count(&[to(&bruno), team]).await, 2);
    assert_eq!(count(&[crew]).await, 0);
    assert_eq!(world.store.count_people(carla.id, &[crew]).await.unwrap(), 1);
    world.set(record::account(bruno.id), "status", "disabled").await;
    assert_eq!(count(&[team]).await, 1);
}
