//! What undo makes of batches.

use vault::{Permission, RecipientId, SecretId};

use super::fixture::*;
use super::limit::limited;
use super::settle::{open_given, settle};
use crate::*;

impl World {
    /// What a client makes of an undo.
    pub async fn new_undo(&self, caller: &Person, batch: BatchId) -> Result<Undo, StoreError> {
        let plan = self.store.undo_plan(caller.id, batch).await?;
        let mut shares = Vec::new();
        for part in &plan.restored {
            let share = self.new_share(caller, &part.secrets, &part.grants).await;
            shares.push(NewShare { ends_at: part.ends_at, ..share });
        }
        let keys = plan.given.iter().flat_map(|given| open_given(caller, given)).collect();
        Ok(Undo { id: BatchId::random(), batch, shares, keys })
    }

    pub async fn undo(&self, caller: &Person, batch: BatchId) -> Result<BatchId, StoreError> {
        let undo = self.new_undo(caller, batch).await?;
        self.store.undo(caller.id, &undo).await?;
        // Once more is the same.
        self.store.undo(caller.id, &undo).await.map(|()| undo.id)
    }

    pub async fn unshare(&self, owner: &Person, secrets: &[SecretId], from: &[RecipientId]) -> BatchId {
        let limits: Vec<_> = from.iter().map(|recipient| (*recipient, None)).collect();
        let change = limited(secrets, &limits);
        self.store.change_access(owner.id, &change).await.unwrap();
        change.id
    }

    pub async fn permission(&self, person: &Person, secret: SecretId) -> Option<Permission> {
        let row = self.store.secret(person.id, secret).await.ok()?;
        assert!(self.read(person, secret).await.is_ok());
        row.permission
    }

    /// What somebody's sharing activity says, the latest first.
    pub async fn activity(&self, person: &Person) -> Vec<(BatchKind, u64, u64, bool)> {
        let lines = self.store.activity(person.id, None).await.unwrap();
        lines.into_iter().map(|line| (line.kind, line.secrets, line.recipients, line.undone)).collect()
    }
}

pub(super) struct Shared {
    pub world: World,
    pub ana: Person,
    pub bruno: Person,
    pub carla: Person,
    pub secrets: [SecretId; 2],
    pub share: BatchId,
}

/// Two of Ana's secrets, which Bruno may edit and Carla view.
pub(super) async fn shared() -> Shared {
    let world = World::new().await;
    let (ana, bruno, carla) = (world.person("ana").await, world.person("bruno").await, world.person("carla").await);
    let secrets = [world.secret(&ana, "one").await, world.secret(&ana, "two").await];
    let grants = [(to(&bruno), Permission::Edit), (to(&carla), Permission::View)];
    let share = BatchId::from(world.share(&ana, &secrets, &grants).await.uuid());
    Shared { world, ana, bruno, carla, secrets, share }
}

pub(super) const VIEW: Option<Permission> = Some(Permission::View);
pub(super) const EDIT: Option<Permission> = Some(Permission::Edit);

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
        assert_eq!((plan.kind, plan.ends, plan.left_out), (BatchKind::Share, 0, LeftOut::default()));
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
    let plan = world.store.undo_plan(ana.id, unshared).await.unwrap();
    assert_eq!(plan.left_out, LeftOut { disabled: 1, ..LeftOut::default() });
    let given = world.new_share(&ana, &[two], &[(to(&carla), Permission::Own)]).await;
    world.store.transfer(ana.id, &given).await.unwrap();
    let plan = world.store.undo_plan(ana.id, unshared).await.unwrap();
    assert_eq!((plan.restored, plan.left_out), (vec![], LeftOut { later: 1, disabled: 1, ..LeftOut::default() }));
    assert!(matches!(world.undo(&ana, unshared).await, Err(StoreError::Stale)));
    // The access that Bruno has to what is Carla's now is not Ana's to end.
    world.undo(&ana, share).await.unwrap();
    assert_eq!(world.permission(&bruno, two).await, EDIT);
    assert!(world.store.secret(bruno.id, one).await.is_err());
    let transfer = BatchId::from(given.manifest.share.uuid());
    assert!(matches!(world.store.undo_plan(carla.id, transfer).await, Err(StoreError::NotFound)));
    assert_eq!(world.activity(&carla).await, [(BatchKind::Transfer, 1, 1, false)]);
}

#[tokio::test]
async fn what_keeps_access_from_coming_back_is_said_and_is_nothing_later_where_it_is_not() {
    let Shared { world, ana, bruno, carla, secrets: [one, two], .. } = shared().await;
    let set_enabled = async |secret, enabled| {
        world.store.set_enabled(ana.id, BatchId::random(), &[secret], enabled).await.unwrap();
    };
    // Disabled before it was unshared.
    set_enabled(one, false).await;
    let unshared = world.unshare(&ana, &[one, two], &[to(&bruno), to(&carla)]).await;
    let plan = async || world.store.undo_plan(ana.id, unshared).await.unwrap();
    assert_eq!(plan().await.left_out, LeftOut { disabled: 1, ..LeftOut::default() });
    assert_eq!(plan().await.restored.iter().flat_map(|part| part.secrets.clone()).collect::<Vec<_>>(), [two]);
    // Of what was lost later as well it is not said that enabling it would help.
    world.share(&ana, &[two], &[(to(&bruno), Permission::View)]).await;
    world.unshare(&ana, &[two], &[to(&bruno)]).await;
    world.store.set_person_enabled(world.founder.id, carla.id, false).await.unwrap();
    assert_eq!(plan().await.left_out, LeftOut { disabled: 1, inactive: 1, ..LeftOut::default() });
    world.store.set_person_enabled(world.founder.id, carla.id, true).await.unwrap();
    set_enabled(one, true).await;
    assert_eq!(plan().await.left_out, LeftOut::default());
    world.undo(&ana, unshared).await.unwrap();
    assert_eq!([world.permission(&bruno, one).await, world.permission(&bruno, two).await], [EDIT, None]);
    assert_eq!([world.permission(&carla, one).await, world.permission(&carla, two).await], [VIEW, VIEW]);
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
    // Whoever has it open in the form learns that it is another one now.
    let stale = SecretChange { id: two, secret: described("two"), revision: 2, value: None };
    assert!(matches!(world.store.change_secret(ana.id, &stale).await, Err(StoreError::Stale)));
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
async fn what_was_imported_and_undone_can_be_imported_again() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let file = || {
        ["a", "b"].map(|name| {
            let mut new = new_secret(&ana, name);
            new.secret.identifier = Some(name.into());
            new
        })
    };
    let imports = [(BatchId::random(), file()), (BatchId::random(), file())];
    let mut undone = Vec::new();
    for (batch, new) in &imports {
        world.store.add_secrets(ana.id, *batch, new).await.unwrap();
        undone.push(world.undo(&ana, *batch).await.unwrap());
    }
    // The later ones come back first, with their identifiers; the others are without them.
    for undo in undone.iter().rev() {
        world.undo(&ana, *undo).await.unwrap();
    }
    let mut identifiers: Vec<_> =
        world.store.secrets(ana.id).await.unwrap().into_iter().map(|row| row.secret.identifier).collect();
    identifiers.sort_unstable();
    assert_eq!(identifiers, [None, None, Some("a".into()), Some("b".into())]);
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
