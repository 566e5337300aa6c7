//! Passkeys: a second step of the sign-in, and another way to unlock.

pub mod api;
mod authenticator;
#[cfg(feature = "ssr")]
pub(crate) mod check;
mod section;
mod unlock;

pub(crate) use authenticator::ask;
pub(crate) use section::PasskeySection;
pub(crate) use unlock::UnlockButton;
