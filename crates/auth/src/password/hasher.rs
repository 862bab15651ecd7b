//! Hashing for services.

use std::fmt;
use std::sync::Arc;

use archirust_core::random::Random;
use archirust_core::{Clock, Result, Secret};

use super::engine::Engine;
use super::pool::Pool;
use super::{Load, PasswordSettings, Policy, Verdict, Violation};

/// Hashes and verifies passwords on threads of its own. Cloning it is cheap and shares the threads.
///
/// The threads are few (half of the cores by default): hashing is meant to be slow, and each hash that runs takes a core
/// from the requests that have nothing to do with it. What they can't take at once waits in a short queue; when that is
/// full, a call fails at once with `Overloaded` and the time to try again, so memory is bounded whatever comes in. A call
/// whose future is dropped, because its client went away, is skipped if its turn has not come yet.
///
/// ```
/// # async fn example() -> archirust_core::Result<()> {
/// use archirust_auth::password::{Hasher, PasswordSettings, Verdict};
/// use archirust_core::{Secret, clock::SystemClock, random::SystemRandom};
///
/// let hasher = Hasher::start(&PasswordSettings::default(), SystemRandom::shared(), SystemClock::shared())?;
/// let stored = hasher.hash(Secret::from("correct horse battery staple")).await?;
/// let verdict = hasher.verify(Some(stored.expose()), Secret::from("correct horse battery staple")).await?;
/// assert_eq!(verdict, Verdict::Valid);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Hasher {
    engine: Arc<Engine>,
    pool: Arc<Pool>,
    policy: Arc<Policy>,
}

impl Hasher {
    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// `Configuration` for settings that do not go together, `Internal` if the system gives no threads.
    pub fn start(settings: &PasswordSettings, random: Arc<dyn Random>, clock: Arc<dyn Clock>) -> Result<Self> {
        let engine = Arc::new(Engine::new(settings, random)?);
        let policy = Arc::new(Policy::new(&settings.policy)?);
        let capacity = usize::try_from(settings.queue).unwrap_or(usize::MAX);
        let pool = Arc::new(Pool::start(settings.thread_count(), capacity, clock)?);
        Ok(Self { engine, pool, policy })
    }

    /// Adds words that are no password here: the name of the service and of who runs it.
    #[must_use]
    pub fn with_words<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> Self {
        self.policy = Arc::new(Policy::clone(&self.policy).with_words(words));
        self
    }

    /// Which passwords are accepted.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Hashes a password for storage. Ask the policy first ([`Hasher::vet`]).
    ///
    /// # Errors
    ///
    /// `InvalidInput` for an empty or endless password; `Overloaded` with the time to try again when too many wait;
    /// `Unavailable` after [`Hasher::shutdown`].
    pub async fn hash(&self, password: Secret<String>) -> Result<Secret<String>> {
        let engine = Arc::clone(&self.engine);
        self.pool.run(move |memory| engine.hash(&password, memory)).await?
    }

    /// Whether it is the password that `stored` was made of. Give `None` for a user that does not exist: it takes as long,
    /// and is [`Verdict::Invalid`].
    ///
    /// # Errors
    ///
    /// `Overloaded` with the time to try again when too many wait; `Unavailable` after [`Hasher::shutdown`].
    pub async fn verify(&self, stored: Option<&str>, password: Secret<String>) -> Result<Verdict> {
        let engine = Arc::clone(&self.engine);
        let stored: Option<Secret<String>> = stored.map(Secret::from);
        self.pool
            .run(move |memory| engine.verify(stored.as_ref().map(|stored| stored.expose().as_str()), &password, memory))
            .await
    }

    /// Everything that speaks against taking `password` for a new one: the policy, with what is known `about` its user (name,
    /// e-mail address); and, if that finds nothing, the user's `previous` hashes, newest first, as far back as the policy
    /// looks.
    ///
    /// # Errors
    ///
    /// As [`Hasher::verify`].
    pub async fn vet(&self, password: &Secret<String>, about: &[&str], previous: &[&str]) -> Result<Vec<Violation>> {
        let (policy, candidate) = (Arc::clone(&self.policy), password.clone());
        let about: Vec<String> = about.iter().map(|&text| text.to_owned()).collect();
        let mut violations = self
            .pool
            .run(move |_| {
                let about: Vec<&str> = about.iter().map(String::as_str).collect();
                policy.check(&candidate, &about)
            })
            .await?;
        let history = if violations.is_empty() { self.policy.history() } else { 0 };
        for hash in previous.iter().take(history) {
            if self.verify(Some(hash), password.clone()).await?.is_valid() {
                violations.push(Violation::Reused);
                break;
            }
        }
        Ok(violations)
    }

    /// How busy the threads are.
    pub fn load(&self) -> Load {
        self.pool.load()
    }

    /// Takes no more passwords, and returns when all that wait are done and the threads have ended.
    pub async fn shutdown(&self) {
        self.pool.close();
        self.pool.ended().await;
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").field("engine", &self.engine).field("load", &self.load()).finish()
    }
}

#[cfg(test)]
#[path = "hasher_tests.rs"]
mod tests;
