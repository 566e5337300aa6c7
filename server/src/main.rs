//! The MySafe server: `mysafe serve` for real use, `mysafe demo` to try it.

mod assets;
mod audit;
mod config;
mod demo;
mod limits;
mod live;
mod mail;
mod metrics;
mod proxies;
mod router;
mod serve;
mod server_keys;
#[cfg(test)]
mod tests;
mod tls;

use clap::{CommandFactory as _, Parser, Subcommand};

use config::{DemoOptions, Options};

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
    /// Look after the audit log.
    #[command(subcommand)]
    Audit(audit::Command),
}

fn main() -> std::process::ExitCode {
    let result = config::load_file(&Arguments::command()).and_then(|()| {
        // After the file, so that its settings count as environment.
        match Arguments::parse().command {
            Command::Serve(options) => serve::run(&options),
            Command::Demo(options) => demo::run(&options),
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
