use app::account::api::{BeginSignIn, Challenge, FinishSignIn};
use app::error::{AppError, Problem, Reason, Subject};
use app::secret::api::{
    AddSecret, ChangeSecret, GetSecret, NewSecret, NewValue, OpenSecret, SecretChange, SecretFields, SecretRow,
    SetEnabled,
};
use app::share::api::{
    FindRecipients, KeyToShare, KeysToShare, NewShare, RecipientKeys, ResolveRecipients, SecretAccess, ShareManifest,
    ShareSecrets, Shared, Sought,
};
use axum::http::{StatusCode, header};
use leptos::server_fn::axum::server_fn_paths;
use vault::{
    AccountId, BatchId, Directory, GroupId, LoginAttempt, Mandate, Manifest, Permission, Place, RecipientEntry,
    RecipientId, SecretId, SecretKey, SecretValue, ShareId, ShareKey,
};

use super::fixture::*;

fn fields(name: &str) -> SecretFields {
    SecretFields {
        name: name.into(),
        url: "https://example.com".into(),
        client_id: "client".into(),
        ..SecretFields::default()
    }
}

pub(super) async fn add(world: &World, visitor: &Visitor, name: &str) -> SecretId {
    let (id, key) = (SecretId::random(), SecretKey::random());
    let value = key.seal_value(id, 1, &SecretValue::default()).unwrap();
    let new = NewSecret { id, fields: fields(name), key: visitor.keys.seal_secret_key(id, &key), value };
    assert_eq!(world.call("add_secret", &visitor.cookie, &AddSecret { new }).await.status, StatusCode::OK);
    id
}

/// A share as the browser makes it.
async fn new_share(world: &World, visitor: &Visitor, secret: SecretId, recipient: RecipientId) -> NewShare {
    let keys: Vec<KeyToShare> =
        world.call("keys_to_share", &visitor.cookie, &KeysToShare { secrets: vec![secret] }).await.read();
    let found: Vec<RecipientEntry> =
        world.call("recipient_keys", &visitor.cookie, &RecipientKeys { recipients: vec![recipient] }).await.read();
    let (share, key, permission) = (ShareId::random(), ShareKey::random(), Permission::View);
    let granter = visitor.keys.account();
    let manifest = Manifest {
        granter,
        share,
        epoch: 1,
        key_check: key.check(),
        items: vec![secret],
        grants: vec![(recipient, permission)],
    };
    let secret_key = visitor.keys.open_secret_key(secret, &keys[0].key).unwrap();
    let place = Place::Grant { granter, share, epoch: 1, recipient, recipient_epoch: 1, permission };
    let mandates: Vec<Mandate> = world.call_raw("mandates", &visitor.cookie, Vec::new()).await.read();
    let public = Directory::new(&visitor.keys.root(), &mandates).check_recipient(&found[0], 0).unwrap();
    NewShare {
        signature: manifest.sign(&visitor.keys),
        manifest,
        key: visitor.keys.seal_share_key(share, 1, &key),
        items: vec![key.seal_item(share, 1, secret, &secret_key)],
        key_epochs: vec![keys[0].epoch],
        grants: vec![(1, key.seal_grant(&place, &public))],
        ends_at: None,
    }
}

#[tokio::test]
async fn nothing_is_answered_without_a_session() {
    let world = World::new().await;
    let (secret, share) = (SecretId::random(), ShareId::random());
    let none: Vec<SecretId> = Vec::new();
    let answers = [
        world.call_raw("list_secrets", "", Vec::new()).await,
        world.call("get_secret", "", &GetSecret { id: secret }).await,
        world.call("open_secret", "", &OpenSecret { id: secret }).await,
        world
            .call("set_enabled", "", &SetEnabled { batch: BatchId::random(), secrets: none.clone(), enabled: true })
            .await,
        world.call("keys_to_share", "mysafe=guessed", &KeysToShare { secrets: none }).await,
        world.call("find_recipients", "", &FindRecipients { text: "a".into(), sought: Sought::All }).await,
        world.call("recipient_keys", "", &RecipientKeys { recipients: Vec::new() }).await,
        world.call("share_manifest", "", &ShareManifest { share }).await,
        world.call("secret_access", "", &SecretAccess { id: secret }).await,
        world.call_raw("list_groups", "", Vec::new()).await,
        world.call("get_group", "", &GroupId::random()).await,
    ];
    for (index, answer) in answers.iter().enumerate() {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "call {index}");
        assert_eq!(answer.read::<AppError>(), AppError::SignedOut);
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    }
}

/// What somebody can ask who is not signed in.
const ENTRANCE: [&str; 15] = [
    "greet",
    "begin_set_up",
    "finish_set_up",
    "begin_sign_in",
    "finish_sign_in",
    "finish_second_step",
    "sign_out",
    "begin_recovery",
    "finish_recovery",
    "open_invitation",
    "begin_acceptance",
    "accept_invitation",
    "open_restoration",
    "begin_restoration",
    "finish_restoration",
];

#[tokio::test]
async fn every_function_but_those_of_the_entrance_wants_a_session() {
    let world = World::with(&["ana"]).await;
    let functions: Vec<&str> = server_fn_paths().filter_map(|(path, _)| path.strip_prefix("/api/")).collect();
    assert!(ENTRANCE.iter().all(|name| functions.contains(name)), "{functions:?}");
    let (mut refused, mut inside) = (0, 0);
    for function in functions.iter().filter(|name| !ENTRANCE.contains(name)) {
        // Zeros are empty lists and texts, sixteens are ids: one of the two is understood by most functions.
        let bodies = [vec![0; 4_096], vec![16; 4_096]];
        let mut statuses = Vec::new();
        for body in bodies {
            statuses.push(world.call_raw(function, "", body).await.status);
        }
        let expected = [StatusCode::UNAUTHORIZED, StatusCode::BAD_REQUEST];
        assert!(statuses.iter().all(|status| expected.contains(status)), "{function}: {statuses:?}");
        inside += 1;
        refused += usize::from(statuses.contains(&StatusCode::UNAUTHORIZED));
    }
    assert!(refused * 3 > inside * 2, "only {refused} of {inside} were understood");
}

#[tokio::test]
async fn searches_and_pasted_lists_have_a_limit_for_each_account() {
    let world = World::with(&["ana", "bruno"]).await;
    let (ana, bruno) = (world.sign_in("ana").await, world.sign_in("bruno").await);
    let find = FindRecipients { text: "b".into(), sought: Sought::All };
    // Ten come back in a second: however slow this machine is, it asks faster than that.
    let mut status = StatusCode::OK;
    let mut asked = 0;
    while status == StatusCode::OK && asked < 2_000 {
        status = world.call("find_recipients", &ana.cookie, &find).await.status;
        asked += 1;
    }
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert!(asked > 50, "{asked}");
    assert_eq!(world.call("find_recipients", &bruno.cookie, &find).await.status, StatusCode::OK);

    let list = ResolveRecipients { texts: vec!["nobody".into(); 1_000], sought: Sought::All };
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(world.call("resolve_recipients", &bruno.cookie, &list).await);
    }
    assert_eq!(answers.iter().map(|answer| answer.status.as_u16()).collect::<Vec<_>>(), [200, 200, 429]);
    assert_eq!(answers[2].read::<AppError>(), AppError::TooFast);
}

#[tokio::test]
async fn a_sign_in_gives_a_cookie_that_scripts_cannot_read() {
    let world = World::with(&["ana"]).await;
    let (attempt, request) = LoginAttempt::start(PASSWORD).unwrap();
    let begun = world.call("begin_sign_in", "", &BeginSignIn { username: "ANA".into(), request }).await;
    let challenge: Challenge = begun.read();
    let (proof, _) = attempt.finish(PASSWORD, &challenge.message).unwrap();
    let arguments = FinishSignIn { token: challenge.token, proof };
    let finished = world.call("finish_sign_in", "", &arguments).await;
    let cookie = finished.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
    // The same proof is of no use a second time.
    let again = world.call("finish_sign_in", "", &arguments).await;
    assert_eq!((again.status, again.read::<AppError>()), (StatusCode::UNAUTHORIZED, AppError::WrongPassword));
    assert!(!again.headers.contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn unknown_usernames_are_answered_like_known_ones() {
    let world = World::with(&["ana"]).await;
    let mut lengths = Vec::new();
    for username in ["ana", "nobody"] {
        let (_, request) = LoginAttempt::start(PASSWORD).unwrap();
        let begun = world.call("begin_sign_in", "", &BeginSignIn { username: username.into(), request }).await;
        assert_eq!(begun.status, StatusCode::OK);
        lengths.push(begun.body.len());
        let token = begun.read::<Challenge>().token;
        let finished = world.call("finish_sign_in", "", &FinishSignIn { token, proof: vec![0; 64] }).await;
        assert_eq!((finished.status, finished.read::<AppError>()), (StatusCode::UNAUTHORIZED, AppError::WrongPassword));
    }
    assert_eq!(lengths[0], lengths[1]);
    // One name spelled in two ways is one name to the key exchange, whether there is somebody of that name or not. Its first 32 bytes are
    // the evaluated element, which is the same for the same request to the same account.
    for spellings in [["ana", "ａna"], ["nobody", "ｎobody"]] {
        let (_, request) = LoginAttempt::start(PASSWORD).unwrap();
        let mut elements = Vec::new();
        for username in spellings {
            let arguments = BeginSignIn { username: username.into(), request: request.clone() };
            let begun = world.call("begin_sign_in", "", &arguments).await;
            elements.push(begun.read::<Challenge>().message[..32].to_vec());
        }
        assert_eq!(elements[0], elements[1], "{spellings:?}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_what_it_says_is_refused_and_nothing_is_written() {
    let world = World::with(&["ana"]).await;
    let ana = world.sign_in("ana").await;
    for function in ["share_secrets", "add_secret", "set_enabled", "change_secret", "begin_sign_in"] {
        for body in [Vec::new(), vec![0xff; 64], b"{\"json\": true}".to_vec()] {
            let answer = world.call_raw(function, &ana.cookie, body).await;
            assert!(answer.status.is_client_error(), "{function}: {}", answer.status);
        }
    }
    // A permission that there is not: the last byte of the manifest's only grant is its number.
    let secret = add(&world, &ana, "one").await;
    let new = share_for_bytes(&ana, secret);
    let good = postcard::to_allocvec(&ShareSecrets { new: new.clone(), extends: None }).unwrap();
    let manifest = postcard::to_allocvec(&new.manifest).unwrap();
    let mut bad = good.clone();
    assert_eq!(bad[manifest.len() - 1], 0, "Can view is number 0 on the wire");
    bad[manifest.len() - 1] = 7;
    let answer = world.call_raw("share_secrets", &ana.cookie, bad).await;
    assert_eq!((answer.status, answer.read::<AppError>()), (StatusCode::BAD_REQUEST, AppError::BadRequest));
    let row: SecretRow = world.call("get_secret", &ana.cookie, &GetSecret { id: secret }).await.read();
    assert!(!row.shared);
}

/// A share to nobody in particular, for its bytes.
fn share_for_bytes(visitor: &Visitor, secret: SecretId) -> NewShare {
    let manifest = Manifest {
        granter: visitor.keys.account(),
        share: ShareId::random(),
        epoch: 1,
        key_check: [0; 32],
        items: vec![secret],
        grants: vec![(RecipientId::Account(AccountId::random()), Permission::View)],
    };
    let signature = manifest.sign(&visitor.keys);
    NewShare {
        manifest,
        signature,
        key: vec![1; 73],
        items: vec![vec![1; 73]],
        key_epochs: vec![1],
        grants: vec![(1, vec![1; 1169])],
        ends_at: None,
    }
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused() {
    let world = World::with(&["ana"]).await;
    let ana = world.sign_in("ana").await;
    let answer = world.call_raw("add_secret", &ana.cookie, vec![0; 5 * 1024 * 1024]).await;
    assert_eq!((answer.status, answer.read::<AppError>()), (StatusCode::PAYLOAD_TOO_LARGE, AppError::BadRequest));
}

#[tokio::test]
async fn every_fault_of_a_share_names_its_field_or_record() {
    let world = World::with(&["ana", "bruno"]).await;
    let (ana, bruno) = (world.sign_in("ana").await, world.sign_in("bruno").await);
    let (own, theirs) = (add(&world, &ana, "own").await, add(&world, &bruno, "theirs").await);
    let keys = async |secrets| {
        let answer = world.call("keys_to_share", &ana.cookie, &KeysToShare { secrets }).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answer.read::<AppError>()
    };
    let problem = |subject, reason| AppError::Refused(vec![Problem { subject, reason }]);
    let unknown = SecretId::random();
    assert_eq!(keys(vec![own, unknown]).await, problem(Subject::Secret(unknown), Reason::NotFound));
    assert_eq!(keys(vec![own, theirs]).await, problem(Subject::Secret(theirs), Reason::NotFound));
    assert!(matches!(keys(vec![own, own]).await, AppError::Invalid { .. }));
    assert!(matches!(keys(Vec::new()).await, AppError::Invalid { .. }));

    let recipients = async |recipients| {
        let answer = world.call("recipient_keys", &ana.cookie, &RecipientKeys { recipients }).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answer.read::<AppError>()
    };
    assert!(matches!(recipients(Vec::new()).await, AppError::Invalid { .. }));
    let crowd = (0..50_000).map(|_| RecipientId::Account(AccountId::random())).collect();
    assert!(matches!(recipients(crowd).await, AppError::TooMany { limit: 1_000, .. }));
    let nobody = RecipientId::Account(AccountId::random());
    assert_eq!(recipients(vec![nobody]).await, problem(Subject::Recipient(nobody), Reason::NotFound));

    let mut share = new_share(&world, &ana, own, RecipientId::Account(bruno.keys.account())).await;
    world
        .call("set_enabled", &ana.cookie, &SetEnabled { batch: BatchId::random(), secrets: vec![own], enabled: false })
        .await;
    let refused = world.call("share_secrets", &ana.cookie, &ShareSecrets { new: share.clone(), extends: None }).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.read::<AppError>(), problem(Subject::Secret(own), Reason::Disabled));
    world
        .call("set_enabled", &ana.cookie, &SetEnabled { batch: BatchId::random(), secrets: vec![own], enabled: true })
        .await;
    share.signature[0] ^= 1;
    let forged = world.call("share_secrets", &ana.cookie, &ShareSecrets { new: share, extends: None }).await;
    assert_eq!((forged.status, forged.read::<AppError>()), (StatusCode::BAD_REQUEST, AppError::BadRequest));
    let row: SecretRow = world.call("get_secret", &ana.cookie, &GetSecret { id: own }).await.read();
    assert!(!row.shared);
}

#[tokio::test]
async fn the_same_share_twice_is_one_and_another_under_its_id_is_refused() {
    let world = World::with(&["ana", "bruno"]).await;
    let (ana, bruno) = (world.sign_in("ana").await, world.sign_in("bruno").await);
    let secret = add(&world, &ana, "one").await;
    let new = new_share(&world, &ana, secret, RecipientId::Account(bruno.keys.account())).await;
    for _ in 0..2 {
        let answer = world.call("share_secrets", &ana.cookie, &ShareSecrets { new: new.clone(), extends: None }).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.read::<Shared>(), Shared { items: 1, grants: 1 });
    }
    let mut other = new.clone();
    other.manifest.grants[0].1 = Permission::Edit;
    other.signature = other.manifest.sign(&ana.keys);
    let refused = world.call("share_secrets", &ana.cookie, &ShareSecrets { new: other, extends: None }).await;
    assert_eq!((refused.status, refused.read::<AppError>()), (StatusCode::CONFLICT, AppError::Reused));
    let (listed, ..): (Vec<SecretRow>, String, i64) =
        world.call_raw("list_secrets", &bruno.cookie, Vec::new()).await.read();
    assert_eq!((listed.len(), listed[0].permission), (1, Some(Permission::View)));
}

#[tokio::test]
async fn what_a_caller_may_not_see_answers_like_what_does_not_exist() {
    let world = World::with(&["ana", "bruno"]).await;
    let (ana, bruno) = (world.sign_in("ana").await, world.sign_in("bruno").await);
    let secret = add(&world, &ana, "one").await;
    let mut bodies = Vec::new();
    for id in [secret, SecretId::random()] {
        let change = SecretChange {
            id,
            fields: fields("x"),
            revision: 2,
            value: Some(NewValue { sealed: vec![1; 100], rotates: true, restores: None }),
        };
        for answer in [
            world.call("get_secret", &bruno.cookie, &GetSecret { id }).await,
            world.call("open_secret", &bruno.cookie, &OpenSecret { id }).await,
            world.call("secret_access", &bruno.cookie, &SecretAccess { id }).await,
            world.call("change_secret", &bruno.cookie, &ChangeSecret { change }).await,
        ] {
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
            bodies.push(answer.body);
        }
    }
    assert_eq!(bodies[..4], bodies[4..]);
}

#[tokio::test]
async fn fields_are_checked_on_the_server_too() {
    let world = World::with(&["ana"]).await;
    let ana = world.sign_in("ana").await;
    let id = SecretId::random();
    let fields = SecretFields { url: "javascript:alert(1)".into(), ..fields("x") };
    let new = NewSecret { id, fields, key: vec![1; 73], value: vec![1; 100] };
    let answer = world.call("add_secret", &ana.cookie, &AddSecret { new }).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(matches!(answer.read(), AppError::Invalid { field, .. } if field == "URL"));
}

#[tokio::test]
async fn a_body_larger_than_any_request_is_not_read() {
    let world = World::new().await;
    let find = |length: usize| FindRecipients { text: "a".repeat(length), sought: Sought::All };
    // Read and understood, and refused for want of a session.
    assert_eq!(world.call("find_recipients", "", &find(1024 * 1024)).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.call("find_recipients", "", &find(5 * 1024 * 1024)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}
