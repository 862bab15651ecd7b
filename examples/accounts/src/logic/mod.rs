//! What the service does, between the routes and the rows: each function is one thing that a caller wants, decides whether
//! it may be, and does it in one unit of work.

mod second_factor;
mod sessions;
mod users;

use std::sync::Arc;

use archirust::auth::password::Hasher;
use archirust::auth::session::{Challenges, SessionManager};
use archirust::auth::throttle::Throttle;
use archirust::auth::totp::SecondFactors;
use archirust::page::CursorKey;
use archirust::sql::Database;
use archirust::{Result, Start, Tokens};

use crate::repository::MIGRATIONS;
use crate::repository::sessions::SqlSessions;
use crate::settings::AccountsSettings;

pub(crate) use sessions::{Client, Login};
pub(crate) use users::Role;

/// The service: everything that its functions need.
pub(crate) struct Accounts {
    db: Database,
    hasher: Hasher,
    throttle: Throttle,
    factors: SecondFactors,
    sessions: SessionManager,
    challenges: Challenges,
    cursors: CursorKey,
    tokens: Tokens,
    issuer: String,
}

impl Accounts {
    /// Takes the parts from a start.
    ///
    /// # Errors
    /// What keeps a part from starting, with the remedy.
    pub(crate) async fn new(start: &mut Start<AccountsSettings>) -> Result<Self> {
        let db = start.database(MIGRATIONS).await?;
        let tokens = start.tokens()?;
        let sessions = start.sessions(Arc::new(SqlSessions::new(db.clone()))).await?;
        Ok(Self {
            hasher: start.hasher()?,
            throttle: start.throttle()?,
            factors: start.second_factors()?,
            cursors: CursorKey::derive(start.secret_key()?),
            issuer: start.settings().accounts.issuer.clone(),
            challenges: start.challenges(),
            sessions,
            tokens,
            db,
        })
    }

    /// The tokens of the service.
    pub(crate) fn tokens(&self) -> &Tokens {
        &self.tokens
    }
}
