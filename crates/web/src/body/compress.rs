use std::convert::Infallible;

use axum::body::Body;
use futures_util::FutureExt;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::Body as _;
use tower::{Service, service_fn};
use tower_http::CompressionLevel;
use tower_http::compression::Compression;

/// Less than this fits in the packet that has to be sent anyway.
const WORTHWHILE: u64 = 1024;

/// Whether the client takes gzip (RFC 9110, section 12.5.3).
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let mut any = false;
    for coding in headers.get_all(ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')) {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        let refused =
            quality.trim().strip_prefix("q=").is_some_and(|q| q.parse::<f32>().map_or(true, |quality| quality <= 0.0));
        match name.trim() {
            name if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => return !refused,
            "*" => any = !refused,
            _ => {}
        }
    }
    any
}

/// Whether an answer gains by compression: text of some length that is whole and not packed yet.
pub(crate) fn is_compressible(response: &Response<Body>) -> bool {
    let headers = response.headers();
    response.body().size_hint().exact().is_none_or(|size| size >= WORTHWHILE)
        && headers.get(CONTENT_TYPE).is_some_and(is_text)
        && response.status() != StatusCode::PARTIAL_CONTENT
        && ![CONTENT_ENCODING, CONTENT_RANGE].iter().any(|name| headers.contains_key(name))
        && !headers.get_all(CACHE_CONTROL).iter().any(|value| contains(value, "no-transform"))
}

/// Compresses an answer. The fastest level: on JSON the others gain a few percent for several times the work.
pub(crate) fn compress(response: Response<Body>) -> Response<Body> {
    let mut response = Some(response);
    let answer =
        service_fn(move |_: Request<()>| std::future::ready(Ok::<_, Infallible>(response.take().unwrap_or_default())));
    let mut request = Request::new(());
    request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    let mut compression = Compression::new(answer).quality(CompressionLevel::Fastest).compress_when(always);
    // The service answers at once, and so does what wraps it.
    match compression.call(request).now_or_never() {
        Some(Ok(compressed)) => compressed.map(Body::new),
        Some(Err(never)) => match never {},
        None => Response::default(),
    }
}

fn always(_: StatusCode, _: http::Version, _: &HeaderMap, _: &http::Extensions) -> bool {
    true
}

/// Types that hold text. An event stream is text too, but each of its events must leave at once.
fn is_text(content_type: &HeaderValue) -> bool {
    let media = content_type.to_str().unwrap_or("").split(';').next().unwrap_or("").trim();
    match media.split_once('/') {
        Some(("text", subtype)) => subtype != "event-stream",
        Some(("application", subtype)) => {
            matches!(subtype, "json" | "javascript" | "xml" | "wasm" | "graphql" | "x-ndjson" | "openmetrics-text")
                || subtype.ends_with("+json")
                || subtype.ends_with("+xml")
        }
        Some(("image", subtype)) => subtype == "svg+xml",
        _ => false,
    }
}

fn contains(value: &HeaderValue, directive: &str) -> bool {
    value.to_str().is_ok_and(|text| text.split(',').any(|part| part.trim().eq_ignore_ascii_case(directive)))
}

#[cfg(test)]
mod tests {
    use http::header::HeaderName;

    use super::*;

    fn accepts(value: &str) -> bool {
        accepts_gzip(&HeaderMap::from_iter([(ACCEPT_ENCODING, value.parse().unwrap())]))
    }

    #[test]
    fn gzip_is_sent_only_to_those_who_ask_for_it() {
        for value in ["gzip", "br, gzip", "GZIP", "gzip;q=0.5", "gzip; q=0.1", "*", "br;q=1.0, *;q=0.5", "x-gzip"] {
            assert!(accepts(value), "{value}");
        }
        for value in ["", "br", "identity", "gzip;q=0", "gzip; q=0.0", "gzip;q=0, *", "*;q=0", "gzip;q=x"] {
            assert!(!accepts(value), "{value}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    fn answer(size: usize, headers: &[(HeaderName, &'static str)]) -> Response<Body> {
        let mut response = Response::new(Body::from("x".repeat(size)));
        for (name, value) in headers {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }

    #[test]
    fn small_packed_partial_and_secret_answers_are_left_alone() {
        let json = (CONTENT_TYPE, "application/json");
        assert!(is_compressible(&answer(1024, std::slice::from_ref(&json))));
        assert!(!is_compressible(&answer(1023, std::slice::from_ref(&json))));
        assert!(!is_compressible(&answer(5000, &[])));
        assert!(!is_compressible(&answer(5000, &[json.clone(), (CONTENT_ENCODING, "br")])));
        assert!(!is_compressible(&answer(5000, &[json.clone(), (CACHE_CONTROL, "no-store, no-transform")])));
        let mut partial = answer(5000, std::slice::from_ref(&json));
        *partial.status_mut() = StatusCode::PARTIAL_CONTENT;
        assert!(!is_compressible(&partial));
        for (media, packs) in [
            ("text/html; charset=utf-8", true),
            ("application/problem+json", true),
            ("image/svg+xml", true),
            ("text/event-stream", false),
            ("image/png", false),
            ("application/zip", false),
            ("application/octet-stream", false),
        ] {
            assert_eq!(is_compressible(&answer(5000, &[(CONTENT_TYPE, media)])), packs, "{media}");
        }
    }

    #[tokio::test]
    async fn what_is_compressed_is_gzip_and_says_so() {
        use http_body_util::BodyExt;
        let packed = compress(answer(5000, &[(CONTENT_TYPE, "text/plain"), (http::header::CONTENT_LENGTH, "5000")]));
        assert_eq!(packed.headers()[CONTENT_ENCODING], "gzip");
        assert_eq!(packed.headers()[http::header::VARY], "accept-encoding");
        assert!(!packed.headers().contains_key(http::header::CONTENT_LENGTH));
        let bytes = packed.into_body().collect().await.unwrap().to_bytes();
        assert!(bytes.starts_with(&[0x1f, 0x8b]) && bytes.len() < 500);
    }
}
