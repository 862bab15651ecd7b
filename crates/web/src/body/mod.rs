//! Bodies of requests under guard, bodies of answers counted and compressed.

mod compress;
mod guard;
pub(crate) mod unpack;

use archirust_core::{Error, ErrorKind, Result};
use axum::body::Body;
use axum::extract::Request;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http_body::Body as _;

pub(crate) use compress::{accepts_gzip, compress, is_compressible};
pub(crate) use guard::Guarded;

use crate::context::RequestContext;

/// Puts the body of a request under guard: limits of bytes, as sent and as unpacked, and of time. What can be refused before
/// the first byte is refused here.
pub(crate) fn guard(request: Request, context: &RequestContext) -> Result<Request> {
    let limits = &context.0.shared.limits;
    let size = request.body().size_hint();
    if size.exact() == Some(0) {
        return Ok(request);
    }
    if size.lower() > limits.max_body.0 {
        return Err(Error::new(ErrorKind::PayloadTooLarge).with_detail("by its content-length"));
    }
    let (mut parts, body) = request.into_parts();
    let guarded = Body::new(Guarded::sent(body, context.clone()));
    let body = match parts.headers.get(CONTENT_ENCODING).map(|coding| coding.as_bytes().to_ascii_lowercase()).as_deref()
    {
        None | Some(b"identity") => guarded,
        Some(b"gzip" | b"x-gzip") => {
            parts.headers.remove(CONTENT_ENCODING);
            parts.headers.remove(CONTENT_LENGTH);
            parts.headers.remove(TRANSFER_ENCODING);
            Body::new(Guarded::unpacked(unpack::gzip(guarded), context.clone()))
        }
        Some(_) => {
            return Err(Error::new(ErrorKind::UnsupportedMediaType)
                .with_message("the content coding is not supported; supported are gzip and identity"));
        }
    };
    Ok(Request::from_parts(parts, body))
}
