//! Settings of the cache.

use archirust_core::config::{ByteSize, Conflict, Settings};

/// Cache, locks and rate limits.
#[derive(Clone, Debug, Settings)]
#[settings(validate = check)]
pub struct CacheSettings {
    /// Bytes that values which may be evicted can take in the memory engine, with keys and bookkeeping. Nothing is reserved.
    #[setting(default = "64 MiB", range = "1 MiB..=64 GiB")]
    pub max_bytes: ByteSize,
    /// Bytes that kept values, counters and locks can take in the memory engine, with keys and bookkeeping. When they are
    /// used up, writes of that kind fail until something expires. Nothing is reserved.
    #[setting(default = "32 MiB", range = "1 MiB..=64 GiB")]
    pub max_kept_bytes: ByteSize,
    /// Bytes that one value can have.
    #[setting(default = "512 KiB", range = "1 KiB..=16 MiB")]
    pub max_value_bytes: ByteSize,
    /// Keys whose rate limit the memory engine remembers, about 200 bytes each. Beyond that it forgets the one that would be
    /// over soonest.
    #[setting(default = "65536", range = "1024..=16777216")]
    pub max_rate_limits: u64,
}

/// A value that fills the cache would push out everything else, or never be held.
fn check(settings: &CacheSettings) -> Option<Conflict> {
    let room = settings.max_bytes.min(settings.max_kept_bytes);
    (settings.max_value_bytes.0 > room.0 / 2)
        .then(|| Conflict::new("max_value_bytes", "is more than half of max_bytes or max_kept_bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_takes_at_most_half_of_the_room() {
        let with = |max_bytes, max_kept_bytes, max_value_bytes| {
            check(&CacheSettings { max_bytes, max_kept_bytes, max_value_bytes, ..CacheSettings::default() })
        };
        assert_eq!(check(&CacheSettings::default()), None);
        assert_eq!(with(ByteSize::mib(2), ByteSize::mib(8), ByteSize::mib(1)), None);
        assert!(with(ByteSize::mib(2), ByteSize::mib(8), ByteSize(ByteSize::mib(1).0 + 1)).is_some());
        assert!(with(ByteSize::mib(8), ByteSize::mib(2), ByteSize(ByteSize::mib(1).0 + 1)).is_some());
    }
}
