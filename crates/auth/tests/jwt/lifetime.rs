//! Times, to the second.

use std::time::Duration;

use archirust_auth::jwt::{DEFAULT_MAX_LIFETIME, MAX_ACCESS_TTL, MAX_LEEWAY, Verifier};
use archirust_core::ErrorKind;
use serde_json::json;

use crate::support::{AUDIENCE, ISSUER, START, Service, at, check, refusal, seconds};

/// A verifier with this leeway and the longest lifetime.
fn verifier(service: &Service, leeway: Duration) -> Verifier {
    Verifier::builder(service.ring.keys())
        .issuer(ISSUER)
        .audience([AUDIENCE])
        .leeway(leeway)
        .max_lifetime(MAX_ACCESS_TTL)
        .clock(service.shared_clock())
        .build()
        .unwrap()
}

#[test]
fn a_token_ends_with_its_exp_and_the_leeway() {
    for leeway in [0, 1, 30, 60] {
        let service = Service::new();
        let verifier = verifier(&service, seconds(leeway));
        let token = service.token();
        let last = 300 + i64::try_from(leeway).unwrap();
        service.clock.jump_to(at(last - 1));
        assert!(check(&verifier, &token).is_ok(), "{leeway}");
        service.clock.jump_to(at(last));
        assert_eq!(refusal(&verifier, &token).0, ErrorKind::TokenExpired, "{leeway}");
        service.clock.jump_to(at(last + 1));
        assert_eq!(refusal(&verifier, &token).0, ErrorKind::TokenExpired, "{leeway}");
    }
}

#[test]
fn a_token_begins_with_its_nbf_and_iat_less_the_leeway() {
    for claim in ["nbf", "iat"] {
        for leeway in [0, 1, 30, 60] {
            let service = Service::new();
            let verifier = verifier(&service, seconds(leeway as u64));
            let token = |begin: i64| service.forge(json!({}), json!({ claim: START + begin }));
            assert!(check(&verifier, &token(leeway)).is_ok(), "{claim} {leeway}");
            let (kind, detail) = refusal(&verifier, &token(leeway + 1));
            assert_eq!((kind, detail.as_str()), (ErrorKind::InvalidToken, "the token is not valid yet"));
        }
    }
}

#[test]
fn the_default_leeway_is_half_a_minute() {
    let service = Service::new();
    let token = service.token();
    service.clock.jump_to(at(329));
    assert!(check(&service.verifier(), &token).is_ok());
    service.clock.jump_to(at(330));
    assert!(check(&service.verifier(), &token).is_err());
}

#[test]
fn a_token_that_would_live_too_long_is_refused_from_the_start() {
    let service = Service::new();
    let longest = i64::try_from(DEFAULT_MAX_LIFETIME.as_secs()).unwrap();
    assert_eq!(longest, 900);
    assert!(service.accepts(json!({}), json!({ "exp": START + longest })));
    for exp in [START + longest + 1, START + 86_400, 253_402_207_199, START, START - 1, 0, -1] {
        let (kind, detail) = refusal(&service.verifier(), &service.forge(json!({}), json!({ "exp": exp })));
        assert_eq!((kind, detail.as_str()), (ErrorKind::InvalidToken, "the lifetime is not accepted"), "{exp}");
    }
    assert!(service.accepts(json!({}), json!({ "exp": START + 1 })));
    // Neither does an early iat make room, nor does a late one hide it.
    assert!(!service.accepts(json!({}), json!({ "iat": START - 700 })));
    assert!(service.accepts(json!({}), json!({ "iat": START - 600 })));
}

#[test]
fn a_verifier_takes_lifetimes_of_a_second_to_an_hour() {
    let service = Service::new();
    let build = |lifetime| {
        Verifier::builder(service.ring.keys()).issuer(ISSUER).audience([AUDIENCE]).max_lifetime(lifetime).build()
    };
    assert!(build(seconds(1)).is_ok() && build(seconds(3600)).is_ok());
    for wrong in [Duration::ZERO, Duration::from_millis(999), Duration::from_nanos(3_600_000_000_001)] {
        assert_eq!(build(wrong).unwrap_err().kind(), ErrorKind::Configuration);
    }
}

#[test]
fn a_verifier_takes_a_leeway_of_a_minute_at_most() {
    let service = Service::new();
    let build =
        |leeway| Verifier::builder(service.ring.keys()).issuer(ISSUER).audience([AUDIENCE]).leeway(leeway).build();
    assert_eq!(MAX_LEEWAY, seconds(60));
    assert!(build(MAX_LEEWAY).is_ok() && build(Duration::ZERO).is_ok());
    assert_eq!(build(MAX_LEEWAY + Duration::from_nanos(1)).unwrap_err().kind(), ErrorKind::Configuration);
}

/// Regression: placeholders were accepted, and an empty name switched the check off.
#[test]
fn a_verifier_has_real_names() {
    let service = Service::new();
    let build = |issuer: &str, audience: &[&str]| {
        Verifier::builder(service.ring.keys()).issuer(issuer).audience(audience.iter().copied()).build()
    };
    assert!(build(ISSUER, &[AUDIENCE, "urn:other"]).is_ok());
    for name in ["", " ", "changeme", "<issuer>", "${ISSUER}", "https://your-app.example"] {
        assert_eq!(build(name, &[AUDIENCE]).unwrap_err().kind(), ErrorKind::Configuration, "{name}");
        assert_eq!(build(ISSUER, &[AUDIENCE, name]).unwrap_err().kind(), ErrorKind::Configuration, "{name}");
    }
    assert_eq!(build(ISSUER, &[]).unwrap_err().kind(), ErrorKind::Configuration);
}

#[test]
fn a_verifier_with_several_names_takes_tokens_for_any() {
    let service = Service::new();
    let verifier = Verifier::builder(service.ring.keys())
        .issuer(ISSUER)
        .audience(["urn:other", AUDIENCE])
        .clock(service.shared_clock())
        .build()
        .unwrap();
    assert!(check(&verifier, &service.token()).is_ok());
    assert!(check(&verifier, &service.forge(json!({}), json!({ "aud": "urn:other" }))).is_ok());
    assert!(check(&verifier, &service.forge(json!({}), json!({ "aud": "urn:third" }))).is_err());
}
