//! Tags of many secrets at once.

pub mod api;
mod dialog;

pub(crate) use dialog::TagDialog;
