//! `archi jwt`: keys, and what they sign.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use archirust::auth::jwt::{Algorithm, JwkSet, KeyFile, KeyRing, NewToken, Signer};
use archirust::clock::{Clock, ManualClock, SystemClock};
use archirust::random::SystemRandom;
use serde_json::Value;

use crate::run::{Place, files};

const ISSUER: &str = "https://accounts.example.org";

/// A place with a key, its public half, and a token.
pub(crate) struct Signed {
    pub(crate) place: Place,
    pub(crate) token: String,
}

impl Signed {
    pub(crate) fn new() -> Self {
        Self::with(Place::new(), "ES256")
    }

    fn with(place: Place, algorithm: &str) -> Self {
        let keys = place.run(&["jwt", "keygen", "--algorithm", algorithm, "--out", "key.pem"]).is(0).out;
        place.write("jwks.json", &keys);
        let token = place.run(&sign(&["--algorithm", algorithm])).is(0).out;
        Self { token: token.trim().to_owned(), place }
    }

    pub(crate) fn verify(&self, token: &str) -> crate::run::Ended {
        self.place.pipe(&verify("jwks.json"), token)
    }
}

pub(crate) fn sign<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let arguments = ["jwt", "sign", "--key", "key.pem", "--issuer", ISSUER, "--audience", "api", "--subject", "ada"];
    [&arguments, more].concat()
}

pub(crate) fn verify(jwks: &str) -> Vec<&str> {
    vec!["jwt", "verify", "--jwks", jwks, "--issuer", ISSUER, "--audience", "api"]
}

#[test]
fn what_a_new_key_signs_verifies_with_its_published_half() {
    for algorithm in ["ES256", "EdDSA", "RS256", "PS256"] {
        let signed = Signed::with(Place::new(), algorithm);
        let valid = signed.verify(&signed.token).is(0);
        let lines: Vec<&str> = valid.out.lines().collect();
        assert_eq!(lines[..4], ["valid", "iss  https://accounts.example.org", "sub  ada", "aud  api"], "{algorithm}");
        let keys = JwkSet::parse(&signed.place.read("jwks.json")).unwrap();
        assert_eq!((keys.keys.len(), keys.keys[0].alg.name()), (1, algorithm));
    }
}

#[test]
fn the_key_tells_its_algorithm() {
    for (algorithm, told) in [("ES256", "ES256"), ("EdDSA", "EdDSA"), ("RS256", "RS256"), ("PS256", "RS256")] {
        let place = Signed::with(Place::new(), algorithm).place;
        let token = place.run(&sign(&[])).is(0).out;
        place.pipe(&["jwt", "inspect"], token).is(0).says(&format!("\"alg\": \"{told}\""));
    }
}

#[test]
fn a_token_that_was_tampered_with_is_not_valid() {
    let signed = Signed::new();
    let parts: Vec<&str> = signed.token.split('.').collect();
    for part in 0..3 {
        for place in [0, parts[part].len() / 2] {
            let mut changed: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            let old = changed[part].remove(place);
            changed[part].insert(place, if old == 'A' { 'B' } else { 'A' });
            let ended = signed.verify(&changed.join(".")).is(1);
            assert!(ended.out.starts_with("not valid: "), "{ended}");
        }
    }
    signed.verify(&signed.token).is(0);
}

#[test]
fn a_token_for_others_or_of_another_key_is_not_valid() {
    let signed = Signed::new();
    let other = ["jwt", "verify", "--jwks", "jwks.json", "--issuer", "https://other.example", "--audience", "api"];
    signed.place.pipe(&other, &signed.token).is(1).says("the issuer is another one");
    let other = ["jwt", "verify", "--jwks", "jwks.json", "--issuer", ISSUER, "--audience", "web"];
    signed.place.pipe(&other, &signed.token).is(1).says("the audience is another one");
    // One of several audiences is enough.
    signed.place.pipe(&[&other[..], &["--audience", "api"]].concat(), &signed.token).is(0);
    let stranger = Signed::new();
    signed.verify(&stranger.token).is(1).says("the key is not known");
}

#[test]
fn a_token_that_is_over_or_lives_too_long_is_not_valid() {
    let signed = Signed::new();
    let key = KeyFile::new(signed.place.path("key.pem"), Algorithm::Es256).load().unwrap();
    let ring = Arc::new(KeyRing::new(key));
    let now = SystemClock::new().now();
    let token_of = |age: Duration| {
        let signer =
            Signer::new(ring.clone(), ISSUER, ["api"]).unwrap().with_access_ttl(Duration::from_secs(3600)).unwrap();
        let clock = ManualClock::at(now - age);
        signer.with_sources(clock, SystemRandom::shared()).sign(&NewToken::new("ada")).unwrap().expose().to_owned()
    };
    // A token may live as long as any service may let it.
    signed.verify(&token_of(Duration::ZERO)).is(0);
    signed.verify(&token_of(Duration::from_secs(7200))).is(1).says("expired");
}

#[test]
fn claims_are_added_and_can_not_replace_what_the_signer_writes() {
    let place = Signed::new().place;
    let more = ["--claim", "scope=read write", "--claim", "roles=[\"admin\"]", "--audience", "web", "--ttl", "1h"];
    let token = place.run(&sign(&more)).is(0).out;
    let valid = place.pipe(&verify("jwks.json"), token).is(0);
    valid.says("aud  api, web\n").says(r#"more {"roles":["admin"],"scope":"read write"}"#);
    for (option, value, reason) in [
        ("--claim", "iss=https://evil.example", "the claim iss is written by the signer"),
        ("--claim", "exp=99999999999", "the claim exp is written by the signer"),
        ("--claim", "scope", "no `=`"),
        ("--ttl", "61m", "1s to 1h"),
        ("--ttl", "0s", "1s to 1h"),
        ("--ttl", "soon", "written as"),
        ("--algorithm", "HS256", "archi secret generate"),
        ("--algorithm", "none", "there are ES256, EdDSA, RS256 and PS256"),
    ] {
        place.run(&sign(&[option, value])).is(2).says(reason);
    }
    place.run(&sign(&["--claim", "a=1", "--claim", "a=2"])).is(2).says("twice");
}

#[test]
fn names_that_no_verifier_would_take_are_not_signed() {
    let place = Signed::new().place;
    for (issuer, subject, code) in
        [("<issuer>", "ada", 2), ("a b", "ada", 2), ("", "ada", 2), (ISSUER, "a b", 1), (ISSUER, "", 1)]
    {
        let arguments =
            ["jwt", "sign", "--key", "key.pem", "--issuer", issuer, "--audience", "api", "--subject", subject];
        let ended = place.run(&arguments).is(code);
        assert_eq!(ended.out, "");
    }
}

#[test]
fn a_token_is_shown_with_its_times_and_without_its_signature() {
    let signed = Signed::new();
    let ended = signed.place.pipe(&["jwt", "inspect"], &signed.token).is(0);
    let signature = signed.token.rsplit('.').next().unwrap();
    let ended = ended.says("NOT CHECKED").says("\"typ\": \"at+jwt\"").says("\"sub\": \"ada\"").never_says(signature);
    let times: Vec<&str> = ended.out.lines().filter(|line| line.ends_with('Z')).collect();
    assert_eq!(times.len(), 3, "{ended}");
    // A forged one is shown too, which is why it says that nothing was checked.
    let forged = signed.token.replace(signature, "AAAA");
    signed.place.pipe(&["jwt", "inspect"], forged).is(0).says("NOT CHECKED");
}

#[test]
fn what_surrounds_a_token_that_was_copied_does_not_matter_and_what_breaks_it_does() {
    let signed = Signed::new();
    let token = &signed.token;
    for copied in [format!("{token}\n"), format!("{token}\r\n"), format!("\n  {token} \t\n\n")] {
        signed.verify(&copied).is(0);
        signed.place.pipe(&["jwt", "inspect"], copied).is(0);
    }
    let (half, rest) = token.split_at(60);
    for broken in [format!("Bearer {token}"), format!("{half}\n{rest}"), format!("{half} {rest}")] {
        for ended in [signed.verify(&broken), signed.place.pipe(&["jwt", "inspect"], &broken)] {
            ended.is(2).says("in one piece, without `Bearer`").never_says(half).never_says(rest);
        }
    }
}

#[test]
fn a_key_file_is_for_its_owner_alone_and_never_replaced() {
    let place = Place::new();
    let made = place.run(&["jwt", "keygen", "--out", "key.pem"]).is(0);
    assert_eq!(made.err, "made key.pem (mode 0600)\n");
    assert_eq!(place.mode("key.pem"), 0o600);
    let before = place.read("key.pem");
    let again = place.run(&["jwt", "keygen", "--out", "key.pem"]).is(1);
    assert_eq!(again.out, "");
    insta::assert_snapshot!(again.err, @"error: key file key.pem exists: move it away first, it is not replaced");
    assert_eq!(place.read("key.pem"), before);
    assert_eq!(files(&place.path("")).len(), 1, "no draft is left behind");
}

#[test]
fn a_key_that_can_not_be_made_or_used_is_named_with_the_remedy() {
    let place = Signed::new().place;
    let sign_with =
        |key: &str| place.run(&["jwt", "sign", "--key", key, "--issuer", ISSUER, "--audience", "a", "--subject", "b"]);

    place.run(&["jwt", "keygen", "--out", "missing/key.pem"]).is(2).says("create its folder");
    place.run(&["jwt", "keygen", "--out", "."]).is(1).says("is not replaced");
    sign_with("missing.pem").is(2).says("key file missing.pem does not exist").says("archi jwt keygen");
    sign_with(".").is(2).says("is not a file");

    place.set_mode("key.pem", 0o640);
    sign_with("key.pem").is(2).says("mode 0640").says("chmod 600 key.pem");
    place.set_mode("key.pem", 0o600);
    let whole = fs::read(place.path("key.pem")).unwrap();
    fs::write(place.path("key.pem"), &whole[..whole.len() / 2]).unwrap();
    sign_with("key.pem").is(2).says("truncated, damaged or not a key");
    fs::write(place.path("key.pem"), "").unwrap();
    sign_with("key.pem").is(2).says("truncated, damaged or not a key");

    place.run(&["jwt", "keygen", "--out", "ed.pem", "--algorithm", "EdDSA"]).is(0);
    let wrong = [
        "jwt",
        "sign",
        "--key",
        "ed.pem",
        "--algorithm",
        "RS256",
        "--issuer",
        ISSUER,
        "--audience",
        "a",
        "--subject",
        "b",
    ];
    place.run(&wrong).is(2).says("holds an Ed25519 key, and RS256 needs an unencrypted RSA key");
}

#[test]
fn the_public_half_is_a_set_that_can_be_published() {
    let keys: Value = serde_json::from_str(&Place::new().run(&["jwt", "keygen", "--out", "k.pem"]).is(0).out).unwrap();
    let key = keys["keys"][0].as_object().unwrap();
    let members: Vec<&str> = key.keys().map(String::as_str).collect();
    assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
}
