//! Backups from the command line, while the server runs or not.

use std::path::{Path, PathBuf};

use app::backend::random_token;
use futures_util::TryStreamExt as _;
use store::{BackedUp, BackupError, Store, check_backup, date_text};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader, BufWriter};
use tokio_util::io::StreamReader;

use crate::config::{Fault, Storage};
use crate::{control, server_keys};

/// What is backed up, and where to.
#[derive(clap::Args)]
pub(crate) struct BackupOptions {
    #[command(flatten)]
    storage: Storage,
    /// The file to write, or - for the standard output. It takes the place of one that is there only when it is whole.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// What is restored, and where from.
#[derive(clap::Args)]
pub(crate) struct RestoreOptions {
    #[command(flatten)]
    storage: Storage,
    /// The backup, or - for the standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only look whether the backup is whole, and leave the database alone.
    #[arg(long)]
    check: bool,
}

/// Writes a backup, and reads it again.
#[tokio::main]
pub(crate) async fn back_up(options: &BackupOptions) -> Result<(), Fault> {
    let BackupOptions { storage, file } = options;
    if is_standard(file) {
        return write(storage, tokio::io::stdout()).await;
    }
    let fault = |error: std::io::Error| Fault(format!("{}: {error}", file.display()));
    // A name that nobody knows before, so that it is nobody's else, and two backups at the same time are two files.
    let mut part = file.clone().into_os_string();
    part.push(format!(".{}.part", &random_token()[..8]));
    let part = PathBuf::from(part);
    let result = async {
        let to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part).await;
        let to = to.map_err(fault)?;
        write(storage, to.try_clone().await.map_err(fault)?).await?;
        to.sync_all().await.map_err(fault)?;
        let backup = check(&part).await?;
        tokio::fs::rename(&part, file).await.map_err(fault)?;
        // The name is on the disk as well.
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).await.map_err(fault)?.sync_all().await.map_err(fault)?;
        Ok(backup)
    };
    match result.await {
        Ok(backup) => {
            println!("{} has {}.", file.display(), described(backup));
            println!("Keep {} apart from it: without those keys nobody can sign in.", server_keys::source(storage));
            Ok(())
        }
        Err(fault) => {
            // It may not even be there.
            let _ = tokio::fs::remove_file(&part).await;
            Err(fault)
        }
    }
}

/// Fills an empty database from a backup.
#[tokio::main]
pub(crate) async fn restore(options: &RestoreOptions) -> Result<(), Fault> {
    let RestoreOptions { storage, file, check: only_check } = options;
    if *only_check {
        println!("It is whole: {}.", described(check(file).await?));
        return Ok(());
    }
    let mut from = open(file).await?;
    let restored = Store::from_backup(&storage.location()?, &mut from).await;
    let (store, backup) = restored.map_err(|error| match error {
        BackupError::NotEmpty => storage.fault(error),
        BackupError::Store(_) => {
            storage.fault(format!("{error}. If it holds a part now, remove that before the next try"))
        }
        BackupError::File(_) | BackupError::Broken(_) => Fault(format!(
            "{}: {error}. What is in the database now is a part: remove it before the next try.",
            file.display()
        )),
    })?;
    println!("Restored: {}.", described(backup));
    println!("What was done after that is not there: look at who was disabled, removed or unshared with since.");
    if let Some(organization) = store.organization().await.map_err(Fault::new)? {
        server_keys::load(storage, Some(&organization))?;
    }
    Ok(())
}

/// From the server that runs, or else from the database itself.
async fn write(storage: &Storage, to: impl AsyncWrite + Unpin) -> Result<(), Fault> {
    let mut to = BufWriter::new(to);
    if storage.is_embedded()
        && let Some(response) = control::ask(storage, "backup").await?
    {
        let answer = response.bytes_stream().map_err(std::io::Error::other);
        let copied = tokio::io::copy(&mut StreamReader::new(answer), &mut to).await;
        copied.map_err(|error| Fault(format!("The backup was cut short: {error}")))?;
    } else {
        let store = Store::open_unchanged(&storage.location()?).await.map_err(|error| storage.fault(error))?;
        store.backup(&mut to).await.map_err(|error| storage.fault(error))?;
    }
    to.flush().await.map_err(Fault::new)
}

async fn check(file: &Path) -> Result<BackedUp, Fault> {
    check_backup(&mut open(file).await?).await.map_err(|error| Fault(format!("{}: {error}", file.display())))
}

async fn open(file: &Path) -> Result<Box<dyn AsyncRead + Unpin>, Fault> {
    if is_standard(file) {
        return Ok(Box::new(BufReader::new(tokio::io::stdin())));
    }
    let opened = File::open(file).await.map_err(|error| Fault(format!("{}: {error}", file.display())))?;
    Ok(Box::new(BufReader::new(opened)))
}

fn is_standard(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn described(backup: BackedUp) -> String {
    format!("{} rows as of {}", backup.rows, date_text(backup.at))
}
