//! Transfer: secrets get another owner.

pub mod api;
mod dialog;
mod take_over;

pub(crate) use dialog::{BatchTransfer, TransferDialog};
pub(crate) use take_over::{take_over_all, take_over_for};
