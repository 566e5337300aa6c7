//! Sharing activity: the receipts of batches, and what can be done with one afterwards: undo, an end, more recipients.

pub mod api;
mod expiry;
mod list_page;
mod parts;
mod receipt_page;
mod undo;

pub(crate) use list_page::ActivityPage;
pub(crate) use receipt_page::ReceiptPage;
