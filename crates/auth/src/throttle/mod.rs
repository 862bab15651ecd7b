//! Limits guesses at passwords, one-time codes and resets: by account and by client address, with delays that double, and
//! without ever locking an account for good.
//!
//! ```
//! # use std::net::{IpAddr, Ipv4Addr};
//! use archirust_auth::throttle::{Action, Throttle, ThrottleSettings};
//! # use archirust_cache::{CacheSettings, MemoryCache};
//! # use archirust_core::{clock::SystemClock, random::SystemRandom};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> archirust_core::Result<()> {
//! # let cache = MemoryCache::shared(&CacheSettings::default(), SystemClock::shared());
//! let throttle = Throttle::new(&ThrottleSettings::default(), cache, SystemRandom::shared())?;
//! # let client = IpAddr::V4(Ipv4Addr::LOCALHOST);
//!
//! // Before anything is verified; a refusal is `RateLimited` with the time to try again.
//! let attempt = throttle.attempt(Action::Login, "alice@example.com", client).await?;
//! let password_is_right = true; // verify here
//! if password_is_right {
//!     attempt.succeeded().await?;
//! }
//! # Ok(()) }
//! ```
//!
//! # What is counted
//!
//! An attempt counts from the moment it is allowed, not when it has failed: of any number of guesses that arrive at once
//! only the allowed number gets through, and one that is cancelled half-way is a failure. Success gives it back.
//!
//! * **Account**: a few attempts are free; each further one sets a delay before the next, 1, 2, 4 … seconds up to a quarter of
//!   an hour. Success forgets them. What is typed counts, whether there is such an account or not, so the answers are alike.
//! * **Address** (IPv6 by /64): the same with more free attempts and a short longest delay, because many people may share one.
//!   Success takes back its own attempt and nothing else, so nobody buys guesses with an account of their own.
//!
//! # Nobody is locked out by others
//!
//! Whoever keeps guessing at an account from everywhere keeps its delay at the longest, and could take every turn. So where
//! an account has succeeded before from an address, attempts at it from there have a count of their own, and neither the
//! account's nor the address's delay holds them up. The price is that somebody at that same address (behind one router) has
//! those few guesses more, and can delay its owner there, though nowhere else. Success is remembered for each action alone:
//! to have known a password gives no further guesses at the second factor.
//!
//! # Where it is kept
//!
//! Counts are [kept](archirust_cache::Retention::Kept) values of the cache: they are never pushed out by others. Account
//! names are hashed under a key, so the cache holds none. With a cache that several processes share, set `throttle.key`,
//! or each counts for itself. If the cache can't be reached or has no room, attempts fail: nobody gets in uncounted.

mod attempt;
mod config;
mod counter;
mod keys;

pub use attempt::{Action, Attempt, Throttle};
pub use config::ThrottleSettings;
