//! A hand-written service: axum, sqlx and jsonwebtoken, with what any production service has: an access log in JSON,
//! request ids, a limit on bodies, a time-out, compression, a barrier for panics and metrics.
//!
//! It answers `GET /healthz`, `GET /v1/users/me` and `GET /metrics`, and uses nothing of ArchiRust. It is here to be
//! compared with, so it is written to be fast where that costs a hand-writer nothing.

mod observe;
mod token;
mod users;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use sqlx::SqlitePool;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

pub use observe::Metrics;
pub use token::Verifier;
pub use users::{User, connect, create};

const MAX_BODY: usize = 1 << 20;
const TIMEOUT: Duration = Duration::from_secs(30);

/// What the handlers share.
pub struct Twin {
    /// Checks access tokens.
    pub verifier: Verifier,
    /// Where the users are.
    pub pool: SqlitePool,
    /// What was counted.
    pub metrics: Metrics,
}

/// The routes and their layers.
pub fn router(twin: Twin) -> Router {
    let twin = Arc::new(twin);
    Router::new()
        .route("/healthz", get(healthz))
        .route("/metrics", get(metrics))
        .route("/v1/users/me", get(me))
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, TIMEOUT))
        .layer(CatchPanicLayer::new())
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(Arc::clone(&twin), observe::observe))
        .with_state(twin)
}

async fn healthz() -> &'static str {
    "ok"
}

async fn metrics(State(twin): State<Arc<Twin>>) -> Response {
    match twin.metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
            .into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn me(State(twin): State<Arc<Twin>>, headers: HeaderMap) -> Result<Json<User>, StatusCode> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or(StatusCode::UNAUTHORIZED)?;
    let id = twin.verifier.verify(token).ok_or(StatusCode::UNAUTHORIZED)?;
    match users::by_id(&twin.pool, &id).await {
        Ok(Some(user)) => Ok(Json(user)),
        Ok(None) => Err(StatusCode::NOT_FOUND),
        Err(error) => {
            tracing::error!(%error, "the user could not be read");
            Err(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

#[cfg(test)]
mod tests;
