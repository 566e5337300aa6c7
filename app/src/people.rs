//! What administrators do with people: invite, enable and disable, change roles, confirm keys.

pub mod api;
mod copy_field;
mod first_steps;
mod invite;
mod keys_section;
mod list_page;
mod manage;
mod person_page;
mod waiting;

pub(crate) use copy_field::CopyField;
pub use first_steps::FirstSteps;
pub use list_page::PeoplePage;
pub use person_page::PersonPage;
