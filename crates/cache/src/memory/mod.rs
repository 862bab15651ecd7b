//! The embedded engine: everything in the memory of this process.
//!
//! Values that may be evicted live in moka, bounded in bytes; what is kept lives beside it in sharded maps with an own
//! bound. The mutex of a key's shard is where all its writes meet, so each operation is one step; a hit on an evictable
//! value takes no mutex. What is over is freed bit by bit as the cache is used, without a thread or task.

mod evictable;
mod expiring;
mod kept;
mod operations;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use archirust_core::{Clock, Error, ErrorKind, Result};
use parking_lot::{Mutex, MutexGuard};

use self::evictable::Evictable;
use self::kept::{Budget, NoRoom, Shard};
use crate::config::CacheSettings;
use crate::key::{check_key, check_ttl, refused};
use crate::port::{Retention, SharedCache};

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
    /// When a flood of rate limits is worth the next warning, in microseconds.
    next_warning: AtomicU64,
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
            next_warning: AtomicU64::new(0),
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

    /// Says that limits are weakened, once in a while and not once a call: the log must not be flooded as well.
    fn warn_of_flood(&self, now_micros: u64) {
        const PAUSE_MICROS: u64 = 60_000_000;
        let due = |next: u64| (now_micros >= next).then_some(now_micros + PAUSE_MICROS);
        if self.next_warning.fetch_update(Ordering::Relaxed, Ordering::Relaxed, due).is_ok() {
            tracing::warn!(
                "more keys are limited than cache.max_rate_limits: those that are furthest from their limit are forgotten"
            );
        }
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

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
