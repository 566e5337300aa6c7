//! Receipts, and what undo makes of batches.

use vault::{Permission, RecipientId, SecretId};

use super::fixture::*;
use super::limit::limited;
use super::settle::settle;
use crate::database::query;
use crate::*;

impl World {
    /// What a client makes of an undo.
    pub async fn undo(&self, caller: &Person, batch: BatchId) -> Result<BatchId, StoreError> {
        let plan = self.store.undo_plan(caller.id, batch).await?;
        let mut shares = Vec::new();
        for part in &plan.restored {
            let share = self.new_share(caller, &part.secrets, &part.grants).await;
            shares.push(NewShare { ends_at: part.ends_at, ..share });
        }
        let undo = Undo { id: BatchId::random(), batch, shares };
        self.store.undo(caller.id, &undo).await?;
        // Once more is the same.
        self.store.undo(caller.id, &undo).await.map(|()| undo.id)
    }

    async fn unshare(&self, owner: &Person, secrets: &[SecretId], from: &[RecipientId]) -> BatchId {
        let limits: Vec<_> = from.iter().map(|recipient| (*recipient, None)).collect();
        let change = limited(secrets, &limits);
        self.store.change_access(owner.id, &change).await.unwrap();
        change.id
    }

    async fn permission(&self, person: &Person, secret: SecretId) -> Option<Permission> {
        let row = self.store.secret(person.id, secret).await.ok()?;
        assert!(self.read(person, secret).await.is_ok());
        row.permission
    }

    /// What somebody's sharing activity says, the latest first.
    async fn activity(&self, person: &Person) -> Vec<(BatchKind, u64, u64, bool)> {
        let lines = self.store.activity(person.id, None).await.unwrap();
        lines.into_iter().map(|line| (line.kind, line.secrets, line.recipients, line.undone)).collect()
    }
}

struct Shared {
    world: World,
    ana: Person,
    bruno: Person,
    carla: Person,
    secrets: [SecretId; 2],
    share: BatchId,
}

/// Two of Ana's secrets, which Bruno may edit and Carla view.
async fn shared() -> Shared {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let secrets = [world.secret(&ana, "one").await, world.secret(&ana, "two").await];
    let grants = [(to(&bruno), Permission::Edit), (to(&carla), Permission::View)];
    let share = BatchId::from(world.share(&ana, &secrets, &grants).await.uuid());
    Shared { world, ana, bruno, carla, secrets, share }
}

const VIEW: Option<Permission> = Some(Permission::View);
const EDIT: Option<Permission> = Some(Permission::Edit);

#[tokio::test]
async fn a_receipt_says_what_was_done_to_those_it_is_for() {
    let Shared { world, ana, bruno, carla, secrets: [one, two], share } = shared().await;
    let receipt = world.store.receipt(ana.id, share).await.unwrap();
    assert_eq!(
        (receipt.kind, receipt.is_owner, receipt.is_live, receipt.ends_at),
        (BatchKind::Share, true, true, None)
    );
    assert_eq!(receipt.by.1, "ana");
    assert_eq!(receipt.parts.len(), 1);
    assert_eq!(receipt.parts[0].changes.len(), 2);
    assert_eq!(receipt.names.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(receipt.recipients.len(), 2);
    // The founder is an administrator.
    assert!(world.store.receipt(world.founder.id, share).await.is_ok_and(|receipt| !receipt.is_owner));
    for other in [&bruno, &carla] {
        assert!(matches!(world.store.receipt(other.id, share).await, Err(StoreError::NotFound)));
        assert!(matches!(world.store.undo_plan(other.id, share).await, Err(StoreError::NotFound)));
    }
    // What an administrator does to secrets of two people is for each of them as far as it is theirs.
    let his = world.secret(&bruno, "his").await;
    world.share(&bruno, &[his], &[(to(&carla), Permission::View)]).await;
    let all = world.unshare(&world.founder, &[one, two, his], &[to(&carla)]).await;
    let of = async |person: &Person| {
        let receipt = world.store.receipt(person.id, all).await.unwrap();
        receipt.names.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    assert_eq!(of(&ana).await, ["one", "two"]);
    assert_eq!(of(&bruno).await, ["his"]);
    assert_eq!(of(&world.founder).await, ["his", "one", "two"]);
    assert_eq!(world.activity(&ana).await, [(BatchKind::Unshare, 2, 1, false), (BatchKind::Share, 2, 2, false)]);
    assert_eq!(world.activity(&world.founder).await, [(BatchKind::Unshare, 3, 1, false)]);
    assert!(world.activity(&carla).await.is_empty());
    // Each of them undoes what is theirs.
    world.undo(&bruno, all).await.unwrap();
    assert_eq!([world.permission(&carla, his).await, world.permission(&carla, one).await], [VIEW, None]);
    world.undo(&ana, all).await.unwrap();
    assert_eq!(world.permission(&carla, one).await, VIEW);
    // The administrator has no keys to give anything back with.
    assert!(world.undo(&world.founder, all).await.is_err());
}

#[tokio::test]
async fn a_page_of_the_activity_goes_on_where_the_one_before_ended() {
    let Shared { world, ana, bruno, secrets, .. } = shared().await;
    for _ in 0..51 {
        world.share(&ana, &secrets[..1], &[(to(&bruno), Permission::View)]).await;
    }
    let first = world.store.activity(ana.id, None).await.unwrap();
    let rest = world.store.activity(ana.id, Some(first.last().unwrap().event)).await.unwrap();
    assert_eq!((first.len(), rest.len()), (50, 2));
    assert_eq!(rest.last().unwrap().secrets, 2);
    assert!(first.iter().chain(&rest).is_sorted_by(|a, b| a.at >= b.at && a.event > b.event));
}

#[tokio::test]
async fn a_share_undone_leaves_what_other_shares_give_and_can_be_done_again() {
    for settles in [false, true] {
        let Shared { world, ana, bruno, carla, secrets: [one, two], share } = shared().await;
        world.share(&ana, &[one], &[(to(&bruno), Permission::View)]).await;
        // What is split off by settling is of the batch as well.
        world.unshare(&ana, &[two], &[to(&carla)]).await;
        if settles {
            settle(&world, &ana).await;
        }
        let undone = world.undo(&ana, share).await.unwrap();
        assert_eq!([world.permission(&bruno, one).await, world.permission(&bruno, two).await], [VIEW, None]);
        assert_eq!([world.permission(&carla, one).await, world.permission(&carla, two).await], [None, None]);
        assert!(matches!(world.undo(&ana, share).await, Err(StoreError::Stale)));
        // What they could open is due for new keys.
        assert_eq!(world.store.due(ana.id).await.unwrap().secrets, 2);
        settle(&world, &ana).await;
        assert_eq!(world.store.due(ana.id).await.unwrap(), Due::default());
        assert_eq!(world.permission(&bruno, one).await, VIEW);
        world.undo(&ana, undone).await.unwrap();
        assert_eq!([world.permission(&bruno, one).await, world.permission(&bruno, two).await], [EDIT, EDIT]);
        assert_eq!([world.permission(&carla, one).await, world.permission(&carla, two).await], [VIEW, None]);
    }
}

#[tokio::test]
async fn what_ended_comes_back_as_it_was_unless_something_later_says_otherwise() {
    for settles in [false, true] {
        let Shared { world, ana, bruno, carla, secrets: [one, two], .. } = shared().await;
        let unshared = world.unshare(&ana, &[one, two], &[to(&bruno), to(&carla)]).await;
        if settles {
            settle(&world, &ana).await;
        }
        // Later: Carla gets one of the two and loses it again, Bruno gets the other one to view.
        world.share(&ana, &[one], &[(to(&carla), Permission::View)]).await;
        world.unshare(&ana, &[one], &[to(&carla)]).await;
        world.share(&ana, &[two], &[(to(&bruno), Permission::View)]).await;
        let plan = world.store.undo_plan(ana.id, unshared).await.unwrap();
        assert_eq!((plan.kind, plan.ends, plan.left_out), (BatchKind::Share, 0, 0));
        world.undo(&ana, unshared).await.unwrap();
        assert_eq!([world.permission(&bruno, one).await, world.permission(&bruno, two).await], [EDIT, EDIT]);
        assert_eq!([world.permission(&carla, one).await, world.permission(&carla, two).await], [None, VIEW]);
    }
}

#[tokio::test]
async fn what_is_not_the_owners_any_more_is_left_out() {
    let Shared { world, ana, bruno, carla, secrets: [one, two], share } = shared().await;
    let unshared = world.unshare(&ana, &[one, two], &[to(&carla)]).await;
    world.store.set_enabled(ana.id, BatchId::random(), &[one], false).await.unwrap();
    assert_eq!(world.store.undo_plan(ana.id, unshared).await.unwrap().left_out, 1);
    let given = world.new_share(&ana, &[two], &[(to(&carla), Permission::Own)]).await;
    world.store.transfer(ana.id, &given).await.unwrap();
    let plan = world.store.undo_plan(ana.id, unshared).await.unwrap();
    assert_eq!((plan.restored, plan.left_out), (vec![], 2));
    assert!(matches!(world.undo(&ana, unshared).await, Err(StoreError::Stale)));
    // The access that Bruno has to what is Carla's now is not Ana's to end.
    world.undo(&ana, share).await.unwrap();
    assert_eq!(world.permission(&bruno, two).await, EDIT);
    assert!(world.store.secret(bruno.id, one).await.is_err());
    let transfer = BatchId::from(given.manifest.share.uuid());
    assert!(matches!(world.store.undo_plan(ana.id, transfer).await, Err(StoreError::Malformed(_))));
    assert_eq!(world.activity(&carla).await, [(BatchKind::Transfer, 1, 1, false)]);
}

#[tokio::test]
async fn lowered_and_raised_permissions_are_undone_and_administrators_end_what_a_batch_gave() {
    let Shared { world, ana, bruno, carla, secrets: [one, two], share } = shared().await;
    let raise = world.new_share(&ana, &[one], &[(to(&carla), Permission::Edit)]).await;
    let change = AccessChange { shares: vec![raise], ..limited(&[one, two], &[(to(&bruno), VIEW)]) };
    world.store.change_access(ana.id, &change).await.unwrap();
    assert_eq!([world.permission(&bruno, one).await, world.permission(&carla, one).await], [VIEW, EDIT]);
    let receipt = world.store.receipt(ana.id, change.id).await.unwrap();
    let changes: Vec<Change> = receipt.parts.into_iter().flat_map(|part| part.changes).collect();
    assert!(changes.contains(&Change { recipient: to(&bruno), before: EDIT, after: VIEW }));
    assert!(changes.contains(&Change { recipient: to(&carla), before: VIEW, after: EDIT }));
    world.undo(&ana, change.id).await.unwrap();
    assert_eq!([world.permission(&bruno, one).await, world.permission(&carla, one).await], [EDIT, VIEW]);
    // Nobody but an administrator, who sees who has access and gives nobody any.
    assert!(matches!(world.undo(&bruno, share).await, Err(StoreError::NotFound)));
    world.undo(&world.founder, share).await.unwrap();
    assert_eq!(world.permission(&carla, one).await, None);
}

#[tokio::test]
async fn enabling_disabling_deleting_and_restoring_are_undone_where_nothing_of_the_kind_came_later() {
    let Shared { world, ana, bruno, secrets: [one, two], .. } = shared().await;
    let enabled = async |secret| world.store.secret(ana.id, secret).await.unwrap().enabled;
    let disable = BatchId::random();
    world.store.set_enabled(bruno.id, disable, &[one, two], false).await.unwrap();
    world.store.set_enabled(ana.id, BatchId::random(), &[two], true).await.unwrap();
    world.store.set_enabled(ana.id, BatchId::random(), &[two], false).await.unwrap();
    assert_eq!(world.activity(&bruno).await, [(BatchKind::Disable, 2, 0, false)]);
    // By the editor who did it, as they might by hand.
    let undone = world.undo(&bruno, disable).await.unwrap();
    assert_eq!((enabled(one).await, enabled(two).await), (true, false));
    assert_eq!(world.store.receipt(ana.id, disable).await.unwrap().undone_by, Some(undone));
    assert_eq!(world.store.receipt(ana.id, undone).await.unwrap().undoes, Some(disable));
    // Enabling what is enabled changes nothing, and nobody's activity has it.
    world.store.set_enabled(ana.id, BatchId::random(), &[one], true).await.unwrap();
    assert_eq!(world.activity(&ana).await.len(), 5);
    let delete = BatchId::random();
    world.store.delete_secrets(ana.id, delete, &[one, two]).await.unwrap();
    let restored = world.undo(&ana, delete).await.unwrap();
    assert_eq!(world.permission(&bruno, one).await, EDIT);
    world.undo(&ana, restored).await.unwrap();
    assert_eq!(world.store.bin(ana.id).await.unwrap().len(), 2);
    assert!(matches!(world.store.undo_plan(bruno.id, delete).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn a_share_gets_more_recipients_and_ends_by_itself_with_all_of_them() {
    let Shared { world, ana, bruno, carla, secrets: [one, two], share } = shared().await;
    let dora = world.person("dora").await;
    let now = clock::millis(&clock::now());
    for (person, batch) in [(&bruno, share), (&ana, BatchId::random())] {
        assert!(matches!(
            world.store.set_expiry(person.id, batch, Some(now + 60_000)).await,
            Err(StoreError::NotFound)
        ));
    }
    assert!(matches!(world.store.set_expiry(ana.id, share, Some(now - 1)).await, Err(StoreError::Malformed(_))));
    world.store.set_expiry(ana.id, share, Some(now + 600_000)).await.unwrap();
    assert_eq!(world.store.receipt(ana.id, share).await.unwrap().ends_at, Some(now + 600_000));
    let more = world.new_share(&ana, &[one], &[(to(&dora), Permission::View)]).await;
    assert!(matches!(world.store.add_share(ana.id, &more, Some(share)).await, Err(StoreError::Stale)), "another end");
    let more = NewShare { ends_at: Some(now + 600_000), ..more };
    let three = world.secret(&ana, "three").await;
    let other = world.new_share(&ana, &[three], &[(to(&dora), Permission::View)]).await;
    let other = NewShare { ends_at: more.ends_at, ..other };
    assert!(
        matches!(world.store.add_share(ana.id, &other, Some(share)).await, Err(StoreError::Stale)),
        "another secret"
    );
    for _ in 0..2 {
        world.store.add_share(ana.id, &more, Some(share)).await.unwrap();
    }
    assert_eq!(world.activity(&ana).await, [(BatchKind::Share, 2, 3, false)]);
    assert_eq!(world.permission(&dora, one).await, VIEW);
    // Settling keeps the end.
    world.unshare(&ana, &[two], &[to(&carla)]).await;
    settle(&world, &ana).await;
    assert_eq!(world.store.end_expired().await.unwrap(), 0);
    // The time comes.
    query!(world.store.db, "UPDATE share SET ends_at = ends_at - 10m WHERE ends_at IS NOT NONE").unwrap();
    for person in [&bruno, &carla, &dora] {
        assert!(world.store.secrets(person.id).await.unwrap().is_empty());
        assert!(world.store.open_secret(person.id, one).await.is_err());
    }
    let text = "FOR $id IN (SELECT VALUE id FROM share WHERE ends_at IS NOT NONE) {
                    CREATE expiry SET id = [time::now() - 1s, record::id($id)]
                }";
    query!(world.store.db, text).unwrap();
    assert_eq!(world.store.end_expired().await.unwrap(), 3);
    assert_eq!(world.store.end_expired().await.unwrap(), 0);
    assert_eq!(world.store.due(ana.id).await.unwrap().secrets, 2);
    settle(&world, &ana).await;
    assert_eq!(world.store.due(ana.id).await.unwrap(), Due::default());
}

#[tokio::test]
async fn what_ends_by_itself_does_so_with_another_owner() {
    let Shared { world, ana, bruno, carla, secrets: [one, _], share } = shared().await;
    let now = clock::millis(&clock::now());
    world.store.set_expiry(ana.id, share, Some(now + 600_000)).await.unwrap();
    let transfer = world.transfer(&ana, &[one], &carla).await.unwrap();
    world.take_over(&carla, transfer).await;
    assert_eq!(world.permission(&bruno, one).await, EDIT);
    query!(world.store.db, "UPDATE share SET ends_at = ends_at - 10m WHERE ends_at IS NOT NONE").unwrap();
    assert_eq!(world.permission(&bruno, one).await, None);
    assert_eq!(world.store.secret(carla.id, one).await.unwrap().permission, None);
}

#[tokio::test]
async fn tags_are_changed_together_and_given_back_as_they_were() {
    let Shared { world, ana, bruno, carla, secrets: [one, two], .. } = shared().await;
    let tags = async |secret| world.store.secret(ana.id, secret).await.unwrap().secret.tags;
    let tagging = |secrets: &[SecretId], add: &[&str], remove: &[&str]| {
        let [add, remove] = [add, remove].map(|tags| tags.iter().map(|tag| (*tag).to_owned()).collect());
        Tagging { secrets: secrets.to_vec(), add, remove }
    };
    // Both have the tag "test".
    let first = BatchId::random();
    world.store.tag_secrets(ana.id, BatchId::random(), &tagging(&[one], &["prod"], &[])).await.unwrap();
    for _ in 0..2 {
        world.store.tag_secrets(bruno.id, first, &tagging(&[one, two], &["prod", "eu"], &["test"])).await.unwrap();
    }
    assert_eq!(
        (tags(one).await, tags(two).await),
        (vec!["prod".into(), "eu".into()], vec!["prod".into(), "eu".into()])
    );
    let refused = problems(world.store.tag_secrets(carla.id, BatchId::random(), &tagging(&[one], &["x"], &[])).await);
    assert_eq!(refused[0].reason, Reason::Forbidden);
    let many: Vec<String> = (0..19).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let refused = problems(world.store.tag_secrets(ana.id, BatchId::random(), &tagging(&[one], &many, &[])).await);
    assert_eq!(refused[0].reason, Reason::TooManyTags);
    // By her whose secrets they are, as by him who did it: each secret is what it was.
    world.undo(&ana, first).await.unwrap();
    assert_eq!((tags(one).await, tags(two).await), (vec!["prod".into(), "test".into()], vec!["test".into()]));
    world.store.set_enabled(ana.id, BatchId::random(), &[one], false).await.unwrap();
    let refused = problems(world.store.tag_secrets(bruno.id, BatchId::random(), &tagging(&[one], &["x"], &[])).await);
    assert_eq!(refused[0].reason, Reason::Disabled);
}

#[tokio::test]
async fn an_import_is_one_batch_all_or_nothing_and_undone_into_the_bin() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let new: Vec<NewSecret> = (0..3).map(|number| new_secret(&ana, &number.to_string())).collect();
    let import = BatchId::random();
    for _ in 0..2 {
        world.store.add_secrets(ana.id, import, &new).await.unwrap();
    }
    assert_eq!(world.activity(&ana).await, [(BatchKind::Import, 3, 0, false)]);
    assert!(matches!(world.store.add_secrets(ana.id, import, &new[..1]).await, Err(StoreError::Reused)));
    let with_known = [new_secret(&ana, "other"), new[1].clone()];
    assert!(matches!(world.store.add_secrets(ana.id, BatchId::random(), &with_known).await, Err(StoreError::Reused)));
    let mut twice = [new_secret(&ana, "a"), new_secret(&ana, "b")];
    for new in &mut twice {
        new.secret.identifier = Some("same".into());
    }
    let taken = world.store.add_secrets(ana.id, BatchId::random(), &twice).await;
    assert!(matches!(taken, Err(StoreError::Taken("identifier"))));
    assert_eq!(world.store.secrets(ana.id).await.unwrap().len(), 3);
    let undone = world.undo(&ana, import).await.unwrap();
    assert!(world.store.secrets(ana.id).await.unwrap().is_empty());
    world.undo(&ana, undone).await.unwrap();
    assert_eq!(world.read(&ana, new[2].id).await.unwrap().client_secret, "2");
}

#[tokio::test]
async fn the_end_of_access_is_not_for_the_owner_before_to_set() {
    let Shared { world, ana, bruno, carla, secrets: [one, _], share } = shared().await;
    world.transfer(&ana, &[one], &carla).await.unwrap();
    let later = clock::millis(&clock::now()) + 600_000;
    assert!(matches!(world.store.set_expiry(ana.id, share, Some(later)).await, Err(StoreError::Stale)));
    assert_eq!(world.permission(&bruno, one).await, EDIT);
}

#[tokio::test]
async fn an_undone_share_does_not_come_back_with_what_was_in_the_bin() {
    let Shared { world, ana, bruno, secrets: [one, two], share, .. } = shared().await;
    world.store.delete_secrets(ana.id, BatchId::random(), &[two]).await.unwrap();
    world.undo(&ana, share).await.unwrap();
    world.store.restore_secrets(ana.id, BatchId::random(), &[two]).await.unwrap();
    assert_eq!([world.permission(&bruno, one).await, world.permission(&bruno, two).await], [None, None]);
}

#[tokio::test]
async fn who_left_stays_out_when_access_comes_back() {
    let world = World::new().await;
    let (ana, bruno, mia) = (world.person("ana").await, world.person("bruno").await, world.person("mia").await);
    let group = RecipientId::Group(world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&mia, &bruno]).await);
    let one = world.secret(&ana, "one").await;
    world.share(&ana, &[one], &[(group, Permission::View), (to(&bruno), Permission::Edit)]).await;
    world.store.leave(mia.id, &[one]).await.unwrap();
    let change = limited(&[one], &[(group, None), (to(&bruno), VIEW)]);
    world.store.change_access(ana.id, &change).await.unwrap();
    world.store.leave(bruno.id, &[one]).await.unwrap();
    settle(&world, &ana).await;
    world.undo(&ana, change.id).await.unwrap();
    assert_eq!([world.permission(&mia, one).await, world.permission(&bruno, one).await], [None, None]);
    // The group has it: who joins reads it.
    let dora = world.person("dora").await;
    let RecipientId::Group(id) = group else { unreachable!() };
    super::group::add(&world, &ana, id, &[&dora]).await.unwrap();
    assert_eq!(world.permission(&dora, one).await, VIEW);
}

#[tokio::test]
async fn what_came_from_a_share_that_was_undone_or_got_an_end_does_not_come_back() {
    for ends in [false, true] {
        let Shared { world, ana, bruno, carla, secrets: [one, _], share } = shared().await;
        let unshared = world.unshare(&ana, &[one], &[to(&bruno)]).await;
        if ends {
            let later = clock::millis(&clock::now()) + 600_000;
            world.store.set_expiry(ana.id, share, Some(later)).await.unwrap();
        } else {
            world.undo(&ana, share).await.unwrap();
            assert_eq!(world.permission(&carla, one).await, None);
        }
        assert!(matches!(world.undo(&ana, unshared).await, Err(StoreError::Stale)));
        assert_eq!(world.permission(&bruno, one).await, None);
    }
}

#[tokio::test]
async fn a_receipt_names_what_its_reader_still_sees_and_a_transfer_has_one_for_the_new_owner() {
    let Shared { world, ana, bruno, carla, secrets: [one, two], .. } = shared().await;
    let disable = BatchId::random();
    world.store.set_enabled(bruno.id, disable, &[one, two], false).await.unwrap();
    world.unshare(&ana, &[one], &[to(&bruno)]).await;
    let names = async |person: &Person, batch| {
        let receipt = world.store.receipt(person.id, batch).await.unwrap();
        receipt.names.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    assert_eq!(names(&bruno, disable).await, ["two"]);
    // He turns back what he may still edit; it says what stays.
    let plan = world.store.undo_plan(bruno.id, disable).await.unwrap();
    assert_eq!((plan.switched, plan.left_out), (vec![two], 1));
    let transfer = world.transfer(&ana, &[two], &carla).await.unwrap();
    assert_eq!(names(&carla, BatchId::from(transfer.uuid())).await, ["two"]);
    assert_eq!(names(&ana, BatchId::from(transfer.uuid())).await, [""; 0]);
}
