use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use app::account::api::{BeginSignIn, Challenge, FinishSignIn, Proved};
use app::backend::Backend;
use app::rate_limit::Limits;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use clap::Parser as _;
use http_body_util::BodyExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{NewAccount, NewKeys, Organization, Role, Store};
use tempfile::TempDir;
use tower::ServiceExt as _;
use vault::{AccountId, AccountKeys, Entry, LoginAttempt, Mandate, PasswordFile, Registration, ServerKeys};

use crate::link::Link;
use crate::live::Live;
use crate::router::router;
use crate::{Arguments, Command};

pub(super) const PASSWORD: &str = "correct horse";
/// The proxy that is believed.
pub(super) const PROXY: &str = "10.0.0.1";

/// A server without a socket.
pub(super) struct World {
    pub router: Router,
    pub backend: Arc<Backend>,
    pub live: Arc<Live>,
    _folder: TempDir,
}

/// An answer, read to its end.
pub(super) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Somebody who is signed in.
pub(super) struct Visitor {
    pub keys: AccountKeys,
    pub cookie: String,
}

impl Answer {
    pub fn read<T: DeserializeOwned>(&self) -> T {
        postcard::from_bytes(&self.body).unwrap()
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// A server of people who all have [`PASSWORD`]; the first founded the organization.
    pub async fn with(usernames: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let assets = folder.path().join("dist");
        std::fs::create_dir(&assets).unwrap();
        std::fs::write(assets.join("index.html"), "<title>MySafe</title>").unwrap();
        std::fs::write(assets.join("app-0123456789abcdef.js"), "1").unwrap();
        std::fs::write(assets.join("sw.js"), "2").unwrap();
        std::fs::write(assets.join("manifest.webmanifest"), "{}").unwrap();
        let options =
            Arguments::parse_from(["mysafe", "serve", "--proxies", PROXY, "--assets", assets.to_str().unwrap()]);
        let Command::Serve(options) = options.command else { panic!("this is to serve") };
        let store =
            Store::open(&format!("surrealkv://{}", folder.path().join("database").display()).into()).await.unwrap();
        let keys = ServerKeys::random();
        let mut founder = None;
        let mut accounts = Vec::new();
        for username in usernames {
            let (keys, account) = register(&keys, username, founder.as_ref());
            founder = founder.or(Some(keys));
            accounts.push(account);
        }
        if let (Some(keys), Some((first, others))) = (&founder, accounts.split_first()) {
            let organization = Organization { name: "Acme".into(), demo: false, server_keys: [7; 32] };
            let mandate = Mandate::sign(&first.entry.entry, keys);
            store.found(&organization, first, &mandate).await.unwrap();
            store.add_accounts(others).await.unwrap();
        }
        let set_up_code = Mutex::new(Some("the code".into()));
        let (address, mailer) = ("http://127.0.0.1".into(), None);
        let backend = Arc::new(Backend {
            store,
            keys,
            secure: false,
            set_up_code,
            address,
            limits: Limits::new(&options.limits.settings()),
            passkeys: None,
            mailer,
        });
        let live = Arc::new(Live::new());
        let router = router(Arc::clone(&backend), Arc::clone(&live), &Link::new(), &options).unwrap();
        Self { router, backend, live, _folder: folder }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Calls a server function with raw bytes.
    pub async fn call_raw(&self, function: &str, cookie: &str, body: Vec<u8>) -> Answer {
        let request = Request::post(format!("/api/{function}"))
            .header(header::CONTENT_TYPE, "application/x-postcard")
            .header(header::COOKIE, cookie);
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Calls a server function from a peer, which says in a header whom it speaks for.
    pub async fn call_from(&self, (peer, client): (&str, &str), function: &str, arguments: &impl Serialize) -> Answer {
        let peer = SocketAddr::new(peer.parse().unwrap(), 1);
        let request = Request::post(format!("/api/{function}"))
            .header(header::CONTENT_TYPE, "application/x-postcard")
            .header("x-forwarded-for", client)
            .extension(ConnectInfo(peer));
        self.send(request.body(Body::from(postcard::to_allocvec(arguments).unwrap())).unwrap()).await
    }

    /// Calls a server function with its arguments.
    pub async fn call(&self, function: &str, cookie: &str, arguments: &impl Serialize) -> Answer {
        self.call_raw(function, cookie, postcard::to_allocvec(arguments).unwrap()).await
    }

    /// Signs in as the browser does.
    pub async fn sign_in(&self, username: &str) -> Visitor {
        let (attempt, request) = LoginAttempt::start(PASSWORD).unwrap();
        let begun = self.call("begin_sign_in", "", &BeginSignIn { username: username.into(), request }).await;
        let challenge: Challenge = begun.read();
        let (proof, export_key) = attempt.finish(PASSWORD, &challenge.message).unwrap();
        let finished = self.call("finish_sign_in", "", &FinishSignIn { token: challenge.token, proof }).await;
        assert_eq!(finished.status, StatusCode::OK);
        let cookie = finished.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let Proved::SignedIn(signed_in) = finished.read() else { panic!("no code was asked for") };
        let keys = AccountKeys::unlock(signed_in.profile.id, &export_key, &signed_in.keys).unwrap();
        Visitor { keys, cookie }
    }
}

fn register(keys: &ServerKeys, username: &str, founder: Option<&AccountKeys>) -> (AccountKeys, NewAccount) {
    let id = AccountId::random();
    let (registration, request) = Registration::start(PASSWORD).unwrap();
    let response = keys.register(id, &request).unwrap();
    let (upload, export_key) = registration.finish(PASSWORD, &response).unwrap();
    let (account_keys, sealed) = AccountKeys::create(id, &export_key, founder.map(AccountKeys::root));
    let account = NewAccount {
        entry: Entry::first(&account_keys, username).sign(founder.unwrap_or(&account_keys)),
        name: username.to_uppercase(),
        email: format!("{username}@example.com"),
        role: if founder.is_none() { Role::Administrator } else { Role::Member },
        keys: NewKeys { password_file: PasswordFile::from_upload(&upload).unwrap().to_bytes(), recovery: None, sealed },
    };
    (account_keys, account)
}
