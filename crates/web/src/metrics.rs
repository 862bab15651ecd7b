//! Metrics of the requests: how many, how long, how many at once.
//!
//! The labels are bounded: the matched route and never a path, a known method or `other`, the status. On the hot path
//! nothing is looked up: each route remembers its own counters from the first request on.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{Method, StatusCode};
use parking_lot::RwLock;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// What stands for a request that matches no route: its path could be anything.
pub(crate) const UNMATCHED: &str = "unmatched";

const METHODS: [&str; 10] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "other"];

/// In seconds: from a cache hit to the longest time-out that is still sound.
const BUCKETS: [f64; 12] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

/// The metrics of all requests of one listener.
pub(crate) struct HttpMetrics {
    requests: Family<RequestLabels, Counter>,
    duration: Family<RouteLabels, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
}

impl Default for HttpMetrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            duration: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            in_flight: Gauge::default(),
        }
    }
}

impl HttpMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("http_requests", "Requests that were answered", self.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time from the headers of a request to the headers of its answer",
            Unit::Seconds,
            self.duration.clone(),
        );
        registry.register("http_requests_in_flight", "Requests that are being worked on", self.in_flight.clone());
    }

    pub(crate) fn begin(&self) {
        self.in_flight.inc();
    }

    pub(crate) fn end(&self) {
        self.in_flight.dec();
    }
}

/// The counters of one route, resolved once.
#[derive(Default)]
pub(crate) struct RouteMetrics {
    route: OnceLock<Box<str>>,
    methods: [OnceLock<MethodMetrics>; METHODS.len()],
}

struct MethodMetrics {
    duration: Histogram,
    /// The few statuses that a route answers with; found by walking.
    requests: RwLock<Vec<(StatusCode, Counter)>>,
}

impl RouteMetrics {
    /// The route as it is written in the router: `/v1/users/{id}`. The first caller names it.
    pub(crate) fn route(&self, matched: Option<&str>) -> &str {
        self.route.get_or_init(|| matched.unwrap_or(UNMATCHED).into())
    }

    pub(crate) fn record(&self, all: &HttpMetrics, method: &Method, status: StatusCode, duration: Duration) {
        let place = place_of(method);
        let metrics = self.methods[place].get_or_init(|| {
            let labels = RouteLabels { method: METHODS[place], route: self.route(None).to_owned() };
            MethodMetrics { duration: all.duration.get_or_create(&labels).clone(), requests: RwLock::default() }
        });
        metrics.duration.observe(duration.as_secs_f64());
        if let Some((_, counter)) = metrics.requests.read().iter().find(|(known, _)| *known == status) {
            counter.inc();
            return;
        }
        let labels =
            RequestLabels { method: METHODS[place], route: self.route(None).to_owned(), status: status.as_u16() };
        // The family gives everyone the same counter, should two get here at once.
        let counter = all.requests.get_or_create(&labels).clone();
        counter.inc();
        let mut requests = metrics.requests.write();
        if !requests.iter().any(|(known, _)| *known == status) {
            requests.push((status, counter));
        }
    }
}

fn place_of(method: &Method) -> usize {
    METHODS.iter().position(|known| *known == method.as_str()).unwrap_or(METHODS.len() - 1)
}

/// A route's counters, shared by its clones.
pub(crate) type SharedRouteMetrics = Arc<RouteMetrics>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route_method_and_status() {
        let (all, mut registry) = (HttpMetrics::default(), Registry::default());
        all.register(&mut registry);
        let (users, nowhere) = (RouteMetrics::default(), RouteMetrics::default());
        assert_eq!(users.route(Some("/users/{id}")), "/users/{id}");
        assert_eq!(nowhere.route(None), UNMATCHED);
        all.begin();
        for status in [200, 200, 404] {
            let status = StatusCode::from_u16(status).unwrap();
            users.record(&all, &Method::GET, status, Duration::from_millis(3));
        }
        nowhere.record(&all, &Method::from_bytes(b"BREW").unwrap(), StatusCode::NOT_FOUND, Duration::ZERO);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        for line in [
            r#"http_requests_total{method="GET",route="/users/{id}",status="200"} 2"#,
            r#"http_requests_total{method="GET",route="/users/{id}",status="404"} 1"#,
            r#"http_requests_total{method="other",route="unmatched",status="404"} 1"#,
            r#"http_request_duration_seconds_bucket{le="0.0025",method="GET",route="/users/{id}"} 0"#,
            r#"http_request_duration_seconds_bucket{le="0.005",method="GET",route="/users/{id}"} 3"#,
            "http_requests_in_flight 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        all.end();
        assert_eq!(all.in_flight.get(), 0);
    }
}
