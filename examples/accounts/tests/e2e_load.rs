//! Too many requests, requests that are too slow, and a stop while some are running.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use common::service::DEADLINE;
use common::{Api, PASSWORD, Service, Setup};
use serde_json::json;
use tokio::task::JoinSet;

/// Logins in all, and how many of them at any time.
const LOGINS: usize = 10_000;
const AT_ONCE: usize = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_logins_are_refused_in_order_and_take_no_unbounded_memory() {
    // Nothing but the queue of the hasher stands in the way.
    let setup = Setup::production()
        .set("WEB__RATE_LIMIT__ENABLED", "false")
        .set("WEB__ACCESS_LOG", "false")
        .set("THROTTLE__ADDRESS_ATTEMPTS", "10000");
    let service = setup.start();
    let api = Api::new(&service);
    let ada = api.newcomer("ada@example.org").await;
    let before = peak_memory(&service);

    let mut clients = JoinSet::new();
    for client in 0..AT_ONCE {
        let api = api.clone();
        clients.spawn(async move {
            let mut counts = [0_usize; 3];
            for number in 0..LOGINS / AT_ONCE {
                let answer = api.log_in(&format!("user{client}-{number}@example.org"), PASSWORD).await;
                let place = match answer.status {
                    401 => 0,
                    429 => 1,
                    503 => 2,
                    status => panic!("{status}: {}", answer.body),
                };
                assert!(place == 0 || answer.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0));
                counts[place] += 1;
            }
            counts
        });
    }
    let mut counts = [0; 3];
    while let Some(done) = clients.join_next().await {
        let done = done.unwrap();
        (0..3).for_each(|place| counts[place] += done[place]);
        if clients.len() % 50 == 0 {
            // Those who are logged in are served all the while.
            ada.get("/v1/users/me").await.expect(200);
        }
    }
    assert_eq!(counts.iter().sum::<usize>(), LOGINS);
    assert!(counts[0] > 0 && counts[2] > 0, "{counts:?}");

    // A thousand connections and one hash: a hash for each login would be 190 GiB.
    let grown = peak_memory(&service) - before;
    assert!(grown < 200 << 10, "it grew by {grown} KiB");
    ada.get("/v1/users/me").await.expect(200);
    service.stop();
}

/// The most memory that the process has had, in KiB.
fn peak_memory(service: &Service) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", service.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn a_client_that_sends_a_byte_now_and_then_is_cut_off() {
    let setup = Setup::production()
        .set("WEB__TIMEOUTS__HEADER", "300ms")
        .set("WEB__TIMEOUTS__BODY", "300ms")
        .set("WEB__TIMEOUTS__IDLE", "300ms");
    let service = setup.start();

    // Nothing at all, half a line, half of the headers.
    for sent in ["", "GE", "GET /v1/users/me HTTP/1.1\r\nhost: a\r\n"] {
        let mut connection = connect(&service);
        connection.write_all(sent.as_bytes()).unwrap();
        let answer = read_to_end(&mut connection);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    // Half of a body.
    let mut connection = connect(&service);
    connection.write_all(head(&service, "", 100).as_bytes()).unwrap();
    connection.write_all(b"{").unwrap();
    let answer = read_to_end(&mut connection);
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("request_timeout"), "{answer}");

    Api::new(&service).register("ada@example.org").await.expect(201);
    service.stop();
}

#[test]
fn a_request_that_is_running_is_finished_before_the_end() {
    let setup = Setup::production();
    let service = setup.start();
    let body = json!({"email": "ada@example.org", "password": PASSWORD, "display_name": "Ada"}).to_string();
    let register = head(&service, "expect: 100-continue\r\nconnection: close\r\n", body.len());
    let register = register.replace("/v1/sessions", "/v1/users");
    let mut connection = connect(&service);
    connection.write_all(register.as_bytes()).unwrap();
    // The handler waits for the body now.
    let mut go_on = [0; 25];
    connection.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");

    service.terminate();
    service.wait_for_line("stopping");
    connection.write_all(body.as_bytes()).unwrap();
    let answer = read_to_end(&mut connection);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    service.finish().ends_with(0);
}

fn connect(service: &Service) -> TcpStream {
    let connection = TcpStream::connect(service.address()).unwrap();
    connection.set_read_timeout(Some(DEADLINE)).unwrap();
    connection.set_write_timeout(Some(Duration::from_secs(10))).unwrap();
    connection
}

fn head(service: &Service, headers: &str, length: usize) -> String {
    let host = service.address();
    format!(
        "POST /v1/sessions HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         {headers}\r\n"
    )
}

/// All that comes until the other side closes the connection.
fn read_to_end(connection: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match connection.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(error) => panic!("the connection stays open: {error}"),
    }
    String::from_utf8(bytes).unwrap()
}
