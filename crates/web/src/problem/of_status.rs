//! Problems for answers that others made: the router, a library, a handler that returns a bare status.

use archirust_core::{Error, ErrorKind};
use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response, StatusCode};

use super::{Failure, Problem};

impl Failure {
    /// The error behind an answer that says no more than its status: `None` if there is no kind for the status.
    pub(crate) fn of_status(status: StatusCode) -> Option<Self> {
        let kind = match status.as_u16() {
            400 => ErrorKind::MalformedRequest,
            401 => ErrorKind::Unauthenticated,
            403 => ErrorKind::PermissionDenied,
            404 => ErrorKind::NotFound,
            405 => ErrorKind::MethodNotAllowed,
            406 => ErrorKind::NotAcceptable,
            408 => ErrorKind::RequestTimeout,
            409 => ErrorKind::InvalidState,
            410 => ErrorKind::Gone,
            412 => ErrorKind::PreconditionFailed,
            413 => ErrorKind::PayloadTooLarge,
            414 => ErrorKind::UriTooLong,
            415 => ErrorKind::UnsupportedMediaType,
            422 => ErrorKind::InvalidInput,
            423 => ErrorKind::Locked,
            429 => ErrorKind::RateLimited,
            431 => ErrorKind::HeadersTooLarge,
            500 => ErrorKind::Internal,
            501 => ErrorKind::NotImplemented,
            502 => ErrorKind::UpstreamFailed,
            503 => ErrorKind::Unavailable,
            504 => ErrorKind::UpstreamTimeout,
            507 => ErrorKind::StorageFull,
            _ => return None,
        };
        Some(Self::new(Error::new(kind).with_detail("an answer with a status and no error behind it")))
    }
}

impl Problem {
    /// A problem for a status that no kind of error has: its own name is the code.
    pub(crate) fn of_rare_status(status: StatusCode, types: &str, request_id: &str) -> Self {
        let reason = status.canonical_reason().unwrap_or("error").to_ascii_lowercase();
        let code: String =
            reason.chars().filter(|c| *c != '\'').map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        Self {
            kind: format!("{types}{code}"),
            title: reason.into(),
            status: status.as_u16(),
            code: code.into(),
            detail: None,
            request_id: Some(request_id.to_owned()),
            errors: Vec::new(),
        }
    }

    pub(crate) fn replace(&self, response: Response<Body>) -> Response<Body> {
        self.fill(response)
    }
}

/// Beside an answer with an error status whose body is meant to be seen: the details of `/readyz`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deliberate;

/// Whether an error answer must not leave as it is: it is bare, or text that a library wrote for developers (with names of
/// types, with values), or it is a failure of the service that did not come as an error. A JSON error below 500 was made on
/// purpose, as OAuth does.
pub(crate) fn must_be_replaced(status: StatusCode, headers: &HeaderMap) -> bool {
    if !status.is_client_error() && !status.is_server_error() {
        return false;
    }
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let made_on_purpose = !content_type.is_empty() && !content_type.starts_with("text/");
    status.is_server_error() || !made_on_purpose
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_an_error_made_on_purpose_is_left_as_it_is() {
        let replaced = |status: u16, content_type: Option<&'static str>| {
            let headers =
                content_type.map(|value| (CONTENT_TYPE, HeaderValue::from_static(value))).into_iter().collect();
            must_be_replaced(StatusCode::from_u16(status).unwrap(), &headers)
        };
        for status in [400, 404, 422, 499, 500, 503] {
            assert!(replaced(status, None), "{status}");
            assert!(replaced(status, Some("text/plain; charset=utf-8")), "{status}");
            assert!(replaced(status, Some("text/html")), "{status}");
        }
        assert!(!replaced(400, Some("application/json")));
        assert!(!replaced(400, Some("application/problem+json")));
        assert!(replaced(500, Some("application/json")));
        for status in [200, 204, 302, 304] {
            assert!(!replaced(status, Some("text/plain")) && !replaced(status, None), "{status}");
        }
    }

    #[test]
    fn a_kind_made_from_a_status_has_that_status() {
        for status in 400..600 {
            let status = StatusCode::from_u16(status).unwrap();
            if let Some(failure) = Failure::of_status(status) {
                assert_eq!(failure.error().kind().http_status(), status.as_u16());
            }
        }
    }

    #[test]
    fn a_rare_status_names_itself() {
        let problem = Problem::of_rare_status(StatusCode::IM_A_TEAPOT, "urn:x:", "12345678");
        assert_eq!((problem.code.as_ref(), problem.title.as_ref()), ("im_a_teapot", "i'm a teapot"));
        assert_eq!(problem.kind, "urn:x:im_a_teapot");
    }
}
