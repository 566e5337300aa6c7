//! Programs with an access key: the interface for them, and the command-line client, which is one of them.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use app::access_key::api::NewAccessKey;
use app::error::AppError;
use client::wire::{
    Batch, Bytes, Fault, NewSecret, OwnAccount, SealedSecret, Secret, SecretChange, SecretFields, Secrets, Token,
    TokenFault,
};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use uuid::Uuid;
use vault::{
    AccessKey, AccountId, AccountKeys, Entry, Grants, Permission, RecipientId, SealedAccount, SecretId, SecretKey,
    SecretValue,
};

use crate::client::Client;
use crate::program::{Ended, Server, demo};

/// Adds an access key as the browser of an administrator does.
async fn add(administrator: &Client, username: &str) -> AccessKey {
    let key = AccessKey::random(AccountId::random());
    let (keys, sealed) = AccountKeys::create_for_access_key(&key, administrator.keys.root());
    let new = NewAccessKey {
        entry: Entry::first(&keys, username).sign(&administrator.keys),
        name: format!("{username} of the shop"),
        keys: sealed,
        client_secret: key.client_secret().to_string(),
        expires_at: None,
    };
    administrator.call::<()>("add_access_key", &(new,)).await.unwrap();
    key
}

/// Runs a command of the client with an access key.
fn run(server: SocketAddr, key: &AccessKey, folder: &Path, arguments: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mysafe"));
    command.env_clear().current_dir(folder).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("MYSAFE_SERVER", format!("http://{server}")).env("MYSAFE_ACCESS_KEY", &*key.text());
    let output = command.args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { succeeded: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
}

/// A program that speaks to the interface itself.
struct Program {
    http: reqwest::Client,
    url: String,
    token: String,
    keys: AccountKeys,
}

impl Program {
    async fn sign_in(server: SocketAddr, key: &AccessKey) -> Self {
        let (http, url) = (reqwest::Client::new(), format!("http://{server}/v1"));
        let request = http.post(format!("{url}/token")).basic_auth(key.account(), Some(&*key.client_secret()));
        let token: Token = read(request.form(&[("grant_type", "client_credentials")])).await;
        assert_eq!((token.token_type.as_str(), token.expires_in), ("Bearer", 3600));
        let own: OwnAccount = read(http.get(format!("{url}/account")).bearer_auth(&token.access_token)).await;
        let sealed: SealedAccount = own.keys.read().unwrap();
        let keys = AccountKeys::unlock_with_access_key(key, &sealed).unwrap();
        Self { http, url, token: token.access_token, keys }
    }

    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token)
    }
}

async fn read<T: DeserializeOwned>(request: RequestBuilder) -> T {
    let response = request.send().await.unwrap();
    let (status, text) = (response.status(), response.text().await.unwrap());
    assert!(status.is_success(), "{status} {text}");
    serde_json::from_str(&text).unwrap()
}

/// The status of a refusal, which is in the one form that all have.
async fn refused(request: RequestBuilder) -> (u16, Fault) {
    let response: Response = request.send().await.unwrap();
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/problem+json", "{status}");
    let fault: Fault = response.json().await.unwrap();
    assert_eq!(fault.status, status);
    (status, fault)
}

#[tokio::test]
async fn a_program_runs_with_what_people_share_with_its_access_key() {
    let folder = demo();
    let server = Server::start(folder.path(), &["--log", "debug,surrealdb=info,surrealkv=info"]);
    let admin = Client::sign_in(server.address, "admin").await.unwrap();
    let ana = Client::sign_in(server.address, "ana").await.unwrap();
    let key = add(&admin, "deploy").await;
    let by_key: Grants = vec![(RecipientId::Account(key.account()), Permission::View)];
    let stripe = ana.add_secret("canary stripe", "canary-value").await.unwrap();
    ana.share(&[stripe], &by_key).await.unwrap();
    // By a group as well.
    let group = admin.add_group("Programs", true).await.unwrap();
    admin.add_member(group, key.account()).await.unwrap();
    let mail = admin.add_secret("canary mail", "another value").await.unwrap();
    admin.share(&[mail], &vec![(RecipientId::Group(group), Permission::View)]).await.unwrap();
    let own = ana.add_secret("of nobody else", "no").await.unwrap();

    let run = |arguments: &[&str]| run(server.address, &key, folder.path(), arguments);
    let got = run(&["get", "canary stripe"]);
    assert!(got.succeeded && got.out == "canary-value\n", "{got:?}");
    assert_eq!(run(&["get", &format!("mysafe://{stripe}/client_id")]).out, "client\n");
    assert_eq!(run(&["get", "canary mail"]).out, "another value\n");
    let listed = run(&["list"]).out;
    assert!(listed.contains("canary stripe") && listed.contains(&stripe.to_string()), "{listed}");
    assert!(!listed.contains("of nobody else"), "{listed}");
    let secrets: Vec<Secret> = serde_json::from_str(&run(&["list", "--json"]).out).unwrap();
    assert_eq!(secrets.len(), 2);

    fs::write(
        folder.path().join(".env.mysafe"),
        "# Of the shop\nSTRIPE='mysafe://canary stripe'\nPLAIN=te$t${MYSAFE_ACCESS_KEY}\n",
    )
    .unwrap();
    let script = "echo \"$STRIPE $PLAIN $MAIL\"; env | grep ^MYSAFE_; exit 7";
    let ran = run(&["run", "--env-file", ".env.mysafe", "--env", "MAIL=canary mail", "--", "sh", "-c", script]);
    assert_eq!(
        (ran.succeeded, ran.out.as_str()),
        (false, "canary-value te$t${MYSAFE_ACCESS_KEY} another value\n"),
        "{ran:?}"
    );

    // What is not theirs, what is not there and what ends are the same.
    for name in ["of nobody else", &own.to_string(), "nothing"] {
        let failed = run(&["get", name]);
        assert!(
            !failed.succeeded && failed.out.is_empty() && failed.err.contains("there is no API secret"),
            "{failed:?}"
        );
    }
    ana.limit(&[stripe], &[(RecipientId::Account(key.account()), None)]).await.unwrap();
    assert!(run(&["get", "canary stripe"]).err.contains("there is no API secret"));
    admin.call::<()>("set_person_enabled", &(key.account(), false)).await.unwrap();
    assert!(run(&["list"]).err.contains("disabled or has ended"));

    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    let opened = format!("function=\"/v1/secrets/{{id}}/open\" from=127.0.0.1 account={}", key.account());
    assert!(log.lines().any(|line| line.contains(&opened) && line.contains("value opened")), "{log}");
    for told in ["canary", "another value", &**key.text(), &**key.client_secret()] {
        assert!(!log.contains(told), "{told} in {log}");
    }
}

#[tokio::test]
async fn a_program_adds_changes_and_shares_what_it_owns() {
    let folder = demo();
    let server = Server::start(folder.path(), &[]);
    let admin = Client::sign_in(server.address, "admin").await.unwrap();
    let ana = Client::sign_in(server.address, "ana").await.unwrap();
    let key = add(&admin, "rotator").await;
    let program = Program::sign_in(server.address, &key).await;

    let (id, secret_key) = (SecretId::random(), SecretKey::random());
    let value = |text: &str| SecretValue { client_secret: text.into(), notes: String::new() };
    let fields = SecretFields {
        name: "Made by a program".into(),
        url: "https://api.example.com".into(),
        client_id: "shop".into(),
        identifier: Some("shop-api".into()),
        ..SecretFields::default()
    };
    let new = NewSecret {
        id: id.uuid(),
        fields: fields.clone(),
        key: Bytes(program.keys.seal_secret_key(id, &secret_key)),
        value: Bytes(secret_key.seal_value(id, 1, &value("first")).unwrap()),
    };
    let added = program.ask(Method::POST, "/secrets").json(&new).send().await.unwrap();
    assert_eq!(added.status(), StatusCode::CREATED);
    let shared = run(server.address, &key, folder.path(), &["share", "shop-api", "--with", "ana", "--can-edit"]);
    assert!(shared.succeeded && shared.out == "Shared 1 API secret with 1 recipient.\n", "{shared:?}");
    assert_eq!(ana.open(id).await.unwrap(), "first");
    assert_eq!(ana.list().await.unwrap().iter().find(|row| row.id == id).unwrap().owner_name, "rotator of the shop");

    let change = SecretChange {
        fields,
        revision: 2,
        value: Some(Bytes(secret_key.seal_value(id, 2, &value("second")).unwrap())),
        rotates: true,
    };
    let path = format!("/secrets/{id}");
    let changed = program.ask(Method::PUT, &path).json(&change).send().await.unwrap();
    assert_eq!(changed.status(), StatusCode::NO_CONTENT);
    let late = SecretChange { fields: SecretFields { name: "Too late".into(), ..change.fields.clone() }, ..change };
    assert_eq!(refused(program.ask(Method::PUT, &path).json(&late)).await.0, 409, "the revision is there already");
    assert_eq!(ana.open(id).await.unwrap(), "second");
    let known: Secret = read(program.ask(Method::GET, &path)).await;
    assert_eq!((known.revision, known.fields.identifier.as_deref()), (2, Some("shop-api")));
    assert!(known.changed_at.ends_with('Z'), "{}", known.changed_at);

    let batch = Batch { id: Uuid::from_u128(1), secrets: vec![id.uuid()] };
    let off = program.ask(Method::POST, "/secrets/deactivate").json(&batch).send().await.unwrap();
    assert_eq!(off.status(), StatusCode::NO_CONTENT);
    assert_eq!(ana.open(id).await, Err(AppError::Disabled));
    let (status, fault) = refused(
        program
            .ask(Method::POST, "/secrets/activate")
            .json(&Batch { id: Uuid::from_u128(2), secrets: vec![id.uuid(), Uuid::from_u128(3)] }),
    )
    .await;
    assert_eq!((status, fault.problems.len(), fault.problems[0].secret), (422, 1, Some(Uuid::from_u128(3))));
    let on = Batch { id: Uuid::from_u128(4), ..batch };
    program.ask(Method::POST, "/secrets/activate").json(&on).send().await.unwrap().error_for_status().unwrap();
    let opened: SealedSecret = read(program.ask(Method::POST, &format!("{path}/open"))).await;
    assert_eq!((opened.revision, opened.value_revision), (2, 2));

    // Whose keys were seen is remembered, sealed.
    let own: OwnAccount = read(program.ask(Method::GET, "/account")).await;
    let pins = own.pins.unwrap();
    assert!(program.keys.open_pins(pins.revision, &pins.pins.0).is_ok());
}

#[tokio::test]
async fn who_has_no_token_gets_nothing_and_a_token_is_for_this_interface_alone() {
    let folder = demo();
    let server = Server::start(folder.path(), &["--rate-program-openings", "3/1"]);
    let admin = Client::sign_in(server.address, "admin").await.unwrap();
    let key = add(&admin, "deploy").await;
    let program = Program::sign_in(server.address, &key).await;
    let (http, url) = (&program.http, &program.url);

    // A person's session is none here, nor a program's there.
    for token in ["", "unknown", admin.token()] {
        assert_eq!(refused(http.get(format!("{url}/secrets")).bearer_auth(token)).await.0, 401, "{token}");
    }
    let answer = http.get(format!("{url}/secrets")).send().await.unwrap();
    assert_eq!(answer.headers()["www-authenticate"], "Bearer");
    let by_cookie = http
        .post(format!("http://{}/api/list_secrets", server.address))
        .header("content-type", "application/x-postcard")
        .header("cookie", format!("mysafe={}", program.token));
    assert_eq!(by_cookie.send().await.unwrap().status(), 401);
    let live =
        http.get(format!("http://{}/api/live", server.address)).header("cookie", format!("mysafe={}", program.token));
    assert_eq!(live.send().await.unwrap().status(), 401);

    let token = async |form: &[(&str, &str)]| {
        let answer = http.post(format!("{url}/token")).form(form).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json::<TokenFault>().await.unwrap().error)
    };
    let (id, secret) = (key.account().to_string(), key.client_secret());
    assert_eq!(token(&[("grant_type", "password")]).await, (400, "unsupported_grant_type".into()));
    assert_eq!(token(&[("grant_type", "client_credentials")]).await, (400, "invalid_request".into()));
    assert_eq!(token(&[]).await, (400, "invalid_request".into()));
    let credentials = |id, secret| [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    for (id, secret) in [(id.as_str(), "wrong"), ("nobody", &**secret), (&*admin.id().to_string(), &**secret)] {
        assert_eq!(token(&credentials(id, secret)).await, (401, "invalid_client".into()));
    }

    // What does not fit is said in one form.
    let unknown = Uuid::from_u128(1);
    let cases = [
        (program.ask(Method::GET, "/nothing"), 404),
        (program.ask(Method::DELETE, "/secrets"), 405),
        (program.ask(Method::GET, "/secrets/no-id"), 400),
        (program.ask(Method::GET, &format!("/secrets/{unknown}")), 404),
        (program.ask(Method::POST, &format!("/secrets/{unknown}/open")), 404),
        (program.ask(Method::GET, &format!("/shares/{unknown}/manifest")), 404),
        (program.ask(Method::GET, "/recipients"), 400),
        (program.ask(Method::POST, "/secrets").body("{}"), 415),
        (program.ask(Method::POST, "/secrets").json(&[1]), 422),
        (program.ask(Method::POST, "/secrets/activate").header("content-type", "application/json").body("{"), 400),
    ];
    for (request, expected) in cases {
        assert_eq!(refused(request).await.0, expected);
    }

    // A program that opens one after the other is slowed down; it is not asked for a password that it has not.
    let secret = admin.add_secret("often", "value").await.unwrap();
    admin.share(&[secret], &vec![(RecipientId::Account(key.account()), Permission::View)]).await.unwrap();
    let open = || program.ask(Method::POST, &format!("/secrets/{secret}/open"));
    for _ in 0..2 {
        open().send().await.unwrap().error_for_status().unwrap();
    }
    let (status, fault) = refused(open()).await;
    assert!(status == 429 && fault.detail.contains("Wait a minute"), "{fault:?}");
    let listed: Secrets = read(program.ask(Method::GET, "/secrets")).await;
    assert_eq!(listed.secrets.len(), 1);
}

/// Requests as the description has them, and as it has them not, by somebody else's program: every answer is one that the description has.
#[tokio::test]
async fn the_description_holds() {
    let folder = demo();
    let server =
        Server::start(folder.path(), &["--rate-searches", "10000/10000", "--rate-program-openings", "10000/10000"]);
    let admin = Client::sign_in(server.address, "admin").await.unwrap();
    let ana = Client::sign_in(server.address, "ana").await.unwrap();
    let key = add(&admin, "tester").await;
    let secret = ana.add_secret("to be found", "value").await.unwrap();
    ana.share(&[secret], &vec![(RecipientId::Account(key.account()), Permission::View)]).await.unwrap();
    let program = Program::sign_in(server.address, &key).await;
    // Where scripts/setup.sh puts it.
    let tester = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("python").join("bin/schemathesis");
    let mut command = Command::new(&tester);
    command.current_dir(folder.path()).args(["run", &format!("{}/openapi.json", program.url), "--no-color"]);
    command.args([
        "--header",
        &format!("Authorization: Bearer {}", program.token),
        "--seed",
        "1",
        "--max-examples",
        "20",
    ]);
    // What is sealed no description can say.
    command.args(["--exclude-checks", "positive_data_acceptance"]);
    let output = command.output().unwrap_or_else(|error| panic!("{}: {error}: run scripts/setup.sh", tester.display()));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Tested: 15\n"), "{said}");
}
