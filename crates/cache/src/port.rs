//! The port: what every engine promises.

use std::sync::Arc;
use std::time::Duration;

use archirust_core::Result;
use async_trait::async_trait;

use crate::lock::Lease;
use crate::quota::{Decision, Quota};

/// A cache that can be passed around.
pub type SharedCache = Arc<dyn Cache>;

/// What may happen to a value before its time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retention {
    /// It may be dropped to make room: something that can be loaded or computed again.
    Evictable,
    /// It stays until it expires: a revocation, a counter of attempts, a one-time code. When there is no room, the write
    /// fails with [`ErrorKind::Overloaded`](archirust_core::ErrorKind::Overloaded) and nothing else is forgotten.
    Kept,
}

/// Values with a time to live, counters, locks and rate limits.
///
/// Values, locks and rate limits are three separate key spaces. A key is 1 to [`MAX_KEY_BYTES`](crate::MAX_KEY_BYTES)
/// visible ASCII characters; what may be longer or hold anything else (a name, an address typed by a client) is hashed
/// first. A time to live is between [`MIN_TTL`](crate::MIN_TTL) and [`MAX_TTL`](crate::MAX_TTL) and is over at its end:
/// a value written at *t* is there before *t* + ttl and gone from then on, whatever the wall clock does.
///
/// # Errors
///
/// Every operation: `InvalidInput` for a key, value or time to live that is not accepted (the detail says what is),
/// `ConnectionFailed` or `UpstreamTimeout` when an engine's server can't be reached. Writes that are kept: `Overloaded`
/// when there is no room.
#[async_trait]
pub trait Cache: Send + Sync + 'static {
    /// The value, if there is one.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>>;

    /// Writes a value, whatever was there, with a new time to live.
    async fn set(&self, key: &str, value: &[u8], ttl: Duration, retention: Retention) -> Result<()>;

    /// Writes a value if there is none. Of any number of concurrent callers exactly one is told `true`.
    async fn set_if_absent(&self, key: &str, value: &[u8], ttl: Duration, retention: Retention) -> Result<bool>;

    /// Replaces a value if it is `expected` byte for byte, with a new time to live. Of any number of concurrent callers
    /// that expect the same value exactly one is told `true`, unless it writes that value again.
    async fn compare_and_set(
        &self,
        key: &str,
        expected: &[u8],
        value: &[u8],
        ttl: Duration,
        retention: Retention,
    ) -> Result<bool>;

    /// Removes a value and hands it out: of any number of concurrent callers exactly one gets it.
    async fn take(&self, key: &str) -> Result<Option<Vec<u8>>>;

    /// Removes a value; says whether it was there.
    async fn delete(&self, key: &str) -> Result<bool>;

    /// Several values, in the order of the keys. Not one atomic step.
    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Vec<u8>>>>;

    /// Writes several values. Every argument is checked before the first is written; beyond that it is not one atomic step.
    async fn set_many(&self, entries: &[(&str, &[u8])], ttl: Duration, retention: Retention) -> Result<()>;

    /// Removes several values; says how many were there. Not one atomic step.
    async fn delete_many(&self, keys: &[&str]) -> Result<u64>;

    /// Adds `by` to a counter and gives its new value. A missing counter starts at zero with this time to live; the time
    /// to live of one that exists does not change. Counters are kept, and [`Cache::get`] reads them as decimal digits.
    ///
    /// # Errors
    ///
    /// `InvalidState`, and nothing changes, if the value is not a number or would leave the range of `i64`.
    async fn increment(&self, key: &str, by: i64, ttl: Duration) -> Result<i64>;

    /// How long a value is still there; `None` if it is not.
    async fn time_to_live(&self, key: &str) -> Result<Option<Duration>>;

    /// Takes the lock `name`, or `None` while someone else holds it. It is free again after `ttl`, also if its holder hangs:
    /// what it protects must refuse a [fencing token](Lease::token) lower than one it has seen.
    ///
    /// [`LockGuard::acquire`](crate::LockGuard::acquire) gives a guard that frees the lock when it is dropped.
    async fn acquire_lock(&self, name: &str, ttl: Duration) -> Result<Option<Lease>>;

    /// Holds a lock for `ttl` from now.
    ///
    /// # Errors
    ///
    /// `Locked` if the lock was lost: it expired, whether or not someone else has taken it since.
    async fn renew_lock(&self, lease: &Lease, ttl: Duration) -> Result<()>;

    /// Frees a lock. A lock that someone else holds by now is left alone.
    ///
    /// # Errors
    ///
    /// `Locked` if the lock was lost: it expired, so someone else may have worked at the same time.
    async fn release_lock(&self, lease: &Lease) -> Result<()>;

    /// Charges `cost` to the quota of `key` (GCRA), and says whether it is allowed. What is refused costs nothing; a cost
    /// of zero only asks.
    ///
    /// An engine that runs out of room forgets the state that would be over soonest and never refuses a caller for want
    /// of room: a flood of made-up keys must not shut out everybody else. What must never be forgotten is a kept value.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if the cost is higher than the quota's burst: it would never be allowed.
    async fn rate_limit(&self, key: &str, quota: &Quota, cost: u32) -> Result<Decision>;

    /// Forgets what was charged to `key`; says whether there was anything.
    async fn reset_rate_limit(&self, key: &str) -> Result<bool>;

    /// Whether the engine can be used now: one cheap round trip.
    async fn ping(&self) -> Result<()>;
}
