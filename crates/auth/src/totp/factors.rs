//! The second factor as a service uses it.

use std::fmt;
use std::sync::Arc;

use archirust_core::random::Random;
use archirust_core::{Clock, Error, ErrorKind, Result, Secret};

use super::code::{Digits, Totp};
use super::config::{TotpSettings, check};
use super::recovery::{self, RecoveryCodes};
use super::secret::TotpSecret;
use super::{Algorithm, seal};
use crate::named_key::NamedKeys;

/// Enrols, seals and verifies second factors, with the settings, a clock and a key.
#[derive(Clone)]
pub struct SecondFactors {
    algorithm: Algorithm,
    digits: Digits,
    window: u8,
    recovery_codes: u8,
    keys: NamedKeys,
    random: Arc<dyn Random>,
    clock: Arc<dyn Clock>,
}

/// An enrolment that was opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The enrolment.
    pub totp: Totp,
    /// Whether an old key sealed it: seal it again and store that.
    pub reseal: bool,
}

impl SecondFactors {
    /// Second factors with these settings.
    ///
    /// # Errors
    ///
    /// `Configuration` without a key, or for settings that do not go together.
    pub fn new(settings: &TotpSettings, random: Arc<dyn Random>, clock: Arc<dyn Clock>) -> Result<Self> {
        if let Some(conflict) = check(settings).first() {
            return Err(configuration(format!("totp.{} {}", conflict.name, conflict.reason)));
        }
        let key = settings.key.clone().ok_or_else(|| configuration("totp.key is not set: name:key".to_owned()))?;
        let digits =
            Digits::of(settings.digits).ok_or_else(|| configuration("totp.digits is neither 6 nor 8".to_owned()))?;
        Ok(Self {
            algorithm: settings.algorithm,
            digits,
            window: settings.window,
            recovery_codes: settings.recovery_codes,
            keys: NamedKeys::new(key, &settings.old_keys),
            random,
            clock,
        })
    }

    /// A new enrolment with a random secret. It counts from the first code that [`SecondFactors::verify`] accepts.
    pub fn enrol(&self) -> Totp {
        Totp::new(TotpSecret::random(&*self.random, self.algorithm), self.algorithm, self.digits)
    }

    /// The enrolment as text for the database, which only [`SecondFactors::open`] reads, and only for the same `user`.
    ///
    /// # Errors
    ///
    /// `Internal` if the library refuses.
    pub fn seal(&self, totp: &Totp, user: &str) -> Result<String> {
        seal::seal(totp, user, self.keys.current(), &*self.random)
    }

    /// Opens what [`SecondFactors::seal`] made for `user`.
    ///
    /// # Errors
    ///
    /// `Configuration` if its key is not in the settings; `Internal` if it was changed or is another user's.
    pub fn open(&self, sealed: &str, user: &str) -> Result<Opened> {
        let (totp, key) = seal::open(sealed, user, |name| self.keys.find(name))?;
        Ok(Opened { totp, reseal: key.name() != self.keys.current().name() })
    }

    /// Whether `code` is right now; see [`Totp::verify`]. Gives the step to store.
    #[must_use = "the step that is returned has to be stored, or the code could be used again"]
    pub fn verify(&self, totp: &Totp, code: &Secret<String>, last_step: Option<i64>) -> Option<i64> {
        totp.verify(code, self.clock.now(), self.window, last_step)
    }

    /// New recovery codes for `user`, as many as the settings say. They replace all that there were.
    ///
    /// # Errors
    ///
    /// `Internal` if the library refuses.
    pub fn recovery_codes(&self, user: &str) -> Result<RecoveryCodes> {
        recovery::generate(self.recovery_codes, user, self.keys.current(), &*self.random)
    }

    /// Which of the stored `hashes` the recovery code `code` of `user` belongs to. Delete that one with a condition, and let
    /// the login in only if it was still there.
    ///
    /// # Errors
    ///
    /// `Internal` if the library refuses.
    pub fn find_recovery_code(&self, user: &str, code: &Secret<String>, hashes: &[&str]) -> Result<Option<usize>> {
        recovery::find(code, user, hashes, &self.keys)
    }
}

impl fmt::Debug for SecondFactors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecondFactors").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

fn configuration(detail: String) -> Error {
    Error::new(ErrorKind::Configuration).with_detail(detail)
}

#[cfg(test)]
#[path = "factors_tests.rs"]
mod tests;
