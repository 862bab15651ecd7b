//! What must hold of a database, by the catalogue. DB-001, 002, 005, 010 and further are about servers and come with them.

use archirust_core::hardening::{Remedy, Rule, RuleInfo, Severity, Verdict};

use crate::facts::{FileFacts, SqlFacts, Transport};

const EMBEDDED: &str = "the database is embedded in the process: there is no connection to a server";

/// The rules of this crate.
pub static RULES: &[Rule<SqlFacts>] =
    &[TLS_ENFORCED, SERVER_VERIFIED, POOL_LIMITS, TIMEOUTS, NO_PARAMETERS_IN_LOGS, FILE_MODES];

/// ARCHI-DB-003.
const TLS_ENFORCED: Rule<SqlFacts> = Rule {
    info: RuleInfo {
        id: "ARCHI-DB-003",
        title: "connections to the database are encrypted",
        severity: Severity::High,
        why: "whoever sits between service and database reads and changes everything",
        check: "statements travel encrypted, or never leave the process",
        remedy: "set sql.tls to verify-full, and let the server refuse unencrypted connections (hostssl only)",
        checklist: &["DB.b"],
        references: &["ASVS 12.3.1"],
        waivable: true,
    },
    judge: |facts| match facts.transport.value() {
        Some(Transport::Embedded) => Verdict::NotApplicable(EMBEDDED.to_owned()),
        _ => facts.transport.judge(
            |transport| matches!(transport, Transport::Network { encrypted: true, .. }),
            |transport| match transport {
                Transport::Network { encrypted: false, .. } => "unencrypted".to_owned(),
                _ => "encrypted".to_owned(),
            },
        ),
    },
    remedy: |_| Remedy::new("set sql.tls to verify-full, and let the server refuse unencrypted connections"),
};

/// ARCHI-DB-004.
const SERVER_VERIFIED: Rule<SqlFacts> = Rule {
    info: RuleInfo {
        id: "ARCHI-DB-004",
        title: "the client verifies the database server",
        severity: Severity::High,
        why: "encryption to an unverified server is encryption to anyone",
        check: "certificate and name of the server are checked, or statements never leave the process",
        remedy: "set sql.tls to verify-full, with the certificate authority of the server",
        checklist: &["DB.b"],
        references: &["ASVS 12.3.2", "ASVS 12.3.4"],
        waivable: true,
    },
    judge: |facts| match facts.transport.value() {
        Some(Transport::Embedded) => Verdict::NotApplicable(EMBEDDED.to_owned()),
        _ => facts.transport.judge(
            |transport| matches!(transport, Transport::Network { encrypted: true, verified: true }),
            |transport| match transport {
                Transport::Network { verified: false, .. } => "the server is not verified".to_owned(),
                _ => "the server is verified".to_owned(),
            },
        ),
    },
    remedy: |_| Remedy::new("set sql.tls to verify-full, with the certificate authority of the server"),
};

/// ARCHI-DB-008.
const POOL_LIMITS: Rule<SqlFacts> = Rule {
    info: RuleInfo {
        id: "ARCHI-DB-008",
        title: "the connection pool has limits that go together",
        severity: Severity::Medium,
        why: "without limits one busy service takes every connection, and broken ones are never replaced",
        check: "there is a maximum; minimum ≤ maximum; 0 < idle time ≤ lifetime",
        remedy: "set sql.pool.max_connections, min_connections, idle_timeout and max_lifetime",
        checklist: &["DB.d"],
        references: &["ASVS 13.1.2", "ASVS 13.2.6"],
        waivable: true,
    },
    judge: |facts| {
        facts.pool.judge(
            |pool| {
                pool.max_connections > 0
                    && pool.min_connections <= pool.max_connections
                    && !pool.idle_timeout.is_zero()
                    && pool.idle_timeout <= pool.max_lifetime
            },
            |pool| {
                format!(
                    "{} to {} connections, idle for {:?}, living for {:?}",
                    pool.min_connections, pool.max_connections, pool.idle_timeout, pool.max_lifetime
                )
            },
        )
    },
    remedy: |_| {
        Remedy::new(
            "set sql.pool.max_connections to at least 1, min_connections to no more than that, \
             and idle_timeout to no more than max_lifetime",
        )
    },
};

/// ARCHI-DB-009.
const TIMEOUTS: Rule<SqlFacts> = Rule {
    info: RuleInfo {
        id: "ARCHI-DB-009",
        title: "waiting for the database ends",
        severity: Severity::Medium,
        why: "without time-outs one stuck transaction takes every request with it; with none at all a short lock is an error",
        check: "the waits for a connection and for a lock are limited and longer than 0",
        remedy: "set sql.pool.acquire_timeout and sql.busy_timeout to seconds",
        checklist: &["DB.d"],
        references: &["ASVS 13.1.3"],
        waivable: true,
    },
    judge: |facts| {
        let acquire = facts.acquire_timeout.judge(|d| !d.is_zero(), |d| format!("a connection is waited for {d:?}"));
        let set = facts.busy_timeout.judge(|d| !d.is_zero(), |d| format!("a lock is waited for {d:?}"));
        let both = acquire.and(set);
        match (facts.live_busy_timeout.value(), facts.busy_timeout.value()) {
            // What runs must be what is set.
            (Some(_), Some(set)) => both
                .and(facts.live_busy_timeout.judge(|live| live == set, |live| format!("the database waits {live:?}"))),
            _ => both,
        }
    },
    remedy: |_| Remedy::new("set sql.pool.acquire_timeout and sql.busy_timeout to 5s, and restart"),
};

/// ARCHI-DB-012.
const NO_PARAMETERS_IN_LOGS: Rule<SqlFacts> = Rule {
    info: RuleInfo {
        id: "ARCHI-DB-012",
        title: "logs of statements leak no parameters",
        severity: Severity::Medium,
        why: "a log of statements is a copy of the data with weaker protection",
        check: "the texts of statements are not logged",
        remedy: "set sql.log_statements to false",
        checklist: &["LOG.a"],
        references: &["ASVS 16.2.5"],
        waivable: true,
    },
    judge: |facts| {
        facts
            .statements_logged
            .judge(|logged| !logged, |logged| format!("statements are {}logged", if *logged { "" } else { "not " }))
    },
    remedy: |_| Remedy::new("set sql.log_statements to false"),
};

/// ARCHI-CFG-013, for the database file: it holds password hashes and second factors.
const FILE_MODES: Rule<SqlFacts> = Rule {
    info: RuleInfo {
        id: "ARCHI-CFG-013",
        title: "files with secrets are closed to others",
        severity: Severity::Medium,
        why: "what every user of the machine can read is no secret, and what they can replace is no database",
        check: "the database file has mode 0600 or less, and others can't write to its folder",
        remedy: "`chmod 600` the file and `chmod o-w` its folder",
        checklist: &["CFG.a"],
        references: &["ASVS 13.3.1"],
        waivable: true,
    },
    judge: |facts| match facts.file.value() {
        Some(FileFacts::Memory) => Verdict::NotApplicable("the database is in memory: there is no file".to_owned()),
        _ => facts.file.judge(
            |file| match file {
                FileFacts::File { file_mode, folder_mode, .. } => file_mode & 0o177 == 0 && folder_mode & 0o002 == 0,
                FileFacts::Memory => true,
            },
            |file| match file {
                FileFacts::File { file_mode, folder_mode, .. } => {
                    format!("file {file_mode:04o}, folder {folder_mode:04o}")
                }
                FileFacts::Memory => "no file".to_owned(),
            },
        ),
    },
    remedy: |facts| match facts.file.value() {
        Some(FileFacts::File { path, .. }) => {
            let folder = path.parent().unwrap_or(path).display();
            Remedy::new(format!("chmod 600 {} && chmod o-w {folder}", path.display()))
        }
        _ => Remedy::new("chmod 600 the database file and chmod o-w its folder"),
    },
};

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
