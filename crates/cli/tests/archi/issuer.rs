//! An issuer on this machine that publishes keys, or something else in their place.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

/// Answers one request.
pub(crate) struct Issuer {
    port: u16,
    thread: JoinHandle<String>,
}

impl Issuer {
    /// Answers with this head, up to the empty line, and body.
    pub(crate) fn answering(head: &str, body: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (head, body) = (head.to_owned(), body.into());
        let thread = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
                request.push(byte[0]);
            }
            // Whoever has read enough of a large answer closes the connection.
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
            String::from_utf8(request).unwrap()
        });
        Self { port, thread }
    }

    /// Publishes these keys.
    pub(crate) fn publishing(keys: &str) -> Self {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/jwk-set+json\r\nconnection: close\r\n\r\n";
        Self::answering(head, keys)
    }

    /// Answers with this status and an empty body.
    pub(crate) fn status(status: &str) -> Self {
        Self::answering(&format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"), "")
    }

    pub(crate) fn url(&self, host: &str) -> String {
        format!("http://{host}:{}/.well-known/jwks.json", self.port)
    }

    /// The request that came.
    pub(crate) fn request(self) -> String {
        self.thread.join().unwrap()
    }
}
