use archirust_core::config::{ByteSize, Origin, Origins};
use archirust_core::hardening::Observed;

use super::super::{Argon2Settings, PasswordSettings, Scheme, probe};
use super::*;

fn of_settings(settings: &PasswordSettings) -> PasswordFacts {
    let mut origins = Origins::default();
    origins.record("password.argon2.memory", Origin::Variable("ARCHI__PASSWORD__ARGON2__MEMORY".to_owned()));
    probe(settings, &origins, "password")
}

fn argon2(mib: u64, passes: u32) -> PasswordSettings {
    PasswordSettings { argon2: Argon2Settings { memory: ByteSize::mib(mib), passes, lanes: 1 }, ..Default::default() }
}

fn bcrypt(bcrypt_cost: u32) -> PasswordSettings {
    PasswordSettings { scheme: Scheme::Bcrypt, bcrypt_cost, ..Default::default() }
}

fn stored(hashes: StoredHashes) -> StoredPasswordFacts {
    StoredPasswordFacts { hashes: Observed::system(hashes, "table users") }
}

/// Outcome, evidence and, where there is one, remedy.
fn judgement<F>(rule: &Rule<F>, facts: &F) -> String {
    match (rule.judge)(facts) {
        Verdict::Pass(evidence) => {
            format!("pass: {}", evidence.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        }
        Verdict::Fail(evidence) => format!(
            "fail: {}\nremedy: {}",
            evidence.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            (rule.remedy)(facts).text
        ),
        Verdict::Unknown(reason) => format!("unknown: {reason}"),
        Verdict::NotApplicable(reason) => format!("not applicable: {reason}"),
    }
}

fn passes<F>(rule: &Rule<F>, facts: &F) -> bool {
    matches!((rule.judge)(facts), Verdict::Pass(_))
}

fn fails<F>(rule: &Rule<F>, facts: &F) -> bool {
    matches!((rule.judge)(facts), Verdict::Fail(_))
}

#[test]
fn pwd_003_weak_settings_fail_and_the_defaults_pass() {
    let rule = &RULES[0];
    for hardened in [PasswordSettings::default(), argon2(46, 1), argon2(7, 5), bcrypt(12), bcrypt(15)] {
        assert!(passes(rule, &of_settings(&hardened)), "{hardened:?}");
    }
    for weak in [argon2(18, 2), argon2(19, 1), argon2(1, 64), bcrypt(11), bcrypt(4)] {
        assert!(fails(rule, &of_settings(&weak)), "{weak:?}");
    }
    assert!(matches!((rule.judge)(&PasswordFacts { new_hashes: Vec::new() }), Verdict::Unknown(_)));
}

#[test]
fn pwd_003_says_where_the_weak_value_comes_from_and_what_to_set() {
    insta::assert_snapshot!(
        [judgement(&RULES[0], &of_settings(&argon2(1, 1))), judgement(&RULES[0], &of_settings(&bcrypt(10)))]
            .join("\n\n")
    );
}

const GOOD: [&str; 3] = [
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$ISO7kkvFzh19GM8qB7patN3C3Y9HHsjlVTfEZ9T600Y",
    "$2b$12$abcdefghijklmnopqrstuO5BGYa2KEI/jSY0.Ybh5LsPBTGAqeV8e",
    "pbkdf2_sha256$600000$AAECAwQFBgcICQoLDA0ODw==$7xdxRO7JQgy8EJPSqLNEqSvFBtDU7JwCjdGfgyTYweY=",
];

#[test]
fn pwd_001_one_plain_or_fast_or_repeated_hash_fails_a_whole_table() {
    let rule = &STORED_RULES[0];
    assert!(passes(rule, &stored(GOOD.into_iter().collect())));
    for weak in ["hunter2", "5f4dcc3b5aa765d61d8327deb882cf99", "$6$salt$hash", "", GOOD[0]] {
        assert!(fails(rule, &stored(GOOD.into_iter().chain([weak]).collect())), "{weak}");
    }
}

#[test]
fn pwd_002_one_cheap_hash_fails_a_whole_table() {
    let rule = &STORED_RULES[1];
    assert!(passes(rule, &stored(GOOD.into_iter().collect())));
    for weak in ["$2b$11$x", "pbkdf2_sha256$599999$", "$argon2id$v=19$m=19455,t=2,p=1$", "hunter2"] {
        assert!(fails(rule, &stored(GOOD.into_iter().chain([weak]).collect())), "{weak}");
    }
}

#[test]
fn what_was_not_seen_is_unknown_and_an_empty_table_has_nothing_to_judge() {
    let unseen = StoredPasswordFacts { hashes: Observed::not_seen("no right to read the column") };
    for rule in STORED_RULES {
        assert_eq!(judgement(rule, &unseen), "unknown: no right to read the column");
        assert_eq!(judgement(rule, &stored(StoredHashes::default())), "not applicable: no password is stored");
    }
    let mut counted = StoredHashes::default();
    counted.add("$2b$12$", 5);
    assert!(matches!((STORED_RULES[0].judge)(&stored(counted.clone())), Verdict::Unknown(_)));
    assert!(passes(&STORED_RULES[1], &stored(counted.clone())));
    counted.add("hunter2", 1);
    assert!(fails(&STORED_RULES[0], &stored(counted)));
}

#[test]
fn the_evidence_counts_and_shows_no_hash() {
    let mut hashes = StoredHashes::default();
    hashes.add("$argon2id$v=19$m=19456,t=2,p=1$", 970);
    hashes.add("$2b$10$", 29);
    hashes.add("hunter2", 1);
    hashes.repeated = Some(2);
    assert_eq!(hashes.total(), 1000);
    let facts = stored(hashes);
    insta::assert_snapshot!(STORED_RULES.iter().map(|rule| judgement(rule, &facts)).collect::<Vec<_>>().join("\n\n"));
}

#[test]
fn rules_are_those_of_the_catalogue() {
    let infos = RULES.iter().map(|rule| rule.info).chain(STORED_RULES.iter().map(|rule| rule.info));
    let named: Vec<_> = infos.map(|info| (info.id, info.severity)).collect();
    assert_eq!(
        named,
        [("ARCHI-PWD-003", Severity::High), ("ARCHI-PWD-001", Severity::Critical), ("ARCHI-PWD-002", Severity::High)]
    );
}
