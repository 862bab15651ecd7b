//! Credentials that are known by their own form: tokens, `Authorization` schemes, private keys.

use std::ops::Range;

use data_encoding::{BASE64URL_NOPAD, Encoding};

use super::pair::credential_end;

/// A larger payload is masked without a look at its `jti`.
const LARGEST_PAYLOAD: usize = 16_384;

/// What follows "bearer" and "token:" in prose.
#[rustfmt::skip]
const PROSE: &[&[u8]] = &[
    b"a", b"an", b"and", b"auth", b"authentication", b"authorization", b"credential", b"credentials", b"does", b"error",
    b"expected", b"expired", b"for", b"format", b"has", b"header", b"headers", b"in", b"invalid", b"is", b"malformed",
    b"method", b"methods", b"missing", b"must", b"no", b"not", b"of", b"or", b"realm", b"required", b"scheme", b"schemes",
    b"signature", b"the", b"token", b"tokens", b"type", b"unknown", b"was",
];

/// A token (RFC 7519, RFC 7516) or other JSON in base64, whose `eyJ` begins at `start`.
pub(super) fn jwt(text: &[u8], start: usize) -> Option<Range<usize>> {
    let length = text[start..].iter().take_while(|byte| in_base64(**byte) || **byte == b'.').count();
    let token = &text[start..start + length];
    let end = start + token.iter().rposition(|byte| *byte != b'.')? + 1;
    (end - start >= 12).then_some(start..end)
}

/// The `jti` of the first token in a value, if it is one that may be shown.
pub(super) fn jti(value: &[u8]) -> Option<String> {
    let start = value.windows(3).position(|window| window == b"eyJ")?;
    let token = jwt(value, start)?;
    let payload = value[token].split(|byte| *byte == b'.').nth(1).filter(|payload| payload.len() <= LARGEST_PAYLOAD)?;
    let claims: serde_json::Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(payload).ok()?).ok()?;
    let jti = claims.get("jti")?.as_str()?;
    let shown = (1..=64).contains(&jti.len())
        && jti.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    shown.then(|| jti.to_owned())
}

/// An authentication scheme, and whether a word after it is a credential rather than prose.
type Scheme = (&'static [u8], fn(&[u8]) -> bool);

const SCHEMES: [Scheme; 4] = [
    (b"bearer", is_no_prose),
    (b"basic", is_user_and_password),
    (b"dpop", is_no_prose),
    (b"negotiate", |word| word.len() >= 16),
];

/// Bytes of the longest scheme.
pub(super) const LONGEST_SCHEME: usize = 9;

/// The credential after `Bearer`, `Basic` and their like (RFC 9110, section 11.4), which begin at `start`.
pub(super) fn after_scheme(text: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = &text[start..];
    let (scheme, is_secret) =
        SCHEMES.iter().find(|(name, _)| rest.get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name)))?;
    let space = start + scheme.len();
    let start = space + text[space..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'+')).count();
    let word = &text[start..start + text[start..].iter().take_while(|byte| in_token(**byte)).count()];
    (start > space && is_secret(word)).then(|| start..credential_end(text, start)).filter(|range| !range.is_empty())
}

fn is_no_prose(word: &[u8]) -> bool {
    !word.is_empty() && !is_prose(word)
}

/// Whether a word explains a credential rather than being one.
pub(super) fn is_prose(word: &[u8]) -> bool {
    PROSE.iter().any(|prose| word.eq_ignore_ascii_case(prose))
}

/// Whether a word is base64 of `user:password`, cut short perhaps (RFC 7617, section 2).
fn is_user_and_password(word: &[u8]) -> bool {
    let whole = word.len() - word.len() % 4;
    let decodes = |encoding: &Encoding| {
        encoding
            .decode(&word[..whole])
            .is_ok_and(|bytes| bytes.contains(&b':') && bytes.iter().all(|byte| *byte >= b' '))
    };
    let looks_encoded = word.len() >= 8 && word.ends_with(b"=");
    looks_encoded || decodes(&data_encoding::BASE64) || decodes(&data_encoding::BASE64URL)
}

/// A private key in PEM (RFC 7468), from its first hyphen; newlines may be escaped. One that is cut short reaches to the end.
pub(super) fn private_key(text: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = text[start..].strip_prefix(b"-----BEGIN")?;
    let label = &rest[..rest.iter().take(64).take_while(|byte| **byte != b'-').count()];
    let is_private = label.windows(7).any(|word| word == b"PRIVATE");
    is_private.then(|| start..find(text, start + 15, b"-----END").map_or(text.len(), |end| footer_end(text, end + 8)))
}

fn footer_end(text: &[u8], from: usize) -> usize {
    let label = text[from..].iter().take(64).take_while(|byte| **byte != b'-').count();
    let hyphens = text[from + label..].iter().take(5).take_while(|byte| **byte == b'-').count();
    from + label + hyphens
}

fn find(text: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    Some(from + text.get(from..)?.windows(what.len()).position(|window| window == what)?)
}

/// A byte of base64 in either alphabet (RFC 4648, sections 4 and 5).
pub(super) fn in_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'/' | b'=')
}

/// A byte of `token68` (RFC 9110, section 11.2).
fn in_token(byte: u8) -> bool {
    in_base64(byte) || matches!(byte, b'.' | b'~')
}
