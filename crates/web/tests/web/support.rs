//! What the tests have in common.

use std::net::SocketAddr;

use archirust_cache::{CacheSettings, MemoryCache};
use archirust_core::clock::{Clock, SystemClock};
use archirust_web::config::WebSettings;
use archirust_web::{BuiltApp, WebApp};
use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use std::sync::Arc;
use tower::ServiceExt;

/// Settings for tests: any free port, and no rate limit unless a test asks for it.
pub(crate) fn settings() -> WebSettings {
    let mut settings = WebSettings { bind: "127.0.0.1:0".parse().unwrap(), ..WebSettings::default() };
    settings.rate_limit.enabled = false;
    settings
}

pub(crate) fn app(settings: WebSettings, routes: Router) -> BuiltApp {
    app_with_clock(settings, routes, SystemClock::shared())
}

pub(crate) fn app_with_clock(settings: WebSettings, routes: Router, clock: Arc<dyn Clock>) -> BuiltApp {
    let cache = MemoryCache::shared(&CacheSettings::default(), clock);
    WebApp::new(settings).cache(cache).routes(routes.into()).build().unwrap()
}

pub(crate) fn router(routes: Router) -> Router {
    app(settings(), routes).router()
}

/// A router as a client at this address sees it.
pub(crate) fn seen_from(app: &BuiltApp, address: &str) -> Router {
    let ip = address.parse().unwrap();
    app.router_seen_from(SocketAddr::new(ip, 4711))
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status, headers in order and body, with what changes from call to call replaced.
    pub(crate) fn shown(&self) -> String {
        let id = self.header("x-request-id");
        let mut headers: Vec<_> =
            self.headers.iter().map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap())).collect();
        headers.sort();
        let text = format!("{}\n{}\n{}\n", self.status, headers.concat(), String::from_utf8_lossy(&self.body));
        if id.is_empty() { text } else { text.replace(id, "[id]") }
    }
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

pub(crate) async fn get(router: &Router, uri: &str) -> Answer {
    send(router, Request::get(uri).body(Body::empty()).unwrap()).await
}

pub(crate) fn post_json(uri: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(uri).header("content-type", "application/json").body(body.into()).unwrap()
}
