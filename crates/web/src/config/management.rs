use std::net::SocketAddr;
use std::time::Duration;

use archirust_core::config::Settings;

/// The listener for operations: `/healthz`, `/readyz` and `/metrics`. It has no authentication: leave it on an address that
/// only the platform can reach.
#[derive(Clone, Debug, Settings)]
pub struct ManagementSettings {
    /// Whether there is one.
    #[setting(default = true)]
    pub enabled: bool,
    /// Where it listens.
    #[setting(default = "127.0.0.1:8081")]
    pub bind: SocketAddr,
    /// How long one dependency may take to say that it is well.
    #[setting(default = "2s", range = "10ms..=1m")]
    pub check_timeout: Duration,
}
