//! Tokens that end before their time, by their own identifier or with their session.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use archirust_cache::{Retention, SharedCache};
use archirust_core::clock::Clock;
use archirust_core::id::Uuid;
use archirust_core::{ErrorKind, Result, Timestamp};

use super::Claims;
use super::signer::MAX_ACCESS_TTL;
use super::verifier::MAX_LEEWAY;

/// How long after the end of its session a token may still be taken by some verifier: its longest life, with clocks that
/// differ as far as they may at its issue and at its check.
pub(crate) const LONGEST_ACCEPTED: Duration = Duration::from_secs(MAX_ACCESS_TTL.as_secs() + 2 * MAX_LEEWAY.as_secs());

/// Revoked tokens and sessions, kept in the cache until the last token that they concern is over. With the memory engine
/// they are known to this process alone and end with it; several processes need an engine that they share.
#[derive(Clone)]
pub struct Revocations {
    cache: SharedCache,
    clock: Arc<dyn Clock>,
}

impl Revocations {
    /// Revocations in this cache.
    pub fn new(cache: SharedCache, clock: Arc<dyn Clock>) -> Self {
        Self { cache, clock }
    }

    /// Ends one token. One that is over needs no entry.
    ///
    /// # Errors
    /// Those of the cache: the token is not revoked then.
    pub async fn revoke_token(&self, jti: Uuid, exp: Timestamp) -> Result<()> {
        // Any verifier with any leeway refuses it from then on by itself.
        let left = exp.duration_since(self.clock.now()).as_secs().saturating_add_unsigned(MAX_LEEWAY.as_secs() + 1);
        match u64::try_from(left) {
            Ok(seconds @ 1..) => self.keep(&token_key(jti), Duration::from_secs(seconds)).await,
            _ => Ok(()),
        }
    }

    /// Ends all access tokens of a session, also those that are being issued at this moment.
    ///
    /// # Errors
    /// Those of the cache: the tokens are not revoked then.
    pub async fn revoke_session(&self, sid: Uuid) -> Result<()> {
        self.keep(&session_key(sid), LONGEST_ACCEPTED).await
    }

    /// Demands that neither the token nor its session was revoked.
    ///
    /// # Errors
    /// `TokenRevoked`; and those of the cache: a token whose revocation can't be looked up is not accepted.
    pub async fn check<E>(&self, claims: &Claims<E>) -> Result<()> {
        let token = token_key(claims.jti);
        let revoked = match claims.sid {
            None => self.cache.get(&token).await?.is_some(),
            Some(sid) => self.cache.get_many(&[&token, &session_key(sid)]).await?.iter().any(Option::is_some),
        };
        if revoked { Err(ErrorKind::TokenRevoked.into()) } else { Ok(()) }
    }

    pub(crate) async fn is_session_revoked(&self, sid: Uuid) -> Result<bool> {
        Ok(self.cache.get(&session_key(sid)).await?.is_some())
    }

    async fn keep(&self, key: &str, ttl: Duration) -> Result<()> {
        self.cache.set(key, b"1", ttl, Retention::Kept).await
    }
}

impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Revocations")
    }
}

fn token_key(jti: Uuid) -> String {
    format!("revoked:jti:{jti}")
}

fn session_key(sid: Uuid) -> String {
    format!("revoked:sid:{sid}")
}
