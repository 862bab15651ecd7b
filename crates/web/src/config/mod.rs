//! Settings of the web server.

mod cors;
mod limits;
mod management;
mod origin;
mod rate_limit;
mod stop;
mod timeouts;
mod tls;

use std::net::SocketAddr;

use archirust_core::config::Settings;
use ipnet::IpNet;

pub use cors::{CorsPolicy, CorsSettings};
pub use limits::LimitSettings;
pub use management::ManagementSettings;
pub use origin::{InvalidOrigin, Origin};
pub use rate_limit::RateLimitSettings;
pub use stop::StopSettings;
pub use timeouts::TimeoutSettings;
pub use tls::TlsSettings;

use crate::forwarded::ForwardedHeader;

/// The public HTTP server.
#[derive(Clone, Debug, Settings)]
pub struct WebSettings {
    /// Where the server listens.
    #[setting(default = "127.0.0.1:8080")]
    pub bind: SocketAddr,
    /// Whether TLS ends at a proxy in front of this service, so that browsers only ever see it by HTTPS. Turns
    /// `strict-transport-security` on.
    #[setting(default = false)]
    pub behind_https: bool,
    /// Networks of the proxies in front of this service. Only they are believed when they name the client, the scheme or the
    /// id of a request.
    #[setting(default = "[]")]
    pub trusted_proxies: Vec<IpNet>,
    /// The one header in which the trusted proxies name the client. Make sure that they overwrite or append to it.
    #[setting(default = "x-forwarded-for")]
    pub forwarded_header: ForwardedHeader,
    /// Whether `/openapi.json` and the page `/docs` are served. Off unless asked for: what an API can do is not told to
    /// strangers by accident (ASVS 13.4.5).
    #[setting(default = false)]
    pub docs: bool,
    /// Whether `/healthz` answers on this listener too, for load balancers that can't reach the management listener. It says
    /// only that the process is alive, and is not limited in rate.
    #[setting(default = false)]
    pub public_health: bool,
    /// Whether one line is logged for every request.
    #[setting(default = true)]
    pub access_log: bool,
    /// Whether what a handler logs carries the ids of its request (a span around it, at the level `info`). Costs about a
    /// microsecond per request.
    #[setting(default = true)]
    pub request_span: bool,
    /// Whether answers are compressed (gzip) for clients that ask for it. Answers with `cache-control: no-transform` are
    /// left alone: mark those that hold a secret beside text of the client, or its length tells about the secret (BREACH).
    #[setting(default = true)]
    pub compression: bool,
    /// The `content-security-policy` of answers that don't bring their own. The default fits an API, which shows nothing.
    #[setting(default = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")]
    pub content_security_policy: String,
    /// What the `type` of a problem (RFC 9457) starts with; its code follows.
    #[setting(default = "urn:archirust:problem:")]
    pub problem_types: String,
    /// Limits of what a client may send and take up.
    #[setting(nested)]
    pub limits: LimitSettings,
    /// How long a client may take.
    #[setting(nested)]
    pub timeouts: TimeoutSettings,
    /// TLS of this listener.
    #[setting(nested)]
    pub tls: TlsSettings,
    /// Which other sites' pages may call the service from a browser.
    #[setting(nested)]
    pub cors: CorsSettings,
    /// How many requests one client may make.
    #[setting(nested)]
    pub rate_limit: RateLimitSettings,
    /// How the service stops.
    #[setting(nested)]
    pub stop: StopSettings,
}
