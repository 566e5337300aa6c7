//! Versions: the client secrets and notes that an API secret had before.

pub mod api;
mod history_page;

pub use history_page::HistoryPage;
