//! The MySafe server: `mysafe serve` for real use, `mysafe demo` to try it. And the command-line client for programs: `mysafe run` and others.

mod assets;
mod audit;
mod backup;
mod config;
mod control;
mod demo;
mod doctor;
mod limits;
mod link;
mod live;
mod mail;
mod metrics;
mod proxies;
mod rest;
mod router;
mod serve;
mod server_keys;
#[cfg(test)]
mod tests;
mod tls;

use clap::{CommandFactory as _, Parser, Subcommand};

use config::{DemoOptions, Fault, Options};

/// A large share is many small allocations in one transaction: with this one it takes a quarter less time than with glibc's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// MySafe: share many API secrets at once. The server never sees one.
#[derive(Parser)]
#[command(name = "mysafe", version, about, max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve an organization. An empty database is set up in the browser, with the code printed at the start.
    Serve(Box<Options>),
    /// Fill an empty database with a demo organization: people, groups, and API secrets that are really sealed.
    Demo(DemoOptions),
    /// Write all that the database holds to a file, as of one moment, while the server runs or not.
    Backup(backup::BackupOptions),
    /// Fill an empty database from a backup.
    Restore(backup::RestoreOptions),
    /// Look whether a server with these settings has what it needs, and say what to do where it has not. Changes nothing.
    Doctor(Box<Options>),
    /// Write a part of an API secret to the standard output.
    Get(client::GetOptions),
    /// List the API secrets that an access key owns or that are shared with it.
    List(client::ListOptions),
    /// Share API secrets that an access key owns with people, access keys and groups.
    Share(client::ShareOptions),
    /// Run a program with API secrets in its environment, and nowhere else.
    Run(client::RunOptions),
    /// Look after the audit log.
    #[command(subcommand)]
    Audit(audit::Command),
}

fn said(error: client::ClientError) -> Fault {
    Fault(error.to_string())
}

fn main() -> std::process::ExitCode {
    let result = config::load_file(&Arguments::command()).and_then(|()| {
        // After the file, so that its settings count as environment.
        match Arguments::parse().command {
            Command::Serve(options) => serve::run(&options),
            Command::Demo(options) => demo::run(&options),
            Command::Backup(options) => backup::back_up(&options),
            Command::Restore(options) => backup::restore(&options),
            Command::Doctor(options) => doctor::run(&options),
            Command::Get(options) => client::get(&options).map_err(said),
            Command::List(options) => client::list(&options).map_err(said),
            Command::Share(options) => client::share(&options).map_err(said),
            Command::Run(options) => client::run(&options).map_err(said),
            Command::Audit(command) => audit::run(&command),
        }
    });
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("mysafe: {fault}");
            std::process::ExitCode::FAILURE
        }
    }
}
