//! The cursor of keyset pagination: sealed, so that a client can neither read it, change it, nor use it elsewhere.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Error, ErrorKind, Result};
use crate::secret::StrongKey;

/// The longest cursor that is read or written, in characters: it has to fit in a URL.
const MAX_CURSOR_CHARS: usize = 2048;

/// What the key is derived for; a change of the format changes it, and so makes older cursors invalid.
const PURPOSE: &str = "page cursor v1";

/// Every cursor is sealed under the same nonce. AES-GCM-SIV is made to bear that (RFC 8452, section 1): it shows only
/// whether two cursors are equal, and the same place of the same list shall have the same cursor.
const NONCE: [u8; NONCE_LEN] = [0; NONCE_LEN];

/// One value of the row after which a page continues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CursorValue {
    /// No value.
    #[serde(rename = "n")]
    Null,
    /// Yes or no.
    #[serde(rename = "f")]
    Bool(bool),
    /// A whole number, or a time in a fixed unit.
    #[serde(rename = "i")]
    Int(i64),
    /// Text.
    #[serde(rename = "t")]
    Text(String),
    /// Bytes.
    #[serde(rename = "b")]
    Bytes(Vec<u8>),
    /// An identifier.
    #[serde(rename = "u")]
    Uuid(Uuid),
}

/// The key under which cursors are sealed.
///
/// A cursor holds values of a row and travels in URLs, which end in access logs and browser histories. So it is not only
/// authenticated but encrypted (AES-256-GCM-SIV, RFC 8452), with the query that it belongs to as associated data.
#[derive(Clone)]
pub struct CursorKey(Arc<LessSafeKey>);

impl CursorKey {
    /// Derives the key from the secret key of the service. Another secret key makes all cursors that are on their way
    /// invalid; clients then start at the first page.
    pub fn derive(secret_key: &StrongKey) -> Self {
        #[expect(clippy::expect_used, reason = "a derived key has 32 bytes, which is a key of AES-256")]
        let key = UnboundKey::new(&AES_256_GCM_SIV, secret_key.derive(PURPOSE).expose()).expect("32 bytes");
        Self(Arc::new(LessSafeKey::new(key)))
    }

    /// Seals the place in the list that `context` describes.
    ///
    /// # Errors
    /// `Internal` when the values are too long for a cursor: a column of long text is not one to sort by.
    pub(super) fn seal(&self, context: &[u8], values: &[CursorValue]) -> Result<String> {
        let internal = |detail| Error::internal(detail);
        let mut sealed = serde_json::to_vec(values).map_err(|_| internal("a cursor could not be written"))?;
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(NONCE), Aad::from(context), &mut sealed)
            .map_err(|_| internal("a cursor could not be sealed"))?;
        let cursor = BASE64URL_NOPAD.encode(&sealed);
        if cursor.len() > MAX_CURSOR_CHARS {
            return Err(internal("the values of the sort columns are too long for a cursor"));
        }
        Ok(cursor)
    }

    /// Opens a cursor that was sealed for the same context.
    ///
    /// # Errors
    /// `InvalidCursor`, the same for every cause: malformed, forged, of another list, sort, search or filter.
    pub(super) fn open(&self, context: &[u8], cursor: &str) -> Result<Vec<CursorValue>> {
        let invalid = || Error::new(ErrorKind::InvalidCursor).with_field("after", "invalid", "start at the first page");
        if cursor.len() > MAX_CURSOR_CHARS {
            return Err(invalid());
        }
        let mut sealed = BASE64URL_NOPAD.decode(cursor.as_bytes()).map_err(|_| invalid())?;
        let opened = self
            .0
            .open_in_place(Nonce::assume_unique_for_key(NONCE), Aad::from(context), &mut sealed)
            .map_err(|_| invalid())?;
        serde_json::from_slice(opened).map_err(|_| invalid())
    }
}

impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey([secret])")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str) -> CursorKey {
        CursorKey::derive(&StrongKey::parse(text).unwrap())
    }

    fn one_key() -> CursorKey {
        key("8f2e61d9c4b7a05318e6f1d27c9b40a35d8e17f60b2c94a1e37d58f60c1b92ae")
    }

    fn value() -> impl Strategy<Value = CursorValue> {
        prop_oneof![
            Just(CursorValue::Null),
            any::<bool>().prop_map(CursorValue::Bool),
            any::<i64>().prop_map(CursorValue::Int),
            any::<String>().prop_map(CursorValue::Text),
            any::<Vec<u8>>().prop_map(CursorValue::Bytes),
            any::<[u8; 16]>().prop_map(|bytes| CursorValue::Uuid(Uuid::from_bytes(bytes))),
        ]
    }

    #[test]
    fn the_same_place_has_the_same_cursor_and_nobody_can_read_it() {
        let values = [CursorValue::Text("ada@example.org".to_owned())];
        let cursor = one_key().seal(b"users", &values).unwrap();
        assert_eq!(cursor, one_key().seal(b"users", &values).unwrap());
        let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).unwrap();
        assert!(!bytes.windows(3).any(|window| window == b"ada"));
    }

    #[test]
    fn a_cursor_of_another_key_is_refused() {
        let other = key("1b92ae8f2e61d9c4b7a05318e6f1d27c9b40a35d8e17f60b2c94a1e37d58f60c");
        let cursor = other.seal(b"users", &[CursorValue::Int(1)]).unwrap();
        assert_eq!(one_key().open(b"users", &cursor).unwrap_err().kind(), ErrorKind::InvalidCursor);
    }

    #[test]
    fn the_length_is_bounded_both_ways() {
        let values = |chars: usize| [CursorValue::Text("x".repeat(chars))];
        // 16 bytes of tag and the JSON around the text, then four characters for three bytes.
        let longest = MAX_CURSOR_CHARS / 4 * 3 - 16 - r#"[{"t":""}]"#.len();
        let cursor = one_key().seal(b"", &values(longest)).unwrap();
        assert_eq!(cursor.len(), MAX_CURSOR_CHARS);
        assert!(one_key().open(b"", &cursor).is_ok());
        assert_eq!(one_key().seal(b"", &values(longest + 1)).unwrap_err().kind(), ErrorKind::Internal);
        assert!(one_key().open(b"", &format!("{cursor}A")).is_err());
    }

    #[test]
    fn the_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", one_key()), "CursorKey([secret])");
    }

    proptest! {
        #[test]
        fn a_cursor_opens_as_it_was_sealed(
            values in proptest::collection::vec(value(), 0..4),
            context in any::<Vec<u8>>(),
        ) {
            if let Ok(cursor) = one_key().seal(&context, &values) {
                prop_assert!(cursor.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
                prop_assert_eq!(one_key().open(&context, &cursor).unwrap(), values);
            }
        }

        #[test]
        fn a_changed_cursor_is_refused(position in any::<prop::sample::Index>(), flip in 1..=255_u8) {
            let cursor = one_key().seal(b"users", &[CursorValue::Int(7)]).unwrap();
            let mut bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).unwrap();
            let position = position.index(bytes.len());
            bytes[position] ^= flip;
            let error = one_key().open(b"users", &BASE64URL_NOPAD.encode(&bytes)).unwrap_err();
            prop_assert_eq!(error.kind(), ErrorKind::InvalidCursor);
        }

        #[test]
        fn a_cut_cursor_is_refused(length in 0..40_usize) {
            let cursor = one_key().seal(b"users", &[CursorValue::Int(7)]).unwrap();
            prop_assume!(length < cursor.len());
            prop_assert!(one_key().open(b"users", &cursor[..length]).is_err());
        }

        #[test]
        fn any_other_text_is_refused(text in any::<String>()) {
            prop_assert_eq!(one_key().open(b"users", &text).unwrap_err().kind(), ErrorKind::InvalidCursor);
        }
    }
}
