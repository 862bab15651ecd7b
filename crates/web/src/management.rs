//! The listener for operations: is it alive, is it ready, and figures.

use std::sync::Arc;
use std::time::Duration;

use archirust_telemetry::Metrics;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};

use crate::extract::Json;
use crate::health::{CheckResult, HealthCheck, Readiness, check_all};
use crate::problem::{ApiError, Deliberate};
use crate::shared::Lifecycle;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// `/healthz`: the process is alive and its runtime turns. Says nothing about what it depends on: a restart would not mend
/// that.
pub(crate) fn liveness() -> Router {
    Router::new().route("/healthz", get(alive))
}

pub(crate) async fn alive() -> Response {
    let mut response = Response::new(Body::from(Bytes::from_static(br#"{"status":"alive"}"#)));
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// `/readyz`: whether requests should be sent here.
pub(crate) fn readiness(checks: Vec<Arc<dyn HealthCheck>>, patience: Duration, lifecycle: Arc<Lifecycle>) -> Router {
    let checks: Arc<[_]> = checks.into();
    let ready = move || {
        let (checks, lifecycle) = (checks.clone(), lifecycle.clone());
        async move {
            lifecycle.watch();
            // While it starts or stops, nothing is asked.
            let checks = if lifecycle.is_serving() { check_all(&checks, patience).await } else { Vec::new() };
            answer(&lifecycle, checks)
        }
    };
    Router::new().route("/readyz", get(ready))
}

fn answer(lifecycle: &Lifecycle, checks: Vec<CheckResult>) -> Response {
    let (code, status) = match () {
        () if lifecycle.is_stopping() => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
        () if !lifecycle.is_serving() => (StatusCode::SERVICE_UNAVAILABLE, "starting"),
        () if checks.iter().all(CheckResult::is_up) => (StatusCode::OK, "ready"),
        () => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
    };
    (code, Extension(Deliberate), Json(Readiness { status, checks })).into_response()
}

/// `/metrics`.
pub(crate) fn metrics(metrics: Metrics) -> Router {
    let serve = move || {
        let text = metrics.encode().map_err(ApiError::from);
        std::future::ready(text.map(|text| {
            let mut response = Response::new(Body::from(text));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(Metrics::CONTENT_TYPE));
            response
        }))
    };
    Router::new().route("/metrics", get(serve))
}
