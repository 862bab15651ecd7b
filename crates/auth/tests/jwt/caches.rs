//! Caches that fail, forget or can be watched.

use std::sync::Arc;
use std::time::Duration;

use archirust_cache::{Cache, CacheSettings, Decision, Lease, MemoryCache, Quota, Retention, SharedCache};
use archirust_core::clock::SystemClock;
use archirust_core::{ErrorKind, Result};
use async_trait::async_trait;

/// What becomes of one operation on a key.
#[allow(dead_code, reason = "not every test needs every step")]
pub(crate) enum Step {
    Pass,
    /// The server can't be reached.
    Fail,
    /// A write that is not made, and said to be.
    Forget,
}

/// A cache whose every operation is decided on.
pub(crate) fn deciding(inner: SharedCache, decide: impl Fn(&str) -> Step + Send + Sync + 'static) -> SharedCache {
    Arc::new(Deciding { inner, decide })
}

/// A cache whose server can't be reached.
pub(crate) fn broken() -> SharedCache {
    deciding(MemoryCache::shared(&CacheSettings::default(), SystemClock::shared()), |_| Step::Fail)
}

struct Deciding<F> {
    inner: SharedCache,
    decide: F,
}

impl<F: Fn(&str) -> Step> Deciding<F> {
    /// Whether a write is to be made.
    fn step(&self, key: &str) -> Result<bool> {
        match (self.decide)(key) {
            Step::Pass => Ok(true),
            Step::Forget => Ok(false),
            Step::Fail => Err(ErrorKind::ConnectionFailed.into()),
        }
    }
}

#[async_trait]
impl<F: Fn(&str) -> Step + Send + Sync + 'static> Cache for Deciding<F> {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.step(key)?;
        self.inner.get(key).await
    }

    async fn set(&self, key: &str, value: &[u8], ttl: Duration, retention: Retention) -> Result<()> {
        if self.step(key)? { self.inner.set(key, value, ttl, retention).await } else { Ok(()) }
    }

    async fn set_if_absent(&self, key: &str, value: &[u8], ttl: Duration, retention: Retention) -> Result<bool> {
        self.step(key)?;
        self.inner.set_if_absent(key, value, ttl, retention).await
    }

    async fn compare_and_set(
        &self,
        key: &str,
        expected: &[u8],
        value: &[u8],
        ttl: Duration,
        retention: Retention,
    ) -> Result<bool> {
        self.step(key)?;
        self.inner.compare_and_set(key, expected, value, ttl, retention).await
    }

    async fn take(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.step(key)?;
        self.inner.take(key).await
    }

    async fn delete(&self, key: &str) -> Result<bool> {
        self.step(key)?;
        self.inner.delete(key).await
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Vec<u8>>>> {
        for key in keys {
            self.step(key)?;
        }
        self.inner.get_many(keys).await
    }

    async fn set_many(&self, entries: &[(&str, &[u8])], ttl: Duration, retention: Retention) -> Result<()> {
        self.inner.set_many(entries, ttl, retention).await
    }

    async fn delete_many(&self, keys: &[&str]) -> Result<u64> {
        self.inner.delete_many(keys).await
    }

    async fn increment(&self, key: &str, by: i64, ttl: Duration) -> Result<i64> {
        self.step(key)?;
        self.inner.increment(key, by, ttl).await
    }

    async fn time_to_live(&self, key: &str) -> Result<Option<Duration>> {
        self.inner.time_to_live(key).await
    }

    async fn acquire_lock(&self, name: &str, ttl: Duration) -> Result<Option<Lease>> {
        self.inner.acquire_lock(name, ttl).await
    }

    async fn renew_lock(&self, lease: &Lease, ttl: Duration) -> Result<()> {
        self.inner.renew_lock(lease, ttl).await
    }

    async fn release_lock(&self, lease: &Lease) -> Result<()> {
        self.inner.release_lock(lease).await
    }

    async fn rate_limit(&self, key: &str, quota: &Quota, cost: u32) -> Result<Decision> {
        self.inner.rate_limit(key, quota, cost).await
    }

    async fn reset_rate_limit(&self, key: &str) -> Result<bool> {
        self.inner.reset_rate_limit(key).await
    }

    async fn ping(&self) -> Result<()> {
        self.inner.ping().await
    }
}
