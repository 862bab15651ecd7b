//! What people do with the service, over its API.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::time::Duration;

use archirust::Timestamp;
use common::api::text;
use common::{Api, PASSWORD, Setup, totp_code};
use reqwest::Method;
use serde_json::{Value, json};

/// A step of an authenticator app.
const STEP: Duration = Duration::from_secs(30);

#[tokio::test]
async fn an_account_is_made_once_and_only_with_a_password_that_nobody_guesses() {
    let setup = Setup::development();
    let service = setup.start();
    let api = Api::new(&service);

    let account = api.register("Ada@Example.org").await.expect(201);
    assert_eq!(account.header("location"), "/v1/users/me");
    let account = account.json();
    assert_eq!((&account["email"], &account["role"]), (&json!("ada@example.org"), &json!("user")));
    assert_eq!(account["display_name"], "Ada Lovelace");
    for member in ["id", "created_at", "updated_at"] {
        assert!(!text(&account, member).is_empty(), "{member}");
    }
    assert_eq!(account.as_object().unwrap().len(), 6, "nothing else is shown: {account}");

    // In whatever case the address is written.
    let twice = api.register("ADA@example.ORG").await;
    twice.problem(409, "already_exists");
    assert_eq!(twice.faults(), [("/email".to_owned(), "taken".to_owned())]);

    let register = |password: &str| json!({"email": "grace.hopper@example.org", "password": password, "display_name": "Grace Hopper"});
    for weak in ["sh0rt", "123456789012", "password1234", "grace.hopper@example.org", "accounts-accounts"] {
        let refused = api.post("/v1/users", register(weak)).await;
        let problem = refused.problem(422, "invalid_input");
        let reasons = problem["errors"].as_array().unwrap();
        assert!(!reasons.is_empty() && reasons.iter().all(|reason| reason["pointer"] == "/password"), "{problem}");
        assert!(reasons.iter().all(|reason| !text(reason, "message").is_empty()), "{problem}");
        assert!(!refused.body.contains(weak), "the password is told: {problem}");
    }
    // Everything that is wrong at once.
    let wrong = json!({"email": "nobody", "password": PASSWORD, "display_name": ""});
    let mut faults = api.post("/v1/users", wrong).await.faults();
    faults.sort();
    assert_eq!(faults.iter().map(|fault| fault.0.as_str()).collect::<Vec<_>>(), ["/display_name", "/email"]);

    service.stop();
}

#[tokio::test]
async fn a_change_is_made_only_to_the_version_that_was_seen() {
    let setup = Setup::development();
    let service = setup.start();
    let ada = Api::new(&service).newcomer("ada@example.org").await;

    let me = ada.get("/v1/users/me").await.expect(200);
    let seen = me.header("etag").to_owned();
    assert!(seen.len() > 2 && seen.starts_with('"'), "{seen}");
    let rename = |name: &str, tag: &str| {
        let request = ada.request(Method::PATCH, "/v1/users/me").header("if-match", tag);
        common::api::send(request.json(&json!({"display_name": name})))
    };
    let changed = rename("Ada King", &seen).await.expect(200);
    assert_ne!(changed.header("etag"), seen);
    assert_eq!(changed.json()["display_name"], "Ada King");
    rename("Ada Byron", &seen).await.problem(412, "precondition_failed");
    rename("Ada Byron", "\"nothing\"").await.problem(412, "precondition_failed");
    assert_eq!(ada.get("/v1/users/me").await.json()["display_name"], "Ada King");
    rename("Ada Byron", changed.header("etag")).await.expect(200);

    service.stop();
}

#[tokio::test]
async fn a_refresh_token_that_is_used_twice_ends_its_session_at_once() {
    let setup = Setup::development();
    let service = setup.start();
    let api = Api::new(&service);
    api.register("ada@example.org").await.expect(201);

    let first = api.log_in("ada@example.org", PASSWORD).await.expect(200);
    assert_eq!(first.header("cache-control"), "no-store");
    let first = first.json();
    assert_eq!((&first["token_type"], &first["expires_in"]), (&json!("Bearer"), &json!(300)));
    let refresh = |token: String| api.post("/v1/sessions/refresh", json!({"refresh_token": token}));

    let second = refresh(text(&first, "refresh_token")).await.expect(200).json();
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let user = api.with_token(text(&second, "access_token"));
    user.get("/v1/users/me").await.expect(200);

    // A thief, or the one who was robbed: nobody can tell, so both are out.
    assert_eq!(refresh(text(&first, "refresh_token")).await.status, 401);
    assert_eq!(refresh(text(&second, "refresh_token")).await.status, 401);
    user.get("/v1/users/me").await.problem(401, "token_revoked");
    api.with_token(text(&first, "access_token")).get("/v1/users/me").await.problem(401, "token_revoked");
    // The account itself is not harmed.
    api.session("ada@example.org").await.get("/v1/users/me").await.expect(200);

    service.stop();
}

#[tokio::test]
async fn sessions_are_seen_and_ended_by_their_user_alone() {
    let setup = Setup::development();
    let service = setup.start();
    let api = Api::new(&service);
    let laptop = api.newcomer("ada@example.org").await;
    let phone = api.session("ada@example.org").await;
    let other = api.newcomer("grace@example.org").await;

    let list = phone.get("/v1/sessions").await.expect(200).json();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{list}");
    assert_eq!(items.iter().filter(|item| item["current"] == true).count(), 1, "{list}");
    assert!(items.iter().all(|item| item["address"] == "127.0.0.1"), "{list}");
    assert!(list["next"].is_null());
    let laptops = text(items.iter().find(|item| item["current"] == false).unwrap(), "id");

    other.delete(&format!("/v1/sessions/{laptops}")).await.problem(404, "not_found");
    laptop.get("/v1/users/me").await.expect(200);
    phone.delete(&format!("/v1/sessions/{laptops}")).await.expect(204);
    laptop.get("/v1/users/me").await.problem(401, "token_revoked");
    phone.delete("/v1/sessions/none").await.problem(404, "not_found");

    phone.delete("/v1/sessions").await.expect(204);
    phone.get("/v1/users/me").await.problem(401, "token_revoked");
    other.get("/v1/users/me").await.expect(200);

    service.stop();
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions_and_is_none_of_the_old_ones() {
    const NEXT: &str = "marmalade-quorum-stilts-94";
    let setup = Setup::development();
    let service = setup.start();
    let api = Api::new(&service);
    let laptop = api.newcomer("ada@example.org").await;
    let phone = api.session("ada@example.org").await;
    let change = |api: &Api, from: &str, to: &str| {
        let (api, body) = (api.clone(), json!({"current_password": from, "new_password": to}));
        async move { api.put("/v1/users/me/password", body).await }
    };

    change(&phone, "not-the-password-at-all", NEXT).await.problem(401, "invalid_credentials");
    for weak in ["short", "ada@example.org", PASSWORD] {
        let refused = change(&phone, PASSWORD, weak).await;
        refused.problem(422, "invalid_input");
        assert!(refused.faults().iter().all(|fault| fault.0 == "/new_password"), "{}", refused.body);
    }
    laptop.get("/v1/users/me").await.expect(200);

    change(&phone, PASSWORD, NEXT).await.expect(204);
    phone.get("/v1/users/me").await.expect(200);
    laptop.get("/v1/users/me").await.problem(401, "token_revoked");
    api.log_in("ada@example.org", PASSWORD).await.problem(401, "invalid_credentials");
    api.log_in("ada@example.org", NEXT).await.expect(200);
    // Not even one that was in use before.
    assert_eq!(change(&phone, NEXT, PASSWORD).await.problem(422, "invalid_input")["errors"][0]["code"], "reused");

    service.stop();
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_each_of_its_codes_is_good_once() {
    let setup = Setup::development();
    let service = setup.start();
    let api = Api::new(&service);
    let ada = api.newcomer("ada@example.org").await;
    let challenge = async || {
        let answer = api.log_in("ada@example.org", PASSWORD).await.expect(202).json();
        assert!(answer.get("access_token").is_none(), "{answer}");
        text(&answer, "challenge")
    };
    let answer = async |challenge: &str, code: &str| {
        api.post("/v1/sessions/totp", json!({"challenge": challenge, "code": code})).await
    };
    let codes = |answer: &Value| -> Vec<String> {
        answer["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect()
    };

    ada.post("/v1/users/me/totp/recovery_codes", json!({})).await.problem(409, "invalid_state");
    let enrolment = ada.post("/v1/users/me/totp", json!({})).await.expect(201);
    assert_eq!(enrolment.header("cache-control"), "no-store");
    let enrolment = enrolment.json();
    let secret = text(&enrolment, "secret");
    assert!(text(&enrolment, "otpauth_uri").starts_with("otpauth://totp/Accounts:ada%40example.org?"));
    assert!(text(&enrolment, "qr_svg").contains("<svg"));
    // Nothing changes before it is confirmed.
    api.session("ada@example.org").await;

    let now = Timestamp::now();
    let (current, next) = (totp_code(&secret, now), totp_code(&secret, now + STEP));
    let confirm = async |code: &str| ada.post("/v1/users/me/totp/confirm", json!({"code": code})).await;
    confirm("12345").await.problem(401, "invalid_credentials");
    let recovery = codes(&confirm(&current).await.expect(200).json());
    assert_eq!(recovery.len(), 10);
    ada.post("/v1/users/me/totp", json!({})).await.problem(409, "invalid_state");

    // The code that confirmed it is used up.
    let first = challenge().await;
    answer(&first, &current).await.problem(401, "invalid_credentials");
    let session = answer(&first, &next).await.expect(200).json();
    api.with_token(text(&session, "access_token")).get("/v1/users/me").await.expect(200);
    answer(&first, &next).await.problem(401, "invalid_credentials");
    let second = challenge().await;
    answer(&second, &next).await.problem(401, "invalid_credentials");

    // A recovery code once.
    answer(&second, &recovery[0]).await.expect(200);
    let third = challenge().await;
    answer(&third, &recovery[0]).await.problem(401, "invalid_credentials");
    answer(&third, &recovery[1]).await.expect(200);

    // New codes make the old ones worthless.
    let renewed = codes(&ada.post("/v1/users/me/totp/recovery_codes", json!({})).await.expect(200).json());
    let fourth = challenge().await;
    answer(&fourth, &recovery[2]).await.problem(401, "invalid_credentials");
    answer(&fourth, &renewed[0]).await.expect(200);

    ada.delete("/v1/users/me/totp").await.expect(204);
    ada.delete("/v1/users/me/totp").await.problem(404, "not_found");
    api.session("ada@example.org").await.get("/v1/users/me").await.expect(200);

    service.stop();
}

#[tokio::test]
async fn an_administrator_made_at_the_terminal_lists_users_and_nobody_else_does() {
    let setup = Setup::development();
    let service = setup.start();
    let api = Api::new(&service);
    let create =
        |email: &str, password: &str| setup.run(&["admin", "create", "--email", email, "--name", "Root"], password);

    let made = create("root@example.org", &format!("{PASSWORD}\n"));
    assert!(made.ends_with(0).stdout.contains("made the administrator"), "{}", made.text());
    made.never_shows(PASSWORD);
    create("root@example.org", PASSWORD).ends_with(1).says(&["email has an account already"]);
    let weak = create("other@example.org", "pineapple1");
    weak.says(&["password"]).never_shows("pineapple1");
    assert_ne!(weak.code, Some(0));

    let ada = api.newcomer("ada@example.org").await;
    for name in ["bea", "cyd", "dora"] {
        api.register(&format!("{name}@example.org")).await.expect(201);
    }
    let root = api.session("root@example.org").await;
    ada.get("/v1/users").await.problem(403, "permission_denied");

    let list = async |query: &str| root.get(&format!("/v1/users?{query}")).await;
    let emails = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|item| text(item, "email")).collect()
    };
    let first = list("page_size=2&sort=email").await.expect(200).json();
    assert_eq!(emails(&first), ["ada@example.org", "bea@example.org"]);
    let cursor = text(&first, "next");
    let second = list(&format!("page_size=2&sort=email&after={cursor}")).await.expect(200).json();
    assert_eq!(emails(&second), ["cyd@example.org", "dora@example.org"]);
    let third = list(&format!("page_size=2&sort=email&after={}", text(&second, "next"))).await.expect(200).json();
    assert_eq!(emails(&third), ["root@example.org"]);
    assert!(third["next"].is_null());
    assert_eq!(emails(&list("sort=-email&page_size=1").await.json()), ["root@example.org"]);
    assert_eq!(emails(&list("q=DOR").await.json()), ["dora@example.org"]);
    assert_eq!(emails(&list("q=%25").await.json()), [""; 0]);
    assert!(!list("").await.body.contains("password"));

    list("sort=password_hash").await.problem(422, "invalid_input");
    let mut forged = cursor.clone().into_bytes();
    let place = forged.len() / 2;
    forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    list(&format!("page_size=2&sort=email&after={forged}")).await.problem(400, "invalid_cursor");
    // Nor is it good for another order.
    list(&format!("page_size=2&sort=-email&after={cursor}")).await.problem(400, "invalid_cursor");

    service.stop();
}
