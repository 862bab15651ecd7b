use std::sync::atomic::Ordering;

use archirust_cache::Decision;
use archirust_core::Error;
use axum::body::Body;
use axum::extract::Request;
use http::header::{HeaderMap, SET_COOKIE, VARY};
use http::{HeaderValue, Method, Response, StatusCode};
use http_body::Body as _;
use tracing::Span;

use super::X_REQUEST_ID;
use super::access::{self, End};
use super::streamed::Streamed;
use crate::body::{accepts_gzip, compress, is_compressible};
use crate::context::RequestContext;
use crate::metrics::SharedRouteMetrics;
use crate::problem::{Deliberate, Failure, Problem, must_be_replaced};

/// A request from its arrival to the end of its answer. However it ends, it is logged and counted once: when nothing else
/// did it, by being dropped.
pub(super) struct Flight {
    pub(super) context: RequestContext,
    pub(super) route: SharedRouteMetrics,
    pub(super) method: Method,
    accepts_gzip: bool,
    pub(super) decision: Option<Decision>,
    landed: bool,
}

impl Flight {
    pub(super) fn begin(context: RequestContext, route: SharedRouteMetrics, request: &Request) -> Self {
        let shared = &context.0.shared;
        shared.in_flight.fetch_add(1, Ordering::Relaxed);
        shared.metrics.begin();
        let accepts_gzip = shared.compression && accepts_gzip(request.headers());
        Self { route, method: request.method().clone(), accepts_gzip, decision: None, landed: false, context }
    }

    /// What gives the ids to the lines that a handler logs.
    pub(super) fn span(&self) -> Span {
        if !self.context.0.shared.request_span {
            return Span::none();
        }
        let inner = &self.context.0;
        tracing::info_span!(
            target: "archirust::web",
            "request",
            request_id = inner.id.as_str(),
            trace_id = %inner.trace.trace_id()
        )
    }

    /// Makes the answer that leaves, from what the route or the edge came to.
    pub(super) fn land(self, outcome: Result<Response<Body>, Error>) -> Response<Body> {
        let inner = &self.context.0;
        let id = inner.id.as_str();
        let types = &inner.shared.problem_types;
        let mut response = match outcome {
            Ok(response) => self.as_problem(response),
            Err(error) => Failure::new(error).into_answer(types, id),
        };
        let failure = response.extensions_mut().remove::<Failure>();
        if inner.shared.compression && is_compressible(&response) {
            if self.accepts_gzip {
                response = compress(response);
            } else {
                response.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
            }
        }
        self.add_headers(response.headers_mut());
        self.depart(response, failure)
    }

    /// Errors leave as problems, with the id of the request, or not at all.
    fn as_problem(&self, mut response: Response<Body>) -> Response<Body> {
        let status = response.status();
        if !status.is_client_error() && !status.is_server_error() {
            return response;
        }
        let inner = &self.context.0;
        let (id, types) = (inner.id.as_str(), &inner.shared.problem_types);
        if let Some(failure) = response.extensions_mut().remove::<Failure>() {
            let mut response = failure.answer(response, status, types, Some(id));
            response.extensions_mut().insert(failure);
            return response;
        }
        if !must_be_replaced(status, response.headers()) || response.extensions().get::<Deliberate>().is_some() {
            return response;
        }
        // A library that met a body under guard only knows that it broke off.
        if let Some(kind) = inner.body.failure() {
            return Failure::new(kind).into_answer(types, id);
        }
        match Failure::of_status(status) {
            Some(failure) => {
                let mut response = failure.answer(response, status, types, Some(id));
                failure.add_headers(response.headers_mut());
                response.extensions_mut().insert(failure);
                response
            }
            None => Problem::of_rare_status(status, types, id).replace(response),
        }
    }

    fn add_headers(&self, headers: &mut HeaderMap) {
        let inner = &self.context.0;
        inner.shared.headers.add_to(headers, inner.https);
        headers.insert(X_REQUEST_ID, inner.id.header());
        if headers.contains_key(SET_COOKIE) {
            // Kept out of the compression tables of HTTP/2, and of `Debug`.
            let cookies = headers.iter_mut().filter(|(name, _)| *name == SET_COOKIE);
            cookies.for_each(|(_, cookie)| cookie.set_sensitive(true));
        }
        if let (Some(limit), Some(decision)) = (&inner.shared.rate_limit, &self.decision) {
            limit.add_to(headers, decision);
        }
    }

    /// An answer of known length is as good as sent; another one is followed to its end.
    fn depart(mut self, response: Response<Body>, failure: Option<Failure>) -> Response<Body> {
        // The router drops the body of an answer to HEAD.
        let length = if self.method == Method::HEAD { Some(0) } else { response.body().size_hint().exact() };
        match length {
            Some(bytes) => {
                self.log(response.status(), bytes, failure.as_ref(), End::Whole);
                response
            }
            None => {
                let status = response.status();
                response.map(|body| Body::new(Streamed::new(body, self, status, failure)))
            }
        }
    }

    pub(super) fn log(&mut self, status: StatusCode, bytes: u64, failure: Option<&Failure>, end: End) {
        self.landed = true;
        let shared = &self.context.0.shared;
        let duration = self.context.0.started.elapsed();
        self.route.record(&shared.metrics, &self.method, status, duration);
        if shared.access_log || failure.is_some_and(access::is_worth_telling) {
            access::record(self, status, bytes, duration, failure, end);
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let shared = self.context.0.shared.clone();
        shared.in_flight.fetch_sub(1, Ordering::Relaxed);
        shared.metrics.end();
        if !self.landed {
            // nginx's number for a client that left; it never goes over the wire.
            let status = StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST);
            self.log(status, 0, None, End::Cancelled);
        }
    }
}
