//! Locks that end: a lease with a fencing token, and a guard that gives it back.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use archirust_core::{Error, ErrorKind, Result};

use crate::port::SharedCache;

/// A lock that was taken, for some time.
///
/// It does not free the lock when it is dropped; [`LockGuard`] does.
#[derive(Debug, PartialEq, Eq)]
pub struct Lease {
    name: String,
    token: u64,
}

impl Lease {
    /// What an engine hands out: the full name of the lock, and a token higher than all before it.
    pub fn new(name: impl Into<String>, token: u64) -> Self {
        Self { name: name.into(), token }
    }

    /// The full name of the lock, with all prefixes.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The fencing token: higher than that of every holder of this lock before, also after it expired or was freed, and
    /// below 2^53. Send it along with each write; what is written to refuses a token lower than the highest it has seen.
    pub fn token(&self) -> u64 {
        self.token
    }

    /// The error of a lease that is over.
    pub fn lost(&self) -> Error {
        Error::new(ErrorKind::Locked)
            .with_detail(format!("the lock {} (token {}) was lost: its time ran out", self.name, self.token))
    }
}

/// A lock that is freed when this is dropped.
///
/// A lock that was lost while it was held is reported at once where it shows (renew, release or drop), by an error and in
/// the log: the work that it protected may have overlapped with that of someone else.
pub struct LockGuard {
    cache: SharedCache,
    lease: Option<Lease>,
}

impl LockGuard {
    /// Takes the lock `name` for `ttl`, or `None` while someone else holds it.
    ///
    /// # Errors
    ///
    /// Those of [`Cache::acquire_lock`](crate::Cache::acquire_lock).
    pub async fn acquire(cache: &SharedCache, name: &str, ttl: Duration) -> Result<Option<Self>> {
        let lease = cache.acquire_lock(name, ttl).await?;
        Ok(lease.map(|lease| Self { cache: Arc::clone(cache), lease: Some(lease) }))
    }

    /// The fencing token: see [`Lease::token`].
    pub fn token(&self) -> u64 {
        self.lease.as_ref().map_or(0, Lease::token)
    }

    /// Holds the lock for `ttl` from now.
    ///
    /// # Errors
    ///
    /// `Locked` if it was lost: stop, nothing more may be written.
    pub async fn renew(&self, ttl: Duration) -> Result<()> {
        match &self.lease {
            Some(lease) => reported(self.cache.renew_lock(lease, ttl).await),
            None => Ok(()),
        }
    }

    /// Frees the lock, and says whether it was held to the end.
    ///
    /// # Errors
    ///
    /// `Locked` if it was lost before.
    pub async fn release(mut self) -> Result<()> {
        match self.lease.take() {
            Some(lease) => reported(self.cache.release_lock(&lease).await),
            None => Ok(()),
        }
    }
}

impl Drop for LockGuard {
    fn drop(&mut self) {
        let Some(lease) = self.lease.take() else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                let cache = Arc::clone(&self.cache);
                runtime.spawn(async move { reported(cache.release_lock(&lease).await) });
            }
            Err(_) => {
                tracing::warn!(lock = lease.name(), "a lock was dropped outside of a runtime: it ends with its time")
            }
        }
    }
}

impl fmt::Debug for LockGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockGuard").field("lease", &self.lease).finish_non_exhaustive()
    }
}

fn reported(result: Result<()>) -> Result<()> {
    result.inspect_err(|error| tracing::error!(error = %error.report(), "a lock could not be kept or freed"))
}
