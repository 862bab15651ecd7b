//! What every [`SessionStore`] promises: one function for each promise, to be run over every engine.
//!
//! Each takes an empty store, or one whose other sessions belong to other users.

#![expect(clippy::unwrap_used, reason = "these are tests, in the library so that every engine can run them")]

use std::sync::Arc;
use std::time::Duration;

use archirust_core::Timestamp;
use archirust_core::id::{self, Uuid};

use super::{Acr, Session, SessionStore, TokenHash};

/// Runs every promise over stores that `make` gives, naming each on failure by its panic.
pub async fn all<F: Future<Output = Arc<dyn SessionStore>>>(make: impl Fn() -> F) {
    what_is_inserted_is_found(make().await).await;
    a_token_is_rotated_once(make().await).await;
    of_many_rotations_at_once_one_wins(make().await).await;
    an_ended_session_is_not_rotated_and_ends_once(make().await).await;
    a_user_sees_own_open_sessions_newest_first(make().await).await;
    what_ended_since_is_told(make().await).await;
    purging_removes_what_is_over_and_nothing_else(make().await).await;
}

/// A session that began at `at`, for tests.
pub fn session(user_id: Uuid, at: Timestamp, seed: u8) -> Session {
    Session {
        id: id::new(),
        user_id,
        family_hash: hash(seed),
        token_hash: hash(seed.wrapping_add(100)),
        created_at: at,
        last_used_at: at,
        authenticated_at: at,
        acr: Acr::Aal2,
        amr: "pwd otp".to_owned(),
        address: Some("2001:db8::1".parse().unwrap()),
        user_agent: Some("tests/1.0 (\"quoted\"; ünïcode)".to_owned()),
        ended_at: None,
    }
}

fn hash(byte: u8) -> TokenHash {
    TokenHash::from_bytes([byte; 32])
}

fn start() -> Timestamp {
    Timestamp::from_microsecond(1_800_000_000_000_001).unwrap()
}

fn after(seconds: u64) -> Timestamp {
    start().checked_add(Duration::from_secs(seconds)).unwrap()
}

/// Every field comes back as it was given, also those that are not there.
pub async fn what_is_inserted_is_found(store: Arc<dyn SessionStore>) {
    let full = session(id::new(), start(), 1);
    let bare = Session {
        address: None,
        user_agent: None,
        acr: Acr::Aal1,
        amr: "pwd".into(),
        ..session(id::new(), start(), 2)
    };
    for session in [full, bare] {
        store.insert(&session).await.unwrap();
        assert_eq!(store.find(session.id).await.unwrap(), Some(session));
    }
    assert_eq!(store.find(id::new()).await.unwrap(), None);
}

/// The old token, a wrong one and one of another session change nothing.
pub async fn a_token_is_rotated_once(store: Arc<dyn SessionStore>) {
    let session = session(id::new(), start(), 1);
    store.insert(&session).await.unwrap();
    let (old, new) = (session.token_hash, hash(7));
    assert!(!store.rotate(session.id, &hash(9), &new, after(1)).await.unwrap());
    assert!(!store.rotate(id::new(), &old, &new, after(1)).await.unwrap());
    assert!(store.rotate(session.id, &old, &new, after(2)).await.unwrap());
    assert!(!store.rotate(session.id, &old, &hash(8), after(3)).await.unwrap());
    let found = store.find(session.id).await.unwrap().unwrap();
    assert_eq!(found, Session { token_hash: new, last_used_at: after(2), ..session });
}

/// Sixteen callers at once with the same token.
pub async fn of_many_rotations_at_once_one_wins(store: Arc<dyn SessionStore>) {
    let session = session(id::new(), start(), 1);
    store.insert(&session).await.unwrap();
    let callers: Vec<_> = (0..16_u8)
        .map(|caller| {
            let (store, id, from) = (store.clone(), session.id, session.token_hash);
            tokio::spawn(async move { store.rotate(id, &from, &hash(200 + caller), after(1)).await.unwrap() })
        })
        .collect();
    let mut winners = 0;
    for caller in callers {
        winners += usize::from(caller.await.unwrap());
    }
    assert_eq!(winners, 1);
}

/// Ending is told to one caller, and is for ever.
pub async fn an_ended_session_is_not_rotated_and_ends_once(store: Arc<dyn SessionStore>) {
    let session = session(id::new(), start(), 1);
    store.insert(&session).await.unwrap();
    assert!(store.end(session.id, after(1)).await.unwrap());
    assert!(!store.end(session.id, after(2)).await.unwrap());
    assert!(!store.end(id::new(), after(2)).await.unwrap());
    assert!(!store.rotate(session.id, &session.token_hash, &hash(7), after(3)).await.unwrap());
    let found = store.find(session.id).await.unwrap().unwrap();
    assert_eq!(found, Session { ended_at: Some(after(1)), ..session });
}

/// Neither ended ones nor those of others.
pub async fn a_user_sees_own_open_sessions_newest_first(store: Arc<dyn SessionStore>) {
    let user = id::new();
    let (first, ended, last) = (session(user, after(1), 1), session(user, after(2), 2), session(user, after(3), 3));
    for session in [&last, &first, &ended, &session(id::new(), after(4), 4)] {
        store.insert(session).await.unwrap();
    }
    store.end(ended.id, after(5)).await.unwrap();
    let found: Vec<Uuid> = store.of_user(user).await.unwrap().iter().map(|session| session.id).collect();
    assert_eq!(found, [last.id, first.id]);
    assert!(store.of_user(id::new()).await.unwrap().is_empty());
}

/// The time itself is included.
pub async fn what_ended_since_is_told(store: Arc<dyn SessionStore>) {
    let (early, late, open) =
        (session(id::new(), start(), 1), session(id::new(), start(), 2), session(id::new(), start(), 3));
    for session in [&early, &late, &open] {
        store.insert(session).await.unwrap();
    }
    store.end(early.id, after(9)).await.unwrap();
    store.end(late.id, after(10)).await.unwrap();
    let ended = store.ended_since(after(10)).await.unwrap();
    assert!(ended.contains(&late.id) && !ended.contains(&early.id) && !ended.contains(&open.id));
}

/// What ended, fell silent or began at the very limit stays.
pub async fn purging_removes_what_is_over_and_nothing_else(store: Arc<dyn SessionStore>) {
    let (ended, silent, old) = (after(100), after(50), after(10));
    let make = |created: u64, used: u64, seed| Session {
        last_used_at: after(used),
        ..session(id::new(), after(created), seed)
    };
    let cases = [
        (make(10, 50, 1), None, true),
        (make(9, 50, 2), None, false),
        (make(10, 49, 3), None, false),
        (make(10, 50, 4), Some(after(100)), true),
        (make(10, 50, 5), Some(after(99)), false),
    ];
    for (session, end, _) in &cases {
        store.insert(session).await.unwrap();
        if let Some(at) = end {
            store.end(session.id, *at).await.unwrap();
        }
    }
    store.purge(ended, silent, old).await.unwrap();
    for (session, _, stays) in &cases {
        let there = store.find(session.id).await.unwrap().is_some();
        assert_eq!(there, *stays, "{session:?}");
    }
}
