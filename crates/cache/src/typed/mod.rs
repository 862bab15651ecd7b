//! Typed values on top of the port, and loads that happen once.

mod flight;
mod jitter;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use archirust_core::random::Random;
use archirust_core::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::flight::{Flights, Pilot, Seat};
use crate::key::check_ttl;
use crate::port::{Retention, SharedCache};

pub use jitter::Jitter;

/// Values of any serde type, written as JSON.
///
/// Clones share the knowledge of which loads are under way: make one for a cache and clone it.
#[derive(Clone)]
pub struct TypedCache {
    cache: SharedCache,
    random: Arc<dyn Random>,
    flights: Arc<Flights>,
}

impl TypedCache {
    /// Typed access to `cache`; `random` spreads times to live.
    pub fn new(cache: SharedCache, random: Arc<dyn Random>) -> Self {
        Self { cache, random, flights: Arc::default() }
    }

    /// The cache below.
    pub fn cache(&self) -> &SharedCache {
        &self.cache
    }

    /// The value, if there is one.
    ///
    /// # Errors
    ///
    /// Those of the port, and `Internal` if the value is of another type.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        self.cache.get(key).await?.map(|bytes| from_json(&bytes)).transpose()
    }

    /// Writes a value. A load of the key that is under way will not overwrite it.
    ///
    /// # Errors
    ///
    /// Those of the port, and `Internal` if the value can't be written as JSON.
    pub async fn set<T: Serialize>(&self, key: &str, value: &T, ttl: Duration, retention: Retention) -> Result<()> {
        let bytes = to_json(value)?;
        self.flights.outdate(key);
        self.cache.set(key, &bytes, ttl, retention).await
    }

    /// Removes a value; says whether it was there. What a load that is under way in this process brings is not kept: it may
    /// have read what was there before the change.
    ///
    /// # Errors
    ///
    /// Those of the port.
    pub async fn delete(&self, key: &str) -> Result<bool> {
        self.flights.outdate(key);
        self.cache.delete(key).await
    }

    /// The value, loaded and kept (evictable) for `ttl` less its `jitter` if it is not there.
    ///
    /// Of any number of concurrent callers in this process one loads, the others wait for it and get the same value or the
    /// same error. Errors are not kept: the next call loads again. If the caller that loads is cancelled or panics, one of
    /// those that wait takes over. `load` should have a time-out, for all who wait share it.
    ///
    /// A cache that can't be reached or holds a value of another type counts as empty; a value that can't be written is
    /// still returned.
    ///
    /// # Errors
    ///
    /// Those of `load`, `InvalidInput` for a key or time to live that is not accepted, and `Internal` if the value can't be
    /// written as JSON or two callers of one key load different types.
    pub async fn get_or_load<T, F>(
        &self,
        key: &str,
        ttl: Duration,
        jitter: Jitter,
        load: impl FnOnce() -> F,
    ) -> Result<T>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T>>,
    {
        check_ttl(ttl)?;
        loop {
            if let Some((value, _)) = self.held(key).await? {
                return Ok(value);
            }
            match self.flights.board(key) {
                Seat::Pilot(pilot) => return self.fly(pilot, key, jitter.shorten(ttl, &*self.random), load).await,
                Seat::Passenger(passenger) => {
                    if let Some(outcome) = passenger.landing().await {
                        return from_json(&outcome?);
                    }
                }
            }
        }
    }

    /// How many callers wait for the load of a key by another one.
    #[cfg(feature = "testing")]
    pub(crate) fn waiting(&self, key: &str) -> usize {
        self.flights.passengers(key)
    }

    async fn fly<T, F>(&self, pilot: Pilot, key: &str, ttl: Duration, load: impl FnOnce() -> F) -> Result<T>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T>>,
    {
        // Another flight may have landed between the look at the cache and this one's start.
        if let Some((value, bytes)) = self.held(key).await? {
            pilot.land(bytes.into());
            return Ok(value);
        }
        let loaded = load().await.and_then(|value| Ok((to_json(&value)?, value)));
        match loaded {
            Ok((bytes, value)) => {
                self.keep(&pilot, key, &bytes, ttl).await;
                pilot.land(bytes.into());
                Ok(value)
            }
            Err(error) => {
                pilot.fail(&error);
                Err(error)
            }
        }
    }

    /// What the cache holds, as value and bytes; nothing if it can't be reached or read as this type.
    async fn held<T: DeserializeOwned>(&self, key: &str) -> Result<Option<(T, Vec<u8>)>> {
        match self.cache.get(key).await {
            Ok(None) => Ok(None),
            Ok(Some(bytes)) => match from_json(&bytes) {
                Ok(value) => Ok(Some((value, bytes))),
                Err(error) => {
                    tracing::debug!(error = %error.report(), "a cached value is of another type: it is loaded again");
                    Ok(None)
                }
            },
            Err(error) if error.is_retryable() => {
                tracing::warn!(error = %error.report(), "the cache can't be read: the value is loaded");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn keep(&self, pilot: &Pilot, key: &str, bytes: &[u8], ttl: Duration) {
        if !pilot.is_current() {
            return;
        }
        if let Err(error) = self.cache.set(key, bytes, ttl, Retention::Evictable).await {
            tracing::warn!(error = %error.report(), "a loaded value can't be cached");
        }
        // Written or deleted while this one was being written: nobody knows which came first, so nothing is kept.
        if !pilot.is_current()
            && let Err(error) = self.cache.delete(key).await
        {
            tracing::warn!(error = %error.report(), "an outdated value can't be removed from the cache");
        }
    }
}

impl fmt::Debug for TypedCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedCache").finish_non_exhaustive()
    }
}

fn to_json<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|_| Error::internal("a value can't be written as JSON"))
}

fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    // The parser's own words may repeat the value.
    serde_json::from_slice(bytes).map_err(|error| {
        Error::internal(format!(
            "a cached value is of another type ({:?} at byte {})",
            error.classify(),
            error.column()
        ))
    })
}
