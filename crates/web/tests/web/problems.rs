use archirust_core::{Error, ErrorKind};
use archirust_web::extract::{Json, Path, Query, Valid};
use archirust_web::{ApiError, ApiResult};
use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::{get as route_get, post};
use garde::Validate;
use http::{HeaderValue, Request, StatusCode};
use serde::Deserialize;

use crate::support::{Answer, app, get, post_json, router, send, settings};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Register {
    #[garde(email)]
    email: String,
    #[garde(length(chars, min = 12))]
    password: String,
}

#[derive(Debug, Deserialize, Validate)]
struct Page {
    #[garde(range(min = 1, max = 100))]
    page_size: u8,
}

async fn register(Valid(Json(body)): Valid<Json<Register>>) -> String {
    format!("{} {}", body.email, body.password.len())
}

async fn list(Valid(Query(page)): Valid<Query<Page>>) -> String {
    page.page_size.to_string()
}

async fn by_number(Path(number): Path<u32>) -> String {
    number.to_string()
}

async fn broken() -> ApiResult<()> {
    Err(Error::new(ErrorKind::Database).with_detail("select hunter2 from users").into())
}

async fn panics() -> &'static str {
    panic!("hunter2")
}

fn panics_at_once() -> std::future::Ready<&'static str> {
    panic!("hunter2 at once")
}

fn routes() -> Router {
    Router::new()
        .route("/users", post(register).get(list))
        .route("/number/{n}", route_get(by_number))
        .route("/broken", route_get(broken))
        .route("/panics", route_get(panics))
        .route("/panics-at-once", route_get(panics_at_once))
        // What other libraries and careless handlers answer.
        .route(
            "/text",
            route_get(|| async { (StatusCode::BAD_REQUEST, "invalid type: hunter2, expected struct User") }),
        )
        .route("/html", route_get(|| async { (StatusCode::BAD_GATEWAY, axum::response::Html("<h1>hunter2</h1>")) }))
        .route("/json-500", route_get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, axum::Json("hunter2")) }))
        .route("/axum-json", post(|_: axum::Json<Register>| async { "ok" }))
        .route("/teapot", route_get(|| async { StatusCode::IM_A_TEAPOT }))
        .route("/not-acceptable", route_get(|| async { StatusCode::NOT_ACCEPTABLE }))
        .route("/oauth", route_get(|| async { (StatusCode::BAD_REQUEST, axum::Json("invalid_grant")) }))
        .route("/other-status", route_get(|| async { (StatusCode::CONFLICT, ApiError::from(ErrorKind::InvalidState)) }))
        .route("/with-cookie", route_get(with_cookie))
}

async fn with_cookie() -> impl IntoResponse {
    ([("set-cookie", HeaderValue::from_static("session=; Max-Age=0"))], ApiError::from(ErrorKind::TokenRevoked))
}

#[track_caller]
fn must_be_problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.shown());
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.shown());
    let problem = answer.json();
    assert_eq!(problem["status"], status);
    assert_eq!(problem["code"], code, "{problem}");
    assert_eq!(problem["type"], format!("urn:archirust:problem:{code}"));
    assert_eq!(problem["request_id"], answer.header("x-request-id"));
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    assert!(!answer.shown().contains("hunter2"), "{}", answer.shown());
}

#[tokio::test]
async fn whatever_fails_is_answered_with_a_problem() {
    let router = router(routes());
    for (uri, status, code) in [
        ("/nowhere", 404, "not_found"),
        ("/number/hunter2", 404, "not_found"),
        ("/users?page_size=hunter2", 422, "invalid_input"),
        ("/users?page_size=101", 422, "invalid_input"),
        ("/broken", 500, "internal"),
        ("/panics", 500, "internal"),
        ("/panics-at-once", 500, "internal"),
        ("/text", 400, "malformed_request"),
        ("/html", 502, "upstream_failed"),
        ("/json-500", 500, "internal"),
        ("/teapot", 418, "im_a_teapot"),
        ("/not-acceptable", 406, "not_acceptable"),
        ("/other-status", 409, "invalid_state"),
    ] {
        must_be_problem(&get(&router, uri).await, status, code);
    }
    let long = format!("/number/{}", "9".repeat(9000));
    must_be_problem(&get(&router, &long).await, 414, "uri_too_long");
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let answer = send(&router(routes()), Request::delete("/users").body(Body::empty()).unwrap()).await;
    must_be_problem(&answer, 405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "POST,GET,HEAD");
}

#[tokio::test]
async fn a_body_that_is_wrong_is_told_where() {
    let router = router(routes());
    let mut told = Vec::new();
    for (body, status, code) in [
        (r#"{"email":"#, 400, "malformed_request"),
        (r#"{"email":"a@example.org","password":1}"#, 422, "invalid_input"),
        (r#"{"email":"hunter2","password":"hunter2"}"#, 422, "invalid_input"),
        (r#"{"email":"a@example.org"}"#, 422, "invalid_input"),
        (r#"{"email":"a@example.org","password":"hunter2hunter2","hunter2":true}"#, 422, "invalid_input"),
    ] {
        let answer = send(&router, post_json("/users", body)).await;
        must_be_problem(&answer, status, code);
        told.push(answer.text().replace(answer.header("x-request-id"), "[id]"));
    }
    insta::assert_snapshot!(told.join("\n"));
    let fine = send(&router, post_json("/users", r#"{"email":"a@example.org","password":"twelve chars"}"#)).await;
    assert_eq!((fine.status, fine.text()), (StatusCode::OK, "a@example.org 12"));
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let router = router(routes());
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"] {
        let request = Request::post("/users").header("content-type", content_type).body(Body::from("{}")).unwrap();
        must_be_problem(&send(&router, request).await, 415, "unsupported_media_type");
    }
    let request = Request::post("/users").body(Body::from("{}")).unwrap();
    must_be_problem(&send(&router, request).await, 415, "unsupported_media_type");
}

#[tokio::test]
async fn an_extractor_of_another_library_gives_nothing_away() {
    let answer = send(&router(routes()), post_json("/axum-json", r#"{"email":"hunter2","password":7}"#)).await;
    must_be_problem(&answer, 422, "invalid_input");
    assert!(!answer.text().contains("Register") && !answer.text().contains("password"), "{}", answer.text());
}

#[tokio::test]
async fn an_error_in_json_that_a_handler_made_itself_is_left_alone() {
    let answer = get(&router(routes()), "/oauth").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (400, "\"invalid_grant\""));
}

#[tokio::test]
async fn headers_beside_an_error_are_kept() {
    let answer = get(&router(routes()), "/with-cookie").await;
    must_be_problem(&answer, 401, "token_revoked");
    assert_eq!(answer.header("set-cookie"), "session=; Max-Age=0");
    assert!(answer.header("www-authenticate").starts_with("Bearer error=\"invalid_token\""));
}

#[tokio::test]
async fn the_types_of_problems_can_be_ones_own() {
    let mut settings = settings();
    settings.problem_types = "https://docs.example.org/problems/".to_owned();
    let answer = get(&app(settings, routes()).router(), "/nowhere").await;
    assert_eq!(answer.json()["type"], "https://docs.example.org/problems/not_found");
}

/// The set of headers is a promise: whoever changes it sees it here.
#[tokio::test]
async fn answers_and_problems_have_these_headers() {
    let mut settings = settings();
    settings.behind_https = true;
    let router = app(settings, routes()).router();
    let fine = get(&router, "/number/1").await;
    let problem = get(&router, "/nowhere").await;
    insta::assert_snapshot!(format!("{}\n{}", fine.shown(), problem.shown()));
}
