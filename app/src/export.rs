//! Export: the list for spreadsheets and paper, and one's own secrets, opened, for other programs.

pub mod api;
pub(crate) mod json;
mod page;

pub(crate) use page::ExportPage;
