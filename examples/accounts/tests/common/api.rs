//! A small client of the service.

use archirust::Timestamp;
use archirust::auth::totp::{Algorithm, Digits, Totp, TotpSecret};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::Service;

/// A password that nobody would guess, but for its being here.
pub const PASSWORD: &str = "vellum-okapi-thirteen-kites";

/// A client, with the token of a user or none.
#[derive(Clone)]
pub struct Api {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Api {
    pub fn new(service: &Service) -> Self {
        Self::at(&service.api)
    }

    pub fn at(base: &str) -> Self {
        Self { http: reqwest::Client::new(), base: base.to_owned(), token: None }
    }

    /// The same with this access token.
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    pub fn without_token(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    /// A request to be completed.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn register(&self, email: &str) -> Answer {
        self.post("/v1/users", json!({"email": email, "password": PASSWORD, "display_name": "Ada Lovelace"})).await
    }

    pub async fn log_in(&self, email: &str, password: &str) -> Answer {
        self.post("/v1/sessions", json!({"email": email, "password": password})).await
    }

    /// A new user with a session.
    pub async fn newcomer(&self, email: &str) -> Self {
        self.register(email).await.expect(201);
        self.session(email).await
    }

    /// A session of a user whose password is [`PASSWORD`].
    pub async fn session(&self, email: &str) -> Self {
        let session = self.log_in(email, PASSWORD).await.expect(200).json();
        self.with_token(text(&session, "access_token"))
    }
}

/// Sends it and reads the answer.
pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.text().await.unwrap() }
}

/// A member of an object that is text.
#[track_caller]
pub fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} is no text")).to_owned()
}

impl Answer {
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Asserts that it is a problem (RFC 9457) with this status and code, that names the request.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header(CONTENT_TYPE.as_str()), "application/problem+json");
        let problem = self.json();
        assert_eq!((&problem["code"], &problem["status"]), (&json!(code), &json!(status)), "{problem}");
        assert_eq!(problem["request_id"], json!(self.header("x-request-id")), "{problem}");
        assert!(!self.header("x-request-id").is_empty());
        problem
    }

    /// The pointers and codes of the values that are not valid.
    #[track_caller]
    pub fn faults(&self) -> Vec<(String, String)> {
        let problem = self.json();
        let faults = problem["errors"].as_array().cloned().unwrap_or_default();
        faults.iter().map(|fault| (text(fault, "pointer"), text(fault, "code"))).collect()
    }
}

/// The code that an authenticator app with this secret shows at a time.
pub fn totp_code(secret: &str, at: Timestamp) -> String {
    let totp = Totp::new(TotpSecret::from_base32(secret).unwrap(), Algorithm::Sha1, Digits::Six);
    totp.code_at(at).unwrap().expose().clone()
}
