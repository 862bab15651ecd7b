//! Settings of the throttle.

use std::time::Duration;

use archirust_core::config::{Conflict, Settings};
use archirust_core::secret::StrongKey;

/// Limits on guessing passwords, one-time codes and resets.
#[derive(Clone, Debug, Settings)]
#[settings(validate = check)]
pub struct ThrottleSettings {
    /// Attempts at one account before the first delay.
    #[setting(default = 5, range = "1..=100")]
    pub account_attempts: u32,
    /// The first delay of an account; each further attempt doubles it.
    #[setting(default = "1s", range = "100ms..=1m")]
    pub account_delay: Duration,
    /// The longest delay of an account.
    #[setting(default = "15m", range = "1s..=1h")]
    pub account_max_delay: Duration,
    /// Failed attempts from one address, at whatever account, before the first delay.
    #[setting(default = 50, range = "1..=10000")]
    pub address_attempts: u32,
    /// The first delay of an address; each further attempt doubles it.
    #[setting(default = "1s", range = "100ms..=1m")]
    pub address_delay: Duration,
    /// The longest delay of an address. Many people may share one: keep it short.
    #[setting(default = "1m", range = "1s..=1h")]
    pub address_max_delay: Duration,
    /// How long after its first attempt the count of an account is forgotten.
    #[setting(default = "24h", range = "1h..=30d")]
    pub account_window: Duration,
    /// How long after its first attempt the count of an address is forgotten.
    #[setting(default = "1h", range = "1h..=30d")]
    pub address_window: Duration,
    /// How long an address from which an account has succeeded is known, so that guessing from elsewhere can't delay it.
    #[setting(default = "30d", range = "1h..=365d")]
    pub known_address: Duration,
    /// The key under which account names and addresses are hashed before they go into the cache. Unset, each process makes
    /// one of its own: set it when several share a cache, or each of them counts for itself.
    pub key: Option<StrongKey>,
}

pub(super) fn check(settings: &ThrottleSettings) -> Vec<Conflict> {
    let mut conflicts = Vec::new();
    if settings.account_delay > settings.account_max_delay {
        conflicts.push(Conflict::new("account_delay", "is more than account_max_delay"));
    }
    if settings.address_delay > settings.address_max_delay {
        conflicts.push(Conflict::new("address_delay", "is more than address_max_delay"));
    }
    conflicts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_delay_after_five_attempts_and_never_longer_than_a_quarter_of_an_hour() {
        let settings = ThrottleSettings::default();
        assert_eq!((settings.account_attempts, settings.account_delay), (5, Duration::from_secs(1)));
        assert_eq!(settings.account_max_delay, Duration::from_secs(900));
        assert!(check(&settings).is_empty());
    }

    #[test]
    fn the_first_delay_is_no_longer_than_the_longest() {
        let minute = Duration::from_secs(60);
        let longer = minute + Duration::from_nanos(1);
        let with = |account, address| ThrottleSettings {
            account_delay: account,
            account_max_delay: minute,
            address_delay: address,
            address_max_delay: minute,
            ..Default::default()
        };
        assert!(check(&with(minute, minute)).is_empty());
        assert_eq!(check(&with(longer, minute))[0].name, "account_delay");
        assert_eq!(check(&with(minute, longer))[0].name, "address_delay");
    }
}
