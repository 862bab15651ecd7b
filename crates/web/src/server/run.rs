use std::net::SocketAddr;
use std::sync::Arc;

use archirust_core::Result;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{Listener, StopSignal};
use crate::config::StopSettings;
use crate::shared::Lifecycle;
use crate::tls::Reloader;

/// A service whose addresses are bound, ready to run.
pub struct Server {
    pub(crate) public: Listener,
    pub(crate) management: Option<Listener>,
    pub(crate) lifecycle: Arc<Lifecycle>,
    pub(crate) stop: StopSettings,
    pub(crate) reloader: Option<Reloader>,
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Connections that were cut off, because their time was over or a second signal came.
    pub cut: usize,
}

impl Server {
    /// Where the service listens.
    pub fn address(&self) -> SocketAddr {
        self.public.address()
    }

    /// Where the management listener is, if there is one.
    pub fn management_address(&self) -> Option<SocketAddr> {
        self.management.as_ref().map(Listener::address)
    }

    /// Serves until the signal comes, and then stops in order:
    /// 1. `/readyz` answers 503, and answers ask clients to close; for `web.stop.drain`, so that load balancers notice;
    /// 2. nobody new is let in; requests at work go on for up to `web.stop.deadline`;
    /// 3. what is left is cut off.
    ///
    /// A second signal goes to the third step at once.
    ///
    /// # Errors
    /// None so far; a task of the server that breaks is an error.
    pub async fn run(self, mut signal: StopSignal) -> Result<Stopped> {
        let Self { public, management, lifecycle, stop, reloader } = self;
        let watching = reloader.map(|reloader| tokio::spawn(reloader.watch()));
        let closing = public.closing();
        let mut public = tokio::spawn(public.accept());
        let management = management.map(|listener| tokio::spawn(listener.accept()));
        lifecycle.serve();

        let broken = tokio::select! {
            () = signal.first() => None,
            // It ends only when it is told to, or with a defect.
            ended = &mut public => Some(ended),
        };
        lifecycle.stop();
        let open = match broken {
            None => {
                tracing::info!(target: "archirust::web", "stopping");
                if lifecycle.is_watched() && !stop.drain.is_zero() {
                    tokio::select! {
                        () = sleep(stop.drain) => {}
                        () = signal.second() => {}
                    }
                }
                closing.cancel();
                public.await
            }
            Some(ended) => ended,
        };
        let mut open =
            open.map_err(|error| archirust_core::Error::internal("the listener broke").with_source(error))?;
        tokio::select! {
            biased;
            () = signal.second() => {}
            _ = timeout(stop.deadline, all_of(&mut open)) => {}
        }
        while open.try_join_next().is_some() {}
        let cut = open.len();
        open.shutdown().await;
        // Last of all: until here it could be asked how the stop goes.
        let others = [management.map(|task| task.abort_handle()), watching.map(|task| task.abort_handle())];
        others.into_iter().flatten().for_each(|task| task.abort());
        if cut > 0 {
            tracing::warn!(target: "archirust::web", connections = cut, "stopped, with connections cut off");
        } else {
            tracing::info!(target: "archirust::web", "stopped");
        }
        Ok(Stopped { cut })
    }
}

async fn all_of(open: &mut JoinSet<()>) {
    while open.join_next().await.is_some() {}
}
