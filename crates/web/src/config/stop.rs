use std::time::Duration;

use archirust_core::config::Settings;

/// How the service stops.
#[derive(Clone, Debug, Settings)]
pub struct StopSettings {
    /// How long the service goes on after it was told to stop, with `/readyz` answering 503 and connections being let go,
    /// so that load balancers send no more requests. Skipped if nobody has ever asked `/readyz`.
    #[setting(default = "5s", range = "0s..=5m")]
    pub drain: Duration,
    /// How long the requests that are still running may take after that. What is left then is cut off.
    #[setting(default = "20s", range = "0s..=1h")]
    pub deadline: Duration,
}
