//! Rotation with overlap, and the keys as they are published.

use std::sync::Arc;

use archirust_auth::jwt::{Algorithm, Jwk, JwkSet, KeyRing, KeySet, SigningKey, Verifier};
use archirust_core::ErrorKind;

use crate::support::{AUDIENCE, ISSUER, Service, at, check, key, refusal, seconds, start};

fn kids(set: &JwkSet) -> Vec<String> {
    set.keys.iter().map(|key| key.kid.clone()).collect()
}

#[test]
fn the_published_set_is_public_and_complete() {
    let pem = |algorithm, pem| SigningKey::from_pem(algorithm, pem).unwrap();
    let ring = KeyRing::new(pem(Algorithm::Es256, include_str!("keys/p-256.pem")));
    let ring =
        ring.with_previous(pem(Algorithm::EdDsa, include_str!("keys/ed25519.pem")).verifying_key(), at(60)).unwrap();
    let ring =
        ring.with_previous(pem(Algorithm::Rs256, include_str!("keys/rsa-2048.pem")).verifying_key(), at(60)).unwrap();
    let set: serde_json::Value = serde_json::from_str(&ring.keys().jwks(start()).to_json()).unwrap();
    insta::assert_json_snapshot!(set);
}

#[test]
fn a_shared_key_is_not_in_the_published_set() {
    let service = Service::with(key(Algorithm::Hs256));
    assert_eq!(service.ring.keys().jwks(start()).to_json(), r#"{"keys":[]}"#);
    assert!(check(&service.verifier(), &service.token()).is_ok());
}

#[test]
fn a_previous_key_verifies_until_its_date() {
    let old = Service::new();
    let token = old.token();
    let previous = old.ring.current().verifying_key();
    let ring = KeyRing::new(key(Algorithm::Es256)).with_previous(previous, at(60)).unwrap();
    let service = Service { ring: Arc::new(ring), ..Service::new() };

    service.clock.jump_to(at(59));
    assert!(check(&service.verifier(), &token).is_ok());
    assert_eq!(service.ring.keys().jwks(at(59)).keys.len(), 2);
    service.clock.jump_to(at(60));
    assert_eq!(refusal(&service.verifier(), &token).1, "the key is not known");
    assert_eq!(kids(&service.ring.keys().jwks(at(60))), [service.ring.current().kid()]);
}

#[test]
fn a_rotation_reaches_signer_and_verifiers_and_loses_no_token() {
    let service = Service::new();
    let verifier = service.verifier();
    let (old_kid, old) = (service.ring.current().kid().to_owned(), service.token());
    let next = key(Algorithm::EdDsa);
    let next_kid = next.kid().to_owned();
    service.ring.rotate(next, start(), at(330)).unwrap();

    assert_eq!(service.ring.current().kid(), next_kid);
    assert_eq!(kids(&service.ring.keys().jwks(start())), [next_kid.clone(), old_kid.clone()]);
    let new = service.token();
    assert!(check(&verifier, &old).is_ok() && check(&verifier, &new).is_ok());

    // A second rotation does not prolong the first one.
    service.clock.advance(seconds(100));
    service.ring.rotate(key(Algorithm::Es256), at(100), at(430)).unwrap();
    assert_eq!(service.ring.keys().jwks(at(100)).keys.len(), 3);
    assert_eq!(service.ring.keys().jwks(at(329)).keys.len(), 3);
    assert!(!kids(&service.ring.keys().jwks(at(330))).contains(&old_kid));
    assert_eq!(service.ring.keys().jwks(at(429)).keys.len(), 2);
    assert_eq!(service.ring.keys().jwks(at(430)).keys.len(), 1);

    // What is over is dropped, even if the clock is set back later.
    service.ring.rotate(key(Algorithm::Es256), at(430), at(760)).unwrap();
    assert_eq!(service.ring.keys().jwks(start()).keys.len(), 2);
}

#[test]
fn a_key_is_in_a_ring_once() {
    let pem = include_str!("keys/p-256.pem");
    let same = || SigningKey::from_pem(Algorithm::Es256, pem).unwrap();
    let ring = KeyRing::new(same());
    let error = ring.rotate(same(), start(), at(60)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(ring.keys().jwks(at(61)).keys.len(), 1, "nothing has changed");
    assert_eq!(ring.with_previous(same().verifying_key(), at(60)).unwrap_err().kind(), ErrorKind::Configuration);

    let previous = key(Algorithm::Es256).verifying_key();
    let ring = KeyRing::new(same()).with_previous(Arc::clone(&previous), at(60)).unwrap();
    assert_eq!(ring.with_previous(previous, at(70)).unwrap_err().kind(), ErrorKind::Configuration);
}

#[test]
fn the_keys_of_another_issuer_verify_its_tokens() {
    let issuer = Service::new();
    let set = JwkSet::parse(&issuer.ring.keys().jwks(start()).to_json()).unwrap();
    let keys = Arc::new(KeySet::from_jwks(&set).unwrap());
    let builder = Verifier::builder(Arc::clone(&keys)).issuer(ISSUER).audience([AUDIENCE]);
    let verifier = builder.clock(issuer.shared_clock()).build().unwrap();
    assert!(check(&verifier, &issuer.token()).is_ok());

    issuer.ring.rotate(key(Algorithm::EdDsa), start(), start()).unwrap();
    let token = issuer.token();
    assert!(check(&verifier, &token).is_err());
    keys.replace(&issuer.ring.keys().jwks(start())).unwrap();
    assert!(check(&verifier, &token).is_ok());

    assert_eq!(keys.replace(&JwkSet::default()).unwrap_err().kind(), ErrorKind::Configuration);
    assert!(check(&verifier, &token).is_ok(), "the keys stay as they were");
}

#[test]
fn a_set_without_a_usable_key_or_with_one_twice_is_refused() {
    let jwk = key(Algorithm::Es256).verifying_key().jwk().unwrap().clone();
    let off_curve = Jwk {
        parameters: archirust_auth::jwt::PublicParameters::Ec { crv: "P-256", x: "AA".into(), y: "AA".into() },
        ..jwk.clone()
    };
    for keys in [vec![], vec![jwk.clone(), jwk], vec![off_curve]] {
        assert_eq!(KeySet::from_jwks(&JwkSet { keys }).unwrap_err().kind(), ErrorKind::Configuration);
    }
}
