//! How many requests one client may make, counted in the cache, so that all machines count together.

use std::fmt::Write;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use archirust_cache::{Decision, Quota, SharedCache};
use archirust_core::{Error, ErrorKind, Result};
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;

use crate::config::RateLimitSettings;
use crate::forwarded::limit_group;
use crate::problem::seconds_up;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// A cache that is down is reported this often.
const REPORT_EVERY: Duration = Duration::from_secs(10);

pub(crate) struct RateLimit {
    cache: SharedCache,
    quota: Quota,
    policy: HeaderValue,
    started: Instant,
    next_report: AtomicU64,
}

impl RateLimit {
    /// # Errors
    /// `Configuration` for a quota that can't be kept.
    pub(crate) fn new(settings: &RateLimitSettings, cache: SharedCache) -> Result<Self> {
        let quota = Quota::new(settings.requests, settings.period).and_then(|quota| quota.with_burst(settings.burst));
        let quota = quota.map_err(|error| {
            Error::new(ErrorKind::Configuration)
                .with_message("web.rate_limit allows a rate that can't be kept")
                .with_detail(error.report().to_string())
        })?;
        let policy = format!("\"client\";q={};w={}", quota.burst(), seconds_up(quota.window()).max(1));
        let policy =
            HeaderValue::from_str(&policy).map_err(|error| Error::internal("policy header").with_source(error))?;
        Ok(Self { cache, quota, policy, started: Instant::now(), next_report: AtomicU64::new(0) })
    }

    /// Charges one request to a client. Without an answer of the cache the request goes on: this limit keeps neighbours from
    /// being crowded out, and must not itself take the service down. What guards accounts counts elsewhere, and refuses.
    pub(crate) fn check(&self, client: IpAddr) -> BoxFuture<'static, Result<Decision>> {
        let mut key = String::with_capacity(48);
        // Writing to a string does not fail.
        let _ = write!(key, "web:rate:{}", limit_group(client));
        let (cache, quota) = (self.cache.clone(), self.quota);
        Box::pin(async move { cache.rate_limit(&key, &quota, 1).await })
    }

    pub(crate) fn refused(&self, decision: &Decision) -> Error {
        Error::new(ErrorKind::RateLimited).with_retry_after(decision.retry_after)
    }

    /// Reports a cache that did not answer, and not for each request again.
    pub(crate) fn report(&self, error: &Error) {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let due = self.next_report.load(Ordering::Relaxed);
        let next = now.saturating_add(u64::try_from(REPORT_EVERY.as_millis()).unwrap_or(u64::MAX));
        if now >= due && self.next_report.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            tracing::warn!(
                target: "archirust::web",
                error = %error.report(),
                "the rate limit is not counted: the cache does not answer"
            );
        }
    }

    /// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).
    pub(crate) fn add_to(&self, headers: &mut HeaderMap, decision: &Decision) {
        let mut text = String::with_capacity(32);
        let _ = write!(text, "\"client\";r={};t={}", decision.remaining, seconds_up(decision.reset_after));
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(RATE_LIMIT, value);
        }
        headers.insert(RATE_LIMIT_POLICY, self.policy.clone());
    }
}
