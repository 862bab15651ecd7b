//! What goes on at a connection, so that one timer can tell when it has to end.
//!
//! hyper can time out headers too, at the price of a timer per request. Here a request costs two stores; the only timer of a
//! connection sleeps until the earliest moment at which anything could be over, and looks again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// How long a quiet connection is kept when the service stops: a request that was sent before the client could know still
/// gets its answer.
pub(super) const LINGER: Duration = Duration::from_millis(500);

/// The limits in time of one connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    pub(super) header: Duration,
    pub(super) idle: Duration,
}

/// The state of one connection.
#[derive(Debug)]
pub(super) struct Activity {
    opened: Instant,
    /// Requests that are being worked on, answers that are being made included.
    active: AtomicUsize,
    /// When the connection last fell silent, in nanoseconds since it was opened.
    idle_since: AtomicU64,
    /// When the first byte of a request came whose headers are not complete; zero for none.
    header_since: AtomicU64,
    /// When the service began to stop; zero for not yet.
    closing_since: AtomicU64,
    multiplexed: AtomicBool,
}

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            opened: Instant::now(),
            active: AtomicUsize::new(0),
            idle_since: AtomicU64::new(0),
            header_since: AtomicU64::new(0),
            closing_since: AtomicU64::new(0),
            multiplexed: AtomicBool::new(false),
        })
    }

    /// HTTP/2: bytes come and go without requests (pings, settings), so they tell nothing.
    pub(super) fn set_multiplexed(&self) {
        self.multiplexed.store(true, Ordering::Relaxed);
    }

    pub(super) fn received(&self) {
        if !self.is_multiplexed() && self.active.load(Ordering::Relaxed) == 0 {
            let _ = self.header_since.compare_exchange(0, self.now(), Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    pub(super) fn sent(&self) {
        if !self.is_multiplexed() {
            self.idle_since.store(self.now(), Ordering::Relaxed);
        }
    }

    pub(super) fn begin(self: &Arc<Self>) -> Active {
        self.active.fetch_add(1, Ordering::Relaxed);
        self.header_since.store(0, Ordering::Relaxed);
        Active(self.clone())
    }

    pub(super) fn close(&self) {
        self.closing_since.store(self.now(), Ordering::Relaxed);
    }

    /// When it has to be looked at again, or `None` if the connection is over now.
    pub(super) fn look_again(&self, patience: Patience) -> Option<Instant> {
        let now = Instant::now();
        if self.active.load(Ordering::Relaxed) > 0 {
            // Not over before it has been silent for a while from now on.
            return Some(now + self.shortest(patience));
        }
        let header_since = self.header_since.load(Ordering::Relaxed);
        let over =
            if header_since == 0 { self.silent_until(patience) } else { self.at(header_since) + patience.header };
        (now < over).then(|| over.min(now + self.shortest(patience)))
    }

    fn silent_until(&self, patience: Patience) -> Instant {
        let idle_since = self.idle_since.load(Ordering::Relaxed);
        match self.closing_since.load(Ordering::Relaxed) {
            0 => self.at(idle_since) + patience.idle,
            closing => self.at(idle_since.max(closing)) + patience.idle.min(LINGER),
        }
    }

    fn shortest(&self, patience: Patience) -> Duration {
        let shortest = patience.header.min(patience.idle);
        if self.closing_since.load(Ordering::Relaxed) == 0 { shortest } else { shortest.min(LINGER) }
    }

    fn is_multiplexed(&self) -> bool {
        self.multiplexed.load(Ordering::Relaxed)
    }

    fn at(&self, nanos: u64) -> Instant {
        self.opened + Duration::from_nanos(nanos)
    }

    /// Never zero, which stands for "not".
    fn now(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_nanos()).unwrap_or(u64::MAX).max(1)
    }
}

/// A request that is being worked on.
#[derive(Debug)]
pub(super) struct Active(Arc<Activity>);

impl Drop for Active {
    fn drop(&mut self) {
        self.0.idle_since.store(self.0.now(), Ordering::Relaxed);
        self.0.active.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const PATIENCE: Patience = Patience { header: Duration::from_secs(10), idle: Duration::from_secs(60) };

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_connection_is_over_after_the_idle_time_and_not_before() {
        let activity = Activity::new();
        advance(seconds(60) - Duration::from_nanos(1)).await;
        assert!(activity.look_again(PATIENCE).is_some());
        advance(Duration::from_nanos(1)).await;
        assert!(activity.look_again(PATIENCE).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn headers_have_their_own_time_however_many_bytes_come() {
        let activity = Activity::new();
        advance(seconds(5)).await;
        activity.received();
        for _ in 0..9 {
            advance(seconds(1)).await;
            activity.received();
            assert!(activity.look_again(PATIENCE).is_some());
        }
        advance(seconds(1)).await;
        assert!(activity.look_again(PATIENCE).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_at_work_keeps_the_connection() {
        let activity = Activity::new();
        activity.received();
        let active = activity.begin();
        advance(seconds(1000)).await;
        activity.received();
        assert!(activity.look_again(PATIENCE).is_some());
        drop(active);
        advance(seconds(59)).await;
        assert!(activity.look_again(PATIENCE).is_some());
        advance(seconds(1)).await;
        assert!(activity.look_again(PATIENCE).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_still_being_read_keeps_the_connection() {
        let activity = Activity::new();
        for _ in 0..10 {
            advance(seconds(59)).await;
            activity.sent();
        }
        assert!(activity.look_again(PATIENCE).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn pings_do_not_keep_a_multiplexed_connection() {
        let activity = Activity::new();
        activity.set_multiplexed();
        for _ in 0..6 {
            advance(seconds(10)).await;
            activity.received();
            activity.sent();
        }
        assert!(activity.look_again(PATIENCE).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stopping_service_waits_a_moment_for_requests_on_their_way() {
        let activity = Activity::new();
        advance(seconds(30)).await;
        activity.close();
        assert!(activity.look_again(PATIENCE).is_some());
        advance(LINGER - Duration::from_millis(1)).await;
        let active = activity.begin();
        advance(seconds(5)).await;
        assert!(activity.look_again(PATIENCE).is_some());
        drop(active);
        advance(LINGER - Duration::from_millis(1)).await;
        assert!(activity.look_again(PATIENCE).is_some());
        advance(Duration::from_millis(1)).await;
        assert!(activity.look_again(PATIENCE).is_none());
    }
}
