use archirust_core::config::{ByteSize, Settings};

/// Limits of what a client may send and take up.
#[derive(Clone, Debug, Settings)]
pub struct LimitSettings {
    /// Bytes that the body of a request may have, as it is sent. Larger ones are answered with 413.
    #[setting(default = "1 MiB", range = "1 KiB..=1 GiB")]
    pub max_body: ByteSize,
    /// Bytes that the body of a request may have once it is unpacked, if it comes compressed (`content-encoding: gzip`).
    #[setting(default = "4 MiB", range = "1 KiB..=4 GiB")]
    pub max_unpacked_body: ByteSize,
    /// Bytes that the path and query of a request may have. Longer ones are answered with 414.
    #[setting(default = "8 KiB", range = "256..=60 KiB")]
    pub max_uri: ByteSize,
    /// Bytes that the headers of a request may have, the request line included. Larger ones are answered with 431.
    #[setting(default = "32 KiB", range = "8 KiB..=1 MiB")]
    pub max_header_bytes: ByteSize,
    /// How many headers a request may have. More are answered with 431.
    #[setting(default = 100, range = "16..=1000")]
    pub max_headers: usize,
    /// Connections that are open at once. Further ones wait in the backlog of the system.
    #[setting(default = 10_000, range = "1..=1000000")]
    pub max_connections: usize,
    /// Requests that are worked on at once. Further ones are answered at once with 503 and `retry-after`.
    #[setting(default = 1024, range = "1..=1000000")]
    pub max_requests: usize,
    /// Requests that one HTTP/2 connection may have open at once.
    #[setting(default = 128, range = "1..=10000")]
    pub max_streams: u32,
}
