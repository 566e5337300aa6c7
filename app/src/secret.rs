//! API secrets: the list, one secret's details, and the form to add and change one.

pub mod api;
mod conflict;
mod details_page;
mod entry;
mod filter;
mod filter_bar;
mod form;
mod form_page;
mod list;
mod list_page;
pub(crate) mod opening;
mod row;
mod selection;
pub mod since;
mod table;
mod value_view;
mod window;

pub use details_page::DetailsPage;
pub(crate) use entry::Entry;
pub(crate) use filter::View;
pub use form::SecretFields;
pub(crate) use form::{deceives, split_tags};
pub use form_page::{AddPage, EditPage};
pub(crate) use list::{SecretList, provide_secret_list, use_secret_list};
pub(crate) use list_page::ListPage;
pub(crate) use selection::{Selection, records};

#[cfg(test)]
pub(crate) use filter::tests;
