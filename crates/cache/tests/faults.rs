//! Typed values on a cache that fails or is slow.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use archirust_cache::{
    Cache, CacheSettings, Decision, Jitter, Lease, MemoryCache, Quota, Retention, SharedCache, TypedCache,
};
use archirust_core::clock::SystemClock;
use archirust_core::random::SequenceRandom;
use archirust_core::{ErrorKind, Result};
use async_trait::async_trait;
use tokio::sync::oneshot;

const HOUR: Duration = Duration::from_secs(3600);

/// A memory cache that fails where it is told to, and can hold back the answer of one read or the start of one write.
struct Faulty {
    memory: SharedCache,
    reads: Option<ErrorKind>,
    writes: Option<ErrorKind>,
    read_gate: Gate,
    write_gate: Gate,
}

impl Faulty {
    fn new(reads: Option<ErrorKind>, writes: Option<ErrorKind>) -> Self {
        let memory = MemoryCache::shared(&CacheSettings::default(), SystemClock::shared());
        Self { memory, reads, writes, read_gate: Gate::default(), write_gate: Gate::default() }
    }
}

/// Stops the first that passes until it is told to go on.
#[derive(Default)]
struct Gate(Mutex<Option<oneshot::Receiver<()>>>);

impl Gate {
    fn close(&self) -> oneshot::Sender<()> {
        let (open, opened) = oneshot::channel();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(opened);
        open
    }

    async fn pass(&self) {
        let opened = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(opened) = opened {
            let _ = opened.await;
        }
    }
}

fn typed(cache: Faulty) -> TypedCache {
    TypedCache::new(Arc::new(cache), SequenceRandom::seeded(1))
}

async fn load(typed: &TypedCache, value: u32) -> Result<u32> {
    typed.get_or_load("k", HOUR, Jitter::NONE, || async move { Ok(value) }).await
}

#[tokio::test]
async fn a_cache_that_is_out_of_reach_is_an_empty_one() {
    let typed = typed(Faulty::new(Some(ErrorKind::ConnectionFailed), Some(ErrorKind::ConnectionFailed)));
    assert_eq!(load(&typed, 1).await.unwrap(), 1);
    assert_eq!(load(&typed, 2).await.unwrap(), 2);
    assert_eq!(typed.get::<u32>("k").await.unwrap_err().kind(), ErrorKind::ConnectionFailed);
}

#[tokio::test]
async fn a_value_that_can_not_be_kept_is_still_returned() {
    let typed = typed(Faulty::new(None, Some(ErrorKind::InvalidInput)));
    assert_eq!(load(&typed, 1).await.unwrap(), 1);
    assert_eq!(load(&typed, 2).await.unwrap(), 2);
}

#[tokio::test]
async fn a_defect_is_not_taken_for_an_empty_cache() {
    let typed = typed(Faulty::new(Some(ErrorKind::Configuration), None));
    assert_eq!(load(&typed, 1).await.unwrap_err().kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn arguments_are_checked_before_anything_is_loaded() {
    let typed = typed(Faulty::new(None, None));
    let bad_key = typed.get_or_load("no key", HOUR, Jitter::NONE, || async { Ok(1) }).await;
    assert_eq!(bad_key.unwrap_err().kind(), ErrorKind::InvalidInput);
    let bad_time = typed.get_or_load("k", Duration::ZERO, Jitter::NONE, || async { Ok(1) }).await;
    assert_eq!(bad_time.unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_caller_whose_read_was_overtaken_by_a_whole_load_does_not_load_again() {
    let cache = Faulty::new(None, None);
    let release = cache.read_gate.close();
    let typed = typed(cache);
    let slow = load(&typed, 1);
    let fast = async {
        assert_eq!(load(&typed, 2).await.unwrap(), 2);
        release.send(()).unwrap();
    };
    assert_eq!(tokio::join!(biased; slow, fast).0.unwrap(), 2);
}

#[tokio::test]
async fn a_delete_while_a_loaded_value_is_being_written_wins() {
    let cache = Faulty::new(None, None);
    let release = cache.write_gate.close();
    let typed = typed(cache);
    let delete = async {
        typed.delete("k").await.unwrap();
        release.send(()).unwrap();
    };
    assert_eq!(tokio::join!(biased; load(&typed, 1), delete).0.unwrap(), 1);
    assert_eq!(typed.get::<u32>("k").await.unwrap(), None);
}

#[async_trait]
impl Cache for Faulty {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let value = self.memory.get(key).await;
        self.read_gate.pass().await;
        self.reads.map_or(value, |kind| Err(kind.into()))
    }

    async fn set(&self, key: &str, value: &[u8], ttl: Duration, retention: Retention) -> Result<()> {
        self.write_gate.pass().await;
        match self.writes {
            Some(kind) => Err(kind.into()),
            None => self.memory.set(key, value, ttl, retention).await,
        }
    }

    async fn set_if_absent(&self, key: &str, value: &[u8], ttl: Duration, retention: Retention) -> Result<bool> {
        self.memory.set_if_absent(key, value, ttl, retention).await
    }

    async fn compare_and_set(
        &self,
        key: &str,
        expected: &[u8],
        value: &[u8],
        ttl: Duration,
        retention: Retention,
    ) -> Result<bool> {
        self.memory.compare_and_set(key, expected, value, ttl, retention).await
    }

    async fn take(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.memory.take(key).await
    }

    async fn delete(&self, key: &str) -> Result<bool> {
        self.memory.delete(key).await
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Vec<u8>>>> {
        self.memory.get_many(keys).await
    }

    async fn set_many(&self, entries: &[(&str, &[u8])], ttl: Duration, retention: Retention) -> Result<()> {
        self.memory.set_many(entries, ttl, retention).await
    }

    async fn delete_many(&self, keys: &[&str]) -> Result<u64> {
        self.memory.delete_many(keys).await
    }

    async fn increment(&self, key: &str, by: i64, ttl: Duration) -> Result<i64> {
        self.memory.increment(key, by, ttl).await
    }

    async fn time_to_live(&self, key: &str) -> Result<Option<Duration>> {
        self.memory.time_to_live(key).await
    }

    async fn acquire_lock(&self, name: &str, ttl: Duration) -> Result<Option<Lease>> {
        self.memory.acquire_lock(name, ttl).await
    }

    async fn renew_lock(&self, lease: &Lease, ttl: Duration) -> Result<()> {
        self.memory.renew_lock(lease, ttl).await
    }

    async fn release_lock(&self, lease: &Lease) -> Result<()> {
        self.memory.release_lock(lease).await
    }

    async fn rate_limit(&self, key: &str, quota: &Quota, cost: u32) -> Result<Decision> {
        self.memory.rate_limit(key, quota, cost).await
    }

    async fn reset_rate_limit(&self, key: &str) -> Result<bool> {
        self.memory.reset_rate_limit(key).await
    }

    async fn ping(&self) -> Result<()> {
        self.memory.ping().await
    }
}
