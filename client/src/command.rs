//! The commands of the client. Each signs in, does one thing, and keeps nothing.

use std::collections::HashMap;
use std::convert::Infallible;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use vault::{AccessKey, Permission, SecretId, SecretValue};
use zeroize::Zeroizing;

use crate::env_file;
use crate::error::ClientError;
use crate::opened::Opened;
use crate::reference::Reference;
use crate::wire::{Access, Recipient, Secret};

/// Where an access key is read from where no file is named. No option: on a command line others would see it.
pub const ACCESS_KEY: &str = "MYSAFE_ACCESS_KEY";

/// Where to sign in, and with what.
#[derive(Args, Debug)]
pub struct AccessOptions {
    /// The address of the server, such as <https://vault.example.com>.
    #[arg(long, env = "MYSAFE_SERVER", value_name = "ADDRESS")]
    server: String,
    /// A file that has the access key. Else it is read from `MYSAFE_ACCESS_KEY`, in the environment alone.
    #[arg(long, env = "MYSAFE_ACCESS_KEY_FILE", value_name = "FILE")]
    access_key_file: Option<PathBuf>,
}

/// What to write.
#[derive(Args, Debug)]
pub struct GetOptions {
    /// An identifier, id or name, and the part that is meant: `stripe-live`, `stripe-live/client_id`, `/url` or `/notes`.
    #[arg(value_name = "REFERENCE")]
    reference: String,
    #[command(flatten)]
    access: AccessOptions,
}

/// What to list.
#[derive(Args, Debug)]
pub struct ListOptions {
    /// As JSON, with all that the server says of each.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    access: AccessOptions,
}

/// What to share with whom.
#[derive(Args, Debug)]
pub struct ShareOptions {
    /// Identifiers, ids or names.
    #[arg(value_name = "REFERENCE", required = true)]
    references: Vec<String>,
    /// Usernames, or names of groups.
    #[arg(long, value_name = "NAME", required = true, num_args = 1..)]
    with: Vec<String>,
    /// They may change the API secrets as well, and not only open them.
    #[arg(long)]
    can_edit: bool,
    #[command(flatten)]
    access: AccessOptions,
}

/// What to run, and with what.
#[derive(Args, Debug)]
pub struct RunOptions {
    /// A file with a variable in each line; values that begin with `mysafe://` stand for API secrets: `STRIPE_KEY=mysafe://stripe-live`.
    #[arg(long, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// One variable: `STRIPE_KEY=stripe-live`.
    #[arg(long, value_name = "NAME=REFERENCE")]
    env: Vec<String>,
    /// The program and its arguments, after two hyphens.
    #[arg(last = true, required = true, value_name = "PROGRAM")]
    program: Vec<OsString>,
    #[command(flatten)]
    access: AccessOptions,
}

/// Writes a part of an API secret.
///
/// # Errors
/// Why it cannot.
pub fn get(options: &GetOptions) -> Result<(), ClientError> {
    let reference = reference(&options.reference);
    let part = wait(async {
        let mut opened = options.access.open().await?;
        let secrets = opened.secrets().await?;
        let mut parts = Parts { opened: &mut opened, secrets: &secrets, values: HashMap::new() };
        parts.get(&reference).await
    })?;
    write_out(&Zeroizing::new(format!("{}\n", *part)))
}

/// Lists API secrets.
///
/// # Errors
/// Why it cannot.
pub fn list(options: &ListOptions) -> Result<(), ClientError> {
    let secrets = wait(async { options.access.open().await?.secrets().await })?;
    let text = if options.json {
        serde_json::to_string_pretty(&secrets).expect("what was read can be written") + "\n"
    } else {
        table(&secrets)
    };
    write_out(&text)
}

/// Shares API secrets, all or nothing.
///
/// # Errors
/// Why it cannot.
pub fn share(options: &ShareOptions) -> Result<(), ClientError> {
    let permission = if options.can_edit { Permission::Edit } else { Permission::View };
    let shared = wait(async {
        let mut opened = options.access.open().await?;
        let secrets = opened.secrets().await?;
        let mut ids = Vec::with_capacity(options.references.len());
        for text in &options.references {
            ids.push(SecretId::from(reference(text).find(&secrets)?.id));
        }
        let mut recipients: Vec<Recipient> = Vec::with_capacity(options.with.len());
        for name in &options.with {
            let found = opened.recipient(name).await?;
            if recipients.iter().all(|known| known.id != found.id) {
                recipients.push(found);
            }
        }
        ids.sort_unstable();
        ids.dedup();
        opened.share(&ids, &recipients, permission).await
    })?;
    let plural = |count, one, several| if count == 1 { one } else { several };
    let secrets = plural(shared.secrets, "API secret", "API secrets");
    let recipients = plural(shared.recipients, "recipient", "recipients");
    write_out(&format!("Shared {} {secrets} with {} {recipients}.\n", shared.secrets, shared.recipients))
}

/// Becomes a program, with API secrets in its environment and without the access key.
///
/// # Errors
/// Why it cannot. Where it can, nothing comes after.
pub fn run(options: &RunOptions) -> Result<(), ClientError> {
    let mut variables = Vec::new();
    for file in &options.env_file {
        variables.append(&mut read(file)?);
    }
    for text in &options.env {
        let (name, value) = text
            .split_once('=')
            .filter(|(name, value)| !name.is_empty() && !value.is_empty())
            .ok_or_else(|| ClientError::Variable(text.clone()))?;
        variables.push((name.to_owned(), Value::Of(reference(value))));
    }
    let environment = wait(async {
        let mut opened = options.access.open().await?;
        let secrets = opened.secrets().await?;
        let mut parts = Parts { opened: &mut opened, secrets: &secrets, values: HashMap::new() };
        let mut environment = Vec::with_capacity(variables.len());
        for (name, value) in variables {
            let text = match value {
                Value::Plain(text) => Zeroizing::new(text),
                Value::Of(reference) => parts.get(&reference).await?,
            };
            environment.push((name, text));
        }
        Ok(environment)
    })?;
    let (program, arguments) = options.program.split_first().expect("one is required");
    let mut command = Command::new(program);
    command.args(arguments);
    // The access key, and whatever settings of ours there are.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"MYSAFE_")) {
        command.env_remove(name);
    }
    command.envs(environment.iter().map(|(name, text)| (name, &**text)));
    Err(ClientError::Program(program.display().to_string(), command.exec()))
}

impl AccessOptions {
    async fn open(&self) -> Result<Opened, ClientError> {
        let text = match (&self.access_key_file, std::env::var(ACCESS_KEY)) {
            (Some(file), _) => Zeroizing::new(
                std::fs::read_to_string(file).map_err(|error| ClientError::File(file.display().to_string(), error))?,
            ),
            (None, Ok(key)) => Zeroizing::new(key),
            (None, Err(_)) => return Err(ClientError::NoAccessKey),
        };
        let key = AccessKey::parse(&text).map_err(|_| ClientError::NotAnAccessKey)?;
        Opened::open(&self.server, &key).await
    }
}

/// The value of a variable: a text, or an API secret.
enum Value {
    Plain(String),
    Of(Reference),
}

/// The variables of a file.
fn read(file: &Path) -> Result<Vec<(String, Value)>, ClientError> {
    let name = file.display().to_string();
    let text = Zeroizing::new(std::fs::read_to_string(file).map_err(|error| ClientError::File(name.clone(), error))?);
    let value = |text: String| Reference::of_value(&text).map_or(Value::Plain(text), Value::Of);
    Ok(env_file::parse(&name, &text)?.into_iter().map(|(name, text)| (name, value(text))).collect())
}

/// Parts of API secrets, of which each is opened once.
struct Parts<'a> {
    opened: &'a mut Opened,
    secrets: &'a [Secret],
    values: HashMap<SecretId, SecretValue>,
}

impl Parts<'_> {
    async fn get(&mut self, reference: &Reference) -> Result<Zeroizing<String>, ClientError> {
        let secret = reference.find(self.secrets)?;
        let id = SecretId::from(secret.id);
        if reference.field.is_sealed() && !self.values.contains_key(&id) {
            self.values.insert(id, self.opened.value(secret).await?);
        }
        reference.part(secret, self.values.get(&id))
    }
}

fn reference(text: &str) -> Reference {
    text.parse().unwrap_or_else(|never: Infallible| match never {})
}

/// Does what waits for the server.
fn wait<T>(work: impl Future<Output = Result<T, ClientError>>) -> Result<T, ClientError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a thread can wait").block_on(work)
}

/// Writes to the standard output. Who does not read to the end has had enough.
fn write_out(text: &str) -> Result<(), ClientError> {
    let mut out = std::io::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(ClientError::Output(error)),
        _ => Ok(()),
    }
}

/// Name, identifier, access, state and id of each, in columns.
fn table(secrets: &[Secret]) -> String {
    let rows: Vec<[&str; 4]> = std::iter::once(["NAME", "IDENTIFIER", "ACCESS", "STATE"])
        .chain(secrets.iter().map(|secret| {
            let access = match secret.access {
                Access::View => "can view",
                Access::Edit => "can edit",
                Access::Owner => "owner",
            };
            let identifier = secret.fields.identifier.as_deref().unwrap_or("-");
            [&*secret.fields.name, identifier, access, if secret.enabled { "active" } else { "disabled" }]
        }))
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths = [0, 1, 2, 3].map(width);
    let ids = std::iter::once("ID".to_owned()).chain(secrets.iter().map(|secret| secret.id.to_string()));
    rows.iter().zip(ids).fold(String::new(), |mut text, (row, id)| {
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(text, "{cell:width$}  ");
        }
        let _ = writeln!(text, "{id}");
        text
    })
}
