//! The bottom of ArchiRust: what every other crate stands on.
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | typed settings from layered sources, every value with its origin |
//! | [`secret`] | values that never show themselves |
//! | [`facts`], [`probe`], [`rules`] | what must hold of a configuration and its secrets |
//! | [`hardening`] | rules, facts, findings, waivers, the gate and its report |
//! | [`error`] | the one error type, with HTTP and gRPC status |
//! | [`page`] | pagination, sorting, searching and ranges |
//! | [`clock`], [`random`], [`id`] | time, chance and identifiers, injected |

// The derive names this crate by its outside name, also inside of it.
#[allow(unused_extern_crates, reason = "only tests derive in here")]
extern crate self as archirust_core;

pub mod clock;
pub mod config;
pub mod error;
pub mod facts;
pub mod hardening;
pub mod id;
pub mod page;
pub mod probe;
pub mod random;
pub mod rules;
pub mod secret;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use clock::{Clock, Timestamp};
pub use error::{Error, ErrorKind, Result};
pub use secret::Secret;
