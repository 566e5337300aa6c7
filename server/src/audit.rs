//! The audit log from the command line.

use clap::Subcommand;
use store::Store;
use vault::ServerKeys;

use crate::config::{Fault, Storage};
use crate::{control, server_keys};

/// What can be done with the log.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Check that no entry was changed, added or taken away since it was written. Ends with an error and names the
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
    let asked = format!("audit{}", link.as_ref().map(|link| format!("?link={link}")).unwrap_or_default());
    let text = if let Some(response) = control::ask(storage, &asked).await? {
        response.text().await.map_err(Fault::new)?
    } else {
        let store = storage.open().await?;
        let Some(organization) = store.organization().await.map_err(Fault::new)? else {
            return Err(storage.fault("it holds no organization yet."));
        };
        verify(&store, &server_keys::load(storage, Some(&organization))?, link.as_deref()).await?
    };
    println!("{text}");
    Ok(())
}

/// What can be said of a log that is whole.
///
/// # Errors
/// A fault that names the first bad entry, where there is one.
pub(crate) async fn verify(store: &Store, keys: &ServerKeys, link: Option<&str>) -> Result<String, Fault> {
    match store.verify_audit(&keys.audit_key(), link).await.map_err(Fault::new)? {
        Ok(chain) => {
            let waiting = match chain.waiting {
                0 => String::new(),
                waiting => format!("{waiting} more are new and get their links when the server runs.\n"),
            };
            Ok(format!(
                "The audit log is whole: {} entries.\n{waiting}The last link is {}. Keep it elsewhere, and give it as --link next time: a log without \
                 it was cut short.",
                chain.entries, chain.link
            ))
        }
        Err(bad) => {
            let entry = bad.entry.map(|entry| format!(" ({entry})")).unwrap_or_default();
            Err(Fault(format!("The audit log is not whole. Entry {}{entry}: {}.", bad.number, bad.what)))
        }
    }
}
