//! Counters.

use archirust_core::ErrorKind::InvalidState;

use super::{HOUR, Rig, about, at_once, refused, short};
use crate::port::Retention::{Evictable, Kept};

/// None is lost, and each caller sees a sum of its own.
pub async fn increments_sum_exactly(rig: &dyn Rig) {
    let cache = rig.cache();
    let sums = at_once(100, |_| {
        let cache = cache.clone();
        async move {
            let mut sums = Vec::new();
            for _ in 0..10 {
                sums.push(cache.increment("k", 1, HOUR).await.unwrap());
            }
            sums
        }
    });
    let mut sums = sums.await.concat();
    sums.sort_unstable();
    assert_eq!(sums, (1..=1000).collect::<Vec<i64>>());
    assert_eq!(cache.increment("k", 0, HOUR).await.unwrap(), 1000);
}

/// Later ones do not put it off: a throttle ends.
pub async fn the_time_of_a_counter_starts_with_its_first_increment(rig: &dyn Rig) {
    let cache = rig.cache();
    let ttl = short(rig);
    cache.increment("k", 5, ttl).await.unwrap();
    rig.advance(ttl - rig.margin()).await;
    assert_eq!(cache.increment("k", 1, HOUR).await.unwrap(), 6);
    rig.advance(rig.margin()).await;
    assert_eq!(cache.get("k").await.unwrap(), None);
    assert_eq!(cache.increment("k", 1, HOUR).await.unwrap(), 1);
    about(rig, cache.time_to_live("k").await.unwrap().unwrap(), HOUR);
}

/// And what reads so can be counted on, with the time it has.
pub async fn a_counter_reads_as_decimal_digits(rig: &dyn Rig) {
    let cache = rig.cache();
    assert_eq!(cache.increment("k", -7, HOUR).await.unwrap(), -7);
    assert_eq!(cache.get("k").await.unwrap().as_deref(), Some(&b"-7"[..]));
    for retention in [Evictable, Kept] {
        for start in ["41", "-41", "0", "9223372036854775806", "-9223372036854775808"] {
            cache.set("k", start.as_bytes(), short(rig) * 10, retention).await.unwrap();
            assert_eq!(cache.increment("k", 1, HOUR).await.unwrap(), start.parse::<i64>().unwrap() + 1);
            about(rig, cache.time_to_live("k").await.unwrap().unwrap(), short(rig) * 10);
        }
    }
    assert!(cache.delete("k").await.unwrap());
    assert_eq!(cache.increment("k", 1, HOUR).await.unwrap(), 1);
}

/// And stays as it is.
pub async fn what_is_no_counter_is_not_counted(rig: &dyn Rig) {
    let cache = rig.cache();
    for retention in [Evictable, Kept] {
        for value in ["", "x", "1x", " 1", "1 ", "+1", "01", "-0", "1.0", "9223372036854775808", "\u{661}"] {
            cache.set("k", value.as_bytes(), HOUR, retention).await.unwrap();
            refused(cache.increment("k", 1, HOUR).await, InvalidState);
            assert_eq!(cache.get("k").await.unwrap().as_deref(), Some(value.as_bytes()));
        }
    }
}

/// It never starts over at the other end.
pub async fn a_counter_stops_at_the_ends_of_its_range(rig: &dyn Rig) {
    let cache = rig.cache();
    for (end, step) in [(i64::MAX, 1), (i64::MIN, -1)] {
        assert_eq!(cache.increment("k", end, HOUR).await.unwrap(), end);
        refused(cache.increment("k", step, HOUR).await, InvalidState);
        assert_eq!(cache.increment("k", 0, HOUR).await.unwrap(), end);
        assert!(cache.delete("k").await.unwrap());
    }
}
