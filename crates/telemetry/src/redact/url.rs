//! Credentials within URLs (RFC 3986, section 3.2.1), also where the password should have been encoded and was not.

use std::ops::Range;

/// Schemes whose authority often ends with a port, and whose paths often hold an `@`.
const OF_WEB: [&[u8]; 7] = [b"http", b"https", b"ws", b"wss", b"file", b"git", b"otpauth"];

/// The userinfo of the URL whose scheme ends with the colon at `colon`; `last_at` is the last `@` of the same word.
///
/// A password may hold `@`, `/`, `:`, `#` and `?` as it is: then the last `@` ends it, so that more is masked rather than less.
pub(super) fn userinfo(text: &[u8], colon: usize, last_at: usize) -> Option<Range<usize>> {
    let start = colon + 1 + slashes(&text[colon + 1..])?;
    let rest = text.get(start..last_at + 1)?;
    let authority = &rest[..rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len())];
    let scheme = &text[..colon];
    let scheme = &scheme[scheme.len() - scheme.iter().rev().take(32).take_while(|byte| in_scheme(**byte)).count()..];
    let of_web = OF_WEB.iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let end = match authority.iter().rposition(|byte| *byte == b'@') {
        Some(at) if of_web && !authority[..at].contains(&b':') => start + at,
        Some(_) => last_at,
        None if has_password(authority) || (!of_web && authority.contains(&b':')) => last_at,
        None => return None,
    };
    (start < end).then_some(start..end)
}

/// The slashes between scheme and authority, perhaps escaped as some JSON encoders do.
fn slashes(rest: &[u8]) -> Option<usize> {
    [&b"//"[..], br"\/\/", br"\\/\\/"].into_iter().find(|slashes| rest.starts_with(slashes)).map(<[u8]>::len)
}

/// Whether an authority without `@` is the start of a password with a delimiter in it: what follows the colon is no port.
fn has_password(authority: &[u8]) -> bool {
    if authority.starts_with(b"[") {
        return false; // an IPv6 address
    }
    authority.splitn(2, |byte| *byte == b':').nth(1).is_some_and(|port| {
        let port = std::str::from_utf8(port).unwrap_or("-");
        authority.starts_with(b":") || !port.is_empty() && port.parse::<u16>().is_err()
    })
}

fn in_scheme(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

/// A byte that no URL holds, whatever its password.
pub(super) fn ends_url(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'`' | b'<' | b'>')
}
