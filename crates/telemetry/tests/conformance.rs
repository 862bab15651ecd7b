//! The rules of the log, on logs that are hardened and on logs that are not.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use archirust_core::config::{Origins, Profile};
use archirust_core::hardening::{Observed, Verdict};
use archirust_telemetry::testing::Buffer;
use archirust_telemetry::{LogFacts, LogFormat, LogSettings, Logs, RULES, probe_subscriber};

fn hardened(settings: &LogSettings, profile: Profile) -> LogFacts {
    Logs::new(settings, profile, "accounts").unwrap().probe(&Origins::default())
}

/// A subscriber as most services have it.
fn weak() -> LogFacts {
    let plain = |buffer: Buffer| tracing_subscriber::fmt().with_writer(buffer).with_ansi(true).finish();
    let settings = LogSettings { redact_email: true, redact_phone: true, ..LogSettings::default() };
    probe_subscriber(&settings, Profile::Production, &Origins::default(), plain)
}

fn verdict(id: &str, facts: &LogFacts) -> Verdict {
    let rule = RULES.iter().find(|rule| rule.info.id == id).unwrap();
    assert!(!(rule.remedy)(facts).text.is_empty());
    (rule.judge)(facts)
}

const IDS: [&str; 4] = ["ARCHI-LOG-001", "ARCHI-LOG-002", "ARCHI-LOG-006", "ARCHI-LOG-007"];

#[test]
fn the_defaults_keep_every_rule() {
    let asked = LogSettings { redact_email: true, redact_phone: true, ..LogSettings::default() };
    for settings in [LogSettings::default(), asked] {
        for profile in [Profile::Staging, Profile::Production] {
            let facts = hardened(&settings, profile);
            for id in IDS {
                let verdict = verdict(id, &facts);
                assert!(matches!(verdict, Verdict::Pass(_)), "{id}: {verdict:?}");
            }
        }
    }
}

#[test]
fn in_development_nothing_leaks_either_and_lines_may_be_for_people() {
    let facts = hardened(&LogSettings::default(), Profile::Development);
    for id in ["ARCHI-LOG-001", "ARCHI-LOG-002", "ARCHI-LOG-007"] {
        let verdict = verdict(id, &facts);
        assert!(matches!(verdict, Verdict::Pass(_)), "{id}: {verdict:?}");
    }
    assert!(matches!(verdict("ARCHI-LOG-006", &facts), Verdict::NotApplicable(_)));
}

#[test]
fn a_plain_subscriber_breaks_every_rule() {
    let facts = weak();
    for id in IDS {
        let verdict = verdict(id, &facts);
        assert!(matches!(verdict, Verdict::Fail(_)), "{id}: {verdict:?}");
    }
    insta::assert_debug_snapshot!((
        facts.secrets.value(),
        facts.people.value(),
        facts.missing.value(),
        facts.forged.value()
    ));
}

#[test]
fn plain_json_leaks_as_well() {
    let plain = |buffer: Buffer| tracing_subscriber::fmt().json().with_writer(buffer).finish();
    let facts = probe_subscriber(&LogSettings::default(), Profile::Production, &Origins::default(), plain);
    assert!(matches!(verdict("ARCHI-LOG-001", &facts), Verdict::Fail(_)));
    assert!(matches!(verdict("ARCHI-LOG-006", &facts), Verdict::Fail(_)));
    insta::assert_debug_snapshot!(facts.missing.value());
}

#[test]
fn readable_lines_in_production_break_the_rule_of_structure() {
    let settings = LogSettings { format: LogFormat::Pretty, ..LogSettings::default() };
    for profile in [Profile::Staging, Profile::Production] {
        assert!(matches!(verdict("ARCHI-LOG-006", &hardened(&settings, profile)), Verdict::Fail(_)));
    }
}

#[test]
fn a_log_that_shows_nothing_proves_nothing() {
    let silent = |_: Buffer| tracing_subscriber::registry();
    let facts = probe_subscriber(&LogSettings::default(), Profile::Production, &Origins::default(), silent);
    for id in IDS {
        let verdict = verdict(id, &facts);
        assert!(matches!(verdict, Verdict::Unknown(_)), "{id}: {verdict:?}");
    }
}

#[test]
fn one_leak_is_enough_to_fail() {
    let facts = hardened(&LogSettings::default(), Profile::Production);
    let leaking = |secrets| LogFacts { secrets, ..facts.clone() };
    let leak = leaking(facts.secrets.clone().map(|_| vec!["a token"]));
    assert!(matches!(verdict("ARCHI-LOG-001", &leak), Verdict::Fail(_)));
    let unseen = leaking(Observed::not_seen("no reason"));
    assert!(matches!(verdict("ARCHI-LOG-001", &unseen), Verdict::Unknown(_)));
}

#[test]
fn no_evidence_and_no_remedy_shows_a_canary() {
    let facts = weak();
    for id in IDS {
        let text = format!("{:?}", verdict(id, &facts));
        assert!(!text.contains("archi-canary") && !text.contains("40000566"), "{text}");
    }
}

#[test]
fn the_rules_have_their_metadata() {
    let ids: Vec<_> = RULES.iter().map(|rule| rule.info.id).collect();
    assert_eq!(ids, IDS);
    assert!(RULES.iter().all(|rule| !rule.info.checklist.is_empty() && !rule.info.references.is_empty()));
}
