//! What all requests of an application share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use archirust_core::clock::Clock;

use crate::auth::AnyAuthenticator;
use crate::config::{LimitSettings, TimeoutSettings};
use crate::forwarded::Proxies;
use crate::headers::SecureHeaders;
use crate::metrics::HttpMetrics;
use crate::rate_limit::RateLimit;
use crate::request_id::Ids;

pub(crate) struct Shared {
    pub(crate) ids: Ids,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authenticator: Option<AnyAuthenticator>,
    pub(crate) proxies: Proxies,
    pub(crate) headers: SecureHeaders,
    pub(crate) limits: LimitSettings,
    pub(crate) timeouts: TimeoutSettings,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) metrics: Arc<HttpMetrics>,
    pub(crate) problem_types: Box<str>,
    pub(crate) access_log: bool,
    pub(crate) request_span: bool,
    pub(crate) compression: bool,
    pub(crate) in_flight: AtomicUsize,
    pub(crate) lifecycle: Arc<Lifecycle>,
}

impl Shared {
    /// The same for the management listener: no limit of requests, since only the platform reaches it; no access log, since it
    /// asks every few seconds; figures of its own, which nobody reads.
    pub(crate) fn for_management(&self) -> Self {
        Self {
            ids: self.ids.clone(),
            clock: self.clock.clone(),
            authenticator: None,
            proxies: Proxies::default(),
            headers: self.headers.clone(),
            limits: self.limits.clone(),
            timeouts: self.timeouts.clone(),
            rate_limit: None,
            metrics: Arc::new(HttpMetrics::default()),
            problem_types: self.problem_types.clone(),
            access_log: false,
            request_span: false,
            compression: self.compression,
            in_flight: AtomicUsize::new(0),
            lifecycle: self.lifecycle.clone(),
        }
    }

    /// The same for the health of the public listener.
    pub(crate) fn without_rate_limit(&self) -> Self {
        Self {
            proxies: self.proxies.clone(),
            metrics: self.metrics.clone(),
            access_log: self.access_log,
            request_span: self.request_span,
            ..self.for_management()
        }
    }
}

/// Whether the service takes requests.
#[derive(Debug, Default)]
pub(crate) struct Lifecycle {
    state: AtomicU8,
    /// Whether anybody has ever asked `/readyz`.
    watched: AtomicU8,
}

const SERVING: u8 = 1;
const STOPPING: u8 = 2;

impl Lifecycle {
    pub(crate) fn serve(&self) {
        // A service that was told to stop while it started does not come back.
        let _ = self.state.compare_exchange(0, SERVING, Ordering::AcqRel, Ordering::Acquire);
    }

    pub(crate) fn stop(&self) {
        self.state.store(STOPPING, Ordering::Release);
    }

    pub(crate) fn is_serving(&self) -> bool {
        self.state.load(Ordering::Relaxed) == SERVING
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.state.load(Ordering::Relaxed) == STOPPING
    }

    pub(crate) fn watch(&self) {
        self.watched.store(1, Ordering::Relaxed);
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.watched.load(Ordering::Relaxed) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_stops_does_not_come_back() {
        let lifecycle = Lifecycle::default();
        assert!(!lifecycle.is_serving() && !lifecycle.is_stopping());
        lifecycle.serve();
        assert!(lifecycle.is_serving());
        lifecycle.stop();
        lifecycle.serve();
        assert!(lifecycle.is_stopping() && !lifecycle.is_serving());
    }
}
