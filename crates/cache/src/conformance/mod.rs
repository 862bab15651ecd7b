//! What every engine promises, as tests: one function a promise.
//!
//! An engine's test file says how to get an empty cache and how to let its time pass, and gets one test for each:
//!
//! ```ignore
//! archirust_cache::conformance!(|| async { MyRig::start().await });
//! ```
//!
//! Compiled with the feature `testing` only: it panics where a promise is broken, which has no place in a service.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

pub mod counters;
pub mod limits;
pub mod locks;
pub mod typed;
pub mod values;

use std::future::Future;
use std::time::Duration;

use archirust_core::{ErrorKind, Result};
use async_trait::async_trait;
use tokio::task::JoinSet;

use crate::key::MAX_KEY_BYTES;
use crate::port::SharedCache;

/// An engine under test.
#[async_trait]
pub trait Rig: Send + Sync {
    /// The cache: always the same one, empty at the start, used by no other test.
    fn cache(&self) -> SharedCache;

    /// Lets the engine's time go on by at least `by`: moves an injected clock, or waits until a server's clock has moved.
    async fn advance(&self, by: Duration);

    /// How much later than asked an operation may run: one millisecond with an injected clock, more with a server.
    fn margin(&self) -> Duration;

    /// The longest value that is accepted, in bytes.
    fn max_value_bytes(&self) -> usize;

    /// The longest key that is accepted, in bytes: shorter for a part of a larger cache.
    fn max_key_bytes(&self) -> usize {
        MAX_KEY_BYTES
    }
}

/// Makes one test of each promise: takes a function without arguments whose future gives a [`Rig`].
#[macro_export]
macro_rules! conformance {
    ($rig:expr) => {
        $crate::__conformance_tests! { $rig =>
            values: a_missing_key_has_no_value;
            values: a_value_comes_back_byte_for_byte;
            values: a_value_is_there_until_its_time_is_over;
            values: writing_again_starts_a_new_time;
            values: a_value_has_one_retention_at_a_time;
            values: setting_if_absent_never_overwrites;
            values: one_of_many_sets_if_absent;
            values: comparing_and_setting_needs_the_expected_bytes;
            values: one_of_many_compares_and_sets;
            values: a_value_is_taken_once;
            values: deleting_says_whether_there_was_something;
            values: many_keys_are_answered_in_their_order;
            values: many_values_are_checked_before_the_first_is_written;
            values: keys_that_are_not_accepted_are_refused_everywhere;
            values: times_that_are_not_accepted_are_refused_everywhere;
            values: a_value_that_is_too_large_is_refused_everywhere;
            values: the_remaining_time_counts_down;
            values: an_engine_that_works_answers_a_ping;
            counters: increments_sum_exactly;
            counters: the_time_of_a_counter_starts_with_its_first_increment;
            counters: a_counter_reads_as_decimal_digits;
            counters: what_is_no_counter_is_not_counted;
            counters: a_counter_stops_at_the_ends_of_its_range;
            locks: one_of_many_takes_a_lock;
            locks: a_lock_is_free_after_its_time;
            locks: tokens_grow_whatever_happens_between;
            locks: a_renewed_lock_is_held_for_its_new_time;
            locks: a_lost_lock_is_reported_and_its_new_holder_left_alone;
            locks: a_lock_that_ran_out_is_lost_even_if_nobody_took_it;
            locks: a_lock_is_freed_once;
            locks: holders_follow_one_another_with_growing_tokens;
            locks: locks_are_no_values;
            locks: a_dropped_guard_frees_its_lock;
            locks: a_guard_reports_a_lost_lock;
            limits: a_burst_passes_and_the_next_waits;
            limits: what_is_refused_costs_nothing;
            limits: asking_costs_nothing;
            limits: a_cost_above_the_burst_is_an_error;
            limits: silence_pays_everything_back;
            limits: a_limit_is_forgotten_on_demand;
            limits: limits_are_no_values;
            limits: concurrent_callers_get_exactly_the_burst;
            typed: values_keep_their_type;
            typed: a_hundred_callers_load_once;
            typed: a_loaded_value_is_loaded_again_after_its_time;
            typed: an_error_reaches_everyone_who_waits_and_is_not_kept;
            typed: a_cancelled_load_is_taken_over;
            typed: a_panicking_load_is_taken_over;
            typed: nothing_outdated_is_kept_after_a_delete;
            typed: an_outdated_load_leaves_the_next_one_alone;
            typed: a_load_does_not_overwrite_what_was_set_meanwhile;
            typed: jitter_shortens_the_time;
        }
    };
}

/// The tests behind [`conformance!`].
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_tests {
    ($rig:expr => $($module:ident: $case:ident;)+) => {
        /// Every promise that has a test here.
        #[allow(dead_code, reason = "an engine may check that no promise is left out")]
        const CONFORMANCE: &[(&str, &str)] = &[$((stringify!($module), stringify!($case))),+];

        $(
            #[::tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let rig = ($rig)().await;
                $crate::conformance::$module::$case(&rig).await;
            }
        )+
    };
}

/// Runs `count` tasks at once and gives their results.
async fn at_once<T, F>(count: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for number in 0..count {
        tasks.spawn(task(number));
    }
    tasks.join_all().await
}

/// Asserts that something was refused, and why.
#[track_caller]
fn refused<T>(result: Result<T>, kind: ErrorKind) {
    match result {
        Ok(_) => panic!("accepted, where {} was due", kind.code()),
        Err(error) => assert_eq!(error.kind(), kind, "{}", error.report()),
    }
}

/// Asserts that a time is what it should be, or shorter by no more than the rig is late.
#[track_caller]
fn about(rig: &dyn Rig, actual: Duration, expected: Duration) {
    let least = expected.saturating_sub(rig.margin());
    assert!((least..=expected).contains(&actual), "{actual:?} is not within {least:?} and {expected:?}");
}

/// A time to live that is long beside the margin.
fn short(rig: &dyn Rig) -> Duration {
    rig.margin() * 10
}

/// A time to live that is not over within a test.
const HOUR: Duration = Duration::from_secs(3600);
