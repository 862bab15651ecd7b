//! Base64url without padding (RFC 7515, section 2): one text for each value, nothing else is read.

use data_encoding::BASE64URL_NOPAD;

pub(crate) fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// Refuses padding, white space, other alphabets and trailing bits that are not zero.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()
}

/// The same for a value of a known length.
pub(crate) fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode(text)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_text_is_read() {
        assert_eq!(decode("AQ"), Some(vec![1]));
        for other in ["AR", "AQ==", "A Q", "AQ\n", "A", "A/", "A+", "AQ.", "ÄQ"] {
            assert_eq!(decode(other), None, "{other:?}");
        }
        assert_eq!(encode(&[0xff, 0xfe]), "__4");
        assert_eq!(decode_array::<1>("AQ"), Some([1]));
        assert_eq!(decode_array::<2>("AQ"), None);
    }
}
