//! Caches and stores that fail: nothing is ended by half without a word.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use archirust_auth::session::{MemorySessions, Session, SessionSettings, SessionStore, TokenHash};
use archirust_core::id::Uuid;
use archirust_core::{ErrorKind, Result, Timestamp};
use async_trait::async_trait;

use crate::caches::{Step, deciding};
use crate::support::Service;

fn with_switch() -> (Service, Arc<AtomicBool>) {
    let down = Arc::new(AtomicBool::new(false));
    let switch = down.clone();
    let cache =
        move |inner| deciding(inner, move |_| if switch.load(Ordering::Relaxed) { Step::Fail } else { Step::Pass });
    (Service::with(SessionSettings::default(), Arc::new(MemorySessions::default()), cache), down)
}

#[tokio::test]
async fn a_session_that_could_not_be_ended_is_still_listed_and_can_be_ended_again() {
    let (service, down) = with_switch();
    let issued = service.begin().await;
    let user = issued.session.user_id;
    down.store(true, Ordering::Relaxed);
    assert_eq!(service.manager.end(user, issued.session.id).await.unwrap_err().kind(), ErrorKind::ConnectionFailed);
    assert_eq!(service.manager.end_all(user, None).await.unwrap_err().kind(), ErrorKind::ConnectionFailed);
    assert_eq!(service.manager.of_user(user).await.unwrap().len(), 1);

    down.store(false, Ordering::Relaxed);
    assert_eq!(service.manager.end_all(user, None).await.unwrap(), 1);
    assert_eq!(service.api(&issued).await, Err(ErrorKind::TokenRevoked));
}

#[tokio::test]
async fn a_reused_token_ends_its_session_even_if_the_cache_can_not_be_reached() {
    let (service, down) = with_switch();
    let first = service.begin().await;
    let second = service.manager.refresh(&first.refresh).await.unwrap();
    down.store(true, Ordering::Relaxed);
    assert_eq!(service.refused(&first.refresh).await, ErrorKind::ConnectionFailed, "and says that it ended by half");
    assert_eq!(service.api(&second).await, Err(ErrorKind::ConnectionFailed));
    down.store(false, Ordering::Relaxed);
    assert_eq!(service.refused(&second.refresh).await, ErrorKind::TokenRevoked);
}

#[tokio::test]
async fn a_refresh_needs_no_cache() {
    let (service, down) = with_switch();
    let first = service.begin().await;
    down.store(true, Ordering::Relaxed);
    assert!(service.manager.refresh(&first.refresh).await.is_ok());
}

/// A store whose rotation fails, as when the database is locked.
struct Locked(MemorySessions);

#[async_trait]
impl SessionStore for Locked {
    async fn insert(&self, session: &Session) -> Result<()> {
        self.0.insert(session).await
    }

    async fn find(&self, id: Uuid) -> Result<Option<Session>> {
        self.0.find(id).await
    }

    async fn rotate(&self, _: Uuid, _: &TokenHash, _: &TokenHash, _: Timestamp) -> Result<bool> {
        Err(ErrorKind::DatabaseUnavailable.into())
    }

    async fn end(&self, id: Uuid, at: Timestamp) -> Result<bool> {
        self.0.end(id, at).await
    }

    async fn of_user(&self, user: Uuid) -> Result<Vec<Session>> {
        self.0.of_user(user).await
    }

    async fn ended_since(&self, time: Timestamp) -> Result<Vec<Uuid>> {
        self.0.ended_since(time).await
    }

    async fn purge(&self, ended: Timestamp, idle: Timestamp, begun: Timestamp) -> Result<u64> {
        self.0.purge(ended, idle, begun).await
    }
}

#[tokio::test]
async fn a_store_that_fails_is_no_reuse() {
    let store = Arc::new(Locked(MemorySessions::default()));
    let service = Service::with(SessionSettings::default(), store, |cache| cache);
    let issued = service.begin().await;
    assert_eq!(service.refused(&issued.refresh).await, ErrorKind::DatabaseUnavailable);
    assert_eq!(service.api(&issued).await, Ok(()));
    assert_eq!(service.manager.of_user(issued.session.user_id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn resuming_revokes_what_ended_as_long_as_a_token_of_it_may_live() {
    let store: Arc<dyn SessionStore> = Arc::new(MemorySessions::default());
    let before = Service::with(SessionSettings::default(), store.clone(), |cache| cache);
    let issued = before.begin().await;
    before.manager.end(issued.session.user_id, issued.session.id).await.unwrap();
    // An hour, and two minutes for clocks that differ.
    for (elapsed, known) in [(Duration::from_secs(3720), true), (Duration::from_micros(3_720_000_001), false)] {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let to = seen.clone();
        let watched = |inner| {
            deciding(inner, move |key| {
                to.lock().unwrap().push(key.to_owned());
                Step::Pass
            })
        };
        let after = Service::with(SessionSettings::default(), store.clone(), watched);
        after.clock.advance(elapsed);
        after.manager.resume().await.unwrap();
        let key = format!("revoked:sid:{}", issued.session.id);
        assert_eq!(seen.lock().unwrap().contains(&key), known, "{elapsed:?}");
    }
}
