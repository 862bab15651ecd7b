//! What the gate promises, over a rule made for it.

use std::path::Path;
use std::time::Duration;

use super::*;
use crate::clock::{ManualClock, Timestamp};
use crate::config::{Origin, Origins, Profile};

struct Facts {
    ttl: Observed<Duration>,
}

const fn rule(id: &'static str, severity: Severity, waivable: bool) -> Rule<Facts> {
    Rule {
        info: RuleInfo {
            id,
            title: "access tokens live minutes",
            severity,
            why: "a stolen token works until it expires",
            check: "the lifetime is at most 15 minutes",
            remedy: "lower the lifetime",
            checklist: &["JWT.a"],
            references: &["ASVS 9.2.1"],
            waivable,
        },
        judge: |facts| {
            facts.ttl.judge(|ttl| *ttl <= Duration::from_secs(900), |ttl| format!("{} seconds", ttl.as_secs()))
        },
        remedy: |_| Remedy::new("set jwt.access_ttl to 15m or less"),
    }
}

static RULES: &[Rule<Facts>] = &[rule("ARCHI-JWT-907", Severity::High, true)];
static CRITICAL: &[Rule<Facts>] = &[rule("ARCHI-JWT-908", Severity::Critical, true)];
static UNWAIVABLE: &[Rule<Facts>] = &[rule("ARCHI-JWT-909", Severity::Critical, false)];

fn ttl(seconds: u64) -> Facts {
    let mut origins = Origins::default();
    origins.record("jwt.access_ttl", Origin::File { path: "archi.toml".into(), line: 7 });
    Facts { ttl: Observed::setting(Duration::from_secs(seconds), &origins, "jwt.access_ttl") }
}

fn clock() -> std::sync::Arc<ManualClock> {
    ManualClock::at("2026-11-23T12:00:00Z".parse::<Timestamp>().unwrap())
}

fn gate(waivers: &str) -> Gate {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(WaiverFile::NAME);
    std::fs::write(&path, waivers).unwrap();
    Gate::new(Profile::Production, &*clock()).with_waivers(&path)
}

fn report(facts: &Facts, rules: &'static [Rule<Facts>], waivers: &str) -> Report {
    let mut gate = gate(waivers);
    gate.check("settings", facts, rules);
    gate.finish()
}

fn waiver(rule: &str, created: &str, expires: &str) -> String {
    let print = report(&ttl(7200), if rule.ends_with("907") { RULES } else { CRITICAL }, "").findings[0].fingerprint();
    format!(
        "[[waiver]]\nrule = \"{rule}\"\ntarget = \"set*\"\nfingerprint = \"{print}\"\nreason = \"a partner can't refresh before January\"\n\
         owner = \"identity team\"\napproved_by = \"security\"\ncreated = {created}\nexpires = {expires}\n"
    )
}

#[test]
fn a_weak_fact_fails_and_a_hardened_one_passes() {
    assert!(report(&ttl(900), RULES, "").holds());
    let weak = report(&ttl(901), RULES, "");
    assert!(!weak.holds() && !weak.allows_start());
    assert_eq!(weak.findings[0].outcome, Outcome::Fail);
}

#[test]
fn what_was_not_seen_is_never_a_pass() {
    let unseen = report(&Facts { ttl: Observed::not_seen("no settings") }, RULES, "");
    assert_eq!(unseen.findings[0].outcome, Outcome::Unknown);
    assert!(!unseen.allows_start());
}

#[test]
fn a_preview_leaves_out_what_can_not_be_seen_yet_and_nothing_else() {
    for (facts, findings) in [(Facts { ttl: Observed::not_seen("not opened") }, 0), (ttl(901), 1), (ttl(900), 1)] {
        let mut gate = gate("");
        gate.preview("settings", &facts, RULES);
        assert_eq!(gate.finish().findings.len(), findings);
    }
}

#[test]
fn a_preview_leaves_what_a_waiver_speaks_of_to_the_end() {
    let preview = |waivers: &str| {
        let mut gate = gate(waivers);
        gate.preview("settings", &ttl(901), RULES);
        gate.finish()
    };
    // Its fingerprint is of something else that was seen.
    let waived = preview(&waiver("ARCHI-JWT-907", "2026-11-01", "2026-12-31"));
    assert!(waived.findings.is_empty() && waived.allows_start());
    assert!(!preview(&waiver("ARCHI-JWT-907", "2026-11-01", "2026-11-22")).allows_start());
    assert!(!preview("").allows_start());
}

#[test]
fn only_production_is_stopped() {
    for (profile, starts) in [(Profile::Development, true), (Profile::Staging, true), (Profile::Production, false)] {
        let mut gate = Gate::new(profile, &*clock());
        gate.check("settings", &ttl(7200), RULES);
        assert_eq!(gate.finish().allows_start(), starts, "{profile}");
    }
}

#[test]
fn a_valid_waiver_lets_the_service_start_and_says_so() {
    let report = report(&ttl(7200), RULES, &waiver("ARCHI-JWT-907", "2026-11-01", "2027-01-31"));
    assert_eq!(report.findings[0].outcome, Outcome::Waived);
    assert!(report.holds() && report.notes.is_empty());
    assert_eq!(report.count(Outcome::Pass), 0);
}

#[test]
fn a_waiver_holds_on_its_last_day_and_not_after() {
    let last_day = report(&ttl(7200), RULES, &waiver("ARCHI-JWT-907", "2026-11-01", "2026-11-23"));
    assert!(last_day.holds());
    assert!(matches!(last_day.notes[..], [WaiverNote::ExpiresSoon(_)]));
    let after = report(&ttl(7200), RULES, &waiver("ARCHI-JWT-907", "2026-11-01", "2026-11-22"));
    assert_eq!(after.findings[0].outcome, Outcome::Fail);
    assert_eq!(after.findings[0].reason.as_deref(), Some("the waiver expired on 2026-11-22"));
    assert!(!after.allows_start());
}

#[test]
fn the_end_is_announced_two_weeks_ahead() {
    for (expires, announced) in [("2026-12-06", true), ("2026-12-07", false)] {
        let report = report(&ttl(7200), RULES, &waiver("ARCHI-JWT-907", "2026-11-01", expires));
        assert_eq!(!report.notes.is_empty(), announced, "{expires}");
    }
}

#[test]
fn a_waiver_covers_the_value_that_was_seen_and_no_worse_one() {
    let report = report(&ttl(72_000), RULES, &waiver("ARCHI-JWT-907", "2026-11-01", "2027-01-31"));
    assert_eq!(report.findings[0].outcome, Outcome::Fail);
    assert!(matches!(report.notes[..], [WaiverNote::Stale(_)]));
}

#[test]
fn an_expired_waiver_stops_production_even_when_it_covers_nothing() {
    let report = report(&ttl(900), RULES, &waiver("ARCHI-JWT-907", "2026-10-01", "2026-11-01"));
    assert!(!report.allows_start());
}

#[test]
fn a_critical_rule_is_waived_for_thirty_days_and_others_for_180() {
    assert!(report(&ttl(7200), CRITICAL, &waiver("ARCHI-JWT-908", "2026-11-01", "2026-12-01")).holds());
    assert!(!report(&ttl(7200), CRITICAL, &waiver("ARCHI-JWT-908", "2026-11-01", "2026-12-02")).holds());
    assert!(report(&ttl(7200), RULES, &waiver("ARCHI-JWT-907", "2026-11-01", "2027-04-30")).holds());
    assert!(!report(&ttl(7200), RULES, &waiver("ARCHI-JWT-907", "2026-11-01", "2027-05-01")).holds());
}

#[test]
fn a_rule_that_must_hold_can_not_be_waived() {
    let waivers = waiver("ARCHI-JWT-908", "2026-11-01", "2026-11-30").replace("908", "909");
    let report = report(&ttl(7200), UNWAIVABLE, &waivers);
    assert_eq!(report.findings[0].outcome, Outcome::Fail);
    assert!(report.refusal().contains("can't be waived"));
}

#[test]
fn a_broken_waiver_file_waives_nothing_and_says_all_that_is_wrong() {
    let good = waiver("ARCHI-JWT-907", "2026-11-01", "2027-01-31");
    for broken in [
        good.replace("expires = 2027-01-31\n", ""),
        good.replace("rule = ", "rul = "),
        good.replace("2027-01-31", "2027-02-30"),
        good.replace("ARCHI-JWT-907", "ARCHI-JWT-999"),
        good.replace("a partner can't refresh before January", "because"),
        good.replace("identity team", " "),
        good.replace("created = 2026-11-01", "created = 2026-11-24"),
        good.replace("expires = 2027-01-31", "expires = 2026-10-31"),
        good[..good.len() / 2].to_owned(),
    ] {
        let report = report(&ttl(7200), RULES, &broken);
        assert!(!report.allows_start(), "{broken}");
        assert!(matches!(report.notes[..], [WaiverNote::Invalid(_)]), "{broken}");
    }
}

#[test]
fn a_reason_of_nineteen_characters_is_too_short() {
    let good = waiver("ARCHI-JWT-907", "2026-11-01", "2027-01-31");
    for (length, holds) in [(19, false), (20, true)] {
        let waivers = good.replace("a partner can't refresh before January", &"x".repeat(length));
        assert_eq!(report(&ttl(7200), RULES, &waivers).holds(), holds);
    }
}

#[test]
fn a_file_that_does_not_exist_waives_nothing() {
    let mut gate = Gate::new(Profile::Production, &*clock()).with_waivers(Path::new("/nonexistent/archi.waivers.toml"));
    gate.check("settings", &ttl(900), RULES);
    assert!(gate.finish().holds());
}

#[test]
fn a_fingerprint_ignores_lines_and_tells_parts_apart() {
    let finding = |target: &str, text: &str, line| {
        let origin = Origin::File { path: "archi.toml".into(), line };
        let source = Source::Setting { key: "jwt.access_ttl".into(), origin };
        let mut finding = report(&ttl(7200), RULES, "").findings.remove(0);
        finding.target = target.to_owned();
        finding.evidence = vec![Evidence { text: text.to_owned(), source }];
        finding.fingerprint()
    };
    assert_eq!(finding("ab", "c", 1), finding("ab", "c", 2));
    assert_ne!(finding("ab", "c", 1), finding("a", "bc", 1));
    assert_ne!(finding("ab", "c", 1), finding("ab", "d", 1));
}

#[test]
fn two_verdicts_together_are_as_bad_as_the_worse() {
    let unseen = || Verdict::Unknown("unseen".into());
    let not_here = || Verdict::NotApplicable("not here".into());
    let (pass, fail) = (|| Verdict::Pass(vec![]), || Verdict::Fail(vec![]));
    assert_eq!(pass().and(fail()), fail());
    assert_eq!(unseen().and(fail()), fail());
    assert_eq!(pass().and(unseen()), unseen());
    assert_eq!(not_here().and(unseen()), unseen());
    assert_eq!(not_here().and(pass()), pass());
    assert_eq!(not_here().and(not_here()), not_here());
}

#[test]
fn the_refusal_says_what_was_seen_where_and_how_to_mend_it() {
    insta::assert_snapshot!(report(&ttl(7200), RULES, "").refusal());
}

#[test]
fn the_table_has_a_line_for_each_rule() {
    let mut gate = Gate::new(Profile::Development, &*clock());
    gate.check("settings", &ttl(7200), RULES);
    gate.check("settings", &ttl(60), CRITICAL);
    insta::assert_snapshot!(gate.finish().table());
}

#[test]
fn the_json_form_is_stable() {
    insta::assert_json_snapshot!(report(&ttl(7200), RULES, "").to_json());
}
