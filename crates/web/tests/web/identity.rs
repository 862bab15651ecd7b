use archirust_web::extract::ClientAddress;
use archirust_web::{BuiltApp, RequestContext, RequestId};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;

use crate::support::{Answer, app, seen_from, send, settings};

async fn who(ClientAddress(client): ClientAddress, id: RequestId, context: RequestContext) -> String {
    let client = client.map_or_else(|| "nobody".to_owned(), |address| address.to_string());
    format!("{client} {id} {} {}", context.trace(), context.is_https())
}

fn behind_proxy() -> BuiltApp {
    let mut settings = settings();
    settings.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    app(settings, Router::new().route("/", get(who)))
}

async fn ask(app: &BuiltApp, peer: &str, headers: &[(&str, &str)]) -> Answer {
    let request = headers.iter().fold(Request::get("/"), |request, (name, value)| request.header(*name, *value));
    send(&seen_from(app, peer), request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn an_id_is_made_for_each_request_and_told_to_the_client() {
    let app = behind_proxy();
    let (first, second) = (ask(&app, "203.0.113.9", &[]).await, ask(&app, "203.0.113.9", &[]).await);
    let id = first.header("x-request-id");
    assert_eq!(uuid::Uuid::parse_str(id).unwrap().get_version_num(), 7);
    assert!(first.text().contains(id));
    assert_ne!(id, second.header("x-request-id"));
}

#[tokio::test]
async fn an_id_is_taken_over_from_a_trusted_proxy_only_and_only_if_well_formed() {
    let app = behind_proxy();
    let id = async |peer, sent| ask(&app, peer, &[("x-request-id", sent)]).await.header("x-request-id").to_owned();
    assert_eq!(id("10.0.0.1", "proxy-made-12").await, "proxy-made-12");
    assert_ne!(id("203.0.113.9", "proxy-made-12").await, "proxy-made-12");
    for bad in ["short", "with space 12", "a\"quote-12345", &"x".repeat(65)] {
        assert_ne!(id("10.0.0.1", bad).await, bad);
    }
}

#[tokio::test]
async fn a_trace_is_continued_or_begun() {
    let app = behind_proxy();
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let continued = ask(&app, "203.0.113.9", &[("traceparent", parent)]).await;
    let trace = continued.text().split(' ').nth(2).unwrap();
    assert!(trace.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && !trace.contains("00f067aa0ba902b7"));
    for bad in [None, Some("00-nonsense-01"), Some("00-00000000000000000000000000000000-00f067aa0ba902b7-01")] {
        let headers: Vec<_> = bad.map(|bad| ("traceparent", bad)).into_iter().collect();
        let begun = ask(&app, "203.0.113.9", &headers).await;
        // A trace that begins here has the id of its first request.
        let id = begun.header("x-request-id").replace('-', "");
        assert_eq!(begun.text().split(' ').nth(2).unwrap().split('-').nth(1), Some(id.as_str()), "{bad:?}");
    }
}

#[tokio::test]
async fn handlers_see_the_client_behind_trusted_proxies() {
    let app = behind_proxy();
    let client = async |peer, forwarded| {
        let answer = ask(&app, peer, &[("x-forwarded-for", forwarded), ("x-forwarded-proto", "https")]).await;
        let words: Vec<_> = answer.text().split(' ').map(str::to_owned).collect();
        (words[0].clone(), words[3] == "true")
    };
    assert_eq!(client("10.0.0.1", "198.51.100.7").await, ("198.51.100.7".to_owned(), true));
    assert_eq!(client("203.0.113.9", "198.51.100.7").await, ("203.0.113.9".to_owned(), false));
}

#[tokio::test]
async fn https_is_promised_only_to_those_who_came_by_it() {
    let app = behind_proxy();
    let hsts = async |peer, proto| {
        let answer = ask(&app, peer, &[("x-forwarded-proto", proto)]).await;
        !answer.header("strict-transport-security").is_empty()
    };
    assert!(hsts("10.0.0.1", "https").await);
    assert!(!hsts("10.0.0.1", "http").await);
    assert!(!hsts("203.0.113.9", "https").await);
}
