//! Revocation, asked each time.

use std::sync::Arc;

use archirust_auth::jwt::{Authenticator, CachedVerifier, NewToken, Revocations};
use archirust_cache::{CacheSettings, MemoryCache, SharedCache};
use archirust_core::config::ByteSize;
use archirust_core::id::Uuid;
use archirust_core::{ErrorKind, Result};

use crate::caches::broken;
use crate::support::{Service, at, seconds};

struct Guarded {
    service: Service,
    revocations: Revocations,
    authenticator: Authenticator,
}

fn guarded(cache: impl FnOnce(&Service) -> SharedCache) -> Guarded {
    let service = Service::new();
    let revocations = Revocations::new(cache(&service), service.shared_clock());
    let verifier = CachedVerifier::new(service.verifier(), 100, seconds(60)).unwrap();
    let authenticator = Authenticator::new(verifier, revocations.clone());
    Guarded { service, revocations, authenticator }
}

fn memory(service: &Service) -> SharedCache {
    MemoryCache::shared(&CacheSettings::default(), service.shared_clock())
}

impl Guarded {
    async fn kind(&self, token: &str) -> Result<(), ErrorKind> {
        self.authenticator.authenticate(token).await.map(|_| ()).map_err(|error| error.kind())
    }
}

#[tokio::test]
async fn a_revoked_token_is_refused_although_it_is_remembered() {
    let guarded = guarded(memory);
    let token = guarded.service.signer.sign(&NewToken::new("alice")).unwrap();
    let other = guarded.service.token();
    assert_eq!(guarded.kind(token.expose()).await, Ok(()));
    guarded.revocations.revoke_token(token.jti(), token.expires_at()).await.unwrap();
    assert_eq!(guarded.kind(token.expose()).await, Err(ErrorKind::TokenRevoked));
    assert_eq!(guarded.kind(&other).await, Ok(()));
}

#[tokio::test]
async fn the_end_of_a_session_ends_its_tokens_and_no_others() {
    let guarded = guarded(memory);
    let (ended, other) = (Uuid::now_v7(), Uuid::now_v7());
    let token = |sid| guarded.service.signer.sign(&NewToken::new("alice").session(sid)).unwrap();
    let (first, second, foreign) = (token(ended), token(ended), token(other));
    guarded.revocations.revoke_session(ended).await.unwrap();
    assert_eq!(guarded.kind(first.expose()).await, Err(ErrorKind::TokenRevoked));
    assert_eq!(guarded.kind(second.expose()).await, Err(ErrorKind::TokenRevoked));
    assert_eq!(guarded.kind(token(ended).expose()).await, Err(ErrorKind::TokenRevoked), "nor one that was on its way");
    assert_eq!(guarded.kind(foreign.expose()).await, Ok(()));
    guarded.revocations.revoke_token(foreign.jti(), foreign.expires_at()).await.unwrap();
    assert_eq!(guarded.kind(foreign.expose()).await, Err(ErrorKind::TokenRevoked), "by its own name too");
}

#[tokio::test]
async fn a_revocation_outlives_the_token() {
    let guarded = guarded(memory);
    let token = guarded.service.signer.sign(&NewToken::new("alice")).unwrap();
    guarded.revocations.revoke_token(token.jti(), token.expires_at()).await.unwrap();
    for _ in 0..329 {
        guarded.service.clock.advance(seconds(1));
        assert_eq!(guarded.kind(token.expose()).await, Err(ErrorKind::TokenRevoked));
    }
    guarded.service.clock.advance(seconds(1));
    assert_eq!(guarded.kind(token.expose()).await, Err(ErrorKind::TokenExpired));
}

#[tokio::test]
async fn a_revocation_is_kept_as_long_as_any_leeway_and_no_longer() {
    let service = Service::new();
    let cache = memory(&service);
    let revocations = Revocations::new(Arc::clone(&cache), service.shared_clock());
    let jti = Uuid::now_v7();
    let kept = async |exp| {
        let jti = Uuid::now_v7();
        revocations.revoke_token(jti, at(exp)).await.unwrap();
        cache.time_to_live(&format!("revoked:jti:{jti}")).await.unwrap()
    };
    assert_eq!(kept(300).await, Some(seconds(361)));
    assert_eq!(kept(0).await, Some(seconds(61)));
    assert_eq!(kept(-60).await, Some(seconds(1)));
    assert_eq!(kept(-61).await, None, "any verifier refuses it by itself");
    assert_eq!(kept(-86_400).await, None);

    revocations.revoke_session(jti).await.unwrap();
    let left = cache.time_to_live(&format!("revoked:sid:{jti}")).await.unwrap();
    assert_eq!(left, Some(seconds(3600 + 120)));
}

#[tokio::test]
async fn nothing_is_accepted_while_revocations_can_not_be_read() {
    let guarded = guarded(|_| broken());
    let token = guarded.service.signer.sign(&NewToken::new("alice")).unwrap();
    let with_session = guarded.service.signer.sign(&NewToken::new("alice").session(Uuid::now_v7())).unwrap();
    for token in [&token, &with_session] {
        assert_eq!(guarded.kind(token.expose()).await, Err(ErrorKind::ConnectionFailed));
    }
    assert!(guarded.revocations.revoke_token(token.jti(), token.expires_at()).await.is_err());
    assert!(guarded.revocations.revoke_session(Uuid::now_v7()).await.is_err());
    assert_eq!(guarded.kind("garbage").await, Err(ErrorKind::InvalidToken));
}

#[tokio::test]
async fn a_revocation_that_has_no_room_is_an_error_and_not_forgotten() {
    let guarded = guarded(|service| {
        let settings = CacheSettings { max_kept_bytes: ByteSize(1), ..CacheSettings::default() };
        MemoryCache::shared(&settings, service.shared_clock())
    });
    let token = guarded.service.signer.sign(&NewToken::new("alice")).unwrap();
    let error = guarded.revocations.revoke_token(token.jti(), token.expires_at()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Overloaded);
    assert_eq!(guarded.authenticator.verifier().verify(token.expose()).unwrap().jti, token.jti());
    assert!(guarded.authenticator.revocations().revoke_session(token.jti()).await.is_err());
}
