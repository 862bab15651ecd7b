//! Keys derived from one key, so that a service has a single secret to keep and no two uses share a key.

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use zeroize::Zeroizing;

use super::{Secret, StrongKey};

/// The salt names the toolkit and the version of the scheme; it is no secret (RFC 5869, section 3.1).
const SALT: &[u8] = b"archirust/derive/v1";

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl StrongKey {
    /// The key for one `purpose`: 32 bytes by HKDF-SHA256 (RFC 5869). Another purpose gives an unrelated key.
    pub fn derive(&self, purpose: &str) -> Self {
        let mut bytes = Zeroizing::new(vec![0; 32]);
        let prk = Salt::new(HKDF_SHA256, SALT).extract(self.expose());
        let info = [purpose.as_bytes()];
        #[expect(clippy::expect_used, reason = "HKDF-SHA256 gives up to 8160 bytes, and 32 are asked for")]
        prk.expand(&info, Length(32)).and_then(|okm| okm.fill(&mut bytes)).expect("32 bytes can be derived");
        Self(Secret::new(bytes.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> StrongKey {
        StrongKey::parse("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08").unwrap()
    }

    #[test]
    fn a_purpose_always_gives_the_same_key_and_another_one_an_unrelated_key() {
        assert_eq!(key().derive("cursor"), key().derive("cursor"));
        assert_ne!(key().derive("cursor"), key().derive("totp"));
        assert_ne!(key().derive("cursor"), key());
        assert_eq!(key().derive("cursor").expose().len(), 32);
    }
}
