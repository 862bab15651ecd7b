use std::time::Duration;

use archirust_core::config::Settings;

/// How many requests one client may make: an IPv4 address, or the /64 network of an IPv6 address.
#[derive(Clone, Debug, Settings)]
pub struct RateLimitSettings {
    /// Whether requests are limited.
    #[setting(default = true)]
    pub enabled: bool,
    /// Requests that a client may make in `period`, on the long run.
    #[setting(default = 100, range = "1..=1000000")]
    pub requests: u32,
    /// The time that `requests` counts for.
    #[setting(default = "1s", range = "1s..=1h")]
    pub period: Duration,
    /// Requests that may come at once after silence.
    #[setting(default = 200, range = "1..=1000000")]
    pub burst: u32,
}
