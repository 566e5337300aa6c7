//! Sharing: who with, sealing in the browser, and the one request that writes it.

pub mod api;
mod dialog;
mod hits;
mod paste;
mod preview;
pub(crate) mod recipients;
mod seal;
mod search;

pub(crate) use dialog::{PickedList, ShareDialog};
pub(crate) use preview::reach;
pub(crate) use recipients::Recipients;
pub(crate) use seal::{new_share, seal};
pub(crate) use search::Search;
