use archirust_core::{Error, ErrorKind};
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};

use crate::context::RequestContext;
use crate::problem::ApiError;

/// What a body may have where no edge guards it: in a router that is called without the server around it.
const WITHOUT_EDGE: usize = 1 << 20;

/// The whole body of a request, as it was sent (unpacked, if it came compressed).
#[derive(Clone, Debug)]
pub struct RawBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let context = request.extensions().get::<RequestContext>().cloned();
        let body = match context {
            Some(_) => request.into_body(),
            None => Body::new(Limited::new(request.into_body(), WITHOUT_EDGE)),
        };
        match body.collect().await {
            Ok(whole) => Ok(Self(whole.to_bytes())),
            Err(error) => Err(broken(context.as_ref(), error).into()),
        }
    }
}

/// Why a body could not be read: what the guard says, or else it ended early.
pub(crate) fn broken(context: Option<&RequestContext>, error: axum::Error) -> Error {
    let too_large = || {
        let source = std::error::Error::source(&error)?;
        source.is::<http_body_util::LengthLimitError>().then_some(ErrorKind::PayloadTooLarge)
    };
    let kind = context.and_then(|context| context.0.body.failure()).or_else(too_large);
    Error::new(kind.unwrap_or(ErrorKind::MalformedRequest)).with_source(error)
}
