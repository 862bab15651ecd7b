//! The embedded engine: everything in the memory of this process.
//!
//! Values that may be evicted live in moka, bounded in bytes; what is kept lives beside it in sharded maps with an own
//! bound. The mutex of a key's shard is where all its writes meet, so each operation is one step; a hit on an evictable
//! value takes no mutex. What is over is freed bit by bit as the cache is used, without a thread or task.

mod evictable;
mod expiring;
mod kept;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use archirust_core::{Clock, Error, ErrorKind, Result};
use async_trait::async_trait;
use parking_lot::{Mutex, MutexGuard};

use self::evictable::Evictable;
use self::kept::{Budget, NoRoom, Shard};
use crate::config::CacheSettings;
use crate::key::{check_key, check_ttl, refused};
use crate::lock::Lease;
use crate::port::{Cache, Retention, SharedCache};
use crate::quota::{Decision, Quota, gcra};

const SHARDS: usize = 16;

/// The embedded engine. Times to live follow the injected monotonic clock alone.
pub struct MemoryCache {
    clock: Arc<dyn Clock>,
    hasher: RandomState,
    evictable: Evictable,
    shards: [Mutex<Shard>; SHARDS],
    kept: Budget,
    max_value_bytes: u64,
    limits_per_shard: usize,
    last_token: AtomicU64,
}

/// What a [`MemoryCache`] holds now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of values that may be evicted, with keys and an estimate of the bookkeeping.
    pub evictable_bytes: u64,
    /// Bytes of kept values, counters and locks, with keys and an estimate of the bookkeeping.
    pub kept_bytes: u64,
    /// Keys whose rate limit is remembered.
    pub rate_limits: u64,
}

impl MemoryCache {
    /// An empty cache.
    pub fn new(settings: &CacheSettings, clock: Arc<dyn Clock>) -> Self {
        // Fencing tokens outlive the process in what they protect: starting at the wall-clock time in microseconds keeps
        // them growing over a restart, unless there were more than a million locks a second.
        let first_token = u64::try_from(clock.now().as_microsecond()).unwrap_or(0);
        let max_rate_limits = usize::try_from(settings.max_rate_limits).unwrap_or(usize::MAX);
        Self {
            hasher: RandomState::new(),
            evictable: Evictable::new(settings.max_bytes.bytes(), Arc::clone(&clock)),
            shards: std::array::from_fn(|_| Mutex::default()),
            kept: Budget::new(settings.max_kept_bytes.bytes()),
            // Settings that were not validated: what never fits is refused, not dropped without a word.
            max_value_bytes: settings.max_value_bytes.bytes().min(settings.max_bytes.bytes() / 2),
            limits_per_shard: max_rate_limits.div_ceil(SHARDS).max(1),
            last_token: AtomicU64::new(first_token),
            clock,
        }
    }

    /// The same, ready to be shared.
    pub fn shared(settings: &CacheSettings, clock: Arc<dyn Clock>) -> SharedCache {
        Arc::new(Self::new(settings, clock))
    }

    /// Frees what is over: all that was kept, and of the rest what is over for a minute. Use does the same bit by bit; this
    /// is for an idle service that wants its memory back.
    pub fn sweep(&self) {
        let now = self.now();
        for shard in &self.shards {
            shard.lock().sweep_all(now, &self.kept);
        }
        self.evictable.settle();
    }

    /// What it holds now, over or not.
    pub fn usage(&self) -> Usage {
        Usage {
            evictable_bytes: self.evictable.bytes(),
            kept_bytes: self.kept.used(),
            rate_limits: self.shards.iter().map(|shard| shard.lock().limits() as u64).sum(),
        }
    }

    fn now(&self) -> u64 {
        nanos(self.clock.monotonic())
    }

    /// The shard of a key, locked, and the time under the lock: writes of a key see a time that never goes back.
    fn locked(&self, key: &str) -> (MutexGuard<'_, Shard>, u64) {
        let mut shard = self.shards[self.hasher.hash_one(key) as usize % SHARDS].lock();
        let now = self.now();
        shard.sweep_some(now, &self.kept);
        (shard, now)
    }

    /// Runs a write; if there is no room, frees all that is over and tries once more.
    fn with_room<T>(&self, key: &str, mut write: impl FnMut(&mut Shard, u64) -> Result<T, Full>) -> Result<T> {
        let mut attempt = || {
            let (mut shard, now) = self.locked(key);
            write(&mut shard, now)
        };
        let result = match attempt() {
            Err(Full::NoRoom) => {
                self.sweep();
                attempt()
            }
            result => result,
        };
        result.map_err(|full| match full {
            Full::NoRoom => Error::new(ErrorKind::Overloaded)
                .with_detail("no room for what must be kept: raise cache.max_kept_bytes, or keep less or shorter"),
            Full::Other(error) => error,
        })
    }

    /// A live value of either kind and its end. Writers hold the shard, so nothing moves meanwhile.
    fn live(&self, shard: &Shard, key: &str, now: u64) -> Option<(Vec<u8>, u64)> {
        if let Some((value, end)) = shard.value(key, now) {
            return Some((value.to_vec(), end));
        }
        let entry = self.evictable.entry(key).filter(|entry| now < entry.end)?;
        Some((entry.value.to_vec(), entry.end))
    }

    fn put(&self, shard: &mut Shard, key: &str, value: &[u8], end: u64, retention: Retention) -> Result<(), NoRoom> {
        match retention {
            Retention::Evictable => {
                shard.remove_value(key, &self.kept);
                self.evictable.insert(key, value, end);
            }
            Retention::Kept => {
                shard.put_value(key, value, end, &self.kept)?;
                self.evictable.remove(key);
            }
        }
        Ok(())
    }

    fn remove(&self, shard: &mut Shard, key: &str) {
        shard.remove_value(key, &self.kept);
        self.evictable.remove(key);
    }

    fn check_write(&self, key: &str, value: &[u8], ttl: Duration) -> Result<()> {
        check_key(key)?;
        check_ttl(ttl)?;
        let max = self.max_value_bytes;
        if value.len() as u64 > max {
            return Err(refused(format!("a value of {} bytes is over cache.max_value_bytes ({max})", value.len())));
        }
        Ok(())
    }
}

impl fmt::Debug for MemoryCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCache").field("usage", &self.usage()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Cache for MemoryCache {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        check_key(key)?;
        if let Some(entry) = self.evictable.entry(key)
            && self.now() < entry.end
        {
            return Ok(Some(entry.value.to_vec()));
        }
        let (shard, now) = self.locked(key);
        Ok(self.live(&shard, key, now).map(|(value, _)| value))
    }

    async fn set(&self, key: &str, value: &[u8], ttl: Duration, retention: Retention) -> Result<()> {
        self.check_write(key, value, ttl)?;
        self.with_room(key, |shard, now| Ok(self.put(shard, key, value, now + nanos(ttl), retention)?))
    }

    async fn set_if_absent(&self, key: &str, value: &[u8], ttl: Duration, retention: Retention) -> Result<bool> {
        self.check_write(key, value, ttl)?;
        self.with_room(key, |shard, now| {
            let absent = self.live(shard, key, now).is_none();
            if absent {
                self.put(shard, key, value, now + nanos(ttl), retention)?;
            }
            Ok(absent)
        })
    }

    async fn compare_and_set(
        &self,
        key: &str,
        expected: &[u8],
        value: &[u8],
        ttl: Duration,
        retention: Retention,
    ) -> Result<bool> {
        self.check_write(key, value, ttl)?;
        self.with_room(key, |shard, now| {
            let same = self.live(shard, key, now).is_some_and(|(value, _)| value == expected);
            if same {
                self.put(shard, key, value, now + nanos(ttl), retention)?;
            }
            Ok(same)
        })
    }

    async fn take(&self, key: &str) -> Result<Option<Vec<u8>>> {
        check_key(key)?;
        let (mut shard, now) = self.locked(key);
        let live = self.live(&shard, key, now);
        self.remove(&mut shard, key);
        Ok(live.map(|(value, _)| value))
    }

    async fn delete(&self, key: &str) -> Result<bool> {
        Ok(self.take(key).await?.is_some())
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Vec<u8>>>> {
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            values.push(self.get(key).await?);
        }
        Ok(values)
    }

    async fn set_many(&self, entries: &[(&str, &[u8])], ttl: Duration, retention: Retention) -> Result<()> {
        for (key, value) in entries {
            self.check_write(key, value, ttl)?;
        }
        for (key, value) in entries {
            self.set(key, value, ttl, retention).await?;
        }
        Ok(())
    }

    async fn delete_many(&self, keys: &[&str]) -> Result<u64> {
        keys.iter().try_for_each(|key| check_key(key))?;
        let mut there = 0;
        for key in keys {
            there += u64::from(self.delete(key).await?);
        }
        Ok(there)
    }

    async fn increment(&self, key: &str, by: i64, ttl: Duration) -> Result<i64> {
        check_key(key)?;
        check_ttl(ttl)?;
        self.with_room(key, |shard, now| {
            let (before, end) = match self.live(shard, key, now) {
                Some((value, end)) => (counter(&value)?, end),
                None => (0, now + nanos(ttl)),
            };
            let after = before.checked_add(by).ok_or_else(|| not_countable("the counter is at its end"))?;
            self.put(shard, key, after.to_string().as_bytes(), end, Retention::Kept)?;
            Ok(after)
        })
    }

    async fn time_to_live(&self, key: &str) -> Result<Option<Duration>> {
        check_key(key)?;
        let (shard, now) = self.locked(key);
        Ok(self.live(&shard, key, now).map(|(_, end)| Duration::from_nanos(end - now)))
    }

    async fn acquire_lock(&self, name: &str, ttl: Duration) -> Result<Option<Lease>> {
        check_key(name)?;
        check_ttl(ttl)?;
        self.with_room(name, |shard, now| {
            if shard.lock(name, now).is_some() {
                return Ok(None);
            }
            let token = self.last_token.fetch_add(1, Ordering::Relaxed) + 1;
            shard.put_lock(name, token, now + nanos(ttl), &self.kept)?;
            Ok(Some(Lease::new(name, token)))
        })
    }

    async fn renew_lock(&self, lease: &Lease, ttl: Duration) -> Result<()> {
        check_ttl(ttl)?;
        self.with_room(lease.name(), |shard, now| {
            if shard.lock(lease.name(), now) != Some(lease.token()) {
                return Err(lease.lost().into());
            }
            Ok(shard.put_lock(lease.name(), lease.token(), now + nanos(ttl), &self.kept)?)
        })
    }

    async fn release_lock(&self, lease: &Lease) -> Result<()> {
        let (mut shard, now) = self.locked(lease.name());
        if shard.lock(lease.name(), now) != Some(lease.token()) {
            return Err(lease.lost());
        }
        shard.remove_lock(lease.name(), &self.kept);
        Ok(())
    }

    async fn rate_limit(&self, key: &str, quota: &Quota, cost: u32) -> Result<Decision> {
        check_key(key)?;
        let (mut shard, now) = self.locked(key);
        let now = now / 1_000;
        let before = shard.limit(key, now).unwrap_or(0);
        let (decision, after) = gcra(before, now, quota, cost)?;
        if decision.allowed && cost > 0 && shard.put_limit(key, after, self.limits_per_shard) {
            tracing::debug!("more keys than cache.max_rate_limits: the one with the smallest debt was forgotten");
        }
        Ok(decision)
    }

    async fn reset_rate_limit(&self, key: &str) -> Result<bool> {
        check_key(key)?;
        let (mut shard, now) = self.locked(key);
        let there = shard.limit(key, now / 1_000).is_some();
        shard.remove_limit(key);
        Ok(there)
    }

    async fn ping(&self) -> Result<()> {
        Ok(())
    }
}

/// Why a write did not happen.
enum Full {
    NoRoom,
    Other(Error),
}

impl From<NoRoom> for Full {
    fn from(_: NoRoom) -> Self {
        Self::NoRoom
    }
}

impl From<Error> for Full {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// Reads a counter as it is written: decimal digits without leading zeros, so that no two values mean the same.
fn counter(value: &[u8]) -> Result<i64> {
    let number =
        std::str::from_utf8(value).ok().and_then(|text| text.parse::<i64>().ok().filter(|n| n.to_string() == text));
    number.ok_or_else(|| not_countable("the value is not a counter"))
}

fn not_countable(detail: &'static str) -> Error {
    Error::new(ErrorKind::InvalidState).with_detail(detail)
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
