//! What may be dropped to make room: moka, bounded in bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use archirust_core::Clock;
use moka::Expiry;
use moka::sync::Cache as Moka;

/// What one entry costs beside its key and value, as measured: moka's allocations and their headers.
const OVERHEAD: usize = 448;

/// How long moka keeps an entry that is over, in real time. Reading checks the end by the injected clock; moka's own clock
/// only frees the memory of what nobody asks for any more, and must not be ahead.
const GRACE: Duration = Duration::from_secs(60);

/// A value and the monotonic time of its end, in nanoseconds.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) value: Arc<[u8]>,
    pub(super) end: u64,
}

pub(super) struct Evictable {
    values: Moka<Arc<str>, Entry>,
    max_bytes: u64,
    /// Bytes written since moka last made room: it does so by number of writes, which would let large values pile up.
    unsettled: AtomicU64,
}

impl Evictable {
    pub(super) fn new(max_bytes: u64, clock: Arc<dyn Clock>) -> Self {
        let values = Moka::builder()
            .max_capacity(max_bytes)
            .weigher(|key: &Arc<str>, entry: &Entry| weight(key, &entry.value))
            .expire_after(Leftovers { clock })
            .build();
        Self { values, max_bytes, unsettled: AtomicU64::new(0) }
    }

    /// The entry, over or not.
    pub(super) fn entry(&self, key: &str) -> Option<Entry> {
        self.values.get(key)
    }

    pub(super) fn insert(&self, key: &str, value: &[u8], end: u64) {
        let bytes = u64::from(weight(key, value));
        self.values.insert(Arc::from(key), Entry { value: Arc::from(value), end });
        if self.unsettled.fetch_add(bytes, Ordering::Relaxed) + bytes > self.max_bytes / 16 {
            self.settle();
        }
    }

    pub(super) fn remove(&self, key: &str) {
        self.values.invalidate(key);
    }

    /// Makes room and frees what is over.
    pub(super) fn settle(&self) {
        self.unsettled.store(0, Ordering::Relaxed);
        self.values.run_pending_tasks();
    }

    /// Bytes in use, exact after [`Evictable::settle`].
    pub(super) fn bytes(&self) -> u64 {
        self.values.weighted_size()
    }
}

fn weight(key: &str, value: &[u8]) -> u32 {
    u32::try_from(key.len() + value.len() + OVERHEAD).unwrap_or(u32::MAX)
}

/// Tells moka when an entry can be freed even if nobody asks for it.
struct Leftovers {
    clock: Arc<dyn Clock>,
}

impl Leftovers {
    fn of(&self, entry: &Entry) -> Option<Duration> {
        Some(Duration::from_nanos(entry.end).saturating_sub(self.clock.monotonic()) + GRACE)
    }
}

impl Expiry<Arc<str>, Entry> for Leftovers {
    fn expire_after_create(&self, _key: &Arc<str>, entry: &Entry, _created_at: Instant) -> Option<Duration> {
        self.of(entry)
    }

    fn expire_after_update(
        &self,
        _key: &Arc<str>,
        entry: &Entry,
        _updated_at: Instant,
        _remaining: Option<Duration>,
    ) -> Option<Duration> {
        self.of(entry)
    }
}
