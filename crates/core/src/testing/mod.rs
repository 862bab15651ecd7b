//! Help for the tests of those who build on this crate (feature `testing`).

mod reads;
mod sound;
mod unread;

pub use sound::{assert_well_declared, declaration_defects};
pub use unread::{UnreadSetting, assert_all_settings_are_read, unread_settings};
