use vault::{AccessKey, AccountId, AccountKeys, Entry, Mandate, Permission, RecipientId, SignedEntry, Vouch};

use super::fixture::*;
use super::people::invitation_for;
use crate::*;

/// An access key as an administrator's client makes it, and what the server gets of it.
fn made(by: &Person, username: &str, expires_at: Option<Millis>) -> (AccessKey, Person, NewAccessKey) {
    let access_key = AccessKey::random(AccountId::random());
    let (keys, sealed) = AccountKeys::create_for_access_key(&access_key, by.keys.root());
    let new = NewAccessKey {
        entry: Entry::first(&keys, username).sign(&by.keys),
        name: format!("{username} of the shop"),
        sealed,
        client_secret: access_key.client_secret().to_string(),
        expires_at,
    };
    let program = Person { id: access_key.account(), keys };
    (access_key, program, new)
}

async fn added(world: &World, username: &str) -> (AccessKey, Person) {
    let (access_key, program, new) = made(&world.founder, username, None);
    world.store.add_access_key(world.founder.id, &new).await.unwrap();
    (access_key, program)
}

/// Signs in as a program does.
async fn sign_in(world: &World, access_key: &AccessKey, token: &str) -> Result<u64, StoreError> {
    world.store.begin_access(token, access_key.account(), &access_key.client_secret()).await
}

async fn is_signed_in(world: &World, token: &str) -> bool {
    world.store.session_account(token).await.unwrap().is_some()
}

#[tokio::test]
async fn a_program_signs_in_and_opens_what_is_shared_with_its_access_key() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let (access_key, program) = added(&world, "deploy").await;
    let found = world.store.find_recipients(ana.id, "shop", Sought::All).await.unwrap();
    assert_eq!((found[0].kind, found[0].detail.as_str()), (RecipientKind::AccessKey, "deploy"));

    let secret = world.secret(&ana, "stripe").await;
    world.share(&ana, &[secret], &[(RecipientId::Account(program.id), Permission::View)]).await;
    let access = world.store.secret_access(ana.id, secret).await.unwrap();
    assert_eq!(access[0].kind, RecipientKind::AccessKey);

    sign_in(&world, &access_key, "token").await.unwrap();
    let account = world.store.session_account("token").await.unwrap().unwrap();
    assert_eq!((account.id, account.kind), (program.id, Kind::AccessKey));
    let sealed = world.store.access_key_keys(account.id).await.unwrap();
    let keys = AccountKeys::unlock_with_access_key(&access_key, &sealed).unwrap();
    let value = world.read(&Person { id: account.id, keys }, secret).await.unwrap();
    assert_eq!(value.client_secret, "stripe");
}

#[tokio::test]
async fn a_wrong_secret_an_unknown_a_disabled_and_an_ended_access_key_are_the_same() {
    let world = World::new().await;
    let (access_key, _) = added(&world, "deploy").await;
    let (other, _) = added(&world, "backup").await;
    let soon = now_in_millis() + 60_000;
    let (ended, _, new) = made(&world.founder, "old", Some(soon));
    world.store.add_access_key(world.founder.id, &new).await.unwrap();
    // A token is for an hour, and no longer than its access key.
    assert!((1..=60).contains(&sign_in(&world, &ended, "before").await.unwrap()));
    assert_eq!(sign_in(&world, &other, "an hour").await.unwrap(), 3600);
    let over = clock::ago(std::time::Duration::from_secs(1));
    world.set(record::access_key(ended.account()), "expires_at", over).await;

    let refused = |answer: Result<u64, StoreError>| assert!(matches!(answer, Err(StoreError::NotFound)));
    refused(world.store.begin_access("t", access_key.account(), &other.client_secret()).await);
    refused(world.store.begin_access("t", AccountId::random(), &access_key.client_secret()).await);
    refused(world.store.begin_access("t", world.founder.id, &access_key.client_secret()).await);
    refused(sign_in(&world, &ended, "t").await);
    sign_in(&world, &access_key, "token").await.unwrap();
    world.store.set_person_enabled(world.founder.id, access_key.account(), false).await.unwrap();
    refused(sign_in(&world, &access_key, "t").await);
    assert!(!is_signed_in(&world, "token").await, "its sessions end at once");
    assert!(!is_signed_in(&world, "t").await);
}

#[tokio::test]
async fn only_what_an_administrator_has_signed_becomes_an_access_key() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let (_, _, by_ana) = made(&ana, "deploy", None);
    assert!(matches!(world.store.add_access_key(ana.id, &by_ana).await, Err(StoreError::Forbidden)));
    let malformed =
        async |new| matches!(world.store.add_access_key(world.founder.id, &new).await, Err(StoreError::Malformed(_)));
    assert!(malformed(by_ana).await);
    let (_, _, good) = made(&world.founder, "deploy", None);
    let entry = Entry { username: "another".into(), ..good.entry.entry.clone() };
    assert!(malformed(NewAccessKey { entry: SignedEntry { entry, ..good.entry.clone() }, ..good.clone() }).await);
    let second = Entry { epoch: 2, ..good.entry.entry.clone() }.sign(&world.founder.keys);
    assert!(malformed(NewAccessKey { entry: second, ..good.clone() }).await);
    let code = vault::InvitationCode::random();
    let vouch = Vouch::Invited {
        invitation: invitation_for(&world.founder, (good.entry.entry.account, 1), "deploy", Role::Member, 1)
            .1
            .invitation,
        acceptance: code.accept(&good.entry.entry),
    };
    assert!(malformed(NewAccessKey { entry: SignedEntry { vouch, ..good.entry.clone() }, ..good.clone() }).await);

    world.store.add_access_key(world.founder.id, &good).await.unwrap();
    assert!(matches!(world.store.add_access_key(world.founder.id, &good).await, Err(StoreError::Reused)));
    let (_, _, twin) = made(&world.founder, "Deploy", None);
    assert!(matches!(world.store.add_access_key(world.founder.id, &twin).await, Err(StoreError::Taken("username"))));
}

#[tokio::test]
async fn an_access_key_is_no_person() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let (access_key, program) = added(&world, "deploy").await;
    let (store, founder, id) = (&world.store, &world.founder, access_key.account());

    // Nobody finds it by its id.
    assert!(store.find_recipients(ana.id, &id.to_string()[..9], Sought::All).await.unwrap().is_empty());
    let people = store.people(founder.id, "", 0).await.unwrap();
    assert!(people.people.iter().all(|person| person.account.id != id));
    assert_eq!(people.total, 2);
    assert!(store.find_recipients(ana.id, "deploy", Sought::People).await.unwrap().is_empty());
    assert!(!matches!(
        &store.resolve_recipients(ana.id, &["deploy".into()], Sought::People).await.unwrap()[0],
        Resolved::Found(_)
    ));
    // Whoever can be in a group.
    assert_eq!(store.find_recipients(ana.id, "deploy", Sought::Accounts).await.unwrap().len(), 1);
    assert!(store.credential("deploy").await.unwrap().is_none());

    let malformed = |answer| assert!(matches!(answer, Err(StoreError::Malformed(_))));
    let mandate = Mandate::sign(&Entry::first(&program.keys, "deploy"), &founder.keys);
    malformed(store.set_role(founder.id, id, Role::Administrator, Some(&mandate)).await);
    malformed(store.set_email(founder.id, id, "deploy@example.com").await);
    let (_, again) = invitation_for(founder, (id, 2), "deploy", Role::Member, 1);
    malformed(store.invite(founder.id, &again).await);
    let secret = world.secret(&ana, "stripe").await;
    let gift = world.new_share(&ana, &[secret], &[(RecipientId::Account(id), Permission::Own)]).await;
    malformed(store.transfer(ana.id, &gift).await.map(drop));
    assert!(matches!(store.access_key_keys(ana.id).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn administrators_see_who_made_an_access_key_and_when_it_was_used() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let (access_key, _) = added(&world, "deploy").await;
    let rows = async || world.store.access_keys(world.founder.id).await.unwrap();
    let [row] = &rows().await[..] else { panic!("there is one") };
    assert_eq!((row.account.username.as_str(), row.last_used_at, row.expires_at), ("deploy", None, None));
    assert_eq!(row.created_by, world.store.account(world.founder.id).await.unwrap().name);
    sign_in(&world, &access_key, "token").await.unwrap();
    assert!(rows().await[0].last_used_at.is_some());
    assert!(matches!(world.store.access_keys(ana.id).await, Err(StoreError::Forbidden)));
    let filter = AuditFilter { event: Some(Event::AccessKeyAdded), ..AuditFilter::default() };
    let log = world.store.audit(world.founder.id, &filter, None, 10).await.unwrap();
    assert_eq!(log.entries.len(), 1);
}
