//! The description of the API and the page that shows it: Swagger UI, embedded, under a policy that allows nothing from
//! elsewhere and nothing inline.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};

use crate::body::{accepts_gzip, unpack};

const CSS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui.css.gz"));
const BUNDLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js.gz"));
const START: &str = include_str!("../assets/start.js");
const ICON: &str = include_str!("../assets/icon.svg");
const INDEX: &str = include_str!("../assets/index.html");
const VERSION: &str = env!("SWAGGER_UI_VERSION");

/// Scripts and styles from this service only; images from the style sheet, which holds some as data; calls to this service.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);
/// The address of the files changes with their version.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// `/openapi.json` and `/docs`.
pub(crate) fn routes(openapi: Bytes) -> Router {
    let description = move || std::future::ready(answer("application/json", openapi.clone()));
    let index = Bytes::from(INDEX.replace("VERSION", VERSION));
    let page = move || {
        let mut page = answer("text/html; charset=utf-8", index.clone());
        page.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY);
        std::future::ready(page)
    };
    let at = |file: &str| format!("/docs/{VERSION}/{file}");
    Router::new()
        .route("/openapi.json", get(description))
        .route("/docs", get(page.clone()))
        .route("/docs/", get(page))
        .route(&at("swagger-ui.css"), get(|request: Request| packed(request, "text/css; charset=utf-8", CSS)))
        .route(
            &at("swagger-ui-bundle.js"),
            get(|request: Request| packed(request, "text/javascript; charset=utf-8", BUNDLE)),
        )
        .route(&at("start.js"), get(|| small("text/javascript; charset=utf-8", START)))
        .route(&at("icon.svg"), get(|| small("image/svg+xml", ICON)))
}

async fn small(content_type: &'static str, text: &'static str) -> Response {
    let mut response = answer(content_type, Bytes::from_static(text.as_bytes()));
    response.headers_mut().insert(CACHE_CONTROL, FOR_EVER);
    response
}

/// The files are kept packed, and unpacked for the rare client that does not take them so.
async fn packed(request: Request, content_type: &'static str, content: &'static [u8]) -> Response {
    let mut response = answer(content_type, Bytes::from_static(content));
    response.headers_mut().insert(CACHE_CONTROL, FOR_EVER);
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
    if accepts_gzip(request.headers()) {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        return response;
    }
    response.map(unpack::gzip)
}

fn answer(content_type: &'static str, content: Bytes) -> Response {
    let mut response = Response::new(Body::from(content));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
