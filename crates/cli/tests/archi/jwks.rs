//! Where `archi jwt verify` takes keys from.

use std::net::TcpListener;

use crate::issuer::Issuer;
use crate::jwt::{Signed, verify};
use crate::run::Ended;

fn verify_at(signed: &Signed, url: &str) -> Ended {
    signed.place.pipe(&verify(url), &signed.token)
}

#[test]
fn keys_that_an_issuer_publishes_verify_its_tokens() {
    let signed = Signed::new();
    for host in ["127.0.0.1", "localhost"] {
        let issuer = Issuer::publishing(&signed.place.read("jwks.json"));
        verify_at(&signed, &issuer.url(host)).is(0).says("valid\n");
        let request = issuer.request();
        assert!(request.starts_with("GET /.well-known/jwks.json HTTP/1.1\r\n"), "{request}");
        assert!(!request.contains(&signed.token), "the token is nobody else's business");
    }
    let stranger = Signed::new();
    let issuer = Issuer::publishing(&stranger.place.read("jwks.json"));
    verify_at(&signed, &issuer.url("127.0.0.1")).is(1).says("not valid: the key is not known");
}

#[test]
fn a_proxy_has_no_part_in_what_stays_on_this_machine() {
    let signed = Signed::new();
    let issuer = Issuer::publishing(&signed.place.read("jwks.json"));
    let url = issuer.url("127.0.0.1");
    let place = signed.place.with("HTTP_PROXY", "http://127.0.0.1:1").with("http_proxy", "http://127.0.0.1:1");
    place.pipe(&verify(&url), &signed.token).is(0);
}

#[test]
fn an_issuer_that_is_down_or_answers_otherwise_is_an_error() {
    let signed = Signed::new();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let down = verify_at(&signed, &format!("http://127.0.0.1:{port}/x")).is(2);
    assert!(down.err.starts_with("error: the keys of --jwks could not be fetched: Connection refused"), "{down}");

    let answers = |issuer: Issuer| verify_at(&signed, &issuer.url("127.0.0.1")).is(2).err;
    insta::assert_snapshot!(answers(Issuer::status("404 Not Found")), @"error: the URL of --jwks answers 404 Not Found");
    insta::assert_snapshot!(answers(Issuer::status("503 Service Unavailable")), @"error: the URL of --jwks answers 503 Service Unavailable");
    let elsewhere = "HTTP/1.1 302 Found\r\nlocation: http://10.0.0.1/\r\ncontent-length: 0\r\n\r\n";
    insta::assert_snapshot!(answers(Issuer::answering(elsewhere, "")), @"error: the URL of --jwks leads elsewhere (302 Found): name the place where the keys are");
    insta::assert_snapshot!(answers(Issuer::publishing("<html>")), @"error: the keys of --jwks can't be used: the set is damaged or not a key");
    insta::assert_snapshot!(answers(Issuer::publishing(r#"{"keys":[]}"#)), @"error: the JWKS holds no public signature key of ES256, EdDSA, RS256 or PS256");
    insta::assert_snapshot!(answers(Issuer::answering("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", [0xff, 0xfe])), @"error: the keys of --jwks are not text");
    assert!(answers(Issuer::answering("220 mail.example ESMTP\r\n\r\n", "")).contains("could not be fetched"));
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
    assert!(answers(Issuer::answering(cut, "{\"keys\":[")).contains("could not be fetched"));
    insta::assert_snapshot!(answers(Issuer::publishing(&" ".repeat(300 * 1024))), @"error: the keys of --jwks have more than 262144 bytes");
}

#[test]
fn keys_do_not_come_over_an_open_network() {
    let signed = Signed::new();
    for url in ["http://example.com/jwks", "http://10.0.0.1/jwks", "http://127.0.0.1.example.com/jwks"] {
        verify_at(&signed, url).is(2).says("have to come by https");
    }
    verify_at(&signed, "ftp://example.com/jwks").is(2).says("not one of https");
    verify_at(&signed, "https://").is(2).says("is not valid");
    let url = "https://archi:hunter2canary@example.com/jwks";
    verify_at(&signed, url).is(2).says("holds a credential").never_says("hunter2canary");
}

#[test]
fn a_file_that_is_no_set_of_public_keys_is_an_error() {
    let signed = Signed::new();
    let from = |name: &str| verify_at(&signed, name).is(2).err;
    insta::assert_snapshot!(from("missing.json"), @"error: the file of --jwks could not be read: No such file or directory (os error 2)");
    insta::assert_snapshot!(from("."), @"error: the file of --jwks could not be read: Is a directory (os error 21)");
    insta::assert_snapshot!(from("key.pem"), @"error: the keys of --jwks can't be used: the set is damaged or not a key");
    signed.place.write("private.json", r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}]}"#);
    insta::assert_snapshot!(from("private.json"), @"error: the keys of --jwks can't be used: the set holds a private or shared key");
    signed.place.write("shared.json", r#"{"keys":[{"kty":"oct","k":"hunter2canary"}]}"#);
    insta::assert_snapshot!(from("shared.json"), @"error: the keys of --jwks can't be used: the set holds a private or shared key");
    signed.place.write("empty.json", r#"{"keys":[]}"#);
    insta::assert_snapshot!(from("empty.json"), @"error: the JWKS holds no public signature key of ES256, EdDSA, RS256 or PS256");
    verify_at(&signed, "").is(2).says("not the name of a file");
    // Only the device that never ends would end otherwise.
    verify_at(&signed, "/dev/zero").is(2).says("more than 262144 bytes");
}
