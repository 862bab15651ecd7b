//! Typed values and loads that happen once, on top of an engine.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use archirust_core::random::SequenceRandom;
use archirust_core::{Error, ErrorKind, Result};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{HOUR, Rig, about, at_once, refused, short};
use crate::port::Retention::Kept;
use crate::typed::{Jitter, TypedCache};

fn typed(rig: &dyn Rig) -> TypedCache {
    TypedCache::new(rig.cache(), SequenceRandom::seeded(1))
}

/// The condition that so many callers wait for the load of `k`.
async fn until_waiting(typed: &TypedCache, count: usize) {
    while typed.waiting("k") != count {
        tokio::task::yield_now().await;
    }
}

/// Callers that wait for the load of someone else, and would load `number` themselves.
fn waiters(typed: &TypedCache, count: usize, loads: &Arc<AtomicUsize>) -> JoinHandle<Vec<Result<u32>>> {
    let (typed, loads) = (typed.clone(), Arc::clone(loads));
    tokio::spawn(async move {
        at_once(count, |_| {
            let (typed, loads) = (typed.clone(), Arc::clone(&loads));
            async move {
                let load = || async move {
                    loads.fetch_add(1, Ordering::SeqCst);
                    Ok(2)
                };
                typed.get_or_load("k", HOUR, Jitter::NONE, load).await
            }
        })
        .await
    })
}

/// Structures, and nothing at all; another type is an error.
pub async fn values_keep_their_type(rig: &dyn Rig) {
    let typed = typed(rig);
    let map = BTreeMap::from([("ключ \"".to_owned(), vec![Some(1.5), None])]);
    typed.set("k", &map, HOUR, Kept).await.unwrap();
    assert_eq!(typed.get("k").await.unwrap(), Some(map));
    refused(typed.get::<u32>("k").await, ErrorKind::Internal);
    typed.set("k", &None::<u32>, HOUR, Kept).await.unwrap();
    assert_eq!(typed.get::<Option<u32>>("k").await.unwrap(), Some(None));
    assert!(typed.delete("k").await.unwrap());
    assert_eq!(typed.get::<Option<u32>>("k").await.unwrap(), None);
}

/// And all get what was loaded.
pub async fn a_hundred_callers_load_once(rig: &dyn Rig) {
    let typed = typed(rig);
    let loads = Arc::new(AtomicUsize::new(0));
    let values = at_once(100, |_| {
        let (typed, loads) = (typed.clone(), Arc::clone(&loads));
        async move {
            let load = || async {
                loads.fetch_add(1, Ordering::SeqCst);
                until_waiting(&typed, 99).await;
                Ok("value".to_owned())
            };
            typed.get_or_load("k", HOUR, Jitter::NONE, load).await.unwrap()
        }
    });
    assert!(values.await.iter().all(|value| value == "value"));
    assert_eq!(loads.load(Ordering::SeqCst), 1);
    assert_eq!(typed.get::<String>("k").await.unwrap().as_deref(), Some("value"));
}

/// Not before, and not if it is there.
pub async fn a_loaded_value_is_loaded_again_after_its_time(rig: &dyn Rig) {
    let typed = typed(rig);
    let ttl = short(rig);
    let load = |number: u32| {
        let typed = &typed;
        async move { typed.get_or_load("k", ttl, Jitter::NONE, || async move { Ok(number) }).await.unwrap() }
    };
    assert_eq!(load(1).await, 1);
    rig.advance(ttl - rig.margin()).await;
    assert_eq!(load(2).await, 1);
    rig.advance(rig.margin()).await;
    assert_eq!(load(3).await, 3);
    typed.set("k", &"of another type", HOUR, Kept).await.unwrap();
    assert_eq!(load(4).await, 4);
}

/// The next call loads again.
pub async fn an_error_reaches_everyone_who_waits_and_is_not_kept(rig: &dyn Rig) {
    let typed = typed(rig);
    let results = at_once(20, |_| {
        let typed = typed.clone();
        async move {
            let load = || async {
                until_waiting(&typed, 19).await;
                let error = Error::new(ErrorKind::UpstreamTimeout).with_retry_after(Duration::from_secs(7));
                Err::<u32, _>(error.with_field("/name", "taken", "must be new").with_detail("too slow"))
            };
            typed.get_or_load("k", HOUR, Jitter::NONE, load).await
        }
    });
    for result in results.await {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UpstreamTimeout);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        assert_eq!(error.fields().len(), 1);
        assert!(error.detail().is_some_and(|detail| detail.contains("too slow")), "{error:?}");
    }
    assert_eq!(typed.cache().get("k").await.unwrap(), None);
    assert_eq!(typed.get_or_load("k", HOUR, Jitter::NONE, || async { Ok(1_u32) }).await.unwrap(), 1);
}

/// By one of those who wait.
pub async fn a_cancelled_load_is_taken_over(rig: &dyn Rig) {
    let typed = typed(rig);
    let (started, start) = oneshot::channel();
    let pilot = tokio::spawn({
        let typed = typed.clone();
        async move {
            let load = || async move {
                started.send(()).unwrap();
                std::future::pending::<Result<u32>>().await
            };
            typed.get_or_load("k", HOUR, Jitter::NONE, load).await
        }
    });
    start.await.unwrap();
    let loads = Arc::new(AtomicUsize::new(0));
    let waiters = waiters(&typed, 20, &loads);
    until_waiting(&typed, 20).await;
    assert_eq!(loads.load(Ordering::SeqCst), 0);
    pilot.abort();
    assert!(waiters.await.unwrap().into_iter().all(|value| value.unwrap() == 2));
    assert_eq!(loads.load(Ordering::SeqCst), 1);
}

/// By one of those who wait; the panic stays with its caller.
pub async fn a_panicking_load_is_taken_over(rig: &dyn Rig) {
    let typed = typed(rig);
    let (started, start) = oneshot::channel();
    let pilot = tokio::spawn({
        let typed = typed.clone();
        async move {
            let load = || async {
                started.send(()).unwrap();
                until_waiting(&typed, 20).await;
                panic!("as intended by this test");
            };
            typed.get_or_load::<u32, _>("k", HOUR, Jitter::NONE, load).await
        }
    });
    start.await.unwrap();
    let loads = Arc::new(AtomicUsize::new(0));
    let waiters = waiters(&typed, 20, &loads);
    assert!(pilot.await.unwrap_err().is_panic());
    assert!(waiters.await.unwrap().into_iter().all(|value| value.unwrap() == 2));
    assert_eq!(loads.load(Ordering::SeqCst), 1);
}

/// A load of `old` that has read it, and hands it out when told to.
async fn late_load(typed: &TypedCache) -> (oneshot::Sender<()>, JoinHandle<Result<String>>) {
    let (started, start) = oneshot::channel();
    let (release, released) = oneshot::channel();
    let typed = typed.clone();
    let pilot = tokio::spawn(async move {
        let load = || async move {
            started.send(()).unwrap();
            released.await.unwrap();
            Ok("old".to_owned())
        };
        typed.get_or_load("k", HOUR, Jitter::NONE, load).await
    });
    start.await.unwrap();
    (release, pilot)
}

/// What was read before the delete is handed to who asked before it, and to nobody else.
pub async fn nothing_outdated_is_kept_after_a_delete(rig: &dyn Rig) {
    let typed = typed(rig);
    let (release, pilot) = late_load(&typed).await;
    assert!(!typed.delete("k").await.unwrap());
    release.send(()).unwrap();
    assert_eq!(pilot.await.unwrap().unwrap(), "old");
    assert_eq!(typed.get::<String>("k").await.unwrap(), None);

    let (release, pilot) = late_load(&typed).await;
    typed.delete("k").await.unwrap();
    let newer = typed.get_or_load("k", HOUR, Jitter::NONE, || async { Ok("new".to_owned()) }).await.unwrap();
    assert_eq!(newer, "new");
    release.send(()).unwrap();
    assert_eq!(pilot.await.unwrap().unwrap(), "old");
    assert_eq!(typed.get::<String>("k").await.unwrap().as_deref(), Some("new"));
}

/// Neither what it brings nor its end concerns the load that came after it.
pub async fn an_outdated_load_leaves_the_next_one_alone(rig: &dyn Rig) {
    let typed = typed(rig);
    let (release_first, first) = late_load(&typed).await;
    typed.delete("k").await.unwrap();
    let (release_second, second) = late_load(&typed).await;
    release_first.send(()).unwrap();
    assert_eq!(first.await.unwrap().unwrap(), "old");
    assert_eq!(typed.get::<String>("k").await.unwrap(), None);

    let third = tokio::spawn({
        let typed = typed.clone();
        async move { typed.get_or_load("k", HOUR, Jitter::NONE, || async { Ok("loaded again".to_owned()) }).await }
    });
    while typed.waiting("k") == 0 && !third.is_finished() {
        tokio::task::yield_now().await;
    }
    release_second.send(()).unwrap();
    assert_eq!(second.await.unwrap().unwrap(), "old");
    assert_eq!(third.await.unwrap().unwrap(), "old");
}

/// The later write wins.
pub async fn a_load_does_not_overwrite_what_was_set_meanwhile(rig: &dyn Rig) {
    let typed = typed(rig);
    let (release, pilot) = late_load(&typed).await;
    typed.set("k", &"new", HOUR, Kept).await.unwrap();
    release.send(()).unwrap();
    assert_eq!(pilot.await.unwrap().unwrap(), "old");
    assert_eq!(typed.get::<String>("k").await.unwrap().as_deref(), Some("new"));
}

/// Never below its percentage, never beyond the whole.
pub async fn jitter_shortens_the_time(rig: &dyn Rig) {
    let typed = typed(rig);
    let cache = rig.cache();
    let mut ttls = Vec::new();
    for number in 0..50 {
        let key = format!("k{number}");
        typed.get_or_load(&key, HOUR, Jitter::percent(50), || async { Ok(number) }).await.unwrap();
        ttls.push(cache.time_to_live(&key).await.unwrap().unwrap());
    }
    assert!(ttls.iter().all(|ttl| (HOUR / 2 - rig.margin()..=HOUR).contains(ttl)), "{ttls:?}");
    let spread = *ttls.iter().max().unwrap() - *ttls.iter().min().unwrap();
    assert!(spread > HOUR / 4, "{spread:?}");

    typed.get_or_load("exact", HOUR, Jitter::NONE, || async { Ok(1) }).await.unwrap();
    about(rig, cache.time_to_live("exact").await.unwrap().unwrap(), HOUR);
}
