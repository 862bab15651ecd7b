//! Rate limits by the generic cell rate algorithm (GCRA, ITU-T I.371, section A.4 "virtual scheduling").
//!
//! One number is kept for each key: the *theoretical arrival time*, at which everything charged so far is paid back. All
//! arithmetic is in whole microseconds below 2^53, so that a script on a server that knows only double-precision numbers
//! decides exactly alike.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use archirust_core::config::SettingValue;
use archirust_core::{Error, Result};

use crate::key::refused;

/// The longest a quota may remember: a year.
const MAX_WINDOW_MICROS: u64 = 366 * 24 * 60 * 60 * 1_000_000;

/// How much is allowed: a steady rate, and a burst on top of silence.
///
/// As text and as a setting: `100/1m`, or `100/1m burst 20`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quota {
    count: u32,
    period_micros: u64,
    burst: u32,
}

impl Quota {
    /// `count` at once after silence, then one every `period / count`, rounded up to a microsecond. So in a period that
    /// follows silence up to twice the count can pass; set the burst lower where that matters.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if the count is zero, the rate is over a million a second or the period over 366 days.
    pub fn new(count: u32, period: Duration) -> Result<Self> {
        let period_micros = u64::try_from(period.as_micros()).unwrap_or(u64::MAX);
        Self { count, period_micros, burst: count }.checked()
    }

    /// The same rate, with another burst: how many may come at once after silence.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if it is zero, or so high that it takes over 366 days to recover.
    pub fn with_burst(self, burst: u32) -> Result<Self> {
        Self { burst, ..self }.checked()
    }

    /// How many are allowed in [`Quota::period`] in the long run.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The time in which [`Quota::count`] are allowed.
    pub fn period(&self) -> Duration {
        Duration::from_micros(self.period_micros)
    }

    /// How many may come at once after silence.
    pub fn burst(&self) -> u32 {
        self.burst
    }

    /// The time in which one is paid back.
    pub fn interval(&self) -> Duration {
        Duration::from_micros(self.interval_micros())
    }

    /// The time in which a whole burst is paid back; no state is remembered for longer.
    pub fn window(&self) -> Duration {
        Duration::from_micros(self.window_micros())
    }

    fn interval_micros(&self) -> u64 {
        self.period_micros.div_ceil(u64::from(self.count))
    }

    fn window_micros(&self) -> u64 {
        self.interval_micros().saturating_mul(u64::from(self.burst))
    }

    fn checked(self) -> Result<Self> {
        if self.count == 0 || self.period_micros < u64::from(self.count) {
            return Err(refused("a quota allows at least one, and at most a million a second"));
        }
        if self.burst == 0 {
            return Err(refused("the burst of a quota is at least one"));
        }
        if self.window_micros() > MAX_WINDOW_MICROS {
            return Err(refused("a quota recovers within 366 days"));
        }
        Ok(self)
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.count, self.period().to_text())?;
        if self.burst != self.count {
            write!(f, " burst {}", self.burst)?;
        }
        Ok(())
    }
}

impl FromStr for Quota {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let unreadable = || refused("a quota is written as 100/1m or 100/1m burst 20");
        let number = |text: &str| text.trim().parse::<u32>().map_err(|_| unreadable());
        let (rate, burst) = match text.split_once(" burst ") {
            Some((rate, burst)) => (rate, Some(number(burst)?)),
            None => (text, None),
        };
        let (count, period) = rate.split_once('/').ok_or_else(unreadable)?;
        let quota = Self::new(number(count)?, Duration::from_text(period).map_err(|_| unreadable())?)?;
        burst.map_or(Ok(quota), |burst| quota.with_burst(burst))
    }
}

archirust_core::setting_from_str!(
    Quota,
    "quota",
    "a quota such as 100/1m or 100/1m burst 20, at most a million a second, recovered within 366 days"
);

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
    let (interval, window) = (quota.interval_micros(), quota.window_micros());
    // A clock that started again, or a quota that was narrowed, must not shut a key out for longer than its window.
    let debt = arrival.saturating_sub(now).min(window);
    let wanted = debt + interval * u64::from(cost);
    let allowed = wanted <= window;
    let owed = if allowed { wanted } else { debt };
    let decision = Decision {
        allowed,
        limit: quota.burst,
        // The quotient is at most the burst.
        remaining: u32::try_from((window - owed) / interval).unwrap_or(quota.burst),
        retry_after: Duration::from_micros(wanted.saturating_sub(window)),
        reset_after: Duration::from_micros(owed),
    };
    Ok((decision, now + owed))
}
