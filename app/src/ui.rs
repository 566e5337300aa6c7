//! Widgets that know no word of the model.

mod check_all;
mod clipboard;
mod dialog;
mod download;
mod field;
mod icon;
mod later;
mod menu;
mod number;
mod pager;
mod progress;
mod skeleton;
mod time;
mod toast;

pub(crate) use check_all::{CheckAll, Extent};
pub(crate) use clipboard::copy_text;
pub(crate) use dialog::Dialog;
pub(crate) use download::download;
pub(crate) use field::{Field, FormError};
pub(crate) use icon::Icon;
pub(crate) use later::{Loaded, NotLoaded, Work, later, later_quietly};
pub(crate) use menu::{Menu, MenuItem};
pub(crate) use number::number;
pub(crate) use pager::Pager;
pub(crate) use progress::Progress;
pub(crate) use skeleton::skeleton;
pub(crate) use time::{day_start, iso_time, local_day, local_field, local_millis, local_time, next_frame, now_millis};
pub(crate) use toast::{Toasts, provide_toasts, use_toasts};
