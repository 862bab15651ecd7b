//! The bottom of ArchiRust: what every other crate stands on.
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | typed settings from layered sources, every value with its origin |
//! | [`secret`] | values that never show themselves |
//! | [`hardening`] | rules, facts, findings, waivers, the gate and its report |
//! | [`error`] | the one error type, with HTTP and gRPC status |
//! | [`page`] | pagination, sorting, searching and ranges |
//! | [`clock`], [`random`], [`id`] | time, chance and identifiers, injected |

// The derive names this crate by its outside name, also inside of it.
extern crate self as archirust_core;

pub mod clock;
pub mod config;
pub mod error;
pub mod hardening;
pub mod id;
pub mod page;
pub mod random;
pub mod secret;

pub use clock::{Clock, Timestamp};
pub use error::{Error, ErrorKind, Result};
pub use secret::Secret;
