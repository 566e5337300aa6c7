//! The bin: secrets that were deleted, until their 30 days are over.

pub mod api;
mod page;

pub(crate) use page::BinPage;
