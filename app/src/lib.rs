//! The single-page application and its server functions.
//!
//! One folder for each word of the model. `api.rs` in a folder has its server functions: what the browser asks, and, behind the
//! feature `ssr`, the thin code that answers from the store.

// Views are deeply nested types; the server's build, which never renders them, resolves them in full.
#![recursion_limit = "256"]

pub mod access;
pub mod access_key;
pub mod account;
pub mod activity;
mod app;
pub mod audit;
#[cfg(feature = "ssr")]
pub mod backend;
mod batch;
mod command;
mod connection;
mod csv;
pub mod deleted;
mod design;
pub mod error;
pub mod export;
pub mod group;
mod help;
mod home_page;
pub mod import;
mod installed;
pub mod invitation;
mod language;
mod layout;
mod live;
mod pages;
pub mod people;
mod preference;
#[cfg(feature = "ssr")]
pub mod rate_limit;
pub mod restoration;
pub mod rotation;
pub mod secret;
pub mod settling;
pub mod share;
pub mod tag;
pub mod transfer;
pub mod trust;
mod trusted_types;
mod ui;
pub mod upkeep;
pub mod version;

pub use app::App;
pub use trusted_types::guard_markup;
