use archirust_core::{Error, ErrorKind};
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::response::IntoResponse;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::body::RawBody;
use super::explain;
use crate::problem::ApiError;

/// A JSON body, in and out.
///
/// In: the content type must be JSON, the body within the limits, its nesting at most 128 deep, members of a struct not
/// repeated. What is wrong is told with a JSON pointer, in words of JSON: no name of a Rust type, and no value back.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(Error::new(ErrorKind::UnsupportedMediaType)
                .with_message("the content type must be application/json")
                .into());
        }
        let RawBody(bytes) = RawBody::from_request(request, state).await?;
        match serde_json::from_slice(&bytes) {
            Ok(value) => Ok(Self(value)),
            // Where it went wrong is only looked for when it did.
            Err(error) => Err(explain::json::<T>(&bytes, &error).into()),
        }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response<Body> {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => {
                let mut response = Response::new(Body::from(bytes));
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                response
            }
            Err(error) => ApiError::from(Error::internal("an answer has no JSON").with_source(error)).into_response(),
        }
    }
}

/// `application/json` or `application/…+json` (RFC 6839), in UTF-8.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(content_type)) = headers.get(CONTENT_TYPE).map(HeaderValue::to_str) else { return false };
    let mut parts = content_type.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_ascii_lowercase();
    let json =
        media.strip_prefix("application/").is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"));
    json && parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_in_utf_8_is_json() {
        let check =
            |value: &'static str| is_json(&HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]));
        for value in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
            "application/merge-patch+json",
            "application/json; profile=x",
        ] {
            assert!(check(value), "{value}");
        }
        for value in ["text/json", "text/plain", "application/jsonx", "json", "application/json; charset=latin1", ""] {
            assert!(!check(value), "{value}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
