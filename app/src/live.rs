//! Live: what others do shows in this page, and what the person should look at.

mod listener;
mod reminders;

pub(crate) use listener::Listener;
pub(crate) use reminders::Reminders;
