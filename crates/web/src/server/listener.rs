use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use archirust_core::{Error, ErrorKind, Result};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::connection::Terms;
use super::descriptors::make_room;

/// After an error that is not one client's (no file descriptors left).
const BREATH: Duration = Duration::from_millis(500);

/// How long connections that are in the backlog of the system are still taken from it when the service stops.
const LAST_CALL: Duration = Duration::from_millis(20);

/// An address that is bound, and what is served there.
pub(crate) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    terms: Arc<Terms>,
    free: Arc<Semaphore>,
}

impl Listener {
    /// Binds an address. `key` is the setting it comes from.
    ///
    /// # Errors
    /// `Configuration`, naming the address, the key and what to do.
    pub(crate) async fn bind(address: SocketAddr, key: &str, terms: Terms) -> Result<Self> {
        make_room(terms.limits.max_connections);
        let socket = TcpListener::bind(address).await.map_err(|error| cannot_listen(address, key, error))?;
        let address = socket.local_addr().map_err(|error| cannot_listen(address, key, error))?;
        let free = Arc::new(Semaphore::new(terms.limits.max_connections.min(Semaphore::MAX_PERMITS)));
        Ok(Self { socket, address, terms: Arc::new(terms), free })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What tells it to stop.
    pub(crate) fn closing(&self) -> CancellationToken {
        self.terms.closing.clone()
    }

    /// Accepts connections until it is told to stop, and gives those that are still open then.
    pub(crate) async fn accept(self) -> JoinSet<()> {
        let mut open = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                biased;
                () = self.terms.closing.cancelled() => break,
                accepted = self.next() => accepted,
            };
            self.open(&mut open, accepted).await;
            while open.try_join_next().is_some() {}
        }
        // Those that the system accepted already get their answer, too.
        let until = Instant::now() + LAST_CALL;
        while let Ok(accepted) = timeout_at(until, self.next()).await {
            self.open(&mut open, accepted).await;
        }
        open
    }

    async fn next(&self) -> io::Result<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
        // Without a free place nobody is let in: the next ones wait in the backlog of the system.
        let permit = self.free.clone().acquire_owned().await.map_err(io::Error::other)?;
        let (stream, peer) = self.socket.accept().await?;
        Ok((stream, peer, permit))
    }

    async fn open(
        &self,
        open: &mut JoinSet<()>,
        accepted: io::Result<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)>,
    ) {
        match accepted {
            Ok((stream, peer, permit)) => {
                // Without it small answers would wait for more; it fails only on a connection that is gone.
                let _ = stream.set_nodelay(true);
                let terms = self.terms.clone();
                open.spawn(async move {
                    terms.serve(stream, peer).await;
                    drop(permit);
                });
            }
            Err(error) if is_of_one_client(&error) => {}
            Err(error) => {
                tracing::error!(target: "archirust::web", %error, address = %self.address, "no connection can be accepted");
                sleep(BREATH).await;
            }
        }
    }
}

fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

fn cannot_listen(address: SocketAddr, key: &str, error: io::Error) -> Error {
    let why = match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!("another program listens there; stop it, or choose another address with {key}")
        }
        io::ErrorKind::AddrNotAvailable => {
            format!("this machine has no such address; choose one of its own with {key}")
        }
        io::ErrorKind::PermissionDenied => {
            format!("ports below 1024 need a privilege (CAP_NET_BIND_SERVICE); choose a higher one with {key}")
        }
        _ => format!("choose another address with {key}"),
    };
    Error::new(ErrorKind::Configuration).with_message(format!("can't listen on {address}: {why}")).with_source(error)
}
