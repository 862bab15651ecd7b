use archirust_core::ErrorKind;
use proptest::prelude::*;

use super::*;

fn quota(count: u32, period: Duration) -> Quota {
    Quota::new(count, period).unwrap()
}

#[test]
fn a_quota_has_two_ends() {
    let second = Duration::from_secs(1);
    let micro = Duration::from_micros(1);
    assert!(Quota::new(1_000_000, second).is_ok());
    assert!(Quota::new(0, second).is_err() && Quota::new(1_000_001, second).is_err());
    assert!(Quota::new(1, Duration::ZERO).is_err());
    let year = Duration::from_micros(MAX_WINDOW_MICROS);
    assert!(Quota::new(1, year).is_ok() && Quota::new(1, year + micro).is_err());
    assert!(quota(1, year / 2).with_burst(2).is_ok() && quota(1, year / 2 + micro).with_burst(2).is_err());
    assert!(Quota::new(2, year + micro).unwrap_err().kind() == ErrorKind::InvalidInput);
    assert!(quota(1, second).with_burst(0).is_err());
}

#[test]
fn a_period_that_does_not_divide_is_rounded_against_the_caller() {
    assert_eq!(quota(3, Duration::from_secs(1)).interval(), Duration::from_micros(333_334));
    assert_eq!(quota(4, Duration::from_secs(1)).interval(), Duration::from_micros(250_000));
}

#[test]
fn a_quota_reads_what_it_writes() {
    for text in ["100/1m", "5/15m burst 20", "1/500ms", "1000000/1s burst 1", "7/1h 30m"] {
        let read: Quota = text.parse().unwrap();
        assert_eq!(read.to_string().parse::<Quota>().unwrap(), read, "{text}");
    }
    let read: Quota = " 5 / 15m burst 20 ".parse().unwrap();
    assert_eq!((read.count(), read.period(), read.burst()), (5, Duration::from_secs(900), 20));
    assert_eq!(read.to_string(), "5/15m burst 20");
    assert_eq!("9/1m".parse::<Quota>().unwrap().burst(), 9);
    for text in ["", "100", "100/", "/1m", "x/1m", "-1/1m", "100/60", "0/1m", "5/1m burst", "5/1m burst 0", "5/1m, 20"]
    {
        assert!(text.parse::<Quota>().is_err(), "{text}");
    }
}

#[test]
fn a_burst_passes_and_the_next_waits_for_its_interval() {
    let quota = quota(3, Duration::from_secs(3));
    let mut arrival = 0;
    for remaining in [2, 1, 0] {
        let (decision, next) = gcra(arrival, 10, &quota, 1).unwrap();
        assert!(decision.allowed && decision.retry_after.is_zero());
        assert_eq!((decision.limit, decision.remaining), (3, remaining));
        assert_eq!(decision.reset_after, Duration::from_secs(u64::from(3 - remaining)));
        arrival = next;
    }
    let (refused, unchanged) = gcra(arrival, 11, &quota, 1).unwrap();
    assert_eq!(unchanged, arrival);
    assert_eq!(
        refused,
        Decision {
            allowed: false,
            limit: 3,
            remaining: 0,
            retry_after: Duration::from_micros(999_999),
            reset_after: Duration::from_micros(2_999_999),
        }
    );
    assert!(!gcra(arrival, 1_000_009, &quota, 1).unwrap().0.allowed);
    assert!(gcra(arrival, 1_000_010, &quota, 1).unwrap().0.allowed);
}

#[test]
fn asking_costs_nothing() {
    let quota = quota(2, Duration::from_secs(2));
    let (full, arrival) = gcra(0, 5, &quota, 0).unwrap();
    assert_eq!((full.allowed, full.remaining, full.reset_after, arrival), (true, 2, Duration::ZERO, 5));
    let (_, spent) = gcra(0, 5, &quota, 2).unwrap();
    let (empty, same) = gcra(spent, 5, &quota, 0).unwrap();
    assert_eq!((empty.remaining, same), (0, spent));
}

#[test]
fn a_cost_above_the_burst_is_an_error_and_not_a_wait_for_ever() {
    let quota = quota(2, Duration::from_secs(2));
    assert!(gcra(0, 0, &quota, 2).is_ok());
    assert_eq!(gcra(0, 0, &quota, 3).unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[test]
fn state_from_before_a_restart_shuts_nobody_out_for_longer_than_a_window() {
    let quota = quota(1, Duration::from_secs(60));
    let (decision, _) = gcra(u64::MAX / 4, 1_000, &quota, 1).unwrap();
    assert_eq!((decision.allowed, decision.retry_after), (false, Duration::from_secs(60)));
}

/// A bucket of tokens, in parts of which `interval` make one: fills by one part a microsecond. The textbook's dual of GCRA.
struct Bucket {
    parts: u64,
    last: u64,
}

impl Bucket {
    fn ask(&mut self, now: u64, interval: u64, burst: u64, cost: u64) -> (bool, u64) {
        self.parts = (self.parts + (now - self.last)).min(interval * burst);
        self.last = now;
        let allowed = self.parts >= cost * interval;
        if allowed {
            self.parts -= cost * interval;
        }
        (allowed, self.parts / interval)
    }
}

fn quotas() -> impl Strategy<Value = Quota> {
    (1..50_u32, 50..5_000_u64, 1..20_u32)
        .prop_map(|(count, period, burst)| quota(count, Duration::from_micros(period)).with_burst(burst).unwrap())
}

fn calls() -> impl Strategy<Value = Vec<(u64, u32)>> {
    proptest::collection::vec((prop_oneof![Just(0), 0..60_u64, 0..20_000_u64], 0..4_u32), 1..120)
}

proptest! {
    #[test]
    fn gcra_decides_as_a_bucket_of_tokens(quota in quotas(), calls in calls()) {
        let (interval, burst) = (quota.interval_micros(), u64::from(quota.burst()));
        let mut bucket = Bucket { parts: interval * burst, last: 0 };
        let (mut now, mut arrival) = (0, 0);
        for (wait, cost) in calls {
            now += wait;
            let cost = cost.min(quota.burst());
            let (decision, next) = gcra(arrival, now, &quota, cost).unwrap();
            let (allowed, remaining) = bucket.ask(now, interval, burst, u64::from(cost));
            prop_assert_eq!((decision.allowed, u64::from(decision.remaining)), (allowed, remaining));
            prop_assert_eq!(decision.reset_after, Duration::from_micros(interval * burst - bucket.parts));
            arrival = next;
        }
    }

    #[test]
    fn no_stretch_of_time_lets_more_through_than_burst_and_rate(quota in quotas(), calls in calls()) {
        let (mut now, mut arrival) = (0, 0);
        let mut passed: Vec<(u64, u64)> = Vec::new();
        for (wait, cost) in calls {
            now += wait;
            let cost = cost.min(quota.burst());
            let (decision, next) = gcra(arrival, now, &quota, cost).unwrap();
            arrival = next;
            if decision.allowed {
                passed.push((now, u64::from(cost)));
            }
        }
        for first in 0..passed.len() {
            let mut sum = 0;
            for (at, cost) in &passed[first..] {
                sum += cost;
                let elapsed = at - passed[first].0;
                prop_assert!(sum * quota.interval_micros() <= quota.window_micros() + elapsed);
            }
        }
    }

    #[test]
    fn who_waits_as_told_is_served_and_not_a_microsecond_before(quota in quotas(), calls in calls()) {
        let (mut now, mut arrival) = (0, 0);
        for (wait, cost) in calls {
            now += wait;
            let cost = cost.min(quota.burst());
            let (decision, next) = gcra(arrival, now, &quota, cost).unwrap();
            if !decision.allowed {
                let then = now + u64::try_from(decision.retry_after.as_micros()).unwrap();
                prop_assert!(then > now);
                prop_assert!(gcra(next, then, &quota, cost).unwrap().0.allowed);
                prop_assert!(!gcra(next, then - 1, &quota, cost).unwrap().0.allowed);
            }
            arrival = next;
        }
    }

    #[test]
    fn all_numbers_stay_exact_in_double_precision(count in 1..=u32::MAX, period in 1..=MAX_WINDOW_MICROS, burst in 1..=u32::MAX) {
        // The year 2200 in microseconds, as a server's clock gives it.
        let now = 7_258_118_400_000_000_u64;
        if let Ok(quota) = Quota::new(count, Duration::from_micros(period)).and_then(|quota| quota.with_burst(burst)) {
            let (_, arrival) = gcra(now + quota.window_micros(), now, &quota, 0).unwrap();
            prop_assert!(arrival + quota.window_micros() < 1 << 53);
        }
    }
}
