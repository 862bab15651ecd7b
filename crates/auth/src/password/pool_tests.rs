use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::{Context, Waker};

use archirust_core::clock::{ManualClock, Timestamp};

use super::*;

fn pool(threads: usize, capacity: usize) -> (Pool, Arc<ManualClock>) {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    (Pool::start(threads, capacity, Arc::new(Arc::clone(&clock))).unwrap(), clock)
}

/// Keeps the only thread busy until the returned sender is used; returns when it has begun.
fn occupy(pool: &Pool) -> (mpsc::Sender<()>, oneshot::Receiver<()>) {
    let (begun, has_begun) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let (reply, answer) = oneshot::channel();
    let work = move |_: &mut Memory| {
        begun.send(()).unwrap();
        released.recv().unwrap();
    };
    pool.shared.submit(Box::new(Task { work, reply })).unwrap();
    has_begun.recv().unwrap();
    (release, answer)
}

/// Polls once, so that the job is in the queue.
fn begin<'a, T>(future: impl Future<Output = T> + 'a) -> Pin<Box<dyn Future<Output = T> + 'a>> {
    let mut future = Box::pin(future);
    assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    future
}

#[tokio::test]
async fn work_is_done_and_answered() {
    let (pool, _) = pool(2, 8);
    assert_eq!(pool.run(|_| 6 * 7).await.unwrap(), 42);
    let thread = pool.run(|_| thread::current().name().map(str::to_owned)).await.unwrap().unwrap();
    assert!(thread.starts_with("password-"));
}

#[tokio::test]
async fn a_full_queue_refuses_and_says_when_to_come_back() {
    let (pool, clock) = pool(1, 2);
    let (release, busy) = occupy(&pool);
    let first = begin(pool.run(|_| 1));
    let second = begin(pool.run(|_| 2));
    assert_eq!(pool.load(), Load { threads: 1, running: 1, waiting: 2, capacity: 2 });
    let error = pool.run(|_| 3).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Overloaded, Some(Duration::from_secs(1))));

    clock.advance(Duration::from_secs(16));
    release.send(()).unwrap();
    busy.await.unwrap();
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (1, 2));
    assert_eq!(pool.run(|_| 4).await.unwrap(), 4);
}

#[tokio::test]
async fn the_time_to_come_back_follows_what_hashes_take() {
    let (pool, clock) = pool(1, 1);
    let (release, busy) = occupy(&pool);
    clock.advance(Duration::from_secs(80));
    release.send(()).unwrap();
    busy.await.unwrap();
    // One job of 80 s after a guess of 50 ms: about 10 s each. Two are ahead. The thread counts its job after it has answered.
    let (release, _busy) = occupy(&pool);
    let waiting = begin(pool.run(|_| ()));
    let error = pool.run(|_| ()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(21)));
    release.send(()).unwrap();
    waiting.await.unwrap();
}

#[tokio::test]
async fn what_nobody_waits_for_makes_room() {
    let (pool, _) = pool(1, 2);
    let ran = Arc::new(AtomicUsize::new(0));
    let (release, _busy) = occupy(&pool);
    let work = || {
        let ran = Arc::clone(&ran);
        move |_: &mut Memory| ran.fetch_add(1, Ordering::SeqCst)
    };
    let abandoned = [begin(pool.run(work())), begin(pool.run(work()))];
    assert_eq!(pool.run(|_| ()).await.unwrap_err().kind(), ErrorKind::Overloaded);
    drop(abandoned);
    // The queue is full, but not of jobs that somebody waits for.
    let waited_for = begin(pool.run(|_| 7));
    let also = begin(pool.run(|_| 8));
    release.send(()).unwrap();
    assert_eq!((waited_for.await.unwrap(), also.await.unwrap()), (7, 8));
    assert_eq!(ran.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_abandoned_job_is_skipped_when_its_turn_comes() {
    let (pool, _) = pool(1, 8);
    let ran = Arc::new(AtomicUsize::new(0));
    let (release, _busy) = occupy(&pool);
    {
        let ran = Arc::clone(&ran);
        let _abandoned = begin(pool.run(move |_| ran.fetch_add(1, Ordering::SeqCst)));
    }
    release.send(()).unwrap();
    assert_eq!(pool.run(|_| 7).await.unwrap(), 7);
    assert_eq!(ran.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_thread_survives_a_panic() {
    let (pool, _) = pool(1, 2);
    let error = pool.run(|_| -> () { panic!("on purpose") }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert_eq!(pool.run(|_| 7).await.unwrap(), 7);
    assert_eq!(pool.load().threads, *pool.shared.alive.borrow());
}

#[tokio::test]
async fn what_waits_at_the_end_is_still_done() {
    let (pool, _) = pool(1, 2);
    let (release, busy) = occupy(&pool);
    let waiting = begin(pool.run(|_| 7));
    pool.close();
    assert_eq!(pool.run(|_| 8).await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(pin!(pool.ended()).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    release.send(()).unwrap();
    busy.await.unwrap();
    assert_eq!(waiting.await.unwrap(), 7);
    pool.ended().await;
}

#[tokio::test]
async fn threads_end_with_the_pool() {
    let (pool, _) = pool(3, 2);
    let mut alive = pool.shared.alive.subscribe();
    assert_eq!(*alive.borrow(), 3);
    drop(pool);
    alive.wait_for(|&alive| alive == 0).await.unwrap();
}

#[test]
fn the_wait_is_counted_in_whole_seconds_from_one() {
    let ms = Duration::from_millis;
    assert_eq!(retry_after(0, 1, ms(50)), Duration::from_secs(1));
    assert_eq!(retry_after(20, 1, ms(50)), Duration::from_secs(1));
    assert_eq!(retry_after(21, 1, ms(50)), Duration::from_secs(2));
    assert_eq!(retry_after(64, 2, ms(50)), Duration::from_secs(2));
    assert_eq!(retry_after(64, 0, ms(50)), Duration::from_secs(4));
}
