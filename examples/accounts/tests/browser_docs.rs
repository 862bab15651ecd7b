//! The docs page, used as a person uses it: by clicking and typing, in a browser that keeps to its policy.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "common/browser.rs"]
mod browser;
mod common;

use std::time::Duration;

use archirust::Timestamp;
use browser::Browser;
use common::api::text;
use common::{PASSWORD, Setup, totp_code};
use serde_json::{Value, json};

#[tokio::test]
async fn a_person_registers_logs_in_with_a_second_factor_and_uses_the_api_from_the_docs() {
    let setup = Setup::development();
    let service = setup.start();
    let browser = Browser::start().await;
    let docs = Docs { browser: &browser };
    browser.client.goto(&format!("{}/docs", service.api)).await.unwrap();
    browser.find(".opblock").await;
    assert_eq!(browser.client.title().await.unwrap(), "accounts");
    browser.screenshot("1-docs").await;

    let account = json!({"email": "ada@example.org", "password": PASSWORD, "display_name": "Ada Lovelace"});
    let login = json!({"email": "ada@example.org", "password": PASSWORD});
    docs.call("users", "register", Some(&account)).await.expect("201");
    let session = docs.call("sessions", "log_in", Some(&login)).await.expect("200");
    browser.screenshot("2-logged-in").await;
    // Not before the token is entered.
    docs.call("users", "me", None).await.expect("401");
    docs.authorize(&text(&session, "access_token")).await;
    docs.call("users", "me", None).await.expect("200");

    let enrolment = docs.call("totp", "enrol", None).await.expect("201");
    let secret = text(&enrolment, "secret");
    let now = Timestamp::now();
    let confirm = json!({"code": totp_code(&secret, now)});
    let codes = docs.call("totp", "confirm", Some(&confirm)).await.expect("200");
    assert_eq!(codes["recovery_codes"].as_array().unwrap().len(), 10);

    docs.forget_token().await;
    let challenge = text(&docs.call("sessions", "log_in", Some(&login)).await.expect("202"), "challenge");
    // The next code, or a later one if all this has taken long.
    let later = Timestamp::now().max(now + Duration::from_secs(30));
    let answer = json!({"challenge": challenge, "code": totp_code(&secret, later)});
    let session = docs.call("sessions", "answer_challenge", Some(&answer)).await.expect("200");
    docs.authorize(&text(&session, "access_token")).await;
    let me = docs.call("users", "me", None).await.expect("200");
    assert_eq!(me["email"], "ada@example.org");
    browser.screenshot("3-me").await;

    // The one refusal above is told by the browser; nothing else is wrong, and nothing was forbidden.
    let console = browser.console().await;
    let complaints: Vec<&String> =
        console.iter().filter(|line| !line.contains("/v1/users/me - Failed to load")).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert_eq!(console.len(), 1, "{console:#?}");
    drop(browser);
    service.stop();
}

/// The page.
struct Docs<'a> {
    browser: &'a Browser,
}

/// What the page shows of an answer.
struct Shown {
    operation: String,
    status: String,
    body: String,
}

impl Docs<'_> {
    /// Opens an operation, fills in the body, executes it and reads what is shown.
    async fn call(&self, tag: &str, operation: &str, body: Option<&Value>) -> Shown {
        let browser = self.browser;
        let within = |css: &str| format!("#operations-{tag}-{operation} {css}");
        if !browser.has(&within(".opblock-body")).await {
            browser.click(&within(".opblock-summary-control")).await;
            browser.click(&within(".try-out__btn")).await;
        }
        if browser.has(&within(".btn-clear")).await {
            browser.click(&within(".btn-clear")).await;
        }
        if let Some(body) = body {
            browser.fill(&within("textarea.body-param__text"), &body.to_string()).await;
        }
        browser.click(&within(".execute")).await;
        let status = browser.text(&within(".live-responses-table tbody td.response-col_status")).await;
        let body =
            browser.text(&within(".live-responses-table tbody td.response-col_description .highlight-code pre")).await;
        Shown { operation: operation.to_owned(), status: status.lines().next().unwrap_or_default().to_owned(), body }
    }

    /// Enters a token in the window behind "Authorize".
    async fn authorize(&self, token: &str) {
        self.browser.click(".auth-wrapper .authorize").await;
        self.browser.fill(".modal-ux input", token).await;
        self.browser.click(".modal-ux button.authorize").await;
        self.browser.click(".modal-ux .btn-done").await;
    }

    async fn forget_token(&self) {
        self.browser.click(".auth-wrapper .authorize").await;
        self.browser.click(".modal-ux .auth-btn-wrapper button:not(.btn-done)").await;
        self.browser.click(".modal-ux .btn-done").await;
    }
}

impl Shown {
    #[track_caller]
    fn expect(&self, status: &str) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.operation, self.body);
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{}: {error}: {}", self.operation, self.body))
    }
}
