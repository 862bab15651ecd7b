//! Logging in, staying logged in, logging out.

use std::net::{IpAddr, Ipv4Addr};

use archirust::auth::password::Verdict;
use archirust::auth::session::{Acr, Authentication, Challenge, Client as SessionClient, Issued, Session};
use archirust::auth::throttle::Action;
use archirust::id::Uuid;
use archirust::{Error, ErrorKind, Result, Secret};

use super::Accounts;
use crate::dto::{ChallengeAnswer, LogIn};
use crate::repository::users::{Model, by_email, normal_email};

/// Who asks, as far as the network shows it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Client {
    pub(crate) address: Option<IpAddr>,
    pub(crate) user_agent: String,
}

impl Client {
    /// The address that attempts are counted for.
    pub(super) fn address(&self) -> IpAddr {
        self.address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }

    fn of_session(&self) -> SessionClient {
        let user_agent = Some(self.user_agent.clone()).filter(|name| !name.is_empty());
        SessionClient { address: self.address, user_agent }
    }
}

/// What a right password leads to.
pub(crate) enum Login {
    /// A session.
    Session(Box<Issued>),
    /// The question for the second factor.
    Challenge(Challenge),
}

impl Accounts {
    /// The first step of a login.
    ///
    /// # Errors
    /// `InvalidCredentials`, whether there is no such account or the password is wrong; `RateLimited` after too many attempts;
    /// `Overloaded` when too many passwords wait to be checked.
    pub(crate) async fn log_in(&self, login: LogIn, client: &Client) -> Result<Login> {
        let user = by_email(self.db.read(), &login.email).await?;
        self.verify(&login.email, user.as_ref(), login.password, client).await?;
        let user = user.ok_or_else(|| Error::internal("a password was right, and nobody's"))?;
        if self.has_second_factor(user.id).await? {
            return self.challenges.begin(user.id).await.map(Login::Challenge);
        }
        let how = Authentication { acr: Acr::Aal1, amr: &["pwd"] };
        let issued = self.sessions.begin(user.id, how, &client.of_session()).await?;
        Ok(Login::Session(Box::new(issued)))
    }

    /// The second step of a login.
    ///
    /// # Errors
    /// `InvalidCredentials` for a challenge that is over or a code that is wrong or was used; `RateLimited` after too many
    /// attempts.
    pub(crate) async fn answer_challenge(&self, answer: &ChallengeAnswer, client: &Client) -> Result<Issued> {
        let id = self.challenges.answer(&answer.challenge).await?;
        let attempt = self.throttle.attempt(Action::SecondFactor, &id.to_string(), client.address()).await?;
        if !self.use_code(id, &answer.code).await? || !self.challenges.close(&answer.challenge).await? {
            tracing::warn!(user = %id, "a second factor was wrong");
            return Err(ErrorKind::InvalidCredentials.into());
        }
        attempt.succeeded().await?;
        // The account may have been deleted between the two steps.
        let user = self.user(id).await?;
        let how = Authentication { acr: Acr::Aal2, amr: &["pwd", "otp"] };
        self.sessions.begin(user.id, how, &client.of_session()).await
    }

    /// New tokens for a refresh token.
    ///
    /// # Errors
    /// Those of [`SessionManager::refresh`](archirust::auth::session::SessionManager::refresh).
    pub(crate) async fn refresh(&self, token: &Secret<String>) -> Result<Issued> {
        let issued = self.sessions.refresh(token).await?;
        if self.user(issued.session.user_id).await.is_err() {
            self.sessions.end_all(issued.session.user_id, None).await?;
            return Err(ErrorKind::TokenRevoked.into());
        }
        Ok(issued)
    }

    /// The sessions of a user, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn list_sessions(&self, id: Uuid) -> Result<Vec<Session>> {
        self.sessions.of_user(id).await
    }

    /// Ends one session of a user.
    ///
    /// # Errors
    /// `NotFound` if it is not a session of this user.
    pub(crate) async fn end_session(&self, id: Uuid, session: Uuid) -> Result<()> {
        self.sessions.end(id, session).await
    }

    /// Ends all sessions of a user.
    ///
    /// # Errors
    /// Those of database and cache.
    pub(crate) async fn end_all_sessions(&self, id: Uuid) -> Result<()> {
        self.sessions.end_all(id, None).await.map(drop)
    }

    pub(super) async fn end_other_sessions(&self, id: Uuid, current: Option<Uuid>) -> Result<()> {
        self.sessions.end_all(id, current).await.map(drop)
    }

    /// Whether this is the password of the account, as an attempt that counts. It takes as long for an account that does not
    /// exist. A hash that is weaker than a new one is replaced.
    pub(super) async fn verify(
        &self,
        email: &str,
        user: Option<&Model>,
        password: Secret<String>,
        client: &Client,
    ) -> Result<()> {
        let attempt = self.throttle.attempt(Action::Login, &normal_email(email), client.address()).await?;
        let stored = user.map(|user| user.password_hash.as_str());
        let verdict = self.hasher.verify(stored, password.clone()).await?;
        if verdict == Verdict::Invalid {
            tracing::warn!(user = user.map(|user| tracing::field::display(user.id)), "a password was wrong");
            return Err(ErrorKind::InvalidCredentials.into());
        }
        attempt.succeeded().await?;
        if let (Verdict::ValidButRehash, Some(user)) = (verdict, user) {
            self.rehash(user, password).await;
        }
        Ok(())
    }
}
