//! The promises of `archi`, kept by the real binary.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure ends the test")]

mod canary;
mod config;
mod env_example;
mod exits;
mod help;
mod input;
mod issuer;
mod jwks;
mod jwt;
mod password;
mod rules;
mod run;
mod secret;
