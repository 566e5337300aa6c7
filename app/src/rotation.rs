//! Rotation: which API secrets should get a new client secret, and why.

pub mod api;
mod rotate_page;

pub use rotate_page::RotatePage;
pub(crate) use rotate_page::all_due;
