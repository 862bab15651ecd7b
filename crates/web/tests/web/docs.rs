use archirust_web::{BuiltApp, WebApp};
use axum::body::Body;
use http::Request;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::support::{get, send, settings};

#[derive(serde::Serialize, serde::Deserialize, ToSchema)]
struct User {
    name: String,
}

#[utoipa::path(post, path = "/login", request_body = User, security(()), responses((status = 200, body = User)))]
async fn login() {}

#[utoipa::path(get, path = "/users/{id}", params(("id" = String, Path)), responses((status = 200, body = User), (status = 404, description = "own")))]
async fn user() {}

fn app(docs: bool) -> BuiltApp {
    let mut settings = settings();
    settings.docs = docs;
    WebApp::new(settings)
        .title("users", "1.2.3")
        .routes(OpenApiRouter::new().routes(routes!(login)).routes(routes!(user)))
        .build()
        .unwrap()
}

#[tokio::test]
async fn nothing_is_described_unless_asked_for() {
    let router = app(false).router();
    for uri in ["/openapi.json", "/docs", "/docs/"] {
        assert_eq!(get(&router, uri).await.status.as_u16(), 404, "{uri}");
    }
}

#[tokio::test]
async fn the_description_has_what_is_the_same_for_all_operations() {
    let answer = get(&app(true).router(), "/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let api = answer.json();
    assert_eq!(api["openapi"], "3.1.0");
    // Not those of the library that collects the routes.
    assert_eq!(api["info"], serde_json::json!({"title": "users", "version": "1.2.3"}));
    assert_eq!(api["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    assert_eq!(api["components"]["schemas"]["Problem"]["type"], "object");
    assert_eq!(api["components"]["schemas"]["ProblemField"]["type"], "object");
    let (login, user) = (&api["paths"]["/login"]["post"], &api["paths"]["/users/{id}"]["get"]);
    assert_eq!(user["security"][0]["bearer"], serde_json::json!([]));
    assert_eq!(login["security"], serde_json::json!([{}]));
    let problem = "#/components/responses/Problem";
    for status in ["400", "401", "403", "422", "429", "default"] {
        assert_eq!(user["responses"][status]["$ref"], problem, "{status}");
    }
    assert_eq!(user["responses"]["404"]["description"], "own");
    assert!(user["responses"]["413"].is_null() && login["responses"]["401"].is_null());
    assert_eq!(login["responses"]["413"]["$ref"], problem);
    assert_eq!(login["responses"]["415"]["$ref"], problem);
}

/// All that the page loads is there, comes from here, and nothing of it is inline.
#[tokio::test]
async fn the_page_keeps_its_own_strict_policy() {
    let router = app(true).router();
    let page = get(&router, "/docs").await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'; script-src 'self'; style-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    let html = page.text();
    assert!(
        !html.contains("http://") && !html.contains("https://") && !html.contains("style=") && !html.contains("<style")
    );
    assert_eq!(html.matches("<script").count(), html.matches("></script>").count());
    let links: Vec<_> = html.split(['"']).filter(|part| part.starts_with("/docs/")).map(str::to_owned).collect();
    assert_eq!(links.len(), 4, "{links:?}");
    for link in links {
        let file =
            send(&router, Request::get(&link).header("accept-encoding", "gzip").body(Body::empty()).unwrap()).await;
        assert_eq!(file.status.as_u16(), 200, "{link}");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert!(file.header("cache-control").contains("immutable"), "{link}");
        let plain = get(&router, &link).await;
        assert_eq!(plain.header("content-encoding"), "", "{link}");
        assert!(!plain.text().is_empty(), "{link}");
    }
}
