//! Errors as clients see them: problem details (RFC 9457).

mod api_error;
mod of_status;

use std::borrow::Cow;

use archirust_core::error::FieldError;
use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use api_error::{ApiError, ApiResult};
pub(crate) use api_error::{Failure, is_security_event, seconds_up};
pub(crate) use of_status::{Deliberate, must_be_replaced};

/// The media type of a problem.
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// What the `type` of a problem starts with, unless the settings say otherwise.
pub(crate) const DEFAULT_TYPES: &str = "urn:archirust:problem:";

/// What went wrong, in the words of RFC 9457. Never holds a value of the request, nor a detail of the service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Identifies the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:archirust:problem:not_found")]
    pub kind: String,
    /// The kind of problem in words.
    pub title: Cow<'static, str>,
    /// The HTTP status.
    #[schema(example = 404)]
    pub status: u16,
    /// The kind of problem as a stable code.
    #[schema(example = "not_found")]
    pub code: Cow<'static, str>,
    /// What is special about this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The id of the request, to be named when asking for help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The values that are not valid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemField>,
}

/// A value of the request that is not valid. Never holds the value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProblemField {
    /// A JSON pointer (RFC 6901) into the body, or the name of a parameter.
    #[schema(example = "/email")]
    pub pointer: String,
    /// What is wrong, as a stable code.
    #[schema(example = "required")]
    pub code: Cow<'static, str>,
    /// What is wrong, in words.
    pub message: String,
}

impl From<&FieldError> for ProblemField {
    fn from(field: &FieldError) -> Self {
        Self { pointer: field.pointer.clone(), code: field.code.clone(), message: field.message.clone() }
    }
}

impl Problem {
    /// The body. A problem is always serializable; should it ever not be, the code alone is sent.
    fn to_bytes(&self) -> Bytes {
        serde_json::to_vec(self).unwrap_or_else(|_| br#"{"code":"internal","status":500}"#.to_vec()).into()
    }

    /// Puts the problem into an answer, in place of whatever body it has.
    fn fill<B>(&self, response: Response<B>) -> Response<Body> {
        let (mut parts, _) = response.into_parts();
        let body = self.to_bytes();
        parts.status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        parts.headers.insert(CONTENT_TYPE, PROBLEM_JSON);
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        Response::from_parts(parts, Body::from(body))
    }
}
