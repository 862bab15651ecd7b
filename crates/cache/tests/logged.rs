//! What goes wrong without anybody asking is logged: lost locks, rate limits that no longer fit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use archirust_cache::{Cache, CacheSettings, LockGuard, MemoryCache, Quota};
use archirust_core::clock::{ManualClock, Timestamp};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

const MINUTE: Duration = Duration::from_secs(60);

/// Counts the events of a level.
struct Count(Level, Arc<AtomicUsize>);

impl Subscriber for Count {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("archirust_cache")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn event(&self, event: &Event<'_>) {
        if *event.metadata().level() == self.0 {
            self.1.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_lost_lock_is_logged_as_an_error_and_one_that_was_held_is_not() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let cache = MemoryCache::shared(&CacheSettings::default(), Arc::new(Arc::clone(&clock)));
    let errors = Arc::new(AtomicUsize::new(0));
    let _guard = tracing::subscriber::set_default(Count(Level::ERROR, Arc::clone(&errors)));
    let logged = || errors.load(Ordering::SeqCst);
    let lock = || async { LockGuard::acquire(&cache, "l", MINUTE).await.unwrap().unwrap() };

    lock().await.release().await.unwrap();
    drop(lock().await);
    tokio::task::yield_now().await;
    assert_eq!(logged(), 0);

    let lost = lock().await;
    clock.advance(MINUTE);
    assert!(lost.renew(MINUTE).await.is_err());
    assert_eq!(logged(), 1);
    assert!(lost.release().await.is_err());
    assert_eq!(logged(), 2);

    let lost = lock().await;
    clock.advance(MINUTE);
    drop(lost);
    while logged() < 3 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_guard_can_be_dropped_outside_of_a_runtime() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let cache = MemoryCache::shared(&CacheSettings::default(), Arc::new(Arc::clone(&clock)));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    drop(runtime.block_on(LockGuard::acquire(&cache, "l", MINUTE)).unwrap().unwrap());
    assert!(runtime.block_on(LockGuard::acquire(&cache, "l", MINUTE)).unwrap().is_none());
    clock.advance(MINUTE);
    assert!(runtime.block_on(LockGuard::acquire(&cache, "l", MINUTE)).unwrap().is_some());
}

#[tokio::test]
async fn a_flood_of_rate_limits_is_logged_once_a_minute() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let settings = CacheSettings { max_rate_limits: 1024, ..CacheSettings::default() };
    let cache = MemoryCache::new(&settings, Arc::new(Arc::clone(&clock)));
    let quota = Quota::new(5, MINUTE * 60).unwrap();
    let warnings = Arc::new(AtomicUsize::new(0));
    let _guard = tracing::subscriber::set_default(Count(Level::WARN, Arc::clone(&warnings)));
    for (wait, logged) in [(Duration::ZERO, 1), (MINUTE - Duration::from_micros(1), 1), (Duration::from_micros(1), 2)] {
        clock.advance(wait);
        for number in 0..2000 {
            cache.rate_limit(&format!("{}-{number}", wait.as_micros()), &quota, 1).await.unwrap();
        }
        assert_eq!(warnings.load(Ordering::SeqCst), logged, "{wait:?}");
    }
}
