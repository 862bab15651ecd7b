//! The port: where sessions are kept.

use std::net::IpAddr;

use archirust_core::id::Uuid;
use archirust_core::{Result, Timestamp};
use async_trait::async_trait;

use super::{Acr, TokenHash};

/// A session, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its identifier, the `sid` of its tokens.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// What all refresh tokens of the session have in common.
    pub family_hash: TokenHash,
    /// The refresh token that is good now.
    pub token_hash: TokenHash,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last refreshed.
    pub last_used_at: Timestamp,
    /// When the user proved who they are.
    pub authenticated_at: Timestamp,
    /// How sure that was.
    pub acr: Acr,
    /// By what means (RFC 8176), separated by blanks: `pwd otp`.
    pub amr: String,
    /// From where it was begun.
    pub address: Option<IpAddr>,
    /// With what it was begun, as the program called itself.
    pub user_agent: Option<String>,
    /// When it ended; an ended session is kept as long as an access token of it may live.
    pub ended_at: Option<Timestamp>,
}

/// Where sessions are kept. `rotate` and `end` decide between concurrent callers, so each has to be one atomic step; times
/// are given, never taken from the engine's own clock, and kept to the microsecond.
///
/// # Errors
/// Every operation: those of the engine.
#[async_trait]
pub trait SessionStore: Send + Sync + 'static {
    /// Adds a session.
    async fn insert(&self, session: &Session) -> Result<()>;

    /// The session, ended or not.
    async fn find(&self, id: Uuid) -> Result<Option<Session>>;

    /// Replaces the token of a session that has not ended, if it is `from`: of any number of callers with the same `from`
    /// exactly one is told `true`.
    async fn rotate(&self, id: Uuid, from: &TokenHash, to: &TokenHash, at: Timestamp) -> Result<bool>;

    /// Ends a session; `true` for the caller who did, `false` if it had ended or is not there.
    async fn end(&self, id: Uuid, at: Timestamp) -> Result<bool>;

    /// The sessions of a user that have not ended, the newest first.
    async fn of_user(&self, user: Uuid) -> Result<Vec<Session>>;

    /// The sessions that ended at or after a time.
    async fn ended_since(&self, time: Timestamp) -> Result<Vec<Uuid>>;

    /// Removes sessions that ended before `ended`, were last refreshed before `idle`, or began before `begun`. Says how many.
    async fn purge(&self, ended: Timestamp, idle: Timestamp, begun: Timestamp) -> Result<u64>;
}
