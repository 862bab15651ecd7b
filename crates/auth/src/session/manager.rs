//! What ties store, signer and revocation together.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use archirust_core::clock::Clock;
use archirust_core::id::{self, Uuid};
use archirust_core::random::Random;
use archirust_core::{Error, ErrorKind, Result, Secret, Timestamp};
use serde::Serialize;

use super::token::RefreshToken;
use super::{Acr, Session, SessionSettings, SessionStore};
use crate::jwt::{AccessToken, LONGEST_ACCEPTED, NewToken, NoExtra, Revocations, Signer};

/// The longest name of a program that is kept, in characters.
const MAX_USER_AGENT: usize = 200;

/// How a user proved who they are.
#[derive(Clone, Copy, Debug)]
pub struct Authentication<'a> {
    /// How sure it is.
    pub acr: Acr,
    /// By what means (RFC 8176): `pwd`, `otp`.
    pub amr: &'a [&'a str],
}

/// From where and with what a session is begun, to be shown to its owner.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The network address.
    pub address: Option<IpAddr>,
    /// The program, as it calls itself. Control characters are dropped, and what is longer than 200 characters is cut.
    pub user_agent: Option<String>,
}

/// What a client gets when a session begins or is refreshed.
#[derive(Debug)]
pub struct Issued {
    /// The session.
    pub session: Session,
    /// The token for the API.
    pub access: AccessToken,
    /// The token for the next pair, good for one use.
    pub refresh: Secret<String>,
}

/// Who wants to hear of a session that ended because its refresh token was used twice.
type ReuseListener = Arc<dyn Fn(&Session) + Send + Sync>;

/// Begins, refreshes and ends sessions.
#[derive(Clone)]
pub struct SessionManager {
    settings: SessionSettings,
    store: Arc<dyn SessionStore>,
    signer: Arc<Signer>,
    pub(super) revocations: Revocations,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    reused: Option<ReuseListener>,
}

impl SessionManager {
    /// A manager of the sessions in this store.
    pub fn new(
        settings: &SessionSettings,
        store: Arc<dyn SessionStore>,
        signer: Arc<Signer>,
        revocations: Revocations,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self { settings: settings.clone(), store, signer, revocations, clock, random, reused: None }
    }

    /// Tells of each session that ends because its refresh token was used twice, once: somebody has a copy of it, and its
    /// owner should know. A line in the log with the event `refresh_token_reused` is written in any case.
    #[must_use]
    pub fn on_reuse(mut self, listener: impl Fn(&Session) + Send + Sync + 'static) -> Self {
        self.reused = Some(Arc::new(listener));
        self
    }

    /// The same over another store, telling nobody.
    pub(super) fn over(&self, store: Arc<dyn SessionStore>) -> Self {
        Self { store, reused: None, ..self.clone() }
    }

    /// Takes up after a restart: access tokens of sessions that ended a moment ago are refused again, also where the cache
    /// forgets with the process. Removes what is over for good.
    ///
    /// # Errors
    /// Those of store and cache.
    pub async fn resume(&self) -> Result<()> {
        let now = self.clock.now();
        for session in self.store.ended_since(before(now, LONGEST_ACCEPTED)).await? {
            self.revocations.revoke_session(session).await?;
        }
        self.purge().await.map(drop)
    }

    /// Removes sessions that are over for good; call it now and then. Says how many.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn purge(&self) -> Result<u64> {
        let now = self.clock.now();
        let Self { settings, .. } = self;
        // One more access token's life, so that `resume` still finds what has just run out.
        let grace = |time: Duration| before(now, time + LONGEST_ACCEPTED);
        self.store.purge(grace(Duration::ZERO), grace(settings.idle_timeout), grace(settings.max_lifetime)).await
    }

    /// Begins a session of a user who has just proved who they are. Beyond the number that a user may have, the one that was
    /// not used for the longest time ends.
    ///
    /// # Errors
    /// Those of store, cache and signer.
    pub async fn begin(&self, user: Uuid, how: Authentication<'_>, client: &Client) -> Result<Issued> {
        self.begin_with(user, how, client, &NoExtra {}).await
    }

    /// As [`SessionManager::begin`], with claims of the service in the access token: roles, scopes.
    ///
    /// # Errors
    /// As [`SessionManager::begin`].
    pub async fn begin_with<E: Serialize>(
        &self,
        user: Uuid,
        how: Authentication<'_>,
        client: &Client,
        extra: &E,
    ) -> Result<Issued> {
        let now = self.now();
        let id = id::new_from(&*self.clock, &*self.random);
        let token = RefreshToken::first(id, &*self.random);
        let session = Session {
            id,
            user_id: user,
            family_hash: token.family_hash(),
            token_hash: token.hash(),
            created_at: now,
            last_used_at: now,
            authenticated_at: now,
            acr: how.acr,
            amr: how.amr.join(" "),
            address: client.address,
            user_agent: client.user_agent.as_deref().map(cleaned),
            ended_at: None,
        };
        let access = self.access_token(&session, extra)?;
        self.store.insert(&session).await?;
        self.end_surplus(user, id).await?;
        tracing::info!(user = %user, session = %id, acr = %how.acr, "a session began");
        Ok(Issued { session, access, refresh: token.text() })
    }

    /// Takes a refresh token and gives new ones. A token that was used before ends its session.
    ///
    /// # Errors
    /// `InvalidToken` for a token that this service did not make; `TokenRevoked` for one of a session that has ended, or that
    /// ends now because the token was used before; `TokenExpired` after too long a silence, or at the end of the session's
    /// life; those of store, cache and signer.
    pub async fn refresh(&self, token: &Secret<String>) -> Result<Issued> {
        self.refresh_with(token, async |_| Ok(NoExtra {})).await
    }

    /// As [`SessionManager::refresh`], with claims of the service in the access token. `extra` is asked for them, with the
    /// session as it was, before the old token is used up: if it fails, because the account is gone, nothing has changed.
    ///
    /// # Errors
    /// As [`SessionManager::refresh`], and those of `extra`.
    pub async fn refresh_with<E, F>(&self, token: &Secret<String>, extra: F) -> Result<Issued>
    where
        E: Serialize,
        F: AsyncFnOnce(Session) -> Result<E>,
    {
        let now = self.now();
        let token = RefreshToken::parse(token.expose()).ok_or(ErrorKind::InvalidToken)?;
        let session = self.store.find(token.session).await?.ok_or(ErrorKind::InvalidToken)?;
        if session.family_hash != token.family_hash() {
            return Err(ErrorKind::InvalidToken.into());
        }
        if session.ended_at.is_some() {
            return Err(ErrorKind::TokenRevoked.into());
        }
        if self.is_over(&session, now) {
            self.end_now(session.id).await?;
            return Err(ErrorKind::TokenExpired.into());
        }
        if session.token_hash != token.hash() {
            return self.end_reused(&session).await;
        }
        let next = token.next(&*self.random);
        // Signed before the old token is used up, so that a signer that fails costs nobody their session.
        let access = self.access_token(&session, &extra(session.clone()).await?)?;
        if !self.store.rotate(session.id, &token.hash(), &next.hash(), now).await? {
            return self.end_reused(&session).await;
        }
        let session = Session { token_hash: next.hash(), last_used_at: now, ..session };
        Ok(Issued { session, access, refresh: next.text() })
    }

    /// The sessions of a user that are not over, the newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn of_user(&self, user: Uuid) -> Result<Vec<Session>> {
        let now = self.now();
        let mut sessions = self.store.of_user(user).await?;
        sessions.retain(|session| !self.is_over(session, now));
        Ok(sessions)
    }

    /// Ends a session of a user, and its access tokens.
    ///
    /// # Errors
    /// `NotFound` if the user has no such session; those of store and cache: then it is still listed, and can be ended again.
    pub async fn end(&self, user: Uuid, session: Uuid) -> Result<()> {
        let found = self.store.find(session).await?.filter(|found| found.user_id == user && found.ended_at.is_none());
        let session = found.ok_or(ErrorKind::NotFound)?.id;
        self.end_now(session).await?;
        tracing::info!(user = %user, session = %session, "a session was ended");
        Ok(())
    }

    /// Ends all sessions of a user, but for one; says how many.
    ///
    /// # Errors
    /// Those of store and cache. Sessions that could not be ended are still listed: ask again.
    pub async fn end_all(&self, user: Uuid, except: Option<Uuid>) -> Result<usize> {
        let sessions = self.store.of_user(user).await?;
        let mut ended = 0;
        for session in sessions.iter().filter(|session| Some(session.id) != except) {
            self.end_now(session.id).await?;
            ended += 1;
        }
        tracing::info!(user = %user, ended, "sessions were ended");
        Ok(ended)
    }

    /// First the access tokens, those to come as well, then the session: if the cache can't be reached the session is not
    /// ended by half, and whoever wants it to end is told to ask again.
    async fn end_now(&self, session: Uuid) -> Result<bool> {
        self.revocations.revoke_session(session).await?;
        self.store.end(session, self.now()).await
    }

    /// Nobody asks again here, so the session ends even if the cache can't be reached.
    async fn end_reused(&self, session: &Session) -> Result<Issued> {
        let revoked = self.revocations.revoke_session(session.id).await;
        // Of several uses at once one ends the session, and only that one tells.
        if self.store.end(session.id, self.now()).await? {
            tracing::warn!(
                event = "refresh_token_reused",
                user = %session.user_id,
                session = %session.id,
                "a refresh token was used twice; its session has ended"
            );
            if let Some(listener) = &self.reused {
                listener(session);
            }
        }
        revoked?;
        Err(Error::new(ErrorKind::TokenRevoked).with_detail("a refresh token was used twice"))
    }

    async fn end_surplus(&self, user: Uuid, new: Uuid) -> Result<()> {
        let mut sessions = self.store.of_user(user).await?;
        let most = usize::try_from(self.settings.max_per_user).unwrap_or(usize::MAX);
        sessions.retain(|session| session.id != new);
        // Those that were used last stay.
        sessions.sort_by_key(|session| std::cmp::Reverse((session.last_used_at, session.id)));
        for session in sessions.iter().skip(most.saturating_sub(1)) {
            self.end_now(session.id).await?;
        }
        Ok(())
    }

    fn access_token<E: Serialize>(&self, session: &Session, extra: &E) -> Result<AccessToken> {
        let amr = session.amr.split_whitespace();
        let token = NewToken::new(session.user_id.to_string()).session(session.id).authenticated(
            session.authenticated_at,
            session.acr.name(),
            amr,
        );
        self.signer.sign(&token.extra(extra))
    }

    fn is_over(&self, session: &Session, now: Timestamp) -> bool {
        session.last_used_at < before(now, self.settings.idle_timeout)
            || session.created_at < before(now, self.settings.max_lifetime)
    }

    /// To the microsecond, as stores keep it.
    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}

impl std::fmt::Debug for SessionManager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionManager").field("settings", &self.settings).finish_non_exhaustive()
    }
}

fn before(now: Timestamp, by: Duration) -> Timestamp {
    now.checked_sub(by).unwrap_or(Timestamp::MIN)
}

fn cleaned(user_agent: &str) -> String {
    user_agent.chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT).collect()
}

#[cfg(test)]
#[path = "manager_tests.rs"]
mod tests;
