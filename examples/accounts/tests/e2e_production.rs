//! Production: the service starts when everything holds, and otherwise says all that does not, at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use archirust::Timestamp;
use common::service::{SECRET_KEY, TOTP_KEY, mode, set_mode};
use common::{Api, Finished, PASSWORD, Setup};
use serde_json::Value;

#[test]
fn without_settings_all_that_is_missing_is_one_list_with_remedies() {
    // No profile means production.
    for setup in [Setup::empty(), Setup::empty().set("PROFILE", "production")] {
        let refused = setup.refused();
        refused.ends_with(2).says(&["accounts does not start in production"]);
        for (key, variable) in [
            ("secret_key", "ARCHI__SECRET_KEY"),
            ("totp.key", "ARCHI__TOTP__KEY"),
            ("jwt.issuer", "ARCHI__JWT__ISSUER"),
        ] {
            refused.says(&[&format!("{key} is missing"), variable]);
        }
        // The rules that this breaks are in the same list.
        refused.says(&["ARCHI-CFG-005", "remedy"]);
        nothing_was_done(&setup, &refused);
    }
}

#[test]
fn the_settings_of_a_newcomer_are_not_enough() {
    let setup = Setup::development().set("PROFILE", "production");
    let refused = setup.refused();
    refused.ends_with(2).says(&["in production", "secret_key is missing", "totp.key is missing", "ARCHI-CFG-005"]);
    assert!(!setup.path("data").exists(), "keys are made in development only");
    nothing_was_done(&setup, &refused);
}

#[test]
fn an_unknown_profile_is_an_error() {
    Setup::empty().set("PROFILE", "prod").refused().ends_with(2).says(&["profile", "production"]);
}

#[test]
fn a_weak_secret_is_refused_and_never_shown() {
    let canaries =
        ["changeme-canary-17", "canary-canary-canary-canary-canary-canary", "c0ffee00-cafe-4abc-8abc-c0ffeec0ffee"];
    for canary in canaries {
        let setup = Setup::production().set("SECRET_KEY", canary).set("TOTP__KEY", format!("k1:{canary}"));
        let refused = setup.refused();
        refused.ends_with(2).never_shows(canary);
        refused.says(&["secret_key", "ARCHI__SECRET_KEY", "totp.key", "ARCHI__TOTP__KEY", "ARCHI-CFG-007"]);
        nothing_was_done(&setup, &refused);
        // Nor by the commands that look at settings.
        for command in ["check", "explain"] {
            setup.run(&["config", command], "").never_shows(canary);
        }
    }
}

#[test]
fn each_missing_or_weak_setting_alone_refuses_and_is_named() {
    type Change = fn(Setup) -> Setup;
    let cases: [(&str, i32, Change); 13] = [
        ("secret_key", 2, |setup| setup.unset("SECRET_KEY")),
        ("secret_key", 2, |setup| setup.set("SECRET_KEY", "0".repeat(64))),
        ("totp.key", 2, |setup| setup.unset("TOTP__KEY")),
        ("totp.key", 2, |setup| setup.set("TOTP__KEY", "k1:short")),
        ("jwt.issuer", 2, |setup| setup.unset("JWT__ISSUER")),
        ("jwt.access_ttl", 2, |setup| setup.set("JWT__ACCESS_TTL", "61m")),
        ("jwt.access_ttl", 1, |setup| setup.set("JWT__ACCESS_TTL", "16m")),
        ("password.argon2.memory", 1, |setup| setup.set("PASSWORD__ARGON2__MEMORY", "8 MiB")),
        ("log.level", 2, |setup| setup.set("LOG__LEVEL", "loud=!")),
        ("ARCHI__WEB__BNID", 2, |setup| setup.set("WEB__BNID", "127.0.0.1:80")),
        ("state/jwt.pem", 1, |setup| {
            std::fs::remove_file(setup.path("state/jwt.pem")).unwrap();
            setup
        }),
        ("chmod o-rw", 1, |setup| {
            set_mode(&setup.path("state"), 0o755);
            setup
        }),
        ("nowhere/state does not exist", 2, |setup| {
            let path = setup.path("nowhere/state/accounts.db").display().to_string();
            setup.set("SQL__PATH", path)
        }),
    ];
    for (key, code, change) in cases {
        let refused = change(Setup::production()).refused();
        refused.ends_with(code).says(&[key]);
        for secret in [SECRET_KEY, TOTP_KEY, &TOTP_KEY[3..]] {
            refused.never_shows(secret);
        }
    }
}

#[tokio::test]
async fn with_everything_filled_in_it_starts_and_logs_json_alone() {
    let setup = Setup::production();
    let service = setup.start();
    let api = Api::new(&service);
    let ready = Api::at(&service.management).get("/readyz").await.expect(200).json();
    assert_eq!(ready["status"], "ready", "{ready}");
    let ada = api.newcomer("ada@example.org").await;
    ada.get("/v1/users/me").await.expect(200);
    for path in ["/docs", "/openapi.json", "/metrics", "/readyz"] {
        api.get(path).await.problem(404, "not_found");
    }
    assert_eq!(mode(&setup.path("state/accounts.db")), 0o600);

    // It drains, for it was asked whether it is ready: a second signal ends that.
    service.terminate();
    service.terminate();
    let ended = service.finish();
    ended.ends_with(0);
    assert_eq!(ended.stderr, "");
    for line in ended.stdout.lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        for member in ["timestamp", "level", "message", "service"] {
            assert!(event[member].is_string(), "{member} is missing: {line}");
        }
    }
    for secret in [SECRET_KEY, TOTP_KEY, &TOTP_KEY[3..], PASSWORD] {
        ended.never_shows(secret);
    }
}

#[test]
fn secrets_may_come_from_files_that_only_their_owner_reads() {
    let setup = Setup::production().unset("SECRET_KEY");
    let file = setup.path("state/secret");
    setup.write("state/secret", &format!("{SECRET_KEY}\n"));
    set_mode(&file, 0o600);
    let setup = setup.set("SECRET_KEY_FILE", file.display().to_string());
    setup.start().stop();

    set_mode(&file, 0o644);
    let refused = setup.refused();
    refused.says(&["ARCHI-CFG-013", "state/secret", "chmod"]).never_shows(SECRET_KEY);
    // Two sources of one secret are one too many.
    let both = setup.set("SECRET_KEY", SECRET_KEY).refused();
    both.ends_with(2).says(&["secret_key is given as a value"]).never_shows(SECRET_KEY);
}

#[test]
fn a_failing_rule_is_borne_only_with_a_waiver_that_is_valid_today() {
    let today = Timestamp::now().to_string();
    let today = today.split('T').next().unwrap();
    // One that the settings alone show, and one that is judged again on the running parts.
    for (rule, key, value, is_judged_again) in [
        ("ARCHI-PWD-003", "PASSWORD__ARGON2__MEMORY", "8 MiB", false),
        ("ARCHI-JWT-007", "JWT__ACCESS_TTL", "16m", true),
    ] {
        let setup = Setup::production().set(key, value);
        let refused = setup.refused();
        refused.ends_with(1).says(&[rule, "remedy"]);
        let mut seen = fingerprint(&refused, rule);
        let waiver = |created: &str, expires: &str, fingerprint: &str| {
            let text = format!(
                "[[waiver]]\nrule = \"{rule}\"\ntarget = \"*\"\nfingerprint = \"{fingerprint}\"\n\
                 reason = \"the old hardware is replaced in spring\"\nowner = \"ada\"\napproved_by = \"grace\"\n\
                 created = {created}\nexpires = {expires}\n"
            );
            setup.write("archi.waivers.toml", &text);
        };

        waiver(today, today, &seen);
        if is_judged_again {
            // More is seen then, so the finding is another one.
            let refused = setup.refused();
            refused.ends_with(1).says(&[rule]);
            seen = fingerprint(&refused, rule);
            waiver(today, today, &seen);
        }
        setup.start().stop();

        waiver("2025-01-01", "2025-02-01", &seen);
        setup.refused().ends_with(4).says(&["2025-02-01", rule]);
        waiver(today, today, "00000000000000000000000000000000");
        setup.refused().ends_with(1).says(&[rule]);
        setup.write("archi.waivers.toml", "[[waiver]]\nrule = \"ARCHI-PWD-0");
        setup.refused().ends_with(4).says(&["archi.waivers.toml"]);
    }
}

/// The fingerprint of the finding of a rule, as the refusal shows it.
fn fingerprint(refused: &Finished, rule: &str) -> String {
    let finding = refused.stderr.split_once(rule).unwrap().1;
    let rest = finding.split_once("fingerprint ").unwrap_or_else(|| panic!("no fingerprint:\n{}", refused.text())).1;
    rest.split_whitespace().next().unwrap().to_owned()
}

/// No port, no log, no file.
#[track_caller]
fn nothing_was_done(setup: &Setup, refused: &Finished) {
    assert_eq!(refused.stdout, "", "{}", refused.text());
    for sign in ["listens", "http://127"] {
        refused.never_shows(sign);
    }
    for made in ["data", "state/accounts.db"] {
        assert!(!setup.path(made).exists(), "{made} was made");
    }
}
