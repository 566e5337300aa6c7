use super::fixture::*;
use crate::*;

#[tokio::test]
async fn a_session_is_found_by_its_token_until_it_ends() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    world.store.add_session("token", ana.id).await.unwrap();
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
    let ana = world.person("ana").await;
    world.store.add_session("token", ana.id).await.unwrap();
    world.store.add_login("login", &Login { account: None, state: vec![1] }).await.unwrap();
    for table in ["session", "login"] {
        let past = clock::in_seconds(-1);
        crate::database::query!(world.store.db, format!("UPDATE {table} SET expires_at = $past"), past = past).unwrap();
    }
    assert!(world.store.session_account("token").await.unwrap().is_none());
    world.store.sweep().await.unwrap();
    assert_eq!((world.count("session").await, world.count("login").await), (0, 0));
}

#[tokio::test]
async fn the_state_of_a_sign_in_is_taken_once() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    world.store.add_login("token", &Login { account: Some(ana.id), state: vec![1, 2] }).await.unwrap();
    let login = world.store.take_login("token").await.unwrap();
    assert_eq!((login.account, login.state), (Some(ana.id), vec![1, 2]));
    assert!(matches!(world.store.take_login("token").await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn the_database_holds_no_token() {
    let world = World::new().await;
    let ana = world.person("ana").await;
    world.store.add_session("the-token", ana.id).await.unwrap();
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
async fn an_organization_is_founded_once() {
    let world = World::new().await;
    assert_eq!(world.store.organization().await.unwrap(), None);
    let organization = Organization { name: "Acme".into(), demo: false, server_keys: [7; 32] };
    let (_, admin) = new_account("admin", Role::Administrator);
    world.store.found(&organization, &admin).await.unwrap();
    assert_eq!(world.store.organization().await.unwrap().unwrap(), organization);
    let (_, second) = new_account("second", Role::Administrator);
    assert!(matches!(world.store.found(&organization, &second).await, Err(StoreError::Reused)));
    assert!(world.store.credential("second").await.unwrap().is_none());
}

#[tokio::test]
async fn a_recovery_code_sets_a_password_once_and_ends_the_sessions() {
    let world = World::new().await;
    let recovery = |proof: &str| NewRecovery { key: vec![1; 73], proof: proof.into() };
    let (ana, account) = new_account("ana", Role::Member);
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

    world.store.add_session("token", ana.id).await.unwrap();
    let new = NewPassword { password_file: vec![2; 9], account_key: vec![3; 73], recovery: recovery("second") };
    assert!(matches!(world.store.recover("ana", b"other", &new).await, Err(StoreError::NotFound)));
    assert!(world.store.session_account("token").await.unwrap().is_some());
    assert_eq!(world.store.recover("ana", b"first", &new).await.unwrap(), ana.id);
    assert!(world.store.session_account("token").await.unwrap().is_none());
    assert_eq!(world.store.credential("ana").await.unwrap().unwrap().1, vec![2; 9]);
    assert_eq!(world.store.sealed_account(ana.id).await.unwrap().account_key, vec![3; 73]);
    // The same request once more, after a lost connection, changes nothing; the used code opens nothing.
    assert_eq!(world.store.recover("ana", b"first", &new).await.unwrap(), ana.id);
    let again = NewPassword { account_key: vec![4; 73], recovery: recovery("third"), ..new };
    assert!(matches!(world.store.recover("ana", b"first", &again).await, Err(StoreError::NotFound)));

    world.set(record::account(ana.id), "status", "disabled").await;
    assert!(matches!(world.store.recoverable("ana", b"second").await, Err(StoreError::NotFound)));
}
