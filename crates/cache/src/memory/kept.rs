//! What stays until it is over: kept values, counters, locks and rate limits.

use std::sync::atomic::{AtomicU64, Ordering};

use super::expiring::{ExpiringMap, Removed};

/// What one entry costs beside its key and value, as measured: its places in the map and the index, and their headers.
const OVERHEAD: usize = 160;

/// How many entries that are over each use of a shard frees.
const SWEEP_STEP: usize = 4;

/// There is no room, also not after freeing what is over in this shard.
#[derive(Debug)]
pub(super) struct NoRoom;

/// The part of the store that one mutex guards. Also the place where all writes of a key meet, so that each is one step.
#[derive(Default)]
pub(super) struct Shard {
    values: ExpiringMap<Box<[u8]>>,
    locks: ExpiringMap<u64>,
    limits: ExpiringMap<()>,
}

impl Shard {
    /// A live value and its end.
    pub(super) fn value(&self, key: &str, now: u64) -> Option<(&[u8], u64)> {
        self.values.live(key, now).map(|(value, end)| (&**value, end))
    }

    pub(super) fn put_value(&mut self, key: &str, value: &[u8], end: u64, budget: &Budget) -> Result<(), NoRoom> {
        let before = self.values.peek(key).map_or(0, |old| cost(key, old.len()));
        budget.exchange(before, cost(key, value.len()))?;
        self.values.insert(key, value.into(), end);
        Ok(())
    }

    pub(super) fn remove_value(&mut self, key: &str, budget: &Budget) {
        if let Some(removed) = self.values.remove(key) {
            freed_value(&removed, budget);
        }
    }

    /// The token of whoever holds the lock.
    pub(super) fn lock(&self, name: &str, now: u64) -> Option<u64> {
        self.locks.live(name, now).map(|(token, _)| *token)
    }

    pub(super) fn put_lock(&mut self, name: &str, token: u64, end: u64, budget: &Budget) -> Result<(), NoRoom> {
        let before = self.locks.peek(name).map_or(0, |_| cost(name, 0));
        budget.exchange(before, cost(name, 0))?;
        self.locks.insert(name, token, end);
        Ok(())
    }

    pub(super) fn remove_lock(&mut self, name: &str, budget: &Budget) {
        if let Some(removed) = self.locks.remove(name) {
            budget.free(cost(&removed.key, 0));
        }
    }

    /// The theoretical arrival time of a rate limit in microseconds, if it lies ahead.
    pub(super) fn limit(&self, key: &str, now_micros: u64) -> Option<u64> {
        self.limits.live(key, now_micros).map(|(_, arrival)| arrival)
    }

    /// Remembers a rate limit. Beyond `most` the one that ends first is forgotten: the smallest debt, so that a flood of new
    /// keys forgets its own before anyone's who is near a limit. Says whether one was forgotten.
    pub(super) fn put_limit(&mut self, key: &str, arrival: u64, most: usize) -> bool {
        self.limits.insert(key, (), arrival);
        self.limits.len() > most && self.limits.pop_first().is_some()
    }

    pub(super) fn remove_limit(&mut self, key: &str) {
        self.limits.remove(key);
    }

    pub(super) fn limits(&self) -> usize {
        self.limits.len()
    }

    /// Frees a few entries that are over.
    pub(super) fn sweep_some(&mut self, now: u64, budget: &Budget) {
        self.sweep(now, budget, SWEEP_STEP);
    }

    /// Frees every entry that is over.
    pub(super) fn sweep_all(&mut self, now: u64, budget: &Budget) {
        self.sweep(now, budget, usize::MAX);
    }

    fn sweep(&mut self, now: u64, budget: &Budget, most: usize) {
        for removed in std::iter::from_fn(|| self.values.pop_over(now)).take(most) {
            freed_value(&removed, budget);
        }
        for removed in std::iter::from_fn(|| self.locks.pop_over(now)).take(most) {
            budget.free(cost(&removed.key, 0));
        }
        std::iter::from_fn(|| self.limits.pop_over(now / 1_000)).take(most).for_each(drop);
    }
}

/// Bytes that all shards share.
pub(super) struct Budget {
    used: AtomicU64,
    most: u64,
}

impl Budget {
    pub(super) fn new(most: u64) -> Self {
        Self { used: AtomicU64::new(0), most }
    }

    pub(super) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Gives `before` back and takes `after`, or changes nothing. What does not grow always succeeds.
    fn exchange(&self, before: u64, after: u64) -> Result<(), NoRoom> {
        let swap = |used: u64| {
            let next = used.saturating_sub(before) + after;
            (next <= self.most).then_some(next)
        };
        match self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, swap) {
            Ok(_) => Ok(()),
            Err(_) => Err(NoRoom),
        }
    }

    fn free(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

fn freed_value(removed: &Removed<Box<[u8]>>, budget: &Budget) {
    budget.free(cost(&removed.key, removed.value.len()));
}

fn cost(key: &str, value_bytes: usize) -> u64 {
    (key.len() + value_bytes + OVERHEAD) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_can_be_used_up_and_not_overdrawn() {
        let budget = Budget::new(100);
        assert!(budget.exchange(0, 101).is_err());
        assert!(budget.exchange(0, 60).is_ok() && budget.exchange(0, 40).is_ok());
        assert!(budget.exchange(0, 1).is_err() && budget.exchange(40, 41).is_err());
        assert_eq!(budget.used(), 100);
        assert!(budget.exchange(40, 40).is_ok() && budget.exchange(40, 30).is_ok());
        budget.free(60);
        assert_eq!(budget.used(), 30);
    }
}
