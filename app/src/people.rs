//! What administrators do with people: invite, enable and disable, change roles, confirm keys.

pub mod api;
mod first_steps;
mod invite;
mod keys_section;
mod link_field;
mod list_page;
mod manage;
mod person_page;
mod waiting;

pub use first_steps::FirstSteps;
pub(crate) use link_field::LinkField;
pub use list_page::PeoplePage;
pub use person_page::PersonPage;
