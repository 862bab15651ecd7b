//! Signature algorithms (RFC 7518, section 3.1; RFC 8037).

use std::fmt;
use std::str::FromStr;

use archirust_core::config::SettingEnum;

/// A signature algorithm. It belongs to a key and is never taken from a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SettingEnum)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256: small keys and tokens, the default.
    #[setting(rename = "ES256")]
    Es256,
    /// Ed25519 (RFC 8037): the fastest of those with a public key.
    #[setting(rename = "EdDSA")]
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256: understood everywhere, cheap to verify, dear to sign.
    #[setting(rename = "RS256")]
    Rs256,
    /// RSASSA-PSS with SHA-256.
    #[setting(rename = "PS256")]
    Ps256,
    /// HMAC with SHA-256, for first-party use only: whoever can verify a token can also make one.
    #[setting(rename = "HS256")]
    Hs256,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 5] = [Self::Es256, Self::EdDsa, Self::Rs256, Self::Ps256, Self::Hs256];

    /// The value of the header parameter `alg`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Hs256 => "HS256",
        }
    }

    /// Whether those who verify hold the key that signs.
    pub fn is_symmetric(self) -> bool {
        self == Self::Hs256
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name).ok_or(UnknownAlgorithm)
    }
}

/// An algorithm that is not known, `none` above all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownAlgorithm;

impl fmt::Display for UnknownAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not one of ES256, EdDSA, RS256, PS256, HS256")
    }
}

impl std::error::Error for UnknownAlgorithm {}

#[cfg(test)]
mod tests {
    use archirust_core::config::SettingValue;

    use super::*;

    #[test]
    fn names_are_those_of_the_registry_and_exact() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.name().parse(), Ok(algorithm));
            assert_eq!(Algorithm::from_text(algorithm.name()), Ok(algorithm));
            assert_eq!(algorithm.to_text(), algorithm.name());
            assert_eq!(algorithm.is_symmetric(), algorithm.name().starts_with("HS"));
        }
        for other in ["none", "None", "", "es256", "ES256 ", "HS512", "RS1"] {
            assert_eq!(other.parse::<Algorithm>(), Err(UnknownAlgorithm), "{other}");
        }
    }
}
