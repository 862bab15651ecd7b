use std::collections::BTreeSet;
use std::time::Duration;

use archirust_cache::{CacheSettings, MemoryCache};
use archirust_core::clock::{ManualClock, Timestamp};
use archirust_core::config::ByteSize;
use archirust_core::random::SystemRandom;

use super::*;

const ALICE: &str = "alice@example.com";

struct Bench {
    throttle: Throttle,
    cache: SharedCache,
    clock: Arc<ManualClock>,
}

fn bench_with(settings: &ThrottleSettings) -> Bench {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let cache = MemoryCache::shared(&CacheSettings::default(), Arc::new(Arc::clone(&clock)));
    let throttle = Throttle::new(settings, Arc::clone(&cache), SystemRandom::shared()).unwrap();
    Bench { throttle, cache, clock }
}

fn bench() -> Bench {
    bench_with(&ThrottleSettings::default())
}

fn address(number: u16) -> IpAddr {
    IpAddr::from([198, 51, (number >> 8) as u8, number as u8])
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

impl Bench {
    /// Fails once; gives the wait if it was refused.
    async fn fail(&self, action: Action, account: &str, address: IpAddr) -> Option<u64> {
        match self.throttle.attempt(action, account, address).await {
            Ok(_failed) => None,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::RateLimited);
                Some(error.retry_after().unwrap().as_secs())
            }
        }
    }

    async fn succeed(&self, action: Action, account: &str, address: IpAddr) {
        self.throttle.attempt(action, account, address).await.unwrap().succeeded().await.unwrap();
    }

    async fn fail_often(&self, times: u32, account: &str, address: IpAddr) {
        for time in 0..times {
            assert_eq!(self.fail(Action::Login, account, address).await, None, "{time}");
        }
    }
}

#[tokio::test]
async fn delays_double_after_the_free_attempts_up_to_the_longest() {
    let bench = bench();
    bench.fail_often(5, ALICE, address(1)).await;
    for delay in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900] {
        assert_eq!(bench.fail(Action::Login, ALICE, address(1)).await, Some(delay));
        bench.clock.advance(seconds(delay) - Duration::from_millis(1));
        assert_eq!(bench.fail(Action::Login, ALICE, address(1)).await, Some(1));
        bench.clock.advance(Duration::from_millis(1));
        assert_eq!(bench.fail(Action::Login, ALICE, address(1)).await, None);
    }
}

#[tokio::test]
async fn a_refusal_costs_nothing() {
    let bench = bench();
    bench.fail_often(5, ALICE, address(1)).await;
    for _ in 0..100 {
        assert_eq!(bench.fail(Action::Login, ALICE, address(1)).await, Some(1));
    }
    bench.clock.advance(seconds(1));
    assert_eq!(bench.fail(Action::Login, ALICE, address(1)).await, None);
    assert_eq!(bench.fail(Action::Login, ALICE, address(1)).await, Some(2));
    // Nor were the refusals counted against the address: 6 of its 50 are used.
    for account in 0..44 {
        assert_eq!(bench.fail(Action::Login, &format!("user-{account}"), address(1)).await, None, "{account}");
    }
    assert_eq!(bench.fail(Action::Login, "another", address(1)).await, Some(1));
}

#[tokio::test]
async fn an_account_is_limited_from_everywhere_together() {
    let bench = bench();
    for number in 0..5 {
        assert_eq!(bench.fail(Action::Login, ALICE, address(number)).await, None);
    }
    assert_eq!(bench.fail(Action::Login, ALICE, address(5)).await, Some(1));
    assert_eq!(bench.fail(Action::Login, " ALICE@example.COM", address(6)).await, Some(1));
    assert_eq!(bench.fail(Action::Login, "bob@example.com", address(5)).await, None);
}

#[tokio::test]
async fn an_address_is_limited_at_all_accounts_together() {
    let bench = bench();
    for account in 0..50 {
        assert_eq!(bench.fail(Action::Login, &format!("user-{account}"), address(1)).await, None, "{account}");
    }
    assert_eq!(bench.fail(Action::Login, "user-50", address(1)).await, Some(1));
    assert_eq!(bench.fail(Action::Login, "user-50", address(2)).await, None);
    // Its longest delay is a minute.
    for delay in [1, 2, 4, 8, 16, 32, 60, 60] {
        bench.clock.advance(seconds(delay));
        assert_eq!(bench.fail(Action::Login, &format!("other-{delay}"), address(1)).await, None);
    }
    assert_eq!(bench.fail(Action::Login, "last", address(1)).await, Some(60));
}

#[tokio::test]
async fn an_ipv6_customer_is_one_address() {
    let bench = bench_with(&ThrottleSettings { address_attempts: 3, ..Default::default() });
    let fail = async |account: &str, address: &str| bench.fail(Action::Login, account, address.parse().unwrap()).await;
    assert_eq!(fail("a", "2001:db8:0:1::1").await, None);
    assert_eq!(fail("b", "2001:db8:0:1::2").await, None);
    assert_eq!(fail("c", "2001:db8:0:1:ffff::3").await, None);
    assert_eq!(fail("d", "2001:db8:0:1:aaaa::4").await, Some(1));
    assert_eq!(fail("d", "2001:db8:0:2::1").await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_guesses_at_once_only_the_allowed_number_gets_through() {
    for free in [1, 5, 20] {
        let settings = ThrottleSettings { account_attempts: free, address_attempts: 1000, ..Default::default() };
        let bench = Arc::new(bench_with(&settings));
        let guesses: Vec<_> = (0..200)
            .map(|number| {
                let bench = Arc::clone(&bench);
                tokio::spawn(async move { bench.fail(Action::Login, ALICE, address(number)).await })
            })
            .collect();
        let mut allowed = 0;
        for guess in guesses {
            allowed += u32::from(guess.await.unwrap().is_none());
        }
        assert_eq!(allowed, free);
        // And one more after the delay, however many ask.
        bench.clock.advance(seconds(1));
        let guesses: Vec<_> = (0..100)
            .map(|number| {
                let bench = Arc::clone(&bench);
                tokio::spawn(async move { bench.fail(Action::Login, ALICE, address(number)).await })
            })
            .collect();
        let mut allowed = 0;
        for guess in guesses {
            allowed += u32::from(guess.await.unwrap().is_none());
        }
        assert_eq!(allowed, 1);
    }
}

#[tokio::test]
async fn success_forgets_the_attempts_of_the_account() {
    let bench = bench();
    bench.fail_often(4, ALICE, address(1)).await;
    bench.succeed(Action::Login, ALICE, address(1)).await;
    bench.fail_often(5, ALICE, address(2)).await;
    assert_eq!(bench.fail(Action::Login, ALICE, address(2)).await, Some(1));
    bench.clock.advance(seconds(1));
    bench.succeed(Action::Login, ALICE, address(2)).await;
    bench.fail_often(5, ALICE, address(3)).await;
}

#[tokio::test]
async fn success_does_not_forget_the_attempts_of_the_address() {
    let bench = bench_with(&ThrottleSettings { address_attempts: 10, ..Default::default() });
    for account in 0..9 {
        assert_eq!(bench.fail(Action::Login, &format!("user-{account}"), address(1)).await, None);
        // An account of one's own buys no further guesses, and costs none either.
        bench.succeed(Action::Login, &format!("own-{account}"), address(1)).await;
        bench.clock.advance(Duration::from_millis(1));
    }
    assert_eq!(bench.fail(Action::Login, "user-9", address(1)).await, None);
    assert_eq!(bench.fail(Action::Login, "user-10", address(1)).await, Some(1));
}

#[tokio::test]
async fn many_people_behind_one_address_who_know_their_passwords_are_not_limited() {
    let bench = bench_with(&ThrottleSettings { address_attempts: 10, ..Default::default() });
    for person in 0..100 {
        bench.succeed(Action::Login, &format!("user-{person}"), address(1)).await;
        bench.clock.advance(Duration::from_millis(1));
    }
}

#[tokio::test]
async fn nobody_is_locked_out_where_they_are_known() {
    let bench = bench();
    bench.succeed(Action::Login, ALICE, address(1)).await;
    for number in 100..130 {
        let _refused_or_not = bench.fail(Action::Login, ALICE, address(number)).await;
        bench.clock.advance(seconds(900));
    }
    assert!(bench.fail(Action::Login, ALICE, address(200)).await.is_none_or(|wait| wait == 900));
    assert!(bench.fail(Action::Login, ALICE, address(201)).await.is_some());
    // Neither the delay of the account nor that of the address holds her up at home.
    for account in 0..60 {
        let _refused_or_not = bench.fail(Action::Login, &format!("user-{account}"), address(1)).await;
    }
    assert!(bench.fail(Action::Login, "stranger", address(1)).await.is_some());
    bench.succeed(Action::Login, ALICE, address(1)).await;
    // That gives nobody elsewhere new guesses.
    assert!(bench.fail(Action::Login, ALICE, address(202)).await.is_some());
}

#[tokio::test]
async fn a_known_address_has_its_own_few_guesses_and_no_more() {
    let bench = bench();
    bench.succeed(Action::Login, ALICE, address(1)).await;
    bench.fail_often(5, ALICE, address(1)).await;
    assert_eq!(bench.fail(Action::Login, ALICE, address(1)).await, Some(1));
    // The account elsewhere is not delayed by that.
    bench.fail_often(5, ALICE, address(2)).await;
    assert_eq!(bench.fail(Action::Login, ALICE, address(2)).await, Some(1));
}

#[tokio::test]
async fn an_address_is_known_for_a_time() {
    let bench = bench();
    bench.succeed(Action::Login, ALICE, address(1)).await;
    bench.clock.advance(seconds(30 * 86_400) - Duration::from_millis(1));
    bench.fail_often(5, ALICE, address(2)).await;
    assert_eq!(bench.fail(Action::Login, ALICE, address(1)).await, None);
    bench.clock.advance(Duration::from_millis(1));
    assert_eq!(bench.fail(Action::Login, ALICE, address(1)).await, Some(1));
}

#[tokio::test]
async fn actions_are_counted_apart() {
    let bench = bench();
    bench.fail_often(5, ALICE, address(1)).await;
    assert_eq!(bench.fail(Action::Login, ALICE, address(1)).await, Some(1));
    for action in [Action::SecondFactor, Action::PasswordReset] {
        for _ in 0..5 {
            assert_eq!(bench.fail(action, ALICE, address(1)).await, None);
        }
        assert_eq!(bench.fail(action, ALICE, address(1)).await, Some(1));
    }
}

#[tokio::test]
async fn a_known_password_gives_no_guesses_at_the_second_factor() {
    let bench = bench();
    for number in 0..5 {
        bench.succeed(Action::Login, ALICE, address(number)).await;
        assert_eq!(bench.fail(Action::SecondFactor, ALICE, address(number)).await, None);
    }
    bench.succeed(Action::Login, ALICE, address(5)).await;
    assert_eq!(bench.fail(Action::SecondFactor, ALICE, address(5)).await, Some(1));
}

#[tokio::test]
async fn a_login_vouches_for_a_reset_but_a_reset_for_nothing() {
    let bench = bench();
    bench.succeed(Action::Login, ALICE, address(1)).await;
    for number in 2..7 {
        assert_eq!(bench.fail(Action::PasswordReset, ALICE, address(number)).await, None);
    }
    assert_eq!(bench.fail(Action::PasswordReset, ALICE, address(8)).await, Some(1));
    assert_eq!(bench.fail(Action::PasswordReset, ALICE, address(1)).await, None);
    bench.succeed(Action::PasswordReset, "bob@example.com", address(9)).await;
    bench.fail_often(5, "bob@example.com", address(10)).await;
    assert_eq!(bench.fail(Action::Login, "bob@example.com", address(9)).await, Some(1));
}

#[tokio::test]
async fn counts_are_forgotten_after_their_window() {
    let bench = bench_with(&ThrottleSettings { address_attempts: 6, ..Default::default() });
    bench.fail_often(5, ALICE, address(1)).await;
    // The window began with the first attempt, and later ones do not prolong it.
    bench.clock.advance(seconds(3599));
    assert_eq!(bench.fail(Action::Login, "bob", address(1)).await, None);
    assert_eq!(bench.fail(Action::Login, "bob", address(1)).await, Some(1));
    bench.clock.advance(seconds(1));
    assert_eq!(bench.fail(Action::Login, "bob", address(1)).await, None);
    assert_eq!(bench.fail(Action::Login, "bob", address(1)).await, None);

    bench.clock.advance(seconds(86_400 - 3600 - 1));
    assert_eq!(bench.fail(Action::Login, ALICE, address(2)).await, None);
    assert_eq!(bench.fail(Action::Login, ALICE, address(2)).await, Some(2));
    bench.clock.advance(seconds(2));
    bench.fail_often(5, ALICE, address(3)).await;
}

#[tokio::test]
async fn a_jump_of_the_wall_clock_changes_nothing() {
    let bench = bench();
    bench.fail_often(5, ALICE, address(1)).await;
    for year in [2, 4_000_000_000] {
        bench.clock.jump_to(Timestamp::from_second(year).unwrap());
        assert_eq!(bench.fail(Action::Login, ALICE, address(1)).await, Some(1));
    }
    bench.clock.advance(seconds(1));
    assert_eq!(bench.fail(Action::Login, ALICE, address(1)).await, None);
}

#[tokio::test]
async fn without_room_nobody_gets_in_uncounted() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let settings = CacheSettings { max_kept_bytes: ByteSize::kib(16), ..Default::default() };
    let cache = MemoryCache::shared(&settings, Arc::new(Arc::clone(&clock)));
    let throttle = Throttle::new(&ThrottleSettings::default(), cache, SystemRandom::shared()).unwrap();
    let mut kinds = BTreeSet::new();
    for number in 0..1000 {
        if let Err(error) = throttle.attempt(Action::Login, &format!("user-{number}"), address(number)).await {
            kinds.insert(error.kind().code());
        }
    }
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["overloaded"]);
}

#[tokio::test]
async fn throttles_with_one_key_count_together_and_with_their_own_apart() {
    let key = archirust_core::secret::StrongKey::parse("mJ8C0WvEoO1lZqzJ9dG0eQ2Yx5rTtUuN3kS7hPaVbLc=").unwrap();
    for (key, together) in [(Some(key), true), (None, false)] {
        let settings = ThrottleSettings { key, ..Default::default() };
        let bench = bench_with(&settings);
        let other = Throttle::new(&settings, Arc::clone(&bench.cache), SystemRandom::shared()).unwrap();
        bench.fail_often(5, ALICE, address(1)).await;
        assert_eq!(other.attempt(Action::Login, ALICE, address(1)).await.is_err(), together);
    }
}

#[tokio::test]
async fn settings_that_do_not_go_together_are_refused() {
    let settings = ThrottleSettings { account_delay: seconds(2), account_max_delay: seconds(1), ..Default::default() };
    let cache = MemoryCache::shared(&CacheSettings::default(), Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH)));
    let error = Throttle::new(&settings, cache, SystemRandom::shared()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn nothing_of_an_account_is_shown() {
    let bench = bench();
    let attempt = bench.throttle.attempt(Action::Login, ALICE, address(1)).await.unwrap();
    assert_eq!(format!("{attempt:?}"), "Attempt { action: Login, .. }");
    let shown = format!("{:?}", bench.throttle);
    assert!(shown.starts_with("Throttle { account: Delays { free: 5, ") && !shown.contains("key"), "{shown}");
}

#[tokio::test]
async fn what_is_taken_back_after_the_window_gives_no_free_attempts() {
    let bench = bench_with(&ThrottleSettings { address_attempts: 2, ..Default::default() });
    let mut attempts = Vec::new();
    for account in 0..2 {
        attempts.push(bench.throttle.attempt(Action::Login, &format!("own-{account}"), address(1)).await.unwrap());
    }
    bench.clock.advance(seconds(3600));
    for attempt in attempts {
        attempt.succeeded().await.unwrap();
    }
    assert_eq!(bench.fail(Action::Login, "a", address(1)).await, None);
    assert_eq!(bench.fail(Action::Login, "b", address(1)).await, None);
    assert_eq!(bench.fail(Action::Login, "c", address(1)).await, Some(1));
}

#[tokio::test]
async fn success_opens_the_gate_of_its_own_attempt_and_no_other() {
    let bench = bench_with(&ThrottleSettings { address_attempts: 1, ..Default::default() });
    let own = bench.throttle.attempt(Action::Login, "own", address(1)).await.unwrap();
    own.succeeded().await.unwrap();
    bench.clock.advance(Duration::from_millis(1));
    // Its delay is over, and the level is where it was.
    let slow = bench.throttle.attempt(Action::Login, "slow", address(1)).await.unwrap();
    assert_eq!(bench.fail(Action::Login, "a", address(1)).await, Some(1));
    bench.clock.advance(seconds(1));
    // Another attempt shuts the gate while the first is still being verified.
    assert_eq!(bench.fail(Action::Login, "b", address(1)).await, None);
    slow.succeeded().await.unwrap();
    bench.clock.advance(Duration::from_millis(1));
    assert_eq!(bench.fail(Action::Login, "c", address(1)).await, Some(2));
}

#[tokio::test]
async fn success_opens_the_gate_of_the_account_for_all() {
    let bench = bench();
    bench.fail_often(4, ALICE, address(1)).await;
    let slow = bench.throttle.attempt(Action::Login, ALICE, address(2)).await.unwrap();
    bench.clock.advance(seconds(1));
    assert_eq!(bench.fail(Action::Login, ALICE, address(3)).await, None);
    assert_eq!(bench.fail(Action::Login, ALICE, address(3)).await, Some(2));
    slow.succeeded().await.unwrap();
    bench.fail_often(5, ALICE, address(3)).await;
    assert_eq!(bench.fail(Action::Login, ALICE, address(3)).await, Some(1));
}
