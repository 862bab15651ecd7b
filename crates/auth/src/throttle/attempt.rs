//! Attempts: allowed, or refused with the time to try again.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use archirust_cache::{Retention, SharedCache};
use archirust_core::random::Random;
use archirust_core::{Error, ErrorKind, Result};
use zeroize::Zeroizing;

use super::config::{ThrottleSettings, check};
use super::counter::{Claim, Delays, claim};
use super::keys::Keys;

/// What is attempted. Each is counted for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A password.
    Login,
    /// A one-time code or a recovery code.
    SecondFactor,
    /// To be sent the means to set a new password. There is no success: every attempt counts.
    PasswordReset,
}

impl Action {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::SecondFactor => "second-factor",
            Self::PasswordReset => "password-reset",
        }
    }

    /// The action whose success makes an address known for this one. A reset gives nothing to guess, so for it a login does.
    fn vouched_by(self) -> Self {
        match self {
            Self::Login | Self::PasswordReset => Self::Login,
            Self::SecondFactor => Self::SecondFactor,
        }
    }
}

/// Limits attempts by account and by client address. Cloning it is cheap and shares the counts.
#[derive(Clone)]
pub struct Throttle {
    shared: Arc<Shared>,
}

struct Shared {
    cache: SharedCache,
    random: Arc<dyn Random>,
    keys: Keys,
    account: Delays,
    address: Delays,
    settings: ThrottleSettings,
}

impl Throttle {
    /// A throttle that counts in `cache`.
    ///
    /// # Errors
    ///
    /// `Configuration` for settings that do not go together; those that were loaded do.
    pub fn new(settings: &ThrottleSettings, cache: SharedCache, random: Arc<dyn Random>) -> Result<Self> {
        if let Some(conflict) = check(settings).first() {
            return Err(Error::new(ErrorKind::Configuration)
                .with_detail(format!("throttle.{} {}", conflict.name, conflict.reason)));
        }
        let keys = match &settings.key {
            Some(key) => Keys::new(key.expose()),
            None => Keys::new(&*Zeroizing::new(random.bytes::<32>())),
        };
        let account = Delays {
            free: settings.account_attempts,
            first: settings.account_delay,
            longest: settings.account_max_delay,
            window: settings.account_window,
        };
        let address = Delays {
            free: settings.address_attempts,
            first: settings.address_delay,
            longest: settings.address_max_delay,
            window: settings.address_window,
        };
        Ok(Self { shared: Arc::new(Shared { cache, random, keys, account, address, settings: settings.clone() }) })
    }

    /// Counts an attempt by `address` at `account` (what was typed: it need not exist). Call it before anything is verified,
    /// and [`Attempt::succeeded`] if it was right; an attempt that is dropped has failed.
    ///
    /// # Errors
    ///
    /// `RateLimited` with the time to try again; nothing was counted then. The errors of the cache.
    pub async fn attempt(&self, action: Action, account: &str, address: IpAddr) -> Result<Attempt> {
        let Shared { cache, random, keys, .. } = &*self.shared;
        let known = keys.known(action.vouched_by(), account, address);
        let attempt = |account: Claim, address: Option<Claim>| Attempt {
            shared: Arc::clone(&self.shared),
            action,
            account,
            address,
            known: known.clone(),
        };
        if cache.get(&known).await?.is_some() {
            let pair = keys.pair(action, account, address);
            let claimed = claim(cache, &pair, &self.shared.account, &**random).await;
            return claimed.map(|pair| attempt(pair, None)).map_err(|error| refused(error, action, "pair"));
        }
        let by_address = claim(cache, &keys.address(action, address), &self.shared.address, &**random)
            .await
            .map_err(|error| refused(error, action, "address"))?;
        match claim(cache, &keys.account(action, account), &self.shared.account, &**random).await {
            Ok(by_account) => Ok(attempt(by_account, Some(by_address))),
            Err(error) => {
                // Nothing was attempted, so the address is not to pay for it.
                by_address.give_back(cache, &self.shared.address).await?;
                Err(refused(error, action, "account"))
            }
        }
    }
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle")
            .field("account", &self.shared.account)
            .field("address", &self.shared.address)
            .finish_non_exhaustive()
    }
}

/// An attempt that is allowed and counted.
#[must_use = "an attempt that is right has to be reported as `succeeded`, or it counts as a failure"]
pub struct Attempt {
    shared: Arc<Shared>,
    action: Action,
    account: Claim,
    /// `None` where the account is known from the address.
    address: Option<Claim>,
    known: String,
}

impl Attempt {
    /// It was right: the account's attempts are forgotten, this one is taken back from the address, and the account is known
    /// from here on.
    ///
    /// # Errors
    ///
    /// Those of the cache.
    pub async fn succeeded(self) -> Result<()> {
        let Shared { cache, address, settings, .. } = &*self.shared;
        self.account.forget_all(cache).await?;
        if let Some(claim) = &self.address {
            claim.give_back(cache, address).await?;
        }
        if self.action == self.action.vouched_by() {
            // A convenience that may be forgotten: it must not take the room of what may not.
            cache.set(&self.known, b"1", settings.known_address, Retention::Evictable).await?;
        }
        Ok(())
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt").field("action", &self.action).finish_non_exhaustive()
    }
}

/// A refusal, in the log: which action and by what, never whose.
fn refused(error: Error, action: Action, by: &'static str) -> Error {
    if error.kind() == ErrorKind::RateLimited {
        tracing::info!(action = action.name(), by, "an attempt was refused for now");
    }
    error
}

#[cfg(test)]
#[path = "attempt_tests.rs"]
mod tests;
