//! The audit log: all of it for administrators, and of one secret for its owner.

pub mod api;
mod chart;
#[cfg(feature = "ssr")]
mod export;
mod log;
mod page;

pub(crate) use log::LogTable;
pub(crate) use page::AuditPage;
