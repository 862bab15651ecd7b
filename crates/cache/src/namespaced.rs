//! A part of a cache with a name of its own.

use std::time::Duration;

use archirust_core::Result;
use async_trait::async_trait;

use crate::key::{check_key, refused};
use crate::lock::Lease;
use crate::port::{Cache, Retention, SharedCache};
use crate::quota::{Decision, Quota};

const MAX_NAME_BYTES: usize = 64;

/// A part of a cache: every key, lock and rate limit of it is `name:key` in the whole.
///
/// Two parts with different names share nothing: a name has no `:` in it. Parts can be nested.
#[derive(Clone)]
pub struct Namespaced {
    cache: SharedCache,
    prefix: String,
}

impl Namespaced {
    /// The part of `cache` called `name`: 1 to 64 of `a-z`, `0-9`, `_`, `-` and `.`.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for another name.
    pub fn new(cache: SharedCache, name: &str) -> Result<Self> {
        let fits = (1..=MAX_NAME_BYTES).contains(&name.len());
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.".contains(&byte);
        if !fits || !name.bytes().all(plain) {
            return Err(refused("the name of a part of the cache is made of 1 to 64 of a-z, 0-9, _, - and ."));
        }
        Ok(Self { cache, prefix: format!("{name}:") })
    }

    fn full(&self, key: &str) -> Result<String> {
        // Without its prefix, or the empty key would be accepted.
        check_key(key)?;
        Ok([&self.prefix, key].concat())
    }

    fn all_full(&self, keys: &[&str]) -> Result<Vec<String>> {
        keys.iter().map(|key| self.full(key)).collect()
    }
}

#[async_trait]
impl Cache for Namespaced {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.cache.get(&self.full(key)?).await
    }

    async fn set(&self, key: &str, value: &[u8], ttl: Duration, retention: Retention) -> Result<()> {
        self.cache.set(&self.full(key)?, value, ttl, retention).await
    }

    async fn set_if_absent(&self, key: &str, value: &[u8], ttl: Duration, retention: Retention) -> Result<bool> {
        self.cache.set_if_absent(&self.full(key)?, value, ttl, retention).await
    }

    async fn compare_and_set(
        &self,
        key: &str,
        expected: &[u8],
        value: &[u8],
        ttl: Duration,
        retention: Retention,
    ) -> Result<bool> {
        self.cache.compare_and_set(&self.full(key)?, expected, value, ttl, retention).await
    }

    async fn take(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.cache.take(&self.full(key)?).await
    }

    async fn delete(&self, key: &str) -> Result<bool> {
        self.cache.delete(&self.full(key)?).await
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Vec<u8>>>> {
        let full = self.all_full(keys)?;
        self.cache.get_many(&borrowed(&full)).await
    }

    async fn set_many(&self, entries: &[(&str, &[u8])], ttl: Duration, retention: Retention) -> Result<()> {
        let keys: Vec<&str> = entries.iter().map(|(key, _)| *key).collect();
        let full = self.all_full(&keys)?;
        let full: Vec<(&str, &[u8])> =
            full.iter().zip(entries).map(|(key, (_, value))| (key.as_str(), *value)).collect();
        self.cache.set_many(&full, ttl, retention).await
    }

    async fn delete_many(&self, keys: &[&str]) -> Result<u64> {
        let full = self.all_full(keys)?;
        self.cache.delete_many(&borrowed(&full)).await
    }

    async fn increment(&self, key: &str, by: i64, ttl: Duration) -> Result<i64> {
        self.cache.increment(&self.full(key)?, by, ttl).await
    }

    async fn time_to_live(&self, key: &str) -> Result<Option<Duration>> {
        self.cache.time_to_live(&self.full(key)?).await
    }

    async fn acquire_lock(&self, name: &str, ttl: Duration) -> Result<Option<Lease>> {
        self.cache.acquire_lock(&self.full(name)?, ttl).await
    }

    // A lease carries the full name already.
    async fn renew_lock(&self, lease: &Lease, ttl: Duration) -> Result<()> {
        self.cache.renew_lock(lease, ttl).await
    }

    async fn release_lock(&self, lease: &Lease) -> Result<()> {
        self.cache.release_lock(lease).await
    }

    async fn rate_limit(&self, key: &str, quota: &Quota, cost: u32) -> Result<Decision> {
        self.cache.rate_limit(&self.full(key)?, quota, cost).await
    }

    async fn reset_rate_limit(&self, key: &str) -> Result<bool> {
        self.cache.reset_rate_limit(&self.full(key)?).await
    }

    async fn ping(&self) -> Result<()> {
        self.cache.ping().await
    }
}

impl std::fmt::Debug for Namespaced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Namespaced").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

fn borrowed(keys: &[String]) -> Vec<&str> {
    keys.iter().map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use archirust_core::clock::SystemClock;

    use super::*;
    use crate::{CacheSettings, MAX_KEY_BYTES, MemoryCache};

    const MINUTE: Duration = Duration::from_secs(60);

    fn whole() -> SharedCache {
        MemoryCache::shared(&CacheSettings::default(), SystemClock::shared())
    }

    fn part(of: &SharedCache, name: &str) -> Namespaced {
        Namespaced::new(Arc::clone(of), name).unwrap()
    }

    #[test]
    fn a_name_is_plain() {
        for name in ["a", "web.rate_limit-2", &"n".repeat(MAX_NAME_BYTES)] {
            assert!(Namespaced::new(whole(), name).is_ok(), "{name}");
        }
        for name in ["", "a:b", "A", "a b", "ä", "a*", &"n".repeat(MAX_NAME_BYTES + 1)] {
            assert!(Namespaced::new(whole(), name).is_err(), "{name}");
        }
    }

    #[tokio::test]
    async fn parts_share_nothing() {
        let whole = whole();
        let (a, b) = (part(&whole, "a"), part(&whole, "b"));
        a.set("k", b"1", MINUTE, Retention::Kept).await.unwrap();
        assert_eq!(b.get("k").await.unwrap(), None);
        assert!(!b.delete("k").await.unwrap());
        assert_eq!(whole.get("a:k").await.unwrap().as_deref(), Some(&b"1"[..]));

        let held = a.acquire_lock("l", MINUTE).await.unwrap().unwrap();
        assert_eq!(held.name(), "a:l");
        assert!(b.acquire_lock("l", MINUTE).await.unwrap().is_some());

        let quota = Quota::new(1, MINUTE).unwrap();
        assert!(a.rate_limit("r", &quota, 1).await.unwrap().allowed);
        assert!(b.rate_limit("r", &quota, 1).await.unwrap().allowed);
        assert!(!a.rate_limit("r", &quota, 1).await.unwrap().allowed);
    }

    #[tokio::test]
    async fn a_prefix_counts_towards_the_length_of_a_key_and_never_stands_in_for_one() {
        let part = part(&whole(), "abc");
        assert!(part.get(&"k".repeat(MAX_KEY_BYTES - 4)).await.is_ok());
        assert!(part.get(&"k".repeat(MAX_KEY_BYTES - 3)).await.is_err());
        assert!(part.get("").await.is_err());
    }
}
