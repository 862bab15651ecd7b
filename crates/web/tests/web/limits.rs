use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use archirust_core::Timestamp;
use archirust_core::clock::ManualClock;
use archirust_web::BuiltApp;
use archirust_web::config::WebSettings;
use axum::Router;
use axum::body::Body;
use axum::routing::get as route_get;
use http::Request;
use tower::ServiceExt;

use crate::support::{Answer, app, app_with_clock, get, seen_from, send, settings};

fn limited(requests: u32, burst: u32) -> WebSettings {
    let mut settings = settings();
    settings.rate_limit.enabled = true;
    settings.rate_limit.requests = requests;
    settings.rate_limit.burst = burst;
    settings.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    settings
}

fn hello() -> Router {
    Router::new().route("/", route_get(|| async { "hello" }))
}

async fn ask(app: &BuiltApp, peer: &str, forwarded: Option<&str>) -> Answer {
    let mut request = Request::get("/");
    if let Some(forwarded) = forwarded {
        request = request.header("x-forwarded-for", forwarded);
    }
    send(&seen_from(app, peer), request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_client_that_asks_too_often_is_told_when_to_come_back() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let app = app_with_clock(limited(1, 2), hello(), clock.clone());
    let first = ask(&app, "203.0.113.9", None).await;
    assert_eq!((first.status.as_u16(), first.header("ratelimit")), (200, "\"client\";r=1;t=1"));
    assert_eq!(first.header("ratelimit-policy"), "\"client\";q=2;w=2");
    assert_eq!(ask(&app, "203.0.113.9", None).await.header("ratelimit"), "\"client\";r=0;t=2");
    let refused = ask(&app, "203.0.113.9", None).await;
    assert_eq!(refused.status.as_u16(), 429);
    assert_eq!(refused.json()["code"], "rate_limited");
    assert_eq!((refused.header("retry-after"), refused.header("ratelimit")), ("1", "\"client\";r=0;t=2"));
    clock.advance(Duration::from_millis(999));
    assert_eq!(ask(&app, "203.0.113.9", None).await.status.as_u16(), 429);
    clock.advance(Duration::from_millis(1));
    assert_eq!(ask(&app, "203.0.113.9", None).await.status.as_u16(), 200);
}

#[tokio::test]
async fn clients_are_told_apart_by_the_address_that_trusted_proxies_name() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let app = app_with_clock(limited(1, 1), hello(), clock);
    for (peer, forwarded, status) in [
        ("203.0.113.9", None, 200),
        // An untrusted peer does not get away by naming others.
        ("203.0.113.9", Some("198.51.100.1"), 429),
        ("203.0.113.9", Some("198.51.100.2"), 429),
        // Behind a proxy each client counts by itself, whatever it wrote before.
        ("10.0.0.1", Some("198.51.100.7"), 200),
        ("10.0.0.2", Some("198.51.100.7"), 429),
        ("10.0.0.1", Some("1.1.1.1, 198.51.100.7"), 429),
        ("10.0.0.1", Some("198.51.100.8"), 200),
        // A /64 is one client.
        ("2001:db8:1:2::1", None, 200),
        ("2001:db8:1:2:ffff::2", None, 429),
        ("2001:db8:1:3::1", None, 200),
    ] {
        assert_eq!(ask(&app, peer, forwarded).await.status.as_u16(), status, "{peer} {forwarded:?}");
    }
}

/// A load balancer that is refused takes the service for dead.
#[tokio::test]
async fn health_is_not_limited() {
    let mut settings = limited(1, 1);
    settings.public_health = true;
    let app = app_with_clock(settings, hello(), ManualClock::at(Timestamp::UNIX_EPOCH));
    let router = seen_from(&app, "203.0.113.9");
    for _ in 0..5 {
        assert_eq!(get(&router, "/healthz").await.status.as_u16(), 200);
    }
    assert_eq!(get(&router, "/").await.status.as_u16(), 200);
    assert_eq!(get(&router, "/").await.status.as_u16(), 429);
    assert_eq!(get(&router, "/nowhere").await.json()["code"], "rate_limited");
}

#[tokio::test]
async fn without_a_cache_a_rate_limit_cannot_be_built() {
    let error = archirust_web::WebApp::new(limited(1, 1)).build().err().unwrap();
    assert!(error.message().contains("web.rate_limit.enabled"), "{}", error.message());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_takes_too_long_is_given_up_and_its_work_dropped() {
    struct Work(Arc<AtomicBool>);
    impl Drop for Work {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let dropped = Arc::new(AtomicBool::new(false));
    let work = dropped.clone();
    let handler = move || {
        let work = Work(work.clone());
        async move {
            tokio::time::sleep(Duration::from_secs(31)).await;
            drop(work);
        }
    };
    let app = app(settings(), Router::new().route("/", route_get(handler)));
    let started = tokio::time::Instant::now();
    let answer = get(&app.router(), "/").await;
    assert_eq!(started.elapsed().as_secs(), 30);
    assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (503, Some("deadline_exceeded")));
    assert_eq!(answer.header("retry-after"), "1");
    assert!(dropped.load(Ordering::SeqCst));
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_time_is_given() {
    let handler = || async {
        tokio::time::sleep(Duration::from_millis(29_990)).await;
        "in time"
    };
    let answer = get(&app(settings(), Router::new().route("/", route_get(handler))).router(), "/").await;
    assert_eq!(answer.text(), "in time");
}

#[tokio::test]
async fn too_many_requests_at_once_are_refused_at_once() {
    let mut settings = settings();
    settings.limits.max_requests = 2;
    let routes = hello().route("/hangs", route_get(std::future::pending::<()>));
    let router = app(settings, routes).router();
    let hang = || Box::pin(router.clone().oneshot(Request::get("/hangs").body(Body::empty()).unwrap()));
    let (mut first, mut second) = (hang(), hang());
    assert!(futures_util::poll!(first.as_mut()).is_pending());
    assert_eq!(get(&router, "/").await.status.as_u16(), 200);
    assert!(futures_util::poll!(second.as_mut()).is_pending());
    let refused = get(&router, "/").await;
    assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (503, Some("overloaded")));
    assert_eq!(refused.header("retry-after"), "1");
    drop(first);
    assert_eq!(get(&router, "/").await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_path_may_be_as_long_as_the_setting_says() {
    let mut settings = settings();
    settings.limits.max_uri.0 = 256;
    let router = app(settings, Router::new().route("/{*path}", route_get(|| async { "ok" }))).router();
    assert_eq!(get(&router, &format!("/{}", "x".repeat(255))).await.status.as_u16(), 200);
    assert_eq!(get(&router, &format!("/{}", "x".repeat(256))).await.status.as_u16(), 414);
    assert_eq!(get(&router, &format!("/?{}", "x".repeat(254))).await.status.as_u16(), 404);
    assert_eq!(get(&router, &format!("/?{}", "x".repeat(255))).await.status.as_u16(), 414);
}
