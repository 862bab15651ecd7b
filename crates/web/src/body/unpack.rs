use async_compression::tokio::bufread::GzipDecoder;
use axum::body::Body;
use futures_util::TryStreamExt;
use tokio_util::io::{ReaderStream, StreamReader};

/// Unpacks a body as it is read: no more of it is ever in memory than one piece.
pub(crate) fn gzip(body: Body) -> Body {
    let packed = StreamReader::new(body.into_data_stream().map_err(std::io::Error::other));
    let mut decoder = GzipDecoder::new(packed);
    // Several gzip members in a row are one body (RFC 1952, section 2.2).
    decoder.multiple_members(true);
    Body::from_stream(ReaderStream::with_capacity(decoder, 16 * 1024))
}
