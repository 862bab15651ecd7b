//! Sessions: what a login begins, what refresh tokens keep alive, and what ends.
//!
//! A refresh token is opaque and good for one use ([`SessionManager::refresh`]). It has three parts: the session, a secret of
//! the whole family and a secret of its own; the store keeps hashes. A token with the right family and an old secret was used
//! before, by its owner or by a thief: the session ends (RFC 9700, section 4.14.2). A token with a wrong family is made up,
//! and does nothing, so nobody can end the session of someone else.
//!
//! Where sessions are kept is up to the service: it implements [`SessionStore`], and runs `conformance` over it. All that has
//! to be atomic is one `UPDATE … WHERE` ([`SessionStore::rotate`]).

mod acr;
mod challenge;
mod config;
#[cfg(feature = "testing")]
pub mod conformance;
mod manager;
mod memory;
mod probe;
mod store;
mod token;

pub use acr::Acr;
pub use challenge::{Challenge, Challenges};
pub use config::SessionSettings;
pub use manager::{Authentication, Client, Issued, SessionManager};
pub use memory::MemorySessions;
pub use store::{Session, SessionStore};
pub use token::TokenHash;
