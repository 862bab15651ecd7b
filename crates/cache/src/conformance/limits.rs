//! Rate limits.

use std::time::Duration;

use archirust_core::ErrorKind::InvalidInput;

use super::{HOUR, Rig, about, at_once, refused, short};
use crate::port::Retention::Kept;
use crate::quota::{Decision, Quota};

/// As long as it was told, and not much longer.
pub async fn a_burst_passes_and_the_next_waits(rig: &dyn Rig) {
    let cache = rig.cache();
    let quota = Quota::new(3, short(rig) * 3).unwrap();
    for remaining in [2, 1, 0] {
        let decision = cache.rate_limit("k", &quota, 1).await.unwrap();
        assert!(decision.allowed && decision.retry_after.is_zero(), "{decision:?}");
        assert_eq!((decision.limit, decision.remaining), (3, remaining));
        about(rig, decision.reset_after, short(rig) * (3 - remaining));
    }
    let decision = cache.rate_limit("k", &quota, 1).await.unwrap();
    assert!(!decision.allowed && decision.remaining == 0, "{decision:?}");
    about(rig, decision.retry_after, short(rig));
    about(rig, decision.reset_after, short(rig) * 3);

    rig.advance(decision.retry_after.saturating_sub(rig.margin())).await;
    assert!(!cache.rate_limit("k", &quota, 1).await.unwrap().allowed);
    rig.advance(rig.margin()).await;
    assert!(cache.rate_limit("k", &quota, 1).await.unwrap().allowed);
    assert!(!cache.rate_limit("k", &quota, 1).await.unwrap().allowed);
}

/// Who keeps knocking is not kept out for longer.
pub async fn what_is_refused_costs_nothing(rig: &dyn Rig) {
    let cache = rig.cache();
    let quota = Quota::new(4, HOUR).unwrap();
    assert_eq!(cache.rate_limit("k", &quota, 3).await.unwrap().remaining, 1);
    for _ in 0..20 {
        let decision = cache.rate_limit("k", &quota, 2).await.unwrap();
        assert!(!decision.allowed);
        assert_eq!(decision.remaining, 1);
        about(rig, decision.retry_after, HOUR / 4);
    }
    assert!(cache.rate_limit("k", &quota, 1).await.unwrap().allowed);
}

/// A cost of zero looks and leaves no trace.
pub async fn asking_costs_nothing(rig: &dyn Rig) {
    let cache = rig.cache();
    let quota = Quota::new(2, HOUR).unwrap();
    let untouched =
        Decision { allowed: true, limit: 2, remaining: 2, retry_after: Duration::ZERO, reset_after: Duration::ZERO };
    for _ in 0..5 {
        assert_eq!(cache.rate_limit("k", &quota, 0).await.unwrap(), untouched);
    }
    assert!(!cache.reset_rate_limit("k").await.unwrap());
    assert_eq!(cache.rate_limit("k", &quota, 2).await.unwrap().remaining, 0);
    let empty = cache.rate_limit("k", &quota, 0).await.unwrap();
    assert!(empty.allowed && empty.remaining == 0, "{empty:?}");
    about(rig, empty.reset_after, HOUR);
}

/// It could never be allowed, and must not look like a wait.
pub async fn a_cost_above_the_burst_is_an_error(rig: &dyn Rig) {
    let cache = rig.cache();
    let quota = Quota::new(10, HOUR).unwrap().with_burst(2).unwrap();
    refused(cache.rate_limit("k", &quota, 3).await, InvalidInput);
    assert!(cache.rate_limit("k", &quota, 2).await.unwrap().allowed);
}

/// And no more than everything.
pub async fn silence_pays_everything_back(rig: &dyn Rig) {
    let cache = rig.cache();
    let quota = Quota::new(2, short(rig) * 2).unwrap();
    assert_eq!(cache.rate_limit("k", &quota, 2).await.unwrap().remaining, 0);
    for silence in [short(rig) * 2, short(rig) * 20] {
        rig.advance(silence).await;
        assert_eq!(cache.rate_limit("k", &quota, 0).await.unwrap().remaining, 2);
        assert_eq!(cache.rate_limit("k", &quota, 2).await.unwrap().remaining, 0);
    }
}

/// After a login that worked.
pub async fn a_limit_is_forgotten_on_demand(rig: &dyn Rig) {
    let cache = rig.cache();
    let quota = Quota::new(1, HOUR).unwrap();
    assert!(cache.rate_limit("k", &quota, 1).await.unwrap().allowed);
    assert!(cache.rate_limit("l", &quota, 1).await.unwrap().allowed);
    assert!(cache.reset_rate_limit("k").await.unwrap());
    assert!(!cache.reset_rate_limit("k").await.unwrap());
    assert!(cache.rate_limit("k", &quota, 1).await.unwrap().allowed);
    assert!(!cache.rate_limit("l", &quota, 1).await.unwrap().allowed);
}

/// A key and a limit of the same name don't meet.
pub async fn limits_are_no_values(rig: &dyn Rig) {
    let cache = rig.cache();
    let quota = Quota::new(1, HOUR).unwrap();
    assert!(cache.rate_limit("k", &quota, 1).await.unwrap().allowed);
    assert_eq!(cache.get("k").await.unwrap(), None);
    assert!(!cache.delete("k").await.unwrap());
    cache.set("k", b"1", HOUR, Kept).await.unwrap();
    assert!(!cache.rate_limit("k", &quota, 1).await.unwrap().allowed);
    assert!(cache.reset_rate_limit("k").await.unwrap());
    assert_eq!(cache.get("k").await.unwrap().as_deref(), Some(&b"1"[..]));
}

/// Not one more, not one less, each with a remainder of its own.
pub async fn concurrent_callers_get_exactly_the_burst(rig: &dyn Rig) {
    let cache = rig.cache();
    let quota = Quota::new(50, HOUR).unwrap();
    let decisions = at_once(200, |_| {
        let cache = cache.clone();
        async move { cache.rate_limit("k", &quota, 1).await.unwrap() }
    });
    let decisions = decisions.await;
    let mut remaining: Vec<_> = decisions.iter().filter(|decision| decision.allowed).map(|d| d.remaining).collect();
    remaining.sort_unstable();
    assert_eq!(remaining, (0..50).collect::<Vec<_>>());
    assert!(decisions.iter().all(|decision| decision.allowed == decision.retry_after.is_zero()));
}
