//! Settings of the cache.

/// Settings of the cache.
#[derive(Clone, Debug)]
pub struct CacheSettings {
    /// Bytes that values which may be evicted can take in the memory engine, with keys and bookkeeping.
    pub max_bytes: u64,
    /// Bytes that kept values, counters and locks can take in the memory engine, with keys and bookkeeping. When they are
    /// used up, such writes fail until something expires.
    pub max_kept_bytes: u64,
    /// Bytes that one value can have.
    pub max_value_bytes: u64,
    /// Keys whose rate limit the memory engine remembers. Beyond that it forgets the one that would be over soonest.
    pub max_rate_limits: u64,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self { max_bytes: 64 << 20, max_kept_bytes: 32 << 20, max_value_bytes: 1 << 20, max_rate_limits: 65_536 }
    }
}
