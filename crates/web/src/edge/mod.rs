//! The edge: one layer around every route, the fallbacks included, in which everything happens that every request needs.
//!
//! In this order, on the way in:
//! 1. identity: request id, trace context, address of the client;
//! 2. from here on, whatever happens ends in one line of the access log, one count in the metrics, secure headers and the
//!    request id: panics, time-outs and clients that leave included;
//! 3. what is too much is refused: too many requests at once (503), too long a path (414), too many from one client (429);
//! 4. the body comes under guard: size, pace, unpacked size;
//! 5. the route runs, under a time-out and behind a barrier for panics.
//!
//! And on the way out: errors become problems, text is compressed, headers are added.
//!
//! It is one service and one future, not a dozen layers, because each layer of a router costs a box and a few moves per
//! request.

mod access;
mod flight;
mod future;
mod streamed;

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use archirust_core::{Error, ErrorKind, Result};
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use http::{HeaderName, Response};
use tokio::time::Instant;
use tower::{Layer, Service};

use crate::auth::mark_credentials;
use crate::context::{BodyState, Inner, Peer, RequestContext};
use crate::metrics::SharedRouteMetrics;
use crate::request_id::RequestId;
use crate::shared::Shared;
use crate::trace::TraceContext;
use flight::Flight;
use future::{EdgeFuture, panic_failure};

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Puts the edge around each route of a router.
#[derive(Clone)]
pub(crate) struct EdgeLayer {
    shared: Arc<Shared>,
}

impl EdgeLayer {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

impl<S> Layer<S> for EdgeLayer {
    type Service = Edge<S>;

    fn layer(&self, inner: S) -> Edge<S> {
        // The router calls this once for each method of each route, so each has counters of its own.
        Edge { shared: self.shared.clone(), route: SharedRouteMetrics::default(), inner }
    }
}

#[derive(Clone)]
pub(crate) struct Edge<S> {
    shared: Arc<Shared>,
    route: SharedRouteMetrics,
    inner: S,
}

impl<S> Service<Request> for Edge<S>
where
    S: Service<Request, Response = Response<Body>, Error = Infallible> + Clone,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = EdgeFuture<S>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(task)
    }

    fn call(&mut self, mut request: Request) -> EdgeFuture<S> {
        let context = self.identify(&request);
        let matched = request.extensions().get::<MatchedPath>();
        self.route.route(matched.map(MatchedPath::as_str));
        let flight = Flight::begin(context.clone(), self.route.clone(), &request);
        if let Err(refusal) = self.admit(&request) {
            return EdgeFuture::refused(flight, refusal);
        }
        mark_credentials(request.headers_mut());
        let client = context.client();
        request.extensions_mut().insert(context.clone());
        let request = match crate::body::guard(request, &context) {
            Ok(request) => request,
            Err(refusal) => return EdgeFuture::refused(flight, refusal),
        };
        match (&self.shared.rate_limit, client) {
            (Some(limit), Some(client)) => {
                EdgeFuture::checking(flight, limit.check(client), self.inner.clone(), request)
            }
            _ => {
                let span = flight.span();
                match span.in_scope(|| start(&mut self.inner, request)) {
                    Ok(future) => EdgeFuture::running(flight, span, future),
                    Err(failure) => EdgeFuture::refused(flight, failure),
                }
            }
        }
    }
}

impl<S> Edge<S> {
    fn identify(&self, request: &Request) -> RequestContext {
        let headers = request.headers();
        let peer = request.extensions().get::<Peer>();
        let client = peer.map(|peer| self.shared.proxies.client(peer.address.ip(), headers));
        let (fresh_id, span_id) = self.shared.ids.next();
        let accepted = client
            .filter(|client| client.behind_proxy)
            .and_then(|_| headers.get(X_REQUEST_ID))
            .and_then(|id| RequestId::accept(id.as_bytes()));
        let trace = headers
            .get(TRACEPARENT)
            .and_then(|parent| TraceContext::continue_from(parent.as_bytes(), span_id))
            // One id less to copy: the trace that starts here has the id of its first request.
            .unwrap_or_else(|| TraceContext::start(fresh_id.into_bytes(), span_id));
        let limits = &self.shared.limits;
        RequestContext(Arc::new(Inner {
            shared: self.shared.clone(),
            id: accepted.unwrap_or_else(|| fresh_id.into()),
            trace,
            client: client.map(|client| client.address),
            https: peer.is_some_and(|peer| peer.tls) || client.is_some_and(|client| client.https),
            started: Instant::now(),
            user: std::sync::OnceLock::new(),
            body: BodyState::new(limits.max_body.0, limits.max_unpacked_body.0),
        }))
    }

    fn admit(&self, request: &Request) -> Result<()> {
        let limits = &self.shared.limits;
        // The request itself is counted already.
        if self.shared.in_flight.load(Ordering::Relaxed) > limits.max_requests {
            return Err(Error::new(ErrorKind::Overloaded).with_detail("web.limits.max_requests is reached"));
        }
        let uri = request.uri();
        let length = uri.path().len() + uri.query().map_or(0, |query| query.len() + 1);
        if length as u64 > limits.max_uri.0 {
            return Err(Error::new(ErrorKind::UriTooLong));
        }
        Ok(())
    }
}

/// Calls a route behind the barrier: a handler may panic before its first await.
fn start<S: Service<Request>>(route: &mut S, request: Request) -> Result<S::Future> {
    catch_unwind(AssertUnwindSafe(|| route.call(request))).map_err(|panic| panic_failure(&*panic))
}
