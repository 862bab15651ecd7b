use proptest::prelude::*;

use super::*;

fn totp(algorithm: Algorithm, digits: Digits) -> Totp {
    let seed = "1234567890".repeat(7);
    let secret = TotpSecret::new(seed.as_bytes()[..algorithm.secret_bytes()].to_vec()).unwrap();
    Totp::new(secret, algorithm, digits)
}

fn six() -> Totp {
    totp(Algorithm::Sha1, Digits::Six)
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// The code of a step.
fn code(totp: &Totp, step: i64) -> Secret<String> {
    totp.code_at(second(step * PERIOD)).unwrap()
}

#[test]
fn the_codes_are_those_of_rfc_4226() {
    // Appendix D.
    let expected = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
    for (counter, expected) in expected.into_iter().enumerate() {
        assert_eq!(*six().code(counter as u64), expected, "{counter}");
    }
}

#[test]
fn the_codes_are_those_of_rfc_6238() {
    // Appendix B, with the seeds of erratum 2866: as long as the output of the hash function.
    for (at, sha1, sha256, sha512) in [
        (59, "94287082", "46119246", "90693936"),
        (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"),
        (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"),
        (20_000_000_000, "65353130", "77737706", "47863826"),
    ] {
        for (algorithm, expected) in [(Algorithm::Sha1, sha1), (Algorithm::Sha256, sha256), (Algorithm::Sha512, sha512)]
        {
            let totp = totp(algorithm, Digits::Eight);
            assert_eq!(totp.code_at(second(at)).unwrap().expose(), expected, "{at} {algorithm:?}");
            assert_eq!(totp.verify(&Secret::from(expected), second(at), 0, None), Some(at / 30));
        }
    }
}

#[test]
fn a_used_code_is_never_accepted_again() {
    let totp = six();
    for window in [0, 1] {
        let (now, right) = (second(100 * PERIOD), code(&totp, 100));
        let used = totp.verify(&right, now, window, None);
        assert_eq!(used, Some(100));
        assert_eq!(totp.verify(&right, now, window, used), None);
        assert_eq!(totp.verify(&right, second(101 * PERIOD), window, used), None);
        // Nor is an earlier one that was never used.
        assert_eq!(totp.verify(&code(&totp, 99), now, window, used), None);
        // The next one is.
        assert_eq!(totp.verify(&code(&totp, 101), second(101 * PERIOD), window, used), Some(101));
    }
}

#[test]
fn a_code_that_came_early_uses_up_the_steps_before_it() {
    let totp = six();
    let now = second(100 * PERIOD);
    assert_eq!(totp.verify(&code(&totp, 101), now, 1, Some(100)), Some(101));
    assert_eq!(totp.verify(&code(&totp, 100), now, 1, Some(101)), None);
}

#[test]
fn a_code_is_one_step_early_or_late_at_the_most() {
    let totp = six();
    let accepted = |window: u8| -> Vec<i64> {
        (95..=105)
            .filter(|&step| totp.verify(&code(&totp, step), second(100 * PERIOD + 7), window, None).is_some())
            .collect()
    };
    assert_eq!(accepted(0), [100]);
    assert_eq!(accepted(1), [99, 100, 101]);
    assert_eq!(accepted(255), [99, 100, 101]);
}

#[test]
fn a_step_begins_at_its_first_second() {
    let totp = six();
    let verify = |at: i64| totp.verify(&code(&totp, 100), second(at), 0, None);
    assert_eq!([2999, 3000, 3029, 3030].map(verify), [None, Some(100), Some(100), None]);
}

#[test]
fn the_length_of_a_code_is_that_of_the_enrolment() {
    let (six, eight) = (six(), totp(Algorithm::Sha1, Digits::Eight));
    let now = second(59);
    assert_eq!(eight.verify(&Secret::from("94287082"), now, 0, None), Some(1));
    assert_eq!(six.verify(&Secret::from("287082"), now, 0, None), Some(1));
    for short in ["", "2", "82", "082", "7082", "87082", "94287082", "0287082", "2870820", "287082287082"] {
        assert_eq!(six.verify(&Secret::from(short), now, 1, None), None, "{short}");
    }
    for short in ["287082", "4287082", "942870820", ""] {
        assert_eq!(eight.verify(&Secret::from(short), now, 1, None), None, "{short}");
    }
}

#[test]
fn leading_zeros_count() {
    let totp = totp(Algorithm::Sha1, Digits::Eight);
    let now = second(1_111_111_109);
    assert!(totp.verify(&Secret::from("07081804"), now, 0, None).is_some());
    assert!(totp.verify(&Secret::from("7081804"), now, 0, None).is_none());
}

#[test]
fn digits_are_read_as_people_type_them() {
    let now = second(59);
    for typed in ["287082", "287 082", " 287082 ", "۲۸۷۰۸۲", "٢٨٧٠٨٢", "2 8 7 0 8 2"] {
        assert_eq!(six().verify(&Secret::from(typed), now, 0, None), Some(1), "{typed}");
    }
    for typed in ["287-082", "287082x", "+287082", "28708²", "287082\n", "two"] {
        assert_eq!(six().verify(&Secret::from(typed), now, 0, None), None, "{typed}");
    }
}

#[test]
fn before_1970_there_are_no_codes() {
    let totp = six();
    assert!(totp.code_at(second(-1)).is_none());
    assert_eq!(totp.verify(&code(&totp, 0), second(-1), 0, None), None);
    assert_eq!(totp.verify(&code(&totp, 0), second(-1), 1, None), Some(0));
}

#[test]
fn an_enrolment_shows_no_secret() {
    assert_eq!(format!("{:?}", six()), "Totp { algorithm: Sha1, digits: Six, .. }");
}

proptest! {
    #[test]
    fn a_wrong_code_is_never_accepted(number in 0_u32..1_000_000, step in 1_i64..100_000_000) {
        let totp = six();
        let guess = format!("{number:06}");
        let right = (step - 1..=step + 1).any(|step| code(&totp, step) == Secret::from(guess.as_str()));
        prop_assert_eq!(totp.verify(&Secret::from(guess), second(step * PERIOD), 1, None).is_some(), right);
    }

    #[test]
    fn no_text_breaks_verification(text in "\\PC{0,40}") {
        prop_assert_eq!(six().verify(&Secret::new(text), second(1_700_000_000), 1, Some(i64::MAX)), None);
    }
}
