//! One load per key: whoever comes first flies, the others wait for the landing.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use archirust_core::{Error, Result};
use parking_lot::Mutex;
use tokio::sync::watch;

/// The loads that are under way.
#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<String, Arc<Flight>>>);

/// Where a load is announced. If its pilot is gone without a result, because its future was dropped or it panicked, nobody
/// can announce anything any more, and those who wait notice.
type Flight = watch::Sender<Option<Outcome>>;

/// What a load gave: bytes, or its error.
type Outcome = Result<Arc<[u8]>, Arc<Error>>;

/// What the caller is in this load.
pub(super) enum Seat {
    Pilot(Pilot),
    Passenger(Passenger),
}

/// The caller that loads. Others go on waiting for it until it is dropped.
pub(super) struct Pilot {
    flights: Arc<Flights>,
    key: String,
    flight: Arc<Flight>,
}

/// A caller that waits.
pub(super) struct Passenger(watch::Receiver<Option<Outcome>>);

impl Flights {
    /// Joins the load of a key, or starts one.
    pub(super) fn board(self: &Arc<Self>, key: &str) -> Seat {
        match self.0.lock().entry(key.to_owned()) {
            Entry::Occupied(entry) => Seat::Passenger(Passenger(entry.get().subscribe())),
            Entry::Vacant(entry) => {
                let flight = Arc::new(watch::Sender::new(None));
                entry.insert(Arc::clone(&flight));
                Seat::Pilot(Pilot { flights: Arc::clone(self), key: key.to_owned(), flight })
            }
        }
    }

    /// Makes a load that is under way outdated: later callers start a new one.
    pub(super) fn outdate(&self, key: &str) {
        self.0.lock().remove(key);
    }

    #[cfg(feature = "testing")]
    pub(super) fn passengers(&self, key: &str) -> usize {
        self.0.lock().get(key).map_or(0, |flight| flight.receiver_count())
    }
}

impl Pilot {
    /// Whether nobody wrote or deleted the key since.
    pub(super) fn is_current(&self) -> bool {
        self.flights.0.lock().get(&self.key).is_some_and(|flight| Arc::ptr_eq(flight, &self.flight))
    }

    /// Hands what was loaded to everybody who waits.
    pub(super) fn land(self, bytes: Arc<[u8]>) {
        self.flight.send_replace(Some(Ok(bytes)));
    }

    /// Tells everybody who waits why there is nothing.
    pub(super) fn fail(self, error: &Error) {
        let copy = copy_of(error, format!("loaded by another caller: {}", error.report()));
        self.flight.send_replace(Some(Err(copy.into())));
    }
}

impl Drop for Pilot {
    fn drop(&mut self) {
        let mut flights = self.flights.0.lock();
        if flights.get(&self.key).is_some_and(|flight| Arc::ptr_eq(flight, &self.flight)) {
            flights.remove(&self.key);
        }
    }
}

impl Passenger {
    /// The result, or `None` if the pilot is gone: board again.
    pub(super) async fn landing(mut self) -> Option<Result<Arc<[u8]>>> {
        let outcome = self.0.wait_for(Option::is_some).await.ok()?;
        outcome.as_ref().map(|outcome| match outcome {
            Ok(bytes) => Ok(Arc::clone(bytes)),
            Err(error) => Err(copy_of(error, error.detail().unwrap_or_default().to_owned())),
        })
    }
}

/// A copy of an error for others who wait: all that a client may see, and a detail.
pub(super) fn copy_of(error: &Error, detail: String) -> Error {
    let copy = Error::new(error.kind())
        .with_message(error.message().to_owned())
        .with_fields(error.fields().iter().cloned())
        .with_detail(detail);
    match error.retry_after() {
        Some(after) => copy.with_retry_after(after),
        None => copy,
    }
}
