//! Access keys: accounts that programs use. Administrators make and disable them.

mod add;
pub mod api;
mod list_page;

pub use list_page::AccessKeysPage;
