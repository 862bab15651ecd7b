use archirust_web::config::{CorsSettings, WebSettings};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;

use crate::support::{Answer, app, send, settings};

const SITE: &str = "https://app.example.org";
const STRANGER: &str = "https://evil.example";

fn routes() -> Router {
    Router::new().route("/", get(|| async { "read" }).post(|| async { "written" }))
}

fn with(cors: CorsSettings) -> Router {
    app(WebSettings { cors, ..settings() }, routes()).router()
}

fn listed(credentials: bool) -> Router {
    with(CorsSettings { origins: vec![SITE.parse().unwrap()], credentials, ..CorsSettings::default() })
}

async fn ask(router: &Router, method: &str, headers: &[(&str, &str)]) -> Answer {
    let request = Request::builder().method(method).uri("/").header("host", "api.example.org");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    send(router, request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn other_sites_may_read_only_what_is_opened_to_them() {
    let closed = with(CorsSettings::default());
    let any = with(CorsSettings { any_origin: true, ..CorsSettings::default() });
    let (open, with_cookies) = (listed(false), listed(true));
    for (router, origin, allowed, credentials) in [
        (&closed, SITE, "", ""),
        (&closed, "null", "", ""),
        (&any, SITE, "*", ""),
        (&any, STRANGER, "*", ""),
        (&open, SITE, SITE, ""),
        (&open, STRANGER, "", ""),
        (&open, "null", "", ""),
        (&open, "https://app.example.org.evil.example", "", ""),
        (&open, "http://app.example.org", "", ""),
        (&with_cookies, SITE, SITE, "true"),
        // Without the origin no browser reads the answer, with credentials or not.
        (&with_cookies, STRANGER, "", "true"),
    ] {
        let answer = ask(router, "GET", &[("origin", origin)]).await;
        assert_eq!(answer.header("access-control-allow-origin"), allowed, "{origin}");
        assert_eq!(answer.header("access-control-allow-credentials"), credentials, "{origin}");
        assert_eq!(answer.text(), "read");
    }
}

#[tokio::test]
async fn a_preflight_tells_what_is_allowed() {
    let preflight = [("origin", SITE), ("access-control-request-method", "PUT")];
    let answer = ask(&listed(false), "OPTIONS", &preflight).await;
    assert_eq!(answer.header("access-control-allow-origin"), SITE);
    assert_eq!(answer.header("access-control-allow-methods"), "GET,POST,PUT,PATCH,DELETE");
    assert_eq!(answer.header("access-control-allow-headers"), "authorization,content-type,if-match,traceparent");
    assert_eq!(answer.header("access-control-max-age"), "600");
    let closed = ask(&with(CorsSettings::default()), "OPTIONS", &preflight).await;
    assert_eq!(closed.status.as_u16(), 405);
    assert!(closed.headers.keys().all(|name| !name.as_str().starts_with("access-control-")));
}

#[tokio::test]
async fn pages_of_other_sites_cannot_write() {
    let (closed, open) = (with(CorsSettings::default()), listed(true));
    for (router, headers, passes) in [
        // Programs send neither header.
        (&closed, vec![], true),
        // Pages of this service.
        (&closed, vec![("sec-fetch-site", "same-origin")], true),
        (&closed, vec![("sec-fetch-site", "none")], true),
        (&closed, vec![("origin", "https://api.example.org")], true),
        // Pages of others, with a new browser and with an old one.
        (&closed, vec![("sec-fetch-site", "cross-site"), ("origin", STRANGER)], false),
        (&closed, vec![("sec-fetch-site", "same-site"), ("origin", SITE)], false),
        (&closed, vec![("sec-fetch-site", "cross-site")], false),
        (&closed, vec![("origin", STRANGER)], false),
        (&closed, vec![("origin", "null")], false),
        (&closed, vec![("origin", "https://api.example.org.evil.example")], false),
        // Listed sites may, and only they.
        (&open, vec![("sec-fetch-site", "cross-site"), ("origin", SITE)], true),
        (&open, vec![("origin", SITE)], true),
        (&open, vec![("sec-fetch-site", "cross-site"), ("origin", STRANGER)], false),
    ] {
        let answer = ask(router, "POST", &headers).await;
        if passes {
            assert_eq!(answer.text(), "written", "{headers:?}");
        } else {
            assert_eq!(answer.status.as_u16(), 403, "{headers:?}");
            assert_eq!(answer.json()["code"], "cross_site_request", "{headers:?}");
        }
        assert_eq!(ask(&closed, "GET", &headers).await.text(), "read", "{headers:?}");
    }
}

#[tokio::test]
async fn settings_that_contradict_each_other_name_their_key() {
    for (cors, key) in [
        (CorsSettings { any_origin: true, credentials: true, ..CorsSettings::default() }, "web.cors.credentials"),
        (CorsSettings { credentials: true, ..CorsSettings::default() }, "web.cors.credentials"),
        (CorsSettings { any_origin: true, headers: vec!["*".into()], ..CorsSettings::default() }, "web.cors.headers"),
        (
            CorsSettings { any_origin: true, methods: vec!["GET POST".into()], ..CorsSettings::default() },
            "web.cors.methods",
        ),
    ] {
        let error = archirust_web::WebApp::new(WebSettings { cors, ..settings() }).build().err().unwrap();
        assert!(error.message().contains(key), "{}", error.message());
    }
}
