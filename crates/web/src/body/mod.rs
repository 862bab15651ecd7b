//! Bodies of requests under guard, bodies of answers counted and compressed.

mod compress;
mod guard;
mod limit;
pub(crate) mod unpack;

use archirust_core::{Error, ErrorKind, Result};
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http_body::Body as _;

pub(crate) use compress::{accepts_gzip, compress, is_compressible};
pub(crate) use guard::Guarded;
pub use limit::BodyLimit;

use crate::context::RequestContext;

/// Puts the body of a request under guard: limits of bytes, as sent and as unpacked, and of time.
pub(crate) fn guard(mut request: Request, context: &RequestContext) -> Result<Request> {
    if request.body().size_hint().exact() == Some(0) {
        return Ok(request);
    }
    // The extractors of axum have a limit of their own, which would be in the way of a larger one.
    DefaultBodyLimit::disable().apply(&mut request);
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
