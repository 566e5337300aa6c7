//! For programs: what they and the server say to each other, and the command-line client, which opens secrets where it runs.

mod command;
mod env_file;
mod error;
mod opened;
mod reference;
mod server;
pub mod wire;

pub use command::{
    ACCESS_KEY, AccessOptions, GetOptions, ListOptions, RunOptions, ShareOptions, get, list, run, share,
};
pub use error::ClientError;
