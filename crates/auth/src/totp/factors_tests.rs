use std::time::Duration;

use archirust_core::clock::{ManualClock, Timestamp};
use archirust_core::random::SystemRandom;

use super::*;
use crate::named_key::NamedKey;

const KEYS: [&str; 2] =
    ["a:mJ8C0WvEoO1lZqzJ9dG0eQ2Yx5rTtUuN3kS7hPaVbLc=", "b:Vh1sQ7mX2kRz8LbN4cYwT6pJ0dGfUe3aHi9oKqPrStA="];

fn key(number: usize) -> NamedKey {
    NamedKey::parse(KEYS[number]).unwrap()
}

fn with_keys(current: usize, old: &[usize]) -> TotpSettings {
    TotpSettings {
        key: Some(key(current)),
        old_keys: old.iter().map(|&number| key(number)).collect(),
        ..Default::default()
    }
}

fn factors(settings: &TotpSettings) -> (SecondFactors, Arc<ManualClock>) {
    let clock = ManualClock::at(Timestamp::from_second(1_700_000_000).unwrap());
    (SecondFactors::new(settings, SystemRandom::shared(), Arc::new(Arc::clone(&clock))).unwrap(), clock)
}

#[test]
fn an_enrolment_follows_the_settings_and_its_codes_the_clock() {
    let settings = TotpSettings { algorithm: Algorithm::Sha256, digits: 8, window: 0, ..with_keys(0, &[]) };
    let (factors, clock) = factors(&settings);
    let totp = factors.enrol();
    assert_eq!((totp.algorithm(), totp.digits()), (Algorithm::Sha256, Digits::Eight));
    let code = totp.code_at(clock.now()).unwrap();
    assert!(factors.verify(&totp, &code, None).is_some());
    clock.advance(Duration::from_secs(30));
    assert!(factors.verify(&totp, &code, None).is_none());
    assert_ne!(factors.enrol(), totp);
}

#[test]
fn the_window_is_that_of_the_settings() {
    let (factors, clock) = factors(&with_keys(0, &[]));
    let totp = factors.enrol();
    let code = totp.code_at(clock.now()).unwrap();
    clock.advance(Duration::from_secs(30));
    assert!(factors.verify(&totp, &code, None).is_some());
    clock.advance(Duration::from_secs(30));
    assert!(factors.verify(&totp, &code, None).is_none());
}

#[test]
fn what_was_sealed_opens_as_it_was() {
    for (algorithm, digits) in [(Algorithm::Sha1, 6), (Algorithm::Sha256, 8), (Algorithm::Sha512, 6)] {
        let (factors, _) = factors(&TotpSettings { algorithm, digits, ..with_keys(0, &[]) });
        let totp = factors.enrol();
        let sealed = factors.seal(&totp, "user-1").unwrap();
        let opened = factors.open(&sealed, "user-1").unwrap();
        assert_eq!((opened.totp, opened.reseal), (totp.clone(), false));
        assert_ne!(factors.seal(&totp, "user-1").unwrap(), sealed);
        assert!(!sealed.contains(totp.secret().to_base32().expose().as_str()));
    }
}

#[test]
fn a_stolen_or_swapped_row_is_no_second_factor() {
    let (factors, _) = factors(&with_keys(0, &[]));
    let sealed = factors.seal(&factors.enrol(), "user-1").unwrap();
    for user in ["user-2", "", "user-1 ", "user-"] {
        assert_eq!(factors.open(&sealed, user).unwrap_err().kind(), ErrorKind::Internal, "{user}");
    }
    // Every character counts.
    for place in 0..sealed.len() {
        let mut damaged = sealed.clone().into_bytes();
        damaged[place] = if damaged[place] == b'A' { b'B' } else { b'A' };
        assert!(factors.open(std::str::from_utf8(&damaged).unwrap(), "user-1").is_err(), "{place}");
        assert!(factors.open(&sealed[..place], "user-1").is_err(), "{place}");
    }
    for broken in ["", "$", "totp1$a$", "totp1$a$AAAA", "totp2$a$AAAA", &format!("{sealed}$"), &format!("{sealed}AAAA")]
    {
        assert!(factors.open(broken, "user-1").is_err(), "{broken}");
    }
}

#[test]
fn keys_are_rotated_without_losing_an_enrolment() {
    let totp;
    let sealed;
    {
        let (before, _) = factors(&with_keys(0, &[]));
        totp = before.enrol();
        sealed = before.seal(&totp, "user-1").unwrap();
    }
    let (during, _) = factors(&with_keys(1, &[0]));
    let opened = during.open(&sealed, "user-1").unwrap();
    assert_eq!((&opened.totp, opened.reseal), (&totp, true));
    let resealed = during.seal(&opened.totp, "user-1").unwrap();
    let (after, _) = factors(&with_keys(1, &[]));
    assert!(!after.open(&resealed, "user-1").unwrap().reseal);
    assert_eq!(after.open(&sealed, "user-1").unwrap_err().kind(), ErrorKind::Configuration);
}

#[test]
fn a_key_under_the_name_of_another_opens_nothing() {
    let (factors_a, _) = factors(&with_keys(0, &[]));
    let sealed = factors_a.seal(&factors_a.enrol(), "user-1").unwrap();
    let renamed = NamedKey::parse(&KEYS[1].replacen('b', "a", 1)).unwrap();
    let (other, _) = factors(&TotpSettings { key: Some(renamed), ..Default::default() });
    assert_eq!(other.open(&sealed, "user-1").unwrap_err().kind(), ErrorKind::Internal);
}

#[test]
fn recovery_codes_are_as_many_as_the_settings_say() {
    let (factors, _) = factors(&TotpSettings { recovery_codes: 4, ..with_keys(0, &[]) });
    let made = factors.recovery_codes("user-1").unwrap();
    assert_eq!(made.codes.len(), 4);
    let hashes: Vec<&str> = made.hashes.iter().map(|hash| hash.expose().as_str()).collect();
    assert_eq!(factors.find_recovery_code("user-1", &made.codes[2], &hashes).unwrap(), Some(2));
    assert_eq!(
        factors.find_recovery_code("user-1", &Secret::from("0000-0000-0000-0000-0000-0000"), &hashes).unwrap(),
        None
    );
}

#[test]
fn without_a_key_there_is_no_second_factor() {
    let (random, clock) = (SystemRandom::shared(), ManualClock::at(Timestamp::UNIX_EPOCH));
    for settings in [TotpSettings::default(), with_keys(0, &[0]), TotpSettings { digits: 7, ..with_keys(0, &[]) }] {
        let error = SecondFactors::new(&settings, Arc::clone(&random), Arc::new(Arc::clone(&clock))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
}

#[test]
fn nothing_of_a_key_is_shown() {
    let (factors, _) = factors(&with_keys(0, &[]));
    assert_eq!(format!("{factors:?}"), "SecondFactors { algorithm: Sha1, .. }");
    assert!(!format!("{:?}", with_keys(0, &[1])).contains("mJ8C"));
}
