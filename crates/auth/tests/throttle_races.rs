//! The throttle over a cache in which any other attempt may come between two steps.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use archirust_auth::throttle::{Action, Throttle, ThrottleSettings};
use archirust_cache::{Cache, CacheSettings, Decision, Lease, MemoryCache, Quota, Retention, SharedCache};
use archirust_core::Result;
use archirust_core::clock::{ManualClock, Timestamp};
use archirust_core::random::SystemRandom;
use async_trait::async_trait;
use tokio::task::yield_now;

/// Lets everybody else go first, before and after each operation.
struct Polite {
    cache: SharedCache,
    /// Whether somebody else takes a turn after each look at a level.
    overtaken: bool,
}

macro_rules! politely {
    ($operation:expr) => {{
        yield_now().await;
        let answer = $operation.await;
        yield_now().await;
        answer
    }};
}

#[async_trait]
impl Cache for Polite {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let answer = politely!(self.cache.get(key));
        if self.overtaken && key.ends_with(":level") {
            self.cache.increment(key, 1, Duration::from_secs(3600)).await?;
        }
        answer
    }

    async fn set(&self, key: &str, value: &[u8], ttl: Duration, retention: Retention) -> Result<()> {
        politely!(self.cache.set(key, value, ttl, retention))
    }

    async fn set_if_absent(&self, key: &str, value: &[u8], ttl: Duration, retention: Retention) -> Result<bool> {
        politely!(self.cache.set_if_absent(key, value, ttl, retention))
    }

    async fn compare_and_set(
        &self,
        key: &str,
        expected: &[u8],
        value: &[u8],
        ttl: Duration,
        retention: Retention,
    ) -> Result<bool> {
        politely!(self.cache.compare_and_set(key, expected, value, ttl, retention))
    }

    async fn take(&self, key: &str) -> Result<Option<Vec<u8>>> {
        politely!(self.cache.take(key))
    }

    async fn delete(&self, key: &str) -> Result<bool> {
        politely!(self.cache.delete(key))
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Vec<u8>>>> {
        politely!(self.cache.get_many(keys))
    }

    async fn set_many(&self, entries: &[(&str, &[u8])], ttl: Duration, retention: Retention) -> Result<()> {
        politely!(self.cache.set_many(entries, ttl, retention))
    }

    async fn delete_many(&self, keys: &[&str]) -> Result<u64> {
        politely!(self.cache.delete_many(keys))
    }

    async fn increment(&self, key: &str, by: i64, ttl: Duration) -> Result<i64> {
        politely!(self.cache.increment(key, by, ttl))
    }

    async fn time_to_live(&self, key: &str) -> Result<Option<Duration>> {
        politely!(self.cache.time_to_live(key))
    }

    async fn acquire_lock(&self, name: &str, ttl: Duration) -> Result<Option<Lease>> {
        politely!(self.cache.acquire_lock(name, ttl))
    }

    async fn renew_lock(&self, lease: &Lease, ttl: Duration) -> Result<()> {
        politely!(self.cache.renew_lock(lease, ttl))
    }

    async fn release_lock(&self, lease: &Lease) -> Result<()> {
        politely!(self.cache.release_lock(lease))
    }

    async fn rate_limit(&self, key: &str, quota: &Quota, cost: u32) -> Result<Decision> {
        politely!(self.cache.rate_limit(key, quota, cost))
    }

    async fn reset_rate_limit(&self, key: &str) -> Result<bool> {
        politely!(self.cache.reset_rate_limit(key))
    }

    async fn ping(&self) -> Result<()> {
        politely!(self.cache.ping())
    }
}

fn polite(settings: &ThrottleSettings, overtaken: bool) -> Result<(Throttle, Arc<ManualClock>)> {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let cache = MemoryCache::shared(&CacheSettings::default(), Arc::new(Arc::clone(&clock)));
    let throttle = Throttle::new(settings, Arc::new(Polite { cache, overtaken }), SystemRandom::shared())?;
    Ok((throttle, clock))
}

fn address(number: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, number])
}

#[tokio::test]
async fn whatever_comes_between_two_steps_no_guess_too_many_gets_through() {
    for free in [1, 2, 5, 40] {
        let settings = ThrottleSettings { account_attempts: free, address_attempts: 1000, ..Default::default() };
        let (throttle, clock) = polite(&settings, false).unwrap();
        for (round, expected) in [free, 1, 1].into_iter().enumerate() {
            let guesses: Vec<_> = (0..120)
                .map(|number| {
                    let throttle = throttle.clone();
                    tokio::spawn(async move { throttle.attempt(Action::Login, "alice", address(number)).await.is_ok() })
                })
                .collect();
            let mut allowed = 0;
            for guess in guesses {
                allowed += u32::from(guess.await.unwrap());
            }
            assert_eq!(allowed, expected, "{free} free, round {round}");
            clock.advance(Duration::from_secs(1 << round));
        }
    }
}

#[tokio::test]
async fn successes_and_failures_at_once_leave_the_address_with_its_failures() {
    let (throttle, _) = polite(&ThrottleSettings { address_attempts: 60, ..Default::default() }, false).unwrap();
    let attempts: Vec<_> = (0..50)
        .map(|number| {
            let throttle = throttle.clone();
            tokio::spawn(async move {
                let attempt = throttle.attempt(Action::Login, &format!("user-{number}"), address(1)).await.unwrap();
                if number % 2 == 0 {
                    attempt.succeeded().await.unwrap();
                }
            })
        })
        .collect();
    for attempt in attempts {
        attempt.await.unwrap();
    }
    // 25 failures are counted, so 35 more attempts are free of delay.
    for number in 0..35 {
        let attempt = throttle.attempt(Action::Login, &format!("other-{number}"), address(1)).await;
        assert!(attempt.is_ok(), "{number}");
    }
    assert!(throttle.attempt(Action::Login, "last", address(1)).await.is_err());
}

#[tokio::test]
async fn whoever_was_overtaken_sets_the_delay_of_their_own_turn() {
    let (throttle, _) = polite(&ThrottleSettings { account_attempts: 1, ..Default::default() }, true).unwrap();
    throttle.attempt(Action::Login, "alice", address(1)).await.map(drop).unwrap();
    // The level was 0 when it was read, and 1 when the turn came: two seconds, not one.
    let error = throttle.attempt(Action::Login, "alice", address(1)).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
}
