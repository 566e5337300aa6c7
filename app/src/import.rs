//! Import: files of other managers and programs become API secrets. They are read and sealed in the browser, and sent as one batch.

pub mod api;
mod dotenv;
mod json;
mod page;
mod preview;
mod record;
mod table;

pub(crate) use page::ImportPage;
