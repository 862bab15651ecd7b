//! What every engine promises: one function per promise, each given a fresh, empty database.
//!
//! [`conformance!`](crate::conformance!) makes a test of each, so that an engine can't leave one out:
//!
//! ```text
//! async fn fresh(name: &str) -> Database { /* a new database, or an emptied one, for the promise of this name */ }
//! archirust_sql::conformance!(fresh);
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "the functions are tests, and say what they promise by name"
)]

pub mod concurrency;
pub mod errors;
pub mod listing;
pub mod repository;
pub mod schema;
pub mod scopes;
pub mod unit_of_work;

use std::pin::Pin;
use std::task::{Context, Poll};

/// Tests of all promises; `fresh` is an async function that gives a new database for the promise that it is told.
#[macro_export]
macro_rules! conformance {
    ($fresh:expr) => {
        $crate::conformance! { @modules $fresh;
            unit_of_work: [
                what_succeeds_is_saved,
                what_fails_is_not_saved,
                a_panic_saves_nothing_and_the_next_unit_works,
                a_dropped_unit_saves_nothing_and_the_next_one_works,
                a_unit_dropped_at_any_moment_saves_all_or_nothing,
                a_hundred_failures_leave_every_connection_free,
                a_unit_within_a_unit_is_refused_at_once,
                a_read_outside_of_an_open_unit_is_refused_in_its_task,
                what_waits_for_the_commit_runs_after_it_and_only_then,
                all_rows_of_a_unit_have_its_time,
                a_snapshot_can_not_write,
                a_plain_read_can_not_write,
                the_database_answers_a_check,
                a_closed_database_says_so,
            ];
            scopes: [
                a_scope_that_fails_is_undone_alone,
                a_scope_that_succeeds_ends_with_its_unit,
                scopes_nest,
                a_scope_dropped_at_any_moment_loses_nothing_silently,
                a_hook_of_a_failed_scope_never_runs,
            ];
            concurrency: [
                concurrent_statements_of_one_unit_are_all_saved,
                concurrent_units_lose_no_update,
                nobody_sees_what_is_not_committed,
                a_snapshot_sees_one_state,
                of_two_changes_of_the_same_version_one_wins,
                a_collision_is_run_again_only_where_that_is_allowed,
                work_that_always_collides_is_given_up,
            ];
            repository: [
                keys_are_made_and_sort_by_time,
                a_new_row_has_times_authors_and_version,
                a_change_counts_and_keeps_who_and_when,
                a_change_of_an_old_version_is_a_conflict,
                a_change_of_what_is_not_there_is_not_found,
                a_change_without_its_version_is_a_defect,
                a_deleted_row_is_hidden_unless_asked_for,
                a_deletion_can_be_taken_back,
                what_is_removed_for_good_is_gone,
                many_rows_are_added_at_once,
                times_come_back_to_the_microsecond,
            ];
            listing: [
                walking_the_pages_meets_every_row_once_in_order,
                rows_that_come_and_go_disturb_no_one_else,
                a_search_takes_its_text_literally,
                a_search_takes_no_notice_of_case,
                pages_can_be_skipped,
                a_list_can_be_filtered_and_counted,
                a_list_can_be_narrowed_to_a_range,
                a_list_that_names_unknown_columns_is_a_defect,
            ];
            errors: [
                a_value_that_is_taken_names_its_field,
                a_value_that_is_missing_names_its_field,
                what_others_refer_to_is_kept,
                no_value_gets_into_an_error,
                a_broken_query_is_an_internal_matter,
            ];
        }
    };
    (@modules $fresh:expr; $($module:ident: [$($promise:ident,)+];)+) => {
        $(mod $module {
            #[allow(unused_imports, reason = "the factory may be named without a path")]
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $promise() {
                    let db = $fresh(concat!(stringify!($module), ".", stringify!($promise))).await;
                    $crate::conformance::schema::create(&db).await;
                    $crate::conformance::$module::$promise(db).await;
                }
            )+
        })+
    };
}

/// A future that is dropped after it was polled so many times.
pub(crate) struct DropAfter<F> {
    polls: u32,
    work: Option<Pin<Box<F>>>,
}

impl<F: Future> DropAfter<F> {
    pub(crate) fn polls(polls: u32, work: F) -> Self {
        Self { polls, work: Some(Box::pin(work)) }
    }
}

impl<F: Future> Future for DropAfter<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            self.work = None;
            return Poll::Ready(None);
        }
        self.polls -= 1;
        let Some(work) = &mut self.work else { return Poll::Ready(None) };
        let polled = work.as_mut().poll(cx).map(Some);
        if self.polls == 0 && polled.is_pending() {
            // Not at the next wake-up but now, in the middle of what it waits for.
            self.work = None;
            return Poll::Ready(None);
        }
        polled
    }
}
