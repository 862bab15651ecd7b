//! Any sequence of calls gives what a plain map with times would give.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use archirust_cache::{Cache, CacheSettings, MemoryCache, Retention};
use archirust_core::clock::{ManualClock, Timestamp};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Call {
    Get(usize),
    Set(usize, u8, u64, bool),
    SetIfAbsent(usize, u8, u64, bool),
    CompareAndSet(usize, u8, u8, u64, bool),
    Take(usize),
    Increment(usize, i64, u64),
    TimeToLive(usize),
    Wait(u64),
}

const KEYS: [&str; 3] = ["a", "b", "c"];

fn calls() -> impl Strategy<Value = Vec<Call>> {
    use Call::*;
    let (key, value, ttl, kept) = (0..3_usize, b'0'..b'4', 1..20_u64, any::<bool>());
    let call = prop_oneof![
        3 => key.clone().prop_map(Get),
        2 => (key.clone(), value.clone(), ttl.clone(), kept).prop_map(|(k, v, t, r)| Set(k, v, t, r)),
        2 => (key.clone(), value.clone(), ttl.clone(), kept).prop_map(|(k, v, t, r)| SetIfAbsent(k, v, t, r)),
        2 => (key.clone(), value.clone(), value, ttl.clone(), kept).prop_map(|(k, e, v, t, r)| CompareAndSet(k, e, v, t, r)),
        1 => key.clone().prop_map(Take),
        2 => (key.clone(), -3..4_i64, ttl).prop_map(|(k, by, t)| Increment(k, by, t)),
        1 => key.prop_map(TimeToLive),
        3 => (1..15_u64).prop_map(Wait),
    ];
    proptest::collection::vec(call, 1..100)
}

#[derive(Default)]
struct Model {
    now: u64,
    entries: HashMap<usize, (Vec<u8>, u64)>,
}

impl Model {
    fn live(&self, key: usize) -> Option<(Vec<u8>, u64)> {
        self.entries.get(&key).filter(|(_, end)| self.now < *end).cloned()
    }

    fn set(&mut self, key: usize, value: Vec<u8>, ttl: u64) {
        self.entries.insert(key, (value, self.now + ttl));
    }
}

fn retention(kept: bool) -> Retention {
    if kept { Retention::Kept } else { Retention::Evictable }
}

proptest! {
    #[test]
    fn the_memory_engine_is_a_map_with_times(calls in calls()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let cache = MemoryCache::new(&CacheSettings::default(), Arc::new(Arc::clone(&clock)));
        let mut model = Model::default();
        for call in calls {
            runtime.block_on(check(&call, &cache, &clock, &mut model))?;
        }
    }
}

async fn check(call: &Call, cache: &MemoryCache, clock: &ManualClock, model: &mut Model) -> Result<(), TestCaseError> {
    let ms = Duration::from_millis;
    match *call {
        Call::Get(key) => {
            prop_assert_eq!(cache.get(KEYS[key]).await.unwrap(), model.live(key).map(|(value, _)| value));
        }
        Call::Set(key, value, ttl, kept) => {
            cache.set(KEYS[key], &[value], ms(ttl), retention(kept)).await.unwrap();
            model.set(key, vec![value], ttl);
        }
        Call::SetIfAbsent(key, value, ttl, kept) => {
            let absent = model.live(key).is_none();
            let set = cache.set_if_absent(KEYS[key], &[value], ms(ttl), retention(kept)).await.unwrap();
            prop_assert_eq!(set, absent);
            if absent {
                model.set(key, vec![value], ttl);
            }
        }
        Call::CompareAndSet(key, expected, value, ttl, kept) => {
            let same = model.live(key).is_some_and(|(value, _)| value == [expected]);
            let set = cache.compare_and_set(KEYS[key], &[expected], &[value], ms(ttl), retention(kept)).await.unwrap();
            prop_assert_eq!(set, same);
            if same {
                model.set(key, vec![value], ttl);
            }
        }
        Call::Take(key) => {
            prop_assert_eq!(cache.take(KEYS[key]).await.unwrap(), model.live(key).map(|(value, _)| value));
            model.entries.remove(&key);
        }
        Call::Increment(key, by, ttl) => {
            let (value, end) = model.live(key).unwrap_or((b"0".to_vec(), model.now + ttl));
            let sum = String::from_utf8(value).unwrap().parse::<i64>().unwrap() + by;
            prop_assert_eq!(cache.increment(KEYS[key], by, ms(ttl)).await.unwrap(), sum);
            model.entries.insert(key, (sum.to_string().into_bytes(), end));
        }
        Call::TimeToLive(key) => {
            let left = model.live(key).map(|(_, end)| ms(end - model.now));
            prop_assert_eq!(cache.time_to_live(KEYS[key]).await.unwrap(), left);
        }
        Call::Wait(by) => {
            clock.advance(ms(by));
            model.now += by;
        }
    }
    Ok(())
}
