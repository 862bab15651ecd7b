//! What the signer writes.

use std::sync::Arc;
use std::time::Duration;

use archirust_auth::jwt::{Algorithm, NewToken, Signer};
use archirust_core::ErrorKind;
use archirust_core::random::SequenceRandom;
use serde_json::{Value, json};

use crate::support::{AUDIENCE, ISSUER, Service, check, decode, key, parts, payload, seconds};

#[test]
fn the_header_says_algorithm_key_and_type() {
    for algorithm in Algorithm::ALL {
        let service = Service::with(key(algorithm));
        let header: Value = serde_json::from_slice(&decode(&parts(&service.token())[0])).unwrap();
        assert_eq!(header, service.header());
        assert!(check(&service.verifier(), &service.token()).is_ok());
    }
}

#[test]
fn tokens_live_five_minutes_unless_it_is_set_and_an_hour_at_most() {
    let with_ttl = |ttl| {
        let service = Service::new();
        let signer = Signer::new(Arc::clone(&service.ring), ISSUER, [AUDIENCE]).unwrap().with_access_ttl(ttl)?;
        let signer = signer.with_sources(service.shared_clock(), SequenceRandom::seeded(1));
        let token = signer.sign(&NewToken::new("alice"))?;
        let claims = payload(token.expose());
        let lived = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
        assert_eq!((token.expires_in(), signer.access_ttl()), (seconds(lived), seconds(lived)));
        Ok::<u64, archirust_core::Error>(lived)
    };
    assert_eq!(Service::new().signer.access_ttl(), seconds(300));
    assert_eq!(with_ttl(seconds(1)).unwrap(), 1);
    assert_eq!(with_ttl(Duration::from_millis(1999)).unwrap(), 1);
    assert_eq!(with_ttl(seconds(3600)).unwrap(), 3600);
    for wrong in [Duration::ZERO, Duration::from_millis(999), Duration::from_millis(3_600_001), Duration::MAX] {
        assert_eq!(with_ttl(wrong).unwrap_err().kind(), ErrorKind::Configuration, "{wrong:?}");
    }
}

#[test]
fn every_token_has_its_own_identifier() {
    let service = Service::new();
    let (first, second) = (payload(&service.token()), payload(&service.token()));
    assert_ne!(first["jti"], second["jti"]);
}

#[test]
fn several_audiences_are_a_list_and_one_is_a_text() {
    let service = Service::new();
    assert_eq!(payload(&service.token())["aud"], json!(AUDIENCE));
    let signer = Signer::new(Arc::clone(&service.ring), ISSUER, [AUDIENCE, "urn:other"]).unwrap();
    assert_eq!(payload(signer.sign(&NewToken::new("alice")).unwrap().expose())["aud"], json!([AUDIENCE, "urn:other"]));
}

/// Regression: a missing key or name failed at the first token, as HTTP 400.
#[test]
fn a_signer_without_real_names_is_not_made() {
    let service = Service::new();
    let new =
        |issuer: &str, audience: &[&str]| Signer::new(Arc::clone(&service.ring), issuer, audience.iter().copied());
    for name in ["", "changeme", "a b"] {
        assert_eq!(new(name, &[AUDIENCE]).unwrap_err().kind(), ErrorKind::Configuration);
        assert_eq!(new(ISSUER, &[name]).unwrap_err().kind(), ErrorKind::Configuration);
    }
    assert_eq!(new(ISSUER, &[]).unwrap_err().kind(), ErrorKind::Configuration);
}
