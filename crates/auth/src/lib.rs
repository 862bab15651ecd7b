//! Who is calling: passwords, tokens, second factors and sessions.
//!
//! | module | holds |
//! |---|---|
//! | [`jwt`] | signed access tokens: keys and their rotation, signer, verifier, revocation |
//! | [`password`] | hashing off the request threads, verification of old formats, policy, generator |
//! | [`session`] | refresh tokens, and what they keep alive; the second step of a login |
//! | [`throttle`] | limits on guessing, by account and by address |
//! | [`totp`] | one-time codes, their QR code and seal, recovery codes |

pub mod jwt;
mod named_key;
pub mod password;
pub mod session;
pub mod throttle;
pub mod totp;

pub use named_key::{MAX_KEY_NAME, NamedKey};
