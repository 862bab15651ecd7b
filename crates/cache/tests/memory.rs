//! What the memory engine promises beyond the port: bounds, exact times, fair limits under a flood.

use std::sync::Arc;
use std::time::Duration;

use archirust_cache::Retention::{Evictable, Kept};
use archirust_cache::{Cache, CacheSettings, MemoryCache, Quota, gcra};
use archirust_core::ErrorKind;
use archirust_core::clock::{ManualClock, Timestamp};
use archirust_core::config::ByteSize;
use proptest::prelude::*;

const HOUR: Duration = Duration::from_secs(3600);
const HAIR: Duration = Duration::from_nanos(1);

fn start(settings: CacheSettings) -> (MemoryCache, Arc<ManualClock>) {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    (MemoryCache::new(&settings, Arc::new(Arc::clone(&clock))), clock)
}

fn small() -> CacheSettings {
    CacheSettings {
        max_bytes: ByteSize::mib(1),
        max_kept_bytes: ByteSize::kib(64),
        max_value_bytes: ByteSize::kib(32),
        max_rate_limits: 1024,
    }
}

async fn fill_kept(cache: &MemoryCache, ttl: Duration) -> u32 {
    for number in 0.. {
        match cache.set(&format!("kept-{number}"), &[7; 100], ttl, Kept).await {
            Ok(()) => {}
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Overloaded);
                assert!(error.detail().is_some_and(|detail| detail.contains("cache.max_kept_bytes")));
                return number;
            }
        }
    }
    0
}

#[tokio::test]
async fn times_to_live_are_exact_to_the_nanosecond() {
    let (cache, clock) = start(small());
    for retention in [Evictable, Kept] {
        cache.set("k", b"1", HOUR, retention).await.unwrap();
        clock.advance(HOUR - HAIR);
        assert!(cache.get("k").await.unwrap().is_some());
        assert_eq!(cache.time_to_live("k").await.unwrap(), Some(HAIR));
        clock.advance(HAIR);
        assert_eq!(cache.get("k").await.unwrap(), None);
    }
}

#[tokio::test]
async fn evictable_values_stay_within_their_bytes_and_cost_no_kept_one() {
    let (cache, _) = start(small());
    cache.set("revoked", b"1", HOUR, Kept).await.unwrap();
    cache.increment("attempts", 3, HOUR).await.unwrap();
    for number in 0..20_000 {
        cache.set(&format!("tiny-{number}"), b"", HOUR, Evictable).await.unwrap();
    }
    cache.sweep();
    assert!(cache.usage().evictable_bytes <= 1 << 20, "{:?}", cache.usage());
    assert!(cache.usage().evictable_bytes > 1 << 19, "{:?}", cache.usage());
    assert!(cache.get("revoked").await.unwrap().is_some());
    assert_eq!(cache.increment("attempts", 1, HOUR).await.unwrap(), 4);
}

#[tokio::test]
async fn large_values_do_not_pile_up_until_there_are_many() {
    let (cache, _) = start(small());
    for number in 0..60 {
        cache.set(&format!("large-{number}"), &[0; 32 << 10], HOUR, Evictable).await.unwrap();
    }
    let mut held = 0;
    for number in 0..60 {
        held += usize::from(cache.get(&format!("large-{number}")).await.unwrap().is_some());
    }
    // 1 MiB, and the sixteenth part that may be on its way.
    assert!((28..=34).contains(&held), "{held}");
}

#[tokio::test]
async fn a_value_that_could_never_be_held_is_refused_and_not_dropped() {
    let (cache, _) = start(CacheSettings { max_value_bytes: ByteSize::mib(16), ..small() });
    let half = vec![0; 1 << 19];
    cache.set("k", &half, HOUR, Evictable).await.unwrap();
    assert_eq!(cache.get("k").await.unwrap(), Some(half));
    let error = cache.set("k", &[0; (1 << 19) + 1], HOUR, Evictable).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_full_store_refuses_what_must_be_kept_and_forgets_nothing() {
    let (cache, _) = start(small());
    cache.increment("attempts", 1, HOUR).await.unwrap();
    cache.set("soft", b"old", HOUR, Evictable).await.unwrap();
    let held = cache.acquire_lock("held", HOUR).await.unwrap().unwrap();
    let count = fill_kept(&cache, HOUR).await;
    assert!(count > 100, "{count}");
    assert!(cache.usage().kept_bytes <= 64 << 10);

    let overloaded = |kind: Option<ErrorKind>| assert_eq!(kind, Some(ErrorKind::Overloaded));
    overloaded(cache.set("new", &[0; 200], HOUR, Kept).await.err().map(|e| e.kind()));
    overloaded(cache.set_if_absent("new", &[0; 200], HOUR, Kept).await.err().map(|e| e.kind()));
    overloaded(cache.increment(&"n".repeat(200), 1, HOUR).await.err().map(|e| e.kind()));
    overloaded(cache.acquire_lock(&"n".repeat(200), HOUR).await.err().map(|e| e.kind()));
    overloaded(cache.set("soft", &[0; 200], HOUR, Kept).await.err().map(|e| e.kind()));
    assert_eq!(cache.get("soft").await.unwrap().as_deref(), Some(&b"old"[..]));
    overloaded(cache.compare_and_set("kept-0", &[7; 100], &[0; 400], HOUR, Kept).await.err().map(|e| e.kind()));

    // What is there can still be counted, renewed, shrunk and read; what may be evicted is not concerned.
    assert_eq!(cache.increment("attempts", 1, HOUR).await.unwrap(), 2);
    cache.renew_lock(&held, HOUR).await.unwrap();
    cache.set("kept-1", &[7; 10], HOUR, Kept).await.unwrap();
    cache.set("other", b"1", HOUR, Evictable).await.unwrap();
    for number in (0..count).filter(|number| *number != 1) {
        assert_eq!(cache.get(&format!("kept-{number}")).await.unwrap(), Some(vec![7; 100]), "{number}");
    }
    assert_eq!(cache.delete_many(&["kept-2", "kept-3"]).await.unwrap(), 2);
    cache.set("new", &[0; 200], HOUR, Kept).await.unwrap();
}

#[tokio::test]
async fn what_is_over_makes_room() {
    let (cache, clock) = start(small());
    let first = fill_kept(&cache, HOUR).await;
    clock.advance(HOUR - HAIR);
    assert!(cache.set("one-more", &[0; 200], HOUR, Kept).await.is_err());
    clock.advance(HAIR);
    assert_eq!(fill_kept(&cache, HOUR).await, first);
}

#[tokio::test]
async fn what_is_over_makes_room_wherever_it_lies() {
    for round in 0..20 {
        let (cache, clock) = start(small());
        for part in ["first", "second"] {
            cache.set(&format!("{part}-{round}"), &[0; 31 << 10], HOUR, Kept).await.unwrap();
        }
        clock.advance(HOUR);
        cache.set(&format!("third-{round}"), &[0; 31 << 10], HOUR, Kept).await.unwrap();
    }
}

#[tokio::test]
async fn who_only_asks_is_not_remembered() {
    let (cache, _) = start(small());
    let quota = Quota::new(1, HOUR).unwrap();
    cache.rate_limit("k", &quota, 0).await.unwrap();
    assert_eq!(cache.usage().rate_limits, 0);
    cache.rate_limit("k", &quota, 1).await.unwrap();
    assert_eq!(cache.usage().rate_limits, 1);
}

#[tokio::test]
async fn use_frees_what_is_over_bit_by_bit() {
    let (cache, clock) = start(small());
    let quota = Quota::new(1, HOUR).unwrap();
    for number in 0..100 {
        cache.acquire_lock(&number.to_string(), HOUR).await.unwrap().unwrap();
        cache.rate_limit(&number.to_string(), &quota, 1).await.unwrap();
    }
    fill_kept(&cache, HOUR).await;
    clock.advance(HOUR);
    for number in 0..2000 {
        assert_eq!(cache.get(&number.to_string()).await.unwrap(), None);
    }
    assert_eq!((cache.usage().kept_bytes, cache.usage().rate_limits), (0, 0));
}

#[tokio::test]
async fn bytes_are_given_back_by_every_way_out() {
    let (cache, clock) = start(small());
    let quota = Quota::new(1, HOUR).unwrap();
    cache.set("taken", b"1", HOUR, Kept).await.unwrap();
    cache.set("deleted", b"1", HOUR, Kept).await.unwrap();
    cache.set("replaced", b"1", HOUR, Kept).await.unwrap();
    cache.set("over", b"1", HOUR, Kept).await.unwrap();
    cache.set("over", b"longer than before", HOUR, Kept).await.unwrap();
    let lease = cache.acquire_lock("freed", HOUR).await.unwrap().unwrap();
    cache.acquire_lock("over", HOUR).await.unwrap().unwrap();
    cache.rate_limit("over", &quota, 1).await.unwrap();
    assert!(cache.usage().kept_bytes > 0 && cache.usage().rate_limits == 1);

    cache.take("taken").await.unwrap();
    cache.delete("deleted").await.unwrap();
    cache.set("replaced", b"1", HOUR, Evictable).await.unwrap();
    cache.release_lock(&lease).await.unwrap();
    clock.advance(HOUR);
    cache.sweep();
    assert_eq!((cache.usage().kept_bytes, cache.usage().rate_limits), (0, 0));
}

#[tokio::test]
async fn a_flood_of_new_keys_frees_nobody_who_is_near_a_limit_and_shuts_nobody_out() {
    let (cache, _) = start(small());
    let quota = Quota::new(5, HOUR).unwrap();
    assert!(cache.rate_limit("guesser", &quota, 4).await.unwrap().allowed);
    for number in 0..20_000 {
        let decision = cache.rate_limit(&format!("flood-{number}"), &quota, 1).await.unwrap();
        assert!(decision.allowed && decision.remaining == 4);
    }
    assert!(cache.usage().rate_limits <= 1024, "{:?}", cache.usage());
    assert_eq!(cache.rate_limit("guesser", &quota, 1).await.unwrap().remaining, 0);
    assert!(!cache.rate_limit("guesser", &quota, 1).await.unwrap().allowed);
    assert!(cache.rate_limit("honest", &quota, 1).await.unwrap().allowed);
}

#[tokio::test]
async fn tokens_go_on_growing_after_a_restart() {
    let clock = ManualClock::at("2026-01-01T00:00:00Z".parse().unwrap());
    let mut last = 0;
    for _ in 0..3 {
        let cache = MemoryCache::new(&small(), Arc::new(Arc::clone(&clock)));
        for _ in 0..1000 {
            let lease = cache.acquire_lock("l", HOUR).await.unwrap().unwrap();
            assert!(lease.token() > last && lease.token() < 1 << 53);
            last = lease.token();
            cache.release_lock(&lease).await.unwrap();
        }
        clock.advance(Duration::from_millis(1));
    }
}

proptest! {
    #[test]
    fn the_engine_decides_as_the_algorithm(calls in proptest::collection::vec((0..3_000_000_u64, 0..4_u32, 0..2_usize), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (cache, clock) = start(small());
        let quota = Quota::new(7, Duration::from_millis(5)).unwrap().with_burst(4).unwrap();
        let mut arrivals = [0; 2];
        let mut now = Duration::ZERO;
        for (wait, cost, key) in calls {
            clock.advance(Duration::from_nanos(wait));
            now += Duration::from_nanos(wait);
            let micros = u64::try_from(now.as_micros()).unwrap();
            let (expected, arrival) = gcra(arrivals[key], micros, &quota, cost).unwrap();
            arrivals[key] = arrival;
            prop_assert_eq!(runtime.block_on(cache.rate_limit(["a", "b"][key], &quota, cost)).unwrap(), expected);
        }
    }
}
