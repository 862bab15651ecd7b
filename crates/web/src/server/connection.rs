use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;

use axum::Router;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::activity::{Activity, LINGER, Patience};
use super::io::Watched;
use super::service::ConnectionService;
use crate::config::{LimitSettings, TimeoutSettings};
use crate::context::Peer;
use crate::shared::Lifecycle;

/// What all connections of a listener have in common.
pub(crate) struct Terms {
    pub(super) router: Router,
    pub(super) lifecycle: Arc<Lifecycle>,
    pub(super) limits: LimitSettings,
    pub(super) timeouts: TimeoutSettings,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) closing: CancellationToken,
}

/// How long an HTTP/2 client may leave a ping unanswered.
const PING: std::time::Duration = std::time::Duration::from_secs(20);

impl Terms {
    pub(crate) fn new(
        router: Router,
        lifecycle: Arc<Lifecycle>,
        limits: LimitSettings,
        timeouts: TimeoutSettings,
        tls: Option<TlsAcceptor>,
    ) -> Self {
        Self { router, lifecycle, limits, timeouts, tls, closing: CancellationToken::new() }
    }

    /// Serves one connection to its end. Its errors are the client's: they are told at `debug` only.
    pub(super) async fn serve(self: Arc<Self>, stream: TcpStream, address: std::net::SocketAddr) {
        let Some(acceptor) = &self.tls else {
            return self.serve_stream(stream, Peer { address, tls: false }, false).await;
        };
        match timeout(self.timeouts.handshake, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => {
                let h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                self.serve_stream(stream, Peer { address, tls: true }, h2).await;
            }
            Ok(Err(error)) => tracing::debug!(target: "archirust::web", %error, peer = %address.ip(), "no TLS session"),
            Err(_) => {
                tracing::debug!(target: "archirust::web", peer = %address.ip(), "the TLS handshake took too long")
            }
        }
    }

    async fn serve_stream<I>(&self, stream: I, peer: Peer, h2: bool)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let activity = Activity::new();
        let service = ConnectionService {
            router: self.router.clone(),
            peer,
            activity: activity.clone(),
            lifecycle: self.lifecycle.clone(),
        };
        let io = TokioIo::new(Watched::new(stream, activity.clone(), self.timeouts.write));
        let result = if h2 {
            activity.set_multiplexed();
            self.supervise(self.http2().serve_connection(io, service), &activity, true).await
        } else {
            self.supervise(self.http1().serve_connection(io, service), &activity, false).await
        };
        if let Err(error) = result {
            tracing::debug!(target: "archirust::web", %error, peer = %peer.address.ip(), "a connection broke off");
        }
    }

    /// Follows a connection until it ends by itself, has been silent or slow for too long, or the service stops.
    async fn supervise<C: GracefulConnection>(
        &self,
        connection: C,
        activity: &Activity,
        h2: bool,
    ) -> Result<(), C::Error> {
        let patience = Patience { header: self.timeouts.header, idle: self.timeouts.idle };
        let mut connection = pin!(connection);
        let mut timer = pin!(sleep_until(Instant::now() + patience.header.min(patience.idle)));
        let mut closing = pin!(self.closing.cancelled());
        let (mut is_closing, mut is_told, mut last_call) = (false, false, false);
        poll_fn(|task| {
            if let std::task::Poll::Ready(result) = connection.as_mut().poll(task) {
                return std::task::Poll::Ready(result);
            }
            // Looking takes a lock that all connections share. Once is enough to be woken; later it is for the end only.
            let look = !is_told || self.lifecycle.is_stopping();
            is_told = true;
            if look && !is_closing && closing.as_mut().poll(task).is_ready() {
                is_closing = true;
                activity.close();
                if h2 {
                    // Tells the client which of its requests are still answered (GOAWAY).
                    connection.as_mut().graceful_shutdown();
                }
                timer.as_mut().reset(Instant::now() + LINGER);
            }
            while timer.as_mut().poll(task).is_ready() {
                match activity.look_again(patience) {
                    Some(then) => timer.as_mut().reset(then),
                    // HTTP/2 may say goodbye first.
                    None if h2 && !last_call => {
                        last_call = true;
                        Pin::as_mut(&mut connection).graceful_shutdown();
                        timer.as_mut().reset(Instant::now() + LINGER);
                        task.waker().wake_by_ref();
                    }
                    None => return std::task::Poll::Ready(Ok(())),
                }
            }
            std::task::Poll::Pending
        })
        .await
    }

    fn http1(&self) -> http1::Builder {
        let mut builder = http1::Builder::new();
        let head = usize::try_from(self.limits.max_header_bytes.0).unwrap_or(usize::MAX);
        builder
            // The activity of the connection is watched instead, see there.
            .header_read_timeout(None)
            .max_headers(self.limits.max_headers)
            .max_header_size(head)
            .max_buf_size(head.max(64 * 1024))
            .half_close(false)
            .timer(TokioTimer::new());
        builder
    }

    fn http2(&self) -> http2::Builder<TokioExecutor> {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .max_concurrent_streams(self.limits.max_streams)
            .max_header_list_size(u32::try_from(self.limits.max_header_bytes.0).unwrap_or(u32::MAX))
            // CVE-2023-44487 and its kin: a client that opens and resets streams is cut off early.
            .max_pending_accept_reset_streams(20)
            .max_local_error_reset_streams(Some(256))
            .max_send_buf_size(256 * 1024)
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING)
            .timer(TokioTimer::new());
        builder
    }
}
