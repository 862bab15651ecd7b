use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::body::Body;
use axum::routing::future::RouteFuture;
use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Version};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use pin_project_lite::pin_project;
use tower::Service as _;

use super::activity::{Active, Activity};
use crate::context::Peer;
use crate::shared::Lifecycle;

/// The router as one connection sees it.
pub(super) struct ConnectionService {
    pub(super) router: Router,
    pub(super) peer: Peer,
    pub(super) activity: Arc<Activity>,
    pub(super) lifecycle: Arc<Lifecycle>,
}

impl hyper::service::Service<Request<Incoming>> for ConnectionService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = ConnectionFuture;

    fn call(&self, request: Request<Incoming>) -> ConnectionFuture {
        let active = self.activity.begin();
        let version = request.version();
        // No box for the many requests without a body.
        let mut request = request.map(|body| if body.is_end_stream() { Body::empty() } else { Body::new(body) });
        request.extensions_mut().insert(self.peer);
        // A router is an `Arc`.
        let route = self.router.clone().call(request);
        ConnectionFuture { route, active: Some(active), version, lifecycle: self.lifecycle.clone() }
    }
}

pin_project! {
    pub(super) struct ConnectionFuture {
        #[pin]
        route: RouteFuture<Infallible>,
        active: Option<Active>,
        version: Version,
        lifecycle: Arc<Lifecycle>,
    }
}

impl Future for ConnectionFuture {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = match ready!(this.route.poll(task)) {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let multiplexed = *this.version >= Version::HTTP_2;
        if !multiplexed && this.lifecycle.is_stopping() {
            // The client opens its next connection elsewhere.
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        // HTTP/1 writes a body of known length at once, which shows at the stream; only others have to be followed.
        if multiplexed || response.body().size_hint().exact().is_none() {
            let active = this.active.take();
            response = response.map(|inner| Body::new(Followed { inner, _active: active }));
        }
        Poll::Ready(Ok(response))
    }
}

/// An answer whose end is not known yet: as long as it is made, the connection is not idle.
struct Followed {
    inner: Body,
    _active: Option<Active>,
}

impl http_body::Body for Followed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(task)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
