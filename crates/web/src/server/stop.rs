use std::future::pending;

use archirust_core::{Error, Result};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Tells a server to stop: once in order, twice at once.
#[derive(Clone, Debug)]
pub struct StopHandle(watch::Sender<u8>);

/// What a server listens to.
#[derive(Clone, Debug)]
pub struct StopSignal(watch::Receiver<u8>);

impl StopHandle {
    /// A handle and the signal that it gives.
    pub fn new() -> (Self, StopSignal) {
        let (sender, receiver) = watch::channel(0);
        (Self(sender), StopSignal(receiver))
    }

    /// Asks for the stop; asked again, the stop no longer waits for anything.
    pub fn stop(&self) {
        self.0.send_modify(|asked| *asked = asked.saturating_add(1));
    }
}

impl StopSignal {
    /// The signals of the system: `SIGTERM` and `SIGINT` (Ctrl-C). The second one stops at once.
    ///
    /// # Errors
    /// `Internal` if the system refuses the handlers.
    pub fn system() -> Result<Self> {
        let install = |kind| signal(kind).map_err(|error| Error::internal("no handler for signals").with_source(error));
        let (mut terminate, mut interrupt) = (install(SignalKind::terminate())?, install(SignalKind::interrupt())?);
        let (handle, stop) = StopHandle::new();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    Some(()) = terminate.recv() => handle.stop(),
                    Some(()) = interrupt.recv() => handle.stop(),
                    else => break,
                }
            }
        });
        Ok(stop)
    }

    pub(super) async fn first(&mut self) {
        self.reached(1).await;
    }

    pub(super) async fn second(&mut self) {
        self.reached(2).await;
    }

    async fn reached(&mut self, times: u8) {
        if self.0.wait_for(|asked| *asked >= times).await.is_err() {
            // The handle is gone: nobody will ask any more.
            pending::<()>().await;
        }
    }
}
