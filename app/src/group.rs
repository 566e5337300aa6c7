//! User groups and private groups: who is in them.

pub mod api;
mod details_page;
mod list_page;

pub use details_page::GroupPage;
pub use list_page::GroupsPage;
