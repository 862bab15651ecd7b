//! Secrets go in by every door, and come out by none.

use archirust_core::{Error, ErrorKind};
use archirust_telemetry::testing::capture;
use archirust_web::ApiResult;
use archirust_web::extract::{Json, Query, Valid};
use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use garde::Validate;
use http::Request;
use serde::Deserialize;

use crate::support::{router, send};

const PASSWORD: &str = "canary-Tr0ub4dor-9f3c";
const CARD: &str = "4111111111111111";
const TOKEN: &str = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLW9mLXRoZS1jYW5hcnk";
const URL: &str = "postgres://app:canary-db-pw@db/app";
const ALL: [&str; 4] = [PASSWORD, CARD, TOKEN, URL];

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only read by serde")]
struct Login {
    #[garde(email)]
    email: String,
    #[garde(length(max = 4))]
    password: String,
    #[garde(skip)]
    remember: Option<bool>,
}

#[derive(Debug, Deserialize, Validate)]
#[allow(dead_code, reason = "only read by serde")]
struct Search {
    #[garde(range(max = 5))]
    page: u8,
}

fn routes() -> Router {
    Router::new()
        .route("/login", post(|_: Valid<Json<Login>>| async { "in" }))
        .route("/search", get(|_: Valid<Query<Search>>| async { "found" }))
        .route("/secret/{token}", get(|| async { "fine" }))
        .route("/fails", get(fails))
        .route("/panics", get(panics))
        .route("/text", get(|| async { (http::StatusCode::INTERNAL_SERVER_ERROR, format!("{PASSWORD} {URL}")) }))
}

async fn fails() -> ApiResult<()> {
    let source = std::io::Error::other(format!("can't connect to {URL}"));
    let detail = format!("password={PASSWORD} authorization: Bearer {TOKEN} card {CARD}");
    Err(Error::new(ErrorKind::Database).with_detail(detail).with_source(source).into())
}

async fn panics() -> &'static str {
    panic!("password={PASSWORD} {URL} Bearer {TOKEN} {CARD}")
}

#[tokio::test]
async fn no_secret_leaves_by_an_answer_or_a_log_and_the_request_id_does() {
    let json = |body: String| {
        Request::post("/login").header("content-type", "application/json").body(Body::from(body)).unwrap()
    };
    let bare = |uri: String| Request::get(uri).body(Body::empty()).unwrap();
    let mut requests = vec![
        bare("/fails".into()),
        bare("/panics".into()),
        bare("/text".into()),
        bare(format!("/nowhere/{PASSWORD}?card={CARD}")),
        bare(format!("/secret/{TOKEN}")),
        bare(format!("/search?page={PASSWORD}")),
        bare(format!("/search?page=9&password={PASSWORD}")),
        json(format!(r#"{{"email":"{PASSWORD}","password":"{PASSWORD}"}}"#)),
        json(format!(r#"{{"email":"a@example.org","password":"x","remember":"{PASSWORD}"}}"#)),
        json(format!(r#"{{"email":"a@example.org","password":"x","{PASSWORD}":"{CARD}"}}"#)),
        json(format!(r#"{{"email":"{PASSWORD}" broken"#)),
        json(format!("\"{URL}\"")),
    ];
    for request in &mut requests {
        let headers = request.headers_mut();
        headers.insert("authorization", format!("Bearer {TOKEN}").parse().unwrap());
        headers.insert("cookie", format!("session={PASSWORD}").parse().unwrap());
        headers.insert("x-api-key", PASSWORD.parse().unwrap());
        headers.insert("user-agent", URL.parse().unwrap());
        headers.insert("referer", format!("https://x/?card={CARD}").parse().unwrap());
        headers.insert("x-request-id", PASSWORD.parse().unwrap());
        headers.insert("traceparent", PASSWORD.parse().unwrap());
    }
    let router = router(routes());
    for request in requests {
        let what = format!("{} {}", request.method(), request.uri().path().split('/').nth(1).unwrap());
        let logs = capture();
        let answer = send(&router, request).await;
        let shown = answer.shown();
        for secret in ALL {
            assert!(!shown.contains(secret), "{what}: {shown}");
        }
        logs.assert_absent(&ALL);
        logs.assert_absent(&["canary"]);
        // The control: this line is about this request.
        assert_eq!(logs.event("request")["request_id"], answer.header("x-request-id"), "{what}");
    }
}
