//! One count in the cache: attempts, and the gate that stays shut until the next one.
//!
//! Attempts without a delay are numbered by incrementing the count. From the first with a delay on, an attempt has to create
//! the gate, which only one of any number can, and which is there for as long as the delay. Time is the cache's own: no
//! clock is compared with that of another machine. The delay follows a level that only the one at the gate raises, so
//! those who came in vain at the same time do not make it longer.

use std::time::Duration;

use archirust_cache::{MIN_TTL, Retention, SharedCache};
use archirust_core::random::Random;
use archirust_core::{Error, ErrorKind, Result};
use data_encoding::HEXLOWER;

/// How a count grows into delays.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delays {
    /// Attempts before the first delay.
    pub(super) free: u32,
    pub(super) first: Duration,
    pub(super) longest: Duration,
    /// How long after its first attempt a count is forgotten.
    pub(super) window: Duration,
}

impl Delays {
    /// The delay at a level, from 0.
    fn at(&self, level: u32) -> Duration {
        let factor = 1_u32.checked_shl(level).unwrap_or(u32::MAX);
        self.first.saturating_mul(factor).min(self.longest)
    }
}

/// An attempt that was counted.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    count: String,
    level: String,
    gate: String,
    /// What this attempt wrote into the gate, if it shut it.
    token: Option<String>,
}

/// Counts an attempt at `key`.
///
/// # Errors
///
/// `RateLimited` with the time until the next is allowed.
pub(super) async fn claim(cache: &SharedCache, key: &str, delays: &Delays, random: &dyn Random) -> Result<Claim> {
    let mut claim =
        Claim { count: key.to_owned(), level: format!("{key}:level"), gate: format!("{key}:gate"), token: None };
    if let Some(rest) = cache.time_to_live(&claim.gate).await? {
        return Err(limited(rest));
    }
    if cache.increment(&claim.count, 1, delays.window).await? < i64::from(delays.free) {
        return Ok(claim);
    }
    let seen = cache.get(&claim.level).await?.map_or(0, |text| parse(&text));
    let token = HEXLOWER.encode(&random.bytes::<8>());
    if !cache.set_if_absent(&claim.gate, token.as_bytes(), delays.at(seen), Retention::Kept).await? {
        return Err(limited(cache.time_to_live(&claim.gate).await?.unwrap_or_default()));
    }
    let level = u32::try_from(cache.increment(&claim.level, 1, delays.window).await? - 1).unwrap_or(0);
    if level > seen {
        // Somebody had a turn between the look at the level and the gate.
        cache.set(&claim.gate, token.as_bytes(), delays.at(level), Retention::Kept).await?;
    }
    claim.token = Some(token);
    Ok(claim)
}

impl Claim {
    /// Takes back this attempt and nothing else.
    pub(super) async fn give_back(&self, cache: &SharedCache, delays: &Delays) -> Result<()> {
        decrement(cache, &self.count, delays).await?;
        if let Some(token) = &self.token {
            decrement(cache, &self.level, delays).await?;
            // Only while it is the gate that this attempt shut.
            cache.compare_and_set(&self.gate, token.as_bytes(), token.as_bytes(), MIN_TTL, Retention::Kept).await?;
        }
        Ok(())
    }

    /// Forgets all attempts, and opens the gate whoever shut it.
    pub(super) async fn forget_all(&self, cache: &SharedCache) -> Result<()> {
        cache.delete_many(&[&self.count, &self.level, &self.gate]).await.map(drop)
    }
}

async fn decrement(cache: &SharedCache, key: &str, delays: &Delays) -> Result<()> {
    // A count that was forgotten meanwhile must not start below zero: that would be free attempts.
    if cache.increment(key, -1, delays.window).await? < 0 {
        cache.delete(key).await?;
    }
    Ok(())
}

/// A level; what is none was not written here, and counts as the highest.
fn parse(text: &[u8]) -> u32 {
    std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).unwrap_or(u32::MAX)
}

/// Whole seconds, as `Retry-After` has them: never too soon.
fn limited(rest: Duration) -> Error {
    let seconds = rest.as_secs() + u64::from(rest.subsec_nanos() > 0);
    Error::new(ErrorKind::RateLimited).with_retry_after(Duration::from_secs(seconds.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest() {
        let delays = Delays {
            free: 5,
            first: Duration::from_secs(1),
            longest: Duration::from_secs(900),
            window: Duration::from_secs(86_400),
        };
        let at = |level| delays.at(level).as_secs();
        assert_eq!([0, 1, 2, 3].map(at), [1, 2, 4, 8]);
        assert_eq!([9, 10, 11].map(at), [512, 900, 900]);
        assert_eq!([31, 32, 33, 1000, u32::MAX].map(at), [900; 5]);
    }

    #[test]
    fn the_wait_is_counted_in_whole_seconds_from_one() {
        for (rest, seconds) in [(0, 1), (1, 1), (999, 1), (1000, 1), (1001, 2), (2000, 2)] {
            assert_eq!(
                limited(Duration::from_millis(rest)).retry_after(),
                Some(Duration::from_secs(seconds)),
                "{rest}"
            );
        }
    }

    #[test]
    fn what_is_no_level_is_the_highest() {
        assert_eq!(parse(b"3"), 3);
        for text in [b"".as_slice(), b"-1", b"x", b"99999999999", b"\xff"] {
            assert_eq!(parse(text), u32::MAX);
        }
    }
}
