//! Locks and their fencing tokens.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use archirust_core::ErrorKind::Locked;

use super::{HOUR, Rig, at_once, refused, short};
use crate::lock::{Lease, LockGuard};
use crate::port::Retention::Kept;

/// At the same time.
pub async fn one_of_many_takes_a_lock(rig: &dyn Rig) {
    let cache = rig.cache();
    let tried = at_once(50, |_| {
        let cache = cache.clone();
        async move { cache.acquire_lock("l", HOUR).await.unwrap() }
    });
    let leases: Vec<Lease> = tried.await.into_iter().flatten().collect();
    assert_eq!(leases.len(), 1, "{leases:?}");
    assert!(cache.acquire_lock("another", HOUR).await.unwrap().is_some());
}

/// A holder that hangs blocks nobody for ever.
pub async fn a_lock_is_free_after_its_time(rig: &dyn Rig) {
    let cache = rig.cache();
    let ttl = short(rig);
    assert!(cache.acquire_lock("l", ttl).await.unwrap().is_some());
    rig.advance(ttl - rig.margin()).await;
    assert!(cache.acquire_lock("l", ttl).await.unwrap().is_none());
    rig.advance(rig.margin()).await;
    assert!(cache.acquire_lock("l", ttl).await.unwrap().is_some());
}

/// Freed, run out, or long silent.
pub async fn tokens_grow_whatever_happens_between(rig: &dyn Rig) {
    let cache = rig.cache();
    let ttl = short(rig);
    let mut last = 0;
    for round in 0..6 {
        let lease = cache.acquire_lock("l", ttl).await.unwrap().unwrap();
        assert!(lease.token() > last && lease.token() < 1 << 53, "{} after {last}", lease.token());
        last = lease.token();
        match round % 3 {
            0 => cache.release_lock(&lease).await.unwrap(),
            1 => rig.advance(ttl).await,
            _ => rig.advance(ttl * 10).await,
        }
    }
}

/// From the moment of renewal.
pub async fn a_renewed_lock_is_held_for_its_new_time(rig: &dyn Rig) {
    let cache = rig.cache();
    let ttl = short(rig);
    let lease = cache.acquire_lock("l", ttl).await.unwrap().unwrap();
    for _ in 0..3 {
        rig.advance(ttl / 2).await;
        cache.renew_lock(&lease, ttl).await.unwrap();
    }
    rig.advance(ttl - rig.margin()).await;
    assert!(cache.acquire_lock("l", ttl).await.unwrap().is_none());
    rig.advance(rig.margin()).await;
    let next = cache.acquire_lock("l", ttl).await.unwrap().unwrap();
    assert!(next.token() > lease.token());
}

/// Whatever the former holder tries.
pub async fn a_lost_lock_is_reported_and_its_new_holder_left_alone(rig: &dyn Rig) {
    let cache = rig.cache();
    let ttl = short(rig);
    let former = cache.acquire_lock("l", ttl).await.unwrap().unwrap();
    rig.advance(ttl).await;
    let holder = cache.acquire_lock("l", HOUR).await.unwrap().unwrap();
    refused(cache.renew_lock(&former, ttl).await, Locked);
    refused(cache.release_lock(&former).await, Locked);
    assert!(cache.acquire_lock("l", ttl).await.unwrap().is_none());
    rig.advance(ttl).await;
    cache.renew_lock(&holder, HOUR).await.unwrap();
    cache.release_lock(&holder).await.unwrap();
    assert!(cache.acquire_lock("l", ttl).await.unwrap().is_some());
}

/// The work may have overlapped with something else that was not locked out.
pub async fn a_lock_that_ran_out_is_lost_even_if_nobody_took_it(rig: &dyn Rig) {
    let cache = rig.cache();
    let ttl = short(rig);
    for name in ["renewed", "released"] {
        let lease = cache.acquire_lock(name, ttl).await.unwrap().unwrap();
        rig.advance(ttl).await;
        match name {
            "renewed" => refused(cache.renew_lock(&lease, ttl).await, Locked),
            _ => refused(cache.release_lock(&lease).await, Locked),
        }
        assert!(cache.acquire_lock(name, ttl).await.unwrap().is_some());
    }
}

/// By its holder, with its token.
pub async fn a_lock_is_freed_once(rig: &dyn Rig) {
    let cache = rig.cache();
    let lease = cache.acquire_lock("l", HOUR).await.unwrap().unwrap();
    for token in [0, lease.token() - 1, lease.token() + 1] {
        refused(cache.release_lock(&Lease::new(lease.name(), token)).await, Locked);
    }
    assert!(cache.acquire_lock("l", HOUR).await.unwrap().is_none());
    cache.release_lock(&lease).await.unwrap();
    refused(cache.release_lock(&lease).await, Locked);
    assert!(cache.acquire_lock("l", HOUR).await.unwrap().is_some());
}

/// Never two at once, and each with a higher token than all before it.
pub async fn holders_follow_one_another_with_growing_tokens(rig: &dyn Rig) {
    let cache = rig.cache();
    let inside = Arc::new(AtomicU64::new(0));
    let highest = Arc::new(AtomicU64::new(0));
    let tasks = at_once(20, |_| {
        let (cache, inside, highest) = (cache.clone(), Arc::clone(&inside), Arc::clone(&highest));
        async move {
            let lease = loop {
                match cache.acquire_lock("l", HOUR).await.unwrap() {
                    Some(lease) => break lease,
                    None => tokio::task::yield_now().await,
                }
            };
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two hold the lock");
            assert!(highest.swap(lease.token(), Ordering::SeqCst) < lease.token(), "a token did not grow");
            tokio::task::yield_now().await;
            assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1, "two hold the lock");
            cache.release_lock(&lease).await.unwrap();
        }
    });
    assert_eq!(tasks.await.len(), 20);
}

/// A key and a lock of the same name don't meet.
pub async fn locks_are_no_values(rig: &dyn Rig) {
    let cache = rig.cache();
    cache.set("l", b"1", HOUR, Kept).await.unwrap();
    let lease = cache.acquire_lock("l", HOUR).await.unwrap().unwrap();
    assert!(cache.delete("l").await.unwrap());
    assert!(cache.set_if_absent("l", b"2", HOUR, Kept).await.unwrap());
    assert!(cache.acquire_lock("l", HOUR).await.unwrap().is_none());
    cache.release_lock(&lease).await.unwrap();
    assert_eq!(cache.get("l").await.unwrap().as_deref(), Some(&b"2"[..]));
}

/// Also when the work it protected was cancelled.
pub async fn a_dropped_guard_frees_its_lock(rig: &dyn Rig) {
    let cache = rig.cache();
    let guard = LockGuard::acquire(&cache, "l", HOUR).await.unwrap().unwrap();
    let first = guard.token();
    assert!(LockGuard::acquire(&cache, "l", HOUR).await.unwrap().is_none());
    drop(guard);
    let second = loop {
        match LockGuard::acquire(&cache, "l", HOUR).await.unwrap() {
            Some(guard) => break guard,
            None => tokio::task::yield_now().await,
        }
    };
    assert!(second.token() > first);
    second.release().await.unwrap();
    assert!(LockGuard::acquire(&cache, "l", HOUR).await.unwrap().is_some());
}

/// By an error of both its ways to find out.
pub async fn a_guard_reports_a_lost_lock(rig: &dyn Rig) {
    let cache = rig.cache();
    let ttl = short(rig);
    let guard = LockGuard::acquire(&cache, "l", ttl).await.unwrap().unwrap();
    guard.renew(ttl).await.unwrap();
    rig.advance(ttl).await;
    refused(guard.renew(ttl).await, Locked);
    refused(guard.release().await, Locked);
}
