//! What pages of other sites may do: CORS opens the door for those that are listed, the CSRF layer keeps it shut for all
//! others.

use archirust_core::config::Conflict;
use archirust_core::{Error, ErrorKind, Result};
use axum::body::Body;
use axum::response::IntoResponse;
use http::{HeaderName, Method, Response};
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::config::{CorsPolicy, CorsSettings};
use crate::problem::ApiError;

/// How the layer answers a request that it refuses.
pub(crate) type Refusal = fn(ProtectionError) -> Response<Body>;

/// The CORS layer; `None` while it is closed, when no header is sent and browsers refuse.
///
/// # Errors
/// `Configuration` for settings that contradict each other or can't be sent.
pub(crate) fn cors(settings: &CorsSettings) -> Result<Option<CorsLayer>> {
    let policy = settings.policy().map_err(|Conflict { name, reason }| wrong(format!("web.cors.{name} {reason}")))?;
    let layer = match policy {
        CorsPolicy::Closed => return Ok(None),
        CorsPolicy::AnyOrigin => CorsLayer::new().allow_origin(tower_http::cors::Any),
        CorsPolicy::Origins { origins, credentials } => CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins.iter().map(|origin| origin.header())))
            .allow_credentials(credentials),
    };
    let methods: Vec<Method> = parse(&settings.methods, "methods")?;
    let headers: Vec<HeaderName> = parse(&settings.headers, "headers")?;
    let exposed: Vec<HeaderName> = parse(&settings.exposed_headers, "exposed_headers")?;
    Ok(Some(layer.allow_methods(methods).allow_headers(headers).expose_headers(exposed).max_age(settings.max_age)))
}

/// Refuses requests that a browser sent for a page of another site, unless they only read (`Sec-Fetch-Site`, `Origin`).
/// Programs other than browsers send neither header and pass. Sites that CORS lists may write, too.
///
/// # Errors
/// `Configuration`, as [`cors`].
pub(crate) fn csrf(settings: &CorsSettings) -> Result<CsrfLayer<Refusal>> {
    let mut layer = CsrfLayer::new();
    for origin in &settings.origins {
        layer = layer.add_trusted_origin(origin.as_str()).map_err(|error| {
            wrong("web.cors.origins has an entry that is not an origin".to_owned()).with_source(error)
        })?;
    }
    Ok(layer.with_rejection_response(refuse as Refusal))
}

fn refuse(error: ProtectionError) -> Response<Body> {
    ApiError::from(Error::new(ErrorKind::CrossSiteRequest).with_source(error)).into_response()
}

fn parse<T>(values: &[String], key: &str) -> Result<Vec<T>>
where
    T: std::str::FromStr,
{
    // `*` would be a valid name, and would open everything.
    let read = |value: &String| value.parse().ok().filter(|_| value != "*");
    let parsed: Option<Vec<T>> = values.iter().map(read).collect();
    parsed.ok_or_else(|| wrong(format!("web.cors.{key} has an entry that is not a name; wildcards are not accepted")))
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::Configuration).with_message(message)
}
