//! Access that ends or changes, before and after it is settled.

use vault::{Opening, Permission, RecipientId, SecretId, ShareId};

use super::fixture::*;
use super::group::add;
use super::settle::{rekey, settle};
use crate::*;

pub(super) fn limited(secrets: &[SecretId], limits: &[(RecipientId, Option<Permission>)]) -> AccessChange {
    AccessChange { id: BatchId::random(), secrets: secrets.to_vec(), limits: limits.to_vec(), shares: Vec::new() }
}

/// Three secrets of Ana's in one share with Bruno, who may edit, Carla, and a group that Dora is in.
struct Shared {
    world: World,
    ana: Person,
    bruno: Person,
    carla: Person,
    dora: Person,
    group: RecipientId,
    secrets: [SecretId; 3],
    share: ShareId,
}

async fn shared() -> Shared {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let (carla, dora) = (world.person("carla").await, world.person("dora").await);
    let group = RecipientId::Group(world.group(&ana, GroupKind::PrivateGroup, "Crew", &[&dora]).await);
    let mut secrets = [SecretId::random(); 3];
    for (index, name) in ["one", "two", "three"].into_iter().enumerate() {
        secrets[index] = world.secret(&ana, name).await;
    }
    let grants = [(to(&bruno), Permission::Edit), (to(&carla), Permission::View), (group, Permission::View)];
    let share = world.share(&ana, &secrets, &grants).await;
    Shared { world, ana, bruno, carla, dora, group, secrets, share }
}

impl Shared {
    async fn unshare(&self, secrets: &[SecretId], from: &[RecipientId]) {
        let limits: Vec<_> = from.iter().map(|recipient| (*recipient, None)).collect();
        self.world.store.change_access(self.ana.id, &limited(secrets, &limits)).await.unwrap();
    }

    /// Which of the three somebody reads; the list, the details and the value say the same.
    async fn reads(&self, person: &Person) -> Vec<usize> {
        let listed = self.world.store.secrets(person.id).await.unwrap();
        let mut read = Vec::new();
        for (index, secret) in self.secrets.iter().enumerate() {
            let may = self.world.read(person, *secret).await.is_ok();
            assert_eq!(listed.iter().any(|row| row.id == *secret), may);
            assert_eq!(self.world.store.secret(person.id, *secret).await.is_ok(), may);
            if may {
                read.push(index);
            }
        }
        read
    }

    async fn rows(&self) -> [usize; 3] {
        let count = |table| self.world.count(table);
        [count("limit").await, count("limited_secret").await, count("limited_recipient").await]
    }
}

#[tokio::test]
async fn ending_access_is_one_row_for_each_secret_and_recipient_and_works_at_once() {
    let shared = shared().await;
    let [one, two, three] = shared.secrets;
    let (bruno, carla) = (to(&shared.bruno), to(&shared.carla));
    shared.unshare(&[one, two], &[bruno, carla]).await;
    assert_eq!(shared.rows().await, [1, 2, 2]);
    for person in [&shared.bruno, &shared.carla] {
        assert_eq!(shared.reads(person).await, [2]);
    }
    assert_eq!(shared.reads(&shared.dora).await, [0, 1, 2]);
    let access = |secret| shared.world.store.secret_access(shared.ana.id, secret);
    let who = |access: Vec<RecipientAccess>| access.into_iter().map(|access| access.recipient).collect::<Vec<_>>();
    assert_eq!(who(access(one).await.unwrap()), [shared.group]);
    assert_eq!(access(three).await.unwrap().len(), 3);
    // Who has nothing of it any more does not even get to know what is in the share.
    let manifest = |person: &Person| shared.world.store.manifest(person.id, shared.share);
    assert!(manifest(&shared.carla).await.is_ok());
    shared.unshare(&[three], &[carla]).await;
    assert!(matches!(manifest(&shared.carla).await, Err(StoreError::NotFound)));
    // What nobody has any more is not shared, also before it is settled.
    shared.unshare(&[one], &[shared.group]).await;
    let listed = shared.world.store.secrets(shared.ana.id).await.unwrap();
    let is_shared = |id| listed.iter().find(|row| row.id == id).unwrap().shared;
    assert_eq!([is_shared(one), is_shared(two), is_shared(three)], [false, true, true]);
    assert!(!shared.world.store.secret(shared.ana.id, one).await.unwrap().shared);
}

#[tokio::test]
async fn settling_brings_keys_in_line_and_lets_go_of_the_limits() {
    let shared = shared().await;
    let [one, ..] = shared.secrets;
    let world = &shared.world;
    // What Carla can keep: the share's key, and with it that of the secret.
    let kept = world.store.open_secret(shared.carla.id, one).await.unwrap();
    let Opening::Shared(path, _) = &kept.opening else { panic!() };
    let place = vault::Place::Grant {
        granter: shared.ana.id,
        share: shared.share,
        epoch: 1,
        recipient: path.recipient,
        recipient_epoch: 1,
        permission: Permission::View,
    };
    let old_key = vault::ShareKey::open_own_grant(&shared.carla.keys, &place, &path.grant_key).unwrap();
    let old_secret_key = old_key.open_item(shared.share, 1, one, &path.item_key).unwrap();

    shared.unshare(&[one], &[to(&shared.carla)]).await;
    assert_eq!(world.store.due(shared.ana.id).await.unwrap(), Due { shares: 1, ..Due::default() });
    settle(world, &shared.ana).await;
    assert_eq!(world.store.due(shared.ana.id).await.unwrap(), Due::default());
    assert_eq!(shared.rows().await, [0, 0, 0]);
    assert_eq!(world.count("share").await, 2, "the one secret is in a share of its own");
    assert_eq!((world.count("item").await, world.count("grant").await), (3, 5));
    assert_eq!(shared.reads(&shared.carla).await, [1, 2]);
    for person in [&shared.ana, &shared.bruno, &shared.dora] {
        assert_eq!(shared.reads(person).await, [0, 1, 2]);
    }
    let now = world.store.open_secret(shared.bruno.id, one).await.unwrap();
    let Opening::Shared(path, _) = &now.opening else { panic!() };
    assert_ne!(path.share, shared.share);
    assert!(old_key.open_item(path.share, path.epoch, one, &path.item_key).is_err());
    assert!(old_secret_key.open_value(one, now.revision, &now.value).is_err());
    // The two that she keeps did not need new keys.
    assert_eq!(world.store.secret(shared.ana.id, shared.secrets[1]).await.unwrap().revision, 1);
}

#[tokio::test]
async fn what_is_shared_after_access_ended_is_shared() {
    for settles in [false, true] {
        let shared = shared().await;
        let [one, two, _] = shared.secrets;
        let carla = to(&shared.carla);
        shared.unshare(&[one, two], &[carla]).await;
        if settles {
            settle(&shared.world, &shared.ana).await;
        }
        shared.world.share(&shared.ana, &[one], &[(carla, Permission::View)]).await;
        assert_eq!(shared.reads(&shared.carla).await, [0, 2], "settles: {settles}");
        settle(&shared.world, &shared.ana).await;
        assert_eq!(shared.reads(&shared.carla).await, [0, 2], "settles: {settles}");
    }
}

#[tokio::test]
async fn a_lowered_permission_counts_at_once_and_is_in_the_grant_once_settled() {
    let shared = shared().await;
    let [one, two, three] = shared.secrets;
    let (world, bruno) = (&shared.world, &shared.bruno);
    let lowered = limited(&[one, two, three], &[(to(bruno), Some(Permission::View))]);
    world.store.change_access(shared.ana.id, &lowered).await.unwrap();
    let edit = |revision| SecretChange {
        id: one,
        secret: described("one"),
        revision,
        value: Some(super::secret::rotated(vec![1; 73])),
    };
    assert!(matches!(world.store.change_secret(bruno.id, &edit(2)).await, Err(StoreError::Forbidden)));
    assert_eq!(world.store.secret(bruno.id, one).await.unwrap().permission, Some(Permission::View));
    assert_eq!(shared.reads(bruno).await, [0, 1, 2]);
    settle(world, &shared.ana).await;
    assert_eq!(shared.rows().await, [0, 0, 0]);
    assert_eq!(world.count("share").await, 1);
    let Opening::Shared(path, _) = world.store.open_secret(bruno.id, one).await.unwrap().opening else { panic!() };
    assert_eq!((path.permission, path.epoch), (Permission::View, 2));
    // Nobody has seen less than before, so nothing but the share itself is sealed anew.
    assert_eq!(world.store.secret(shared.ana.id, one).await.unwrap().revision, 1);
    // Whoever had less than what they are lowered to has not more by it.
    let carla = limited(&[one], &[(to(&shared.carla), Some(Permission::Edit))]);
    world.store.change_access(shared.ana.id, &carla).await.unwrap();
    assert_eq!(world.store.secret(shared.carla.id, one).await.unwrap().permission, Some(Permission::View));
}

#[tokio::test]
async fn one_change_lowers_ends_and_raises_all_or_nothing_and_once() {
    let shared = shared().await;
    let [one, two, _] = shared.secrets;
    let (world, ana) = (&shared.world, &shared.ana);
    let raise = world.new_share(ana, &[one, two], &[(to(&shared.carla), Permission::Edit)]).await;
    let mut change = limited(&[one, two], &[(to(&shared.bruno), None)]);
    change.shares = vec![raise];
    // A secret of somebody else refuses all of it.
    let foreign = world.secret(&shared.dora, "foreign").await;
    let mut wrong = change.clone();
    wrong.secrets.push(foreign);
    let refused = problems(world.store.change_access(ana.id, &wrong).await);
    assert_eq!(refused, [Problem { subject: Subject::Secret(foreign), reason: Reason::NotFound }]);
    assert_eq!(shared.reads(&shared.bruno).await, [0, 1, 2]);

    world.store.change_access(ana.id, &change).await.unwrap();
    world.store.change_access(ana.id, &change).await.unwrap();
    assert_eq!((world.count("limit").await, world.count("share").await), (1, 2));
    assert_eq!(shared.reads(&shared.bruno).await, [2]);
    assert_eq!(world.store.secret(shared.carla.id, one).await.unwrap().permission, Some(Permission::Edit));
    // The same id with another request, or from somebody else.
    let mut other = change.clone();
    other.limits[0].0 = to(&shared.carla);
    assert!(matches!(world.store.change_access(ana.id, &other).await, Err(StoreError::Reused)));
    assert!(matches!(world.store.change_access(shared.dora.id, &change).await, Err(StoreError::Malformed(_))));
}

#[tokio::test]
async fn when_nobody_is_left_the_share_ends_and_its_secrets_get_new_keys() {
    let shared = shared().await;
    let everyone = [to(&shared.bruno), to(&shared.carla), shared.group];
    shared.unshare(&shared.secrets, &everyone).await;
    settle(&shared.world, &shared.ana).await;
    assert_eq!(shared.world.store.due(shared.ana.id).await.unwrap(), Due::default());
    assert_eq!((shared.world.count("item").await, shared.world.count("grant").await), (0, 0));
    assert_eq!(shared.rows().await, [0, 0, 0]);
    assert_eq!(shared.world.store.secret(shared.ana.id, shared.secrets[0]).await.unwrap().revision, 2);
    assert_eq!(shared.reads(&shared.ana).await, [0, 1, 2]);
}

#[tokio::test]
async fn who_left_stays_out_of_what_moves() {
    let shared = shared().await;
    let one = shared.secrets[0];
    shared.world.store.leave(shared.dora.id, &[one]).await.unwrap();
    shared.unshare(&[one], &[to(&shared.carla)]).await;
    settle(&shared.world, &shared.ana).await;
    assert_eq!(shared.reads(&shared.dora).await, [1, 2]);
    let RecipientId::Group(group) = shared.group else { panic!() };
    let eva = shared.world.person("eva").await;
    add(&shared.world, &shared.ana, group, &[&eva]).await.unwrap();
    assert_eq!(shared.reads(&eva).await, [0, 1, 2]);
}

#[tokio::test]
async fn settling_that_has_not_seen_a_limit_is_refused() {
    let shared = shared().await;
    let [one, two, _] = shared.secrets;
    let (world, ana) = (&shared.world, &shared.ana);
    shared.unshare(&[one], &[to(&shared.carla)]).await;
    let due = world.store.due_share(ana.id, shared.share).await.unwrap();
    let parts = rekey(world, ana, &due).await;
    assert_eq!(parts.len(), 2);
    shared.unshare(&[two], &[to(&shared.carla)]).await;
    assert!(matches!(world.store.settle_share(ana.id, shared.share, &parts).await, Err(StoreError::Stale)));
    // Nor can a client settle more away than was limited.
    let due = world.store.due_share(ana.id, shared.share).await.unwrap();
    let parts = rekey(world, ana, &due).await;
    assert!(matches!(world.store.settle_share(ana.id, shared.share, &parts[..1]).await, Err(StoreError::Stale)));
    assert!(matches!(world.store.settle_share(ana.id, shared.share, &[]).await, Err(StoreError::Stale)));
    world.store.settle_share(ana.id, shared.share, &parts).await.unwrap();
    assert_eq!(shared.reads(&shared.carla).await, [2]);
}

#[tokio::test]
async fn who_has_access_is_told_by_secrets_that_have_it_in_common() {
    let shared = shared().await;
    let [one, two, three] = shared.secrets;
    let store = &shared.world.store;
    let (bruno, carla) = (to(&shared.bruno), to(&shared.carla));
    shared.unshare(&[one], &[bruno]).await;
    store.leave(shared.carla.id, &[three]).await.unwrap();
    let sorted = |mut grants: vault::Grants| {
        grants.sort_unstable();
        grants
    };
    let expected = [
        (sorted(vec![(carla, Permission::View), (shared.group, Permission::View)]), vec![one]),
        (
            sorted(vec![(bruno, Permission::Edit), (carla, Permission::View), (shared.group, Permission::View)]),
            vec![two],
        ),
        (sorted(vec![(bruno, Permission::Edit), (shared.group, Permission::View)]), vec![three]),
    ];
    let administrator = shared.world.person_as("admin", Role::Administrator).await;
    for caller in [shared.ana.id, administrator.id] {
        let found = store.access_to(caller, &shared.secrets).await.unwrap();
        assert_eq!(found.parts.len(), 3);
        assert!(expected.iter().all(|part| found.parts.contains(part)), "{found:?}");
        let names: Vec<&str> = found.recipients.iter().map(|entry| entry.name.as_str()).collect();
        assert!(["BRUNO Test", "CARLA Test", "Crew"].iter().all(|name| names.contains(name)), "{names:?}");
    }
    let refused = problems(store.access_to(shared.bruno.id, &[one, two]).await);
    let reason = |id| refused.iter().find(|problem| problem.subject == Subject::Secret(id)).unwrap().reason;
    assert_eq!([reason(one), reason(two)], [Reason::NotFound, Reason::Forbidden]);
}

#[tokio::test]
async fn new_keys_sealed_before_a_share_was_settled_are_refused_after_it() {
    let shared = shared().await;
    let [one, ..] = shared.secrets;
    let (world, ana) = (&shared.world, &shared.ana);
    // A second share of the first secret, which is due for settling while the secret is.
    let second =
        world.share(ana, &[one], &[(to(&shared.bruno), Permission::View), (shared.group, Permission::View)]).await;
    shared.unshare(&[one], &[to(&shared.carla)]).await;
    let due = world.store.due_share(ana.id, shared.share).await.unwrap();
    world.store.settle_share(ana.id, shared.share, &rekey(world, ana, &due).await).await.unwrap();
    let (secrets, keys) = world.store.due_secrets(ana.id, 0).await.unwrap();
    assert_eq!(secrets.len(), 1);
    let sealed = super::settle::reseal(ana, &secrets, &keys);
    // Meanwhile another browser of the owner's gives the second share a new key.
    world.set(record::share(second), "due_since", surrealdb::types::Datetime::now()).await;
    let due = world.store.due_share(ana.id, second).await.unwrap();
    world.store.settle_share(ana.id, second, &rekey(world, ana, &due).await).await.unwrap();
    assert!(matches!(world.store.settle_secrets(ana.id, &sealed).await, Err(StoreError::Stale)));
    settle(world, ana).await;
    assert_eq!(shared.reads(&shared.bruno).await, [0, 1, 2]);
}

#[tokio::test]
async fn nobody_is_limited_to_owning_and_no_share_takes_the_id_of_another_one() {
    let shared = shared().await;
    let (world, ana) = (&shared.world, &shared.ana);
    let owning = limited(&shared.secrets[..1], &[(to(&shared.bruno), Some(Permission::Own))]);
    assert!(matches!(world.store.change_access(ana.id, &owning).await, Err(StoreError::Malformed(_))));
    let share = world.new_share(ana, &shared.secrets[..1], &[(to(&shared.carla), Permission::Edit)]).await;
    world.store.add_share(ana.id, &share, None).await.unwrap();
    let again = AccessChange { shares: vec![share], ..limited(&[], &[]) };
    assert!(matches!(world.store.change_access(ana.id, &again).await, Err(StoreError::Reused)));
    assert_eq!(shared.reads(&shared.carla).await, [0, 1, 2]);
}
