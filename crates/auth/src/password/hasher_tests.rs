use archirust_core::ErrorKind;
use archirust_core::clock::{ManualClock, Timestamp};
use archirust_core::config::ByteSize;
use archirust_core::random::SystemRandom;

use super::super::{Argon2Settings, PolicySettings};
use super::*;

fn cheap() -> PasswordSettings {
    PasswordSettings {
        argon2: Argon2Settings { memory: ByteSize::kib(64), passes: 1, lanes: 1 },
        threads: Some(1),
        ..Default::default()
    }
}

fn start(settings: &PasswordSettings) -> Hasher {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    Hasher::start(settings, SystemRandom::shared(), Arc::new(clock)).unwrap()
}

#[tokio::test]
async fn what_was_hashed_verifies() {
    let hasher = start(&cheap());
    let stored = hasher.hash(Secret::from("a password")).await.unwrap();
    assert_eq!(hasher.verify(Some(stored.expose()), Secret::from("a password")).await.unwrap(), Verdict::Valid);
    assert_eq!(hasher.verify(Some(stored.expose()), Secret::from("another")).await.unwrap(), Verdict::Invalid);
    assert_eq!(hasher.verify(None, Secret::from("a password")).await.unwrap(), Verdict::Invalid);
    assert_eq!(hasher.hash(Secret::from("")).await.unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_flood_is_refused_and_not_kept() {
    let settings = PasswordSettings {
        queue: 4,
        argon2: Argon2Settings { memory: ByteSize::mib(8), passes: 4, lanes: 1 },
        ..cheap()
    };
    let hasher = start(&settings);
    let logins: Vec<_> = (0..200)
        .map(|_| {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.verify(None, Secret::from("a password")).await })
        })
        .collect();
    let mut refused = 0;
    for login in logins {
        match login.await.unwrap() {
            Ok(verdict) => assert_eq!(verdict, Verdict::Invalid),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Overloaded);
                assert!(error.retry_after().is_some_and(|after| after.as_secs() >= 1));
                refused += 1;
            }
        }
    }
    // One runs and four wait; the runtime of the test has one thread, which submits all before it hears of the first answer.
    assert!((100..=196).contains(&refused), "{refused}");
    assert_eq!(hasher.load().waiting, 0);
}

#[tokio::test]
async fn a_new_password_is_vetted_by_policy_and_history() {
    let policy = PolicySettings { history: 2, ..Default::default() };
    let hasher = start(&PasswordSettings { policy, ..cheap() }).with_words(["Zephyrine"]);
    let good = Secret::from("gnat kettle ambrose winch");
    let hash = async |password: &str| hasher.hash(Secret::from(password)).await.unwrap().expose().clone();
    let (now, before, long_ago) = (hash("one").await, hash(good.expose()).await, hash("three").await);

    let vet = async |password: &Secret<String>, previous: &[&str]| {
        hasher.vet(password, &["alice@example.com"], previous).await.unwrap()
    };
    assert_eq!(vet(&good, &[]).await, []);
    assert_eq!(vet(&good, &[&now, &long_ago]).await, []);
    assert_eq!(vet(&good, &[&now, &before]).await, [Violation::Reused]);
    assert_eq!(vet(&good, &[&before, &now]).await, [Violation::Reused]);
    // Only as far back as the policy looks.
    assert_eq!(vet(&good, &[&now, &long_ago, &before]).await, []);
    assert_eq!(vet(&Secret::from("alice@example.com"), &[&now]).await, [Violation::Personal]);
    assert_eq!(vet(&Secret::from("zephyrine1234"), &[&now]).await, [Violation::Personal]);
    assert_eq!(hasher.policy().history(), 2);
}

#[tokio::test]
async fn after_a_shutdown_nothing_is_hashed() {
    let hasher = start(&cheap());
    let other = hasher.clone();
    hasher.shutdown().await;
    assert_eq!(other.hash(Secret::from("a password")).await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(other.load().running, 0);
}

#[test]
fn settings_decide_threads_and_queue() {
    let hasher = start(&PasswordSettings { threads: Some(3), queue: 7, ..cheap() });
    let load = hasher.load();
    assert_eq!((load.threads, load.capacity, load.waiting), (3, 7, 0));
    assert!(!format!("{hasher:?}").contains("pepper"));
}
