//! From the text of a key to its bytes.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use zeroize::Zeroizing;

use super::Encoding;

/// The bytes that a text stands for.
pub(super) struct Decoded {
    pub(super) encoding: Encoding,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

/// Below it, a word is base64 by chance.
const MIN_BASE64_CHARACTERS: usize = 20;

/// Reads the text as the densest encoding that it is, so that no key seems longer than it is.
pub(super) fn decode(text: &str) -> Decoded {
    // `openssl rand -base64 64` breaks its line; a phrase has spaces, which stay.
    let packed = Zeroizing::new(text.replace(['\r', '\n'], ""));
    let raw = packed.as_bytes();
    let read = |encoding, engine: &data_encoding::Encoding| {
        engine.decode(raw).ok().map(|bytes| Decoded { encoding, bytes: Zeroizing::new(bytes) })
    };
    if !raw.is_empty() && raw.iter().all(u8::is_ascii_hexdigit) {
        // An odd digit stands for no byte.
        let whole = &raw[..raw.len() & !1];
        let bytes = HEXLOWER_PERMISSIVE.decode(whole).unwrap_or_default();
        return Decoded { encoding: Encoding::Hex, bytes: Zeroizing::new(bytes) };
    }
    let base64 = || {
        read(Encoding::Base64, &BASE64)
            .or_else(|| read(Encoding::Base64, &BASE64_NOPAD))
            .or_else(|| read(Encoding::Base64Url, &BASE64URL))
            .or_else(|| read(Encoding::Base64Url, &BASE64URL_NOPAD))
    };
    (raw.len() >= MIN_BASE64_CHARACTERS)
        .then(base64)
        .flatten()
        .unwrap_or_else(|| Decoded { encoding: Encoding::Text, bytes: Zeroizing::new(text.as_bytes().to_vec()) })
}

/// Whether every character is one of base64 or base64url.
pub(super) fn is_base64_alphabet(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte))
}

/// The text that the bytes are themselves, where an encoding only wraps text: 32 random bytes are readable once in 10^13 times.
pub(super) fn inner_text(decoded: &Decoded) -> Option<Zeroizing<String>> {
    if decoded.encoding == Encoding::Text || decoded.bytes.is_empty() {
        return None;
    }
    let readable = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    let text = decoded.bytes.iter().all(readable).then(|| std::str::from_utf8(&decoded.bytes).ok()).flatten();
    text.map(|text| Zeroizing::new(text.to_owned()))
}
