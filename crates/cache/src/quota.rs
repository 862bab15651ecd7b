//! Rate limits by the generic cell rate algorithm (GCRA, ITU-T I.371, section A.4 "virtual scheduling").
//!
//! One number is kept for each key: the *theoretical arrival time*, at which everything charged so far is paid back. All
//! arithmetic is in whole microseconds below 2^53, so that a script on a server that knows only double-precision numbers
//! decides exactly alike.

use std::time::Duration;

use archirust_core::Result;

use crate::key::refused;

/// The longest a quota may remember: a year.
const MAX_WINDOW: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// How much is allowed: a steady rate, and a burst on top of silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quota {
    interval_micros: u64,
    burst: u32,
}

impl Quota {
    /// `count` in any `period` after silence, then one every `period / count` (rounded up to a microsecond).
    ///
    /// # Errors
    ///
    /// `InvalidInput` if `count` is zero, the period is zero or over a year, or the rate is over a million a second.
    pub fn new(count: u32, period: Duration) -> Result<Self> {
        let micros = u64::try_from(period.as_micros()).unwrap_or(u64::MAX);
        if count == 0 || micros < u64::from(count) {
            return Err(refused("a quota allows at least one and at most a million a second"));
        }
        Self { interval_micros: micros.div_ceil(u64::from(count)), burst: count }.checked()
    }

    /// The same rate, with another burst: how many may come at once after silence.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if it is zero, or so high that it takes over a year to recover.
    pub fn with_burst(self, burst: u32) -> Result<Self> {
        Self { burst, ..self }.checked()
    }

    /// How many may come at once after silence.
    pub fn burst(&self) -> u32 {
        self.burst
    }

    /// The time in which one is paid back.
    pub fn interval(&self) -> Duration {
        Duration::from_micros(self.interval_micros)
    }

    /// The time in which a whole burst is paid back; no state is older.
    pub fn window(&self) -> Duration {
        Duration::from_micros(self.window_micros())
    }

    fn window_micros(&self) -> u64 {
        self.interval_micros.saturating_mul(u64::from(self.burst))
    }

    fn checked(self) -> Result<Self> {
        if self.burst == 0 {
            return Err(refused("the burst of a quota is at least one"));
        }
        if self.window() > MAX_WINDOW {
            return Err(refused("a quota must recover within 366 days"));
        }
        Ok(self)
    }
}

/// What a rate limit says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the caller may go on. What is refused was not charged.
    pub allowed: bool,
    /// The burst of the quota.
    pub limit: u32,
    /// How much may still come at once.
    pub remaining: u32,
    /// When the same call would be allowed; zero if it is.
    pub retry_after: Duration,
    /// When the whole burst is free again.
    pub reset_after: Duration,
}

/// Decides one call at `now` for a key whose theoretical arrival time is `arrival` (both in microseconds since the same
/// start; zero for a key without state). Gives the decision and the arrival time to keep.
///
/// Engines call this, or do the same on their server.
///
/// # Errors
///
/// `InvalidInput` if the cost is higher than the burst.
pub fn gcra(arrival: u64, now: u64, quota: &Quota, cost: u32) -> Result<(Decision, u64)> {
    if cost > quota.burst {
        return Err(refused(format!("a cost of {cost} is never allowed by a quota with a burst of {}", quota.burst)));
    }
    let window = quota.window_micros();
    // A clock that started again, or a quota that was narrowed, must not shut a key out for longer than its window.
    let debt = arrival.saturating_sub(now).min(window);
    let wanted = debt + quota.interval_micros * u64::from(cost);
    let allowed = wanted <= window;
    let owed = if allowed { wanted } else { debt };
    let decision = Decision {
        allowed,
        limit: quota.burst,
        // The quotient is at most the burst.
        remaining: u32::try_from((window - owed) / quota.interval_micros).unwrap_or(quota.burst),
        retry_after: Duration::from_micros(wanted.saturating_sub(window)),
        reset_after: Duration::from_micros(owed),
    };
    Ok((decision, now + owed))
}
