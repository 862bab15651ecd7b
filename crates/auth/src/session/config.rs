//! Settings of sessions.

use std::time::Duration;

use archirust_core::config::{Conflict, Settings};

/// How long sessions last.
#[derive(Clone, Debug, Settings)]
#[settings(validate = check)]
pub struct SessionSettings {
    /// How long a session lives without being refreshed.
    #[setting(default = "24h", range = "1m..=90d")]
    pub idle_timeout: Duration,
    /// How long a session lives at most; then the user logs in again.
    #[setting(default = "30d", range = "1m..=365d")]
    pub max_lifetime: Duration,
    /// How many sessions a user may have. One more ends the one that was not used for the longest time.
    #[setting(default = 20, range = "1..=1000")]
    pub max_per_user: u32,
    /// How long the second step of a login may take.
    #[setting(default = "5m", range = "10s..=15m")]
    pub challenge_ttl: Duration,
    /// How many codes may be tried at one second step.
    #[setting(default = 5, range = "1..=10")]
    pub challenge_attempts: u32,
}

fn check(settings: &SessionSettings) -> Option<Conflict> {
    (settings.idle_timeout > settings.max_lifetime)
        .then(|| Conflict::new("idle_timeout", "is longer than max_lifetime"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_may_not_last_longer_than_the_session() {
        let hour = Duration::from_secs(3600);
        let settings = |idle_timeout| SessionSettings { idle_timeout, max_lifetime: hour, ..Default::default() };
        assert!(check(&settings(hour)).is_none());
        assert_eq!(check(&settings(hour * 2)).unwrap().name, "idle_timeout");
        assert!(check(&SessionSettings::default()).is_none());
    }
}
