use std::io::Write;
use std::time::Duration;

use archirust_core::config::ByteSize;
use archirust_web::config::WebSettings;
use archirust_web::extract::RawBody;
use axum::Router;
use axum::body::Body;
use axum::routing::{get as route_get, post};
use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use futures_util::{StreamExt, stream};
use http::Request;

use crate::support::{Answer, app, router, send, settings};

fn small() -> WebSettings {
    let mut settings = settings();
    settings.limits.max_body = ByteSize(1024);
    settings.limits.max_unpacked_body = ByteSize(4096);
    settings
}

fn count() -> Router {
    Router::new()
        .route("/", post(|RawBody(body): RawBody| async move { body.len().to_string() }))
        // A handler that knows nothing of the guard.
        .route("/axum", post(|body: Bytes| async move { body.len().to_string() }))
}

async fn put(uri: &str, body: Body, coding: Option<&str>) -> Answer {
    let mut request = Request::post(uri);
    if let Some(coding) = coding {
        request = request.header("content-encoding", coding);
    }
    send(&app(small(), count()).router(), request.body(body).unwrap()).await
}

fn pieces(count: usize, size: usize) -> Body {
    Body::from_stream(stream::iter((0..count).map(move |_| Ok::<_, std::io::Error>(vec![b'x'; size]))))
}

fn packed(size: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; size]).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_body_may_be_as_large_as_the_limit_and_not_a_byte_larger() {
    for uri in ["/", "/axum"] {
        assert_eq!(put(uri, Body::from(vec![b'x'; 1024]), None).await.text(), "1024");
        assert_eq!(put(uri, pieces(4, 256), None).await.text(), "1024");
        // One that says its size is refused before it is read, one that doesn't when it gets too large.
        for body in [Body::from(vec![b'x'; 1025]), pieces(5, 205)] {
            let answer = put(uri, body, None).await;
            assert_eq!(
                (answer.status.as_u16(), answer.json()["code"].as_str()),
                (413, Some("payload_too_large")),
                "{uri}"
            );
        }
    }
}

#[tokio::test]
async fn a_packed_body_is_unpacked_up_to_the_limit() {
    assert_eq!(put("/", Body::from(packed(4096)), Some("gzip")).await.text(), "4096");
    assert_eq!(put("/", Body::from(packed(100)), Some("GZIP")).await.text(), "100");
    assert_eq!(put("/", Body::from("abc"), Some("identity")).await.text(), "3");
    for uri in ["/", "/axum"] {
        let answer = put(uri, Body::from(packed(4097)), Some("gzip")).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (413, Some("payload_too_large")), "{uri}");
    }
}

#[tokio::test]
async fn a_bomb_does_not_go_off() {
    // 10 MB in 10 KB, twice packed behind each other: far over the limit of what may be sent, so allow that.
    let mut settings = small();
    settings.limits.max_body = ByteSize(1 << 20);
    let bomb = [packed(10_000_000), packed(10_000_000)].concat();
    assert!(bomb.len() < 25_000);
    let request = Request::post("/").header("content-encoding", "gzip").body(Body::from(bomb)).unwrap();
    let answer = send(&app(settings, count()).router(), request).await;
    assert_eq!(answer.status.as_u16(), 413);
}

#[tokio::test]
async fn what_cannot_be_unpacked_is_refused() {
    let cut = packed(4000).split_at(12).0.to_vec();
    for body in [b"not gzip".to_vec(), cut] {
        let answer = put("/", Body::from(body), Some("gzip")).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (400, Some("malformed_request")));
    }
    for coding in ["br", "deflate", "zstd", "gzip, gzip", "compress"] {
        assert_eq!(put("/", Body::from("x"), Some(coding)).await.status.as_u16(), 415, "{coding}");
    }
}

/// A body of `count` bytes, one each `every`.
fn drip(count: usize, every: Duration) -> Body {
    let bytes = stream::iter(0..count).then(move |_| async move {
        tokio::time::sleep(every).await;
        Ok::<_, std::io::Error>("x")
    });
    Body::from_stream(bytes)
}

#[tokio::test(start_paused = true)]
async fn a_body_of_one_byte_a_minute_is_cut() {
    for uri in ["/", "/axum"] {
        let started = tokio::time::Instant::now();
        let answer = put(uri, drip(100, Duration::from_secs(60)), None).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (408, Some("request_timeout")), "{uri}");
        assert_eq!(started.elapsed().as_secs(), 20);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_stalls_but_is_too_slow_on_the_whole_is_cut() {
    let started = tokio::time::Instant::now();
    let answer = put("/", drip(1000, Duration::from_secs(1)), None).await;
    assert_eq!(answer.status.as_u16(), 408);
    // 20 seconds, and 2 ms for each byte that came.
    assert_eq!(started.elapsed().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_keeps_up_may_take_longer_than_the_answer() {
    let mut settings = small();
    settings.timeouts.request = Duration::from_secs(5);
    settings.timeouts.body = Duration::from_secs(3);
    settings.timeouts.min_body_rate = ByteSize(1);
    let request = Request::post("/").body(drip(100, Duration::from_secs(1))).unwrap();
    let answer = send(&app(settings, count()).router(), request).await;
    assert_eq!(answer.text(), "100");
}

fn large() -> Router {
    let text = "lorem ipsum ".repeat(500);
    Router::new().route("/", route_get(move || std::future::ready(text.clone())))
}

#[tokio::test]
async fn an_answer_is_packed_for_those_who_ask() {
    let router = router(large());
    let asked = Request::get("/").header("accept-encoding", "gzip").body(Body::empty()).unwrap();
    let answer = send(&router, asked).await;
    assert_eq!((answer.header("content-encoding"), answer.header("vary")), ("gzip", "accept-encoding"));
    let mut text = String::new();
    std::io::Read::read_to_string(&mut GzDecoder::new(answer.body.as_slice()), &mut text).unwrap();
    assert_eq!(text, "lorem ipsum ".repeat(500));
    let plain = send(&router, Request::get("/").body(Body::empty()).unwrap()).await;
    assert_eq!(
        (plain.header("content-encoding"), plain.header("vary"), plain.body.len()),
        ("", "accept-encoding", 6000)
    );
}

#[tokio::test]
async fn compression_can_be_turned_off() {
    let mut settings = settings();
    settings.compression = false;
    let asked = Request::get("/").header("accept-encoding", "gzip").body(Body::empty()).unwrap();
    let answer = send(&app(settings, large()).router(), asked).await;
    assert_eq!((answer.header("content-encoding"), answer.body.len()), ("", 6000));
}
