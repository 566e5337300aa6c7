use std::time::Duration;

use super::fixture::*;
use crate::*;

#[tokio::test]
async fn a_session_is_found_by_its_token_until_it_ends() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    world.session("token", "ana").await;
    assert_eq!(world.store.session_account("token").await.unwrap().unwrap().username, "ana");
    assert!(world.store.session_account("other").await.unwrap().is_none());
    world.set(record::account(ana.id), "status", "disabled").await;
    assert!(world.store.session_account("token").await.unwrap().is_none());
    world.set(record::account(ana.id), "status", "active").await;
    world.store.end_session("token").await.unwrap();
    assert!(world.store.session_account("token").await.unwrap().is_none());
}

#[tokio::test]
async fn what_has_expired_counts_no_more_and_is_swept() {
    let world = World::new().await;
    world.person("ana").await;
    world.session("token", "ana").await;
    world.store.add_login("login", &Login::new(None, vec![1])).await.unwrap();
    for table in ["session", "login"] {
        let past = clock::in_seconds(-1);
        crate::database::query!(world.store.db, format!("UPDATE {table} SET expires_at = $past"), past = past).unwrap();
    }
    assert!(world.store.session_account("token").await.unwrap().is_none());
    world.store.sweep().await.unwrap();
    assert_eq!((world.count("session").await, world.count("login").await), (0, 0));
}

#[tokio::test]
async fn a_session_counts_as_proved_for_a_while_after_it_was() {
    let world = World::new().await;
    world.person("ana").await;
    world.session("token", "ana").await;
    world.session("other", "ana").await;
    let is_proved = async |token, seconds| world.store.is_proved(token, Duration::from_secs(seconds)).await.unwrap();
    // A sign-in alone is no proof.
    assert!(!is_proved("token", 300).await);
    world.store.prove_session("token").await.unwrap();
    assert!(is_proved("token", 300).await);
    assert!(!is_proved("other", 300).await && !is_proved("none", 300).await);
    let past = clock::in_seconds(-200);
    crate::database::query!(world.store.db, "UPDATE session SET proved_at = $past WHERE proved_at", past = past)
        .unwrap();
    assert!(is_proved("token", 300).await);
    assert!(!is_proved("token", 100).await);
    world.store.end_session("token").await.unwrap();
    world.store.prove_session("token").await.unwrap();
    assert!(!is_proved("token", 300).await);
}

#[tokio::test]
async fn the_state_of_a_sign_in_is_taken_once() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let login = Login::new(Some((ana.id, b"file")), vec![1, 2]);
    world.store.add_login("token", &login).await.unwrap();
    assert_eq!(world.store.take_login("token").await.unwrap(), login);
    assert!(matches!(world.store.take_login("token").await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn the_database_holds_no_token() {
    let world = World::new().await;
    world.person("ana").await;
    world.session("the-token", "ana").await;
    let rows: Vec<surrealdb::types::Value> =
        crate::database::query!(world.store.db, "SELECT * FROM session").unwrap().take(0).unwrap();
    assert!(!format!("{rows:?}").contains("the-token"));
}

#[tokio::test]
async fn only_active_people_have_a_credential() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    assert_eq!(world.store.credential(" ANA ").await.unwrap().unwrap().0, ana.id);
    assert!(world.store.credential("nobody").await.unwrap().is_none());
    world.set(record::account(ana.id), "status", "disabled").await;
    assert!(world.store.credential("ana").await.unwrap().is_none());
}

#[tokio::test]
async fn a_sign_in_from_before_does_not_outlive_the_password_or_the_account() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let begun = |file: &'static [u8]| Login::new(Some((ana.id, file)), vec![1]);
    let (_, file) = world.store.credential("ana").await.unwrap().unwrap();
    let login = Login::new(Some((ana.id, &file)), vec![1]);
    assert!(matches!(world.store.begin_session("a", &begun(b"old"), "test").await, Err(StoreError::NotFound)));
    let (account, _) = world.store.begin_session("b", &login, "test").await.unwrap();
    assert_eq!(account.username, "ana");
    world.store.set_person_enabled(world.founder.id, ana.id, false).await.unwrap();
    assert!(matches!(world.store.begin_session("c", &login, "test").await, Err(StoreError::NotFound)));
    // Enabled again, a session from before does not come back.
    world.store.set_person_enabled(world.founder.id, ana.id, true).await.unwrap();
    assert!(world.store.session_account("b").await.unwrap().is_none());
}

#[tokio::test]
async fn an_organization_is_founded_once_by_who_signs_for_themselves() {
    let world = World::empty().await;
    assert_eq!(world.store.organization().await.unwrap(), None);
    let organization = Organization { name: "Acme".into(), demo: false, server_keys: [7; 32] };
    let (founder, mandate) = founder_account(&world.founder);
    let (_, other) = world.new_account("other", Role::Administrator);
    let forged = world.store.found(&organization, &other, &mandate).await;
    assert!(matches!(forged, Err(StoreError::Malformed(_))));
    world.store.found(&organization, &founder, &mandate).await.unwrap();
    assert_eq!(world.store.organization().await.unwrap().unwrap(), organization);
    assert!(matches!(world.store.found(&organization, &founder, &mandate).await, Err(StoreError::Reused)));
}

#[tokio::test]
async fn a_recovery_code_sets_a_password_once_and_ends_the_sessions() {
    let world = World::new().await;
    let recovery = |proof: &str| NewRecovery { key: vec![1; 73], proof: proof.into() };
    let (ana, account) = world.new_account("ana", Role::Member);
    world
        .store
        .add_accounts(&[NewAccount { keys: NewKeys { recovery: Some(recovery("first")), ..account.keys }, ..account }])
        .await
        .unwrap();
    world.person("bruno").await;
    for (username, proof) in [("ana", "other"), ("nobody", "first"), ("bruno", "first")] {
        assert!(matches!(world.store.recoverable(username, proof.as_bytes()).await, Err(StoreError::NotFound)));
    }
    let found = world.store.recoverable(" ANA", b"first").await.unwrap();
    assert_eq!((found.account, found.key), (ana.id, vec![1; 73]));

    world.session("token", "ana").await;
    let new = NewPassword { password_file: vec![2; 9], account_key: vec![3; 73], recovery: recovery("second") };
    assert!(matches!(world.store.recover("ana", b"other", &new).await, Err(StoreError::NotFound)));
    assert!(world.store.session_account("token").await.unwrap().is_some());
    assert_eq!(world.store.recover("ana", b"first", &new).await.unwrap(), ana.id);
    assert!(world.store.session_account("token").await.unwrap().is_none());
    assert_eq!(world.store.credential("ana").await.unwrap().unwrap().1, vec![2; 9]);
    // The same request once more, after a lost connection, changes nothing; the used code opens nothing.
    assert_eq!(world.store.recover("ana", b"first", &new).await.unwrap(), ana.id);
    let again = NewPassword { account_key: vec![4; 73], recovery: recovery("third"), ..new };
    assert!(matches!(world.store.recover("ana", b"first", &again).await, Err(StoreError::NotFound)));

    world.set(record::account(ana.id), "status", "disabled").await;
    assert!(matches!(world.store.recoverable("ana", b"second").await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_needs_the_old_one() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let (_, file) = world.store.credential("ana").await.unwrap().unwrap();
    let login = Login::new(Some((ana.id, &file)), vec![1]);
    world.session("here", "ana").await;
    world.session("there", "ana").await;
    world.session("bruno", "bruno").await;
    for (caller, proof) in [(bruno.id, &login), (ana.id, &Login::new(Some((ana.id, b"old")), vec![1]))] {
        let changed = world.store.change_password(caller, proof, &[2; 9], &[3; 73], "here").await;
        assert!(matches!(changed, Err(StoreError::NotFound)));
    }
    world.store.change_password(ana.id, &login, &[2; 9], &[3; 73], "here").await.unwrap();
    assert!(world.store.session_account("here").await.unwrap().is_some());
    assert!(world.store.session_account("there").await.unwrap().is_none());
    assert!(world.store.session_account("bruno").await.unwrap().is_some());
    assert_eq!(world.store.credential("ana").await.unwrap().unwrap().1, vec![2; 9]);
    // What was proved with the old password counts no more.
    let recovery = NewRecovery { key: vec![1; 73], proof: b"code".to_vec() };
    assert!(matches!(world.store.change_recovery(ana.id, &login, &recovery).await, Err(StoreError::NotFound)));
    let login = Login::new(Some((ana.id, &[2; 9])), vec![1]);
    world.store.change_recovery(ana.id, &login, &recovery).await.unwrap();
    assert_eq!(world.store.recoverable("ana", b"code").await.unwrap().account, ana.id);
}

#[tokio::test]
async fn people_see_and_end_their_own_sessions_alone() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    world.session("here", "ana").await;
    world.session("there", "ana").await;
    let sessions = world.store.sessions(ana.id, "here").await.unwrap();
    assert_eq!(sessions.iter().map(|session| session.current).filter(|current| *current).count(), 1);
    let other = sessions.iter().find(|session| !session.current).unwrap();
    assert_eq!(other.agent, "test");
    assert!(matches!(world.store.end_own_session(bruno.id, &other.id).await, Err(StoreError::NotFound)));
    assert!(matches!(world.store.end_own_session(ana.id, "unknown").await, Err(StoreError::NotFound)));
    world.store.end_own_session(ana.id, &other.id).await.unwrap();
    assert!(world.store.session_account("there").await.unwrap().is_none());
    assert!(world.store.session_account("here").await.unwrap().is_some());
}

#[tokio::test]
async fn codes_count_once_and_a_secret_counts_once_a_code_was_shown() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let store = &world.store;
    assert_eq!(store.totp(ana.id).await.unwrap(), None);
    assert!(matches!(store.use_totp(ana.id, &[1; 60], 1).await, Err(StoreError::Stale)));
    store.add_totp(ana.id, &[1; 60]).await.unwrap();
    // Not shown yet: it can be made anew.
    store.add_totp(ana.id, &[2; 60]).await.unwrap();
    assert_eq!(store.totp(ana.id).await.unwrap(), Some(Totp { secret: vec![2; 60], confirmed: false }));
    // A code of the first secret does not stand for the second.
    assert!(matches!(store.use_totp(ana.id, &[1; 60], 7).await, Err(StoreError::Stale)));
    store.use_totp(ana.id, &[2; 60], 7).await.unwrap();
    for used in [7, 6] {
        assert!(matches!(store.use_totp(ana.id, &[2; 60], used).await, Err(StoreError::Stale)));
    }
    store.use_totp(ana.id, &[2; 60], 8).await.unwrap();
    assert!(store.totp(ana.id).await.unwrap().unwrap().confirmed);
    assert!(matches!(store.add_totp(ana.id, &[3; 60]).await, Err(StoreError::Reused)));
    store.remove_totp(ana.id).await.unwrap();
    assert_eq!(store.totp(ana.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_sign_in_before_its_second_step_stays_until_the_code_is_right() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let (account, file) = world.store.credential("ana").await.unwrap().unwrap();
    let login = Login::new(Some((account, &file)), vec![1]);
    assert_eq!(login.proved_account(), None);
    let proved = login.proved(vec![]);
    world.store.add_login("token", &proved).await.unwrap();
    for _ in 0..2 {
        assert_eq!(world.store.login("token").await.unwrap().proved_account(), Some(ana.id));
    }
    world.store.take_login("token").await.unwrap();
    assert!(matches!(world.store.login("token").await, Err(StoreError::NotFound)));
    // An unknown username never gets so far.
    assert_eq!(Login::new(None, vec![]).proved_account(), None);
}

#[tokio::test]
async fn passkeys_are_added_and_removed_by_who_proved_the_password() {
    let world = World::new().await;
    let (ana, bruno) = (world.person("ana").await, world.person("bruno").await);
    let store = &world.store;
    let (_, file) = store.credential("ana").await.unwrap().unwrap();
    let login = Login::new(Some((ana.id, &file)), vec![1]).proved(vec![2]);
    let passkey = |number: u8| NewPasskey {
        credential_id: vec![number],
        name: format!("Key {number}"),
        credential: "{}".into(),
        account_key: (number == 1).then(|| vec![3; 73]),
    };
    let old = Login::new(Some((ana.id, b"old")), vec![1]);
    for (caller, login) in [(bruno.id, &login), (ana.id, &old), (ana.id, &Login::unlocking(ana.id, vec![2]))] {
        assert!(matches!(store.add_passkey(caller, login, &passkey(1)).await, Err(StoreError::NotFound)));
    }
    store.add_passkey(ana.id, &login, &passkey(1)).await.unwrap();
    store.add_passkey(ana.id, &login, &passkey(2)).await.unwrap();
    let known = store.passkeys(ana.id).await.unwrap();
    assert_eq!(known.iter().map(|known| &*known.name).collect::<Vec<_>>(), ["Key 1", "Key 2"]);
    assert_eq!(known.iter().map(|known| known.account_key.is_some()).collect::<Vec<_>>(), [true, false]);
    assert!(store.passkeys(bruno.id).await.unwrap().is_empty());

    // One authenticator's passkey is one person's.
    let (_, file) = store.credential("bruno").await.unwrap().unwrap();
    let brunos = Login::new(Some((bruno.id, &file)), vec![1]);
    assert!(matches!(store.add_passkey(bruno.id, &brunos, &passkey(1)).await, Err(StoreError::Reused)));
    assert!(matches!(store.use_passkey(bruno.id, &known[0].id, "{}").await, Err(StoreError::NotFound)));
    store.use_passkey(ana.id, &known[0].id, r#"{"counter":1}"#).await.unwrap();
    let used = &store.passkeys(ana.id).await.unwrap()[0];
    assert!(used.credential.contains("counter") && used.last_used_at.is_some());

    assert!(matches!(store.remove_passkey(bruno.id, &brunos, &known[0].id).await, Err(StoreError::NotFound)));
    store.remove_passkey(ana.id, &login, &known[0].id).await.unwrap();
    for number in 3..=u8::try_from(MAX_PASSKEYS).unwrap() + 1 {
        store.add_passkey(ana.id, &login, &passkey(number)).await.unwrap();
    }
    assert!(matches!(store.add_passkey(ana.id, &login, &passkey(99)).await, Err(StoreError::Taken("passkey"))));
}

#[tokio::test]
async fn a_recovery_code_turns_the_second_step_off() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    let store = &world.store;
    let (_, file) = store.credential("ana").await.unwrap().unwrap();
    let login = Login::new(Some((ana.id, &file)), vec![1]);
    let recovery = |proof: &[u8]| NewRecovery { key: vec![1; 73], proof: proof.to_vec() };
    store.change_recovery(ana.id, &login, &recovery(b"first")).await.unwrap();
    store.add_totp(ana.id, &[1; 60]).await.unwrap();
    store.use_totp(ana.id, &[1; 60], 1).await.unwrap();
    let passkey = NewPasskey { credential_id: vec![1], name: "Key".into(), credential: "{}".into(), account_key: None };
    store.add_passkey(ana.id, &login, &passkey).await.unwrap();
    let new = NewPassword { password_file: vec![2; 9], account_key: vec![3; 73], recovery: recovery(b"second") };
    store.recover("ana", b"first", &new).await.unwrap();
    assert_eq!(store.totp(ana.id).await.unwrap(), None);
    assert!(store.passkeys(ana.id).await.unwrap().is_empty());
}
