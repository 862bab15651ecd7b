use archirust_core::config::ByteSize;
use archirust_web::extract::Upload;
use archirust_web::{ApiResult, BodyLimit};
use axum::Router;
use axum::body::Body;
use axum::routing::post;
use http::Request;

use crate::support::{Answer, router, send};

async fn store(mut upload: Upload) -> ApiResult<String> {
    let mut told = String::new();
    while let Some(part) = upload.next().await? {
        let (name, file) = (part.name().to_owned(), part.file_name().unwrap_or_default());
        let mut sink = Vec::new();
        let size = part.copy_to(&mut sink, 1000).await?;
        assert_eq!(sink.len() as u64, size);
        told += &format!("{name}={file}:{size};");
    }
    Ok(told)
}

async fn put(uri: &str, parts: &[(&str, usize)]) -> Answer {
    let mut body = Vec::new();
    for (head, size) in parts {
        body.extend(format!("--limit\r\ncontent-disposition: form-data; {head}\r\n\r\n").bytes());
        body.extend(std::iter::repeat_n(b'x', *size));
        body.extend(b"\r\n");
    }
    body.extend(b"--limit--\r\n");
    let request = Request::post(uri).header("content-type", "multipart/form-data; boundary=limit");
    let routes = Router::new()
        .route("/large", post(store))
        .layer(BodyLimit(ByteSize(4 << 20)))
        .merge(Router::new().route("/small", post(store)).layer(BodyLimit(ByteSize(3000))))
        .merge(Router::new().route("/default", post(store)));
    send(&router(routes), request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn parts_are_streamed_with_their_names() {
    let answer = put("/small", &[("name=\"a\"", 3), ("name=\"b\"; filename=\"../../x.png\"", 1000)]).await;
    assert_eq!(answer.text(), "a=:3;b=x.png:1000;");
}

#[tokio::test]
async fn a_part_and_all_parts_together_are_limited() {
    for (uri, parts) in [
        ("/small", vec![("name=\"a\"", 1001)]),
        ("/small", vec![("name=\"a\"", 900); 4]),
        // axum's own limit of two megabytes does not hold, that of the route does.
        ("/large", vec![("name=\"a\"", 1001)]),
        ("/default", vec![("name=\"a\"", 2 << 20)]),
    ] {
        let answer = put(uri, &parts).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (413, Some("payload_too_large")), "{uri}");
    }
    let many = vec![("name=\"a\"", 1); 65];
    assert_eq!(put("/large", &many).await.status.as_u16(), 413);
    assert_eq!(put("/large", &many[..64]).await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_route_may_take_more_than_the_setting() {
    async fn drain(mut upload: Upload) -> ApiResult<String> {
        let mut total = 0;
        while let Some(part) = upload.next().await? {
            total += part.copy_to(&mut tokio::io::sink(), u64::MAX).await?;
        }
        Ok(total.to_string())
    }
    let body = [
        b"--b\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n".to_vec(),
        vec![b'x'; 3 << 20],
        b"\r\n--b--\r\n".to_vec(),
    ];
    let routes = Router::new().route("/", post(drain)).layer(BodyLimit(ByteSize(4 << 20)));
    let request = Request::post("/").header("content-type", "multipart/form-data; boundary=b");
    let answer = send(&router(routes), request.body(Body::from(body.concat())).unwrap()).await;
    assert_eq!(answer.text(), (3 << 20).to_string());
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let routes = Router::new().route("/", post(store));
    for (content_type, body, status) in [
        ("application/json", "{}", 415),
        ("multipart/form-data", "x", 415),
        ("multipart/form-data; boundary=b", "no boundary here", 400),
        ("multipart/form-data; boundary=b", "--b\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\ncut", 400),
    ] {
        let request = Request::post("/").header("content-type", content_type).body(Body::from(body)).unwrap();
        let answer = send(&router(routes.clone()), request).await;
        assert_eq!(answer.status.as_u16(), status, "{content_type} {body}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}
