//! Whose request it is: the address of the client, behind proxies that are trusted.
//!
//! Each proxy appends the address that it saw to `X-Forwarded-For` (or `Forwarded`, RFC 7239). Only what trusted proxies
//! wrote can be believed, so the list is read from the right: the client is the first address that is not a trusted
//! proxy. Whatever stands left of it came from the client and is never looked at. Only *one* of the two headers is read, the
//! configured one: a proxy that writes the first passes the second on from the client untouched.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use archirust_core::config::SettingEnum;
use http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

/// More hops than any sound chain of proxies has.
const MAX_HOPS: usize = 32;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The header in which trusted proxies name the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, SettingEnum)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, and `X-Forwarded-Proto` for the scheme.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// Which peers may speak for others, and in which header.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies {
    trusted: Vec<IpNet>,
    header: ForwardedHeader,
}

/// What is known of the other end of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// The address of the client.
    pub(crate) address: IpAddr,
    /// Whether the peer of the connection is a trusted proxy.
    pub(crate) behind_proxy: bool,
    /// Whether a trusted proxy says that the client spoke HTTPS with it.
    pub(crate) https: bool,
}

impl Proxies {
    pub(crate) fn new(trusted: Vec<IpNet>, header: ForwardedHeader) -> Self {
        Self { trusted, header }
    }

    /// Finds the client of a request that arrived from `peer`.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return Client { address: peer, behind_proxy: false, https: false };
        }
        let (address, https) = match self.header {
            ForwardedHeader::XForwardedFor => (
                self.walk(peer, entries(headers, X_FORWARDED_FOR).map(parse_address)),
                entries(headers, X_FORWARDED_PROTO).next().is_some_and(|proto| proto.eq_ignore_ascii_case("https")),
            ),
            ForwardedHeader::Forwarded => (
                self.walk(
                    peer,
                    entries(headers, header::FORWARDED).map(|e| parameter(e, "for").and_then(parse_address)),
                ),
                entries(headers, header::FORWARDED)
                    .next()
                    .and_then(|entry| parameter(entry, "proto"))
                    .is_some_and(|proto| proto.eq_ignore_ascii_case("https")),
            ),
        };
        Client { address, behind_proxy: true, https }
    }

    /// From the nearest hop outwards: the first that is not trusted, or the farthest that could be read.
    fn walk(&self, peer: IpAddr, hops: impl Iterator<Item = Option<IpAddr>>) -> IpAddr {
        let mut nearest = peer;
        for hop in hops.take(MAX_HOPS) {
            // `unknown`, an obfuscated name or nonsense: behind the last address that could be read nothing is known.
            let Some(address) = hop else { return nearest };
            nearest = address;
            if !self.trusts(address) {
                return address;
            }
        }
        nearest
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|net| net.contains(&address))
    }
}

/// The network that shares one rate limit: an IPv4 address, or the /64 of an IPv6 address, which is the least that a
/// provider gives to one customer.
pub(crate) fn limit_group(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        v4 => v4,
    }
}

/// The entries of a list header, the last one first. A value that is not text ends the list with an unreadable entry.
fn entries(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values: Vec<_> = headers.get_all(name).iter().collect();
    values.into_iter().rev().flat_map(|value| value.to_str().unwrap_or("?").rsplit(',').map(str::trim))
}

/// A parameter of a `Forwarded` entry, without its quotes.
fn parameter<'a>(entry: &'a str, name: &str) -> Option<&'a str> {
    entry.split(';').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

/// `1.2.3.4`, `1.2.3.4:5678`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:5678`.
fn parse_address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address: Option<IpAddr> = bare.parse().ok().or_else(|| text.parse().ok().map(|socket: SocketAddr| socket.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests;
