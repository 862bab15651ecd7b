//! Keys that verify.

use std::fmt;

use archirust_core::{Error, ErrorKind, Result};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
};

use crate::jwt::{Algorithm, base64url};

use super::{Jwk, KeyError, PublicParameters, pem};

/// The smallest RSA modulus (RFC 7518, section 3.3).
pub const MIN_RSA_BITS: usize = 2048;

/// The largest RSA modulus: larger ones only make verifying expensive.
pub const MAX_RSA_BITS: usize = 8192;

/// A key that verifies signatures of one algorithm. It is parsed once, when it is made.
pub struct VerifyingKey {
    kid: String,
    algorithm: Algorithm,
    material: Material,
}

enum Material {
    Public(ParsedPublicKey, Jwk),
    /// Signs as well: only ever made from a first-party key.
    Shared(Box<hmac::Key>),
}

impl VerifyingKey {
    /// A public key.
    ///
    /// # Errors
    /// [`KeyError`]: a point that is not on the curve, an RSA modulus that is too small or too large.
    pub fn from_jwk(jwk: Jwk) -> std::result::Result<Self, KeyError> {
        let malformed = |_| KeyError::Malformed;
        let part = |text: &str| base64url::decode(text).ok_or(KeyError::Malformed);
        let parsed = match (&jwk.parameters, jwk.alg) {
            (PublicParameters::Ec { x, y, .. }, Algorithm::Es256) => {
                // An uncompressed point (SEC 1, section 2.3.3).
                let point = [vec![4], part(x)?, part(y)?].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map_err(malformed)?
            }
            (PublicParameters::Okp { x, .. }, Algorithm::EdDsa) => {
                ParsedPublicKey::new(&ED25519, part(x)?).map_err(malformed)?
            }
            (PublicParameters::Rsa { n, e }, Algorithm::Rs256 | Algorithm::Ps256) => {
                let (n, e) = (part(n)?, part(e)?);
                // With an exponent of 1 every message is its own signature; an even one has no inverse.
                if e == [1] || e.last().is_none_or(|last| last.is_multiple_of(2)) {
                    return Err(KeyError::Malformed);
                }
                let bits = jwk.rsa_bits();
                if !bits.is_some_and(|bits| (MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits)) {
                    return Err(KeyError::RsaSize { bits });
                }
                let parameters =
                    if jwk.alg == Algorithm::Rs256 { &RSA_PKCS1_2048_8192_SHA256 } else { &RSA_PSS_2048_8192_SHA256 };
                PublicKeyComponents { n, e }.to_parsed_public_key(parameters).map_err(malformed)?
            }
            _ => return Err(KeyError::Unsupported { parameter: "alg" }),
        };
        Ok(Self { kid: jwk.kid.clone(), algorithm: jwk.alg, material: Material::Public(parsed, jwk) })
    }

    pub(super) fn shared(kid: String, key: hmac::Key) -> Self {
        Self { kid, algorithm: Algorithm::Hs256, material: Material::Shared(Box::new(key)) }
    }

    /// The identifier that tokens name in their header.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm of the key.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key as it is published; a shared key is never.
    pub fn jwk(&self) -> Option<&Jwk> {
        match &self.material {
            Material::Public(_, jwk) => Some(jwk),
            Material::Shared(_) => None,
        }
    }

    /// The public key as `SubjectPublicKeyInfo` (RFC 5280, section 4.1.2.7).
    pub fn to_der(&self) -> Option<Vec<u8>> {
        let Material::Public(key, _) = &self.material else { return None };
        let der: PublicKeyX509Der<'static> = key.as_der().ok()?;
        Some(der.as_ref().to_vec())
    }

    /// The public key in PEM (RFC 7468, section 13).
    pub fn to_pem(&self) -> Option<String> {
        self.to_der().map(|der| pem::write_public_key(&der))
    }

    /// Verifies a raw signature. For a whole token, see [`VerifyingKey::verify_jws`](Self::verify_jws).
    ///
    /// # Errors
    /// `InvalidToken`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        let verified = match &self.material {
            Material::Public(key, _) => key.verify_sig(message, signature),
            Material::Shared(key) => hmac::verify(key, message, signature),
        };
        verified.map_err(|_| Error::new(ErrorKind::InvalidToken).with_detail("the signature is wrong"))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({} {})", self.algorithm, self.kid)
    }
}
