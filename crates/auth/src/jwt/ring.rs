//! The keys of a service: one that signs, and all that verify, with overlap at a rotation.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use archirust_core::{Error, ErrorKind, Result, Timestamp};
use parking_lot::RwLock;

use super::key::{JwkSet, SigningKey, VerifyingKey};

/// Keys that verify, found by their `kid`. Shared by signer and verifiers, so that a rotation reaches all of them.
#[derive(Debug)]
pub struct KeySet {
    entries: RwLock<Vec<Entry>>,
    /// Grows with every change, so that what was verified with a key that is gone can be told.
    generation: AtomicU64,
}

#[derive(Clone, Debug)]
struct Entry {
    key: Arc<VerifyingKey>,
    /// From when on it verifies nothing any more.
    until: Option<Timestamp>,
}

impl KeySet {
    /// The public keys of another issuer.
    ///
    /// # Errors
    /// `Configuration`: no usable key, an unusable one, or two with the same `kid`.
    pub fn from_jwks(set: &JwkSet) -> Result<Self> {
        let refused = |detail: String| Error::new(ErrorKind::Configuration).with_detail(detail);
        let mut entries: Vec<Entry> = Vec::new();
        for jwk in &set.keys {
            let key =
                VerifyingKey::from_jwk(jwk.clone()).map_err(|error| refused(format!("a key of the JWKS {error}")))?;
            check_new(&entries, &key)?;
            entries.push(Entry { key: Arc::new(key), until: None });
        }
        if entries.is_empty() {
            return Err(refused("the JWKS holds no public signature key of ES256, EdDSA, RS256 or PS256".to_owned()));
        }
        Ok(Self::of(entries))
    }

    fn of(entries: Vec<Entry>) -> Self {
        Self { entries: RwLock::new(entries), generation: AtomicU64::new(0) }
    }

    /// Replaces the keys by those of a set that was fetched again.
    ///
    /// # Errors
    /// As [`KeySet::from_jwks`]; the keys stay as they were.
    pub fn replace(&self, set: &JwkSet) -> Result<()> {
        let entries = Self::from_jwks(set)?.entries.into_inner();
        self.change(|current| {
            *current = entries;
            Ok(())
        })
    }

    /// The public keys that verify at `now`, the newest first, as they are published.
    pub fn jwks(&self, now: Timestamp) -> JwkSet {
        let entries = self.entries.read();
        let valid = entries.iter().rev().filter(|entry| entry.verifies_at(now));
        JwkSet { keys: valid.filter_map(|entry| entry.key.jwk().cloned()).collect() }
    }

    /// The key of this name, and until when it verifies.
    pub(crate) fn find(&self, kid: &str, now: Timestamp) -> Option<(Arc<VerifyingKey>, Option<Timestamp>)> {
        let entries = self.entries.read();
        let entry = entries.iter().find(|entry| entry.key.kid() == kid && entry.verifies_at(now))?;
        Some((Arc::clone(&entry.key), entry.until))
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Entry>) -> Result<()>) -> Result<()> {
        let mut entries = self.entries.write();
        change(&mut entries)?;
        self.generation.fetch_add(1, Ordering::Release);
        Ok(())
    }
}

impl Entry {
    fn verifies_at(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

fn check_new(entries: &[Entry], key: &VerifyingKey) -> Result<()> {
    if entries.iter().any(|other| other.key.kid() == key.kid()) {
        return Err(Error::new(ErrorKind::Configuration).with_detail("two keys have the same kid: give each key once"));
    }
    Ok(())
}

/// The key that signs now, and the previous ones, which verify until a date.
#[derive(Debug)]
pub struct KeyRing {
    current: RwLock<Arc<SigningKey>>,
    keys: Arc<KeySet>,
}

impl KeyRing {
    /// A ring with one key.
    pub fn new(current: SigningKey) -> Self {
        let entry = Entry { key: current.verifying_key(), until: None };
        Self { current: RwLock::new(Arc::new(current)), keys: Arc::new(KeySet::of(vec![entry])) }
    }

    /// Adds a key that signed before and verifies until a date. It is published until then.
    ///
    /// # Errors
    /// `Configuration`: the key is in the ring.
    pub fn with_previous(self, key: Arc<VerifyingKey>, until: Timestamp) -> Result<Self> {
        self.keys.change(|entries| {
            check_new(entries, &key)?;
            // Before the current one, which stays the newest.
            entries.insert(entries.len().saturating_sub(1), Entry { key, until: Some(until) });
            Ok(())
        })?;
        Ok(self)
    }

    /// Signs with `next` from now on. The key before it verifies until `previous_until`: at least as long as the tokens that
    /// it signed live. Keys whose time is over at `now` are dropped.
    ///
    /// # Errors
    /// `Configuration`: the key is in the ring. Nothing has changed then.
    pub fn rotate(&self, next: SigningKey, now: Timestamp, previous_until: Timestamp) -> Result<()> {
        let mut current = self.current.write();
        self.keys.change(|entries| {
            check_new(entries, &next.verifying_key())?;
            for entry in entries.iter_mut() {
                entry.until.get_or_insert(previous_until);
            }
            entries.retain(|entry| entry.verifies_at(now));
            entries.push(Entry { key: next.verifying_key(), until: None });
            Ok(())
        })?;
        *current = Arc::new(next);
        Ok(())
    }

    /// The key that signs now.
    pub fn current(&self) -> Arc<SigningKey> {
        Arc::clone(&self.current.read())
    }

    /// The keys that verify.
    pub fn keys(&self) -> Arc<KeySet> {
        Arc::clone(&self.keys)
    }
}
