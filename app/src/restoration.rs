//! Getting an account open without its person's password: two administrators together.

pub mod api;
mod ask;
mod asked;
mod escrow;
mod link_page;
mod notices;

pub(crate) use ask::{RestoreDialog, ask_for_transfer};
pub(crate) use asked::AskedList;
pub(crate) use escrow::keep_escrow;
pub use link_page::RestorationPage;
pub(crate) use notices::Notices;
