//! The memory engine keeps every promise of the port, alone and as a part of a larger cache.

use std::sync::Arc;
use std::time::Duration;

use archirust_cache::conformance::Rig;
use archirust_cache::{CacheSettings, MAX_KEY_BYTES, MemoryCache, Namespaced, SharedCache};
use archirust_core::clock::{ManualClock, Timestamp};
use async_trait::async_trait;

struct MemoryRig {
    cache: SharedCache,
    clock: Arc<ManualClock>,
    max_key_bytes: usize,
}

impl MemoryRig {
    fn new() -> Self {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let cache = MemoryCache::shared(&CacheSettings::default(), Arc::new(Arc::clone(&clock)));
        Self { cache, clock, max_key_bytes: MAX_KEY_BYTES }
    }
}

#[async_trait]
impl Rig for MemoryRig {
    fn cache(&self) -> SharedCache {
        Arc::clone(&self.cache)
    }

    /// The wall clock goes astray meanwhile: times to live must not care.
    async fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.clock.jump_to(Timestamp::UNIX_EPOCH);
    }

    fn margin(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn max_value_bytes(&self) -> usize {
        CacheSettings::default().max_value_bytes.as_usize()
    }

    fn max_key_bytes(&self) -> usize {
        self.max_key_bytes
    }
}

mod alone {
    use super::MemoryRig;

    archirust_cache::conformance!(|| async { MemoryRig::new() });

    /// A promise that is written down but not listed would be tested nowhere.
    #[test]
    fn every_promise_is_tested() {
        let modules = [
            ("values", include_str!("../src/conformance/values.rs")),
            ("counters", include_str!("../src/conformance/counters.rs")),
            ("locks", include_str!("../src/conformance/locks.rs")),
            ("limits", include_str!("../src/conformance/limits.rs")),
            ("typed", include_str!("../src/conformance/typed.rs")),
        ];
        let written = modules.iter().flat_map(|(module, text)| {
            let names = text.lines().filter_map(|line| line.strip_prefix("pub async fn "));
            names.filter_map(|line| line.split_once('(')).map(move |(name, _)| (*module, name))
        });
        assert_eq!(written.collect::<Vec<_>>(), CONFORMANCE);
    }
}

mod as_a_part {
    use super::{Arc, MAX_KEY_BYTES, MemoryRig, Namespaced};

    archirust_cache::conformance!(|| async {
        let rig = MemoryRig::new();
        let part = Namespaced::new(rig.cache, "part").unwrap();
        MemoryRig { cache: Arc::new(part), clock: rig.clock, max_key_bytes: MAX_KEY_BYTES - "part:".len() }
    });
}
