//! The audit log from the command line.

use clap::Subcommand;
use store::Store;

use crate::config::{Fault, Storage};
use crate::server_keys;

/// What can be done with the log.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Check that no entry was changed, added or taken away since it was written, while the server is stopped. Ends with an error and names the
    /// first bad entry otherwise.
    Verify(Verify),
}

/// What is checked.
#[derive(clap::Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    storage: Storage,
    /// A link that an earlier check has printed. A log without it was cut short.
    #[arg(long, value_name = "LINK")]
    link: Option<String>,
}

#[tokio::main]
pub(crate) async fn run(command: &Command) -> Result<(), Fault> {
    let Command::Verify(Verify { storage, link }) = command;
    let store = Store::open(&storage.database_url()?)
        .await
        .map_err(|error| Fault(format!("MYSAFE_DATABASE: {}: {error}", storage.database)))?;
    let organization = store.organization().await.map_err(Fault::new)?;
    let Some(organization) = organization else {
        return Err(Fault(format!("MYSAFE_DATABASE: {} holds no organization yet.", storage.database)));
    };
    let key = server_keys::load(&storage.keys, Some(&organization))?.audit_key();
    match store.verify_audit(&key, link.as_deref()).await.map_err(Fault::new)? {
        Ok(chain) => {
            println!("The audit log is whole: {} entries.", chain.entries);
            if chain.waiting > 0 {
                println!("{} more are new and get their links when the server runs.", chain.waiting);
            }
            println!(
                "The last link is {}. Keep it elsewhere, and give it as --link next time: a log without it was cut short.",
                chain.link
            );
            Ok(())
        }
        Err(bad) => {
            let entry = bad.entry.map(|entry| format!(" ({entry})")).unwrap_or_default();
            Err(Fault(format!("The audit log is not whole. Entry {}{entry}: {}.", bad.number, bad.what)))
        }
    }
}
