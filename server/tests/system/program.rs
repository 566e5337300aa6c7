//! `mysafe` as a process of its own, with its data in a temporary folder.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// Who is in the demo organization: the administrator first, then some of the others.
pub const PEOPLE: [&str; 5] = ["admin", "ana", "bruno", "carla", "dora"];

/// A running server. Killed where the test forgets it.
pub struct Server {
    process: Child,
    pub address: SocketAddr,
}

/// A folder with a demo organization of few people.
pub fn demo() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("dist")).unwrap();
    std::fs::write(folder.path().join("dist/index.html"), "<title>MySafe</title>").unwrap();
    let done = command(folder.path()).args(["demo", "--people", "8", "--groups", "1", "--secrets", "20"]).output();
    let done = done.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    folder
}

/// The program, with its data in `folder` and no settings of whoever runs the tests.
fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mysafe"));
    command
        .env_clear()
        .env("MYSAFE_DATABASE", format!("surrealkv://{}", folder.join("database").display()))
        .env("MYSAFE_KEYS", folder.join("server-keys"));
    command
}

impl Server {
    /// Starts it, and waits until it answers.
    pub fn start(folder: &Path, settings: &[&str]) -> Self {
        let mut process = command(folder)
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--assets"])
            .arg(folder.join("dist"))
            .args(settings)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = lines.map_while(Result::ok).find_map(|line| {
            let address = line.strip_prefix("MySafe is at http://")?;
            Some(address.parse().unwrap())
        });
        Self { process, address: address.expect("the server has started") }
    }

    /// Ends it as a power cut does: at once, in the middle of whatever it does.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
