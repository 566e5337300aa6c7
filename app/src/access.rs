//! Who has access to secrets, and changing it: ending, lowering and raising.

pub mod api;
mod change;
mod colleague_page;
mod limit_dialog;
mod present;
mod same_access;
mod share_one;
mod why;

pub(crate) use change::seal_all;
pub(crate) use colleague_page::ColleaguePage;
pub(crate) use limit_dialog::LimitDialog;
pub(crate) use same_access::SameAccessDialog;
pub(crate) use share_one::ShareOneDialog;
pub(crate) use why::{People, WhyDialog};
