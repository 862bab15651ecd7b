//! Sessions, seen from outside: uses at the same time, caches and stores that fail, limits to the moment, and the trial.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "../jwt/caches.rs"]
mod caches;
mod challenges;
mod failures;
mod refresh;
mod support;
mod trial;
