//! Values: reading, writing, removing, and their time.

use std::time::Duration;

use archirust_core::ErrorKind::InvalidInput;

use super::{HOUR, Rig, about, at_once, refused, short};
use crate::key::{MAX_TTL, MIN_TTL};
use crate::port::Retention::{self, Evictable, Kept};
use crate::quota::Quota;

const BOTH: [Retention; 2] = [Evictable, Kept];

/// Every reading operation says so.
pub async fn a_missing_key_has_no_value(rig: &dyn Rig) {
    let cache = rig.cache();
    assert_eq!(cache.get("k").await.unwrap(), None);
    assert_eq!(cache.take("k").await.unwrap(), None);
    assert_eq!(cache.get_many(&["k", "l"]).await.unwrap(), [None, None]);
    assert_eq!(cache.time_to_live("k").await.unwrap(), None);
    assert!(!cache.compare_and_set("k", b"", b"1", HOUR, Kept).await.unwrap());
    assert_eq!(cache.get("k").await.unwrap(), None);
}

/// Values are bytes: any bytes, none at all, many.
pub async fn a_value_comes_back_byte_for_byte(rig: &dyn Rig) {
    let cache = rig.cache();
    let every_byte: Vec<u8> = (0..=255).collect();
    let longest = vec![0xa5; rig.max_value_bytes()];
    for retention in BOTH {
        for value in [&every_byte, &Vec::new(), &b"\0".to_vec(), &longest] {
            cache.set("k", value, HOUR, retention).await.unwrap();
            assert_eq!(cache.get("k").await.unwrap().as_ref(), Some(value));
            assert_eq!(cache.take("k").await.unwrap().as_ref(), Some(value));
        }
    }
    let longest_key = "k".repeat(rig.max_key_bytes());
    cache.set(&longest_key, b"1", HOUR, Kept).await.unwrap();
    assert!(cache.get(&longest_key).await.unwrap().is_some());
}

/// However it was written.
pub async fn a_value_is_there_until_its_time_is_over(rig: &dyn Rig) {
    let cache = rig.cache();
    let ttl = short(rig);
    for retention in BOTH {
        cache.set("set", b"1", ttl, retention).await.unwrap();
        cache.set_many(&[("many", b"1")], ttl, retention).await.unwrap();
        assert!(cache.set_if_absent("absent", b"1", ttl, retention).await.unwrap());
        cache.set("compared", b"0", HOUR, retention).await.unwrap();
        assert!(cache.compare_and_set("compared", b"0", b"1", ttl, retention).await.unwrap());
        let keys = ["set", "many", "absent", "compared"];

        rig.advance(ttl - rig.margin()).await;
        assert!(cache.get_many(&keys).await.unwrap().iter().all(Option::is_some), "{retention:?}");
        rig.advance(rig.margin()).await;
        assert!(cache.get_many(&keys).await.unwrap().iter().all(Option::is_none), "{retention:?}");
        for key in keys {
            assert_eq!(cache.get(key).await.unwrap(), None, "{key} {retention:?}");
            assert_eq!(cache.time_to_live(key).await.unwrap(), None, "{key} {retention:?}");
            assert!(!cache.compare_and_set(key, b"1", b"2", HOUR, retention).await.unwrap(), "{key} {retention:?}");
            assert_eq!(cache.take(key).await.unwrap(), None, "{key} {retention:?}");
            assert!(!cache.delete(key).await.unwrap(), "{key} {retention:?}");
            assert!(cache.set_if_absent(key, b"2", HOUR, retention).await.unwrap(), "{key} {retention:?}");
        }
        assert_eq!(cache.delete_many(&keys).await.unwrap(), 4);
    }
}

/// Longer or shorter than the old one.
pub async fn writing_again_starts_a_new_time(rig: &dyn Rig) {
    let cache = rig.cache();
    let ttl = short(rig);
    for retention in BOTH {
        cache.set("longer", b"1", ttl, retention).await.unwrap();
        cache.set("longer", b"2", HOUR, retention).await.unwrap();
        cache.set("shorter", b"1", HOUR, retention).await.unwrap();
        cache.set("shorter", b"2", ttl, retention).await.unwrap();
        rig.advance(ttl).await;
        assert_eq!(cache.get("longer").await.unwrap().as_deref(), Some(&b"2"[..]));
        assert_eq!(cache.get("shorter").await.unwrap(), None);
    }
}

/// A key is one key, whichever way it was written last.
pub async fn a_value_has_one_retention_at_a_time(rig: &dyn Rig) {
    let cache = rig.cache();
    for (first, second) in [(Evictable, Kept), (Kept, Evictable)] {
        cache.set("k", b"1", HOUR, first).await.unwrap();
        assert!(!cache.set_if_absent("k", b"2", HOUR, second).await.unwrap());
        cache.set("k", b"2", HOUR, second).await.unwrap();
        assert_eq!(cache.get("k").await.unwrap().as_deref(), Some(&b"2"[..]));
        assert!(cache.compare_and_set("k", b"2", b"3", HOUR, first).await.unwrap());
        assert_eq!(cache.get("k").await.unwrap().as_deref(), Some(&b"3"[..]));
        assert!(cache.delete("k").await.unwrap());
        assert_eq!(cache.get("k").await.unwrap(), None);
    }
}

/// Neither value nor time.
pub async fn setting_if_absent_never_overwrites(rig: &dyn Rig) {
    let cache = rig.cache();
    let ttl = short(rig);
    for retention in BOTH {
        assert!(cache.set_if_absent("k", b"1", ttl, retention).await.unwrap());
        assert!(!cache.set_if_absent("k", b"2", HOUR, retention).await.unwrap());
        assert_eq!(cache.get("k").await.unwrap().as_deref(), Some(&b"1"[..]));
        rig.advance(ttl).await;
        assert_eq!(cache.get("k").await.unwrap(), None);
    }
}

/// And its value is the one that stays.
pub async fn one_of_many_sets_if_absent(rig: &dyn Rig) {
    for retention in BOTH {
        let key = format!("{retention:?}");
        let cache = rig.cache();
        let tried = at_once(50, |number| {
            let (cache, key) = (cache.clone(), key.clone());
            async move { (number, cache.set_if_absent(&key, &number.to_be_bytes(), HOUR, retention).await.unwrap()) }
        });
        let won: Vec<_> = tried.await.into_iter().filter(|(_, won)| *won).collect();
        assert_eq!(won.len(), 1, "{won:?}");
        assert_eq!(cache.get(&key).await.unwrap().unwrap(), won[0].0.to_be_bytes());
    }
}

/// All of them, and no more than them.
pub async fn comparing_and_setting_needs_the_expected_bytes(rig: &dyn Rig) {
    let cache = rig.cache();
    for retention in BOTH {
        cache.set("k", b"one", HOUR, retention).await.unwrap();
        for wrong in [&b""[..], b"on", b"one\0", b"One", b"two"] {
            assert!(!cache.compare_and_set("k", wrong, b"two", HOUR, retention).await.unwrap(), "{wrong:?}");
        }
        assert_eq!(cache.get("k").await.unwrap().as_deref(), Some(&b"one"[..]));
        assert!(cache.compare_and_set("k", b"one", b"two", HOUR, retention).await.unwrap());
        assert_eq!(cache.get("k").await.unwrap().as_deref(), Some(&b"two"[..]));
    }
}

/// A counter built on it loses nothing.
pub async fn one_of_many_compares_and_sets(rig: &dyn Rig) {
    for retention in BOTH {
        let cache = rig.cache();
        cache.set("k", b"0", HOUR, retention).await.unwrap();
        let tries = at_once(20, |_| {
            let cache = cache.clone();
            async move {
                loop {
                    let before = cache.get("k").await.unwrap().unwrap();
                    let number: u32 = String::from_utf8(before.clone()).unwrap().parse().unwrap();
                    let after = (number + 1).to_string();
                    if cache.compare_and_set("k", &before, after.as_bytes(), HOUR, retention).await.unwrap() {
                        break;
                    }
                }
            }
        });
        tries.await;
        assert_eq!(cache.get("k").await.unwrap().as_deref(), Some(&b"20"[..]));
    }
}

/// Whoever takes it has it alone: what a one-time code needs.
pub async fn a_value_is_taken_once(rig: &dyn Rig) {
    for retention in BOTH {
        let cache = rig.cache();
        cache.set("k", b"1", HOUR, retention).await.unwrap();
        let taken = at_once(50, |_| {
            let cache = cache.clone();
            async move { cache.take("k").await.unwrap() }
        });
        assert_eq!(taken.await.into_iter().flatten().collect::<Vec<_>>(), [b"1"]);
        assert_eq!(cache.get("k").await.unwrap(), None);
    }
}

/// Once.
pub async fn deleting_says_whether_there_was_something(rig: &dyn Rig) {
    let cache = rig.cache();
    for retention in BOTH {
        assert!(!cache.delete("k").await.unwrap());
        cache.set("k", b"", HOUR, retention).await.unwrap();
        assert!(cache.delete("k").await.unwrap());
        assert!(!cache.delete("k").await.unwrap());
        assert_eq!(cache.get("k").await.unwrap(), None);
    }
}

/// With gaps, repetitions and both kinds of values.
pub async fn many_keys_are_answered_in_their_order(rig: &dyn Rig) {
    let cache = rig.cache();
    cache.set_many(&[("a", b"1"), ("b", b"2")], HOUR, Evictable).await.unwrap();
    cache.set_many(&[("c", b"3"), ("c", b"4")], HOUR, Kept).await.unwrap();
    let values = cache.get_many(&["c", "x", "a", "b", "a"]).await.unwrap();
    let expected = [Some(&b"4"[..]), None, Some(b"1"), Some(b"2"), Some(b"1")];
    assert_eq!(values.iter().map(Option::as_deref).collect::<Vec<_>>(), expected);
    assert_eq!(cache.delete_many(&["a", "x", "c", "a"]).await.unwrap(), 2);
    assert_eq!(cache.get_many(&["a", "b", "c"]).await.unwrap(), [None, Some(b"2".to_vec()), None]);

    assert!(cache.get_many(&[]).await.unwrap().is_empty());
    cache.set_many(&[], HOUR, Kept).await.unwrap();
    assert_eq!(cache.delete_many(&[]).await.unwrap(), 0);
}

/// So that a refused call changes nothing.
pub async fn many_values_are_checked_before_the_first_is_written(rig: &dyn Rig) {
    let cache = rig.cache();
    let large = vec![0; rig.max_value_bytes() + 1];
    refused(cache.set_many(&[("a", b"1"), ("no key", b"2")], HOUR, Kept).await, InvalidInput);
    refused(cache.set_many(&[("a", b"1"), ("b", &large)], HOUR, Kept).await, InvalidInput);
    assert_eq!(cache.get("a").await.unwrap(), None);
    cache.set("a", b"1", HOUR, Kept).await.unwrap();
    refused(cache.delete_many(&["a", "no key"]).await, InvalidInput);
    assert!(cache.get("a").await.unwrap().is_some());
}

/// Empty, too long, or with anything but visible ASCII.
pub async fn keys_that_are_not_accepted_are_refused_everywhere(rig: &dyn Rig) {
    let cache = rig.cache();
    let quota = Quota::new(1, HOUR).unwrap();
    for key in ["", "a b", "a\n", "a\0", "ä", &"k".repeat(rig.max_key_bytes() + 1)] {
        refused(cache.get(key).await, InvalidInput);
        refused(cache.set(key, b"", HOUR, Evictable).await, InvalidInput);
        refused(cache.set_if_absent(key, b"", HOUR, Kept).await, InvalidInput);
        refused(cache.compare_and_set(key, b"", b"", HOUR, Kept).await, InvalidInput);
        refused(cache.take(key).await, InvalidInput);
        refused(cache.delete(key).await, InvalidInput);
        refused(cache.get_many(&["a", key]).await, InvalidInput);
        refused(cache.set_many(&[("a", b""), (key, b"")], HOUR, Kept).await, InvalidInput);
        refused(cache.delete_many(&["a", key]).await, InvalidInput);
        refused(cache.increment(key, 1, HOUR).await, InvalidInput);
        refused(cache.time_to_live(key).await, InvalidInput);
        refused(cache.acquire_lock(key, HOUR).await, InvalidInput);
        refused(cache.rate_limit(key, &quota, 1).await, InvalidInput);
        refused(cache.reset_rate_limit(key).await, InvalidInput);
    }
}

/// None at all, or for ever.
pub async fn times_that_are_not_accepted_are_refused_everywhere(rig: &dyn Rig) {
    let cache = rig.cache();
    let lease = cache.acquire_lock("held", HOUR).await.unwrap().unwrap();
    for ttl in [Duration::ZERO, MIN_TTL - Duration::from_nanos(1), MAX_TTL + Duration::from_nanos(1), Duration::MAX] {
        refused(cache.set("k", b"", ttl, Evictable).await, InvalidInput);
        refused(cache.set_if_absent("k", b"", ttl, Kept).await, InvalidInput);
        refused(cache.compare_and_set("k", b"", b"", ttl, Kept).await, InvalidInput);
        refused(cache.set_many(&[("k", b"")], ttl, Kept).await, InvalidInput);
        refused(cache.increment("k", 1, ttl).await, InvalidInput);
        refused(cache.acquire_lock("k", ttl).await, InvalidInput);
        refused(cache.renew_lock(&lease, ttl).await, InvalidInput);
    }
    for retention in BOTH {
        cache.set("k", b"", MAX_TTL, retention).await.unwrap();
        about(rig, cache.time_to_live("k").await.unwrap().unwrap(), MAX_TTL);
    }
}

/// By one byte.
pub async fn a_value_that_is_too_large_is_refused_everywhere(rig: &dyn Rig) {
    let cache = rig.cache();
    let large = vec![0; rig.max_value_bytes() + 1];
    cache.set("there", b"1", HOUR, Kept).await.unwrap();
    for retention in BOTH {
        refused(cache.set("k", &large, HOUR, retention).await, InvalidInput);
        refused(cache.set_if_absent("k", &large, HOUR, retention).await, InvalidInput);
        refused(cache.compare_and_set("there", b"1", &large, HOUR, retention).await, InvalidInput);
        refused(cache.set_many(&[("k", &large)], HOUR, retention).await, InvalidInput);
    }
    assert_eq!(cache.get_many(&["k", "there"]).await.unwrap(), [None, Some(b"1".to_vec())]);
}

/// From the whole time to live on.
pub async fn the_remaining_time_counts_down(rig: &dyn Rig) {
    let cache = rig.cache();
    for retention in BOTH {
        cache.set("k", b"", HOUR, retention).await.unwrap();
        about(rig, cache.time_to_live("k").await.unwrap().unwrap(), HOUR);
        rig.advance(short(rig)).await;
        about(rig, cache.time_to_live("k").await.unwrap().unwrap(), HOUR - short(rig));
    }
}

/// Readiness stands on it.
pub async fn an_engine_that_works_answers_a_ping(rig: &dyn Rig) {
    rig.cache().ping().await.unwrap();
}
