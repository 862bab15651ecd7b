//! Request ids, the access log and metrics: one layer, one log event per request.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use uuid::Uuid;

use super::Twin;

const REQUEST_ID: &str = "x-request-id";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: String,
    route: String,
    status: u16,
}

/// Counts and times of requests, by method, route and status.
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    seconds: Family<Labels, Histogram>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let requests = Family::<Labels, Counter>::default();
        let seconds = Family::<Labels, Histogram>::new_with_constructor(|| {
            Histogram::new([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
        });
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_duration_seconds", "Time to the answer's head", seconds.clone());
        Self { registry, requests, seconds }
    }
}

impl Metrics {
    pub(super) fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

pub(super) async fn observe(State(twin): State<Arc<Twin>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = match request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok()) {
        Some(id) if id.len() <= 64 => id.to_owned(),
        _ => Uuid::new_v4().to_string(),
    };
    let header = HeaderValue::from_str(&id).ok();
    if let Some(header) = header.clone() {
        request.headers_mut().insert(REQUEST_ID, header);
    }
    let method = request.method().clone();
    let uri = request.uri().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();

    let mut response = next.run(request).await;

    if let Some(header) = header {
        response.headers_mut().insert(REQUEST_ID, header);
    }
    let took = started.elapsed();
    let status = response.status().as_u16();
    tracing::info!(
        request_id = id,
        method = method.as_str(),
        path = uri.path(),
        route,
        status,
        duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    let labels = Labels { method: method.as_str().to_owned(), route, status };
    twin.metrics.requests.get_or_create(&labels).inc();
    twin.metrics.seconds.get_or_create(&labels).observe(took.as_secs_f64());
    response
}
