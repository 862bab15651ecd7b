//! Another implementation reads what this one writes, and the other way round.

use archirust_auth::jwt::{Algorithm, SigningKey};
use archirust_core::clock::{Clock, SystemClock};
use archirust_core::random::SequenceRandom;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm as Theirs, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde_json::{Value, json};

use crate::support::{AUDIENCE, ISSUER, Service, check, key, merged, secret};

fn theirs(algorithm: Algorithm) -> Theirs {
    match algorithm {
        Algorithm::Es256 => Theirs::ES256,
        Algorithm::EdDsa => Theirs::EdDSA,
        Algorithm::Rs256 => Theirs::RS256,
        Algorithm::Ps256 => Theirs::PS256,
        Algorithm::Hs256 => Theirs::HS256,
    }
}

fn decoding_key(key: &SigningKey) -> DecodingKey {
    match key.verifying_key().jwk() {
        Some(jwk) => DecodingKey::from_jwk(&serde_json::from_value::<Jwk>(json!(jwk)).unwrap()).unwrap(),
        None => DecodingKey::from_secret(secret().expose()),
    }
}

#[test]
fn they_read_ours() {
    for algorithm in Algorithm::ALL {
        let mut service = Service::with(key(algorithm));
        // They look at the system's clock.
        service.signer = service.signer.with_sources(SystemClock::shared(), SequenceRandom::seeded(1));
        let mut validation = Validation::new(theirs(algorithm));
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = 0;
        let token = service.token();
        let read = decode::<Value>(&token, &decoding_key(&service.ring.current()), &validation).unwrap();
        assert_eq!(read.header.typ.as_deref(), Some("at+jwt"));
        assert_eq!(read.header.kid.as_deref(), Some(service.ring.current().kid()));
        assert_eq!(read.claims["sub"], "alice");
    }
}

#[test]
fn we_read_theirs() {
    for algorithm in Algorithm::ALL {
        let service = Service::with(key(algorithm));
        service.clock.jump_to(SystemClock::new().now());
        let signing = service.ring.current();
        let der = || signing.to_pem().unwrap();
        let pem =
            |read: fn(&[u8]) -> jsonwebtoken::errors::Result<EncodingKey>| read(der().expose().as_bytes()).unwrap();
        let encoding = match algorithm {
            Algorithm::Es256 => pem(EncodingKey::from_ec_pem),
            Algorithm::EdDsa => pem(EncodingKey::from_ed_pem),
            Algorithm::Rs256 | Algorithm::Ps256 => pem(EncodingKey::from_rsa_pem),
            Algorithm::Hs256 => EncodingKey::from_secret(secret().expose()),
        };
        let header =
            Header { typ: Some("at+jwt".into()), kid: Some(signing.kid().into()), ..Header::new(theirs(algorithm)) };
        let token = |claims: Value| encode(&header, &merged(service.claims(), claims), &encoding).unwrap();
        assert_eq!(check(&service.verifier(), &token(json!({}))).unwrap().sub, "alice", "{algorithm}");
        assert!(check(&service.verifier(), &token(json!({ "aud": "x" }))).is_err());
    }
}
