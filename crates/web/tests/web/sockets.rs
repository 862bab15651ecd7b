//! What only a real connection shows.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use archirust_core::ErrorKind;
use archirust_web::config::{ManagementSettings, WebSettings};
use archirust_web::{StopHandle, Stopped, WebApp};
use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::support::settings;

/// A server that runs, on any free port.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) management: SocketAddr,
    pub(crate) handle: StopHandle,
    pub(crate) task: JoinHandle<archirust_core::Result<Stopped>>,
}

pub(crate) fn no_management() -> ManagementSettings {
    ManagementSettings { bind: "127.0.0.1:0".parse().unwrap(), ..ManagementSettings::default() }
}

pub(crate) async fn run(settings: WebSettings, routes: Router) -> Running {
    let app = WebApp::new(settings).management(no_management()).routes(routes.into()).build().unwrap();
    let server = app.bind().await.unwrap();
    let (address, management) = (server.address(), server.management_address().unwrap());
    let (handle, signal) = StopHandle::new();
    let task = tokio::spawn(server.run(signal));
    Running { address, management, handle, task }
}

/// Short enough to be waited for.
fn impatient() -> WebSettings {
    let mut settings = settings();
    settings.timeouts.header = Duration::from_millis(300);
    settings.timeouts.body = Duration::from_millis(300);
    settings.timeouts.idle = Duration::from_millis(600);
    settings.timeouts.write = Duration::from_millis(300);
    settings
}

fn routes() -> Router {
    Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/echo", post(|body: bytes::Bytes| async move { body }))
        .route("/large", get(|| async { vec![b'x'; 64 << 20] }))
        .route("/hangs", get(std::future::pending::<()>))
}

/// Reads until the other end closes, and tells what came and how long it took.
async fn until_closed(mut stream: TcpStream) -> (String, Duration) {
    let started = Instant::now();
    let mut bytes = Vec::new();
    match tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes)).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionReset => {}
        other => panic!("not closed: {other:?}"),
    }
    (String::from_utf8_lossy(&bytes).into_owned(), started.elapsed())
}

#[tokio::test]
async fn a_client_that_sends_its_headers_byte_by_byte_is_cut() {
    let server = run(impatient(), routes()).await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let started = Instant::now();
    let slow = tokio::spawn(async move {
        for byte in "GET / HTTP/1.1\r\nhost: x\r\nx-slow: ".bytes().chain(std::iter::repeat(b'x')) {
            if write.write_all(&[byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut rest = Vec::new();
    let _ = read.read_to_end(&mut rest).await;
    let took = started.elapsed();
    assert!(rest.is_empty() && took >= Duration::from_millis(290) && took < Duration::from_secs(5), "{took:?}");
    slow.await.unwrap();
}

#[tokio::test]
async fn a_client_that_says_nothing_is_cut_after_the_idle_time() {
    let server = run(impatient(), routes()).await;
    let (silent, took) = until_closed(TcpStream::connect(server.address).await.unwrap()).await;
    assert!(silent.is_empty() && took >= Duration::from_millis(590) && took < Duration::from_secs(5), "{took:?}");

    let mut kept = TcpStream::connect(server.address).await.unwrap();
    for _ in 0..4 {
        kept.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut buffer = [0; 4096];
        let length = kept.read(&mut buffer).await.unwrap();
        assert!(buffer[..length].ends_with(b"hello"));
        // Longer than headers may take, shorter than a connection may be idle.
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    let (_, took) = until_closed(kept).await;
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn a_body_that_stalls_is_answered_and_cut() {
    let server = run(impatient(), routes()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nx").await.unwrap();
    let (answer, took) = until_closed(stream).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("request_timeout"), "{answer}");
    assert!(took >= Duration::from_millis(290) && took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_is_cut() {
    let server = run(impatient(), routes()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    // Long enough for the server to fill all buffers and to lose its patience.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let (answer, _) = until_closed(stream).await;
    assert!(answer.len() < 64 << 20, "{}", answer.len());
}

#[tokio::test]
async fn headers_that_are_too_large_or_too_many_are_refused() {
    let server = run(impatient(), routes()).await;
    let long = format!("x-long: {}\r\n", "x".repeat(33 * 1024));
    let many: String = (0..101).map(|n| format!("x-{n}: x\r\n")).collect();
    for headers in [long, many] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(format!("GET / HTTP/1.1\r\nhost: x\r\n{headers}\r\n").as_bytes()).await.unwrap();
        let (answer, _) = until_closed(stream).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"nonsense\r\n\r\n").await.unwrap();
    assert!(until_closed(stream).await.0.starts_with("HTTP/1.1 400 "));
}

#[tokio::test]
async fn connections_over_the_limit_wait_for_a_free_place() {
    let mut settings = impatient();
    settings.limits.max_connections = 1;
    settings.timeouts.idle = Duration::from_secs(60);
    let server = run(settings, routes()).await;
    let first = TcpStream::connect(server.address).await.unwrap();
    // The first one has its place before the second one asks.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut second = TcpStream::connect(server.address).await.unwrap();
    second.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut buffer = [0; 4096];
    let early = tokio::time::timeout(Duration::from_millis(200), second.read(&mut buffer)).await;
    assert!(early.is_err(), "the second connection was served although the first one was open");
    drop(first);
    let length = second.read(&mut buffer).await.unwrap();
    assert!(buffer[..length].ends_with(b"hello"));
}

#[tokio::test]
async fn a_port_in_use_is_told_with_its_key_and_the_remedy() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let mut settings = settings();
    settings.bind = address;
    let error = WebApp::new(settings).management(no_management()).build().unwrap().bind().await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let told = format!(
        "can't listen on {address}: another program listens there; stop it, or choose another address with web.bind"
    );
    assert_eq!(error.message(), told);
    let management = ManagementSettings { bind: address, ..ManagementSettings::default() };
    let error =
        WebApp::new(crate::support::settings()).management(management).build().unwrap().bind().await.err().unwrap();
    assert!(error.message().ends_with("management.bind"), "{}", error.message());
}

async fn ask(address: SocketAddr, path: &str) -> reqwest::Result<reqwest::Response> {
    reqwest::get(format!("http://{address}{path}")).await
}

/// Clients that never rest while the service stops: every request that was sent is answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_under_load_loses_no_request() {
    let slow = || async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        "hello"
    };
    let server = run(settings(), Router::new().route("/", get(slow))).await;
    let address = server.address;
    let (stopped, has_stopped) = tokio::sync::watch::channel(false);
    let total = Arc::new(AtomicU32::new(0));
    let clients: Vec<_> = (0..16)
        .map(|_| {
            let (has_stopped, total) = (has_stopped.clone(), total.clone());
            tokio::spawn(async move {
                let client = reqwest::Client::builder().retry(reqwest::retry::never()).build().unwrap();
                loop {
                    match client.get(format!("http://{address}/")).send().await {
                        Ok(response) => {
                            assert_eq!(response.text().await.unwrap(), "hello");
                            total.fetch_add(1, Ordering::Relaxed);
                        }
                        // A new connection may be refused once nobody listens any more; nothing else may fail.
                        Err(error) if error.is_connect() => {
                            assert!(*has_stopped.borrow(), "{error:?}");
                            return;
                        }
                        Err(error) => panic!("a request was lost: {error:?}"),
                    }
                }
            })
        })
        .collect();
    while total.load(Ordering::Relaxed) < 200 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stopped.send(true).unwrap();
    server.handle.stop();
    assert_eq!(server.task.await.unwrap().unwrap(), Stopped { cut: 0 });
    for client in clients {
        client.await.unwrap();
    }
}

/// A client that has not heard of the stop yet sends its next request on a connection that was quiet, or is new.
#[tokio::test]
async fn a_request_on_its_way_when_the_service_stops_is_answered() {
    let server = run(settings(), routes()).await;
    let request = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    let (mut used, mut new) =
        (TcpStream::connect(server.address).await.unwrap(), TcpStream::connect(server.address).await.unwrap());
    used.write_all(request).await.unwrap();
    let mut buffer = [0; 4096];
    let length = used.read(&mut buffer).await.unwrap();
    assert!(buffer[..length].ends_with(b"hello"));
    server.handle.stop();
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    for stream in [&mut used, &mut new] {
        stream.write_all(request).await.unwrap();
    }
    for stream in [used, new] {
        let (answer, _) = until_closed(stream).await;
        assert!(answer.contains("connection: close") && answer.ends_with("hello"), "{answer}");
    }
    assert_eq!(server.task.await.unwrap().unwrap(), Stopped { cut: 0 });
}

#[tokio::test]
async fn a_request_at_work_is_finished_and_a_new_connection_refused() {
    let (begun, mut has_begun) = tokio::sync::mpsc::channel(1);
    let handler = move || {
        let begun = begun.clone();
        async move {
            begun.send(()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(700)).await;
            "finished"
        }
    };
    let server = run(settings(), Router::new().route("/", get(handler))).await;
    let request = tokio::spawn(ask(server.address, "/"));
    has_begun.recv().await.unwrap();
    server.handle.stop();
    // Nobody has asked /readyz, so there is no load balancer to wait for.
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let response = request.await.unwrap().unwrap();
    assert_eq!(response.headers()["connection"], "close");
    assert_eq!(response.text().await.unwrap(), "finished");
    assert_eq!(server.task.await.unwrap().unwrap(), Stopped { cut: 0 });
}

#[tokio::test]
async fn what_does_not_end_is_cut_at_the_deadline() {
    let mut settings = settings();
    settings.stop.deadline = Duration::from_millis(500);
    let server = run(settings, routes()).await;
    let request = tokio::spawn(ask(server.address, "/hangs"));
    tokio::time::sleep(Duration::from_millis(200)).await;
    let started = Instant::now();
    server.handle.stop();
    assert_eq!(server.task.await.unwrap().unwrap(), Stopped { cut: 1 });
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(490) && took < Duration::from_secs(5), "{took:?}");
    assert!(request.await.unwrap().is_err());
}

#[tokio::test]
async fn a_second_signal_stops_at_once() {
    let mut settings = settings();
    settings.stop.drain = Duration::from_secs(60);
    let server = run(settings, routes()).await;
    assert!(ask(server.management, "/readyz").await.unwrap().status().is_success());
    let request = tokio::spawn(ask(server.address, "/hangs"));
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.handle.stop();
    // The drain: readiness is gone, requests are still taken, and clients are asked to close.
    while ask(server.management, "/readyz").await.unwrap().status().is_success() {}
    let response = ask(server.address, "/").await.unwrap();
    assert_eq!(response.headers()["connection"], "close");
    let started = Instant::now();
    server.handle.stop();
    assert_eq!(server.task.await.unwrap().unwrap(), Stopped { cut: 1 });
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(request.await.unwrap().is_err());
}

#[tokio::test]
async fn an_upload_is_refused_before_it_is_sent() {
    let server = run(settings(), Router::new().route("/", post(|body: bytes::Bytes| async move { body }))).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = "POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let (answer, _) = until_closed(stream).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut buffer = [0; 25];
    stream.read_exact(&mut buffer).await.unwrap();
    assert!(buffer.starts_with(b"HTTP/1.1 100 Continue"));
    stream.write_all(b"ok").await.unwrap();
    assert!(until_closed(stream).await.0.ends_with("ok"));
}

#[tokio::test]
async fn an_answer_to_head_has_no_body() {
    let server = run(
        settings(),
        routes()
            .route("/stream", get(|| async { Body::from_stream(futures_util::stream::pending::<io::Result<&str>>()) })),
    )
    .await;
    let client = reqwest::Client::new();
    for path in ["/", "/stream"] {
        let response = client.head(format!("http://{}{path}", server.address)).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.bytes().await.unwrap().len(), 0);
    }
}
