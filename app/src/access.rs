//! Who has access to secrets, and changing it: ending, lowering and raising.

pub mod api;
mod change;
mod limit_dialog;
mod present;
mod share_one;

pub(crate) use change::seal_all;
pub(crate) use limit_dialog::LimitDialog;
pub(crate) use share_one::ShareOneDialog;
