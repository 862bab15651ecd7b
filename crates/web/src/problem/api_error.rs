use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use archirust_core::error::Family;
use archirust_core::{Error, ErrorKind};
use axum::body::Body;
use axum::response::IntoResponse;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};

use super::{DEFAULT_TYPES, Problem, ProblemField};

/// What a handler returns.
pub type ApiResult<T, E = ApiError> = Result<T, E>;

/// A core [`Error`] on its way to a client.
///
/// It becomes a [`Problem`] with the error's public message, `www-authenticate` (RFC 6750, RFC 9470) and `retry-after` where
/// they belong. Its detail and sources go to the access log and nowhere else.
pub struct ApiError {
    error: Error,
    challenge: Option<HeaderValue>,
}

impl ApiError {
    /// Replaces the `www-authenticate` header that the kind of error brings.
    #[must_use]
    pub fn with_challenge(mut self, challenge: HeaderValue) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// The error itself.
    pub fn error(&self) -> &Error {
        &self.error
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self { error, challenge: None }
    }
}

impl From<ErrorKind> for ApiError {
    fn from(kind: ErrorKind) -> Self {
        Error::new(kind).into()
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response<Body> {
        let failure = Failure(Arc::new(self));
        let status = failure.status();
        let mut response = failure.answer(Response::new(()), status, DEFAULT_TYPES, None);
        failure.add_headers(response.headers_mut());
        // The edge finds it there, logs it and adds the id of the request.
        response.extensions_mut().insert(failure);
        response
    }
}

/// The error behind an answer, kept beside it until the edge has logged it.
#[derive(Clone)]
pub(crate) struct Failure(Arc<ApiError>);

impl Failure {
    pub(crate) fn new(error: impl Into<ApiError>) -> Self {
        Self(Arc::new(error.into()))
    }

    pub(crate) fn error(&self) -> &Error {
        &self.0.error
    }

    /// The answer to a client, with the id of the request.
    pub(crate) fn into_answer(self, types: &str, request_id: &str) -> Response<Body> {
        let mut response = self.answer(Response::new(()), self.status(), types, Some(request_id));
        self.add_headers(response.headers_mut());
        response.extensions_mut().insert(self);
        response
    }

    /// Puts the problem into an answer whose headers are kept.
    pub(crate) fn answer<B>(
        &self,
        response: Response<B>,
        status: StatusCode,
        types: &str,
        request_id: Option<&str>,
    ) -> Response<Body> {
        self.problem(status, types, request_id).fill(response)
    }

    fn problem(&self, status: StatusCode, types: &str, request_id: Option<&str>) -> Problem {
        let error = self.error();
        let kind = shown(error.kind());
        let detail = Some(error.message()).filter(|message| *message != kind.message());
        Problem {
            kind: format!("{types}{}", kind.code()),
            title: kind.message().into(),
            status: status.as_u16(),
            code: kind.code().into(),
            detail: detail.map(str::to_owned),
            request_id: request_id.map(str::to_owned),
            errors: error.fields().iter().map(ProblemField::from).collect(),
        }
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.error().kind().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    pub(crate) fn add_headers(&self, headers: &mut http::HeaderMap) {
        if let Some(challenge) = self.0.challenge.clone().or_else(|| challenge(self.error().kind())) {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(after) = retry_after(self.error()) {
            headers.insert(RETRY_AFTER, after);
        }
    }
}

/// Which part of the service broke is the operator's business: "a query failed" would tell an attacker that an injection
/// got through.
fn shown(kind: ErrorKind) -> ErrorKind {
    if kind.http_status() == 500 { ErrorKind::Internal } else { kind }
}

/// RFC 9110 asks for a challenge with each 401; what it says of a token is in RFC 6750, section 3.
fn challenge(kind: ErrorKind) -> Option<HeaderValue> {
    let text = match kind {
        ErrorKind::InvalidToken => r#"Bearer error="invalid_token", error_description="the token is not valid""#,
        ErrorKind::TokenExpired => r#"Bearer error="invalid_token", error_description="the token has expired""#,
        ErrorKind::TokenRevoked => r#"Bearer error="invalid_token", error_description="the token has been revoked""#,
        // RFC 9470, section 3; the extractor that asks for it adds the age.
        ErrorKind::ReauthenticationRequired => r#"Bearer error="insufficient_user_authentication""#,
        // Without a token no error is named.
        kind if kind.http_status() == 401 => "Bearer",
        _ => return None,
    };
    Some(HeaderValue::from_static(text))
}

/// In whole seconds, rounded up: a client that comes back a second early is refused again. What can be tried again, but not
/// known when, gets a second.
fn retry_after(error: &Error) -> Option<HeaderValue> {
    let busy = matches!(error.kind().http_status(), 429 | 503);
    let after = error.retry_after().or_else(|| (busy && error.is_retryable()).then_some(Duration::from_secs(1)))?;
    Some(HeaderValue::from(seconds_up(after).max(1)))
}

pub(crate) fn seconds_up(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Whether an operator should hear of it although the client is to blame: someone tries doors. A missing or expired token is
/// everyday life.
pub(crate) fn is_security_event(kind: ErrorKind) -> bool {
    match kind {
        ErrorKind::Unauthenticated
        | ErrorKind::TokenExpired
        | ErrorKind::SecondFactorRequired
        | ErrorKind::ReauthenticationRequired => false,
        ErrorKind::RateLimited => true,
        kind => kind.family() == Family::Auth,
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn seen(error: impl Into<ApiError>) -> String {
        let response = error.into().into_response();
        let mut text = format!("{}\n", response.status());
        let mut headers: Vec<_> =
            response.headers().iter().map(|(n, v)| format!("{n}: {}\n", v.to_str().unwrap())).collect();
        headers.sort();
        text.extend(headers);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        text + std::str::from_utf8(&body).unwrap()
    }

    #[tokio::test]
    async fn what_clients_see_of_an_error() {
        let mut all = Vec::new();
        for error in [
            Error::new(ErrorKind::NotFound),
            Error::new(ErrorKind::Database).with_detail("SELECT hunter2").with_source(std::io::Error::other("hunter2")),
            Error::new(ErrorKind::AlreadyExists).with_field("/email", "taken", "is taken"),
            Error::new(ErrorKind::InvalidState).with_message("the order has been sent already"),
            Error::new(ErrorKind::RateLimited).with_retry_after(Duration::from_millis(1001)),
            Error::new(ErrorKind::Overloaded),
            Error::new(ErrorKind::Unauthenticated),
            Error::new(ErrorKind::InvalidToken),
            Error::new(ErrorKind::ReauthenticationRequired),
        ] {
            all.push(seen(error).await);
        }
        insta::assert_snapshot!(all.join("\n\n"));
    }

    #[test]
    fn every_401_brings_a_challenge_and_nothing_else_does() {
        for kind in ErrorKind::ALL {
            assert_eq!(challenge(*kind).is_some(), kind.http_status() == 401, "{kind:?}");
        }
    }

    #[test]
    fn a_wait_is_rounded_up_to_seconds() {
        let wait = |millis| {
            let error = Error::new(ErrorKind::RateLimited).with_retry_after(Duration::from_millis(millis));
            retry_after(&error).unwrap().to_str().unwrap().to_owned()
        };
        assert_eq!((wait(0), wait(1), wait(1000), wait(1001)), ("1".into(), "1".into(), "1".into(), "2".into()));
        assert_eq!(retry_after(&Error::new(ErrorKind::NotFound)), None);
        assert_eq!(retry_after(&Error::new(ErrorKind::DeadlineExceeded)).unwrap(), "1");
        assert_eq!(retry_after(&Error::new(ErrorKind::Serialization)), None);
    }

    #[test]
    fn forged_tokens_are_events_and_expired_ones_are_not() {
        assert!(is_security_event(ErrorKind::InvalidToken) && is_security_event(ErrorKind::CrossSiteRequest));
        assert!(is_security_event(ErrorKind::InvalidCredentials) && is_security_event(ErrorKind::RateLimited));
        assert!(!is_security_event(ErrorKind::TokenExpired) && !is_security_event(ErrorKind::Unauthenticated));
        assert!(!is_security_event(ErrorKind::NotFound) && !is_security_event(ErrorKind::Internal));
    }
}
