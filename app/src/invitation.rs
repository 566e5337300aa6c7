//! Joining by an invitation.

mod accept_page;
pub mod api;

pub use accept_page::AcceptPage;
