use proptest::prelude::*;

use super::*;

fn proxies(header: ForwardedHeader) -> Proxies {
    let trusted = ["10.0.0.0/8", "192.0.2.1/32", "fd00::/8"].map(|net| net.parse().unwrap());
    Proxies::new(trusted.to_vec(), header)
}

fn headers(name: &'static str, values: &[&str]) -> HeaderMap {
    values.iter().map(|value| (HeaderName::from_static(name), value.parse().unwrap())).collect()
}

fn client_of(peer: &str, values: &[&str]) -> String {
    let headers = headers("x-forwarded-for", values);
    proxies(ForwardedHeader::XForwardedFor).client(peer.parse().unwrap(), &headers).address.to_string()
}

#[test]
fn the_client_is_the_rightmost_address_that_is_not_trusted() {
    let table: &[(&str, &[&str], &str)] = &[
        // nobody is trusted to speak for others but the proxies
        ("203.0.113.9", &[], "203.0.113.9"),
        ("203.0.113.9", &["198.51.100.7"], "203.0.113.9"),
        ("192.0.2.2", &["198.51.100.7"], "192.0.2.2"),
        // one proxy, then two
        ("10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
        ("192.0.2.1", &["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", &["198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        // what the client wrote itself stands left and is not looked at
        ("10.0.0.1", &["1.1.1.1, 198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", &["10.0.0.9, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        ("10.0.0.1", &["garbage, 198.51.100.7"], "198.51.100.7"),
        // several header lines are one list
        ("10.0.0.1", &["1.1.1.1", "198.51.100.7", "10.0.0.2"], "198.51.100.7"),
        // nothing but proxies: the farthest one
        ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", &[], "10.0.0.1"),
        // what can't be read ends the walk
        ("10.0.0.1", &["unknown"], "10.0.0.1"),
        ("10.0.0.1", &["198.51.100.7, unknown, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", &["198.51.100.7,"], "10.0.0.1"),
        // ports, brackets, mapped addresses
        ("10.0.0.1", &["198.51.100.7:4711"], "198.51.100.7"),
        ("10.0.0.1", &["2001:db8::1"], "2001:db8::1"),
        ("10.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
        ("10.0.0.1", &["[2001:db8::1]:4711"], "2001:db8::1"),
        ("::ffff:10.0.0.1", &["::ffff:198.51.100.7"], "198.51.100.7"),
        ("fd00::1", &["2001:db8::1"], "2001:db8::1"),
        ("::ffff:203.0.113.9", &["198.51.100.7"], "203.0.113.9"),
    ];
    for (peer, values, expected) in table {
        assert_eq!(client_of(peer, values), *expected, "{peer} {values:?}");
    }
}

#[test]
fn a_value_that_is_not_text_ends_the_walk() {
    let mut headers = headers("x-forwarded-for", &["198.51.100.7"]);
    headers.append("x-forwarded-for", http::HeaderValue::from_bytes(b"\xff").unwrap());
    let client = proxies(ForwardedHeader::XForwardedFor).client("10.0.0.1".parse().unwrap(), &headers);
    assert_eq!(client.address.to_string(), "10.0.0.1");
}

#[test]
fn a_chain_without_end_is_not_followed() {
    let chain = vec!["10.0.0.2"; MAX_HOPS].join(", ");
    assert_eq!(client_of("10.0.0.1", &[&format!("198.51.100.7, {chain}")]), "10.0.0.2");
    let chain = vec!["10.0.0.2"; MAX_HOPS - 1].join(", ");
    assert_eq!(client_of("10.0.0.1", &[&format!("198.51.100.7, {chain}")]), "198.51.100.7");
}

#[test]
fn the_standard_header_is_read_when_it_is_the_configured_one() {
    let read = |value: &str| {
        let client =
            proxies(ForwardedHeader::Forwarded).client("10.0.0.1".parse().unwrap(), &headers("forwarded", &[value]));
        (client.address.to_string(), client.https)
    };
    assert_eq!(read("for=198.51.100.7;proto=https;by=10.0.0.1"), ("198.51.100.7".into(), true));
    assert_eq!(read("For=\"[2001:db8::1]:4711\""), ("2001:db8::1".into(), false));
    assert_eq!(read("for=1.1.1.1;proto=https, for=198.51.100.7;proto=http"), ("198.51.100.7".into(), false));
    assert_eq!(read("for=198.51.100.7, for=_hidden, for=10.0.0.2"), ("10.0.0.2".into(), false));
    assert_eq!(read("proto=https"), ("10.0.0.1".into(), true));
}

#[test]
fn only_the_configured_header_is_read() {
    let peer = "10.0.0.1".parse().unwrap();
    let mut both = headers("x-forwarded-for", &["198.51.100.7"]);
    both.insert("forwarded", "for=1.1.1.1".parse().unwrap());
    assert_eq!(proxies(ForwardedHeader::XForwardedFor).client(peer, &both).address.to_string(), "198.51.100.7");
    assert_eq!(proxies(ForwardedHeader::Forwarded).client(peer, &both).address.to_string(), "1.1.1.1");
}

#[test]
fn only_a_trusted_proxy_can_say_that_it_was_https() {
    let https = |peer: &str| {
        let headers = headers("x-forwarded-proto", &["https"]);
        proxies(ForwardedHeader::XForwardedFor).client(peer.parse().unwrap(), &headers).https
    };
    assert!(https("10.0.0.1"));
    assert!(!https("203.0.113.9"));
}

#[test]
fn an_ipv6_network_shares_one_limit() {
    let group = |address: &str| limit_group(address.parse().unwrap()).to_string();
    assert_eq!(group("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    assert_eq!(group("2001:db8:1:2:ffff:ffff:ffff:ffff"), "2001:db8:1:2::");
    assert_eq!(group("2001:db8:1:3::1"), "2001:db8:1:3::");
    assert_eq!(group("198.51.100.7"), "198.51.100.7");
    assert_eq!(group("::ffff:198.51.100.7"), "198.51.100.7");
}

proptest! {
    /// Whatever an untrusted peer writes, its address stays its own.
    #[test]
    fn a_spoofed_header_from_an_untrusted_peer_changes_nothing(
        peer in any::<IpAddr>(),
        lines in proptest::collection::vec("[ -~]{0,60}|10\\.0\\.0\\.[0-9]{1,2}(, [0-9]{1,3}\\.1\\.1\\.1){0,3}", 0..4),
        forwarded in any::<bool>(),
    ) {
        let header = if forwarded { ForwardedHeader::Forwarded } else { ForwardedHeader::XForwardedFor };
        let proxies = proxies(header);
        prop_assume!(!proxies.trusts(peer.to_canonical()));
        let mut map = HeaderMap::new();
        for line in &lines {
            for name in ["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-proto", "client-ip", "true-client-ip"] {
                map.append(name, line.parse().unwrap());
            }
        }
        let client = proxies.client(peer, &map);
        prop_assert_eq!(client, Client { address: peer.to_canonical(), behind_proxy: false, https: false });
    }

    /// Behind one trusted proxy, the address that the proxy appended wins over all that the client wrote before it.
    #[test]
    fn what_the_proxy_appended_wins(client in any::<IpAddr>(), spoofed in "[ -~]{0,60}") {
        let proxies = proxies(ForwardedHeader::XForwardedFor);
        prop_assume!(!proxies.trusts(client.to_canonical()));
        let headers = headers("x-forwarded-for", &[&format!("{spoofed}, {client}")]);
        prop_assert_eq!(proxies.client("10.0.0.1".parse().unwrap(), &headers).address, client.to_canonical());
    }
}
