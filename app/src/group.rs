//! Groups: user groups, which administrators manage, and private groups, which their owners do.

mod add_members;
pub mod api;
mod details_page;
mod edit;
mod keys;
mod list_page;
mod remove_member;
pub mod upkeep;

pub use details_page::GroupPage;
pub(crate) use keys::hand_over;
pub use list_page::GroupsPage;
