//! Who is calling: passwords, tokens, second factors and sessions.
//!
//! | module | holds |
//! |---|---|
//! | [`password`] | hashing off the request threads, verification of old formats, policy, generator |
//! | [`throttle`] | limits on guessing, by account and by address |
//! | [`totp`] | one-time codes, their QR code and seal, recovery codes |

mod named_key;
pub mod password;
pub mod throttle;
pub mod totp;

pub use named_key::{MAX_KEY_NAME, NamedKey};
