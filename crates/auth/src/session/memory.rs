//! The embedded engine: sessions in the memory of the process, for tests and small tools. They end with it.

use std::collections::HashMap;

use archirust_core::id::Uuid;
use archirust_core::{Error, ErrorKind, Result, Timestamp};
use async_trait::async_trait;
use parking_lot::Mutex;

use super::{Session, SessionStore, TokenHash};

/// Sessions in the memory of the process.
#[derive(Debug, Default)]
pub struct MemorySessions {
    sessions: Mutex<HashMap<Uuid, Session>>,
}

#[async_trait]
impl SessionStore for MemorySessions {
    async fn insert(&self, session: &Session) -> Result<()> {
        let mut sessions = self.sessions.lock();
        if sessions.contains_key(&session.id) {
            return Err(Error::new(ErrorKind::AlreadyExists));
        }
        sessions.insert(session.id, session.clone());
        Ok(())
    }

    async fn find(&self, id: Uuid) -> Result<Option<Session>> {
        Ok(self.sessions.lock().get(&id).cloned())
    }

    async fn rotate(&self, id: Uuid, from: &TokenHash, to: &TokenHash, at: Timestamp) -> Result<bool> {
        let mut sessions = self.sessions.lock();
        let Some(session) = sessions.get_mut(&id).filter(|s| s.ended_at.is_none() && s.token_hash == *from) else {
            return Ok(false);
        };
        (session.token_hash, session.last_used_at) = (*to, at);
        Ok(true)
    }

    async fn end(&self, id: Uuid, at: Timestamp) -> Result<bool> {
        let mut sessions = self.sessions.lock();
        let Some(session) = sessions.get_mut(&id).filter(|s| s.ended_at.is_none()) else { return Ok(false) };
        session.ended_at = Some(at);
        Ok(true)
    }

    async fn of_user(&self, user: Uuid) -> Result<Vec<Session>> {
        let sessions = self.sessions.lock();
        let mut found: Vec<Session> =
            sessions.values().filter(|s| s.user_id == user && s.ended_at.is_none()).cloned().collect();
        found.sort_by_key(|session| std::cmp::Reverse((session.created_at, session.id)));
        Ok(found)
    }

    async fn ended_since(&self, time: Timestamp) -> Result<Vec<Uuid>> {
        let sessions = self.sessions.lock();
        Ok(sessions.values().filter(|s| s.ended_at.is_some_and(|at| at >= time)).map(|s| s.id).collect())
    }

    async fn purge(&self, ended: Timestamp, idle: Timestamp, begun: Timestamp) -> Result<u64> {
        let mut sessions = self.sessions.lock();
        let before = sessions.len();
        sessions
            .retain(|_, s| s.ended_at.is_none_or(|at| at >= ended) && s.last_used_at >= idle && s.created_at >= begun);
        Ok((before - sessions.len()) as u64)
    }
}
