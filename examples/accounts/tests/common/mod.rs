//! What the tests of the running service share: starting it, and speaking to it.
#![allow(dead_code, unused_imports, unreachable_pub, reason = "every test file is a program that uses a part of this")]

pub mod api;
pub mod service;

pub use api::{Answer, Api, PASSWORD, totp_code};
pub use service::{Finished, Service, Setup};
