//! `mysafe` as a process of its own, with its data in a temporary folder.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Lines};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;

/// Who is in the demo organization: the administrator first, then some of the others.
pub const PEOPLE: [&str; 5] = ["admin", "ana", "bruno", "carla", "dora"];

/// A running server. Killed where the test forgets it.
pub struct Server {
    process: Child,
    printed: Lines<BufReader<ChildStdout>>,
    pub address: SocketAddr,
}

/// A folder with a page, and nothing else yet.
pub fn empty() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("dist")).unwrap();
    std::fs::write(folder.path().join("dist/index.html"), "<title>MySafe</title>").unwrap();
    folder
}

/// A folder with a demo organization of few people.
pub fn demo() -> TempDir {
    let folder = empty();
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

/// How a command that ends by itself ended.
#[derive(Debug)]
pub struct Ended {
    pub succeeded: bool,
    pub out: String,
    pub err: String,
}

/// Runs a subcommand in `folder`, and waits for its end.
pub fn run(folder: &Path, arguments: &[&str]) -> Ended {
    let output = command(folder).current_dir(folder).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { succeeded: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
}

impl Server {
    /// Starts it, and waits until it answers. Its log is in the file `log` of the folder.
    pub fn start(folder: &Path, settings: &[&str]) -> Self {
        Self::run(command(folder), folder, settings)
    }

    /// The same with its data on a disk of its own of so many bytes, which is `disk` in the folder for it alone.
    pub fn start_on_disk(folder: &Path, size: &str, settings: &[&str]) -> Self {
        let disk = folder.join("disk");
        let program = command(folder);
        let mut command = Command::new("unshare");
        let script = "mount -t tmpfs -o size=$1 tmpfs disk && cp -r database server-keys disk && shift && exec \"$@\"";
        command.args(["--map-root-user", "--mount", "sh", "-c", script, "sh", size]).arg(program.get_program());
        command.current_dir(folder).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("MYSAFE_DATABASE", format!("surrealkv://{}", disk.join("database").display()));
        command.env("MYSAFE_KEYS", disk.join("server-keys"));
        Self::run(command, folder, settings)
    }

    fn run(mut command: Command, folder: &Path, settings: &[&str]) -> Self {
        let mut process = command
            .args(["serve", "--listen", "127.0.0.1:0", "--assets"])
            .arg(folder.join("dist"))
            .args(settings)
            .stdout(Stdio::piped())
            .stderr(File::options().create(true).append(true).open(folder.join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut printed = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = after("MySafe is at http://", &mut printed).parse().unwrap();
        Self { process, printed, address }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it prints after these words.
    pub fn prints(&mut self, words: &str) -> String {
        after(words, &mut self.printed)
    }

    /// Tells it to stop, as an operator does, and waits. Says whether it ended well.
    pub fn stop(mut self) -> bool {
        let told = Command::new("kill").args(["-TERM", &self.id().to_string()]).status().unwrap();
        assert!(told.success());
        self.process.wait().unwrap().success()
    }

    /// Ends it at once, in the middle of whatever it does. What it has written the system keeps: a power cut would show more.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn after(words: &str, printed: &mut Lines<BufReader<ChildStdout>>) -> String {
    let line = printed.map_while(Result::ok).find_map(|line| Some(line.strip_prefix(words)?.to_owned()));
    line.expect("it prints that")
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
