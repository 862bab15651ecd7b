use std::time::Duration;

use archirust_core::config::{ByteSize, Settings};

/// How long a client may take.
#[derive(Clone, Debug, Settings)]
pub struct TimeoutSettings {
    /// From the first byte of a request to the end of its headers.
    #[setting(default = "10s", range = "100ms..=5m")]
    pub header: Duration,
    /// From the last byte of a request to the headers of its answer. Then 503 is answered and the work is dropped.
    #[setting(default = "30s", range = "10ms..=1h")]
    pub request: Duration,
    /// How long the body of a request may stall, before it has to keep up with `min_body_rate`. A body that is too slow is
    /// answered with 408.
    #[setting(default = "20s", range = "10ms..=10m")]
    pub body: Duration,
    /// Bytes a second that the body of a request must arrive with, on the whole.
    #[setting(default = "500", range = "1..=1 GiB")]
    pub min_body_rate: ByteSize,
    /// How long a client may leave an answer unread before the connection is closed.
    #[setting(default = "30s", range = "10ms..=1h")]
    pub write: Duration,
    /// How long a connection may stay open without a request.
    #[setting(default = "75s", range = "100ms..=1h")]
    pub idle: Duration,
    /// How long the TLS handshake may take.
    #[setting(default = "10s", range = "100ms..=1m")]
    pub handshake: Duration,
}
