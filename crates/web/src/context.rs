//! What is known of a request, for as long as it lives.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use archirust_core::ErrorKind;
use tokio::time::Instant;

use crate::request_id::RequestId;
use crate::shared::Shared;
use crate::trace::TraceContext;

/// The connection that a request came by, put beside it by the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    /// The other end: the client, or a proxy.
    pub(crate) address: SocketAddr,
    /// Whether the connection is encrypted.
    pub(crate) tls: bool,
}

/// What is known of a request: who asks, under which ids. Cheap to clone; found in the extensions of the request.
#[derive(Clone)]
pub struct RequestContext(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) shared: Arc<Shared>,
    pub(crate) id: RequestId,
    pub(crate) trace: TraceContext,
    pub(crate) client: Option<IpAddr>,
    pub(crate) https: bool,
    pub(crate) started: Instant,
    pub(crate) user: OnceLock<Box<str>>,
    pub(crate) body: BodyState,
}

impl RequestContext {
    /// The id of the request.
    pub fn id(&self) -> &RequestId {
        &self.0.id
    }

    /// The trace that it belongs to.
    pub fn trace(&self) -> &TraceContext {
        &self.0.trace
    }

    /// The address of the client, behind trusted proxies; `None` outside of a server, in tests.
    pub fn client(&self) -> Option<IpAddr> {
        self.0.client
    }

    /// Whether the client spoke HTTPS, with this service or with a trusted proxy.
    pub fn is_https(&self) -> bool {
        self.0.https
    }

    /// Names the user in the access log: an opaque id, never an e-mail address. The first name stays.
    pub fn set_user(&self, id: &str) {
        self.0.user.get_or_init(|| id.into());
    }

    /// When an answer has to be there: the time of a body that is still arriving doesn't count.
    pub(crate) fn due(&self, timeout: Duration) -> Instant {
        self.0.started + self.0.body.last_progress() + timeout
    }
}

impl std::fmt::Debug for RequestContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("RequestContext").field(&self.0.id).finish()
    }
}

/// How the body of a request fares, told by the body to the edge; and what it may have, told by the route to the body.
#[derive(Debug)]
pub(crate) struct BodyState {
    max_sent: AtomicU64,
    max_unpacked: AtomicU64,
    /// Nanoseconds from the start of the request to the last bytes.
    progress: AtomicU64,
    failure: AtomicU8,
}

impl BodyState {
    pub(crate) fn new(max_sent: u64, max_unpacked: u64) -> Self {
        Self {
            max_sent: AtomicU64::new(max_sent),
            max_unpacked: AtomicU64::new(max_unpacked),
            progress: AtomicU64::new(0),
            failure: AtomicU8::new(0),
        }
    }

    pub(crate) fn max_sent(&self) -> u64 {
        self.max_sent.load(Ordering::Relaxed)
    }

    pub(crate) fn max_unpacked(&self) -> u64 {
        self.max_unpacked.load(Ordering::Relaxed)
    }

    /// Another limit than that of the settings, for both.
    pub(crate) fn set_max(&self, bytes: u64) {
        self.max_sent.store(bytes, Ordering::Relaxed);
        self.max_unpacked.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn progressed(&self, since_start: Duration) {
        self.progress.store(u64::try_from(since_start.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn last_progress(&self) -> Duration {
        Duration::from_nanos(self.progress.load(Ordering::Relaxed))
    }

    pub(crate) fn fail(&self, failure: BodyFailure) {
        self.failure.store(failure as u8, Ordering::Relaxed);
    }

    /// Why the body could not be read to its end, if the client is to blame.
    pub(crate) fn failure(&self) -> Option<ErrorKind> {
        let failed = self.failure.load(Ordering::Relaxed);
        [BodyFailure::TooLarge, BodyFailure::TooSlow, BodyFailure::Malformed]
            .into_iter()
            .find(|failure| *failure as u8 == failed)
            .map(BodyFailure::kind)
    }
}

/// Why the body of a request was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum BodyFailure {
    /// More bytes than allowed, as sent or unpacked.
    TooLarge = 1,
    /// Fewer bytes a second than asked for.
    TooSlow = 2,
    /// It ended early, or could not be unpacked.
    Malformed = 3,
}

impl BodyFailure {
    pub(crate) fn kind(self) -> ErrorKind {
        match self {
            Self::TooLarge => ErrorKind::PayloadTooLarge,
            Self::TooSlow => ErrorKind::RequestTimeout,
            Self::Malformed => ErrorKind::MalformedRequest,
        }
    }
}

impl std::fmt::Display for BodyFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the body is larger than allowed",
            Self::TooSlow => "the body arrives too slowly",
            Self::Malformed => "the body ended early or could not be unpacked",
        })
    }
}

impl std::error::Error for BodyFailure {}
