//! What must hold of access tokens: ARCHI-JWT-001 to 009, 011 and 012.

use std::time::Duration;

use archirust_core::hardening::{Observed, Remedy, Rule, RuleInfo, Severity, Verdict};

use super::facts::{Attempts, JwtFacts, PublishedKey};
use super::{MAX_LEEWAY, MIN_RSA_BITS};

/// The longest lifetime that passes.
const MAX_LIFETIME: Duration = Duration::from_secs(900);

/// The rules over access tokens.
pub static RULES: &[Rule<JwtFacts>] = &[
    Rule {
        info: RuleInfo {
            id: "ARCHI-JWT-001",
            title: "a token without a signature is refused",
            severity: Severity::Critical,
            why: "with alg none anyone writes the token that they want",
            check: "alg none in four spellings, an empty, a missing and a zero signature are refused; a genuine token is accepted",
            remedy: "check tokens with archirust_auth::jwt::Verifier, whose key fixes the algorithm",
            checklist: &["KC.a"],
            references: &["ASVS 9.1.1", "ASVS 9.1.2", "RFC 8725 3.1"],
            waivable: false,
        },
        judge: |facts| all_refused(&facts.unsigned),
        remedy: |_| use_our_verifier("it takes no algorithm from the token"),
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-JWT-002",
            title: "the signature is verified",
            severity: Severity::Critical,
            why: "a token whose signature nobody checks says whatever its bearer wants",
            check: "a flipped bit, a changed subject and another key of the same name are refused; a genuine token is accepted",
            remedy: "verify before use, with the key that the issuer publishes",
            checklist: &["KC.a"],
            references: &["ASVS 9.1.1", "ASVS 6.8.2", "RFC 8725 3.3"],
            waivable: false,
        },
        judge: |facts| all_refused(&facts.forged),
        remedy: |_| use_our_verifier("it gives no claims of a token whose signature is wrong"),
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-JWT-003",
            title: "the public key is not taken as a shared secret",
            severity: Severity::Critical,
            why: "the public key is known to all: taken as a secret of HS256, it lets anyone sign",
            check: "HS256 tokens signed with the public key as PEM, DER and JWK are refused; a genuine token is accepted",
            remedy: "one algorithm for each key",
            checklist: &["JWT.b", "KC.a"],
            references: &["ASVS 9.1.2", "RFC 8725 2.1", "RFC 8725 3.1"],
            waivable: false,
        },
        judge: |facts| match facts.algorithm.value() {
            Some(algorithm) if algorithm.is_symmetric() => {
                Verdict::NotApplicable("tokens are signed with a shared secret: there is no public key".to_owned())
            }
            _ => all_refused(&facts.key_confusion),
        },
        remedy: |_| use_our_verifier("its keys know their one algorithm"),
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-JWT-004",
            title: "keys and addresses in a token's header are not trusted",
            severity: Severity::Critical,
            why: "a token that brings its own key proves nothing, and an address in it makes the service fetch what an attacker wants",
            check: "jwk, jku, x5u, x5c and a kid with an address, a path or SQL are refused; a genuine token is accepted",
            remedy: "find the key by its kid among the configured ones and nowhere else",
            checklist: &["KC.a"],
            references: &["ASVS 9.1.3", "RFC 8725 3.10"],
            waivable: false,
        },
        judge: |facts| all_refused(&facts.header_keys),
        remedy: |_| use_our_verifier("it refuses headers that bring keys"),
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-JWT-005",
            title: "the audience is checked",
            severity: Severity::High,
            why: "a token for another service, which that service sees, would open this one",
            check: "genuine tokens with another, no, or a list of other audiences are refused; a genuine token for us is accepted",
            remedy: "compare aud with the name of this service",
            checklist: &["JWT.c"],
            references: &["ASVS 9.2.3", "RFC 8725 3.9", "RFC 9700 4.10"],
            waivable: true,
        },
        judge: |facts| all_refused(&facts.audience),
        remedy: |_| use_our_verifier("it can't be built without an audience"),
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-JWT-006",
            title: "the issuer is checked",
            severity: Severity::High,
            why: "keys are shared and names of keys repeat: only the issuer says whose users are meant",
            check: "tokens of another issuer, with our key and with its own, are refused; a genuine token is accepted",
            remedy: "compare iss with the one issuer, character for character",
            checklist: &["JWT.c"],
            references: &["ASVS 10.5.3", "RFC 8725 3.8"],
            waivable: true,
        },
        judge: |facts| all_refused(&facts.issuer),
        remedy: |_| use_our_verifier("it can't be built without an issuer"),
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-JWT-007",
            title: "access tokens live minutes",
            severity: Severity::High,
            why: "whoever steals an access token is believed until it ends",
            check: "the setting and a fresh token both say 900 seconds or less",
            remedy: "let them live five minutes and rotate refresh tokens",
            checklist: &["JWT.a"],
            references: &["ASVS 9.2.1"],
            waivable: true,
        },
        judge: |facts| {
            let says = |what: &'static str| move |ttl: &Duration| format!("{what} {} seconds", ttl.as_secs());
            let short = |ttl: &Duration| (Duration::from_secs(1)..=MAX_LIFETIME).contains(ttl);
            let set = facts.access_ttl.judge(short, says("access tokens are to live"));
            set.and(facts.lifetime.judge(short, says("a fresh access token lives")))
        },
        remedy: |_| Remedy::new("set jwt.access_ttl to 5m, at most 15m"),
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-JWT-008",
            title: "the times of a token are checked, with a leeway of 60 seconds or less",
            severity: Severity::High,
            why: "a token whose end nobody checks lives for ever",
            check: "tokens over for 61 seconds, not good yet, or without an end are refused; a genuine token is accepted",
            remedy: "check exp and nbf, and let clocks differ by less than a minute",
            checklist: &["JWT.a"],
            references: &["ASVS 9.2.1", "RFC 7519 4.1.4"],
            waivable: true,
        },
        judge: |facts| {
            let leeway = facts.leeway.judge(
                |leeway| *leeway <= MAX_LEEWAY,
                |leeway| format!("clocks may differ by {} seconds", leeway.as_secs()),
            );
            all_refused(&facts.times).and(leeway)
        },
        remedy: |facts| match facts.leeway.value() {
            Some(leeway) if *leeway > MAX_LEEWAY => Remedy::new("set jwt.leeway to 30s, at most 60s"),
            _ => use_our_verifier("it demands exp, nbf and iat"),
        },
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-JWT-009",
            title: "only public keys of sufficient size are published",
            severity: Severity::High,
            why: "a published shared key lets everyone sign; a small RSA key can be broken",
            check: "the JWKS has keys, all of kind EC, OKP or RSA with 2048 bits or more; a shared key signs only for first-party use and is not published",
            remedy: "sign with ES256, EdDSA or RS256",
            checklist: &["JWT.b"],
            references: &["ASVS 9.1.2", "ASVS 11.2.3", "RFC 8725 3.2"],
            waivable: true,
        },
        judge: |facts| match (facts.algorithm.value(), facts.published.value()) {
            (Some(algorithm), Some(keys)) if algorithm.is_symmetric() && keys.is_empty() => Verdict::NotApplicable(
                "tokens are signed with a shared secret for first-party use, and nothing is published".to_owned(),
            ),
            _ => facts.published.judge(
                |keys| !keys.is_empty() && keys.iter().all(is_public_and_large),
                |keys| match keys.as_slice() {
                    [] => "no key is published".to_owned(),
                    keys => keys.iter().map(described).collect::<Vec<_>>().join(", "),
                },
            ),
        },
        remedy: |_| Remedy::new("set jwt.algorithm to ES256 and make a key with `archi jwt keygen`"),
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-JWT-011",
            title: "only access tokens are taken as access tokens",
            severity: Severity::Medium,
            why: "ID tokens are seen by browsers and logs, refresh tokens live for weeks: neither may open the API",
            check: "genuine tokens with the type of an ID, refresh or logout token, or none, are refused; an access token is accepted",
            remedy: "demand typ at+jwt",
            checklist: &["JWT.c"],
            references: &["ASVS 9.2.2", "RFC 8725 3.11", "RFC 9068 4"],
            waivable: true,
        },
        judge: |facts| all_refused(&facts.token_type),
        remedy: |_| use_our_verifier("it demands the type at+jwt"),
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-JWT-012",
            title: "a used refresh token ends its session",
            severity: Severity::Medium,
            why: "a stolen refresh token would give new access tokens for weeks, beside its owner's",
            check: "in a trial a used token and its successor are refused, access tokens end, and an ended session gives nothing",
            remedy: "rotate refresh tokens at each use and revoke the family at a reuse",
            checklist: &["JWT.a"],
            references: &["ASVS 10.4.5", "ASVS 7.4.1", "RFC 9700 4.14"],
            waivable: true,
        },
        judge: |facts| {
            facts.rotation.judge(
                |trial| trial.flaws().is_empty(),
                |trial| match trial.flaws() {
                    flaws if flaws.is_empty() => {
                        "a used refresh token ended its session and its access tokens".to_owned()
                    }
                    flaws => flaws.join(", "),
                },
            )
        },
        remedy: |_| {
            Remedy::new(
                "issue refresh tokens with archirust_auth::session::SessionManager, whose store passes session::conformance",
            )
        },
    },
];

fn all_refused(attempts: &Observed<Attempts>) -> Verdict {
    attempts.judge(Attempts::all_refused, Attempts::to_string)
}

fn use_our_verifier(because: &str) -> Remedy {
    Remedy::new(format!("check tokens with archirust_auth::jwt::Verifier: {because}"))
}

fn is_public_and_large(key: &PublishedKey) -> bool {
    match key.kty.as_str() {
        "EC" | "OKP" => true,
        "RSA" => key.rsa_bits.is_some_and(|bits| bits >= MIN_RSA_BITS),
        _ => false,
    }
}

fn described(key: &PublishedKey) -> String {
    let bits = key.rsa_bits.map_or_else(String::new, |bits| format!(" with {bits} bits"));
    format!("{}{bits} ({})", key.kty, key.kid)
}
