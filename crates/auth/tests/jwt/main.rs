//! Access tokens, seen from outside: standards, attacks, keys, memory, revocation, settings and proofs.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod attacks;
mod authenticator;
mod cached;
mod caches;
mod claims;
mod files;
mod interop;
mod keys;
mod lifetime;
mod probe;
mod ring;
mod settings;
mod signer;
mod support;
mod vectors;
