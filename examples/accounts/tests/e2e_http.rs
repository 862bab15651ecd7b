//! What every client of the service can rely on: the description of the API, its keys, and the form of refusals.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use common::api::send;
use common::{Api, Setup};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn every_refusal_is_a_problem_that_names_its_request() {
    let setup = Setup::development();
    let service = setup.start();
    let api = Api::new(&service);
    let body = |kind: &'static str, body: &'static str| {
        send(api.request(Method::POST, "/v1/sessions").header("content-type", kind).body(body))
    };

    api.get("/v1/nothing").await.problem(404, "not_found");
    let method = api.put("/v1/sessions", json!({})).await;
    method.problem(405, "method_not_allowed");
    assert!(method.header("allow").contains("POST"), "{}", method.header("allow"));
    body("text/plain", "email=a").await.problem(415, "unsupported_media_type");
    body("application/json", r#"{"email": "#).await.problem(400, "malformed_request");
    let unknown = body("application/json", r#"{"email": "a@example.org", "password": "x", "admin": true}"#).await;
    unknown.problem(422, "invalid_input");
    assert_eq!(unknown.faults(), [(String::new(), "unknown_member".to_owned())], "{}", unknown.body);
    let missing = body("application/json", r#"{"email": "a@example.org"}"#).await;
    missing.problem(422, "invalid_input");
    assert_eq!(missing.faults()[0].0, "/password", "{}", missing.body);
    let kind = body("application/json", r#"{"email": 7, "password": "x"}"#).await;
    kind.problem(422, "invalid_input");
    assert_eq!(kind.faults()[0].0, "/email", "{}", kind.body);
    assert!(!kind.body.contains("LogIn") && !kind.body.contains("String"), "a type of the program: {}", kind.body);
    let large = api.post("/v1/sessions", json!({"email": "x".repeat(1 << 20), "password": "x"})).await;
    large.problem(413, "payload_too_large");

    service.stop();
}

#[tokio::test]
async fn whoever_is_not_logged_in_is_told_how() {
    let setup = Setup::development();
    let service = setup.start();
    let api = Api::new(&service);

    let none = api.get("/v1/users/me").await;
    none.problem(401, "unauthenticated");
    assert_eq!(none.header("www-authenticate"), "Bearer");
    let ada = api.newcomer("ada@example.org").await;
    ada.get("/v1/users/me").await.expect(200);
    for wrong in ["nonsense", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0."] {
        let refused = api.with_token(wrong).get("/v1/users/me").await;
        refused.problem(401, "invalid_token");
        assert!(refused.header("www-authenticate").starts_with("Bearer error=\"invalid_token\""));
    }
    let unknown = api.log_in("nobody@example.org", "who-would-that-ever-be").await;
    let wrong = api.log_in("ada@example.org", "who-would-that-ever-be").await;
    let same = |answer: &common::Answer| {
        let mut problem = answer.problem(401, "invalid_credentials");
        problem["request_id"].take();
        problem
    };
    assert_eq!(same(&unknown), same(&wrong), "whether an account exists is nobody's business");

    service.stop();
}

#[tokio::test]
async fn the_published_keys_are_public() {
    let setup = Setup::development();
    let service = setup.start();
    let answer = Api::new(&service).get("/.well-known/jwks.json").await.expect(200);
    let set = answer.json();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1, "{set}");
    for key in keys {
        assert_eq!((&key["kty"], &key["alg"], &key["use"]), (&json!("EC"), &json!("ES256"), &json!("sig")), "{set}");
        assert!(key["kid"].is_string(), "{set}");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] {
            assert!(key.get(private).is_none(), "{private} is published");
        }
    }
    service.stop();
}

#[tokio::test]
async fn the_description_names_every_operation_with_its_refusals() {
    let setup = Setup::development();
    let service = setup.start();
    let api = Api::new(&service);
    let description = api.get("/openapi.json").await.expect(200).json();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1."), "{}", description["openapi"]);

    let mut operations: Vec<String> = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push(format!("{} {path}", method.to_uppercase()));
            let problem = |status: &str| leads_to_problem(&description, &operation["responses"][status]);
            assert!(problem("default") && problem("429"), "{method} {path}");
            let is_public = operation["security"].as_array().unwrap().contains(&json!({}));
            assert!(is_public || (problem("401") && problem("403")), "{method} {path}");
            if operation.get("requestBody").is_some() {
                assert!(["400", "413", "415", "422"].into_iter().all(problem), "{method} {path}");
            }
            assert!(operation["summary"].is_string(), "{method} {path} is not explained");
        }
    }
    operations.sort();
    let expected = [
        "DELETE /v1/sessions",
        "DELETE /v1/sessions/{id}",
        "DELETE /v1/users/me/totp",
        "GET /.well-known/jwks.json",
        "GET /v1/sessions",
        "GET /v1/users",
        "GET /v1/users/me",
        "PATCH /v1/users/me",
        "POST /v1/sessions",
        "POST /v1/sessions/refresh",
        "POST /v1/sessions/totp",
        "POST /v1/users",
        "POST /v1/users/me/totp",
        "POST /v1/users/me/totp/confirm",
        "POST /v1/users/me/totp/recovery_codes",
        "PUT /v1/users/me/password",
    ];
    assert_eq!(operations, expected);

    // What needs a login according to the description needs one.
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let is_public = operation["security"].as_array().unwrap().contains(&json!({}));
            let answer = send(api.request(method.clone(), &path.replace("{id}", "x"))).await;
            let is_refused = answer.header("www-authenticate").starts_with("Bearer");
            assert_eq!(is_refused, !is_public, "{method} {path}: {}", answer.body);
        }
    }
    service.stop();
}

#[tokio::test]
async fn the_docs_are_served_strictly_and_only_where_they_are_asked_for() {
    let setup = Setup::development();
    let service = setup.start();
    let page = Api::new(&service).get("/docs").await.expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(
        !page.body.contains("http://") && !page.body.contains("https://"),
        "something from elsewhere: {}",
        page.body
    );
    service.stop();

    let setup = setup.set("WEB__DOCS", "false");
    let service = setup.start();
    for path in ["/docs", "/openapi.json"] {
        Api::new(&service).get(path).await.problem(404, "not_found");
    }
    service.stop();
}

fn leads_to_problem(description: &Value, response: &Value) -> bool {
    let response = match response["$ref"].as_str() {
        Some(reference) => description.pointer(reference.trim_start_matches('#')).unwrap(),
        None => response,
    };
    response["content"]["application/problem+json"]["schema"]["$ref"] == "#/components/schemas/Problem"
}
