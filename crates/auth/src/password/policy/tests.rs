use archirust_core::ErrorKind;
use proptest::prelude::*;

use super::*;

fn policy() -> Policy {
    Policy::new(&PolicySettings::default()).unwrap()
}

fn codes(policy: &Policy, password: &str, about: &[&str]) -> Vec<&'static str> {
    policy.check(&Secret::from(password), about).iter().map(Violation::code).collect()
}

const GOOD: &str = "gnat kettle ambrose winch";

#[test]
fn a_long_password_that_nobody_guesses_is_accepted() {
    for password in [GOOD, "vK8#qm2PzL!x", "تپه چراغ مرداد قلم‌دان"] {
        assert_eq!(codes(&policy(), password, &["alice@example.com"]), [""; 0], "{password}");
    }
}

#[test]
fn no_kind_of_character_is_asked_for() {
    assert!(codes(&policy(), "gnatkettleambrosewinch", &[]).is_empty());
    assert!(codes(&policy(), &format!("{GOOD} {GOOD}x {GOOD}y"), &[]).is_empty());
}

#[test]
fn length_is_counted_in_characters() {
    let base = "q7ڤx2ẞz9kwvپ4mفt8 bé3r6ق5dnگ1hg0sی";
    for (length, code) in [(11, Some("too_short")), (12, None), (13, None)] {
        let password: String = base.chars().take(length).collect();
        assert_eq!(codes(&policy(), &password, &[]).first().copied(), code, "{length}");
    }
    let long: String = GOOD.chars().cycle().take(200).collect();
    for (length, code) in [(127, None), (128, None), (129, Some("too_long"))] {
        assert_eq!(codes(&policy(), &long[..length], &[]).first().copied(), code, "{length}");
    }
    // Short is not personal.
    assert_eq!(codes(&policy(), "vK8#qm2", &["alice"]), ["too_short"]);
    // Two code points that make one character are one.
    assert_eq!(codes(&policy(), "vK8#qm2Pze\u{301}!", &[]), ["too_short"]);
}

#[test]
fn an_endless_password_is_refused_before_any_work() {
    assert_eq!(codes(&policy(), &"a".repeat(MAX_PASSWORD_BYTES + 1), &[]), ["too_long"]);
    assert_eq!(codes(&policy(), &"a".repeat(MAX_PASSWORD_BYTES), &[]), ["too_long", "common"]);
}

#[test]
fn characters_that_can_not_be_typed_are_refused() {
    for character in ['\0', '\t', '\n', '\u{1b}', '\u{7f}', '\u{85}'] {
        assert_eq!(codes(&policy(), &format!("{GOOD}{character}"), &[]), ["control_character"]);
    }
    assert!(codes(&policy(), &format!("{GOOD}\u{200c}"), &[]).is_empty());
}

#[test]
fn a_common_password_is_refused_however_it_is_dressed() {
    for password in ["correct horse battery staple", "Password1234!", "qwertyuiopasdf", "123456789012"] {
        assert_eq!(codes(&policy(), password, &[]), ["common"], "{password}");
    }
}

#[test]
fn what_others_know_of_the_user_is_no_password() {
    let about = ["alice.smith@example.com", "Alice Smith-Jones"];
    for password in
        ["alice.smith2024!", "Alice Smith Jones", "smith.ALICE@example", "ALICE.SMITH@EXAMPLE.COM", "1234567alicesmith"]
    {
        assert_eq!(codes(&policy(), password, &about), ["personal"], "{password}");
    }
    // With enough beside it, it does no harm.
    assert!(codes(&policy(), "alice keeps nine otters", &about).is_empty());
}

#[test]
fn seven_characters_beside_a_name_are_too_few_and_eight_are_enough() {
    let about = ["Theodora"];
    assert_eq!(codes(&policy(), "theodorav8#qm2P", &about), ["personal"]);
    assert_eq!(codes(&policy(), "theodorav8#qm2Pz", &about), [""; 0]);
    // Short words are in too much by chance: "bob" is not looked for, "anna" is.
    assert!(!codes(&policy(), "bob#vK8qm2P!", &["bob"]).contains(&"personal"));
    assert_eq!(codes(&policy(), "anna.K8#m2P!", &["anna"]), [""; 0]);
    assert_eq!(codes(&policy(), "annaanna.K8#", &["anna"]), ["personal"]);
}

#[test]
fn the_name_of_the_service_is_no_password_either() {
    let policy = policy().with_words(["Zephyrine Bank"]);
    assert_eq!(codes(&policy, "ZephyrineBank1", &[]), ["personal"]);
}

#[test]
fn what_is_guessed_soon_is_refused_with_advice() {
    let violations = policy().check(&Secret::from("rover rover 1987"), &[]);
    insta::assert_snapshot!(violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    let lenient = Policy::new(&PolicySettings { min_score: 0, ..Default::default() }).unwrap();
    assert!(codes(&lenient, "rover rover 1987", &[]).is_empty());
}

#[test]
fn the_score_is_a_threshold() {
    let password = "rover rover 1987";
    let score = score(&Secret::from(password), &[]).score;
    let with = |min_score| Policy::new(&PolicySettings { min_score, ..Default::default() }).unwrap();
    assert!(codes(&with(score), password, &[]).is_empty());
    assert_eq!(codes(&with(score + 1), password, &[]), ["guessable"]);
}

#[test]
fn reasons_are_for_people_and_codes_for_programs() {
    let violations = vec![
        Violation::TooShort { min: 12 },
        Violation::TooLong { max: 128 },
        Violation::ControlCharacter,
        Violation::Common,
        Violation::Personal,
        Violation::Guessable { advice: "add another word or two".to_owned() },
        Violation::Reused,
    ];
    let error = into_error("/password", violations);
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    insta::assert_snapshot!(
        error
            .fields()
            .iter()
            .map(|f| format!("{} {}: {}", f.pointer, f.code, f.message))
            .collect::<Vec<_>>()
            .join("\n")
    );
}

#[test]
fn settings_that_accept_nothing_are_refused() {
    let settings = PolicySettings { min_length: 65, max_length: 64, ..Default::default() };
    assert_eq!(Policy::new(&settings).unwrap_err().kind(), ErrorKind::Configuration);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_password_breaks_the_policy_or_is_repeated_by_it(password in "\\PC{0,40}", about in "\\PC{0,20}") {
        let violations = policy().check(&Secret::from(password.as_str()), &[&about]);
        for violation in violations {
            let text = violation.to_string();
            prop_assert!(password.chars().count() < 12 || !text.contains(&password));
        }
    }
}
