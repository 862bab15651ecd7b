//! A few threads for hashing, with a bounded queue before them.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use archirust_core::{Clock, Error, ErrorKind, Result};
use parking_lot::{Condvar, Mutex};
use tokio::sync::{oneshot, watch};

use super::kdf::Memory;

/// What a job is thought to take until the first has been measured.
const FIRST_GUESS: Duration = Duration::from_millis(50);

/// The threads. They end when this is dropped.
pub(super) struct Pool {
    shared: Arc<Shared>,
}

/// How busy the hashing threads are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Threads.
    pub threads: usize,
    /// Threads that are hashing.
    pub running: usize,
    /// Jobs that wait.
    pub waiting: usize,
    /// Jobs that may wait.
    pub capacity: usize,
}

struct Shared {
    clock: Arc<dyn Clock>,
    threads: usize,
    capacity: usize,
    state: Mutex<State>,
    /// Told when there is a job, and when there will be none any more.
    wake: Condvar,
    alive: watch::Sender<usize>,
}

struct State {
    jobs: VecDeque<Box<dyn Job>>,
    running: usize,
    closed: bool,
    /// How long a job takes, smoothed.
    average: Duration,
}

trait Job: Send {
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;

    fn run(self: Box<Self>, memory: &mut Memory);
}

struct Task<T, F> {
    work: F,
    reply: oneshot::Sender<T>,
}

impl<T: Send, F: FnOnce(&mut Memory) -> T + Send> Job for Task<T, F> {
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(self: Box<Self>, memory: &mut Memory) {
        // Whoever asked may be gone by now; then nobody needs the answer.
        let _ = self.reply.send((self.work)(memory));
    }
}

impl Pool {
    pub(super) fn start(threads: usize, capacity: usize, clock: Arc<dyn Clock>) -> Result<Self> {
        let state = State { jobs: VecDeque::new(), running: 0, closed: false, average: FIRST_GUESS };
        let pool = Self {
            shared: Arc::new(Shared {
                clock,
                threads,
                capacity,
                state: Mutex::new(state),
                wake: Condvar::new(),
                alive: watch::Sender::new(0),
            }),
        };
        for number in 0..threads {
            let worker = Worker::new(Arc::clone(&pool.shared));
            thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || worker.work())
                .map_err(|error| Error::internal("a hashing thread could not be started").with_source(error))?;
        }
        Ok(pool)
    }

    /// Runs `work` on one of the threads. When the future is dropped before its turn comes, the work is skipped.
    ///
    /// # Errors
    ///
    /// `Overloaded`, with the time to try again, when too many jobs wait; `Unavailable` after [`Pool::close`].
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.shared.submit(Box::new(Task { work, reply }))?;
        answer.await.map_err(|_| Error::internal("a hashing thread panicked"))
    }

    pub(super) fn load(&self) -> Load {
        let state = self.shared.state.lock();
        Load {
            threads: self.shared.threads,
            running: state.running,
            waiting: state.jobs.len(),
            capacity: self.shared.capacity,
        }
    }

    /// Takes no more jobs; those that wait are still done.
    pub(super) fn close(&self) {
        self.shared.state.lock().closed = true;
        self.shared.wake.notify_all();
    }

    /// Returns when the pool is closed and all of its threads have ended.
    pub(super) async fn ended(&self) {
        // The sender lives in `self`, so it can't be gone.
        let _ = self.shared.alive.subscribe().wait_for(|&alive| alive == 0).await;
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn submit(&self, job: Box<dyn Job>) -> Result<()> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(Error::new(ErrorKind::Unavailable).with_detail("the hashing threads are stopping"));
        }
        if state.jobs.len() >= self.capacity {
            state.jobs.retain(|job| !job.is_abandoned());
        }
        if state.jobs.len() >= self.capacity {
            let ahead = state.jobs.len() + state.running;
            return Err(Error::new(ErrorKind::Overloaded)
                .with_detail("too many passwords wait to be hashed")
                .with_retry_after(retry_after(ahead, self.threads, state.average)));
        }
        state.jobs.push_back(job);
        drop(state);
        self.wake.notify_one();
        Ok(())
    }

    /// The next job that somebody waits for; `None` when there will be none any more.
    fn next(&self) -> Option<Box<dyn Job>> {
        let mut state = self.state.lock();
        loop {
            match state.jobs.pop_front() {
                Some(job) if job.is_abandoned() => {}
                Some(job) => {
                    state.running += 1;
                    return Some(job);
                }
                None if state.closed => return None,
                None => self.wake.wait(&mut state),
            }
        }
    }

    fn finished(&self, took: Duration) {
        let mut state = self.state.lock();
        state.running -= 1;
        state.average = (state.average * 7 + took) / 8;
    }
}

struct Worker {
    shared: Arc<Shared>,
}

impl Worker {
    fn new(shared: Arc<Shared>) -> Self {
        shared.alive.send_modify(|alive| *alive += 1);
        Self { shared }
    }

    fn work(self) {
        let mut memory = Memory::default();
        while let Some(job) = self.shared.next() {
            let start = self.shared.clock.monotonic();
            // Nothing outlives a panic: its job is gone, and the memory is replaced.
            if catch_unwind(AssertUnwindSafe(|| job.run(&mut memory))).is_err() {
                memory = Memory::default();
            }
            self.shared.finished(self.shared.clock.monotonic().saturating_sub(start));
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.shared.alive.send_modify(|alive| *alive -= 1);
    }
}

/// When the jobs ahead will be done: whole seconds, as `Retry-After` has them, and at least one.
fn retry_after(ahead: usize, threads: usize, average: Duration) -> Duration {
    let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
    let threads = u32::try_from(threads).unwrap_or(u32::MAX).max(1);
    let wait = average.saturating_mul(ahead) / threads;
    Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(Duration::from_secs(1))
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
