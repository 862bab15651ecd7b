//! Values with a time to live, counters, locks and rate limits.
//!
//! | what | is |
//! |---|---|
//! | [`Cache`], [`SharedCache`] | the port: bytes, counters, locks, rate limits |
//! | [`MemoryCache`] | the embedded engine, bounded in bytes |
//! | [`TypedCache`] | values of any serde type, [loaded once](TypedCache::get_or_load) under concurrency |
//! | [`Namespaced`] | a part of a cache with a name of its own |
//! | [`LockGuard`] | a lock that is freed when it is dropped, with a fencing token |
//! | [`Quota`], [`Decision`] | how much is allowed, and what a rate limit says (GCRA) |
//! | `conformance` (feature `testing`) | what every engine promises, as tests |
//!
//! ```
//! use std::time::Duration;
//!
//! use archirust_cache::{CacheSettings, Jitter, MemoryCache, Quota, Retention, TypedCache};
//! use archirust_core::{clock::SystemClock, random::SystemRandom};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> archirust_core::Result<()> {
//! let cache = MemoryCache::shared(&CacheSettings::default(), SystemClock::shared());
//!
//! // What must not be forgotten is kept; what can be loaded again may be evicted.
//! cache.set("revoked:0190a7", b"", Duration::from_secs(900), Retention::Kept).await?;
//!
//! let typed = TypedCache::new(cache.clone(), SystemRandom::shared());
//! let load = || async { Ok("Ada".to_owned()) };
//! let name = typed.get_or_load("name:7", Duration::from_secs(60), Jitter::default(), load).await?;
//! assert_eq!(name, "Ada");
//!
//! let quota: Quota = "5/15m burst 2".parse()?;
//! assert!(cache.rate_limit("login:ada", &quota, 1).await?.allowed);
//! # Ok(())
//! # }
//! ```

mod config;
#[cfg(feature = "testing")]
pub mod conformance;
mod key;
mod lock;
mod memory;
mod namespaced;
mod port;
mod quota;
mod typed;

pub use config::CacheSettings;
pub use key::{MAX_KEY_BYTES, MAX_TTL, MIN_TTL, check_key, check_ttl};
pub use lock::{Lease, LockGuard};
pub use memory::{MemoryCache, Usage};
pub use namespaced::Namespaced;
pub use port::{Cache, Retention, SharedCache};
pub use quota::{Decision, Quota, gcra};
pub use typed::{Jitter, TypedCache};
