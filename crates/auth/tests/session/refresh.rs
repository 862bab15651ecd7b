//! Refreshing: claims of the service, and uses of one token at the same time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use archirust_auth::session::{MemorySessions, SessionSettings};
use archirust_core::config::{Loader, Settings};
use archirust_core::id::{self, Uuid};
use archirust_core::{Error, ErrorKind, Result, Secret};
use serde_json::json;

use crate::support::{PASSWORD, Service};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_uses_at_once_one_wins_and_the_session_ends_and_is_told_once() {
    for _ in 0..20 {
        let told = Arc::new(Mutex::new(Vec::<Uuid>::new()));
        let mut service = Service::new();
        let to = told.clone();
        service.manager = service.manager.clone().on_reuse(move |session| to.lock().unwrap().push(session.id));
        let service = Arc::new(service);
        let first = service.begin().await;

        let uses: Vec<_> = (0..8)
            .map(|_| {
                let (service, token) = (service.clone(), first.refresh.clone());
                tokio::spawn(async move { service.manager.refresh(&token).await })
            })
            .collect();
        let mut won = Vec::new();
        for used in uses {
            match used.await.unwrap() {
                Ok(issued) => won.push(issued),
                Err(error) => assert_eq!(error.kind(), ErrorKind::TokenRevoked),
            }
        }
        assert_eq!(won.len(), 1);
        assert_eq!(*told.lock().unwrap(), [first.session.id]);
        // Neither the one that won nor anything that it got is good any more.
        assert_eq!(service.refused(&won[0].refresh).await, ErrorKind::TokenRevoked);
        assert_eq!(service.api(&won[0]).await, Err(ErrorKind::TokenRevoked));
        assert_eq!(service.api(&first).await, Err(ErrorKind::TokenRevoked));
    }
}

/// Regression: the same refresh token worked any number of times.
#[tokio::test]
async fn an_old_token_ends_its_session_however_old_it_is() {
    let told = Arc::new(AtomicUsize::new(0));
    let mut service = Service::new();
    let to = told.clone();
    service.manager = service.manager.clone().on_reuse(move |_| {
        to.fetch_add(1, Ordering::Relaxed);
    });
    let first = service.begin().await;
    let other = service.begin_for(first.session.user_id).await;
    let mut last = service.manager.refresh(&first.refresh).await.unwrap();
    for _ in 0..5 {
        last = service.manager.refresh(&last.refresh).await.unwrap();
    }
    assert_eq!(service.api(&last).await, Ok(()));
    for _ in 0..3 {
        assert_eq!(service.refused(&first.refresh).await, ErrorKind::TokenRevoked);
    }
    assert_eq!(service.refused(&last.refresh).await, ErrorKind::TokenRevoked);
    assert_eq!(service.api(&last).await, Err(ErrorKind::TokenRevoked));
    assert_eq!(told.load(Ordering::Relaxed), 1);
    assert_eq!(service.api(&other).await, Ok(()), "the user's other sessions go on");
}

#[tokio::test]
async fn a_made_up_token_tells_nobody_and_ends_nothing() {
    let mut service = Service::new();
    service.manager = service.manager.clone().on_reuse(|_| panic!("nobody reused a token"));
    let issued = service.begin().await;
    // The session's public identifier, and everything else made up.
    let id_part: String = issued.refresh.expose().chars().take(21).collect();
    for text in
        [format!("{id_part}{}", "A".repeat(86)), "A".repeat(107), String::new(), "A".repeat(106), "A".repeat(108)]
    {
        assert_eq!(service.refused(&Secret::new(text)).await, ErrorKind::InvalidToken);
    }
    assert!(service.manager.refresh(&issued.refresh).await.is_ok());
}

#[tokio::test]
async fn the_claims_of_the_service_are_in_every_access_token() {
    let service = Service::new();
    let roles = |issued: archirust_auth::session::Issued| {
        let service = &service;
        async move { service.authenticator.authenticate(issued.access.expose()).await.unwrap().extra.clone() }
    };
    let begun = service.manager.begin_with(id::new(), PASSWORD, &Default::default(), &json!({ "roles": ["a"] })).await;
    let begun = begun.unwrap();
    let (refresh, session) = (begun.refresh.clone(), begun.session.clone());
    assert_eq!(roles(begun).await, json!({ "roles": ["a"] }));

    let refreshed = service.manager.refresh_with(&refresh, async |before| {
        assert_eq!(before, session);
        Ok(json!({ "roles": ["b"] }))
    });
    assert_eq!(roles(refreshed.await.unwrap()).await, json!({ "roles": ["b"] }));
}

#[tokio::test]
async fn a_refresh_that_is_not_wanted_changes_nothing() {
    let service = Service::new();
    let issued = service.begin().await;
    let gone = async |_| Err::<(), _>(Error::new(ErrorKind::AccountDisabled));
    let error = service.manager.refresh_with(&issued.refresh, gone).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AccountDisabled);
    // Nor do claims that can't be signed.
    let error = service.manager.refresh_with(&issued.refresh, async |_| Ok(json!({ "sub": "x" }))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert!(service.manager.refresh(&issued.refresh).await.is_ok(), "the token is still good");
}

#[tokio::test]
async fn an_old_token_is_not_worth_a_question() {
    let service = Service::new();
    let first = service.begin().await;
    service.manager.refresh(&first.refresh).await.unwrap();
    let asked = async |_| -> Result<()> { panic!("asked for the claims of a thief") };
    assert_eq!(service.manager.refresh_with(&first.refresh, asked).await.unwrap_err().kind(), ErrorKind::TokenRevoked);
}

/// What a handler does: the future is sent between threads.
#[tokio::test]
async fn a_refresh_with_claims_can_be_spawned() {
    let service = Arc::new(Service::new());
    let issued = service.begin().await;
    let refreshed = tokio::spawn(async move {
        let store = &service.store;
        let roles = async |session: archirust_auth::session::Session| {
            Ok(json!({ "sessions": store.of_user(session.user_id).await?.len() }))
        };
        service.manager.refresh_with(&issued.refresh, roles).await.map(drop)
    });
    refreshed.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_token_that_comes_too_late_ends_its_session() {
    let idle = Duration::from_secs(3600);
    let settings = SessionSettings { idle_timeout: idle, ..SessionSettings::default() };
    let service = Service::with(settings, Arc::new(MemorySessions::default()), |cache| cache);
    let issued = service.begin().await;
    service.clock.advance(idle + Duration::from_micros(1));
    assert_eq!(service.refused(&issued.refresh).await, ErrorKind::TokenExpired);
    assert!(service.store.find(issued.session.id).await.unwrap().unwrap().ended_at.is_some());
    assert_eq!(service.refused(&issued.refresh).await, ErrorKind::TokenRevoked);
}

#[derive(Debug, Settings)]
struct Root {
    #[setting(nested)]
    session: SessionSettings,
}

#[test]
fn settings_have_two_ends() {
    let load = |name: &str, value: &str| {
        let variables = [(format!("ARCHI__SESSION__{name}"), value.to_owned())];
        let loader = Loader::new("ARCHI").directory("/nonexistent").environment(variables);
        loader.load::<Root>().into_result().map(|loaded| loaded.settings.session)
    };
    for (name, good, bad) in [
        ("IDLE_TIMEOUT", &["1m", "30d"][..], &["59s", "91d", "31d"][..]),
        ("MAX_LIFETIME", &["24h", "365d"], &["366d", "23h"]),
        ("MAX_PER_USER", &["1", "1000"], &["0", "1001"]),
        ("CHALLENGE_TTL", &["10s", "15m"], &["9s", "16m"]),
        ("CHALLENGE_ATTEMPTS", &["1", "10"], &["0", "11"]),
    ] {
        for value in good {
            assert!(load(name, value).is_ok(), "{name} {value}");
        }
        for value in bad {
            assert!(load(name, value).is_err(), "{name} {value}");
        }
    }
}
