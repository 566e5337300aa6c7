//! A disk that is full: who saves something is told, what was acknowledged stays, and it goes on once there is room.

use std::fs;
use std::path::PathBuf;

use app::error::AppError;
use vault::SecretId;

use crate::client::Client;
use crate::program::{Server, demo};

/// A server whose data is on a small disk of its own, in a namespace of its own (`unshare` of util-linux; Linux lets everybody make one).
struct OnSmallDisk {
    server: Server,
    folder: tempfile::TempDir,
}

impl OnSmallDisk {
    fn start() -> Self {
        let folder = demo();
        fs::create_dir(folder.path().join("disk")).unwrap();
        let server = Server::start_on_disk(folder.path(), "48m", &["--rate-openings", "1000000/1000"]);
        Self { server, folder }
    }

    /// Something in its disk, as seen from outside.
    fn inside(&self, name: &str) -> PathBuf {
        let disk = self.folder.path().join("disk");
        PathBuf::from(format!("/proc/{}/root{}", self.server.id(), disk.display())).join(name)
    }
}

/// Adds secrets until that fails.
async fn fill(client: &Client, saved: &mut Vec<(SecretId, String)>) -> AppError {
    for number in 0.. {
        let value = format!("{number}").repeat(10_000);
        match client.add_secret(&format!("{number}"), &value).await {
            Ok(id) => saved.push((id, value)),
            Err(error) => return error,
        }
    }
    unreachable!("the disk is small")
}

async fn all_there(client: &Client, saved: &[(SecretId, String)]) {
    let listed = client.list().await.unwrap();
    for (id, value) in saved {
        assert!(listed.iter().any(|row| row.id == *id));
        assert_eq!(client.open(*id).await.as_ref(), Ok(value));
    }
}

#[tokio::test]
async fn a_full_disk_is_said_and_loses_nothing() {
    let disk = OnSmallDisk::start();
    fs::write(disk.inside("ballast"), vec![0; 32 << 20]).unwrap();
    let ana = Client::sign_in(disk.server.address, "ana").await.unwrap();
    let mut saved = Vec::new();
    let error = fill(&ana, &mut saved).await;
    assert_eq!(error, AppError::NotWritten, "after {}", saved.len());
    assert!(!saved.is_empty());
    fs::remove_file(disk.inside("ballast")).unwrap();
    let id = ana.add_secret("room", "value").await.unwrap();
    saved.push((id, "value".into()));
    all_there(&ana, &saved).await;
}
