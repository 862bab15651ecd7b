//! Values with a time to live, counters, locks and rate limits.

mod config;
mod key;
mod lock;
mod memory;
mod port;
mod quota;

pub use config::CacheSettings;
pub use key::{MAX_KEY_BYTES, MAX_TTL, MIN_TTL, check_key, check_ttl};
pub use lock::{Lease, LockGuard};
pub use memory::{MemoryCache, Usage};
pub use port::{Cache, Retention, SharedCache};
pub use quota::{Decision, Quota, gcra};
