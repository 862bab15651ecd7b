use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use archirust_telemetry::testing::capture;
use archirust_web::WebApp;
use axum::Router;
use axum::routing::get;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::sockets::{Running, no_management, run};
use crate::support::settings;

/// A certificate in files, and the server that uses it.
struct Secure {
    server: Running,
    files: Files,
}

struct Files {
    _folder: TempDir,
    certificate: PathBuf,
    key: PathBuf,
}

struct Made {
    der: CertificateDer<'static>,
    certificate: String,
    key: String,
}

fn make() -> Made {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    Made { der: made.cert.der().clone(), certificate: made.cert.pem(), key: made.signing_key.serialize_pem() }
}

impl Files {
    fn of(made: &Made) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files =
            Self { certificate: folder.path().join("cert.pem"), key: folder.path().join("key.pem"), _folder: folder };
        files.write(&made.certificate, &made.key);
        files
    }

    fn write(&self, certificate: &str, key: &str) {
        std::fs::write(&self.certificate, certificate).unwrap();
        std::fs::write(&self.key, key).unwrap();
        std::fs::set_permissions(&self.key, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

async fn serve(made: &Made) -> Secure {
    serve_and_look(made, Duration::from_millis(20)).await
}

async fn serve_and_look(made: &Made, every: Duration) -> Secure {
    let files = Files::of(made);
    let mut settings = settings();
    settings.tls.certificate = Some(files.certificate.clone());
    settings.tls.key = Some(files.key.clone());
    settings.tls.reload = every;
    settings.timeouts.handshake = Duration::from_millis(300);
    settings.timeouts.idle = Duration::from_millis(700);
    let server = run(settings, Router::new().route("/", get(|| async { "hello" }))).await;
    Secure { server, files }
}

/// A client that trusts these certificates, with these protocols.
fn client(trusted: &[&Made], alpn: &[&str], versions: &[&'static rustls::SupportedProtocolVersion]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    for made in trusted {
        roots.add(made.der.clone()).unwrap();
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    // A resumed session would show no certificate.
    config.resumption = rustls::client::Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}

async fn connect(secure: &Secure, connector: &TlsConnector) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(secure.server.address).await?;
    connector.connect(ServerName::try_from("localhost").unwrap(), stream).await
}

async fn shown_certificate(secure: &Secure, trusted: &[&Made]) -> CertificateDer<'static> {
    let stream = connect(secure, &client(trusted, &[], rustls::ALL_VERSIONS)).await.unwrap();
    stream.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
}

#[tokio::test]
async fn both_versions_of_tls_and_http_are_spoken() {
    let made = make();
    let secure = serve(&made).await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut stream = connect(&secure, &client(&[&made], &["http/1.1"], &[version])).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("hello") && answer.contains("strict-transport-security: max-age="), "{answer}");
    }
    let stream = connect(&secure, &client(&[&made], &["h2", "http/1.1"], rustls::ALL_VERSIONS)).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let (first, second) = tokio::join!(
        sender.clone().send_request(Request::get("https://localhost/").body(Empty::<bytes::Bytes>::new()).unwrap()),
        sender.send_request(Request::get("https://localhost/").body(Empty::new()).unwrap()),
    );
    for response in [first.unwrap(), second.unwrap()] {
        assert_eq!(response.version(), http::Version::HTTP_2);
        assert!(!response.headers().contains_key("connection"));
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "hello");
    }
}

#[tokio::test]
async fn a_multiplexed_connection_is_let_go_when_the_service_stops() {
    let made = make();
    let secure = serve(&made).await;
    let stream = connect(&secure, &client(&[&made], &["h2"], rustls::ALL_VERSIONS)).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let response = sender.send_request(Request::get("https://localhost/").body(Empty::<bytes::Bytes>::new()).unwrap());
    assert_eq!(response.await.unwrap().status().as_u16(), 200);
    secure.server.handle.stop();
    assert_eq!(secure.server.task.await.unwrap().unwrap().cut, 0);
    connection.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_multiplexed_connection_without_requests_is_let_go() {
    let made = make();
    let secure = serve(&made).await;
    let stream = connect(&secure, &client(&[&made], &["h2"], rustls::ALL_VERSIONS)).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let response = sender.send_request(Request::get("https://localhost/").body(Empty::<bytes::Bytes>::new()).unwrap());
    assert_eq!(response.await.unwrap().status().as_u16(), 200);
    let started = std::time::Instant::now();
    tokio::time::timeout(Duration::from_secs(10), connection).await.unwrap().unwrap().unwrap();
    assert!(started.elapsed() >= Duration::from_millis(600), "{:?}", started.elapsed());
    assert!(sender.is_closed());
}

#[tokio::test]
async fn a_new_certificate_is_taken_without_a_pause() {
    let (old, new) = (make(), make());
    let secure = serve(&old).await;
    assert_eq!(shown_certificate(&secure, &[&old, &new]).await, old.der);
    secure.files.write(&new.certificate, &new.key);
    // Every connection on the way is served with one or the other.
    while shown_certificate(&secure, &[&old, &new]).await != new.der {}
}

#[tokio::test]
async fn a_hangup_looks_for_a_new_certificate_at_once() {
    // Handled from here on, whenever the server begins to listen for it: unhandled, it would end the tests.
    let _handled = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).unwrap();
    let (old, new) = (make(), make());
    let secure = serve_and_look(&old, Duration::from_secs(3600)).await;
    assert_eq!(shown_certificate(&secure, &[&old]).await, old.der);
    secure.files.write(&new.certificate, &new.key);
    assert_eq!(shown_certificate(&secure, &[&old, &new]).await, old.der);
    let hangup =
        || std::process::Command::new("kill").args(["-HUP", &std::process::id().to_string()]).status().unwrap();
    assert!(hangup().success());
    while shown_certificate(&secure, &[&old, &new]).await != new.der {}
}

#[tokio::test]
async fn a_broken_new_certificate_is_reported_once_and_the_old_one_stays() {
    let logs = capture();
    let (old, new) = (make(), make());
    let secure = serve(&old).await;
    let reports = || logs.text().matches("the new certificate can't be used, the old one stays").count();
    for (certificate, key) in [
        ("hunter2", old.key.as_str()),
        (new.certificate.as_str(), old.key.as_str()),
        (&new.certificate[..new.certificate.len() / 2], new.key.as_str()),
        (new.certificate.as_str(), ""),
    ] {
        let before = reports();
        secure.files.write(certificate, key);
        while reports() == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(shown_certificate(&secure, &[&old]).await, old.der);
    }
    let before = reports();
    // Several looks later the same trouble has not been told again.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(reports(), before);
    logs.assert_absent(&["hunter2"]);
    assert_eq!(logs.event("the new certificate can't be used")["level"], "ERROR");

    secure.files.write(&new.certificate, &new.key);
    while shown_certificate(&secure, &[&old, &new]).await != new.der {}
    assert!(logs.contains("a new certificate is in use"));
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_not_waited_for() {
    let secure = serve(&make()).await;
    for first_bytes in [&b""[..], b"\x16\x03\x01", b"GET / HTTP/1.1\r\n\r\n"] {
        let mut stream = TcpStream::connect(secure.server.address).await.unwrap();
        stream.write_all(first_bytes).await.unwrap();
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "{first_bytes:?}");
        assert!(!rest.starts_with(b"HTTP"));
    }
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_stops_the_start() {
    let made = make();
    let files = Files::of(&made);
    std::fs::write(&files.key, &made.key[..100]).unwrap();
    let mut settings = settings();
    settings.tls.certificate = Some(files.certificate.clone());
    settings.tls.key = Some(files.key.clone());
    let error = WebApp::new(settings).management(no_management()).build().unwrap().bind().await.err().unwrap();
    assert!(error.message().starts_with("web.tls.key: the file ") && error.message().ends_with("or is cut off"));
}
