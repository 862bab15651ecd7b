//! Speaking to the reference service as its users do.

use reqwest::{Client, Response};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

/// A user that was registered.
#[derive(Clone, Debug, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// What it logs in with.
    pub email: String,
}

/// The API of the reference service.
pub struct Accounts {
    client: Client,
    base: String,
    password: String,
}

#[derive(Deserialize)]
struct Session {
    access_token: String,
}

impl Accounts {
    /// Speaks to the service at `http://{address}`.
    pub fn new(client: Client, address: std::net::SocketAddr) -> Self {
        Self { client, base: format!("http://{address}"), password: Uuid::new_v4().to_string() }
    }

    /// Registers a user.
    ///
    /// # Errors
    /// When the service refuses.
    pub async fn register(&self, number: usize) -> Result<Account, String> {
        let email = format!("user{number}@bench.example");
        let body = json!({ "email": email, "password": self.password, "display_name": format!("User {number}") });
        let answer = self.client.post(format!("{}/v1/users", self.base)).json(&body).send().await;
        read(answer, "register a user").await?.json().await.map_err(|error| error.to_string())
    }

    /// Logs a user in, and returns the access token.
    ///
    /// # Errors
    /// When the service refuses.
    pub async fn log_in(&self, account: &Account) -> Result<String, String> {
        let body = json!({ "email": account.email, "password": self.password });
        let answer = self.client.post(self.sessions_url()).json(&body).send().await;
        let session: Session = read(answer, "log a user in").await?.json().await.map_err(|error| error.to_string())?;
        Ok(session.access_token)
    }

    /// The keys that its tokens are checked with.
    ///
    /// # Errors
    /// When the service refuses.
    pub async fn jwks(&self) -> Result<String, String> {
        let answer = self.client.get(format!("{}/.well-known/jwks.json", self.base)).send().await;
        read(answer, "fetch the keys").await?.text().await.map_err(|error| error.to_string())
    }

    /// Where one logs in.
    pub fn sessions_url(&self) -> String {
        format!("{}/v1/sessions", self.base)
    }
}

async fn read(answer: reqwest::Result<Response>, what: &str) -> Result<Response, String> {
    let answer = answer.map_err(|error| format!("could not {what}: {error}"))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let body = answer.text().await.unwrap_or_default();
    Err(format!("could not {what}: {status} {body}"))
}
