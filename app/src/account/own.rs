//! My account: what people change of their own.

pub mod api;
mod appearance;
mod page;
mod password;
mod recovery_code;
mod second_step;
mod sessions;

pub use page::AccountPage;
pub(crate) use password::prove;
