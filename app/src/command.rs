//! What the keyboard reaches from everywhere: a palette of commands, and single keys.

mod commands;
mod keyboard;
mod palette;
mod shortcuts;

pub(crate) use keyboard::Keyboard;
