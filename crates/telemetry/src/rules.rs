//! What must hold of the log: ARCHI-LOG-001, 002, 006 and 007.

use archirust_core::config::Profile;
use archirust_core::hardening::{Observed, Remedy, Rule, RuleInfo, Severity, Verdict};

use crate::config::LogFormat;
use crate::facts::LogFacts;

/// The rules, for the gate.
pub static RULES: &[Rule<LogFacts>] = &[
    Rule {
        info: RuleInfo {
            id: "ARCHI-LOG-001",
            title: "secrets never reach the log",
            severity: Severity::Critical,
            why: "logs are read by many, kept for long and sent to other systems",
            check: "canary passwords, tokens and credentials are logged in fields, messages, spans, errors and a panic: none is written",
            remedy: "log through archirust_telemetry::init, which masks them",
            checklist: &["LOG.a", "JWT.d"],
            references: &["ASVS 16.2.5"],
            waivable: false,
        },
        judge: |facts| none_of(&facts.secrets, "no secret reached the log", "reached the log"),
        remedy: |_| {
            Remedy::new(
                "install the logs with archirust_telemetry::init and no other subscriber; name further fields in log.redact_fields",
            )
        },
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-LOG-002",
            title: "numbers of cards and people never reach the log",
            severity: Severity::High,
            why: "they are worth money to thieves, and the law protects them",
            check: "canary card numbers and IBANs are logged, e-mail addresses and telephone numbers where the settings ask to mask them: \
                    none is written in full",
            remedy: "log through archirust_telemetry::init, which masks them",
            checklist: &["LOG.a"],
            references: &["ASVS 14.1.2", "ASVS 14.2.4", "PCI DSS 3.4.1"],
            waivable: true,
        },
        judge: |facts| none_of(&facts.people, "no such number reached the log", "reached the log"),
        remedy: |_| Remedy::new("install the logs with archirust_telemetry::init and no other subscriber"),
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-LOG-006",
            title: "lines are structured",
            severity: Severity::Medium,
            why: "what machines can't read, nobody watches",
            check: "outside development each line, those of panics too, is a JSON object with timestamp (RFC 3339, with offset), level, \
                    message, service and request id",
            remedy: "set log.format to auto or json",
            checklist: &["LOG.b"],
            references: &["ASVS 16.2.1", "ASVS 16.2.2", "ASVS 16.2.4"],
            waivable: true,
        },
        judge: judge_structure,
        remedy: |facts| {
            Remedy::new(if facts.format.value() == Some(&LogFormat::Pretty) {
                "set log.format to auto or json"
            } else {
                "install the logs with archirust_telemetry::init and no other subscriber"
            })
        },
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-LOG-007",
            title: "nobody can forge a line of the log",
            severity: Severity::Medium,
            why: "a line that an attacker wrote hides what he did, or blames another",
            check: "a canary with line ends and escape sequences stays within its own line",
            remedy: "log through archirust_telemetry::init, which escapes them",
            checklist: &["LOG.b"],
            references: &["ASVS 16.4.1", "CWE-117", "CWE-150"],
            waivable: true,
        },
        judge: |facts| none_of(&facts.forged, "line ends and escape sequences stay text", "reached the log as it is"),
        remedy: |_| Remedy::new("install the logs with archirust_telemetry::init and no other subscriber"),
    },
];

fn judge_structure(facts: &LogFacts) -> Verdict {
    if facts.profile.value() == Some(&Profile::Development) {
        return Verdict::NotApplicable("in development, lines are for people".to_owned());
    }
    let format = facts.format.judge(
        |format| *format == LogFormat::Json,
        |format| format!("lines are {}", if *format == LogFormat::Json { "JSON" } else { "for people" }),
    );
    format.and(facts.missing.judge(Vec::is_empty, |missing| match missing.as_slice() {
        [] => "every line is a JSON object with all that is expected".to_owned(),
        missing => format!("lines lack {}", missing.join(", ")),
    }))
}

fn none_of(found: &Observed<Vec<&'static str>>, none: &str, some: &str) -> Verdict {
    found.judge(Vec::is_empty, |found| match found.as_slice() {
        [] => none.to_owned(),
        found => format!("{} {some}", found.join(", ")),
    })
}
