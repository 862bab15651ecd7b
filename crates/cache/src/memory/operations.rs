//! The operations of the port.

use std::sync::atomic::Ordering;
use std::time::Duration;

use archirust_core::{Error, ErrorKind, Result};
use async_trait::async_trait;

use super::{MemoryCache, nanos};
use crate::key::{check_key, check_ttl};
use crate::lock::Lease;
use crate::port::{Cache, Retention};
use crate::quota::{Decision, Quota, gcra};

#[async_trait]
impl Cache for MemoryCache {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        check_key(key)?;
        if let Some(entry) = self.evictable.entry(key)
            && self.now() < entry.end
        {
            return Ok(Some(entry.value.to_vec()));
        }
        let (shard, now) = self.locked(key);
        Ok(self.live(&shard, key, now).map(|(value, _)| value))
    }

    async fn set(&self, key: &str, value: &[u8], ttl: Duration, retention: Retention) -> Result<()> {
        self.check_write(key, value, ttl)?;
        self.with_room(key, |shard, now| Ok(self.put(shard, key, value, now + nanos(ttl), retention)?))
    }

    async fn set_if_absent(&self, key: &str, value: &[u8], ttl: Duration, retention: Retention) -> Result<bool> {
        self.check_write(key, value, ttl)?;
        self.with_room(key, |shard, now| {
            let absent = self.live(shard, key, now).is_none();
            if absent {
                self.put(shard, key, value, now + nanos(ttl), retention)?;
            }
            Ok(absent)
        })
    }

    async fn compare_and_set(
        &self,
        key: &str,
        expected: &[u8],
        value: &[u8],
        ttl: Duration,
        retention: Retention,
    ) -> Result<bool> {
        self.check_write(key, value, ttl)?;
        self.with_room(key, |shard, now| {
            let same = self.live(shard, key, now).is_some_and(|(value, _)| value == expected);
            if same {
                self.put(shard, key, value, now + nanos(ttl), retention)?;
            }
            Ok(same)
        })
    }

    async fn take(&self, key: &str) -> Result<Option<Vec<u8>>> {
        check_key(key)?;
        let (mut shard, now) = self.locked(key);
        let live = self.live(&shard, key, now);
        self.remove(&mut shard, key);
        Ok(live.map(|(value, _)| value))
    }

    async fn delete(&self, key: &str) -> Result<bool> {
        Ok(self.take(key).await?.is_some())
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Vec<u8>>>> {
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            values.push(self.get(key).await?);
        }
        Ok(values)
    }

    async fn set_many(&self, entries: &[(&str, &[u8])], ttl: Duration, retention: Retention) -> Result<()> {
        for (key, value) in entries {
            self.check_write(key, value, ttl)?;
        }
        for (key, value) in entries {
            self.set(key, value, ttl, retention).await?;
        }
        Ok(())
    }

    async fn delete_many(&self, keys: &[&str]) -> Result<u64> {
        keys.iter().try_for_each(|key| check_key(key))?;
        let mut there = 0;
        for key in keys {
            there += u64::from(self.delete(key).await?);
        }
        Ok(there)
    }

    async fn increment(&self, key: &str, by: i64, ttl: Duration) -> Result<i64> {
        check_key(key)?;
        check_ttl(ttl)?;
        self.with_room(key, |shard, now| {
            let (before, end) = match self.live(shard, key, now) {
                Some((value, end)) => (counter(&value)?, end),
                None => (0, now + nanos(ttl)),
            };
            let after = before.checked_add(by).ok_or_else(|| not_countable("the counter is at its end"))?;
            self.put(shard, key, after.to_string().as_bytes(), end, Retention::Kept)?;
            Ok(after)
        })
    }

    async fn time_to_live(&self, key: &str) -> Result<Option<Duration>> {
        check_key(key)?;
        let (shard, now) = self.locked(key);
        Ok(self.live(&shard, key, now).map(|(_, end)| Duration::from_nanos(end - now)))
    }

    async fn acquire_lock(&self, name: &str, ttl: Duration) -> Result<Option<Lease>> {
        check_key(name)?;
        check_ttl(ttl)?;
        self.with_room(name, |shard, now| {
            if shard.lock(name, now).is_some() {
                return Ok(None);
            }
            let token = self.last_token.fetch_add(1, Ordering::Relaxed) + 1;
            shard.put_lock(name, token, now + nanos(ttl), &self.kept)?;
            Ok(Some(Lease::new(name, token)))
        })
    }

    async fn renew_lock(&self, lease: &Lease, ttl: Duration) -> Result<()> {
        check_ttl(ttl)?;
        self.with_room(lease.name(), |shard, now| {
            if shard.lock(lease.name(), now) != Some(lease.token()) {
                return Err(lease.lost().into());
            }
            Ok(shard.put_lock(lease.name(), lease.token(), now + nanos(ttl), &self.kept)?)
        })
    }

    async fn release_lock(&self, lease: &Lease) -> Result<()> {
        let (mut shard, now) = self.locked(lease.name());
        if shard.lock(lease.name(), now) != Some(lease.token()) {
            return Err(lease.lost());
        }
        shard.remove_lock(lease.name(), &self.kept);
        Ok(())
    }

    async fn rate_limit(&self, key: &str, quota: &Quota, cost: u32) -> Result<Decision> {
        check_key(key)?;
        let (mut shard, now) = self.locked(key);
        let now = now / 1_000;
        let before = shard.limit(key, now).unwrap_or(0);
        let (decision, after) = gcra(before, now, quota, cost)?;
        if decision.allowed && cost > 0 && shard.put_limit(key, after, self.limits_per_shard) {
            self.warn_of_flood(now);
        }
        Ok(decision)
    }

    async fn reset_rate_limit(&self, key: &str) -> Result<bool> {
        check_key(key)?;
        let (mut shard, now) = self.locked(key);
        let there = shard.limit(key, now / 1_000).is_some();
        shard.remove_limit(key);
        Ok(there)
    }

    async fn ping(&self) -> Result<()> {
        Ok(())
    }
}

/// Reads a counter as it is written: decimal digits without leading zeros, so that no two values mean the same.
fn counter(value: &[u8]) -> Result<i64> {
    let number =
        std::str::from_utf8(value).ok().and_then(|text| text.parse::<i64>().ok().filter(|n| n.to_string() == text));
    number.ok_or_else(|| not_countable("the value is not a counter"))
}

fn not_countable(detail: &'static str) -> Error {
    Error::new(ErrorKind::InvalidState).with_detail(detail)
}
