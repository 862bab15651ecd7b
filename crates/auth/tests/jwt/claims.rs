//! What a token must say, and what its reader gets.

use archirust_auth::jwt::{Claims, NewToken, NoExtra};
use archirust_core::ErrorKind;
use archirust_core::id::Uuid;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::{AUDIENCE, ISSUER, Service, at, check, payload, refusal, seconds, start};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Access {
    scope: String,
    roles: Vec<String>,
}

fn access() -> Access {
    Access { scope: "users:read".to_owned(), roles: vec!["admin".to_owned()] }
}

#[test]
fn what_is_signed_is_what_is_read() {
    let service = Service::new();
    let sid = Uuid::now_v7();
    let new = NewToken::new("alice")
        .session(sid)
        .authenticated(at(-60), "aal2", ["pwd", "otp"])
        .client("spa")
        .extra(access());
    let token = service.signer.sign(&new).unwrap();
    let claims: Claims<Access> = service.verifier().verify(token.expose()).unwrap();

    assert_eq!(
        (claims.iss.as_str(), claims.sub.as_str(), claims.aud.as_slice()),
        (ISSUER, "alice", &[AUDIENCE.to_owned()][..])
    );
    assert_eq!((claims.iat, claims.nbf, claims.exp), (start(), start(), at(300)));
    assert_eq!((claims.exp, claims.jti), (token.expires_at(), token.jti()));
    assert_eq!(token.expires_in(), seconds(300));
    assert_eq!(claims.jti.get_version_num(), 7);
    assert_eq!((claims.sid, claims.auth_time), (Some(sid), Some(at(-60))));
    assert_eq!((claims.acr.as_deref(), claims.client_id.as_deref()), (Some("aal2"), Some("spa")));
    assert_eq!(claims.amr, ["pwd", "otp"]);
    assert_eq!(claims.extra, access());
}

#[test]
fn what_is_not_known_is_not_written() {
    let service = Service::new();
    let names: Vec<String> = payload(&service.token()).keys().cloned().collect();
    assert_eq!(names, ["aud", "exp", "iat", "iss", "jti", "nbf", "sub"]);
    let claims = check(&service.verifier(), &service.token()).unwrap();
    assert_eq!((claims.sid, claims.auth_time, claims.acr, claims.client_id), (None, None, None, None));
    assert!(claims.amr.is_empty());
}

#[test]
fn debug_shows_the_jti_alone() {
    let service = Service::new();
    let token = service.signer.sign(&NewToken::new("alice")).unwrap();
    let claims = check(&service.verifier(), token.expose()).unwrap();
    assert_eq!(format!("{token:?}"), format!("AccessToken(jti: {})", token.jti()));
    assert_eq!(format!("{claims:?}"), format!("Claims(jti: {})", token.jti()));
    assert!(!format!("{:?} {:?}", service.signer, service.ring).contains(token.expose()));
}

#[test]
fn every_claim_that_must_be_there_is_demanded() {
    let service = Service::new();
    assert!(service.accepts(json!({}), json!({})));
    for claim in ["iss", "aud", "sub", "exp", "iat", "nbf", "jti"] {
        let (kind, detail) = refusal(&service.verifier(), &service.forge(json!({}), json!({ claim: null })));
        assert_eq!(kind, ErrorKind::InvalidToken);
        assert!(detail.contains(claim), "{claim}: {detail}");
    }
}

#[test]
fn claims_of_another_type_are_refused() {
    let service = Service::new();
    let now = start().as_second();
    let wrong: [(&str, &[Value]); 10] = [
        (
            "exp",
            &[
                json!("1767225900"),
                json!(1_767_225_900.0),
                json!(1.8e300),
                json!(u64::MAX),
                json!(i64::MAX),
                json!([]),
                json!(true),
            ],
        ),
        ("iat", &[json!(now.to_string()), json!(0.5), json!(-1e300)]),
        ("nbf", &[json!("0"), json!(0.0), json!({})]),
        ("iss", &[json!([ISSUER]), json!(""), json!(1), json!({})]),
        ("sub", &[json!(1), json!(""), json!(["alice"]), json!("a b"), json!("n".repeat(256))]),
        ("aud", &[json!(1), json!({}), json!([AUDIENCE, 1]), json!([[AUDIENCE]]), json!("")]),
        (
            "jti",
            &[
                json!("1"),
                json!(1),
                json!("7f000000-0000-4000-8000-000000000001"),
                json!("{019b7672-5c00-7000-8000-000000000001}"),
                json!("019B7672-5C00-7000-8000-000000000001"),
                json!("019b76725c0070008000000000000001"),
            ],
        ),
        ("sid", &[json!("1"), json!(1), json!("urn:uuid:019b7672-5c00-7000-8000-000000000001")]),
        ("auth_time", &[json!("0"), json!(0.5)]),
        ("amr", &[json!("pwd"), json!([1]), json!({})]),
    ];
    for (claim, values) in wrong {
        for value in values {
            assert!(!service.accepts(json!({}), json!({ claim: value })), "{claim} {value}");
        }
    }
    for claim in ["acr", "client_id"] {
        assert!(!service.accepts(json!({}), json!({ claim: 1 })) && service.accepts(json!({}), json!({ claim: "x" })));
    }
}

#[test]
fn the_longest_subject_has_255_bytes() {
    let service = Service::new();
    assert!(service.accepts(json!({}), json!({ "sub": "n".repeat(255) })));
    assert!(service.signer.sign(&NewToken::new("n".repeat(255))).is_ok());
    for subject in [String::new(), "n".repeat(256), "a b".to_owned(), "a\n".to_owned()] {
        assert_eq!(service.signer.sign(&NewToken::new(subject)).unwrap_err().kind(), ErrorKind::Internal);
    }
}

/// Regression: extra claims overwrote `sub`, `type` and `exp` without a word.
#[test]
fn extra_claims_never_overwrite_registered_ones() {
    let service = Service::new();
    for claim in archirust_auth::jwt::REGISTERED_CLAIMS {
        let error = service.signer.sign(&NewToken::new("alice").extra(json!({ claim: "mallory" }))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
        assert!(error.detail().unwrap().contains(claim), "{claim}");
        assert!(!format!("{error:?}").contains("mallory"));
    }
    assert!(service.signer.sign(&NewToken::new("alice").extra(json!({ "scope": "x" }))).is_ok());
}

#[test]
fn extra_claims_are_an_object() {
    let service = Service::new();
    for other in [json!(null), json!(1), json!("x"), json!([])] {
        assert_eq!(service.signer.sign(&NewToken::new("alice").extra(other)).unwrap_err().kind(), ErrorKind::Internal);
    }
}

#[test]
fn extra_claims_that_are_missing_or_wrong_are_refused_and_others_ignored() {
    let service = Service::new();
    let verify = |claims: Value| service.verifier().verify::<Access>(&service.forge(json!({}), claims));
    assert_eq!(verify(json!({ "scope": "", "roles": [], "more": 1 })).unwrap().extra.roles, Vec::<String>::new());
    assert_eq!(verify(json!({ "scope": "" })).unwrap_err().kind(), ErrorKind::InvalidToken);
    assert_eq!(verify(json!({ "scope": "", "roles": "admin" })).unwrap_err().kind(), ErrorKind::InvalidToken);
    assert!(service.verifier().verify::<NoExtra>(&service.forge(json!({}), json!({ "scope": 1 }))).is_ok());
}

#[test]
fn a_token_for_several_services_is_for_each_of_them() {
    let service = Service::new();
    assert!(service.accepts(json!({}), json!({ "aud": ["https://other.example", AUDIENCE] })));
    assert!(service.accepts(json!({}), json!({ "aud": [AUDIENCE] })));
    assert!(!service.accepts(json!({}), json!({ "aud": ["https://other.example"] })));
}

#[test]
fn recent_authentication_is_demanded_to_the_second() {
    let service = Service::new();
    let claims_at = |auth_time: Value| {
        check(&service.verifier(), &service.forge(json!({}), json!({ "auth_time": auth_time }))).unwrap()
    };
    let kind = |claims: &Claims, age| claims.authenticated_within(seconds(age), start()).map_err(|error| error.kind());

    let claims = claims_at(json!(start().as_second() - 300));
    assert_eq!(kind(&claims, 300), Ok(()));
    assert_eq!(kind(&claims, 299), Err(ErrorKind::ReauthenticationRequired));
    assert_eq!(kind(&claims, u64::MAX), Ok(()));
    let just_over = start().checked_add(std::time::Duration::from_nanos(1)).unwrap();
    assert!(claims.authenticated_within(seconds(300), just_over).is_err());

    assert_eq!(kind(&claims_at(json!(start().as_second())), 0), Ok(()));
    assert_eq!(kind(&claims_at(json!(start().as_second() + 60)), 0), Ok(()));
    assert_eq!(kind(&claims_at(json!(start().as_second() + 61)), 300), Err(ErrorKind::ReauthenticationRequired));
    assert_eq!(kind(&claims_at(Value::Null), u64::MAX), Err(ErrorKind::ReauthenticationRequired));
}
