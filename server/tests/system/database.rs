//! A `SurrealDB` server as a process of its own, with its files in a temporary folder.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// Of the user that `MySafe` signs in as, and of the one who made it.
const PASSWORD: &str = "canary-database-password";

/// A running server. Killed where the test forgets it.
pub struct Database {
    process: Child,
    pub address: SocketAddr,
    folder: TempDir,
}

impl Database {
    /// On an empty folder and a free port, with a user for `MySafe`.
    pub async fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut database = Self { process: begin(folder.path(), free), address: free, folder };
        database.ready().await;
        // As docs/operations.md says.
        let define = format!(
            "DEFINE NAMESPACE mysafe; USE NS mysafe; DEFINE DATABASE mysafe; USE DB mysafe;
             DEFINE USER mysafe ON DATABASE PASSWORD '{PASSWORD}' ROLES OWNER;"
        );
        let sql = reqwest::Client::new().post(format!("http://{free}/sql")).basic_auth("root", Some(PASSWORD));
        let answer = sql.header("accept", "application/json").body(define).send().await.unwrap();
        let answer = answer.error_for_status().unwrap().text().await.unwrap();
        assert!(!answer.contains("\"ERR\""), "{answer}");
        database
    }

    /// The settings with which a server of ours uses it.
    pub fn settings(&self) -> [String; 6] {
        let url = format!("ws://{}", self.address);
        ["--database", &url, "--database-user", "mysafe", "--database-password", PASSWORD].map(str::to_owned)
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again after that, on what it had.
    pub async fn start_again(&mut self) {
        self.process = begin(self.folder.path(), self.address);
        self.ready().await;
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    async fn ready(&mut self) {
        let ready = format!("http://{}/ready", self.address);
        while !reqwest::get(&ready).await.is_ok_and(|answer| answer.status().is_success()) {
            assert!(self.process.try_wait().unwrap().is_none(), "it ended: {}", self.said());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn begin(folder: &Path, address: SocketAddr) -> Child {
    Command::new(program())
        .env_clear()
        // It would ask the internet at every start.
        .env("SURREAL_ONLINE_VERSION_CHECK", "false")
        .args(["start", "--no-banner", "--log", "warn", "--user", "root", "--pass", PASSWORD, "--bind"])
        .arg(address.to_string())
        .arg(format!("surrealkv://{}", folder.join("database").display()))
        .stdout(Stdio::null())
        .stderr(File::options().create(true).append(true).open(folder.join("log")).unwrap())
        .spawn()
        .unwrap()
}

/// `server/examples/surrealdb.rs`, which is built with the tests.
fn program() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_mysafe")).with_file_name("examples").join("surrealdb")
}
