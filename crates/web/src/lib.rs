//! The HTTP face of a service: axum, hardened.
//!
//! Routes and settings go into [`WebApp`]; what every service needs is put around them, and what comes out is served until
//! it is told to stop:
//!
//! ```no_run
//! use archirust_web::extract::{Json, Principal, Valid};
//! use archirust_web::{ApiResult, StopSignal, WebApp, config::WebSettings};
//! use utoipa_axum::{router::OpenApiRouter, routes};
//!
//! #[derive(serde::Deserialize, garde::Validate, utoipa::ToSchema)]
//! struct Rename {
//!     #[garde(length(chars, min = 1, max = 100))]
//!     display_name: String,
//! }
//!
//! /// Changes one's own name.
//! #[utoipa::path(put, path = "/v1/users/me/name", request_body = Rename, responses((status = 204)))]
//! async fn rename(caller: Principal, Valid(Json(body)): Valid<Json<Rename>>) -> ApiResult<http::StatusCode> {
//!     tracing::info!(user = caller.subject(), length = body.display_name.len(), "renamed");
//!     Ok(http::StatusCode::NO_CONTENT)
//! }
//!
//! # async fn run(settings: WebSettings, cache: archirust_cache::SharedCache) -> archirust_core::Result<()> {
//! let app = WebApp::new(settings).cache(cache).routes(OpenApiRouter::new().routes(routes!(rename))).build()?;
//! app.bind().await?.run(StopSignal::system()?).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # What a request passes, in this order
//!
//! 1. The connection: places are limited, a TLS handshake, headers and answers that stall are cut.
//! 2. The edge: request id, trace and client are found; from here on the request ends in one line of the access log, one
//!    count in the metrics and an answer with secure headers, whatever happens. Too many at once (503), too long a path
//!    (414), too many from one client (429) end here. The body comes under guard.
//! 3. CORS, if it is open for anyone; then the CSRF layer.
//! 4. The route, under a time-out and behind a barrier for panics.
//!
//! On the way out errors become problems (RFC 9457), text is compressed, headers are added.
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | settings of the sections `web` and `management` |
//! | [`extract`] | what handlers ask for: bodies, parameters, callers |
//! | [`auth`] | who is calling: the port behind [`extract::Principal`], roles |
//! | [`health`] | what `/readyz` asks |
//! | [`facts`], [`mod@probe`], [`rules`] | ARCHI-CFG-014 and ARCHI-LOG-008 |
//!
//! `/healthz`, `/readyz` and `/metrics` are on a listener of their own, for the platform only.
//!
//! # Compression and secrets
//!
//! The length of a compressed answer tells whether a text of the client occurs in it a second time (BREACH). An answer that
//! holds a secret beside text that another site can choose must say `cache-control: no-store, no-transform`: it is left as it
//! is.

mod app;
pub mod auth;
mod body;
pub mod config;
mod context;
mod cross_site;
mod docs;
mod edge;
pub mod extract;
pub mod facts;
mod forwarded;
mod headers;
pub mod health;
mod management;
mod metrics;
mod openapi;
pub mod probe;
mod problem;
mod rate_limit;
mod request_id;
pub mod rules;
mod server;
mod shared;
mod tls;
mod trace;

pub use app::{BuiltApp, WebApp};
pub use body::BodyLimit;
pub use context::RequestContext;
pub use facts::WebFacts;
pub use forwarded::ForwardedHeader;
pub use problem::{ApiError, ApiResult, PROBLEM_JSON, Problem, ProblemField};
pub use request_id::RequestId;
pub use rules::RULES;
pub use server::{Server, StopHandle, StopSignal, Stopped};
pub use trace::TraceContext;
