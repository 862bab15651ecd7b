//! The rules of configuration and secrets: weak facts fail, hardened ones pass, and the probe sees what there is.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::path::PathBuf;

use archirust_core::config::{Origin, Profile};
use archirust_core::facts::{ConfigFacts, RefusedSetting, SecretFacts, SecretFileFacts, SecretFileKind, SecretState};
use archirust_core::hardening::{Observed, Rule, Source, Verdict};
use archirust_core::probe::{probe, probe_with_files};
use archirust_core::rules::RULES;
use archirust_core::secret::assess;
use common::{KEY, OTHER_KEY, Site};
use insta::assert_snapshot;

fn setting<T>(value: T, key: &str) -> Observed<T> {
    Observed::Seen(value, Source::Setting { key: key.to_owned(), origin: Origin::Variable("X".into()) })
}

/// Facts that every rule passes.
fn hardened() -> ConfigFacts {
    ConfigFacts {
        profile: Profile::Production,
        secrets: vec![SecretFacts {
            key: "jwt.key".into(),
            ways_to_set: "ARCHI__JWT__KEY".into(),
            required: true,
            state: setting(SecretState::Present, "jwt.key"),
            strengths: vec![setting(assess(KEY), "jwt.key")],
            in_arguments: Some(Observed::system(false, "command line")),
        }],
        refused: vec![],
        files: vec![SecretFileFacts {
            path: "keys/jwt".into(),
            kind: SecretFileKind::Secret,
            mode: Observed::system(0o600, "mode"),
            folder_mode: Observed::system(0o750, "mode"),
        }],
    }
}

fn rule(id: &str) -> &'static Rule<ConfigFacts> {
    RULES.iter().find(|rule| rule.info.id == id).unwrap_or_else(|| panic!("no rule {id}"))
}

/// The rules that fail, each with its first evidence and its remedy.
fn failing(facts: &ConfigFacts) -> String {
    let lines = RULES.iter().filter_map(|rule| match (rule.judge)(facts) {
        Verdict::Fail(evidence) => {
            let evidence: Vec<String> = evidence.iter().map(|evidence| evidence.text.clone()).collect();
            Some(format!("{}: {} | {}\n", rule.info.id, evidence.join(", "), (rule.remedy)(facts).text))
        }
        _ => None,
    });
    lines.collect()
}

#[test]
fn hardened_facts_pass_every_rule() {
    for rule in RULES {
        assert!(matches!((rule.judge)(&hardened()), Verdict::Pass(_)), "{}", rule.info.id);
        assert_eq!((rule.remedy)(&hardened()).text, "", "{}", rule.info.id);
    }
}

#[test]
fn a_required_secret_that_is_missing_fails_cfg_005_and_an_optional_one_does_not() {
    let mut facts = hardened();
    facts.secrets[0].state = setting(SecretState::Missing, "jwt.key");
    facts.secrets[0].strengths.clear();
    assert_snapshot!(failing(&facts), @"ARCHI-CFG-005: jwt.key is missing | set ARCHI__JWT__KEY");
    facts.secrets[0].required = false;
    assert!(matches!((rule("ARCHI-CFG-005").judge)(&facts), Verdict::NotApplicable(_)));
    assert_eq!(failing(&facts), "");
}

#[test]
fn whatever_was_refused_fails_cfg_006() {
    let mut facts = hardened();
    facts.secrets[0].state = setting(SecretState::Refused { reason: "is empty".into() }, "jwt.key");
    facts.secrets[0].strengths.clear();
    assert_snapshot!(failing(&facts), @"ARCHI-CFG-006: jwt.key is empty | set ARCHI__JWT__KEY");

    let mut facts = hardened();
    let source = Source::Setting { key: "cache.ttl".into(), origin: Origin::Variable("ARCHI__CACHE__TTL".into()) };
    facts.refused.push(RefusedSetting { key: "cache.ttl".into(), reason: "is malformed".into(), source });
    assert_snapshot!(failing(&facts), @"ARCHI-CFG-006: cache.ttl is malformed | correct cache.ttl (variable ARCHI__CACHE__TTL)");
}

#[test]
fn one_weak_key_among_strong_ones_fails_cfg_007() {
    let mut facts = hardened();
    facts.secrets[0].strengths.push(setting(assess("changeme"), "jwt.key"));
    assert_snapshot!(failing(&facts), @"ARCHI-CFG-007: jwt.key has 8 bytes after decoding, at least 32 are needed, is a placeholder, is made of words | make a key with `openssl rand -base64 32` and set ARCHI__JWT__KEY");
    facts.secrets[0].strengths.clear();
    assert!(matches!((rule("ARCHI-CFG-007").judge)(&facts), Verdict::NotApplicable(_)));
}

#[test]
fn only_modes_that_shut_everybody_else_out_pass_cfg_013() {
    let verdict = |kind, mode: u32, folder: u32| {
        let mut facts = hardened();
        let file = &mut facts.files[0];
        (file.kind, file.mode, file.folder_mode) =
            (kind, Observed::system(mode, "mode"), Observed::system(folder, "mode"));
        (matches!((rule("ARCHI-CFG-013").judge)(&facts), Verdict::Pass(_)), failing(&facts))
    };
    use SecretFileKind::{Secret, Settings};
    for mode in [0o600, 0o400, 0o200, 0o000] {
        assert!(verdict(Secret, mode, 0o700).0, "{mode:o}");
    }
    for mode in [0o700, 0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o644, 0o4600, 0o2600, 0o1600] {
        assert!(!verdict(Secret, mode, 0o700).0 && !verdict(Settings, mode, 0o700).0, "{mode:o}");
    }
    for folder in [0o700, 0o750, 0o770, 0o711, 0o500] {
        assert!(verdict(Secret, 0o600, folder).0 && verdict(Settings, 0o600, folder).0, "{folder:o}");
    }
    // A settings file lies in a folder with other things.
    assert!(verdict(Settings, 0o600, 0o755).0 && !verdict(Secret, 0o600, 0o755).0);
    assert!(
        !verdict(Settings, 0o600, 0o757).0 && !verdict(Settings, 0o600, 0o1777).0 && !verdict(Secret, 0o600, 0o703).0
    );
    assert_snapshot!(verdict(Secret, 0o644, 0o755).1, @"ARCHI-CFG-013: keys/jwt has mode 0644, the folder of keys/jwt has mode 0755 | chmod 600 keys/jwt; chmod o-rw keys");
}

#[test]
fn a_secret_on_the_command_line_fails_cfg_013() {
    let mut facts = hardened();
    facts.secrets[0].in_arguments = Some(Observed::system(true, "command line"));
    assert_snapshot!(failing(&facts), @"ARCHI-CFG-013: jwt.key is in the command line | take jwt.key off the command line, replace it and set ARCHI__JWT__KEY");
    facts.secrets[0].in_arguments = None;
    assert_eq!(failing(&facts), "");
}

#[test]
fn what_could_not_be_seen_is_never_a_pass() {
    let mut facts = hardened();
    facts.secrets[0].state = Observed::not_seen("no rights");
    facts.secrets[0].strengths = vec![Observed::not_seen("no rights")];
    facts.files[0].mode = Observed::not_seen("no rights");
    for rule in RULES {
        assert!(matches!((rule.judge)(&facts), Verdict::Unknown(_)), "{}", rule.info.id);
    }
    facts.files[0].mode = Observed::system(0o600, "mode");
    facts.files[0].folder_mode = Observed::not_seen("no rights");
    assert!(matches!((rule("ARCHI-CFG-013").judge)(&facts), Verdict::Unknown(_)));
}

#[test]
fn rules_do_not_apply_where_there_is_nothing_to_judge() {
    let facts = ConfigFacts { profile: Profile::Production, secrets: vec![], refused: vec![], files: vec![] };
    for rule in RULES {
        assert!(matches!((rule.judge)(&facts), Verdict::NotApplicable(_)), "{}", rule.info.id);
    }
}

#[test]
fn the_probe_finds_production_without_settings_to_miss_its_key_only() {
    assert_snapshot!(failing(&probe(&Site::new().load())), @"ARCHI-CFG-005: jwt.key is missing | set ARCHI__JWT__KEY or ARCHI__JWT__KEY_FILE");
    assert_eq!(failing(&probe(&Site::new().development().load())), "");
    assert_eq!(failing(&probe(&Site::new().variable("ARCHI__JWT__KEY", KEY).load())), "");
}

#[test]
fn the_probe_tells_missing_refused_and_weak_secrets_apart() {
    let site = |name: &str, value: &str| failing(&probe(&Site::new().variable(name, value).load()));
    assert_snapshot!(site("ARCHI__JWT__KEY", ""), @"ARCHI-CFG-006: jwt.key is empty | set ARCHI__JWT__KEY or ARCHI__JWT__KEY_FILE");
    assert_snapshot!(site("ARCHI__JWT__KEY", "changeme"), @"ARCHI-CFG-007: jwt.key has 8 bytes after decoding, at least 32 are needed, is a placeholder, is made of words | make a key with `openssl rand -base64 32` and set ARCHI__JWT__KEY or ARCHI__JWT__KEY_FILE");
    assert_snapshot!(site("ARCHI__JWT__KEY_FILE", "/nonexistent/key"), @"ARCHI-CFG-005: jwt.key is missing | set ARCHI__JWT__KEY or ARCHI__JWT__KEY_FILE");
    let cache = Site::new().development().variable("ARCHI__CACHE__TTL", "90m").variable("ARCHI__CACHE__TLL", "1m");
    assert_snapshot!(failing(&probe(&cache.load())), @"ARCHI-CFG-006: cache.ttl is out of range | correct cache.ttl (variable ARCHI__CACHE__TTL)");
    // A section that is left out needs no secret, one that is there does.
    let database = Site::new().development().variable("ARCHI__DATABASE__HOST", "db");
    assert_snapshot!(failing(&probe(&database.load())), @"ARCHI-CFG-005: database.password is missing | set ARCHI__DATABASE__PASSWORD or ARCHI__DATABASE__PASSWORD_FILE");
}

#[test]
fn the_probe_finds_secrets_on_the_command_line() {
    let site = Site::new().variable("ARCHI__JWT__KEY", KEY).variable("ARCHI__JWT__FORMER_KEYS", OTHER_KEY);
    let exposed = |argument: &str| {
        let loading =
            site.loader().arguments(["accounts".to_owned(), argument.to_owned()]).load::<common::ServiceSettings>();
        let facts = probe(&loading);
        facts
            .secrets
            .iter()
            .filter(|secret| secret.in_arguments.as_ref().and_then(Observed::value) == Some(&true))
            .count()
    };
    assert_eq!((exposed("serve"), exposed(KEY), exposed(&format!("--key={KEY}"))), (0, 1, 1));
    assert!(probe(&site.load()).secrets.iter().all(|secret| secret.in_arguments.is_none()));
}

#[cfg(unix)]
mod modes {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn chmod(site: &Site, name: &str, mode: u32) {
        set_permissions(site.path(name), Permissions::from_mode(mode)).unwrap();
    }

    fn seen(site: &Site) -> Vec<String> {
        let facts = probe(&site.load());
        let show = |file: &SecretFileFacts| {
            let path = site.without_folder(&file.path.display().to_string());
            format!("{path} {:?} {:o}", file.kind, file.mode.value().unwrap())
        };
        facts.files.iter().map(show).collect()
    }

    #[test]
    fn every_file_that_holds_a_secret_is_looked_at_and_no_other() {
        let site = Site::new()
            .development()
            .file("archi.toml", "name = 'x'\n[jwt]\nkey_file = 'keys/jwt'\nprivate_key = 'TLS'\n")
            .file("archi.development.toml", format!("[jwt]\nformer_keys = ['{OTHER_KEY}']\n"))
            .file(".env", "ARCHI__CACHE__TTL=1m\n")
            .file("keys/jwt", KEY)
            .file("keys/name", "y");
        let private_key = site.path("keys/private.pem");
        let site =
            site.file("keys/private.pem", "…").variable("ARCHI__JWT__PRIVATE_KEY", private_key.to_str().unwrap());
        let name = site.path("keys/name");
        let site = site.variable("ARCHI__NAME_FILE", name.to_str().unwrap());
        for name in ["archi.toml", "archi.development.toml", ".env", "keys/jwt", "keys/private.pem", "keys/name"] {
            chmod(&site, name, 0o640);
        }
        assert_eq!(
            seen(&site),
            [
                "…/archi.development.toml Settings 640",
                "…/.env Settings 640",
                "…/keys/jwt Secret 640",
                "…/keys/private.pem Secret 640",
            ]
        );
        let facts = probe_with_files(&site.load(), [site.path("keys/name"), site.path("keys/jwt")]);
        assert_eq!(facts.files.len(), 5);
        assert_eq!(facts.files[4].path, site.path("keys/name"));
    }

    #[test]
    fn dotenv_is_looked_at_in_every_profile() {
        let site = Site::new().file(".env", "x").variable("ARCHI_PROFILE", "staging");
        chmod(&site, ".env", 0o644);
        assert_eq!(seen(&site), ["…/.env Settings 644"]);
    }

    #[test]
    fn links_are_followed_to_the_file() {
        let site = Site::new().file("real", KEY).file("archi.toml", "[jwt]\nkey_file = 'link'");
        symlink(site.path("real"), site.path("link")).unwrap();
        chmod(&site, "real", 0o604);
        assert_eq!(seen(&site), ["…/link Secret 604"]);
    }

    #[test]
    fn a_file_that_is_gone_is_not_seen() {
        let site = Site::new().file("archi.toml", "[jwt]\nkey_file = 'gone'");
        let facts = probe(&site.load());
        assert!(matches!(&facts.files[0].mode, Observed::NotSeen(reason) if reason.contains("gone")));
    }

    #[test]
    fn the_folder_of_a_bare_name_is_the_current_one() {
        let facts = probe_with_files(&Site::new().load(), [PathBuf::from("Cargo.toml")]);
        assert!(facts.files[0].folder_mode.value().is_some());
    }
}
