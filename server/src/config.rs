//! Configuration: from the command line, the environment, or a file of `NAME=value` lines named by `MYSAFE_CONFIG`, in this order.
#![expect(clippy::doc_markdown, reason = "the documentation of settings is what --help prints")]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::limits::LimitOptions;
use crate::proxies::Proxies;

/// A fault that keeps the program from starting, said so that the operator can mend it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Fault(pub String);

impl Fault {
    pub(crate) fn new(what: impl std::fmt::Display) -> Self {
        Self(what.to_string())
    }
}

/// Where an organization is kept.
#[derive(Args, Debug, Clone)]
pub(crate) struct Storage {
    /// The database: surrealkv://FOLDER embedded, or ws://HOST:PORT and wss://HOST:PORT for a SurrealDB server.
    #[arg(long, env = "MYSAFE_DATABASE", default_value = "surrealkv://data/database", value_name = "URL")]
    pub database: String,
    /// The file with the server's own secrets for sign-in. Made at the first start, readable by its owner alone. Keep a copy apart
    /// from the database: without it nobody can sign in, and with the database alone nobody can guess passwords.
    #[arg(long, env = "MYSAFE_KEYS", default_value = "data/server-keys", value_name = "FILE")]
    pub keys: PathBuf,
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
    let unknown = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .find(|name| name.starts_with("MYSAFE_") && name != "MYSAFE_CONFIG" && !has_setting(program, name));
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
    /// The URL as the database takes it.
    pub(crate) fn database_url(&self) -> Result<String, Fault> {
        let known = ["surrealkv://", "ws://", "wss://"];
        if !known.iter().any(|scheme| self.database.starts_with(scheme)) {
            return Err(Fault(format!(
                "MYSAFE_DATABASE: {} is none of surrealkv://FOLDER, ws://HOST:PORT, wss://HOST:PORT.",
                self.database
            )));
        }
        let Some(folder) = self.database.strip_prefix("surrealkv://") else { return Ok(self.database.clone()) };
        let folder = folder.split('?').next().unwrap_or_default();
        std::fs::create_dir_all(folder)
            .map_err(|error| Fault(format!("MYSAFE_DATABASE: cannot make the folder {folder}: {error}")))?;
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
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Serve {
        #[command(flatten)]
        options: Options,
    }

    fn options(arguments: &[&str]) -> (Options, tempfile::TempDir) {
        let assets = tempfile::tempdir().unwrap();
        std::fs::write(assets.path().join("index.html"), "").unwrap();
        let all = ["serve", "--assets", assets.path().to_str().unwrap()].into_iter().chain(arguments.iter().copied());
        (Serve::parse_from(all).options, assets)
    }

    fn fault(arguments: &[&str]) -> String {
        options(arguments).0.check().unwrap_err().to_string()
    }

    #[test]
    fn the_defaults_fit_together() {
        let (options, _assets) = options(&[]);
        options.check().unwrap();
        assert!(!options.secure());
    }

    #[test]
    fn each_fault_names_its_setting() {
        assert!(fault(&["--listen", "0.0.0.0:80"]).starts_with("MYSAFE_LISTEN"));
        assert!(fault(&["--public-url", "http://safe.example.com"]).starts_with("MYSAFE_PUBLIC_URL"));
        assert!(fault(&["--batch-recipients", "5000"]).starts_with("MYSAFE_RATE_LISTS"));
        let (mut options, assets) = options(&[]);
        options.assets = assets.path().join("nowhere");
        assert!(options.check().unwrap_err().to_string().starts_with("MYSAFE_ASSETS"));
        options.storage.database = "mysql://x".into();
        assert!(options.storage.database_url().unwrap_err().to_string().starts_with("MYSAFE_DATABASE"));
    }

    #[test]
    fn settings_are_found_by_their_names() {
        let program = <Serve as clap::CommandFactory>::command();
        assert!(has_setting(&program, "MYSAFE_LISTEN") && has_setting(&program, "MYSAFE_RATE_DOORS"));
        assert!(!has_setting(&program, "MYSAFE_LISTENS"));
    }

    #[test]
    fn a_certificate_comes_with_its_key_and_an_address_that_fits() {
        let parsed = |arguments: &[&str]| Serve::try_parse_from(["serve"].iter().chain(arguments));
        assert!(parsed(&["--tls-certificate", "a"]).is_err() && parsed(&["--tls-key", "b"]).is_err());
        let tls = ["--tls-certificate", "a", "--tls-key", "b"];
        let (with_tls, _assets) = options(&tls);
        with_tls.check().unwrap();
        assert!(with_tls.secure());
        assert!(fault(&[&tls[..], &["--public-url", "http://localhost"]].concat()).starts_with("MYSAFE_PUBLIC_URL"));
    }

    #[test]
    fn limits_are_numbers_above_0() {
        assert!(Serve::try_parse_from(["serve", "--requests", "0"]).is_err());
        assert!(Serve::try_parse_from(["serve", "--rate-passwords", "20"]).is_err());
        let (options, _assets) = options(&["--body-mib", "2", "--rate-passwords", "3/1", "--proof-seconds", "9"]);
        assert_eq!((options.limits.body(), options.limits.batch_body()), (2 << 20, 32 << 20));
        let settings = options.limits.settings();
        assert_eq!((settings.guesses, settings.proof.as_secs()), ("3/1".parse().unwrap(), 9));
    }

    #[test]
    fn https_makes_it_secure_and_the_embedded_database_syncs_every_commit() {
        let (mut options, folder) = options(&["--listen", "0.0.0.0:80", "--public-url", "https://safe.example.com"]);
        options.check().unwrap();
        assert!(options.secure());
        options.storage.database = format!("surrealkv://{}", folder.path().display());
        assert!(options.storage.database_url().unwrap().ends_with("?sync=every"));
    }
}
