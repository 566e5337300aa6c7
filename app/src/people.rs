//! What administrators do with people: invite, enable and disable, change roles, confirm keys.

pub mod api;
mod invite;
mod list_page;
mod manage;

pub use list_page::PeoplePage;
