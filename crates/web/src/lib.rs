//! The HTTP face of a service: axum, hardened.

mod app;
pub mod auth;
mod body;
pub mod config;
mod context;
mod cross_site;
mod docs;
mod edge;
pub mod extract;
mod forwarded;
mod headers;
pub mod health;
mod management;
mod metrics;
mod openapi;
mod problem;
mod rate_limit;
mod request_id;
mod server;
mod shared;
mod tls;
mod trace;

pub use app::{BuiltApp, WebApp};
pub use body::BodyLimit;
pub use context::RequestContext;
pub use forwarded::ForwardedHeader;
pub use problem::{ApiError, ApiResult, PROBLEM_JSON, Problem, ProblemField};
pub use request_id::RequestId;
pub use server::{Server, StopHandle, StopSignal, Stopped};
pub use trace::TraceContext;
