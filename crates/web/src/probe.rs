//! How the facts are learnt: requests are sent through the routes as they will be served, without a socket.

use std::panic::{AssertUnwindSafe, resume_unwind};

use archirust_core::hardening::{Observed, Source};
use archirust_core::{Error, ErrorKind};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use futures_util::FutureExt;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use tower::ServiceExt;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

use crate::edge::X_REQUEST_ID;
use crate::facts::WebFacts;
use crate::problem::ApiError;

/// Where repositories, environments, consoles and figures lie when someone forgot them there.
const FORGOTTEN: [&str; 10] = [
    "/.git/HEAD",
    "/.git/config",
    "/.env",
    "/.env.production",
    "/debug",
    "/debug/pprof/",
    "/metrics",
    "/actuator",
    "/actuator/env",
    "/server-status",
];

/// Nothing can be there.
const NOWHERE: &str = "/archi-nothing-is-here-5c1d";

/// A method that no route has: a path that exists answers 405 to it, and no handler runs.
const NO_METHOD: &[u8] = b"ARCHI-PROBE";

const CANARY: &str = "archi-canary-9Qz";

/// The names of [`fault_routes`], and what each puts into its failure.
const FAULTS: [(&str, &str); 3] = [
    ("/error", "the detail and the source of an error"),
    ("/panic", "the message of a panic"),
    ("/text", "the text of a bare failure"),
];

/// Learns the facts. `routes` are the public routes with everything around them, `faults` are [`fault_routes`] with the same
/// around them, and `known` is a path that exists, for a control.
pub async fn probe_routes(routes: &Router, faults: &Router, known: Option<&str>) -> WebFacts {
    // What fails here is no failure of the service, and is not logged as one.
    let facts = async { WebFacts { exposed: exposed(routes, known).await, told: told(faults).await } };
    facts.with_subscriber(NoSubscriber::default()).await
}

/// Routes that fail in every way, with a canary in each failure.
pub fn fault_routes() -> Router {
    Router::new()
        .route("/error", get(|| async { ApiError::from(failure()) }))
        // Without the hook: it would report a defect that is none.
        .route("/panic", get(|| async { resume_unwind(Box::new(secret_of("panicked"))) as StatusCode }))
        .route("/text", get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, secret_of("failed")) }))
}

fn failure() -> Error {
    let source = std::io::Error::other(secret_of("open"));
    Error::new(ErrorKind::Database).with_detail(secret_of("select")).with_source(source)
}

/// What failures like to hold: a statement, a path, a credential.
fn secret_of(what: &str) -> String {
    format!("{what} {CANARY}: select * from {CANARY} at /srv/{CANARY}.rs:7 as postgres://app:{CANARY}@db")
}

async fn exposed(routes: &Router, known: Option<&str>) -> Observed<Vec<String>> {
    let Some(known) = known else {
        return Observed::not_seen("no route is described that could show that the routes answer at all");
    };
    if status(routes, probe_method(), known).await != Some(StatusCode::METHOD_NOT_ALLOWED) {
        return Observed::not_seen(format!("the control failed: {known} does not answer as a route does"));
    }
    if status(routes, Method::GET, NOWHERE).await != Some(StatusCode::NOT_FOUND) {
        return Observed::not_seen("the routes answer to every path, so it can't be told which ones exist");
    }
    let mut found = Vec::new();
    for path in FORGOTTEN {
        match status(routes, Method::GET, path).await {
            Some(StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED) => {}
            Some(status) => found.push(format!("{path} answers {}", status.as_u16())),
            None => return Observed::not_seen(format!("{path} did not answer")),
        }
    }
    let attempt = format!("GET {}", FORGOTTEN.join(", "));
    Observed::Seen(found, Source::Attempt { attempt, control: format!("{known} answers, {NOWHERE} does not") })
}

async fn told(faults: &Router) -> Observed<Vec<&'static str>> {
    let mut found = Vec::new();
    for (path, what) in FAULTS {
        let Some(response) = call(faults, Method::GET, path).await else {
            return Observed::not_seen(format!("{what} got no answer"));
        };
        let (parts, body) = response.into_parts();
        if parts.status != StatusCode::INTERNAL_SERVER_ERROR {
            return Observed::not_seen(format!(
                "the control failed: {path} answers {} instead of 500",
                parts.status.as_u16()
            ));
        }
        let Ok(body) = Limited::new(body, 1 << 20).collect().await else {
            return Observed::not_seen(format!("the answer to {path} broke off"));
        };
        let headers = format!("{:?}", parts.headers);
        let body = body.to_bytes();
        if headers.contains(CANARY) || String::from_utf8_lossy(&body).contains(CANARY) {
            found.push(what);
        } else if !parts.headers.contains_key(X_REQUEST_ID) {
            return Observed::not_seen(format!("the control failed: the answer to {path} has no request id"));
        }
    }
    let attempt = "an error, a panic and a bare failure with canaries in them".to_owned();
    Observed::Seen(found, Source::Attempt { attempt, control: "each answered 500, with a request id".to_owned() })
}

async fn status(routes: &Router, method: Method, path: &str) -> Option<StatusCode> {
    call(routes, method, path).await.map(|response| response.status())
}

/// Calls a route; `None` if it panics or the path is none.
async fn call(routes: &Router, method: Method, path: &str) -> Option<Response<Body>> {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).ok()?;
    let answer = AssertUnwindSafe(routes.clone().oneshot(request)).catch_unwind().await.ok()?;
    answer.ok()
}

fn probe_method() -> Method {
    Method::from_bytes(NO_METHOD).unwrap_or(Method::TRACE)
}
