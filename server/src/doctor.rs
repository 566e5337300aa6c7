//! `mysafe doctor`: whether a server has what it needs, and what to do where it has not. Changes nothing.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{Access, StatVfs, StatVfsMountFlags};
use rustix::process::{Resource, getrlimit};
use serde::{Deserialize, Serialize};
use store::{Organization, Store, date_text, now_in_millis, now_in_seconds};

use crate::config::{Fault, Options};
use crate::{control, mail, server_keys, tls};

/// Below so many bytes a disk is as good as full.
const FULL: u64 = 100 << 20;
/// Below so many somebody should look after it.
const SCARCE: u64 = 2 << 30;
/// By how much clocks may differ.
const CLOCKS: Duration = Duration::from_secs(5);
/// How many days before its end a certificate should have been renewed.
const RENEWAL: u64 = 14;
/// How many files a server should be allowed to have open: one for each connection, and those of the database.
const FILES: u64 = 4_096;

/// How it is with something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    /// As it should be.
    Fine,
    /// It works, and somebody should look after it.
    Look,
    /// It does not work.
    Bad,
}

/// What was found out about something.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finding {
    state: State,
    what: String,
    text: String,
}

fn finding(state: State, what: &str, text: impl Into<String>) -> Finding {
    Finding { state, what: what.into(), text: text.into() }
}

fn fine(what: &str, text: impl Into<String>) -> Finding {
    finding(State::Fine, what, text)
}

fn look(what: &str, text: impl Into<String>) -> Finding {
    finding(State::Look, what, text)
}

fn bad(what: &str, text: impl Into<String>) -> Finding {
    finding(State::Bad, what, text)
}

fn of(what: &str, result: Result<String, Fault>) -> Finding {
    result.map_or_else(|Fault(text)| bad(what, text), |text| fine(what, text))
}

/// Looks at everything, and says what it found.
///
/// # Errors
/// A fault where something does not work.
#[tokio::main]
pub(crate) async fn run(options: &Options) -> Result<(), Fault> {
    let findings = examine(options).await;
    for Finding { state, what, text } in &findings {
        let state = match state {
            State::Fine => "fine",
            State::Look => "look",
            State::Bad => "BAD",
        };
        println!("{state:<5} {what:<12} {text}");
    }
    match findings.iter().filter(|finding| finding.state == State::Bad).count() {
        0 => Ok(()),
        1 => Err(Fault::new("1 thing does not work.")),
        count => Err(Fault(format!("{count} things do not work."))),
    }
}

async fn examine(options: &Options) -> Vec<Finding> {
    let mut findings = vec![of("settings", options.check().map(|()| "They fit together.".into()))];
    findings.extend(rights(options));
    findings.push(files());
    findings.extend(options.storage.folder().map(|folder| disk(&folder)));
    match control::ask(&options.storage, "doctor").await {
        Ok(Some(response)) => {
            findings.push(fine("server", "It runs, and answered at its control socket."));
            let told =
                response.bytes().await.ok().and_then(|bytes| serde_json::from_slice::<Vec<Finding>>(&bytes).ok());
            findings.extend(told.unwrap_or_else(|| vec![bad("server", "It is of another version: restart it.")]));
        }
        Ok(None) => {
            findings.push(address(options));
            findings.extend(stopped(options).await);
        }
        Err(Fault(text)) => findings.push(bad("server", text)),
    }
    findings.extend(certificate(options));
    findings.extend(post(options).await);
    findings
}

/// Whether the server could listen.
fn address(options: &Options) -> Finding {
    match TcpListener::bind(options.listen) {
        Ok(_) => fine("server", format!("It does not run. {} is free for it.", options.listen)),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => look(
            "server",
            format!(
                "It does not run, and who asks may not listen on {}. It must be allowed to: CAP_NET_BIND_SERVICE.",
                options.listen
            ),
        ),
        Err(error) => bad("server", format!("It does not run, and MYSAFE_LISTEN: {}: {error}", options.listen)),
    }
}

/// Whether others can read what is for the server alone.
fn rights(options: &Options) -> Vec<Finding> {
    let key = options.tls_key.clone();
    let settings = std::env::var_os("MYSAFE_CONFIG").map(Into::into);
    let keys = options.storage.keys_base64.is_none().then(|| options.storage.keys.clone());
    let files = [keys, options.storage.folder(), key, settings].into_iter().flatten();
    let open: Vec<String> = files
        .filter(|path| path.metadata().is_ok_and(|file| file.mode() & 0o007 != 0))
        .map(|path| path.display().to_string())
        .collect();
    if open.is_empty() {
        return Vec::new();
    }
    let text = format!("Everybody on this machine can read {}. Take that from them: chmod o-rwx.", open.join(", "));
    vec![look("rights", text)]
}

/// How many files it may have open.
fn files() -> Finding {
    match getrlimit(Resource::Nofile).current {
        Some(limit) if limit < FILES => look(
            "files",
            format!(
                "{limit} may be open at the same time. Allow {FILES} or more, by ulimit -n or LimitNOFILE: each connection is one."
            ),
        ),
        _ => fine("files", "Enough may be open at the same time."),
    }
}

/// Whether there is room where the database is.
fn disk(folder: &Path) -> Finding {
    // Before the first start, where it is going to be.
    let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let shown = there.display();
    let space = match rustix::fs::statvfs(there) {
        Ok(space) => space,
        Err(error) => return bad("disk", format!("{shown}: {error}")),
    };
    if space.f_flag.contains(StatVfsMountFlags::RDONLY) || rustix::fs::access(there, Access::WRITE_OK).is_err() {
        return bad(
            "disk",
            format!("Nothing can be written in {shown}. Give the folder to the user who runs the server."),
        );
    }
    room(&space, &shown.to_string())
}

fn room(space: &StatVfs, shown: &str) -> Finding {
    let free = space.f_bavail.saturating_mul(space.f_frsize);
    let text = format!("{} MiB are free for {shown}.", free >> 20);
    match free {
        ..FULL => bad("disk", format!("{text} Make room before anything else.")),
        FULL..SCARCE => look("disk", format!("{text} Make room before it is full.")),
        _ => fine("disk", text),
    }
}

/// What a server would find that is started now.
async fn stopped(options: &Options) -> Vec<Finding> {
    let storage = &options.storage;
    let is_new = storage.folder().is_some_and(|folder| !folder.exists());
    if is_new {
        return vec![fine("database", "There is none yet. The first start makes it.")];
    }
    let location = match storage.location() {
        Ok(location) => location,
        Err(Fault(text)) => return vec![bad("database", text)],
    };
    let store = match Store::open_unchanged(&location).await {
        Ok(store) => store,
        Err(error) => return vec![bad("database", storage.fault(error).to_string())],
    };
    let mut findings = database(&store).await;
    if let Ok(Some(organization)) = store.organization().await {
        findings.push(keys(options, &organization));
    }
    findings
}

fn keys(options: &Options, organization: &Organization) -> Finding {
    let loaded = server_keys::load(&options.storage, Some(organization));
    of("keys", loaded.map(|_| format!("{} belongs to this database.", server_keys::source(&options.storage))))
}

/// What can be said of a database that is open.
pub(crate) async fn database(store: &Store) -> Vec<Finding> {
    let state = match store.state().await {
        Ok(state) => state,
        Err(error) => return vec![bad("database", format!("It does not answer as it should: {error}"))],
    };
    let waits =
        if state.is_current { "" } else { " The next start brings its schema up to date: make a backup before." };
    let whose = match &state.organization {
        Some(Organization { name, demo: false, .. }) => format!("It answers, with the organization {name}."),
        Some(_) => "It answers, with a demo organization, whose passwords everyone knows.".into(),
        None => "It answers, and waits for the organization to be set up in a browser.".into(),
    };
    let mut findings = vec![fine("database", format!("{whose}{waits}"))];
    findings.push(clock(now_in_millis(), state.now, state.latest));
    findings
}

fn clock(here: i64, database: i64, latest: Option<i64>) -> Finding {
    let allowed = i64::try_from(CLOCKS.as_millis()).unwrap_or(i64::MAX);
    if (here - database).abs() > allowed {
        let seconds = (here - database).abs() / 1000;
        return bad(
            "clock",
            format!("It differs from the database's by {seconds} seconds. Let both follow a time server."),
        );
    }
    match latest {
        Some(latest) if latest > here + allowed => bad(
            "clock",
            format!(
                "It is {}, and something was done at {}. It was set back: set it right.",
                date_text(here),
                date_text(latest)
            ),
        ),
        _ => fine("clock", format!("It is {}.", date_text(here))),
    }
}

fn certificate(options: &Options) -> Option<Finding> {
    let (certificate, key) = (options.tls_certificate.as_ref()?, options.tls_key.as_ref()?);
    Some(match tls::ends_at(certificate, key) {
        Err(Fault(text)) => bad("certificate", text),
        Ok(ends) => {
            let days = ends.saturating_sub(now_in_seconds()) / (24 * 60 * 60);
            match days {
                0 => bad(
                    "certificate",
                    "It has ended, or ends today. Renew it: a running server takes the new one by itself.",
                ),
                1..=RENEWAL => {
                    look("certificate", format!("It ends in {days} days. Whatever renews it should have done so."))
                }
                _ => fine("certificate", format!("It fits its key, and ends in {days} days.")),
            }
        }
    })
}

async fn post(options: &Options) -> Option<Finding> {
    Some(match mail::reach(options).await {
        Ok(None) => return None,
        Ok(Some(())) => fine("mail", "The mail server answers."),
        Err(Fault(text)) => bad("mail", text),
    })
}
