use std::task::{Context, Poll};

use archirust_core::config::ByteSize;
use axum::extract::Request;
use tower::{Layer, Service};

use crate::context::RequestContext;

/// Another limit for the bodies of some routes than `web.limits.max_body`, as sent and as unpacked: larger for an upload,
/// smaller for a form.
///
/// ```
/// # use archirust_core::config::ByteSize;
/// # use archirust_web::BodyLimit;
/// let routes: axum::Router = axum::Router::new()
///     .route("/photos", axum::routing::post(|| async {}))
///     .layer(BodyLimit(ByteSize(20 << 20)));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct BodyLimit(pub ByteSize);

impl<S> Layer<S> for BodyLimit {
    type Service = LimitBody<S>;

    fn layer(&self, inner: S) -> LimitBody<S> {
        LimitBody { inner, bytes: self.0.0 }
    }
}

/// A route under a [`BodyLimit`].
#[derive(Clone, Debug)]
pub struct LimitBody<S> {
    inner: S,
    bytes: u64,
}

impl<S: Service<Request>> Service<Request> for LimitBody<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(task)
    }

    fn call(&mut self, request: Request) -> S::Future {
        if let Some(context) = request.extensions().get::<RequestContext>() {
            context.0.body.set_max(self.bytes);
        }
        self.inner.call(request)
    }
}
