//! Configuration: from the command line, the environment, or a file of `NAME=value` lines named by `MYSAFE_CONFIG`, in this order.
#![expect(clippy::doc_markdown, reason = "the documentation of settings is what --help prints")]

use std::fmt;
use std::fs::DirBuilder;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use clap::Args;
use rustix::process::geteuid;
use store::{Location, Store, User};
use zeroize::Zeroizing;

use crate::limits::LimitOptions;
use crate::proxies::Proxies;

/// How the URL of a database in files begins.
const EMBEDDED: &str = "surrealkv://";

/// A fault that keeps the program from starting, said so that the operator can mend it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Fault(pub String);

impl Fault {
    pub(crate) fn new(what: impl fmt::Display) -> Self {
        Self(what.to_string())
    }
}

/// Where an organization is kept.
#[derive(Args, Debug, Clone)]
pub(crate) struct Storage {
    /// The database: surrealkv://FOLDER embedded, or ws://HOST:PORT and wss://HOST:PORT for a SurrealDB server.
    #[arg(long, env = "MYSAFE_DATABASE", default_value = "surrealkv://data/database", value_name = "URL")]
    pub database: String,
    /// Who signs in at a SurrealDB server: a user of its database mysafe in the namespace mysafe, with the role OWNER.
    #[arg(long, env = "MYSAFE_DATABASE_USER", value_name = "NAME", requires = "database_password")]
    pub database_user: Option<String>,
    /// Their password. Better in the environment or a file of settings than here, where others on the machine see it.
    #[arg(
        long,
        env = "MYSAFE_DATABASE_PASSWORD",
        value_name = "PASSWORD",
        hide_env_values = true,
        requires = "database_user"
    )]
    pub database_password: Option<Hidden>,
    /// The file with the server's own secrets for sign-in. Made at the first start, readable by its owner alone. Keep a copy apart
    /// from the database: without it nobody can sign in, and with the database alone nobody can guess passwords.
    #[arg(long, env = "MYSAFE_KEYS", default_value = "data/server-keys", value_name = "FILE")]
    pub keys: PathBuf,
    /// What is in that file, in base 64, for where a file cannot be kept: it is not looked for then. Better in the environment than here, where others
    /// on the machine see it.
    #[arg(long, env = "MYSAFE_KEYS_BASE64", value_name = "KEYS", hide_env_values = true)]
    pub keys_base64: Option<Hidden>,
    /// The socket by which other commands ask a running server, for a backup for instance. For the user alone who runs it. Beside the keys where
    /// nothing is said.
    #[arg(long, env = "MYSAFE_CONTROL", value_name = "FILE")]
    pub control: Option<PathBuf>,
}

/// A setting that is shown nowhere.
#[derive(Clone)]
pub(crate) struct Hidden(Zeroizing<String>);

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl Hidden {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hidden")
    }
}

/// What `mysafe serve` needs to know.
#[derive(Args, Debug, Clone)]
pub(crate) struct Options {
    #[command(flatten)]
    pub storage: Storage,
    /// The address to listen on. Port 0 takes a free one and prints it.
    #[arg(long, env = "MYSAFE_LISTEN", default_value = "127.0.0.1:3000", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// The address people open, as https://HOST. Needed for any address but loopback: cookies are then for HTTPS alone.
    #[arg(long, env = "MYSAFE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// A file with a certificate and those that signed it, in PEM: MySafe speaks HTTPS itself then, without a proxy. Read again when it changes.
    #[arg(long, env = "MYSAFE_TLS_CERTIFICATE", value_name = "FILE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// The file with the certificate's private key, in PEM.
    #[arg(long, env = "MYSAFE_TLS_KEY", value_name = "FILE", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
    /// The proxies before this server, as addresses or networks with commas between them, such as 127.0.0.1,10.0.0.0/8. What they say in X-Forwarded-For
    /// is where a request comes from: it stands in the audit log, and limits go by it. Nobody else is believed.
    #[arg(long, env = "MYSAFE_PROXIES", default_value = "", hide_default_value = true, value_name = "ADDRESSES")]
    pub proxies: Proxies,
    /// The address on which figures for Prometheus can be had, as http://ADDRESS/metrics. Whoever reaches it can read them: keep it inside.
    #[arg(long, env = "MYSAFE_METRICS", value_name = "ADDRESS")]
    pub metrics: Option<SocketAddr>,
    /// The mail server for invitations: smtps://USER:PASSWORD@HOST, or smtp://HOST with ?tls=required or ?tls=opportunistic. Without it, links
    /// are copied and sent by hand; a mailed link is seen by this server and by those it passes.
    #[arg(long, env = "MYSAFE_SMTP", value_name = "URL", hide_env_values = true)]
    pub smtp: Option<String>,
    /// The sender of mail, such as MySafe <mysafe@example.com>.
    #[arg(long, env = "MYSAFE_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    /// The folder with the built web application.
    #[arg(long, env = "MYSAFE_ASSETS", default_value = "dist", value_name = "FOLDER")]
    pub assets: PathBuf,
    /// What is logged, such as info or mysafe=debug,warn.
    #[arg(
        long,
        env = "MYSAFE_LOG",
        default_value = "info,surrealdb=warn,surrealkv=warn,surrealkv::lsm=error",
        value_name = "FILTER"
    )]
    pub log: String,
    /// How log lines look: text for people, json for machines.
    #[arg(long, env = "MYSAFE_LOG_FORMAT", default_value = "text", value_enum)]
    pub log_format: LogFormat,
    #[command(flatten)]
    pub limits: LimitOptions,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// What `mysafe demo` needs to know.
#[derive(Args, Debug, Clone)]
pub(crate) struct DemoOptions {
    #[command(flatten)]
    pub storage: Storage,
    /// How many people, with the administrator.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(8..=100_000))]
    pub people: u32,
    /// How many user groups.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub groups: u32,
    /// How many API secrets in all.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(20..=10_000_000))]
    pub secrets: u32,
    /// How many of them are Ana's; a tenth where nothing is said.
    #[arg(long, value_parser = clap::value_parser!(u32).range(14..=10_000_000))]
    pub ana: Option<u32>,
    /// The same seed gives the same names and the same shares. Keys are always random.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// Takes the settings of the file that `MYSAFE_CONFIG` names into the environment, and refuses those that no subcommand of `program` has.
pub(crate) fn load_file(program: &clap::Command) -> Result<(), Fault> {
    if let Some(path) = std::env::var_os("MYSAFE_CONFIG") {
        dotenvy::from_path(&path)
            .map_err(|error| Fault(format!("MYSAFE_CONFIG: cannot read {}: {error}", Path::new(&path).display())))?;
    }
    let unknown = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).find(|name| {
        name.starts_with("MYSAFE_")
            && !["MYSAFE_CONFIG", client::ACCESS_KEY].contains(&name.as_str())
            && !has_setting(program, name)
    });
    match unknown {
        Some(name) => Err(Fault(format!("{name} is no setting. See `mysafe serve --help` for those there are."))),
        None => Ok(()),
    }
}

fn has_setting(program: &clap::Command, name: &str) -> bool {
    program.get_arguments().any(|argument| argument.get_env().is_some_and(|setting| setting == name))
        || program.get_subcommands().any(|command| has_setting(command, name))
}

impl Storage {
    /// Opens the database.
    ///
    /// # Errors
    /// A fault that says what keeps it from being opened.
    pub(crate) async fn open(&self) -> Result<Store, Fault> {
        Store::open(&self.location()?).await.map_err(|error| self.fault(error))
    }

    /// What is wrong with the database.
    pub(crate) fn fault(&self, what: impl fmt::Display) -> Fault {
        Fault(format!("MYSAFE_DATABASE: {}: {what}", self.database))
    }

    /// Whether the database is files that one process alone can open.
    pub(crate) fn is_embedded(&self) -> bool {
        self.database.starts_with(EMBEDDED)
    }

    /// The folder of a database in files.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        let folder = self.database.strip_prefix(EMBEDDED)?;
        Some(folder.split('?').next().unwrap_or_default().into())
    }

    /// What tells the database from others: its folder wherever it is looked at from, or its URL.
    pub(crate) fn identity(&self) -> String {
        let folder = self.folder().and_then(|folder| folder.canonicalize().ok());
        folder.map_or_else(|| self.database.clone(), |folder| folder.display().to_string())
    }

    /// Where a running server is asked.
    pub(crate) fn control(&self) -> PathBuf {
        self.control.clone().unwrap_or_else(|| self.keys.with_file_name("control"))
    }

    /// Where the database is, and who opens it.
    pub(crate) fn location(&self) -> Result<Location, Fault> {
        let url = self.database_url()?;
        let user = match (&self.database_user, &self.database_password) {
            (Some(name), Some(Hidden(password))) if !self.is_embedded() => {
                Some(User { name: name.clone(), password: password.clone() })
            }
            (Some(_), _) => {
                return Err(Fault(
                    "MYSAFE_DATABASE_USER: nobody signs in at a database in files. Leave it out.".into(),
                ));
            }
            _ => None,
        };
        Ok(Location { url, user })
    }

    /// The URL as the database takes it.
    fn database_url(&self) -> Result<String, Fault> {
        let known = [EMBEDDED, "ws://", "wss://"];
        if !known.iter().any(|scheme| self.database.starts_with(scheme)) {
            return Err(Fault(format!(
                "MYSAFE_DATABASE: {} is none of surrealkv://FOLDER, ws://HOST:PORT, wss://HOST:PORT.",
                self.database
            )));
        }
        let Some(folder) = self.folder() else { return Ok(self.database.clone()) };
        // Names and addresses are readable in it.
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|error| Fault(format!("MYSAFE_DATABASE: cannot make the folder {}: {error}", folder.display())))?;
        // Files that root wrote among them would keep the server out.
        if folder.metadata().is_ok_and(|folder| folder.uid() != geteuid().as_raw()) {
            return Err(self.fault("it belongs to another user. Run this as them."));
        }
        // Every acknowledged batch is on the disk.
        Ok(if self.database.contains('?') { self.database.clone() } else { format!("{}?sync=every", self.database) })
    }
}

impl Options {
    /// Checks what clap cannot: how the settings fit together and what they name.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        if let Some(url) = &self.public_url
            && !(url.starts_with("https://")
                || url.starts_with("http://127.0.0.1")
                || url.starts_with("http://localhost"))
        {
            return Err(Fault(format!(
                "MYSAFE_PUBLIC_URL: {url} is not https://. Put a TLS proxy before MySafe, or give it a certificate by MYSAFE_TLS_CERTIFICATE."
            )));
        }
        if let Some(url) = self.public_url.as_ref().filter(|url| self.speaks_tls() && !url.starts_with("https://")) {
            return Err(Fault(format!(
                "MYSAFE_PUBLIC_URL: with MYSAFE_TLS_CERTIFICATE it begins with https://, and not as {url}."
            )));
        }
        if self.public_url.is_none() && !self.listen.ip().is_loopback() {
            return Err(Fault(format!(
                "MYSAFE_LISTEN: {} can be reached from elsewhere, so MYSAFE_PUBLIC_URL must say the https:// address people open.",
                self.listen
            )));
        }
        if self.limits.rate_lists.at_once() < self.limits.batch_recipients.get() {
            return Err(Fault(
                "MYSAFE_RATE_LISTS: its first number is below MYSAFE_BATCH_RECIPIENTS, so the longest list could never be pasted.".into(),
            ));
        }
        if !self.assets.join("index.html").is_file() {
            return Err(Fault(format!(
                "MYSAFE_ASSETS: there is no index.html in {}. Build the web application with `make dist`.",
                self.assets.display()
            )));
        }
        Ok(())
    }

    /// Whether people come over HTTPS.
    pub(crate) fn secure(&self) -> bool {
        self.speaks_tls() || self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }

    /// Whether this server speaks it itself.
    pub(crate) fn speaks_tls(&self) -> bool {
        self.tls_certificate.is_some()
    }
}

#[cfg(test)]
mod tests;
