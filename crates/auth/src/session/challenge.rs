//! The time between the two steps of a login: who knows the password, and has still to show the second factor.

use std::time::Duration;

use archirust_cache::{Retention, SharedCache};
use archirust_core::id::Uuid;
use archirust_core::random::Random;
use archirust_core::{Error, ErrorKind, Result, Secret};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use std::sync::Arc;

use super::SessionSettings;

/// What a first step hands out. It is no token: nothing but the second step takes it.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// The challenge, for the answer to its owner.
    pub text: Secret<String>,
    /// How long it can be answered.
    pub expires_in: Duration,
}

/// Challenges, kept in the cache: each is bound to one user, lives minutes, takes a few answers, and only one right one.
#[derive(Clone)]
pub struct Challenges {
    cache: SharedCache,
    random: Arc<dyn Random>,
    ttl: Duration,
    attempts: u32,
}

impl Challenges {
    /// Challenges in this cache.
    pub fn new(settings: &SessionSettings, cache: SharedCache, random: Arc<dyn Random>) -> Self {
        Self { cache, random, ttl: settings.challenge_ttl, attempts: settings.challenge_attempts }
    }

    /// Begins the second step for a user whose password was right.
    ///
    /// # Errors
    /// Those of the cache.
    pub async fn begin(&self, user: Uuid) -> Result<Challenge> {
        let text = Secret::new(BASE64URL_NOPAD.encode(&self.random.bytes::<32>()));
        self.cache.set(&key(&text), user.as_bytes(), self.ttl, Retention::Kept).await?;
        Ok(Challenge { text, expires_in: self.ttl })
    }

    /// Counts an answer, and tells whose challenge it is. Look at the answer only afterwards, and [`Challenges::close`] the
    /// challenge if it was right.
    ///
    /// # Errors
    /// `InvalidCredentials` for a challenge that is not there (any more), or that has had its answers.
    pub async fn answer(&self, challenge: &Secret<String>) -> Result<Uuid> {
        let key = key(challenge);
        let user = self.cache.get(&key).await?.and_then(|bytes| Uuid::from_slice(&bytes).ok()).ok_or_else(over)?;
        let answers = self.cache.increment(&format!("{key}:answers"), 1, self.ttl).await?;
        if answers > i64::from(self.attempts) {
            self.cache.delete(&key).await?;
            return Err(over());
        }
        Ok(user)
    }

    /// Ends a challenge; `true` for the one caller who did.
    ///
    /// # Errors
    /// Those of the cache.
    pub async fn close(&self, challenge: &Secret<String>) -> Result<bool> {
        self.cache.delete(&key(challenge)).await
    }
}

impl std::fmt::Debug for Challenges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Challenges").field("ttl", &self.ttl).field("attempts", &self.attempts).finish_non_exhaustive()
    }
}

/// The cache holds a hash: who reads it can't answer.
fn key(challenge: &Secret<String>) -> String {
    let hash = digest(&SHA256, challenge.expose().as_bytes());
    format!("challenge:{}", BASE64URL_NOPAD.encode(hash.as_ref()))
}

fn over() -> Error {
    Error::new(ErrorKind::InvalidCredentials).with_detail("there is no such challenge, or it is over")
}

#[cfg(test)]
mod tests {
    use archirust_cache::{CacheSettings, MemoryCache};
    use archirust_core::clock::{ManualClock, Timestamp};
    use archirust_core::id;
    use archirust_core::random::SystemRandom;

    use super::*;

    fn challenges() -> (Challenges, Arc<ManualClock>) {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let cache = MemoryCache::shared(&CacheSettings::default(), clock.clone());
        (Challenges::new(&SessionSettings::default(), cache, SystemRandom::shared()), clock)
    }

    #[tokio::test]
    async fn a_challenge_leads_to_its_user_until_it_is_over() {
        let (challenges, clock) = challenges();
        let user = id::new();
        let challenge = challenges.begin(user).await.unwrap();
        clock.advance(challenge.expires_in - Duration::from_millis(1));
        assert_eq!(challenges.answer(&challenge.text).await.unwrap(), user);
        clock.advance(Duration::from_millis(1));
        assert_eq!(challenges.answer(&challenge.text).await.unwrap_err().kind(), ErrorKind::InvalidCredentials);
    }

    #[tokio::test]
    async fn a_challenge_takes_five_answers_and_no_more() {
        let (challenges, _clock) = challenges();
        let challenge = challenges.begin(id::new()).await.unwrap();
        for _ in 0..5 {
            challenges.answer(&challenge.text).await.unwrap();
        }
        assert!(challenges.answer(&challenge.text).await.is_err());
        assert!(!challenges.close(&challenge.text).await.unwrap());
    }

    #[tokio::test]
    async fn a_challenge_that_was_answered_is_over() {
        let (challenges, _clock) = challenges();
        let challenge = challenges.begin(id::new()).await.unwrap();
        assert!(challenges.close(&challenge.text).await.unwrap());
        assert!(!challenges.close(&challenge.text).await.unwrap());
        assert!(challenges.answer(&challenge.text).await.is_err());
    }

    #[tokio::test]
    async fn a_made_up_challenge_leads_nowhere() {
        let (challenges, _clock) = challenges();
        for text in ["", "x", &"A".repeat(100_000)] {
            let error = challenges.answer(&Secret::from(text)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidCredentials);
        }
    }
}
