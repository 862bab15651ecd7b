use archirust_core::{Error, ErrorKind};
use archirust_telemetry::testing::capture;
use archirust_web::{ApiError, ApiResult, RequestContext};
use axum::Router;
use axum::body::Body;
use axum::routing::get as route_get;
use futures_util::stream;
use http::Request;
use tower::ServiceExt;

use crate::support::{app, get, router, seen_from, send, settings};

fn routes() -> Router {
    Router::new()
        .route(
            "/users/{id}",
            route_get(|context: RequestContext| async move {
                context.set_user("user-7");
                tracing::info!("looked up");
                "12345"
            }),
        )
        .route("/fails", route_get(fails))
        .route("/forged", route_get(|| async { ApiError::from(ErrorKind::InvalidToken) }))
        .route("/stream", route_get(streamed))
        .route("/breaks", route_get(breaks))
        .route("/hangs", route_get(std::future::pending::<()>))
}

async fn fails() -> ApiResult<()> {
    let disk = std::io::Error::other("disk gone");
    Err(Error::new(ErrorKind::Database).with_detail("insert into users").with_source(disk).into())
}

async fn streamed() -> Body {
    Body::from_stream(stream::iter(["abc", "de"].map(Ok::<_, std::io::Error>)))
}

async fn breaks() -> Body {
    Body::from_stream(stream::iter([Ok("abc"), Err(std::io::Error::other("gone"))]))
}

#[tokio::test]
async fn one_line_tells_of_a_request_and_nothing_of_its_query_path_or_headers() {
    let logs = capture();
    let app = app(settings(), routes());
    let request = Request::get("/users/hunter2?token=hunter3")
        .header("x-api-key", "hunter4")
        .header("user-agent", "hunter5")
        .body(Body::empty())
        .unwrap();
    let answer = send(&seen_from(&app, "203.0.113.9"), request).await;
    let lines: Vec<_> = logs.events().into_iter().filter(|event| event["target"] == "archirust::access").collect();
    assert_eq!(lines.len(), 1, "{}", logs.text());
    let (line, fields) = (&lines[0], &lines[0]["fields"]);
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["request_id"], answer.header("x-request-id"));
    assert_eq!(line["trace_id"], answer.header("x-request-id").replace('-', ""));
    assert_eq!(fields["method"], "GET");
    assert_eq!(fields["route"], "/users/{id}");
    assert_eq!(fields["status"], 200);
    assert_eq!(fields["bytes"], 5);
    assert_eq!(fields["client"], "203.0.113.9");
    assert_eq!(fields["user"], "user-7");
    assert!(fields["latency_us"].is_u64());
    logs.assert_absent(&["hunter2", "hunter3", "hunter4", "hunter5"]);
}

#[tokio::test]
async fn what_a_handler_logs_carries_the_ids_of_its_request() {
    let logs = capture();
    let answer = get(&router(routes()), "/users/1").await;
    assert_eq!(logs.event("looked up")["request_id"], answer.header("x-request-id"));
}

#[tokio::test]
async fn a_failure_is_an_error_with_all_that_is_known_and_told_once() {
    let logs = capture();
    let answer = get(&router(routes()), "/fails").await;
    assert_eq!(answer.status.as_u16(), 500);
    let events = logs.events();
    assert_eq!(events.len(), 1, "{}", logs.text());
    assert_eq!(events[0]["level"], "ERROR");
    assert_eq!(events[0]["fields"]["code"], "database_error");
    assert_eq!(events[0]["fields"]["error"], "database_error: insert into users: disk gone");
    assert_eq!(events[0]["request_id"], answer.header("x-request-id"));
}

#[tokio::test]
async fn levels_tell_whom_it_concerns() {
    for (uri, level) in [("/users/1", "INFO"), ("/nowhere", "INFO"), ("/forged", "WARN"), ("/fails", "ERROR")] {
        let logs = capture();
        get(&router(routes()), uri).await;
        assert_eq!(logs.event("request")["level"], level, "{uri}");
    }
}

#[tokio::test]
async fn without_an_access_log_failures_and_attacks_are_still_told() {
    let mut settings = settings();
    settings.access_log = false;
    let router = app(settings, routes()).router();
    for (uri, lines) in [("/users/1", 0), ("/nowhere", 0), ("/forged", 1), ("/fails", 1)] {
        let logs = capture();
        get(&router, uri).await;
        let told = logs.events().iter().filter(|event| event["target"] == "archirust::access").count();
        assert_eq!(told, lines, "{uri}");
    }
}

#[tokio::test]
async fn a_streamed_answer_is_told_of_at_its_end() {
    let logs = capture();
    let response = router(routes()).oneshot(Request::get("/stream").body(Body::empty()).unwrap()).await.unwrap();
    assert!(!logs.contains("archirust::access"));
    axum::body::to_bytes(response.into_body(), 100).await.unwrap();
    let line = logs.event("request");
    assert_eq!((line["fields"]["bytes"].as_u64(), line["fields"]["end"].as_str()), (Some(5), None));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_told_so() {
    let logs = capture();
    let response = router(routes()).oneshot(Request::get("/breaks").body(Body::empty()).unwrap()).await.unwrap();
    assert!(axum::body::to_bytes(response.into_body(), 100).await.is_err());
    let line = logs.event("request");
    assert_eq!((line["fields"]["bytes"].as_u64(), line["fields"]["end"].as_str()), (Some(3), Some("broken off")));
    logs.clear();
    let response = router(routes()).oneshot(Request::get("/stream").body(Body::empty()).unwrap()).await.unwrap();
    drop(response);
    assert_eq!(logs.event("request")["fields"]["end"], "broken off");
}

#[tokio::test]
async fn a_client_that_leaves_is_told_of() {
    let logs = capture();
    let mut waiting = Box::pin(router(routes()).oneshot(Request::get("/hangs").body(Body::empty()).unwrap()));
    assert!(futures_util::poll!(waiting.as_mut()).is_pending());
    drop(waiting);
    let fields = &logs.event("request")["fields"];
    assert_eq!((fields["status"].as_u64(), fields["end"].as_str()), (Some(499), Some("cancelled by the client")));
}
