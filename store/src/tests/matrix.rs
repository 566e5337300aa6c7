//! The access matrix of `docs/model.md`, a test for each row, named as the row is. Every actor tries; what nobody may see answers as if it
//! did not exist.

use vault::{GroupId, Permission, RecipientId, SecretId};

use super::fixture::*;
use super::group::{add, new_epoch};
use super::limit::limited;
use crate::*;

/// A secret of the owner's, which an editor and a viewer have, and a private group: its owner is no member, its member may view.
struct Matrix {
    world: World,
    owner: Person,
    editor: Person,
    viewer: Person,
    group_owner: Person,
    member: Person,
    administrator: Person,
    stranger: Person,
    group: GroupId,
    secret: SecretId,
}

async fn matrix() -> Matrix {
    let world = World::new().await;
    let (owner, editor, viewer) =
        (world.person("owner").await, world.person("editor").await, world.person("viewer").await);
    let (group_owner, member) = (world.person("groupowner").await, world.person("member").await);
    let administrator = world.person_as("administrator", Role::Administrator).await;
    let stranger = world.person("stranger").await;
    let group = world.group(&group_owner, GroupKind::PrivateGroup, "Crew", &[&member, &owner]).await;
    world.set(record::group(group), "members_can_view", true).await;
    let secret = world.secret(&owner, "one").await;
    world.share(&owner, &[secret], &[(to(&editor), Permission::Edit), (to(&viewer), Permission::View)]).await;
    world.share(&owner, &[secret], &[(RecipientId::Group(group), Permission::View)]).await;
    Matrix { world, owner, editor, viewer, group_owner, member, administrator, stranger, group, secret }
}

impl Matrix {
    fn actors(&self) -> [(&'static str, &Person); 7] {
        [
            ("owner", &self.owner),
            ("can edit", &self.editor),
            ("can view", &self.viewer),
            ("group owner", &self.group_owner),
            ("member", &self.member),
            ("administrator", &self.administrator),
            ("stranger", &self.stranger),
        ]
    }
}

/// Whether it was allowed; everything but a refusal is a fault of the test.
fn allowed<T>(result: Result<T, StoreError>) -> bool {
    match result {
        Ok(_) => true,
        Err(StoreError::NotFound | StoreError::Forbidden | StoreError::Refused(_)) => false,
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn see_in_list_open_details_reveal_and_copy() {
    let matrix = matrix().await;
    let (store, secret) = (&matrix.world.store, matrix.secret);
    for (name, actor) in matrix.actors() {
        let may = matches!(name, "owner" | "can edit" | "can view" | "member");
        let is_listed = store.secrets(actor.id).await.unwrap().iter().any(|row| row.id == secret);
        assert_eq!(is_listed, may, "list: {name}");
        assert_eq!(allowed(store.secret(actor.id, secret).await), may, "details: {name}");
        assert_eq!(allowed(matrix.world.read(actor, secret).await), may, "reveal: {name}");
        assert_eq!(allowed(store.secret_access(actor.id, secret).await), may, "users with access: {name}");
        if !may {
            assert!(matches!(store.secret(actor.id, secret).await, Err(StoreError::NotFound)), "{name}");
        }
    }
    // The owner of a group sees what is shared with it once they are a member.
    add(&matrix.world, &matrix.group_owner, matrix.group, &[&matrix.group_owner]).await.unwrap();
    assert!(allowed(matrix.world.read(&matrix.group_owner, secret).await));
}

#[tokio::test]
async fn edit_enable_disable() {
    let matrix = matrix().await;
    let (store, secret) = (&matrix.world.store, matrix.secret);
    let mut revision = 1;
    for (name, actor) in matrix.actors() {
        let may = matches!(name, "owner" | "can edit");
        let change = SecretChange {
            id: secret,
            secret: described("one"),
            revision: revision + 1,
            value: Some(super::secret::rotated(vec![1; 73])),
        };
        assert_eq!(allowed(store.change_secret(actor.id, &change).await), may, "edit: {name}");
        revision += u64::from(may);
        let may_disable = may || name == "administrator";
        assert_eq!(
            allowed(store.set_enabled(actor.id, BatchId::random(), &[secret], false).await),
            may_disable,
            "disable: {name}"
        );
        assert_eq!(
            allowed(store.set_enabled(actor.id, BatchId::random(), &[secret], true).await),
            may,
            "enable: {name}"
        );
        store.set_enabled(matrix.owner.id, BatchId::random(), &[secret], true).await.unwrap();
    }
}

#[tokio::test]
async fn share_and_transfer() {
    let matrix = matrix().await;
    let (world, secret) = (&matrix.world, matrix.secret);
    let (new_owner, other) = (world.person("newowner").await, world.secret(&matrix.owner, "other").await);
    let to_new_owner = |permission| [(to(&new_owner), permission)];
    let share = world.new_share(&matrix.owner, &[secret, other], &to_new_owner(Permission::View)).await;
    for (name, actor) in matrix.actors() {
        let may = name == "owner";
        assert_eq!(allowed(world.store.keys_to_share(actor.id, &[secret]).await), may, "keys to share: {name}");
        let keys = world.store.keys_to_transfer(actor.id, actor.id, &[secret]).await;
        assert_eq!(allowed(keys), may, "keys to transfer: {name}");
        assert!(may || !allowed(world.store.keys_to_transfer(actor.id, matrix.owner.id, &[secret]).await), "{name}");
        if !may {
            // What the owner has sealed is of no use in other hands either.
            let mut stolen = share.clone();
            stolen.manifest.granter = actor.id;
            stolen.signature = stolen.manifest.sign(&actor.keys);
            assert!(!allowed(world.store.add_share(actor.id, &stolen, None).await), "share: {name}");
            let given = [(to(&new_owner), Permission::Own)];
            stolen.manifest.grants = given.to_vec();
            stolen.signature = stolen.manifest.sign(&actor.keys);
            assert!(!allowed(world.store.transfer(actor.id, &stolen).await), "transfer: {name}");
        }
    }
    assert!(allowed(world.store.add_share(matrix.owner.id, &share, None).await));
    let transfer = world.new_share(&matrix.owner, &[secret], &to_new_owner(Permission::Own)).await;
    assert!(allowed(world.store.transfer(matrix.owner.id, &transfer).await));
}

#[tokio::test]
async fn change_permission_unshare_delete() {
    let matrix = matrix().await;
    let (world, secret) = (&matrix.world, matrix.secret);
    let viewer = to(&matrix.viewer);
    let limit = |left| limited(&[secret], &[(viewer, left)]);
    for (name, actor) in matrix.actors() {
        let (is_owner, is_administrator) = (name == "owner", name == "administrator");
        let lowered = world.store.change_access(actor.id, &limit(Some(Permission::View))).await;
        assert_eq!(allowed(lowered), is_owner, "change permission: {name}");
        // Nobody raises what they do not own, whatever they have to do it with.
        let mut raise = world.new_share(&matrix.owner, &[secret], &[(viewer, Permission::Edit)]).await;
        raise.manifest.granter = actor.id;
        raise.signature = raise.manifest.sign(&actor.keys);
        let raise = AccessChange { shares: vec![raise], ..limited(&[], &[]) };
        assert_eq!(allowed(world.store.change_access(actor.id, &raise).await), is_owner, "raise: {name}");
        let may = is_owner || is_administrator;
        assert_eq!(allowed(world.store.change_access(actor.id, &limit(None)).await), may, "unshare: {name}");
        assert_eq!(allowed(world.read(&matrix.viewer, secret).await), !may, "after unshare: {name}");
        if may {
            world.share(&matrix.owner, &[secret], &[(viewer, Permission::View)]).await;
        }
    }
    for (name, actor) in matrix.actors() {
        let deleted = world.store.delete_secrets(actor.id, BatchId::random(), &[secret]).await;
        assert_eq!(allowed(deleted), name == "owner", "delete: {name}");
        let may_restore = name == "owner";
        assert_eq!(
            allowed(world.store.restore_secrets(actor.id, BatchId::random(), &[secret]).await),
            may_restore,
            "restore: {name}"
        );
    }
}

#[tokio::test]
async fn leave_drop_ones_own_access() {
    let matrix = matrix().await;
    let (store, secret) = (&matrix.world.store, matrix.secret);
    for (name, actor) in matrix.actors() {
        let may = matches!(name, "can edit" | "can view" | "member");
        assert_eq!(allowed(store.leave(actor.id, &[secret]).await), may, "leave: {name}");
        if may {
            assert!(matches!(store.secret(actor.id, secret).await, Err(StoreError::NotFound)), "{name}");
            assert!(!allowed(matrix.world.read(actor, secret).await), "{name}");
            assert!(store.secrets(actor.id).await.unwrap().is_empty(), "{name}");
        }
    }
    // The owner and the others in the group go on, and the owner sees who is left.
    assert!(allowed(matrix.world.read(&matrix.owner, secret).await));
    let access = store.secret_access(matrix.owner.id, secret).await.unwrap();
    assert_eq!(access.iter().map(|access| access.recipient).collect::<Vec<_>>(), [RecipientId::Group(matrix.group)]);
    add(&matrix.world, &matrix.group_owner, matrix.group, &[&matrix.stranger]).await.unwrap();
    assert!(allowed(matrix.world.read(&matrix.stranger, secret).await));
    // Shared with them anew it is there again.
    matrix.world.share(&matrix.owner, &[secret], &[(to(&matrix.viewer), Permission::View)]).await;
    assert!(allowed(matrix.world.read(&matrix.viewer, secret).await));
    assert!(!allowed(matrix.world.read(&matrix.editor, secret).await));
}

#[tokio::test]
async fn manage_members_of_a_private_group() {
    let matrix = matrix().await;
    let (world, group) = (&matrix.world, matrix.group);
    let new = new_epoch(world, &matrix.group_owner, group, &[&matrix.owner]).await;
    for (name, actor) in matrix.actors() {
        if name == "group owner" {
            continue;
        }
        let sealed = [SealedTo { account: matrix.stranger.id, seed: vec![1; 1_200] }];
        let roster = vault::Roster::new(group, 1, [matrix.stranger.id]).sign(&actor.keys);
        assert!(!allowed(world.store.add_members(actor.id, group, 1, &sealed, &roster).await), "add: {name}");
        let removed = world.store.remove_members(actor.id, group, &[matrix.member.id], &new).await;
        assert!(!allowed(removed), "remove: {name}");
        // An administrator can take it out of use, and nothing else.
        let may_disable = name == "administrator";
        assert_eq!(
            allowed(world.store.set_group_enabled(actor.id, group, false).await),
            may_disable,
            "disable: {name}"
        );
    }
    world.store.set_group_enabled(matrix.group_owner.id, group, true).await.unwrap();
    add(world, &matrix.group_owner, group, &[&matrix.stranger]).await.unwrap();
    let new = new_epoch(world, &matrix.group_owner, group, &[&matrix.owner, &matrix.stranger]).await;
    world.store.remove_members(matrix.group_owner.id, group, &[matrix.member.id], &new).await.unwrap();
    assert!(!allowed(world.read(&matrix.member, matrix.secret).await));
}

#[tokio::test]
async fn see_that_there_is_a_private_group_and_who_is_in_it() {
    let matrix = matrix().await;
    let (store, group) = (&matrix.world.store, matrix.group);
    for lets_members in [true, false] {
        matrix.world.set(record::group(group), "members_can_view", lets_members).await;
        for (name, actor) in matrix.actors() {
            // The owner of the secret is a member as well.
            let may_share = name == "group owner" || (lets_members && matches!(name, "member" | "owner"));
            let may = may_share || name == "administrator";
            let is_listed = store.groups(actor.id).await.unwrap().iter().any(|known| known.id == group);
            assert_eq!(is_listed, may, "list: {name}");
            assert_eq!(allowed(store.group(actor.id, group).await), may, "members: {name}");
            let found = store.find_recipients(actor.id, "crew", Sought::All).await.unwrap();
            assert_eq!(!found.is_empty(), may_share, "search: {name}");
        }
    }
}

#[tokio::test]
async fn manage_accounts_and_user_groups_read_the_audit_log() {
    let matrix = matrix().await;
    let store = &matrix.world.store;
    let team = matrix.world.group(&matrix.world.founder, GroupKind::UserGroup, "Team", &[]).await;
    for (name, actor) in matrix.actors() {
        let may = name == "administrator";
        let target = matrix.stranger.id;
        assert_eq!(allowed(store.people(actor.id, "", 0).await), may, "people: {name}");
        assert_eq!(allowed(store.person(actor.id, target).await), may, "person: {name}");
        assert_eq!(allowed(store.secrets_of(actor.id, target).await), may, "secrets of a person: {name}");
        assert_eq!(allowed(store.end_sessions_of(actor.id, target).await), may, "sign out: {name}");
        assert_eq!(allowed(store.set_email(actor.id, target, "new@example.com").await), may, "email: {name}");
        assert_eq!(allowed(store.set_role(actor.id, target, Role::Member, None).await), may, "role: {name}");
        assert_eq!(allowed(store.unsigned_entries(actor.id).await), may, "unsigned entries: {name}");
        assert_eq!(allowed(store.restorations(actor.id).await), may, "restorations: {name}");
        assert_eq!(allowed(store.waiting(actor.id, None).await), may, "what waits to be settled: {name}");
        assert_eq!(allowed(store.audit(actor.id, &AuditFilter::default(), None, 100).await), may, "audit log: {name}");
        assert_eq!(allowed(store.set_group_enabled(actor.id, team, true).await), may, "user group: {name}");
        if name != "stranger" {
            assert_eq!(allowed(store.set_person_enabled(actor.id, target, true).await), may, "enable: {name}");
        }
    }
    // It opens nothing.
    assert!(!allowed(matrix.world.read(&matrix.administrator, matrix.secret).await));
}
