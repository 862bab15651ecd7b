//! A lock that was lost is reported loudly, also by a guard that nobody asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use archirust_cache::{CacheSettings, LockGuard, MemoryCache};
use archirust_core::clock::{ManualClock, Timestamp};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

const MINUTE: Duration = Duration::from_secs(60);

/// Counts the errors that are logged.
struct Errors(Arc<AtomicUsize>);

impl Subscriber for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("archirust_cache")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn event(&self, event: &Event<'_>) {
        if *event.metadata().level() == Level::ERROR {
            self.0.fetch_add(1, Ordering::SeqCst);
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
    let _guard = tracing::subscriber::set_default(Errors(Arc::clone(&errors)));
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
