//! The audit log of people, groups and keys, for administrators.

pub mod api;
mod page;

pub use page::AuditPage;
