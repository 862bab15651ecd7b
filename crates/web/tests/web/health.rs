use archirust_core::ErrorKind;
use archirust_web::config::ManagementSettings;
use archirust_web::health::health_check;
use archirust_web::{StopHandle, WebApp};

use crate::support::{app, get, settings};
use axum::Router;

#[tokio::test]
async fn figures_and_checks_are_on_the_management_listener_only() {
    let app = app(settings(), Router::new());
    let (public, management) = (app.router(), app.management_router());
    for uri in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(get(&public, uri).await.status.as_u16(), 404, "{uri}");
        assert_ne!(get(&management, uri).await.status.as_u16(), 404, "{uri}");
    }
    assert_eq!(get(&management, "/healthz").await.text(), r#"{"status":"alive"}"#);
}

#[tokio::test]
async fn a_public_listener_tells_that_it_is_alive_only_if_asked_to() {
    let mut settings = settings();
    settings.public_health = true;
    let router = app(settings, Router::new()).router();
    assert_eq!(get(&router, "/healthz").await.status.as_u16(), 200);
    for uri in ["/readyz", "/metrics"] {
        assert_eq!(get(&router, uri).await.status.as_u16(), 404, "{uri}");
    }
}

#[tokio::test]
async fn figures_tell_of_requests_by_route() {
    let app = app(settings(), Router::new().route("/users/{id}", axum::routing::get(|| async { "x" })));
    for uri in ["/users/1", "/users/2", "/hunter2"] {
        get(&app.router(), uri).await;
    }
    let answer = get(&app.management_router(), "/metrics").await;
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    let text = answer.text();
    assert!(text.contains(r#"http_requests_total{method="GET",route="/users/{id}",status="200"} 2"#), "{text}");
    assert!(text.contains(r#"http_requests_total{method="GET",route="unmatched",status="404"} 1"#), "{text}");
    assert!(text.contains("http_requests_in_flight 0") && text.ends_with("# EOF\n"));
    assert!(!text.contains("hunter2"));
}

#[tokio::test]
async fn readiness_follows_the_life_of_the_service_and_what_it_depends_on() {
    let (broken, is_broken) = tokio::sync::watch::channel(false);
    let check = health_check("database", move || {
        let broken = *is_broken.borrow();
        async move { if broken { Err(ErrorKind::DatabaseUnavailable.into()) } else { Ok(()) } }
    });
    let management = ManagementSettings { bind: "127.0.0.1:0".parse().unwrap(), ..ManagementSettings::default() };
    let app = WebApp::new(settings()).management(management).health(check).build().unwrap();
    let router = app.management_router();
    let ready = async || {
        let answer = get(&router, "/readyz").await;
        (answer.status.as_u16(), answer.json())
    };
    assert_eq!(ready().await, (503, serde_json::json!({"status": "starting", "checks": []})));

    let (handle, signal) = StopHandle::new();
    let running = tokio::spawn(app.bind().await.unwrap().run(signal));
    while get(&router, "/readyz").await.json()["status"] == "starting" {
        tokio::task::yield_now().await;
    }
    let (status, body) = ready().await;
    assert_eq!((status, body["checks"][0]["status"].as_str()), (200, Some("up")));
    broken.send(true).unwrap();
    let (status, body) = ready().await;
    assert_eq!((status, body["status"].as_str()), (503, Some("not_ready")));
    assert_eq!(body["checks"][0]["code"], "database_unavailable");

    handle.stop();
    while get(&router, "/readyz").await.json()["status"] == "not_ready" {
        tokio::task::yield_now().await;
    }
    assert_eq!(ready().await, (503, serde_json::json!({"status": "stopping", "checks": []})));
    handle.stop();
    running.await.unwrap().unwrap();
}
