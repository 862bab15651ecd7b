//! A verifier that remembers what it verified: a signature check is half of what an authenticated request costs.

use std::sync::Arc;
use std::time::Duration;

use archirust_core::{Error, ErrorKind, Result, Timestamp};
use aws_lc_rs::digest::{SHA256, digest};
use moka::sync::Cache;
use serde::de::DeserializeOwned;

use super::compact::{MAX_TOKEN_BYTES, invalid};
use super::{Claims, NoExtra, Verifier};

/// The longest that a verified token is remembered.
pub const MAX_VERIFIED_TTL: Duration = Duration::from_secs(60);

/// How many verified tokens are remembered unless it is set.
pub const DEFAULT_VERIFIED_ENTRIES: u64 = 10_000;

/// SHA-256 of the whole token, signature included: no token is kept, and one with another signature is another token.
type Fingerprint = [u8; 32];

/// A [`Verifier`] with a bounded memory. Everything that changes with time is still checked each time: an entry is used only
/// before `exp`, after `nbf`, as long as its key verifies, and at most a minute, whatever the wall clock does.
///
/// Whether a token was revoked is asked by [`Authenticator`](super::Authenticator), for remembered tokens too.
pub struct CachedVerifier<E = NoExtra> {
    verifier: Verifier,
    memory: Option<Cache<Fingerprint, Entry<E>>>,
    ttl: Duration,
}

struct Entry<E> {
    claims: Arc<Claims<E>>,
    /// The earlier of `exp` and the end of the key.
    until: Timestamp,
    /// The end by the monotonic clock.
    forget_at: Duration,
    generation: u64,
}

impl<E> Clone for Entry<E> {
    fn clone(&self) -> Self {
        Self { claims: Arc::clone(&self.claims), ..*self }
    }
}

impl<E: DeserializeOwned + Send + Sync + 'static> CachedVerifier<E> {
    /// Remembers up to `entries` tokens for `ttl`; with either at zero nothing is remembered.
    ///
    /// # Errors
    /// `Configuration`: `ttl` is more than [`MAX_VERIFIED_TTL`].
    pub fn new(verifier: Verifier, entries: u64, ttl: Duration) -> Result<Self> {
        if ttl > MAX_VERIFIED_TTL {
            return Err(Error::new(ErrorKind::Configuration)
                .with_detail(format!("a verified token is remembered for at most 60 seconds, not {ttl:?}")));
        }
        let memory = (entries > 0 && !ttl.is_zero()).then(|| {
            // Frees the memory of entries that nobody asks for again; which entry may be used is decided at each hit.
            Cache::builder().max_capacity(entries).time_to_live(ttl).build()
        });
        Ok(Self { verifier, memory, ttl })
    }

    /// As [`Verifier::verify`].
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub fn verify(&self, token: &str) -> Result<Arc<Claims<E>>> {
        let Some(memory) = &self.memory else {
            return self.verifier.verify(token).map(Arc::new);
        };
        // Before anything is computed over it.
        if token.len() > MAX_TOKEN_BYTES {
            return Err(invalid("the token is too long"));
        }
        let fingerprint = fingerprint(token);
        let clock = self.verifier.clock();
        let (now, monotonic) = (clock.now(), clock.monotonic());
        if let Some(entry) = memory.get(&fingerprint) {
            if self.may_use(&entry, now, monotonic) {
                return Ok(entry.claims);
            }
            memory.invalidate(&fingerprint);
        }
        let verified = self.verifier.verify_with_key::<E>(token)?;
        let until = verified.key_until.map_or(verified.claims.exp, |key| key.min(verified.claims.exp));
        let claims = Arc::new(verified.claims);
        if now < until {
            let entry = Entry {
                claims: Arc::clone(&claims),
                until,
                forget_at: monotonic.saturating_add(self.ttl),
                generation: verified.generation,
            };
            memory.insert(fingerprint, entry);
        }
        Ok(claims)
    }

    /// Forgets everything.
    pub fn clear(&self) {
        if let Some(memory) = &self.memory {
            memory.invalidate_all();
        }
    }

    /// How many tokens are remembered, about.
    pub fn entries(&self) -> u64 {
        self.memory.as_ref().map_or(0, |memory| {
            memory.run_pending_tasks();
            memory.entry_count()
        })
    }

    fn may_use(&self, entry: &Entry<E>, now: Timestamp, monotonic: Duration) -> bool {
        now < entry.until
            && monotonic < entry.forget_at
            && entry.generation == self.verifier.keys().generation()
            && self.verifier.has_begun(&entry.claims, now)
    }
}

impl<E> std::fmt::Debug for CachedVerifier<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CachedVerifier")
            .field("verifier", &self.verifier)
            .field("ttl", &self.ttl)
            .finish_non_exhaustive()
    }
}

fn fingerprint(token: &str) -> Fingerprint {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    bytes
}
