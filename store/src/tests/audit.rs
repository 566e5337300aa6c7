//! What was done is in the log, once, with who did it to whom; what was refused is not.

use std::collections::BTreeSet;

use vault::{Permission, RecipientId};

use super::fixture::*;
use super::group::{add, new_epoch};
use crate::database::query;
use crate::*;

/// What a filter lets through, the latest first.
async fn audit(world: &World, filter: &AuditFilter) -> Vec<AuditEntry> {
    let page = world.store.audit(world.founder.id, filter, None, 100).await.unwrap();
    assert_eq!(page.next, None);
    page.entries
}

/// The log as a text for each entry, the earliest first.
async fn log(world: &World) -> Vec<String> {
    let mut entries = audit(world, &AuditFilter::default()).await;
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
    let all = AuditFilter::default();
    assert!(matches!(world.store.audit(ana.id, &all, None, 100).await, Err(StoreError::Forbidden)));
    assert!(matches!(world.store.find_by_name(ana.id, "ana").await, Err(StoreError::Forbidden)));
    let of_ana = AuditFilter { account: Some(ana.id), ..AuditFilter::default() };
    for filter in [all, of_ana] {
        let page = async |before| world.store.audit(world.founder.id, &filter, before, 100).await.unwrap();
        let first = page(None).await;
        assert_eq!(first.entries.len(), 100);
        assert!(first.entries.is_sorted_by(|later, earlier| later.id > earlier.id && later.at >= earlier.at));
        let rest = page(first.next).await;
        assert_eq!((rest.entries.len(), rest.next), (5, None));
        assert!(rest.entries[0].id < first.entries[99].id);
    }
}

#[tokio::test]
async fn a_batch_is_one_entry_that_each_of_its_records_and_recipients_leads_to() {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let (one, two) = (world.secret(&ana, "one").await, world.secret(&ana, "two").await);
    let share = BatchId::from(world.share(&ana, &[one, two], &[(to(&bruno), Permission::View)]).await.uuid());
    world.read(&bruno, one).await.unwrap();
    world.store.set_enabled(ana.id, BatchId::random(), &[two], false).await.unwrap();
    let found = async |filter| {
        let entries = audit(&world, &filter).await;
        entries.into_iter().map(|entry| entry.event.text()).collect::<Vec<_>>()
    };
    let everything = AuditFilter::default;
    let (of_one, of_two) =
        (AuditFilter { secret: Some(one), ..everything() }, AuditFilter { secret: Some(two), ..everything() });
    assert_eq!(found(of_one.clone()).await, ["client secret opened", "shared", "API secret added"]);
    assert_eq!(found(of_two).await, ["disabled", "shared", "API secret added"]);
    let of_bruno = AuditFilter { account: Some(bruno.id), ..everything() };
    assert_eq!(found(of_bruno.clone()).await, ["client secret opened", "shared"]);
    // Several at once, and by date.
    assert_eq!(found(AuditFilter { secret: Some(two), ..of_bruno }).await, ["shared"]);
    assert_eq!(
        found(AuditFilter { event: Some(Event::Shared), account: Some(carla.id), ..everything() }).await,
        [""; 0]
    );
    let entries = audit(&world, &everything()).await;
    let shared = entries.iter().find(|entry| entry.event == Event::Shared).unwrap();
    assert_eq!((shared.batch, shared.by.1.as_str()), (Some(share), "ana"));
    let since = AuditFilter { from: Some(shared.at + 1), ..everything() };
    assert!(found(since).await.contains(&"client secret opened"));
    assert!(found(AuditFilter { until: Some(entries.last().unwrap().at), ..everything() }).await.is_empty());
    // The owner reads the log of her secret, and nobody else who has access.
    let log = world.store.secret_log(ana.id, one, None, 100).await.unwrap();
    assert_eq!(log.entries.len(), 3);
    assert_eq!(log.entries[0].by.1, "bruno");
    assert!(matches!(world.store.secret_log(bruno.id, one, None, 100).await, Err(StoreError::Forbidden)));
    assert!(matches!(world.store.secret_log(carla.id, one, None, 100).await, Err(StoreError::NotFound)));
    let days = world.store.audit_days(world.founder.id, Event::Shared, shared.at - 1).await.unwrap();
    assert_eq!(days.iter().map(|day| day.count).sum::<u32>(), 1);
    assert_eq!(world.store.find_by_name(world.founder.id, " Bruno@Example.com").await.unwrap(), Some(to(&bruno)));
}

#[tokio::test]
async fn the_chain_tells_what_was_changed_added_or_taken_away() {
    let key = vault::ServerKeys::random().audit_key();
    let changes = [
        (
            "UPDATE (SELECT VALUE id FROM audit LIMIT 1) SET by = type::record('account', rand::uuid())",
            "it was changed",
        ),
        ("DELETE (SELECT VALUE entry FROM audit_link:[2]..=[2])", "it is missing"),
        ("DELETE audit_link:[2]", "it is missing"),
        ("DELETE audit_link:[4]; DELETE (SELECT VALUE id FROM audit ORDER BY id DESC LIMIT 1)", "it is missing"),
        ("UPDATE batch_part SET secrets = <bytes>\"\"", "what its batch did was changed"),
        ("DELETE batch_part", "what its batch did was changed"),
        ("UPDATE batch_part SET tagged = ['prod']", "what its batch did was changed"),
        ("DELETE audit_of", "it is not found by all that it is about"),
        (
            "LET $entry = (SELECT VALUE id FROM audit ORDER BY id DESC LIMIT 1)[0];
             CREATE audit_of SET id = ['shared', record::id($entry)]",
            "an entry is found by what it is not about",
        ),
        ("INSERT INTO audit (SELECT *, rand::uuid::v7() AS id FROM audit LIMIT 1)", "there are entries without a link"),
    ];
    for (change, what) in changes {
        let world = World::new().await;
        let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
        let one = world.secret(&ana, "one").await;
        world.share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
        world.store.set_enabled(ana.id, BatchId::random(), &[one], false).await.unwrap();
        let waiting = world.store.verify_audit(&key, None).await.unwrap().unwrap();
        assert_eq!((waiting.entries, waiting.waiting), (0, 3));
        assert_eq!(world.store.seal_audit(&key).await.unwrap(), 3);
        assert_eq!(world.store.seal_audit(&key).await.unwrap(), 0);
        world.store.end_sessions_of(world.founder.id, bruno.id).await.unwrap();
        assert_eq!(world.store.seal_audit(&key).await.unwrap(), 1);
        let chain = world.store.verify_audit(&key, None).await.unwrap().unwrap();
        assert_eq!((chain.entries, chain.waiting), (4, 0));
        assert!(world.store.verify_audit(&key, Some(&chain.link)).await.unwrap().is_ok());
        assert!(world.store.verify_audit(&key, Some("0000")).await.unwrap().is_err());
        // With another key nothing of it holds.
        let other = vault::ServerKeys::random().audit_key();
        assert_eq!(world.store.verify_audit(&other, None).await.unwrap().unwrap_err().number, 1);
        // What the schema protects from this program, somebody with the files changes all the same.
        let open = "DEFINE FIELD OVERWRITE tagged ON batch_part TYPE array<string>;
                    DEFINE FIELD OVERWRITE by ON audit TYPE record<account>;
                    DEFINE FIELD OVERWRITE secrets ON batch_part TYPE bytes";
        query!(world.store.db, open).unwrap();
        query!(world.store.db, change).unwrap();
        let bad = world.store.verify_audit(&key, None).await.unwrap().expect_err(change);
        assert_eq!(bad.what, what, "{change}: {bad:?}");
    }
}

#[tokio::test]
async fn an_entry_slipped_in_for_the_past_is_told_also_when_the_server_has_bound_it() {
    let key = vault::ServerKeys::random().audit_key();
    let world = World::new().await;
    let ana = world.person("ana").await;
    world.store.end_sessions_of(world.founder.id, ana.id).await.unwrap();
    world.store.seal_audit(&key).await.unwrap();
    let forged = "LET $id = u'018f0000-0000-7000-8000-000000000001';
                  INSERT INTO audit (SELECT *, $id AS id, d'2024-04-20T00:00:00Z' AS at FROM audit LIMIT 1);
                  INSERT INTO audit_pending { id: $id }";
    query!(world.store.db, forged).unwrap();
    assert_eq!(world.store.seal_audit(&key).await.unwrap(), 1);
    let bad = world.store.verify_audit(&key, None).await.unwrap().unwrap_err();
    assert_eq!((bad.number, bad.what), (2, "it was added later than it says"));
}

/// Moves the one entry that waits for its link, as a clock that is ahead would have made it.
async fn from_ahead(world: &World, by: &str) {
    let text = format!(
        "LET $old = (SELECT VALUE id FROM ONLY audit_pending LIMIT 1);
         LET $at = time::floor(time::now() + {by}, 1ms);
         LET $id = rand::uuid::v7($at);
         LET $entry = type::record('audit', record::id($old));
         INSERT INTO audit (SELECT *, $id AS id, $at AS at FROM $entry);
         FOR $row IN (SELECT VALUE id FROM audit_of) {{
             INSERT INTO audit_of {{ id: [record::id($row)[0], $id] }};
             DELETE $row;
         }};
         INSERT INTO audit_pending {{ id: $id }};
         DELETE $entry, $old"
    );
    query!(world.store.db, text).unwrap();
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_no_entry_a_false_one_and_hides_no_change() {
    let key = vault::ServerKeys::random().audit_key();
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    world.store.end_sessions_of(world.founder.id, ana.id).await.unwrap();
    from_ahead(&world, "1h").await;
    world.store.seal_audit(&key).await.unwrap();
    // It was read while the clock was ahead, and is set right then.
    let as_of = world.store.as_of().await.unwrap();
    world.store.end_sessions_of(world.founder.id, bruno.id).await.unwrap();
    assert!(world.store.happened_since(as_of.event.unwrap()).await.unwrap());
    assert_eq!(world.store.secrets_since(ana.id, &as_of).await.unwrap(), None, "the list is read again");
    world.store.seal_audit(&key).await.unwrap();
    assert_eq!(world.store.verify_audit(&key, None).await.unwrap().map(|chain| chain.entries), Ok(2));
}

#[tokio::test]
async fn the_time_of_a_link_is_bound_as_well() {
    let key = vault::ServerKeys::random().audit_key();
    let world = World::new().await;
    let ana = world.person("ana").await;
    world.store.end_sessions_of(world.founder.id, ana.id).await.unwrap();
    world.store.seal_audit(&key).await.unwrap();
    let moved = "FOR $row IN (SELECT * FROM audit_link) {
                     DELETE $row.id;
                     INSERT INTO audit_link { id: $row.id, entry: $row.entry, link: $row.link, at: $row.at - 1h };
                 }";
    query!(world.store.db, moved).unwrap();
    let bad = world.store.verify_audit(&key, None).await.unwrap().unwrap_err();
    assert_eq!((bad.number, bad.what), (1, "it was changed"));
}

#[tokio::test]
async fn an_entry_about_a_batch_tells_its_records_some_at_a_time() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let crew = world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&bruno]).await;
    let mut secrets = Vec::new();
    for name in ["one", "two", "three"] {
        secrets.push(world.secret(&ana, name).await);
    }
    secrets.sort_unstable();
    let grants = [(to(&bruno), Permission::Edit), (RecipientId::Group(crew), Permission::View)];
    let share = BatchId::from(world.share(&ana, &secrets, &grants).await.uuid());
    let entry = async |event| {
        let filter = AuditFilter { event: Some(event), ..AuditFilter::default() };
        audit(&world, &filter).await.remove(0)
    };
    let records = async |entry: &AuditEntry, skip, limit| {
        let (id, batch) = (entry.id, entry.batch.unwrap());
        world.store.audit_records(world.founder.id, id, batch, skip, limit).await.unwrap()
    };
    let told = |found: &AuditRecords| found.records.iter().map(|record| record.secret).collect::<Vec<_>>();
    let shared = entry(Event::Shared).await;
    assert_eq!(shared.batch, Some(share));
    let first = records(&shared, 0, 2).await;
    assert_eq!((told(&first), first.next), (secrets[..2].to_vec(), Some(2)));
    assert_eq!(first.records.iter().map(|record| record.part).collect::<Vec<_>>(), [Some(0), Some(0)]);
    assert!(first.records.iter().all(|record| record.name.is_some()));
    let change = Change { recipient: to(&bruno), before: None, after: Some(Permission::Edit) };
    assert!(first.parts[0].changes.contains(&change));
    let called: BTreeSet<&str> = first.recipients.values().map(String::as_str).collect();
    assert_eq!(called, BTreeSet::from(["Crew", "bruno"]));
    let rest = records(&shared, 2, 2).await;
    assert_eq!((told(&rest), rest.next), (secrets[2..].to_vec(), None));
    // What is added to the batch is an entry of its own, with what it is about.
    let dora = world.person("dora").await;
    let more = world.new_share(&ana, &secrets[..1], &[(to(&dora), Permission::View)]).await;
    world.store.add_share(ana.id, &more, Some(share)).await.unwrap();
    let extended = records(&entry(Event::ShareExtended).await, 0, 10).await;
    assert_eq!((told(&extended), extended.parts[0].changes.len()), (secrets[..1].to_vec(), 1));
    // The end of access is about all that still goes on, and no part says what became of it.
    world.store.set_expiry(ana.id, share, Some(clock::millis(&clock::now()) + 600_000)).await.unwrap();
    let ends = records(&entry(Event::ExpirySet).await, 0, 10).await;
    assert_eq!((told(&ends), ends.parts, ends.next), (secrets.clone(), vec![], None));
    assert!(ends.records.iter().all(|record| record.part.is_none()));
    let refused = world.store.audit_records(ana.id, shared.id, share, 0, 10).await;
    assert!(matches!(refused, Err(StoreError::Forbidden)));
}
