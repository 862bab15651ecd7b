//! Secrets that are pushed at the service in every way appear nowhere: not in its log, its answers or its figures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use common::api::{send, text};
use common::service::{SECRET_KEY, TOTP_KEY};
use common::{Answer, Api, PASSWORD, Setup};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn no_secret_appears_anywhere_and_every_request_is_in_the_log() {
    // Everything that is ever logged.
    let setup = Setup::production().set("LOG__LEVEL", "trace");
    let service = setup.start();
    let api = Api::new(&service);
    let mut answers: Vec<Answer> = Vec::new();
    let mut canaries: Vec<String> = Vec::new();
    let mut canary = |place: &str| {
        canaries.push(format!("kanari{place}Zq7w9"));
        format!("kanari{place}Zq7w9+/=ä\u{7}")
    };
    // What a header can hold.
    let visible = |canary: String| canary.trim_end_matches("ä\u{7}").to_owned();
    let get = |path: &str| api.request(Method::GET, path);
    let post = |path: &str, body: String| {
        api.request(Method::POST, path).header("content-type", "application/json").body(body)
    };

    answers.push(api.register("ada@example.org").await.expect(201));
    let session = api.log_in("ada@example.org", PASSWORD).await.expect(200).json();
    let tokens = [text(&session, "access_token"), text(&session, "refresh_token")];
    let ada = api.with_token(&tokens[0]);

    // Passwords, codes and tokens in bodies.
    let password = canary("password");
    answers.push(api.log_in("ada@example.org", &password).await);
    answers.push(api.log_in("nobody@example.org", &password).await);
    let body = json!({"email": "a@example.org", "password": canary("pw"), "display_name": ""});
    answers.push(api.post("/v1/users", body).await);
    let body = json!({"current_password": canary("current"), "new_password": canary("new")});
    answers.push(ada.put("/v1/users/me/password", body).await);
    let body = json!({"challenge": canary("challenge"), "code": canary("code")});
    answers.push(api.post("/v1/sessions/totp", body).await);
    answers.push(api.post("/v1/sessions/refresh", json!({"refresh_token": canary("refresh")})).await);
    answers.push(ada.post("/v1/users/me/totp/confirm", json!({"code": canary("confirm")})).await);
    // Of the wrong type, unknown, cut off, not even JSON.
    answers.push(api.post("/v1/sessions", json!({"email": [canary("list")], "password": {"a": canary("map")}})).await);
    answers.push(api.post("/v1/sessions", json!({"email": "a", "password": "b", "pasword": canary("typo")})).await);
    answers.push(send(post("/v1/sessions", format!("{{\"password\": \"{}", canary("cut")))).await);
    answers.push(send(post("/v1/sessions", format!("password={}", canary("form")))).await);
    // In headers.
    for scheme in ["Bearer", "Basic", "Digest", "Token"] {
        let value = format!("{scheme} {}", visible(canary(scheme)));
        answers.push(send(get("/v1/users/me").header("authorization", value)).await);
    }
    answers.push(send(get("/v1/users/me").basic_auth("ada", Some(canary("basicauth")))).await);
    for name in ["x-api-key", "x-auth-token", "proxy-authorization", "cookie", "traceparent", "x-request-id"] {
        let value = format!("session={}", visible(canary(&name.replace('-', ""))));
        answers.push(send(get("/v1/users/me").header(name, value)).await);
    }
    answers.push(send(get("/v1/users/me").header("if-match", visible(canary("ifmatch")))).await);
    // In addresses.
    for name in ["access_token", "api_key", "password", "q", "after", "sort", "page_size"] {
        let canary = visible(canary(&format!("query{}", name.replace('_', ""))));
        answers.push(send(get("/v1/users").query_pairs(name, &canary)).await);
        answers.push(send(ada.request(Method::GET, "/v1/users").query_pairs(name, &canary)).await);
    }
    let metrics = Api::at(&service.management).get("/metrics").await.expect(200);
    let ended = service.stop();

    for answer in &answers {
        assert!((200..500).contains(&answer.status) && answer.status != 404, "{} {}", answer.status, answer.body);
        let id = answer.header("x-request-id");
        assert!(ended.stdout.contains(id) && id.len() > 8, "the request {id} is not in the log");
    }
    let shown: Vec<(String, String)> = answers
        .iter()
        .map(|answer| (format!("an answer with {}", answer.status), format!("{:?}\n{}", answer.headers, answer.body)))
        .chain([
            ("the metrics".to_owned(), metrics.body),
            ("standard output".to_owned(), ended.stdout),
            ("standard error".to_owned(), ended.stderr),
        ])
        .collect();
    let known = [PASSWORD, SECRET_KEY, &TOTP_KEY[3..], &tokens[1]].map(str::to_owned);
    let signature = tokens[0].rsplit('.').next().unwrap().to_owned();
    for secret in canaries.iter().cloned().chain(known).chain([signature]) {
        for form in forms(&secret) {
            for (place, text) in &shown {
                assert!(!text.contains(&form), "{secret} is shown by {place}, as {form}:\n{}", line_of(text, &form));
            }
        }
    }
}

trait Query {
    fn query_pairs(self, name: &str, value: &str) -> Self;
}

impl Query for reqwest::RequestBuilder {
    fn query_pairs(self, name: &str, value: &str) -> Self {
        let value: String = value.bytes().map(|byte| encoded(byte, u8::is_ascii_alphanumeric)).collect();
        let (client, request) = self.build_split();
        let mut request = request.unwrap();
        request.url_mut().set_query(Some(&format!("{name}={value}")));
        Self::from_parts(client, request)
    }
}

fn encoded(byte: u8, plain: fn(&u8) -> bool) -> String {
    if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

/// As it is, in base64 at each of the three places where it can start, in base64 for URLs, and in hex.
///
/// The canaries are letters and digits, so they look the same in a URL.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned(), secret.bytes().map(|byte| format!("{byte:02x}")).collect()];
    for before in 0..3 {
        let mut bytes = vec![0; before];
        bytes.extend(secret.bytes());
        let text = base64(&bytes);
        // The first and the last characters depend on what is around it.
        let inner = &text[[0, 2, 3][before]..bytes.len() * 4 / 3 - 1];
        forms.push(inner.to_owned());
        forms.push(inner.replace('+', "-").replace('/', "_"));
    }
    forms
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let sextets = bytes.chunks(3).flat_map(|chunk| {
        let group = chunk.iter().enumerate().fold(0_u32, |group, (i, byte)| group | u32::from(*byte) << (16 - 8 * i));
        (0..=chunk.len()).map(move |i| ALPHABET[(group >> (18 - 6 * i) & 63) as usize])
    });
    sextets.map(char::from).collect()
}

fn line_of<'a>(text: &'a str, part: &str) -> &'a str {
    text.lines().find(|line| line.contains(part)).unwrap_or(text)
}

#[test]
fn the_forms_of_a_secret_are_found_wherever_it_stands() {
    // RFC 4648, section 10.
    assert_eq!([base64(b"foobar"), base64(b"fooba"), base64(b"foob")], ["Zm9vYmFy", "Zm9vYmE", "Zm9vYg"]);
    let secret = "kanaricodeZq7w9";
    for around in ["", "a", "ab", "abc", "ada:"] {
        let text = base64(format!("{around}{secret}{around}").as_bytes());
        assert!(forms(secret).iter().any(|form| text.contains(form)), "{around}");
    }
}
