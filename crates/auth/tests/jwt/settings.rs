//! The settings section.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use archirust_auth::jwt::{
    Algorithm, DEFAULT_ACCESS_TTL, DEFAULT_LEEWAY, DEFAULT_VERIFIED_ENTRIES, Deadline, JwtSettings, MAX_VERIFIED_TTL,
    NewToken, NoExtra,
};
use archirust_core::config::{ConfigErrors, Loaded, Loader, Profile, Settings};
use archirust_core::random::SystemRandom;
use archirust_core::{Clock, ErrorKind};
use tempfile::TempDir;

use crate::support::{AUDIENCE, ISSUER, Service, at, check, seconds, secret, start};

#[derive(Debug, Settings)]
struct Root {
    #[setting(nested)]
    jwt: JwtSettings,
}

fn load(variables: &[(&str, &str)]) -> Result<Loaded<Root>, ConfigErrors> {
    let variables = variables.iter().map(|(name, value)| (format!("ARCHI__JWT__{name}"), (*value).to_owned()));
    Loader::new("ARCHI")
        .directory("/nonexistent")
        .profile(Profile::Production)
        .environment(variables)
        .load::<Root>()
        .into_result()
}

fn with(name: &str, value: &str) -> Result<Loaded<Root>, ConfigErrors> {
    load(&[("ISSUER", ISSUER), (name, value)])
}

#[test]
fn the_defaults_are_those_of_the_types() {
    let settings = load(&[("ISSUER", ISSUER)]).unwrap().settings.jwt;
    assert_eq!(settings.access_ttl, DEFAULT_ACCESS_TTL);
    assert_eq!(settings.leeway, DEFAULT_LEEWAY);
    assert_eq!(settings.algorithm, Algorithm::Es256);
    assert_eq!(settings.verified_entries, DEFAULT_VERIFIED_ENTRIES);
    assert_eq!(settings.verified_ttl, MAX_VERIFIED_TTL);
    assert!(settings.secret.is_none() && settings.previous_key_files.is_empty() && settings.audience.is_empty());
}

#[test]
fn an_issuer_is_demanded_in_production() {
    let error = load(&[]).unwrap_err();
    insta::assert_snapshot!(error, @"
    1 problem in the configuration
    jwt.issuer is missing; accepted is text
      set ARCHI__JWT__ISSUER, or issuer in [jwt] of archi.toml
    ");
}

#[test]
fn ranges_have_two_ends() {
    for (name, good, bad) in [
        ("ACCESS_TTL", &["1s", "60m"][..], &["0s", "61m", "999ms"][..]),
        ("LEEWAY", &["0s", "60s"], &["61s"]),
        ("VERIFIED_TTL", &["0s", "60s"], &["61s"]),
        ("VERIFIED_ENTRIES", &["0", "1000000"], &["1000001", "-1"]),
        ("ALGORITHM", &["ES256", "EdDSA", "RS256", "PS256"], &["none", "es256", "HS512", ""]),
        ("AUDIENCE", &["https://a.example,https://b.example"], &["changeme", "a b", "https://a.example,"]),
        ("ISSUER", &["https://a.example"], &["", "<issuer>", "a b"]),
        ("PREVIOUS_UNTIL", &["2026-01-31T12:00:00Z"], &["tomorrow", "2026-01-31", "1767225600"]),
    ] {
        for value in good {
            assert!(with(name, value).is_ok(), "{name} {value}");
        }
        for value in bad {
            assert!(with(name, value).is_err(), "{name} {value}");
        }
    }
}

#[test]
fn settings_that_do_not_go_together_are_named() {
    let key = "Gw5U1H3mLbXqkT9zv0sJrY8pCe2nAf6DxQ4iRlKtVhM";
    let problem = |variables: &[(&str, &str)]| {
        let error = load(&[&[("ISSUER", ISSUER)], variables].concat()).unwrap_err();
        let shown = error.to_string();
        assert!(!shown.contains(key));
        shown.lines().skip(1).map(str::to_owned).collect::<Vec<_>>().join("\n")
    };
    assert!(problem(&[("ALGORITHM", "HS256")]).contains("jwt.secret is needed with HS256"));
    assert!(problem(&[("SECRET", key)]).contains("is only for HS256, and the algorithm is ES256"));
    assert!(load(&[("ISSUER", ISSUER), ("ALGORITHM", "HS256"), ("SECRET", key)]).is_ok());
    let shared = problem(&[
        ("ALGORITHM", "HS256"),
        ("SECRET", key),
        ("PREVIOUS_KEY_FILES", "a.pem"),
        ("PREVIOUS_UNTIL", "2026-01-31T12:00:00Z"),
    ]);
    assert!(shared.contains("is not for HS256"), "{shared}");
    assert!(
        problem(&[("PREVIOUS_KEY_FILES", "a.pem")]).contains("jwt.previous_until is needed with previous_key_files")
    );
    let twice =
        problem(&[("KEY_FILE", "a.pem"), ("PREVIOUS_KEY_FILES", "a.pem"), ("PREVIOUS_UNTIL", "2026-01-31T12:00:00Z")]);
    assert!(twice.contains("names key_file"), "{twice}");
    // A secret is as strong as a key must be.
    assert!(load(&[("ISSUER", ISSUER), ("ALGORITHM", "HS256"), ("SECRET", "hunter2")]).is_err());
}

fn settings(folder: &TempDir) -> JwtSettings {
    JwtSettings { key_file: folder.path().join("jwt.pem"), ..JwtSettings::new(ISSUER, [AUDIENCE]) }
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn the_first_start_makes_a_key_and_the_second_reads_it() {
    let folder = folder();
    let settings = settings(&folder);
    assert_eq!(settings.load_keys().unwrap_err().kind(), ErrorKind::Configuration, "a start that makes nothing");
    let (first, made) = settings.load_or_create_keys().unwrap();
    let (second, again) = settings.load_or_create_keys().unwrap();
    assert_eq!((made, again), (true, false));
    assert_eq!(first.current().kid(), second.current().kid());
    assert_eq!(settings.load_keys().unwrap().current().kid(), first.current().kid());
}

#[test]
fn previous_keys_verify_until_their_date() {
    let folder = folder();
    let old = settings(&folder);
    let old_kid = old.load_or_create_keys().unwrap().0.current().kid().to_owned();
    let mut new = JwtSettings {
        key_file: folder.path().join("new.pem"),
        previous_key_files: vec![old.key_file.clone()],
        previous_until: Some(Deadline(at(60))),
        ..old
    };
    let keys = new.load_or_create_keys().unwrap().0.keys();
    assert_eq!(keys.jwks(at(59)).keys[1].kid, old_kid);
    assert_eq!(keys.jwks(at(60)).keys.len(), 1);

    new.previous_until = None;
    let error = new.load_keys().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.detail().unwrap().contains("jwt.previous_until"));
    fs::set_permissions(&new.previous_key_files[0], fs::Permissions::from_mode(0o644)).unwrap();
    new.previous_until = Some(Deadline(at(60)));
    assert!(new.load_keys().unwrap_err().detail().unwrap().contains("chmod 600"));
}

#[test]
fn a_first_party_secret_makes_no_file() {
    let folder = folder();
    let settings = JwtSettings { algorithm: Algorithm::Hs256, secret: Some(secret()), ..settings(&folder) };
    let (ring, made) = settings.load_or_create_keys().unwrap();
    assert!(!made && ring.current().algorithm().is_symmetric() && !settings.key_file.exists());
}

#[test]
fn signer_and_verifier_follow_the_settings() {
    let service = Service::new();
    let build = |settings: &JwtSettings| {
        let signer =
            settings.signer(Arc::clone(&service.ring), service.shared_clock(), SystemRandom::shared()).unwrap();
        let verifier = settings.verifier(service.ring.keys(), service.shared_clock()).unwrap();
        (signer, verifier)
    };
    let (signer, verifier) =
        build(&JwtSettings { access_ttl: seconds(60), leeway: Duration::ZERO, ..JwtSettings::new(ISSUER, [AUDIENCE]) });
    let token = signer.sign(&NewToken::new("alice")).unwrap();
    assert_eq!(token.expires_at(), at(60));
    service.clock.advance(seconds(59));
    assert!(check(&verifier, token.expose()).is_ok());
    service.clock.advance(seconds(1));
    assert!(check(&verifier, token.expose()).is_err());

    // One that was signed before the setting went down is still taken, one of an hour is not.
    service.clock.jump_to(start());
    let sign = |ttl| {
        build(&JwtSettings { access_ttl: seconds(ttl), ..JwtSettings::new(ISSUER, [AUDIENCE]) })
            .0
            .sign(&NewToken::new("alice"))
            .unwrap()
    };
    assert!(check(&verifier, sign(900).expose()).is_ok());
    assert!(check(&verifier, sign(901).expose()).is_err());
    let (_, long) = build(&JwtSettings { access_ttl: seconds(3600), ..JwtSettings::new(ISSUER, [AUDIENCE]) });
    assert!(check(&long, sign(3600).expose()).is_ok());
}

#[test]
fn without_an_audience_tokens_are_for_the_issuer() {
    let service = Service::new();
    let settings = JwtSettings { issuer: Some(ISSUER.to_owned()), ..JwtSettings::default() };
    let signer = settings.signer(Arc::clone(&service.ring), service.shared_clock(), SystemRandom::shared()).unwrap();
    let verifier = settings.verifier(service.ring.keys(), service.shared_clock()).unwrap();
    let claims = check(&verifier, signer.sign(&NewToken::new("alice")).unwrap().expose()).unwrap();
    assert_eq!(claims.aud, [ISSUER]);
    assert!(check(&verifier, &service.token()).is_err());
}

#[test]
fn without_an_issuer_nothing_is_built() {
    let service = Service::new();
    let settings = JwtSettings::default();
    let error = settings.verifier(service.ring.keys(), service.shared_clock()).unwrap_err();
    insta::assert_snapshot!(error.report(), @"configuration: jwt.issuer is missing: set it to the public URL of the service, such as https://accounts.example.org");
    let signer = settings.signer(Arc::clone(&service.ring), service.shared_clock(), SystemRandom::shared());
    assert_eq!(signer.unwrap_err().kind(), ErrorKind::Configuration);
}

#[test]
fn the_memory_of_the_verifier_follows_the_settings() {
    let service = Service::new();
    let cached = |settings: JwtSettings| {
        settings.cached_verifier::<NoExtra>(service.ring.keys(), service.shared_clock()).unwrap()
    };
    let on = cached(JwtSettings::new(ISSUER, [AUDIENCE]));
    let off = cached(JwtSettings { verified_entries: 0, ..JwtSettings::new(ISSUER, [AUDIENCE]) });
    let token = service.token();
    for cached in [&on, &off] {
        cached.verify(&token).unwrap();
    }
    assert_eq!((on.entries(), off.entries()), (1, 0));
    assert_eq!(service.clock.now(), start());
}
