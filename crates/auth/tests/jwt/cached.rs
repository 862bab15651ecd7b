//! The memory of verified tokens: used as long as nothing changed, and not a moment longer.

use std::sync::Arc;
use std::time::Duration;

use archirust_auth::jwt::{Algorithm, CachedVerifier, Claims, KeyRing, MAX_TOKEN_BYTES, MAX_VERIFIED_TTL, NoExtra};
use archirust_core::ErrorKind;
use serde_json::json;

use crate::support::{Service, at, key, parts, seconds, start};

fn cached(service: &Service) -> CachedVerifier {
    CachedVerifier::new(service.verifier(), 100, MAX_VERIFIED_TTL).unwrap()
}

fn verify(cached: &CachedVerifier, token: &str) -> Arc<Claims<NoExtra>> {
    cached.verify(token).unwrap()
}

/// Whether the second answer came from memory: it is the same allocation.
fn remembers(cached: &CachedVerifier, first: &Arc<Claims>, token: &str) -> bool {
    Arc::ptr_eq(first, &verify(cached, token))
}

#[test]
fn a_token_that_comes_again_is_not_verified_again() {
    let service = Service::new();
    let (cached, token) = (cached(&service), service.token());
    let first = verify(&cached, &token);
    assert!(remembers(&cached, &first, &token));
    assert_eq!(cached.entries(), 1);
    cached.clear();
    assert!(!remembers(&cached, &first, &token));
}

#[test]
fn a_remembered_token_opens_nothing_for_another_one() {
    let service = Service::new();
    let (cached, token) = (cached(&service), service.token());
    verify(&cached, &token);
    let [header, payload, signature] = parts(&token);
    let mut other = signature.into_bytes();
    other[0] = if other[0] == b'A' { b'B' } else { b'A' };
    let forged = format!("{header}.{payload}.{}", String::from_utf8(other).unwrap());
    for forged in [forged, format!("{header}.{payload}."), format!("{token} "), format!("{header}.{payload}")] {
        assert_eq!(cached.verify(&forged).unwrap_err().kind(), ErrorKind::InvalidToken);
    }
    assert_eq!(cached.entries(), 1, "what is refused is not remembered");
}

#[test]
fn a_token_is_remembered_for_a_minute() {
    let service = Service::new();
    let (cached, token) = (cached(&service), service.token());
    let first = verify(&cached, &token);
    service.clock.advance(seconds(60) - Duration::from_nanos(1));
    assert!(remembers(&cached, &first, &token));
    service.clock.advance(Duration::from_nanos(1));
    assert!(!remembers(&cached, &first, &token));
}

#[test]
fn a_token_is_not_remembered_beyond_its_exp() {
    let service = Service::new();
    let (cached, token) = (cached(&service), service.token());
    service.clock.advance(seconds(290));
    let first = verify(&cached, &token);
    service.clock.advance(Duration::from_millis(9_999));
    assert!(remembers(&cached, &first, &token));
    // Within the leeway it is verified each time, and not remembered.
    service.clock.advance(Duration::from_millis(1));
    let within = verify(&cached, &token);
    assert!(!Arc::ptr_eq(&first, &within) && !remembers(&cached, &within, &token));
    assert_eq!(cached.entries(), 0);
    service.clock.advance(seconds(30));
    assert_eq!(cached.verify(&token).unwrap_err().kind(), ErrorKind::TokenExpired);
}

#[test]
fn a_clock_that_jumps_ahead_ends_a_remembered_token() {
    let service = Service::new();
    let (cached, token) = (cached(&service), service.token());
    verify(&cached, &token);
    service.clock.jump_to(at(331));
    assert_eq!(cached.verify(&token).unwrap_err().kind(), ErrorKind::TokenExpired);
}

#[test]
fn a_clock_that_jumps_back_neither_prolongs_nor_antedates_a_token() {
    let service = Service::new();
    let (cached, token) = (cached(&service), service.token());
    let first = verify(&cached, &token);
    service.clock.jump_to(at(-30));
    assert!(remembers(&cached, &first, &token), "as far as clocks may differ");
    service.clock.jump_to(at(-31));
    assert_eq!(cached.verify(&token).unwrap_err().kind(), ErrorKind::InvalidToken);

    // Held back by a clock that is set again and again, it is forgotten after a minute all the same.
    service.clock.jump_to(start());
    let first = verify(&cached, &token);
    for _ in 0..59 {
        service.clock.advance(seconds(1));
        service.clock.jump_to(start());
        assert!(remembers(&cached, &first, &token));
    }
    service.clock.advance(seconds(1));
    service.clock.jump_to(start());
    assert!(!remembers(&cached, &first, &token));
}

#[test]
fn a_token_is_not_remembered_beyond_its_key() {
    let old = Service::new();
    let token = old.token();
    let ring = KeyRing::new(key(Algorithm::Es256)).with_previous(old.ring.current().verifying_key(), at(10)).unwrap();
    let service = Service { ring: Arc::new(ring), ..Service::new() };
    let cached = cached(&service);
    let first = verify(&cached, &token);
    service.clock.advance(Duration::from_millis(9_999));
    assert!(remembers(&cached, &first, &token));
    service.clock.advance(Duration::from_millis(1));
    assert_eq!(cached.verify(&token).unwrap_err().kind(), ErrorKind::InvalidToken);
}

#[test]
fn a_change_of_the_keys_is_felt_at_once() {
    let service = Service::new();
    let (cached, token) = (cached(&service), service.token());
    let first = verify(&cached, &token);
    service.ring.rotate(key(Algorithm::Es256), start(), at(600)).unwrap();
    assert!(!remembers(&cached, &first, &token), "it is verified again, with a key that still verifies");

    // A key that is compromised is withdrawn at once.
    service.ring.rotate(key(Algorithm::Es256), at(700), start()).unwrap();
    assert_eq!(cached.verify(&token).unwrap_err().kind(), ErrorKind::InvalidToken);
}

#[test]
fn memory_can_be_turned_off() {
    for (entries, ttl) in [(0, seconds(60)), (100, Duration::ZERO)] {
        let service = Service::new();
        let cached: CachedVerifier = CachedVerifier::new(service.verifier(), entries, ttl).unwrap();
        let token = service.token();
        let first = verify(&cached, &token);
        assert!(!remembers(&cached, &first, &token));
        assert_eq!(cached.entries(), 0);
        cached.clear();
    }
}

#[test]
fn memory_is_bounded() {
    let service = Service::new();
    let cached: CachedVerifier = CachedVerifier::new(service.verifier(), 10, seconds(60)).unwrap();
    for _ in 0..100 {
        verify(&cached, &service.token());
    }
    assert!(cached.entries() <= 10);
}

#[test]
fn a_token_is_remembered_for_a_minute_at_most() {
    let service = Service::new();
    let new = |ttl| CachedVerifier::<NoExtra>::new(service.verifier(), 1, ttl);
    assert!(new(seconds(60)).is_ok());
    assert_eq!(new(seconds(60) + Duration::from_nanos(1)).unwrap_err().kind(), ErrorKind::Configuration);
}

#[test]
fn the_length_is_checked_before_the_memory_too() {
    let service = Service::new();
    let cached = cached(&service);
    let error = cached.verify(&"x".repeat(MAX_TOKEN_BYTES + 1)).unwrap_err();
    assert_eq!(error.detail(), Some("the token is too long"));
    assert_eq!(
        cached.verify(&"x".repeat(MAX_TOKEN_BYTES)).unwrap_err().detail(),
        Some("the token is not of three parts")
    );
}

#[test]
fn a_remembered_token_has_its_own_extra_claims() {
    let service = Service::new();
    let cached: CachedVerifier<serde_json::Value> = CachedVerifier::new(service.verifier(), 10, seconds(60)).unwrap();
    let token = service.forge(json!({}), json!({ "scope": "a" }));
    for _ in 0..2 {
        assert_eq!(cached.verify(&token).unwrap().extra, json!({ "scope": "a" }));
    }
}
