//! The secret that a user's authenticator app shares with the service.

use archirust_core::random::Random;
use archirust_core::{Error, ErrorKind, Result, Secret};
use data_encoding::BASE32_NOPAD;
use zeroize::Zeroizing;

use super::code::Algorithm;

/// The fewest bytes of a secret (RFC 4226, section 4, R6 recommends 160 bits).
pub const MIN_SECRET_BYTES: usize = 20;

const MAX_SECRET_BYTES: usize = 128;

/// A shared secret of at least [`MIN_SECRET_BYTES`] bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotpSecret(Secret<Vec<u8>>);

impl TotpSecret {
    /// A random secret, as long as the output of the hash function (RFC 6238, section 5.1).
    pub fn random(random: &dyn Random, algorithm: Algorithm) -> Self {
        let mut bytes = vec![0; algorithm.secret_bytes()];
        random.fill(&mut bytes);
        Self(Secret::new(bytes))
    }

    /// A secret from elsewhere.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for fewer than [`MIN_SECRET_BYTES`] bytes or more than 128.
    pub fn new(bytes: Vec<u8>) -> Result<Self> {
        let bytes = Secret::new(bytes);
        if !(MIN_SECRET_BYTES..=MAX_SECRET_BYTES).contains(&bytes.expose().len()) {
            return Err(refused(format!("a secret has {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES} bytes")));
        }
        Ok(Self(bytes))
    }

    /// Reads base32 (RFC 4648, section 6) as people copy it: in any case, with or without padding, blanks and hyphens.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for what is not base32, blank or too short.
    pub fn from_base32(text: &str) -> Result<Self> {
        let plain = text.chars().filter(|c| !c.is_ascii_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase());
        let plain: Zeroizing<String> = Zeroizing::new(plain.collect());
        let bytes = BASE32_NOPAD
            .decode(plain.trim_end_matches('=').as_bytes())
            .map_err(|_| refused("a secret is written in base32: letters and the digits 2 to 7"))?;
        Self::new(bytes)
    }

    /// The secret in base32 without padding, for those who can't scan a picture.
    pub fn to_base32(&self) -> Secret<String> {
        Secret::new(BASE32_NOPAD.encode(self.expose()))
    }

    pub(super) fn expose(&self) -> &[u8] {
        self.0.expose()
    }
}

fn refused(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidInput).with_detail(detail)
}

#[cfg(test)]
mod tests {
    use archirust_core::random::SystemRandom;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_blank_or_short_secret_is_refused() {
        for text in ["", " ", "====", "GEZDGNBV", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOI"] {
            assert_eq!(TotpSecret::from_base32(text).unwrap_err().kind(), ErrorKind::InvalidInput, "{text}");
        }
        for (bytes, good) in [(0, false), (19, false), (20, true), (128, true), (129, false)] {
            assert_eq!(TotpSecret::new(vec![1; bytes]).is_ok(), good, "{bytes}");
        }
    }

    #[test]
    fn base32_is_read_as_people_copy_it() {
        let secret = TotpSecret::new(b"12345678901234567890".to_vec()).unwrap();
        assert_eq!(secret.to_base32().expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for text in [
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
            "GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ\n",
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ====",
        ] {
            assert_eq!(TotpSecret::from_base32(text).unwrap(), secret, "{text}");
        }
        for text in ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ\u{131}"] {
            assert!(TotpSecret::from_base32(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_random_secret_is_as_long_as_its_hash_and_never_the_same() {
        let random = SystemRandom::shared();
        for (algorithm, bytes) in [(Algorithm::Sha1, 20), (Algorithm::Sha256, 32), (Algorithm::Sha512, 64)] {
            let secret = TotpSecret::random(&*random, algorithm);
            assert_eq!(secret.expose().len(), bytes);
            assert_ne!(secret, TotpSecret::random(&*random, algorithm));
        }
    }

    #[test]
    fn a_secret_shows_nothing() {
        let secret = TotpSecret::new(b"12345678901234567890".to_vec()).unwrap();
        assert_eq!(format!("{secret:?}"), "TotpSecret([secret])");
        let error = TotpSecret::from_base32("kanarienvogel1").unwrap_err();
        assert!(!format!("{error:?}").contains("kanarienvogel"));
    }

    proptest! {
        #[test]
        fn base32_goes_there_and_back(bytes in proptest::collection::vec(any::<u8>(), 20..=128)) {
            let secret = TotpSecret::new(bytes).unwrap();
            prop_assert_eq!(TotpSecret::from_base32(secret.to_base32().expose()).unwrap(), secret);
        }

        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,80}") {
            let _ = TotpSecret::from_base32(&text);
        }
    }
}
