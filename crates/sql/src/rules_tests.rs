use std::path::PathBuf;
use std::time::Duration;

use archirust_core::config::{Origin, Origins};
use archirust_core::hardening::Observed;

use super::*;
use crate::config::SqlSettings;
use crate::facts::PoolFacts;
use crate::probe::from_settings;

fn defaults() -> SqlFacts {
    from_settings(&SqlSettings::memory(), &Origins::default())
}

fn seen<T>(value: T) -> Observed<T> {
    Observed::system(value, "test")
}

fn holds(rule: &Rule<SqlFacts>, facts: &SqlFacts) -> bool {
    match (rule.judge)(facts) {
        Verdict::Pass(evidence) => {
            assert!(!evidence.is_empty());
            true
        }
        Verdict::Fail(evidence) => {
            assert!(!evidence.is_empty() && !(rule.remedy)(facts).text.is_empty());
            false
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_defaults_pass_or_do_not_apply() {
    for rule in RULES {
        let verdict = (rule.judge)(&defaults());
        assert!(matches!(verdict, Verdict::Pass(_) | Verdict::NotApplicable(_)), "{rule:?} {verdict:?}");
    }
}

#[test]
fn what_was_not_seen_never_passes() {
    let unseen = |_| Observed::not_seen("no rights");
    let facts = SqlFacts {
        transport: Observed::not_seen("no rights"),
        pool: Observed::not_seen("no rights"),
        acquire_timeout: unseen(()),
        busy_timeout: unseen(()),
        live_busy_timeout: unseen(()),
        statements_logged: Observed::not_seen("no rights"),
        file: Observed::not_seen("no rights"),
    };
    for rule in RULES {
        assert!(matches!((rule.judge)(&facts), Verdict::Unknown(_)), "{rule:?}");
    }
}

#[test]
fn an_embedded_database_has_no_connection_to_judge() {
    for rule in [&TLS_ENFORCED, &SERVER_VERIFIED] {
        assert_eq!((rule.judge)(&defaults()), Verdict::NotApplicable(EMBEDDED.to_owned()));
    }
}

#[test]
fn a_connection_over_a_network_must_be_encrypted_and_verified() {
    let over =
        |encrypted, verified| SqlFacts { transport: seen(Transport::Network { encrypted, verified }), ..defaults() };
    assert!(holds(&TLS_ENFORCED, &over(true, true)) && holds(&SERVER_VERIFIED, &over(true, true)));
    assert!(holds(&TLS_ENFORCED, &over(true, false)) && !holds(&SERVER_VERIFIED, &over(true, false)));
    assert!(!holds(&TLS_ENFORCED, &over(false, true)) && !holds(&SERVER_VERIFIED, &over(false, true)));
    assert!(!holds(&TLS_ENFORCED, &over(false, false)) && !holds(&SERVER_VERIFIED, &over(false, false)));
}

#[test]
fn pool_limits_must_be_there_and_go_together() {
    let with = |min, max, idle, lifetime| SqlFacts {
        pool: seen(PoolFacts {
            min_connections: min,
            max_connections: max,
            idle_timeout: Duration::from_secs(idle),
            max_lifetime: Duration::from_secs(lifetime),
        }),
        ..defaults()
    };
    assert!(holds(&POOL_LIMITS, &with(0, 1, 1, 1)));
    assert!(holds(&POOL_LIMITS, &with(4, 4, 5, 6)));
    assert!(!holds(&POOL_LIMITS, &with(0, 0, 1, 1)));
    assert!(!holds(&POOL_LIMITS, &with(5, 4, 1, 1)));
    assert!(!holds(&POOL_LIMITS, &with(0, 4, 0, 1)));
    assert!(!holds(&POOL_LIMITS, &with(0, 4, 7, 6)));
}

#[test]
fn waits_must_end_and_be_longer_than_nothing() {
    let with = |acquire, busy| SqlFacts {
        acquire_timeout: seen(Duration::from_millis(acquire)),
        busy_timeout: seen(Duration::from_millis(busy)),
        ..defaults()
    };
    assert!(holds(&TIMEOUTS, &with(1, 1)));
    assert!(!holds(&TIMEOUTS, &with(0, 1)));
    assert!(!holds(&TIMEOUTS, &with(1, 0)));
}

#[test]
fn a_database_that_waits_otherwise_than_it_is_set_fails() {
    let live = |millis| SqlFacts { live_busy_timeout: seen(Duration::from_millis(millis)), ..defaults() };
    assert!(holds(&TIMEOUTS, &live(5000)));
    assert!(!holds(&TIMEOUTS, &live(0)));
    assert!(!holds(&TIMEOUTS, &live(5001)));
}

#[test]
fn statements_must_not_be_logged() {
    let logged = |logged| SqlFacts { statements_logged: seen(logged), ..defaults() };
    assert!(holds(&NO_PARAMETERS_IN_LOGS, &logged(false)));
    assert!(!holds(&NO_PARAMETERS_IN_LOGS, &logged(true)));
}

#[test]
fn the_file_is_for_its_user_alone() {
    let modes = |file_mode, folder_mode| SqlFacts {
        file: seen(FileFacts::File { path: PathBuf::from("/srv/data/service.db"), file_mode, folder_mode }),
        ..defaults()
    };
    for (file, folder) in [(0o600, 0o700), (0o400, 0o755), (0o600, 0o770), (0o000, 0o775)] {
        assert!(holds(&FILE_MODES, &modes(file, folder)), "{file:o} {folder:o}");
    }
    for (file, folder) in
        [(0o640, 0o700), (0o604, 0o700), (0o700, 0o700), (0o601, 0o700), (0o600, 0o702), (0o600, 0o777)]
    {
        assert!(!holds(&FILE_MODES, &modes(file, folder)), "{file:o} {folder:o}");
    }
    let remedy = (FILE_MODES.remedy)(&modes(0o644, 0o755)).text;
    assert_eq!(remedy, "chmod 600 /srv/data/service.db && chmod o-w /srv/data");
}

#[test]
fn a_failure_says_where_the_value_comes_from() {
    let mut origins = Origins::default();
    origins.record("sql.log_statements", Origin::Variable("ARCHI__SQL__LOG_STATEMENTS".to_owned()));
    let facts = from_settings(&SqlSettings { log_statements: true, ..SqlSettings::memory() }, &origins);
    let Verdict::Fail(evidence) = (NO_PARAMETERS_IN_LOGS.judge)(&facts) else { panic!("it passed") };
    assert_eq!(
        evidence[0].to_string(),
        "statements are logged — sql.log_statements (variable ARCHI__SQL__LOG_STATEMENTS)"
    );
}

#[test]
fn every_rule_is_told_apart_and_explains_itself() {
    let ids: std::collections::BTreeSet<_> = RULES.iter().map(|rule| rule.info.id).collect();
    assert_eq!(ids.len(), RULES.len());
    for rule in RULES {
        assert!(!rule.info.references.is_empty() && !rule.info.checklist.is_empty(), "{rule:?}");
    }
}
