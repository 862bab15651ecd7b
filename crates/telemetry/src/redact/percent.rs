//! Percent-encoding (RFC 3986, section 2.1).

/// Whether an encoded byte stands at `at`.
pub(super) fn is_encoded(text: &[u8], at: usize) -> bool {
    text.get(at + 1).is_some_and(u8::is_ascii_hexdigit) && text.get(at + 2).is_some_and(u8::is_ascii_hexdigit)
}

/// The text without its encoding; what is no text becomes U+FFFD.
pub(super) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let digit = |at: usize| tail.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = &tail[2..];
            }
            _ => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Encodes white space and control characters again, so that what was one word stays one.
pub(super) fn encode_space(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() && (character <= ' ' || character == '\x7f') {
            let byte = character as u32;
            out.push('%');
            out.extend(
                [byte >> 4, byte & 15]
                    .iter()
                    .filter_map(|digit| char::from_digit(*digit, 16))
                    .map(|d| d.to_ascii_uppercase()),
            );
        } else {
            out.push(character);
        }
    }
    out
}
