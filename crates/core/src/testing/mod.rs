//! Help for the tests of those who build on this crate (feature `testing`).

mod reads;
mod unread;

pub use unread::{UnreadSetting, assert_all_settings_are_read, unread_settings};
