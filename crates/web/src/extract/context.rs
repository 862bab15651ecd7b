use std::convert::Infallible;
use std::net::IpAddr;

use archirust_core::Error;
use axum::extract::FromRequestParts;
use http::header::USER_AGENT;
use http::request::Parts;

use crate::context::RequestContext;
use crate::problem::ApiError;
use crate::request_id::RequestId;

impl<S: Send + Sync> FromRequestParts<S> for RequestContext {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        of(parts).cloned()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        of(parts).map(|context| *context.id())
    }
}

pub(crate) fn of(parts: &Parts) -> Result<&RequestContext, ApiError> {
    parts
        .extensions
        .get()
        .ok_or_else(|| Error::internal("the routes are not behind the edge: serve what WebApp::build gives").into())
}

/// The address of the client, behind trusted proxies; `None` in a router that is called without a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        of(parts).map(|context| Self(context.client()))
    }
}

/// What the client calls itself, cut to something that can be shown in a list of sessions: printable ASCII, at most 120
/// characters. Never to be trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserAgent(pub String);

const SHOWN: usize = 120;

impl<S: Send + Sync> FromRequestParts<S> for UserAgent {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let text = parts.headers.get(USER_AGENT).map_or(&b""[..], |value| value.as_bytes());
        let printable = |byte: &u8| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '?' };
        Ok(Self(text.iter().take(SHOWN).map(printable).collect()))
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Request};

    use super::*;

    #[tokio::test]
    async fn a_user_agent_is_cut_and_made_printable() {
        let label = async |value: &[u8]| {
            let (mut parts, ()) = Request::new(()).into_parts();
            parts.headers.insert(USER_AGENT, HeaderValue::from_bytes(value).unwrap());
            UserAgent::from_request_parts(&mut parts, &()).await.unwrap().0
        };
        assert_eq!(label(b"curl/8.5.0 (x)").await, "curl/8.5.0 (x)");
        assert_eq!(label(b"tab\there \xff").await, "tab?here ?");
        assert_eq!(label(&[b'x'; 121]).await.len(), 120);
    }
}
