//! The listener for operations: is it alive, is it ready, and figures.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};

use crate::extract::Json;
use crate::health::{CheckResult, HealthCheck, Readiness, check_all};
use crate::problem::Deliberate;
use crate::shared::Lifecycle;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Writes all metrics in the text format of OpenMetrics.
pub(crate) type WriteMetrics = Arc<dyn Fn() -> String + Send + Sync>;

/// `/healthz`: the process is alive and its runtime turns. Says nothing about what it depends on: a restart would not mend
/// that.
pub(crate) fn liveness() -> Router {
    Router::new().route("/healthz", get(alive))
}

async fn alive() -> Response {
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
pub(crate) fn metrics(write: WriteMetrics) -> Router {
    const OPEN_METRICS: HeaderValue =
        HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    let serve = move || {
        let mut response = Response::new(Body::from(write()));
        response.headers_mut().insert(CONTENT_TYPE, OPEN_METRICS);
        std::future::ready(response)
    };
    Router::new().route("/metrics", get(serve))
}
