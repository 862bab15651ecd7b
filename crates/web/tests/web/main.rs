//! The whole server, from the outside.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure ends the test")]

mod access_log;
mod auth;
mod bodies;
mod canary;
mod cross_site;
mod docs;
mod health;
mod identity;
mod limits;
mod problems;
mod sockets;
mod support;
mod tls;
mod uploads;
