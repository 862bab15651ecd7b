//! A map whose entries end: an exact index by end makes dropping what is over cheap, without a scan or a thread.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A map whose entries end. Time is a number of any unit; an entry is live before its end.
pub(super) struct ExpiringMap<V> {
    entries: HashMap<Arc<str>, Entry<V>>,
    order: BTreeSet<(u64, Arc<str>)>,
}

struct Entry<V> {
    value: V,
    end: u64,
}

/// An entry that left the map.
pub(super) struct Removed<V> {
    pub(super) key: Arc<str>,
    pub(super) value: V,
}

impl<V> Default for ExpiringMap<V> {
    fn default() -> Self {
        Self { entries: HashMap::new(), order: BTreeSet::new() }
    }
}

impl<V> ExpiringMap<V> {
    /// The number of entries, live or not.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// A live entry and its end.
    pub(super) fn live(&self, key: &str, now: u64) -> Option<(&V, u64)> {
        self.entries.get(key).filter(|entry| now < entry.end).map(|entry| (&entry.value, entry.end))
    }

    /// An entry, live or not.
    pub(super) fn peek(&self, key: &str) -> Option<&V> {
        self.entries.get(key).map(|entry| &entry.value)
    }

    /// Puts an entry in, in place of any other of that key.
    pub(super) fn insert(&mut self, key: &str, value: V, end: u64) {
        if let Some(entry) = self.entries.get_mut(key) {
            if entry.end != end {
                // The index gives its key back, so that both go on sharing one allocation.
                let place = (entry.end, Arc::from(key));
                let key = self.order.take(&place).unwrap_or(place).1;
                self.order.insert((end, key));
            }
            *entry = Entry { value, end };
            return;
        }
        let key: Arc<str> = Arc::from(key);
        self.order.insert((end, Arc::clone(&key)));
        self.entries.insert(key, Entry { value, end });
    }

    /// Takes an entry out, live or not.
    pub(super) fn remove(&mut self, key: &str) -> Option<Removed<V>> {
        let (key, Entry { value, end }) = self.entries.remove_entry(key)?;
        let place = (end, key);
        self.order.remove(&place);
        self.shrink();
        Some(Removed { key: place.1, value })
    }

    /// Takes out one entry that is over.
    pub(super) fn pop_over(&mut self, now: u64) -> Option<Removed<V>> {
        if self.order.first()?.0 <= now { self.pop_first() } else { None }
    }

    /// Takes out the entry that ends first.
    pub(super) fn pop_first(&mut self) -> Option<Removed<V>> {
        let (_, key) = self.order.pop_first()?;
        let entry = self.entries.remove(&key)?;
        self.shrink();
        Some(Removed { key, value: entry.value })
    }

    /// Gives memory back after a flood.
    fn shrink(&mut self) {
        if self.entries.capacity() > 256 && self.entries.len() * 8 < self.entries.capacity() {
            self.entries.shrink_to(self.entries.len() * 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_live_before_its_end_and_over_at_it() {
        let mut map = ExpiringMap::default();
        map.insert("a", 1, 10);
        assert_eq!(map.live("a", 9), Some((&1, 10)));
        assert_eq!(map.live("a", 10), None);
        assert!(map.pop_over(9).is_none());
        assert_eq!(map.pop_over(10).map(|removed| removed.value), Some(1));
        assert_eq!(map.len(), 0);
    }

    #[test]
    fn an_entry_that_was_written_again_is_over_at_its_new_end_only() {
        let mut map = ExpiringMap::default();
        map.insert("a", 1, 10);
        map.insert("b", 2, 15);
        map.insert("a", 3, 20);
        assert_eq!(map.pop_over(15).map(|removed| removed.value), Some(2));
        assert!(map.pop_over(19).is_none());
        assert_eq!(map.pop_over(20).map(|removed| removed.value), Some(3));
    }

    #[test]
    fn what_was_removed_is_gone_from_the_index_too() {
        let mut map = ExpiringMap::default();
        map.insert("a", 1, 10);
        assert_eq!(map.remove("a").map(|removed| removed.value), Some(1));
        assert!(map.remove("a").is_none() && map.pop_first().is_none());
    }

    #[test]
    fn entries_leave_in_the_order_of_their_ends() {
        let mut map = ExpiringMap::default();
        for end in [30, 10, 20] {
            map.insert(&format!("k{end}"), end, end);
        }
        let order: Vec<_> = std::iter::from_fn(|| map.pop_first()).map(|removed| removed.value).collect();
        assert_eq!(order, [10, 20, 30]);
    }

    #[test]
    fn memory_is_given_back_after_a_flood() {
        let mut map = ExpiringMap::default();
        for number in 0..10_000_u64 {
            map.insert(&number.to_string(), (), number);
        }
        while map.pop_over(9_989).is_some() {}
        assert_eq!(map.len(), 10);
        assert!(map.entries.capacity() <= 256);
    }
}
