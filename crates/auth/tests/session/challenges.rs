//! The second step of a login.

use std::sync::Arc;
use std::time::Duration;

use archirust_auth::session::{Challenges, SessionSettings};
use archirust_cache::{CacheSettings, MemoryCache};
use archirust_core::clock::ManualClock;
use archirust_core::random::SystemRandom;
use archirust_core::{ErrorKind, Timestamp, id};

use crate::caches::broken;

fn challenges(attempts: u32, ttl: Duration) -> (Challenges, Arc<ManualClock>) {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let cache = MemoryCache::shared(&CacheSettings::default(), clock.clone());
    let settings = SessionSettings { challenge_attempts: attempts, challenge_ttl: ttl, ..SessionSettings::default() };
    (Challenges::new(&settings, cache, SystemRandom::shared()), clock)
}

#[tokio::test]
async fn a_challenge_takes_as_many_answers_as_it_is_set_to() {
    for attempts in [1, 3] {
        let (challenges, _clock) = challenges(attempts, Duration::from_secs(60));
        let challenge = challenges.begin(id::new()).await.unwrap();
        for _ in 0..attempts {
            assert!(challenges.answer(&challenge.text).await.is_ok());
        }
        assert_eq!(challenges.answer(&challenge.text).await.unwrap_err().kind(), ErrorKind::InvalidCredentials);
    }
}

#[tokio::test]
async fn answering_does_not_prolong_a_challenge() {
    let (challenges, clock) = challenges(10, Duration::from_secs(60));
    let challenge = challenges.begin(id::new()).await.unwrap();
    assert_eq!(challenge.expires_in, Duration::from_secs(60));
    for _ in 0..2 {
        clock.advance(Duration::from_secs(29));
        assert!(challenges.answer(&challenge.text).await.is_ok());
    }
    clock.advance(Duration::from_secs(2));
    assert!(challenges.answer(&challenge.text).await.is_err());
    assert!(!challenges.close(&challenge.text).await.unwrap());
}

#[tokio::test]
async fn challenges_are_their_users_own() {
    let (challenges, _clock) = challenges(5, Duration::from_secs(60));
    let (alice, bob) = (id::new(), id::new());
    let (of_alice, of_bob) = (challenges.begin(alice).await.unwrap(), challenges.begin(bob).await.unwrap());
    assert_eq!(challenges.answer(&of_alice.text).await.unwrap(), alice);
    assert!(challenges.close(&of_alice.text).await.unwrap());
    assert_eq!(challenges.answer(&of_bob.text).await.unwrap(), bob);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_right_answers_at_once_one_counts_and_no_more_than_allowed_are_looked_at() {
    let (challenges, _clock) = challenges(3, Duration::from_secs(60));
    let challenge = challenges.begin(id::new()).await.unwrap();
    let answers: Vec<_> = (0..16)
        .map(|_| {
            let (challenges, text) = (challenges.clone(), challenge.text.clone());
            tokio::spawn(async move {
                let looked_at = challenges.answer(&text).await.is_ok();
                (looked_at, looked_at && challenges.close(&text).await.unwrap())
            })
        })
        .collect();
    let (mut looked_at, mut right) = (0, 0);
    for answer in answers {
        let (looked, won) = answer.await.unwrap();
        looked_at += usize::from(looked);
        right += usize::from(won);
    }
    assert!(right <= 1 && (1..=3).contains(&looked_at), "{looked_at} {right}");
}

#[tokio::test]
async fn without_a_cache_there_is_no_second_step() {
    let challenges = Challenges::new(&SessionSettings::default(), broken(), SystemRandom::shared());
    assert_eq!(challenges.begin(id::new()).await.unwrap_err().kind(), ErrorKind::ConnectionFailed);
    let text = archirust_core::Secret::from("x");
    assert_eq!(challenges.answer(&text).await.unwrap_err().kind(), ErrorKind::ConnectionFailed);
    assert_eq!(challenges.close(&text).await.unwrap_err().kind(), ErrorKind::ConnectionFailed);
}

#[tokio::test]
async fn debug_shows_no_challenge() {
    let (challenges, _clock) = challenges(3, Duration::from_secs(60));
    let challenge = challenges.begin(id::new()).await.unwrap();
    let shown = format!("{challenge:?} {challenges:?}");
    assert!(!shown.contains(challenge.text.expose()), "{shown}");
}
