//! What the port accepts: keys and times to live. Every engine checks with these, so that all refuse the same.

use std::time::Duration;

use archirust_core::{Error, ErrorKind, Result};

/// The longest key, in bytes, with all prefixes.
pub const MAX_KEY_BYTES: usize = 512;

/// The shortest time to live.
pub const MIN_TTL: Duration = Duration::from_millis(1);

/// The longest time to live: ten years.
pub const MAX_TTL: Duration = Duration::from_secs(3650 * 24 * 60 * 60);

/// Checks a key: 1 to [`MAX_KEY_BYTES`] visible ASCII characters.
///
/// # Errors
///
/// `InvalidInput`; the key is not repeated, it may hold what a client sent.
pub fn check_key(key: &str) -> Result<()> {
    if key.is_empty() {
        return Err(refused("a cache key must not be empty"));
    }
    if key.len() > MAX_KEY_BYTES {
        return Err(refused(format!("a cache key has at most {MAX_KEY_BYTES} bytes, not {}: hash it", key.len())));
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refused("a cache key is made of visible ASCII characters: hash or encode anything else"));
    }
    Ok(())
}

/// Checks a time to live: [`MIN_TTL`] to [`MAX_TTL`].
///
/// # Errors
///
/// `InvalidInput`.
pub fn check_ttl(ttl: Duration) -> Result<()> {
    if (MIN_TTL..=MAX_TTL).contains(&ttl) {
        return Ok(());
    }
    Err(refused(format!("a time to live is between {MIN_TTL:?} and 3650 days, not {ttl:?}")))
}

pub(crate) fn refused(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidInput).with_detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_visible_ascii_of_a_bounded_length() {
        for good in ["a", "!", "~", "user:{42}:name@example.org", &"k".repeat(MAX_KEY_BYTES)] {
            assert!(check_key(good).is_ok(), "{good}");
        }
        for bad in ["", " ", "a b", "a\n", "a\0", "\u{7f}", "schlüssel", &"k".repeat(MAX_KEY_BYTES + 1)] {
            assert_eq!(check_key(bad).unwrap_err().kind(), ErrorKind::InvalidInput, "{bad:?}");
        }
    }

    #[test]
    fn a_refused_key_is_not_repeated() {
        let error = check_key("kanarienvogel\n").unwrap_err();
        assert!(!format!("{error:?}").contains("kanarienvogel"));
    }

    #[test]
    fn times_to_live_have_two_ends() {
        let hair = Duration::from_nanos(1);
        assert!(check_ttl(MIN_TTL).is_ok() && check_ttl(MAX_TTL).is_ok());
        assert!(check_ttl(MIN_TTL - hair).is_err() && check_ttl(MAX_TTL + hair).is_err());
        assert!(check_ttl(Duration::ZERO).is_err());
    }
}
