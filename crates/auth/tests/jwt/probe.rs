//! The battery against checks that lack one thing each, and what the rules make of it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use archirust_auth::jwt::{
    Algorithm, Attempts, CachedVerifier, JwkSet, JwtFacts, JwtSettings, NewToken, PublishedKey, RULES, RotationTrial,
    TokenCheck, VerifyingKey, from_settings, probe,
};
use archirust_core::config::Origins;
use archirust_core::hardening::{Observed, Rule, Verdict};
use serde_json::{Map, Value};

use crate::support::{AUDIENCE, ISSUER, START, Service, decode, key, seconds, start};

fn facts(service: &Service, check: &dyn TokenCheck) -> JwtFacts {
    let settings = JwtSettings::new(ISSUER, [AUDIENCE]);
    let sample = NewToken::new("alice").extra(serde_json::json!({ "scope": "x" }));
    let jwks = service.ring.keys().jwks(start());
    let rotation = RotationTrial {
        used_token_refused: true,
        family_revoked: true,
        access_tokens_revoked: true,
        ended_session_refused: true,
    };
    let facts = probe(&service.signer, &sample, check, &jwks, (&settings, &Origins::default(), "jwt"));
    JwtFacts { rotation: Observed::system(rotation, "trial"), ..facts }
}

fn rule(id: &str) -> &'static Rule<JwtFacts> {
    RULES.iter().find(|rule| rule.info.id == id).unwrap()
}

fn judge(facts: &JwtFacts, id: &str) -> Verdict {
    (rule(id).judge)(facts)
}

fn passing(facts: &JwtFacts) -> BTreeSet<&'static str> {
    RULES.iter().filter(|rule| matches!((rule.judge)(facts), Verdict::Pass(_))).map(|rule| rule.info.id).collect()
}

fn failing(facts: &JwtFacts) -> Vec<&'static str> {
    RULES.iter().filter(|rule| matches!((rule.judge)(facts), Verdict::Fail(_))).map(|rule| rule.info.id).collect()
}

const BATTERY: [&str; 8] = [
    "ARCHI-JWT-001",
    "ARCHI-JWT-002",
    "ARCHI-JWT-003",
    "ARCHI-JWT-004",
    "ARCHI-JWT-005",
    "ARCHI-JWT-006",
    "ARCHI-JWT-008",
    "ARCHI-JWT-011",
];

#[test]
fn our_verifier_passes_every_rule_with_every_algorithm() {
    for algorithm in Algorithm::ALL {
        let service = Service::with(key(algorithm));
        let cached: CachedVerifier<Value> = CachedVerifier::new(service.verifier(), 100, seconds(60)).unwrap();
        for check in [&service.verifier() as &dyn TokenCheck, &cached] {
            let facts = facts(&service, check);
            let not_applicable: Vec<_> = RULES
                .iter()
                .filter(|rule| matches!((rule.judge)(&facts), Verdict::NotApplicable(_)))
                .map(|rule| rule.info.id)
                .collect();
            let expected: &[&str] = if algorithm.is_symmetric() { &["ARCHI-JWT-003", "ARCHI-JWT-009"] } else { &[] };
            assert_eq!(not_applicable, expected);
            assert_eq!(passing(&facts).len() + expected.len(), RULES.len(), "{algorithm} {:?}", failing(&facts));
        }
    }
}

#[test]
fn a_check_that_refuses_everything_proves_nothing() {
    let service = Service::new();
    let facts = facts(&service, &|_: &str| false);
    for id in BATTERY {
        assert!(matches!(judge(&facts, id), Verdict::Unknown(_)), "{id}");
    }
}

#[test]
fn a_check_that_accepts_everything_fails_all() {
    let service = Service::new();
    assert_eq!(failing(&facts(&service, &|_: &str| true)), BATTERY);
}

/// Reads a token as a careless service would; each flag is one thing that it does.
#[derive(Clone, Copy)]
struct Careless {
    demands_alg: bool,
    verifies: bool,
    tells_algorithms_apart: bool,
    ignores_header_keys: bool,
    audience: bool,
    issuer: bool,
    times: bool,
    typ: bool,
}

const CAREFUL: Careless = Careless {
    demands_alg: true,
    verifies: true,
    tells_algorithms_apart: true,
    ignores_header_keys: true,
    audience: true,
    issuer: true,
    times: true,
    typ: true,
};

impl Careless {
    fn accepts(self, service: &Service, token: &str) -> bool {
        self.read(service, token).is_some()
    }

    fn read(self, service: &Service, token: &str) -> Option<()> {
        let [header, payload, signature] = <[&str; 3]>::try_from(token.split('.').collect::<Vec<_>>()).ok()?;
        let input = format!("{header}.{payload}");
        let object = |part: &str| serde_json::from_slice::<Map<String, Value>>(&decode(part)).ok();
        let (header, claims) = (object(header)?, object(payload)?);
        let alg = header.get("alg").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
        let public = service.ring.current().verifying_key();
        let trusted = |key: &VerifyingKey| key.verify(input.as_bytes(), &decode(signature)).is_ok();
        let hmac = |secret: &[u8]| {
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
            aws_lc_rs::hmac::verify(&key, input.as_bytes(), &decode(signature)).is_ok()
        };
        let own_key = header
            .get("jwk")
            .and_then(|jwk| VerifyingKey::from_jwk(archirust_auth::jwt::Jwk::parse(&jwk.to_string()).ok()?).ok());
        let genuine = trusted(&public)
            || (!self.demands_alg && alg == "none")
            || (!self.verifies && !signature.is_empty() && alg != "none")
            || (!self.tells_algorithms_apart && alg == "hs256" && hmac(public.to_pem()?.as_bytes()))
            || (!self.ignores_header_keys && own_key.is_some_and(|key| trusted(&key)));
        let time = |name: &str| claims.get(name).and_then(Value::as_i64);
        let in_time = || {
            time("exp").is_some_and(|exp| exp > START && exp < START + 7200)
                && time("nbf").is_some_and(|nbf| nbf <= START)
        };
        let holds = genuine
            && (!self.audience || claims.get("aud") == Some(&AUDIENCE.into()))
            && (!self.issuer || claims.get("iss") == Some(&ISSUER.into()))
            && (!self.times || in_time())
            && (!self.typ || header.get("typ") == Some(&"at+jwt".into()));
        holds.then_some(())
    }
}

#[test]
fn each_rule_catches_the_check_that_lacks_its_thing() {
    let failures = |check: Careless| {
        let service = Service::new();
        failing(&facts(&service, &|token: &str| check.accepts(&service, token)))
    };
    assert_eq!(failures(CAREFUL), [""; 0]);
    assert_eq!(failures(Careless { demands_alg: false, ..CAREFUL }), ["ARCHI-JWT-001"]);
    let unverified = failures(Careless { verifies: false, ..CAREFUL });
    assert!(unverified.contains(&"ARCHI-JWT-002"), "{unverified:?}");
    assert_eq!(failures(Careless { tells_algorithms_apart: false, ..CAREFUL }), ["ARCHI-JWT-003"]);
    assert_eq!(failures(Careless { ignores_header_keys: false, ..CAREFUL }), ["ARCHI-JWT-004"]);
    assert_eq!(failures(Careless { audience: false, ..CAREFUL }), ["ARCHI-JWT-005"]);
    assert_eq!(failures(Careless { issuer: false, ..CAREFUL }), ["ARCHI-JWT-006"]);
    assert_eq!(failures(Careless { times: false, ..CAREFUL }), ["ARCHI-JWT-008"]);
    assert_eq!(failures(Careless { typ: false, ..CAREFUL }), ["ARCHI-JWT-011"]);
}

#[test]
fn jsonwebtoken_as_it_comes_fails_and_with_everything_off_fails_all_it_can() {
    use jsonwebtoken::{DecodingKey, Validation, dangerous, decode};
    let service = Service::new();
    // It looks at the system's clock.
    let clock = archirust_core::clock::SystemClock::new();
    service.clock.jump_to(archirust_core::Clock::now(&clock));
    let jwk = serde_json::to_value(service.ring.current().verifying_key().jwk()).unwrap();
    let key = DecodingKey::from_jwk(&serde_json::from_value(jwk).unwrap()).unwrap();

    let mut default = Validation::new(jsonwebtoken::Algorithm::ES256);
    default.validate_aud = false;
    let as_it_comes = |token: &str| decode::<Value>(token, &key, &default).is_ok();
    assert_eq!(
        failing(&facts(&service, &as_it_comes)),
        ["ARCHI-JWT-005", "ARCHI-JWT-006", "ARCHI-JWT-008", "ARCHI-JWT-011"]
    );

    let anything = |token: &str| dangerous::insecure_decode::<Value>(token).is_ok();
    let failed = failing(&facts(&service, &anything));
    for id in BATTERY {
        assert!(failed.contains(&id), "{id}");
    }
}

#[test]
fn the_battery_takes_milliseconds() {
    let service = Service::new();
    let verifier = service.verifier();
    let started = Instant::now();
    let facts = facts(&service, &verifier);
    // Built without optimisation; the promise is three milliseconds with it.
    assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
    assert!(facts.unsigned.value().unwrap().tried >= 8);
}

#[test]
fn what_was_seen_is_told() {
    let service = Service::new();
    let facts = facts(&service, &|token: &str| service.verifier().accepts(token) || token.ends_with('.'));
    let Verdict::Fail(evidence) = judge(&facts, "ARCHI-JWT-001") else { panic!("the empty signature passed") };
    insta::assert_snapshot!(evidence[0], @"6 of 9 tokens were accepted: alg none, alg None, alg NONE, alg nOnE, no alg and no signature, an empty signature — attempt tokens without a signature (control: a genuine token was accepted)");
    let Verdict::Pass(evidence) = judge(&facts, "ARCHI-JWT-005") else { panic!("the audience is checked") };
    insta::assert_snapshot!(evidence[0], @"5 tokens were refused — attempt genuine tokens for another audience (control: a genuine token was accepted)");
}

fn with(change: impl FnOnce(&mut JwtFacts)) -> JwtFacts {
    let service = Service::new();
    let mut facts = facts(&service, &service.verifier());
    change(&mut facts);
    facts
}

fn seen<T>(value: T) -> Observed<T> {
    Observed::system(value, "test")
}

#[test]
fn an_access_token_lives_fifteen_minutes_at_most_by_setting_and_in_fact() {
    let outcome = |set, lived| {
        let facts = with(|facts| (facts.access_ttl, facts.lifetime) = (seen(seconds(set)), seen(seconds(lived))));
        matches!(judge(&facts, "ARCHI-JWT-007"), Verdict::Pass(_))
    };
    assert!(outcome(900, 900) && outcome(1, 1));
    assert!(!outcome(901, 300) && !outcome(300, 901) && !outcome(0, 300) && !outcome(300, 0));
    let unseen = with(|facts| facts.lifetime = Observed::not_seen("no key"));
    assert!(matches!(judge(&unseen, "ARCHI-JWT-007"), Verdict::Unknown(_)));
}

#[test]
fn the_lifetime_is_that_of_a_fresh_token() {
    let service = Service::new();
    let facts = facts(&service, &service.verifier());
    assert_eq!(facts.lifetime.value(), Some(&seconds(300)));
    assert_eq!(facts.access_ttl.value(), Some(&seconds(300)));
    assert_eq!(facts.leeway.value(), Some(&seconds(30)));
}

#[test]
fn a_leeway_above_a_minute_fails_and_its_remedy_names_the_setting() {
    let leeway = |leeway| with(|facts| facts.leeway = seen(seconds(leeway)));
    assert!(matches!(judge(&leeway(60), "ARCHI-JWT-008"), Verdict::Pass(_)));
    assert!(matches!(judge(&leeway(61), "ARCHI-JWT-008"), Verdict::Fail(_)));
    let remedy = |facts: &JwtFacts| (rule("ARCHI-JWT-008").remedy)(facts).text;
    assert!(remedy(&leeway(61)).contains("jwt.leeway"));
    assert!(remedy(&leeway(60)).contains("Verifier"));
}

#[test]
fn only_large_public_keys_may_be_published() {
    let published = |keys: &[(&str, Option<usize>)]| {
        let keys = keys.iter().map(|(kty, bits)| PublishedKey { kid: "k".into(), kty: (*kty).into(), rsa_bits: *bits });
        judge(&with(|facts| facts.published = seen(keys.collect())), "ARCHI-JWT-009")
    };
    for good in [&[("EC", None), ("OKP", None)][..], &[("RSA", Some(2048))]] {
        assert!(matches!(published(good), Verdict::Pass(_)), "{good:?}");
    }
    for bad in [&[][..], &[("RSA", Some(2047))], &[("RSA", None)], &[("oct", None)], &[("EC", None), ("oct", None)]] {
        assert!(matches!(published(bad), Verdict::Fail(_)), "{bad:?}");
    }
    // A shared key beside published ones is judged by what is published.
    let shared = with(|facts| facts.algorithm = seen(Algorithm::Hs256));
    assert!(matches!(judge(&shared, "ARCHI-JWT-009"), Verdict::Pass(_)));
}

#[test]
fn the_published_keys_are_seen_as_they_are() {
    for (algorithm, kty, bits) in
        [(Algorithm::EdDsa, "OKP", None), (Algorithm::Rs256, "RSA", Some(2048)), (Algorithm::Es256, "EC", None)]
    {
        let service = Service::with(key(algorithm));
        let facts = facts(&service, &service.verifier());
        let kid = service.ring.current().kid().to_owned();
        assert_eq!(facts.published.value(), Some(&vec![PublishedKey { kid, kty: kty.into(), rsa_bits: bits }]));
    }
}

#[test]
fn every_part_of_the_rotation_counts() {
    let whole = RotationTrial {
        used_token_refused: true,
        family_revoked: true,
        access_tokens_revoked: true,
        ended_session_refused: true,
    };
    let verdict = |trial| judge(&with(|facts| facts.rotation = seen(trial)), "ARCHI-JWT-012");
    assert!(matches!(verdict(whole), Verdict::Pass(_)));
    for broken in [
        RotationTrial { used_token_refused: false, ..whole },
        RotationTrial { family_revoked: false, ..whole },
        RotationTrial { access_tokens_revoked: false, ..whole },
        RotationTrial { ended_session_refused: false, ..whole },
    ] {
        assert!(matches!(verdict(broken), Verdict::Fail(_)), "{broken:?}");
        assert_eq!(broken.flaws().len(), 1);
    }
    let service = Service::new();
    let untried = probe(
        &service.signer,
        &NewToken::new("alice"),
        &service.verifier(),
        &JwkSet::default(),
        (&JwtSettings::default(), &Origins::default(), "jwt"),
    );
    assert!(matches!(judge(&untried, "ARCHI-JWT-012"), Verdict::Unknown(_)));
}

#[test]
fn no_attempt_is_no_pass() {
    assert!(!Attempts::default().all_refused());
    assert!(Attempts { tried: 1, accepted: vec![] }.all_refused());
    assert!(!Attempts { tried: 1, accepted: vec!["x"] }.all_refused());
}

#[test]
fn a_signer_that_can_not_sign_leaves_all_unknown() {
    let service = Service::new();
    let sample = NewToken::new("alice").extra(serde_json::json!({ "sub": "x" }));
    let settings = JwtSettings::default();
    let facts = probe(
        &service.signer,
        &sample,
        &service.verifier(),
        &JwkSet::default(),
        (&settings, &Origins::default(), "jwt"),
    );
    for id in BATTERY.into_iter().chain(["ARCHI-JWT-007"]) {
        assert!(matches!(judge(&facts, id), Verdict::Unknown(_)), "{id}");
    }
}

#[test]
fn the_settings_alone_can_fail_and_never_pass_what_has_to_be_tried() {
    let judged = |settings: JwtSettings, id| judge(&from_settings(&settings, &Origins::default(), "jwt"), id);
    let defaults = || JwtSettings::new(ISSUER, [AUDIENCE]);
    let long = || JwtSettings { access_ttl: seconds(901), ..defaults() };
    let shared = || JwtSettings { algorithm: Algorithm::Hs256, ..defaults() };
    for rule in RULES {
        assert!(matches!(judged(defaults(), rule.info.id), Verdict::Unknown(_)), "{}", rule.info.id);
    }
    assert!(matches!(judged(long(), "ARCHI-JWT-007"), Verdict::Fail(_)));
    assert!(matches!(judged(shared(), "ARCHI-JWT-003"), Verdict::NotApplicable(_)));
}

#[test]
fn rules_are_complete() {
    for rule in RULES {
        let info = rule.info;
        assert!(info.id.starts_with("ARCHI-JWT-") && !info.references.is_empty() && !info.checklist.is_empty());
        let service = Service::new();
        assert!(!(rule.remedy)(&facts(&service, &service.verifier())).text.is_empty());
    }
}
