//! Groups: user groups, which administrators manage, and private groups, which their owners do.

mod add_members;
pub mod api;
mod details_page;
mod edit;
mod keys;
mod list_page;
mod remove_member;
mod upkeep;

pub use details_page::GroupPage;
pub use list_page::GroupsPage;
pub(crate) use upkeep::keep_groups;
