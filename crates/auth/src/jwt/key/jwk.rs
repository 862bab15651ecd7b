//! Public keys as JSON (RFC 7517; RFC 7518, section 6; RFC 8037) and their thumbprint (RFC 7638).

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::jwt::{Algorithm, base64url, json};

use super::KeyError;

/// The parameters of a public key, in the order and form of RFC 7638. All are base64url.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kty")]
pub enum PublicParameters {
    /// A point on P-256 (RFC 7518, section 6.2).
    #[serde(rename = "EC")]
    Ec {
        /// The curve: `P-256`.
        crv: &'static str,
        /// The x coordinate, 32 bytes.
        x: String,
        /// The y coordinate, 32 bytes.
        y: String,
    },
    /// An Ed25519 key (RFC 8037, section 2).
    #[serde(rename = "OKP")]
    Okp {
        /// The curve: `Ed25519`.
        crv: &'static str,
        /// The public key, 32 bytes.
        x: String,
    },
    /// An RSA key (RFC 7518, section 6.3).
    #[serde(rename = "RSA")]
    Rsa {
        /// The modulus, without leading zeros.
        n: String,
        /// The exponent, without leading zeros.
        e: String,
    },
}

impl PublicParameters {
    /// The SHA-256 thumbprint (RFC 7638, section 3) in base64url.
    pub fn thumbprint(&self) -> String {
        // Every value is base64url or a constant, so none needs escaping.
        let canonical = match self {
            Self::Ec { crv, x, y } => format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#),
            Self::Okp { crv, x } => format!(r#"{{"crv":"{crv}","kty":"OKP","x":"{x}"}}"#),
            Self::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
        };
        base64url::encode(digest(&SHA256, canonical.as_bytes()).as_ref())
    }
}

/// A public key for signatures, with its algorithm. There is no way to hold a private or shared key in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jwk {
    /// The key itself.
    #[serde(flatten)]
    pub parameters: PublicParameters,
    /// The one algorithm that it is for, by its registered name.
    #[serde(serialize_with = "as_name")]
    pub alg: Algorithm,
    /// What it is for: `sig`.
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// Its identifier: the thumbprint, unless another issuer chose one.
    pub kid: String,
}

impl Jwk {
    /// A key whose `kid` is its thumbprint.
    pub(crate) fn new(parameters: PublicParameters, alg: Algorithm) -> Self {
        let kid = parameters.thumbprint();
        Self { parameters, alg, usage: "sig", kid }
    }

    /// Reads a key. Without `kid` it gets its thumbprint; without `alg` an RSA key is refused, since it would fit two.
    ///
    /// # Errors
    /// [`KeyError`]: not a public signature key of an algorithm that is known here.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Self::from_object(&json::object(text.as_bytes()).ok_or(KeyError::Malformed)?)
    }

    /// The bits of an RSA modulus.
    pub fn rsa_bits(&self) -> Option<usize> {
        let PublicParameters::Rsa { n, .. } = &self.parameters else { return None };
        let modulus = base64url::decode(n)?;
        Some(modulus.len() * 8 - modulus.first()?.leading_zeros() as usize)
    }

    fn from_object(object: &Map<String, Value>) -> Result<Self, KeyError> {
        let text = |name| object.get(name).and_then(Value::as_str);
        if ["d", "k", "p", "q", "dp", "dq", "qi", "oth"].iter().any(|private| object.contains_key(*private)) {
            return Err(KeyError::NotPublic);
        }
        if object.contains_key("use") && text("use") != Some("sig") {
            return Err(KeyError::Unsupported { parameter: "use" });
        }
        let (parameters, implied) = match (text("kty"), text("crv")) {
            (Some("EC"), Some("P-256")) => {
                let (x, y) = (fixed(text("x"))?, fixed(text("y"))?);
                (PublicParameters::Ec { crv: "P-256", x, y }, Some(Algorithm::Es256))
            }
            (Some("OKP"), Some("Ed25519")) => {
                (PublicParameters::Okp { crv: "Ed25519", x: fixed(text("x"))? }, Some(Algorithm::EdDsa))
            }
            (Some("RSA"), None) => (PublicParameters::Rsa { n: integer(text("n"))?, e: integer(text("e"))? }, None),
            (Some("EC" | "OKP"), _) => return Err(KeyError::Unsupported { parameter: "crv" }),
            _ => return Err(KeyError::Unsupported { parameter: "kty" }),
        };
        let unsupported = KeyError::Unsupported { parameter: "alg" };
        let alg = match (text("alg"), implied) {
            (Some(name), _) => name.parse().map_err(|_| unsupported)?,
            (None, Some(implied)) if !object.contains_key("alg") => implied,
            (None, _) => return Err(unsupported),
        };
        let fits = match parameters {
            PublicParameters::Rsa { .. } => matches!(alg, Algorithm::Rs256 | Algorithm::Ps256),
            _ => Some(alg) == implied,
        };
        if !fits {
            return Err(unsupported);
        }
        let kid = match (text("kid"), object.contains_key("kid")) {
            (Some(kid), _) => kid.to_owned(),
            (None, false) => parameters.thumbprint(),
            (None, true) => return Err(KeyError::Unsupported { parameter: "kid" }),
        };
        Ok(Self { parameters, alg, usage: "sig", kid })
    }
}

fn as_name<S: serde::Serializer>(alg: &Algorithm, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(alg.name())
}

/// A coordinate or key of exactly 32 bytes.
fn fixed(text: Option<&str>) -> Result<String, KeyError> {
    let bytes = text.and_then(base64url::decode_array::<32>).ok_or(KeyError::Malformed)?;
    Ok(base64url::encode(&bytes))
}

/// A positive integer in as few bytes as possible (RFC 7518, section 2), so that its thumbprint is one.
fn integer(text: Option<&str>) -> Result<String, KeyError> {
    let bytes = text.and_then(base64url::decode).ok_or(KeyError::Malformed)?;
    if bytes.first().is_none_or(|&first| first == 0) { Err(KeyError::Malformed) } else { Ok(base64url::encode(&bytes)) }
}

/// A set of public keys (RFC 7517, section 5), as it is published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    /// The keys.
    pub keys: Vec<Jwk>,
}

impl JwkSet {
    /// Reads a set. Keys for other purposes or of kinds that are not known are left out, as the RFC asks.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] for text that is not a set, [`KeyError::NotPublic`] if it gives away a private or shared
    /// key, since then nothing that it signs can be trusted.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let object = json::object(text.as_bytes()).ok_or(KeyError::Malformed)?;
        let entries = object.get("keys").and_then(Value::as_array).ok_or(KeyError::Malformed)?;
        let mut keys = Vec::new();
        for entry in entries {
            match Jwk::from_object(entry.as_object().ok_or(KeyError::Malformed)?) {
                Ok(key) => keys.push(key),
                Err(KeyError::NotPublic) => return Err(KeyError::NotPublic),
                Err(_) => {}
            }
        }
        Ok(Self { keys })
    }

    /// The set as JSON.
    pub fn to_json(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for JwkSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}
